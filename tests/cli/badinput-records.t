#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Events and rows that are not what they should be: each is refused by its line, in one
# line, with status 3, and nothing is written.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/store.sh
. "$root/tests/lib/store.sh"

store s

# An event, its escapes as printf's %b takes them, after a good one: all or nothing.
event() {
	revisions 1 1 5 >event.jsonl
	printf '%b\n' "$2" >>event.jsonl
	refuses s 3 "^ellwand: event.jsonl:2: $1" ellwand -C s apply event.jsonl
}

# A row of a table, for the preset jsonl, after a good one.
row() {
	questions 90 90 >row.jsonl
	printf '%b\n' "$2" >>row.jsonl
	refuses s 3 "^ellwand: row.jsonl:2: $1" ellwand -C s import row.jsonl --split test --preset jsonl
}

# The value and its place are JSON written by the caller.
value() {
	event "$1" '{"event":"relabel","id":"q/2","value":'"$2"',"reason":"why"}'
	row "$1" '{"id":"q/91","value":'"$2"'}'
}

reason() {
	event "$1" '{"event":"relabel","id":"q/2","value":"5","reason":'"$2"'}'
	row "$1" '{"id":"q/91","value":"5","reason":'"$2"'}'
}

: >empty
refuses s 3 'empty: it holds no event; ' ellwand -C s apply empty
refuses s 3 'empty: .*no rows; ' ellwand -C s import empty --split test --preset jsonl
printf '\n\n' >empty
refuses s 3 'empty:1: ' ellwand -C s apply empty

# Names twice, and names that look alike.
event '.*"value" is at offset 30 already' '{"event":"relabel","id":"q/2","value":"5","value":"6","reason":"why"}'
event 'offset [0-9]+: .*"value"' '{"event":"relabel","id":"q/2","value":"5","valu\\u0065":"6","reason":"why"}'
event '.*/Value' '{"event":"relabel","id":"q/2","value":"5","Value":"6","reason":"why"}'
row '.*"value" is at offset 13 already' '{"id":"q/91","value":"5","value":"6"}'

# Numbers that a reader would change.  A table's are taken as they are written.
for number in 0.30000000000000004 9007199254740993 1e999 -0; do
	event 'offset 38: .*quote it as a string' \
		'{"event":"relabel","id":"q/2","value":'$number',"reason":"why"}'
done
for number in 01 1. -.5 +1 NaN Infinity nul True; do
	value 'offset [0-9]+: .*; ' $number
done

# Not one document.
event 'offset 58: more bytes after the document' '{"event":"relabel","id":"q/2","value":"5","reason":"why"} x'
event 'offset 57: more bytes after the document' '{"event":"relabel","id":"q/2","value":"5","reason":"why"}{}'
event 'offset 0: .*byte order mark' '\0357\0273\0277{"event":"relabel","id":"q/2","value":"5","reason":"why"}'
row 'offset 0: .*byte order mark' '\0357\0273\0277{"id":"q/91","value":"5"}'
printf '\357\273\277%s\n' '{"event":"relabel","id":"q/2","value":"5","reason":"why"}' >bom
refuses s 3 'bom:1: offset 0: .*byte order mark' ellwand -C s apply bom
event 'top level: must be an object' null
event 'top level: must be an object' '[]'
event 'top level: must be an object' '"x"'
event 'offset ' '{'
event 'offset ' '{"event":"relabel"'
event 'offset ' '{"event":"relabel",}'
event 'offset ' "{'event':'relabel'}"
event 'offset 0: ' '// comment'

# Strings.
reason 'offset [0-9]+: .*U\+0000' '"a\\u0000b"'
reason '.*(0x00|NUL)' '"a\0000b"'
event 'offset [0-9]+: .*U\+0000' '{"event":"relabel","id":"q/2","value":"5","reason":"why","a\\u0000b":"x"}'
reason 'offset [0-9]+: ' '"\\u12G4"'
reason 'offset [0-9]+: .*surrogate' '"\\ud800"'
reason 'offset [0-9]+: .*surrogate' '"\\udc00\\ud800"'
for bytes in '\0377\0376' '\0300\0200' '\0355\0240\0200' '\0364\0220\0200\0200' '\0303'; do
	reason '.*UTF-8' "\"a$bytes\""
