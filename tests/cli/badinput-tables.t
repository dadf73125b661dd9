#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Tables and maps that are not what they should be: refused by file and line, and the
# whole import with them.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/store.sh
. "$root/tests/lib/store.sh"

store s
cat >map.json <<'END'
{"schema":"map/1","format":"csv","id":"{id}","answer":"value","unit":"unit",
 "input":{"question":"question"},"optional":["unit"]}
END
[ -s map.json ] || exit 99

# A table of these bytes, as printf's %b takes them.
table() {
	printf '%b' "$2" >table.csv
	refuses s 3 "^ellwand: table.csv:$1" ellwand -C s import table.csv --split test --map map.json
}

head='id,value,question\na,1,one\n'
printf '%b' "$head" >good.csv
store good
ok "the table without the fault" ellwand -C good import good.csv --split test --map map.json
printf 'id,value,question\rb,2,two\rc,3,three\r' >cr.csv
ok "or with the ends of lines of another time" ellwand -C good import cr.csv --split test --map map.json
is "gives the labels it holds" "$(git -C good ls-tree -r --name-only HEAD labels | grep '/[abc].json' | wc -l)" 3

# Shape.
table '3: ' "${head}b,2\n"
table '3: ' "${head}b,2,two,more\n"
table '3: ' "${head}b,2,\"two\nlines\n"
table '3: ' "${head}b,2,\"two\"x\n"
table '3: ' "${head}b,2,tw\"o\n"
table '1: .*' "id,value,question,id\na,1,one,b\n"
table '1: .*' 'id,value,\na,1,one\n'
table '.*' ''
table '.*' 'id,value,question\n'
table '.*question' 'id,value\na,1\n'
table '3: ' 'id,value,question\na,1,o\rne\n'
table '3: .*NUL' "${head}b,2,t\0000wo\n"
table '3: .*UTF-8' "${head}b,2,t\0377wo\n"
table '1: .*UTF-16' '\0377\0376i\0000d\0000\n\0000'
table '1: .*UTF-16' '\0376\0377\0000i\0000d\0000\n'

# Cells.
table '3: .*' "${head}b,,two\n"
table '3: .*' "${head},2,two\n"
table '3: .*line 2' "${head}a,2,two\n"
table '3: .*line 2' "${head}A,2,two\n"
table '3: .*"q/1"' "${head}Q/1,2,two\n"
table '3: .*in the store already' "${head}q/1,2,two\n"
table '3: ' "${head}b,2\0033[31m,two\n"
awk 'BEGIN { printf "id,value,question\na,1,one\nb,2,"; while (i++ < 100) printf "%01048576d", 0; print "" }' >wide.csv
refuses s 3 '^ellwand: wide.csv:3: ' timeout 20 ellwand -C s import wide.csv --split test --map map.json
awk 'BEGIN { printf "id,value,question\na,1,one\nb,2,\""; while (i++ < 100) printf "%01048576d", 0; print "\"" }' >wide.csv
refuses s 3 '^ellwand: wide.csv:3: ' timeout 20 ellwand -C s import wide.csv --split test --map map.json
awk 'BEGIN { for (i = 0; i < 20000; i++) printf "c%d,", i; print "id"; print "x" }' >columns.csv
refuses s 3 '^ellwand: columns.csv:' timeout 20 ellwand -C s import columns.csv --split test --map map.json

# Maps.
map() {
	printf '%b' "$2" >bad.json
	refuses s 3 "^ellwand: bad.json: $1" ellwand -C s import good.csv --split test --map bad.json
}
map 'offset ' ''
map 'offset ' '{'
map 'offset ' '{"schema":"map/1","schema":"map/1"}'
map '.*schema' '{"schema":"map/2","format":"csv","id":"{id}","answer":"value"}'
map '.*' '{"schema":"map/1"}'
map '/colour: ' '{"schema":"map/1","format":"csv","id":"{id}","answer":"value","colour":"red"}'
map '.*' '{"schema":"map/1","format":"csv","id":"{id","answer":"value"}'
map '.*' '{"schema":"map/1","format":"xml","id":"{id}","answer":"value"}'
map 'offset 0: .*byte order' '\0357\0273\0277{}'
printf '%s\n' '{"schema":"map/1","format":"csv","id":"{no such}","answer":"value"}' >lacking.json
refuses s 3 '^ellwand: good.csv:2: a column of the id is missing; ' ellwand -C s import good.csv --split test --map lacking.json
refuses s 3 '^ellwand: nowhere.json: ' ellwand -C s import good.csv --split test --map nowhere.json
refuses s 2 'preset' ellwand -C s import good.csv --split test
refuses s 2 'preset' ellwand -C s import good.csv --split test --map map.json --preset jsonl
refuses s 2 'nosuch' ellwand -C s import good.csv --split test --preset nosuch
refuses s 3 '^ellwand: good.csv:' ellwand -C s import good.csv --split test --preset jsonl
for split in '' -x .. a/b 'a b' TEST a.lock "$(head -c 65 /dev/zero | tr '\0' a)"; do
	refuses s 2 'split' ellwand -C s import good.csv --split "$split" --map map.json
done

# The whole import is atomic: nothing of 500 good rows when the last is bad, by packs too.
{
	questions 101 600
	echo '{"id":"q/601"}'
} >late.jsonl
refuses s 3 '^ellwand: late.jsonl:501: ' ellwand -C s import late.jsonl --split test --preset jsonl
refuses s 3 '^ellwand: late.jsonl:501: ' \
	ellwand -C s import late.jsonl --split test --preset jsonl --update
is "no temporary file stays" "$(find s/.git -name 'tmp_*')" ""

finish
