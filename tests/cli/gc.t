#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# gc: packs what single revisions left, compresses what others stored, and loses nothing.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/almanac.sh
. "$root/tests/lib/almanac.sh"

almanac s
must ellwand -C s relabel watering/11 --value 21 -m 'a loose revision'
pin=$(ellwand -C s pin)
story=$(ellwand -C s log watering/11 | cksum)
loose=$(git -C s count-objects)
like "there are loose objects" "$loose" '^[1-9][0-9]* objects'
touch s/.git/objects/pack/tmp_ellwand_left
ok "gc" ellwand -C s gc
like "says what it saved" "$(cat out)" '^Objects took [0-9.]+ MB, now [0-9.]+ MB\.$'
like "nothing is loose" "$(git -C s count-objects)" '^0 objects'
not_ok "a dead writer's file is gone" test -e s/.git/objects/pack/tmp_ellwand_left
is "the same pin" "$(ellwand -C s pin)" "$pin"
is "the same story" "$(ellwand -C s log watering/11 | cksum)" "$story"
ok "it verifies" ellwand -C s verify v2.0
ok "git finds nothing wrong" git -C s fsck --strict
ok "it can be written" ellwand -C s relabel watering/11 --value 22 -m 'after it'

# What an import and many revisions stored as it is.
awk 'BEGIN {
	for (i = 1; i <= 400; i++) {
		printf "{\"id\":\"q/%d\",\"value\":\"%d\",\"input\":{\"question\":\"What is", i, i
		for (k = 1; k < 60; k++)
			printf " %d", i * k % 31
		print "?\"}}"
	}
}' >table.jsonl
awk 'BEGIN {
	for (i = 1; i <= 400; i++)
		printf "{\"event\":\"relabel\",\"id\":\"q/%d\",\"value\":\"%d\",\"reason\":\"counted again\"}\n", i, i + 1
}' >events.jsonl
must ellwand -C s import table.jsonl --split test --preset jsonl
must ellwand -C s apply events.jsonl
bytes() { cat s/.git/objects/pack/*.pack | wc -c; }
objects() { git -C s cat-file --batch-all-objects --batch | cksum; }
before=$(bytes) all=$(objects)
must cp -r s stored
must cp -r s by-git
must git -C by-git repack -a -d -F -q
ok "gc compresses" ellwand -C s gc
is "the same objects" "$(objects)" "$all"
after=$(bytes) git=$(cat by-git/.git/objects/pack/*.pack | wc -c)
ok "in less than three quarters of the room: $after of $before" test $((after * 4)) -lt $((before * 3))
ok "and not much more than git's $git" test $((after * 5)) -lt $((git * 6))
ok "git finds nothing wrong" git -C s fsck --strict
ok "a second time" ellwand -C s gc
is "changes nothing" "$(objects)" "$all"

# Interrupted at any time, in what it does itself and in git, which is waited for.
bad=0 stopped=0
for ms in 010 030 050 070 100 130 160 200 250 300 400 500; do
	rm -rf s
	must cp -r stored s
	timeout --foreground -s INT "0.$ms" ellwand -C s gc >out 2>err
	got=$?
	case $got in
	124) stopped=$((stopped + 1)) ;;
	0) ;;
	*) bad=$((bad + 1)) ;;
	esac
	left=$(find s/.git -name 'tmp_ellwand_*')
	flaw=
	[ "$left" ] && flaw="left: $left"
	[ "$(objects)" = "$all" ] || flaw="$flaw other objects"
	git -C s fsck --strict --no-progress >fsck 2>&1 || flaw="$flaw $(cat fsck)"
	ellwand -C s gc >again 2>&1 || flaw="$flaw $(cat again)"
	[ "$(objects)" = "$all" ] || flaw="$flaw other objects then"
	grep -Evq '^ellwand: [a-z ]+: interrupted; ' err && flaw="$flaw $(cat err)"
	[ "$flaw" ] || continue
	bad=$((bad + 1))
	echo "after 0.$ms s, ended with $got: $(cat err) $flaw" | note
done
echo "$stopped times of 12" | note
is "interrupted, it loses nothing and goes through the next time" "$bad" 0
must sh -c 'exec 9>>s/.git/ellwand.lock; flock -n 9'
(
	exec 9>>s/.git/ellwand.lock
	flock 9
	sleep 12
) &
holder=$!
sleep 0.3
expect 5 'another ellwand is writing; try again' ellwand -C s gc
kill "$holder" 2>/dev/null
wait "$holder" 2>/dev/null

finish
