#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Pins stand for the labels alone: not for the history that led to them, not for how they
# are stored, and not for what is remembered of them; and each byte of a record counts.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"

key m
export ELLWAND_KEY="$tmp/m"
reader=$root/tests/interop/reader.py

# One reader's word: the pins of a store, of its splits too.
pins() {
	ellwand -C "$1" pin "${2:-HEAD}"
	ellwand -C "$1" pin "${2:-HEAD}" --answers
	for split in test train; do
		ellwand -C "$1" pin "${2:-HEAD}" --split $split
		ellwand -C "$1" pin "${2:-HEAD}" --split $split --answers
	done
}
# The other's.
read_pins() {
	/usr/bin/python3 "$reader" "$1" "${2:-HEAD}" | /usr/bin/python3 -c 'import json, sys
pins = json.load(sys.stdin)
for part in [pins, pins["splits"]["test"], pins["splits"]["train"]]:
	print(part["records"], part["answers"], sep="\n")'
}
import() {
	test_to=$1 test_table=$2 test_split=$3
	shift 3
	tick
	must ellwand -C "$test_to" import "$test_table/table.jsonl" --split "$test_split" --preset jsonl "$@"
}
new() {
	must ellwand init "$1" --name Pins --key m --principal m@example.org
}

# 3,010 labels of test, 40 of train; the name of a table is part of a label
rows() {
	awk -v i="$1" -v n="$2" 'BEGIN {
		for (; i <= n; i++)
			printf "{\"id\":\"q/%d\",\"value\":\"%d\",\"lower\":\"%d\",\"input\":{\"n\":%d}}\n", i, i * 7, i, i
	}'
}
mkdir all first rest train
rows 1 3010 >all/table.jsonl
rows 1 10 >first/table.jsonl
rows 11 3010 >rest/table.jsonl
rows 5001 5040 >train/table.jsonl

new once
import once all test
import once train train
pins once >once.pins
is "another reader finds the same" "$(read_pins once)" "$(cat once.pins)"

new twice
import twice train train
import twice first test
import twice rest test
is "two tables" "$(pins twice)" "$(cat once.pins)"
fanout() {
	git -C "$1" show HEAD:ellwand.json | sed 's/.*"fanout":\({[^}]*}\).*/\1/'
}
is "are stored otherwise" "$(fanout once) $(fanout twice)" \
	'{"instances":2,"labels/test":2,"labels/train":0} {"instances":0,"labels/test":0,"labels/train":0}'
is "as another reader finds" "$(read_pins twice)" "$(cat once.pins)"

new around
import around all test
import around train train
cat >away.jsonl <<'END'
{"event":"relabel","id":"q/1","value":"8","lower":"7","reason":"wrong"}
{"event":"abstain","id":"q/2","reason":"wrong"}
{"event":"disambiguate","id":"q/5001","readings":[{"assuming":"a","value":"1"},{"assuming":"b","value":"2"}],"reason":"wrong"}
{"event":"withdraw","ids":["q/3","q/3000","q/5002"],"reason":"wrong"}
END
must ellwand -C around apply away.jsonl
pins around >away.pins
is "after other events, other pins" "$(sort away.pins once.pins | uniq -d)" ""
import around all test --update
import around train train --update
is "there and back again" "$(pins around)" "$(cat once.pins)"
is "as another reader finds" "$(read_pins around)" "$(cat once.pins)"
is "with a history of its own" "$(git -C around rev-list --count HEAD)" 12
is "the pins on the way stay" "$(pins around HEAD~5)" "$(cat away.pins)"

# Stores that fill and empty
new emptied
empty=$(ellwand -C emptied pin)
import emptied first test
must ellwand -C emptied withdraw $(seq -f q/%g 1 10) -m 'all of them'
is "no labels, the pin of none" "$(ellwand -C emptied pin)" "$empty"
import emptied all test
import emptied train train
is "all labels, the pin of all" "$(pins emptied)" "$(cat once.pins)"

# What is remembered
runs() {
	find "$1/.git/ellwand" -name '*.run'
}
like "digests are remembered" "$(runs once)" '\.run$'
rm -rf once/.git/ellwand
is "and not needed" "$(pins once)" "$(cat once.pins)"
damage() {
	for f in $(runs "$1"); do
		chmod u+w "$f"
		"$2" "$f"
	done
	is "$3" "$(pins "$1")" "$(cat once.pins)"
	is "for writers too" "$(tick; ellwand -C "$1" relabel q/1 --value 1 -m there >/dev/null
		ellwand -C "$1" relabel q/1 --value 7 --lower 1 -m back >/dev/null
		ellwand -C "$1" pin --answers)" "$(sed -n 2p once.pins)"
	mv "$1" damaged
	mv kept "$1"
	rm -rf damaged
}
cut_short() { truncate -s -1 "$1"; }
empty_it() { : >"$1"; }
zero_it() { truncate -s 0 "$1.0" && truncate -s "$(stat -c %s "$1")" "$1.0" && mv "$1.0" "$1"; }
lengthen() { echo x >>"$1"; }
no_file() { rm "$1" && mkdir "$1"; }
scramble() { perl -0777 -pi -e 's/(.{64}.{97})(.)/$1 . chr(ord($2) ^ 1)/gse' "$1"; }
for how in cut_short empty_it zero_it lengthen no_file scramble; do
	cp -r once kept
	damage once "$how" "pins do not depend on what is remembered: $how"
done
for at in 0 3 10 25 50 75 99; do
	flip() { AT=$at perl -0777 -pi -e 'substr($_, length() * $ENV{AT} / 100, 1) ^= "\x10"' "$1"; }
	cp -r once kept
	damage once flip "nor on a byte at $at % of it"
done

# Single bytes
cat >kinds.jsonl <<'END'
{"id":"a/1","value":"25.0","unit":"mL","lower":"24","upper":"26","input":{"question":"How much?"},"reason":"as measured"}
{"id":"a/2","kind":"integer","value":"9"}
{"id":"a/3","kind":"date","value":"2024-02-19","lower":"2024-02-18","upper":"2024-03-01","reason":"a leap year"}
{"id":"a/4","kind":"duration","value":"P2W3D"}
{"id":"a/5","kind":"choice","value":"b"}
{"id":"a/6","value":["apple","pear"]}
{"id":"a/7","kind":"text","value":"dictionary"}
{"id":"a/8","state":"incomputable","missing":["weight"],"reason":"no weight is given"}
{"id":"a/9","reason":"day or month first","readings":[{"assuming":"day","answer":{"kind":"date","value":"2024-04-03"}},{"assuming":"month","answer":{"kind":"date","value":"2024-03-04"}}]}
END
new bytes
must ellwand -C bytes import kinds.jsonl --split test --preset jsonl
must ellwand -C bytes relabel a/2 --value 8 --agent somebody --rule counting --source book --at 2026-01-01T00:00:00Z -m why
must /usr/bin/python3 "$root/tests/interop/one_byte.py" bytes 200
is "200 changes of one byte" "$(wc -l <out)" 1
like "of both sorts" "$(cat out)" '^[1-9][0-9]+ changed what scoring depends on, [1-9][0-9]+ did not$'
ok "git finds nothing" git -C bytes fsck --strict --no-progress
finish