done
reason 'offset [0-9]+: .*0x1b' '"a\0033[31m"'
reason 'offset [0-9]+: ' '"a\nb"'
reason 'offset [0-9]+: ' '"a\\x"'
event '/reason: ' '{"event":"relabel","id":"q/2","value":"5","reason":"\\u001b]0;x\\u0007 why"}'

# Too deep, too wide, too long: refused fast, in little memory.
deep() {
	awk -v n="$1" 'BEGIN {
		printf "{\"event\":\"relabel\",\"id\":\"q/2\",\"reason\":\"why\",\"value\":"
		for (i = 0; i < n; i++) printf "["
		for (i = 0; i < n; i++) printf "]"
		print "}"
	}'
}
bounded() {
	# shellcheck disable=SC3045 # dash and bash both have it
	(ulimit -v 512000 && timeout 5 "$@")
}
[ "${build##*/}" = san ] && bounded() { timeout 20 "$@"; }
for n in 33 100000; do
	deep $n >deep
	refuses s 3 '^ellwand: deep:1: .*deep' bounded ellwand -C s apply deep
	sed 's/"event":"relabel",//' deep >deep-row
	refuses s 3 '^ellwand: deep-row:1: .*deep' \
		bounded ellwand -C s import deep-row --split test --preset jsonl
done
awk 'BEGIN { printf "{"; for (i = 0; i < 1000000; i++) printf "\"k%d\":1,", i; print "\"a\":1}" }' >wide
refuses s 3 '^ellwand: wide:1: the line is longer' bounded ellwand -C s apply wide
refuses s 3 '^ellwand: wide:1: ' bounded ellwand -C s import wide --split test --preset jsonl
head -c 80000 wide | sed 's/,"k[0-9]*"*:*1*$/}/' >wide-short
refuses s 3 '^ellwand: wide-short:1: .*256' bounded ellwand -C s apply wide-short
{
	printf '{"event":"relabel","id":"q/2","value":"5","reason":"'
	head -c 1100000 /dev/zero | tr '\0' a
	printf '"}\n'
} >long
refuses s 3 '^ellwand: long:1: the line is longer' ellwand -C s apply long
truncate -s 1G huge
refuses s 3 '^ellwand: huge:1: the line is longer' bounded ellwand -C s apply huge

# Members.
event '/colour: ' '{"event":"relabel","id":"q/2","value":"5","reason":"why","colour":"red"}'
event '.*"reason"' '{"event":"relabel","id":"q/2","value":"5"}'
event '/id: must be a string' '{"event":"relabel","id":7,"value":"5","reason":"why"}'
event '.*/event: ' '{"event":"relable","id":"q/2","value":"5","reason":"why"}'
event '.*/event: ' '{"event":"init","id":"q/2","value":"5","reason":"why"}'
event '.*"reason"' '{"event":"abstain","id":"q/2"}'
event '.*no reason' '{"event":"abstain","id":"q/2","reason":" "}'
event '/value: ' '{"event":"abstain","id":"q/2","value":"5","reason":"why"}'
event '.*assuming' '{"event":"disambiguate","id":"q/2","reason":"why","readings":[{"value":"1"},{"value":"2"}]}'
event '/readings: ' '{"event":"disambiguate","id":"q/2","reason":"why","readings":[{"assuming":"a","value":"1"}]}'
event '/at: ' '{"event":"relabel","id":"q/2","value":"5","reason":"why","at":"yesterday"}'
event 'q/2: .*"five"' '{"event":"relabel","id":"q/2","value":"five","kind":"decimal","reason":"why"}'
event '.*lower' '{"event":"relabel","id":"q/2","value":"5","lower":"7","upper":"6","reason":"why"}'
row '.*value' '{"id":"q/91"}'
row '.*(missing|reading)' '{"id":"q/91","state":"ambiguous","reason":"why"}'
row '.*' '{"id":"q/91","state":"incomputable","value":"5","reason":"why"}'
row '.*state' '{"id":"q/91","state":"maybe","value":"5"}'
row '.*id' '{"value":"5"}'
row '.*' '{"id":["q/91"],"value":"5"}'

