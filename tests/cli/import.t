#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A table becomes labels.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/history.sh
. "$root/tests/lib/history.sh"
# shellcheck source=tests/lib/almanac.sh
. "$root/tests/lib/almanac.sh"

key m
export ELLWAND_KEY="$tmp/m"
new() {
	must ellwand init "$1" --name Test --key m --principal m@example.org
	mark "$1"
}

cat >all.jsonl <<'END'
{"id":"q/1","value":"25.0","unit":"mL","lower":"24","upper":"26","input":{"question":"How much?"},"attributes":{"row":"1","hard":true,"points":3}}
{"id":"q/2","kind":"integer","value":9,"input":{"question":"How many?","case":null}}
{"id":"q/3","kind":"date","value":"2024-02-29","lower":"2024-02-28","upper":"2024-03-01","reason":"a leap year"}
{"id":"q/4","kind":"duration","value":"P2W3D"}
{"id":"q/5","kind":"choice","value":"B"}
{"id":"q/6","value":["pear","apple","pear"]}
{"id":"q/7","kind":"text","value":"Wörterbuch"}
{"id":"q/8","state":"incomputable","missing":["weight"],"reason":"no weight is given"}
{"id":"q/9","reason":"day or month first","readings":[{"assuming":"day","answer":{"kind":"date","value":"2024-04-03"}},{"assuming":"month","answer":{"kind":"date","value":"2024-03-04"}}]}
END

# The first import
new s
ok "import" ellwand -C s import all.jsonl --split test --preset jsonl -m 'as published'
is "says what it did" "$(sed 's/[0-9a-f]\{12\}/COMMIT/' out)" "       9 rows
       9 added
       1 signed commit
Now at COMMIT."
is "in one commit" "$(news)" import
is "with a subject" "$(git -C s log -1 --format=%s)" "import 9 labels into test"
like "a text" "$(git -C s log -1 --format=%b)" '^as published$'
is "and the table it rests on" "$(trailer Source)" "sha256:$(sha256sum <all.jsonl | cut -d' ' -f1) all.jsonl"
is "the data set's pins change" "$(trailer Records | cut -c1-5) $(trailer Answers | cut -c1-5)" "ewr1: ewa1:"
is "a label is as the table has it" "$(record q/1)" "$(printf %s \
	'{"answer":{"kind":"decimal","lower":"24","unit":"mL","upper":"26","value":"25.0"},' \
	'"confidence":{"basis":"imported"},"id":"q/1",' \
	"\"instance\":\"$(printf %s '{"question":"How much?"}' | sha256sum | cut -d' ' -f1)\"," \
	'"provenance":{"method":"import","source":"all.jsonl"},"schema":"label/1","state":"computable"}')"
is "and its instance" "$(instance q/1)" "$(printf %s '{"attributes":{"hard":true,"points":3,"row":"1"},"id":"q/1",' \
	'"input":{"question":"How much?"},"schema":"instance/1"}')"
is "a set is sorted, each member once" "$(record q/6 | member .answer.value)" '["apple","pear"]'
is "an abstention says what is missing" "$(record q/8 | member .missing)" '["weight"]'
is "an ambiguous label has its readings" "$(record q/9 | member .readings.1.answer.value)" 2024-03-04
is "what is no input is empty" "$(record q/3 | member .instance)" "$(printf '{}' | sha256sum | cut -d' ' -f1)"
sound s

# The same once more
expect 3 'all.jsonl:1: id "q/1" is in the store already; compare with --update' \
	ellwand -C s import all.jsonl --split test --preset jsonl
refused_leaves_no_trace s ellwand -C s import all.jsonl --split other --preset jsonl
mark s
tick
ok "the same table with --update" ellwand -C s import all.jsonl --split test --preset jsonl --update -m again
is "says that nothing changed" "$(cat out)" "Nothing changed: the table says what is stored (9 rows)."
is "and makes no commit" "$(news)" ""
ok "likewise as JSON" ellwand -C s import all.jsonl --split test --preset jsonl --update --complete --json
judged ellwand.import out
is "with its counts" "$(member .unchanged <out) $(member .commits <out)" "9 0"
is "and the commit that it is at" "$(member .commit <out)" "$(git -C s rev-parse HEAD)"

