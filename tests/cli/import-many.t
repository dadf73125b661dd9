#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Tables of many rows, which several processors place: what comes of it is the same as with one.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/history.sh
. "$root/tests/lib/history.sh"
# shellcheck source=tests/lib/almanac.sh
. "$root/tests/lib/almanac.sh"

key m
export ELLWAND_KEY="$tmp/m"
new() {
	rm -rf "$1"
	must ellwand init "$1" --name Test --key m --principal m@example.org
	mark "$1"
}

# rows FROM TO: JSON Lines of these ids
rows() {
	awk -v from="$1" -v to="$2" 'BEGIN {
		for (i = from; i <= to; i++)
			printf "{\"id\":\"r/%04d\",\"value\":\"%d.5\",\"unit\":\"mL\",\"input\":{\"question\":\"Number %d?\"}}\n", i, i, i
	}'
}
one=
! command -v taskset >/dev/null || one='taskset -c 0'

rows 1 3000 >all.jsonl
new many
ok "3,000 rows" ellwand -C many import all.jsonl --split test --preset jsonl
new alone
ok "the same with one processor" $one ellwand -C alone import all.jsonl --split test --preset jsonl
for folder in labels instances; do
	is "come to the same $folder" "$(git -C many rev-parse "HEAD:$folder")" "$(git -C alone rev-parse "HEAD:$folder")"
done
mark many
is "all are there" "$(ellwand -C many status --json | member .splits)" '[{"labels":3000,"name":"test"}]'
sound many

# CSV, with line ends of three sorts in its fields and blank lines in its text
cat >map.json <<'END'
{"schema":"map/1","format":"csv","id":"{n}","answer":"answer","input":{"question":"text"}}
END
awk 'BEGIN {
	printf "n,answer,text\n"
	for (i = 1; i <= 2000; i++)
		printf "%d,%d,\"line %d%s\n\"\"quoted\"\"\r\n, %d\"\r\n", i, i, i, i % 3 ? "" : "\n\n", i
}' >table.csv
new csv
ok "a table of CSV" ellwand -C csv import table.csv --split test --map map.json
mark csv
is "has its questions whole" "$(instance 1999 | member .input) $(instance 3 | member .input)" \
	'{"question":"line 1999\n\"quoted\"\r\n, 1999"} {"question":"line 3\n\n\n\"quoted\"\r\n, 3"}'
tick
ok "compared with itself" $one ellwand -C csv import table.csv --split test --map map.json --update --complete --json
is "has nothing new" "$(member .unchanged <out) $(member .commits <out)" "2000 0"

# Of several faults that of the first row is told, whichever way it is found: from the last
# to the first they are put in.
rows 1 1400 >some.jsonl
new store
must ellwand -C store import some.jsonl --split test --preset jsonl
must ellwand -C store relabel r/0900 --value 9 -m counted
# put LINE TEXT: the line of the table becomes this
put() {
	awk -v at="$1" -v text="$2" 'NR == at { print text; next } { print }' faulty.jsonl >faulty.new
	mv faulty.new faulty.jsonl
}
told() {
	for update in '' --update; do
		[ "$1" = "${1#-}" ] || [ -z "$update" ] || continue
		expect 3 "faulty.jsonl:$2" ellwand -C store import faulty.jsonl --split "$3" --preset jsonl $update
	done
}
rows 1401 4400 >faulty.jsonl
put 2950 '{"id":"r/9999"'
told + '2950: offset 14: ends where' test
put 2500 '{"id":"r/9998","value":""}'
told + '2500: column "value": is empty; give an answer' test
put 2100 '{"id":"R/0007","value":"1"}'
told + '2100: id "R/0007" differs from the store.s "r/0007" by case alone; choose another' test
put 1800 '{"id":"r/1402","value":"1"}'
told + '1800: id "r/1402" stands in line 2 already; keep one of the rows' test
put 1500 '{"value":"1"}'
told + '1500: a column of the id is missing; find ids with --update --match' test
put 1200 '{"id":"r/0100","value":"1"}'
told - '1200: id "r/0100" is in the store already; compare with --update' other
put 900 '{"id":"r/1403","value":"1"}'
told + '900: id "r/1403" stands in line 3 already' test
put 600 '{"id":" ","value":"1"}'
told + '600: column "id": is empty, but the id is made of it' test
put 300 '{"id":"r/0007","value":"x y"}'
told - '300: column "value": "x y" has no kind' test
refused_leaves_no_trace store ellwand -C store import faulty.jsonl --split test --preset jsonl