# Ids.  None is ever a path: that of a label stands below labels/ alone.
event '/id: ' '{"event":"relabel","id":"","value":"5","reason":"why"}'
event '../../etc/passwd: no label' '{"event":"relabel","id":"../../etc/passwd","value":"5","reason":"why"}'
event '.*-rf: no label' '{"event":"relabel","id":"-rf","value":"5","reason":"why"}'
row '.*id' '{"id":"","value":"5"}'
row '.*id' "{\"id\":\"$(head -c 300 /dev/zero | tr '\0' a)\",\"value\":\"5\"}"
row '.*id' '{"id":"a\\tb","value":"5"}'
row '.*line 1' '{"id":"q/90","value":"5"}'
row '.*line 1' '{"id":"Q/90","value":"5"}'
row '.*"q/1"' '{"id":"Q/1","value":"5"}'
row '.*in the store already; compare with --update' '{"id":"q/1","value":"5"}'
questions 90 90 >row.jsonl
printf '%s\n' '{"id":"caf\u00e9","value":"1"}' '{"id":"cafe\u0301","value":"1"}' >>row.jsonl
refuses s 3 '^ellwand: row.jsonl:[23]: .*' ellwand -C s import row.jsonl --split test --preset jsonl

store paths
printf '{"id":"%s","value":"1"}\n' ../../etc/passwd /abs .git/config -rf a.lock 'a b' 'q/%2e' CON \
	'refs/heads/main' '@{' 'x~1' '--upload-pack=x' >ids.jsonl
ok "odd ids are ids like any other" ellwand -C paths import ids.jsonl --split test --preset jsonl
is "none of them is a path" "$(git -C paths ls-tree -r --name-only HEAD labels |
	grep -Ev '^labels/test/([0-9a-f]/)*([a-z0-9_]|%[0-9a-f][0-9a-f])([a-z0-9_-]|%[0-9a-f][0-9a-f])*\.json$')" ""
is "each is stored" "$(git -C paths ls-tree -r --name-only HEAD labels | wc -l)" 24
ok "stock git finds no fault with them" git -C paths fsck --strict --no-dangling

# What looks dangerous is text, and stays as it was written.
cat >text.jsonl <<'END'
{"event":"relabel","id":"q/1","kind":"text","value":"=HYPERLINK(\"http://example.org\",\"x\")","reason":"why"}
{"event":"relabel","id":"q/2","kind":"text","value":"<script>alert(1)</script>","reason":"why"}
{"event":"relabel","id":"q/3","kind":"text","value":"a\u202eb","reason":"-- \"quoted\" & <b>"}
END
ok "formulas, markup and bidi controls are data" ellwand -C paths apply text.jsonl
ok "and make sound commits" git -C paths fsck --strict --no-dangling

printf '%s\n' '{"id":"silent","state":"incomputable"}' >silent.jsonl
ok "an abstention without a reason is given what the table says" \
	ellwand -C paths import silent.jsonl --split test --preset jsonl
like "as its reason" "$(git -C paths cat-file -p "HEAD:labels/test/silent.json")" \
	'"reason":"the table gives \\"incomputable\\""'

# Both ways in and what is not there.
refuses s 3 'nowhere.jsonl: ' ellwand -C s apply nowhere.jsonl
refuses s 6 '^ellwand: \.: ' ellwand -C s apply .
refuses s 6 '^ellwand: \.: ' ellwand -C s import . --split test --preset jsonl

finish