# Several splits
sed 's/"q/"train/' all.jsonl >train.jsonl
tick
ok "another split" ellwand -C s import train.jsonl --split train --preset jsonl --json
judged ellwand.import out
is "has as many" "$(member .added <out) $(member .rows <out)" "9 9"
ok "from standard input" sh -c 'echo "{\"id\":\"v/1\",\"value\":\"1\"}" | ellwand -C s import - --split v_2-x --preset jsonl'
like "which is called so" "$(trailer Source)" ' standard input$'
is "there are three" "$(ellwand -C s status --json | member .splits)" \
	'[{"labels":9,"name":"test"},{"labels":9,"name":"train"},{"labels":1,"name":"v_2-x"}]'
expect 3 'id "q/1" is in split test; give --split test' \
	ellwand -C s import all.jsonl --split train --preset jsonl --update
expect 3 'id "q/1" is in the store already' ellwand -C s import all.jsonl --split train --preset jsonl
for split in Test te/st -x '' "$(printf %065d 0)" 'a b'; do
	expect 2 '(no name for a split|--split)' ellwand -C s import all.jsonl --split "$split" --preset jsonl
done
sound s

# Ids
cat >ids.jsonl <<'END'
{"id":"Capital","value":"1"}
{"id":"with a space","value":"2"}
{"id":"a/slash/../dots","value":"3"}
{"id":"naïve 中文 😀","value":"4"}
{"id":"-rf","value":"5"}
{"id":"%41","value":"6"}
{"id":"con","value":"7"}
{"id":".git","value":"8"}
END
printf '{"id":"%0200d","value":"9"}\n' 0 >>ids.jsonl
new ids
ok "ids of all sorts" ellwand -C ids import ids.jsonl --split test --preset jsonl
is "none is a path but by its name" "$(git -C ids ls-tree -r --name-only HEAD labels | LC_ALL=C sort | cut -c1-66)" \
	"labels/test/%2541.json
labels/test/%2drf.json
labels/test/%2egit.json
labels/test/%43apital.json
labels/test/$(printf %054d 0)
labels/test/a%2fslash%2f%2e%2e%2fdots.json
labels/test/con.json
labels/test/na%c3%afve%20%e4%b8%ad%e6%96%87%20%f0%9f%98%80.json
labels/test/with%20a%20space.json"
member .id <ids.jsonl >ids.txt
n=0
while IFS= read -r id; do
	n=$((n + 1))
	tick
	ok "relabel $id" ellwand -C ids relabel --value "1$n" -m counted -- "$id"
	is "names it" "$(trailer Label)" "$id"
done <ids.txt
sound ids
mark ids
sed 's/"value":"/&1/' ids.jsonl >ids2.jsonl
ok "they are found again" ellwand -C ids import ids2.jsonl --split test --preset jsonl --update
is "each as it is" "$(news)" ""

# Twins
twin() {
	test_a=$1 test_b=$2
	shift 2
	printf '{"id":"x","value":"1"}\n{"id":"%s","value":"1"}\n{"id":"%s","value":"1"}\n' "$test_a" "$test_b" >twins.jsonl
	refused_leaves_no_trace ids ellwand -C ids import twins.jsonl --split test --preset jsonl "$@"
	like "$test_b is too like $test_a" "$(cat err)" '^ellwand: twins.jsonl:3: id .* (by case alone|in line 2 already)'
}
twin q/1 Q/1
twin q/1 q/1
twin straße STRASSE --update
twin ÀB àb
echo '{"id":"CAPITAL","value":"1"}' >twin.jsonl
for update in "" --update; do
	expect 3 'twin.jsonl:1: id "CAPITAL" differs from the store.s "Capital" by case alone; ' \
		ellwand -C ids import twin.jsonl --split other --preset jsonl $update
done

# Inputs that stay with their owner
new digests
printf '{"id":"%s","value":"%s","input":{"question":"secret %s"},"attributes":{"row":"%s"}}\n' \
	1 10 alpha r1 2 20 beta r2 3 30 gamma r3 >owned.jsonl
