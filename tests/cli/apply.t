#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A file of events: one signed commit a line, all of them or none.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/store.sh
. "$root/tests/lib/store.sh"
# shellcheck source=tests/lib/history.sh
. "$root/tests/lib/history.sh"
# shellcheck source=tests/lib/almanac.sh
. "$root/tests/lib/almanac.sh"

store s
mark s
cat >events.jsonl <<'END'
{"event":"relabel","id":"q/1","value":"5","lower":"4","upper":"6","unit":"mL","cause":"wrong-rule","reason":"counted again","method":"consensus","agent":"three","basis":"supermajority","for":2,"of":3,"evidence":["audit-1"],"rule":"count","source":"work 7","at":"2026-01-01T00:00:00Z"}
{"event":"abstain","id":"q/2","missing":["weight","height"],"reason":"no weight"}
{"event":"disambiguate","id":"q/3","reason":"which weight?","readings":[{"assuming":"ideal","value":"9","lower":"8","upper":"10"},{"assuming":"actual","value":"12","unit":"L","kind":"integer"}]}
{"event":"withdraw","id":"q/4","reason":"a duplicate","cause":"duplicate"}
{"event":"withdraw","ids":["q/5","q/6"],"reason":"leaked"}
{"event":"relabel","id":"q/7","value":["pear","apple"],"reason":"both grow there"}
{"event":"relabel","id":"q/8","lower":"","reason":"no lower limit"}
{"event":"relabel","id":"q/9","value":"21","reason":"no more is said"}
END
tick
ok "apply" ellwand -C s apply events.jsonl
is "says what it did" "$(sed 's/now at .*/now/' out)" "8 signed commits; now
The bands of 2 old answers went with them; \"lower\" and \"upper\" beside a value set one."
is "one commit a line, in order" "$(news)" "relabel q/1
abstain q/2
disambiguate q/3
withdraw q/4
withdraw
relabel q/7
relabel q/8
relabel q/9"
is "all at one time" "$(git -C s log --format=%ct "$test_mark..HEAD" | sort -u | wc -l)" 1
is "what an event says is the label's" "$(record q/1 | perl -pe 's/"instance":"\w+",//')" "$(printf %s \
	'{"answer":{"kind":"decimal","lower":"4","unit":"mL","upper":"6","value":"5"},"confidence":{"basis":"supermajority","for":2,"of":3},' \
	'"evidence":["audit-1"],"id":"q/1","provenance":{"agent":"three","at":"2026-01-01T00:00:00Z","method":"consensus",' \
	'"rule":"count","source":"work 7"},"reason":"counted again","schema":"label/1","state":"computable"}')"
is "readings have bands and units of their own" "$(record q/3 | member .readings)" "$(printf %s \
	'[{"answer":{"kind":"decimal","lower":"8","upper":"10","value":"9"},"assuming":"ideal"},' \
	'{"answer":{"kind":"integer","unit":"L","value":"12"},"assuming":"actual"}]')"
is "an empty limit is none" "$(record q/8 | member .answer)" '{"kind":"decimal","upper":"9","value":"8"}'
is "causes and reasons are the commits'" "$(git -C s log -1 --format=%b HEAD~4 | head -n 1) $(trailer Cause HEAD~4)" \
	"a duplicate duplicate"
sound s

# The same, as it may be written
again() {
	rm -rf t
	cp -r s0 t
	mark t
	ok "$1" ellwand -C t apply "$2"
	is "is the same" "$(ellwand -C t pin)" "$(ellwand -C s pin)"
}
cp -r s s0
must git -C s0 update-ref refs/heads/main "$test_mark"
again "the same file" events.jsonl
sed 's/$/\r/' events.jsonl >crlf.jsonl
again "lines that end in CR LF" crlf.jsonl
printf %s "$(cat events.jsonl)" >no-newline.jsonl
again "no newline at the end" no-newline.jsonl
sed 's/{"event":\("[a-z]*"\),\(.*\)}$/ { \2 , "event" : \1 } /' events.jsonl >spaced.jsonl
again "members in another order, and white space" spaced.jsonl
mv events.jsonl s0
again "a file that stands in the store's folder" events.jsonl
mv s0/events.jsonl .
rm -rf t
cp -r s0 t
ok "from standard input" sh -c 'ellwand -C t apply - --json <events.jsonl'
judged ellwand.revise out
is "with what was done" "$(member .events <out) $(member .commits <out) $(member .unbanded <out)" "8 8 2"
is "is the same" "$(ellwand -C t pin)" "$(ellwand -C s pin)"

# Again, and several of one label
mark s
tick
revisions 10 11 11 >half.jsonl
ok "what is so already" ellwand -C s apply half.jsonl
is "is counted" "$(sed 's/now at .*/now/' out | head -n 2)" "1 signed commit; now
1 label said so already; reason and provenance stay."
is "and no commit" "$(news)" "relabel q/10"
mark s
{
	revisions 1 1 7
	revisions 1 1 8
	echo '{"event":"abstain","id":"q/1","reason":"no"}'
	revisions 1 1 9
	echo '{"event":"withdraw","id":"q/1","reason":"no"}'
} >steps.jsonl
ok "several events on one label" ellwand -C s apply steps.jsonl
is "are a commit each" "$(news)" "relabel q/1
relabel q/1
abstain q/1
relabel q/1
withdraw q/1"
is "each upon the one before" "$(git -C s log --reverse --format=%s "$test_mark..HEAD")" "relabel q/1: 5 mL -> 7 mL
relabel q/1: 7 mL -> 8 mL
abstain q/1: 8 mL -> N/A
relabel q/1: N/A -> 9
withdraw q/1"
sound s