# The same of rows that are compared: some at once, some together with many others
rows 1 1400 | sed 's/"mL"/"l"/' >faulty.jsonl
put 1399 '{"id":"r/0001","value":"1"}'
compared() {
	expect 3 "faulty.jsonl:$1" ellwand -C store import faulty.jsonl --split "${2:-test}" --preset jsonl --update
}
compared '1399: id "r/0001" stands in line 1 already; keep one of the rows'
put 1300 '{"id":"r/1300","value":"x y","kind":"date"}'
compared '1300: column "value": "x y" is no date'
put 1290 '{"id":"R/1300","value":"1"}'
compared '1290: id "R/1300" differs from the store.s "r/1300" by case alone'
put 1025 '{"id":"r/1025","value":{"a":1}}'
compared '1025: column "value": "" has no kind'
put 1024 '{"id":"r/9999","value":""}'
compared '1024: column "value": is empty; give an answer'
put 1023 '{"id":"r/1023","value":"1","kind":"hue"}'
compared '1023: column "kind": "hue" is no kind'
put 40 '{"id":"r/0040","value":"1","kind":"hue"}'
compared '40: column "kind": "hue" is no kind'
put 39 '{"id":"r/0041","value":"1"}'
compared '40: column "kind": "hue" is no kind'
compared '1: id "r/0001" is in split test; give --split test' other
refused_leaves_no_trace store ellwand -C store import faulty.jsonl --split test --preset jsonl --update

# More rows to compare than are compared at a time
mark store
tick
rows 2 1500 | awk 'NR % 500 == 0 { sub(/"value":"[0-9]*/, "&1") } { print }' |
	sed 's/}}$/},"attributes":{"row":"x"},"reason":"counted"}/' >all2.jsonl
ok "all rows differ" ellwand -C store import all2.jsonl --split test --preset jsonl --update --complete --json
is "each is what it is" "$(tr -d '\n' <out | sed 's/"commit":"[^"]*",//')" "$(printf '%s' \
	'{"schema":"ellwand.import/1","rows":1499,"added":100,"relabelled":3,"rebound":0,"abstained":0,' \
	'"disambiguated":0,"withdrawn":1,"metadata":1396,"unchanged":0,"commits":6}')"
is "in their order" "$(news)" "relabel r/0501
relabel r/0900
relabel r/1001
import
withdraw
import"
is "with what they say" "$(record r/1200 | member .reason) $(instance r/1200 | member .attributes)" 'counted {"row":"x"}'
sound store
mark store
tick
ok "once more" ellwand -C store import all2.jsonl --split test --preset jsonl --update --complete --json
is "it is what is stored" "$(member .unchanged <out) $(news)" "1499 "

# Rows that do not say where they are from: labels of several files keep what these are
rows 1 900 >first.jsonl
rows 901 1500 >second.jsonl
new files
must ellwand -C files import first.jsonl --split test --preset jsonl
must ellwand -C files import second.jsonl --split test --preset jsonl
mark files
tick
rows 1 1500 | sed '/0450\|1450/s/mL/l/' >third.jsonl
ok "a third file" ellwand -C files import third.jsonl --split test --preset jsonl --update --complete --json
is "changes what it says otherwise" "$(member .unchanged <out) $(news)" "1498 relabel r/0450
relabel r/1450"
is "which is then from there" "$(for id in 0449 0450 1449 1450; do record r/$id | member .provenance.source; done)" "first.jsonl
third.jsonl
second.jsonl
third.jsonl"
ok "a fourth, of new rows too" sh -c 'sed "s/Number 1?/Number one?/" all.jsonl >fourth.jsonl &&
	ellwand -C files import fourth.jsonl --split test --preset jsonl --update'
is "has its own name on those" "$(for id in 0001 0002 2999; do record r/$id | member .provenance.source; done)" "fourth.jsonl
first.jsonl
fourth.jsonl"
sound files

# What is nobody else's business stays so, whether or not there was an instance before
printf '{"id":"bare","value":"1"}\n' >bare.jsonl
printf '{"id":"bare","value":"1","input":{"question":"secret"}}\n' >full.jsonl
new digests
must ellwand -C digests import bare.jsonl --split test --preset jsonl --digest-only
mark digests
tick
ok "an input comes to a label without one" \
	ellwand -C digests import full.jsonl --split test --preset jsonl --update --digest-only
is "as a change of what it is about" "$(news)" "rebind bare"
is "but only its digest is stored" "$(instance bare | member .digest)" \
	"$(printf %s '{"question":"secret"}' | sha256sum | cut -d' ' -f1)"
finish