everything() {
	git -C "$1" cat-file --batch-all-objects --batch | strings -n 3
}
ok "import --digest-only" ellwand -C digests import owned.jsonl --split test --preset jsonl --digest-only
like "the search below sees what is stored" "$(everything digests)" owned.jsonl
is "no object holds an input" "$(everything digests | grep -c secret)" 0
new whole
must ellwand -C whole import owned.jsonl --split test --preset jsonl
is "the labels are the same" "$(ellwand -C digests pin)" "$(ellwand -C whole pin)"
mark digests
is "the digest is that of the input" "$(instance 2 | member .digest)" \
	"$(printf %s '{"question":"secret beta"}' | sha256sum | cut -d' ' -f1)"
tick
ok "the same with --update, not told again" ellwand -C digests import owned.jsonl --split test --preset jsonl --update
is "changes nothing" "$(news)" ""
sed 's/"20"/"21"/; s/beta/betta/; s/"r3"/"r4"/' owned.jsonl >owned2.jsonl
echo '{"id":"4","value":"40","input":{"question":"open"}}' >>owned2.jsonl
ok "other answers, questions and attributes" \
	ellwand -C digests import owned2.jsonl --split test --preset jsonl --update
is "are the changes that they are" "$(news)" "relabel 2
import
import"
is "and no input comes in" "$(everything digests | grep -c secret)" 0
is "but that of a new question" "$(instance 4 | member .input.question)" open
sound digests
mark whole
tick
ok "inputs that are stored can go" ellwand -C whole import owned.jsonl --split test --preset jsonl --update --digest-only
is "in one commit" "$(news)" import
is "with the subject" "$(git -C whole log -1 --format=%s)" "describe 3 labels of test"
is "and the pins stay" "$(ellwand -C whole pin)" "$(ellwand -C whole pin "$test_mark")"

# Maps
cat >map.json <<'END'
{"schema":"map/1","format":"csv","id":"{rule}/{n}","answer":"answer","lower":"low","upper":"high",
"abstain":["N/A"],"input":{"question":"text"},"attributes":{"row":"row"},"optional":["low","high"],
"provenance":{"method":{"constant":"script"},"agent":"by"},"confidence":{"basis":{"constant":"single"}}}
END
printf 'rule,n,answer,text,row,by\r\nadd,1,2,"One and\r\n""one""?",r1,Ann\r\nadd,2,N/A,Two,r2,Bob\r\n' >table.csv
new maps
ok "a table by a map of one's own" ellwand -C maps import table.csv --split test --map map.json
is "what it says is stored" "$(record add/1 | member .provenance) $(record add/1 | member .confidence)" \
	'{"agent":"Ann","method":"script"} {"basis":"single"}'
is "an input as it stands" "$(instance add/1 | member .input)" '{"question":"One and\r\n\"one\"?"}'
is "an abstention" "$(record add/2 | member .state) $(record add/2 | member .reason)" \
	'incomputable the table gives "N/A"'
sound maps
mkdir away && mv map.json table.csv away
mark maps
ok "files are named from where one stands" ellwand -C maps import away/table.csv --split test --map away/map.json --update
cp away/* maps
ok "or from the store" ellwand -C maps import table.csv --split test --map map.json --update
expect 2 'give --preset NAME or --map MAP.json' ellwand -C maps import table.csv --split test
expect 2 'both a preset and a map' ellwand -C maps import table.csv --split test --map map.json --preset jsonl
expect 2 'no preset|there is no|medcalc-bench' ellwand -C maps import table.csv --split test --preset json
expect 2 '--complete goes with --update' ellwand -C maps import table.csv --split test --map map.json --complete
expect 2 '--match goes with --update' ellwand -C maps import table.csv --split test --map map.json --match a=b
for match in a =b a= =; do
	expect 2 '--match takes ATTRIBUTE=COLUMN' \
		ellwand -C maps import table.csv --split test --map map.json --update --match "$match"
done
expect 3 'none.csv: cannot open' ellwand -C maps import none.csv --split test --map map.json

# Names that cannot stand in a commit
for name in 'new
line.jsonl' "$(printf 'latin-\351.jsonl')"; do
	cp all.jsonl "$name"
	refused_leaves_no_trace s ellwand -C s import "$name" --split extra --preset jsonl
	like "the table's name is recorded" "$(cat err)" 'not one line of UTF-8; rename the file'
done
tick
sed 's/"value":"25.0"/"value":"26"/' train.jsonl >train2.jsonl
expect 3 'control characters' \
	ellwand -C s import train2.jsonl --split train --preset jsonl --update -m "$(printf 'a\033b')"
finish