# All or nothing
bad() {
	test_line=$1 test_ere=$2
	refuses s 3 "^ellwand: bad.jsonl:$test_line: $test_ere" ellwand -C s apply bad.jsonl
}
{ revisions 8 9 1; echo '{"event":"relabel","id":"q/99","value":"1","reason":"no such"}'; revisions 10 11 1; } >bad.jsonl
bad 3 'q/99: no label has this id; '
{ revisions 8 9 1; echo 'nonsense'; revisions 10 11 1; } >bad.jsonl
bad 3 'offset 0: '
{ revisions 8 11 1; echo '{"event":"relabel","id":"q/12","value":"1","reason":""}'; } >bad.jsonl
bad 5 '/reason: '
{ echo '{"event":"withdraw","id":"q/8","reason":"why"}'; revisions 9 9 1; revisions 8 8 1; } >bad.jsonl
bad 3 'q/8: no label has this id; '
{ revisions 8 8 1; echo; revisions 9 9 1; } >bad.jsonl
bad 2 ''
{ revisions 8 8 1; echo '{"event":"relabel","id":"q/9","value":"1","reason":"why","cause":"Not so"}'; } >bad.jsonl
bad 2 '/cause: '
{ revisions 8 8 1; echo '{"event":"relabel","id":"q/9","reason":"why"}'; revisions 9 9 1; } >bad.jsonl
bad 2 'q/9: nothing to change; give a value'
{ revisions 8 8 1; echo '{"event":"import","id":"q/9","reason":"why"}'; } >bad.jsonl
bad 2 '/event: '
expect 3 'nowhere.jsonl: cannot open' ellwand -C s apply nowhere.jsonl
expect 2 'needs 1 operand, not 0' ellwand -C s apply

# Many
store many 1000
revisions 1 1000 -1 >many.jsonl
mark many
tick
ok "1,000 events" ellwand -C many apply many.jsonl --json
is "are 1,000 commits" "$(member .commits <out) $(news | sort -u | wc -l)" "1000 1000"
is "of which none kept its band" "$(member .unbanded <out)" 1000
ok "git fsck --strict" git -C many fsck --strict --no-progress
is "has nothing to say" "$(cat out err)" ""
test_mark=$(git -C many rev-parse HEAD~3)
sound many
tick
sed 's/"-1"/"1"/' many.jsonl >back.jsonl
sed -i '1000s/q.1000/q\/1001/' back.jsonl
refuses many 3 '^ellwand: back.jsonl:1000: q/1001: no label' ellwand -C many apply back.jsonl
# More than is read ahead, with a fault at either side of where that ends.
{ sed 1000d back.jsonl; revisions 1 101 2; } >long.jsonl
for line in 1024 1025 1026; do
	sed "${line}s/q./r\\//;1027s/.*/nonsense/" long.jsonl >bad.jsonl
	refuses many 3 "^ellwand: bad.jsonl:$line: r/[0-9]*: no label" ellwand -C many apply bad.jsonl
	sed "${line}s/.*/nonsense/;1027s/q./r\\//" long.jsonl >bad.jsonl
	refuses many 3 "^ellwand: bad.jsonl:$line: offset 0" ellwand -C many apply bad.jsonl
done
# Many on few labels: each upon the one before it, whatever is drafted ahead.
{ revisions 1 50 31; revisions 1 50 32; } >twice.jsonl
ok "two events on each of 50 labels" ellwand -C many apply twice.jsonl
is "follow each other" "$(git -C many log --format=%s -1) $(git -C many log --format=%s -1 HEAD~50)" \
	"relabel q/50: 31 -> 32 relabel q/50: -1 -> 31"
for fault in '"q/7","value":"B" q/7: "B" is no decimal' '"q/7" q/7: nothing to change' '"q/x","value":"1" q/x: no label'; do
	{
		revisions 1 69 33
		echo "{\"event\":\"relabel\",\"reason\":\"why\",\"id\":${fault%% *}}"
		revisions 71 99 33
		echo nonsense
	} >bad.jsonl
	refuses many 3 "^ellwand: bad.jsonl:70: ${fault#* }" ellwand -C many apply bad.jsonl
done
{ revisions 1 69 33; echo '{"event":"withdraw","id":"q/7","reason":"why"}'; revisions 7 9 33; } >bad.jsonl
refuses many 3 "^ellwand: bad.jsonl:71: q/7: no label" ellwand -C many apply bad.jsonl
ok "1,100 events" ellwand -C many apply long.jsonl --json
is "are 1,100 commits" "$(member .commits <out)" 1100
test_mark=$(git -C many rev-parse HEAD~3)
sound many
finish
