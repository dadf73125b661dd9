#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A history so long that several threads index it: their number must not show.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/store.sh
. "$root/tests/lib/store.sh"

store s 40
for value in 41 42 43 44 45 46 47 48 49 50; do
	revisions 1 40 $value
done >events.jsonl
must ellwand -C s apply events.jsonl
must ellwand -C s release v1.0 -m first

one=$(taskset -cp $$ | sed 's/.*: *\([0-9]*\).*/\1/')
alone() {
	taskset -c "$one" ellwand "$@"
}

# The index is made anew.
forget() {
	rm -f s/.git/ellwand/history-*.run
}

commits() {
	perl -MJSON::PP -ne 'print decode_json($_)->{commit}, "\n"' "$1"
}

ok "a story" ellwand -C s log q/7 --json
cp out story
is "is told as by git" "$(commits story)" "$(git -C s log --format=%H -- 'labels/test/q%2f7.json')"
forget
ok "by one thread" alone -C s log q/7 --json
is "the same" "$(cat out)" "$(cat story)"
ok "from the index" ellwand -C s log q/7 --json
is "the same" "$(cat out)" "$(cat story)"

# What is new since is added.
revisions 7 7 51 >more.jsonl
must ellwand -C s apply more.jsonl
is "one more" "$(ellwand -C s log q/7 --json | tail -n +2 | sed 's/,"release":"v1.0"//')" \
	"$(sed 's/,"release":"v1.0"//' story)"
ok "of another line" git -C s branch other HEAD~100
is "a shorter story" "$(ellwand -C s log other:q/7 --json | wc -l)" 9

# What another thread cannot read, the first says.
for pack in s/.git/objects/pack/*.pack; do
	mv "$pack" . && rm -f "${pack%.pack}.idx" && git -C s unpack-objects -q <"${pack##*/}" || exit
done
commit=$(git -C s rev-parse HEAD~150)
tree=$(git -C s rev-parse "$commit:labels/test")
rm -f "s/.git/objects/$(echo "$tree" | sed 's|^..|&/|')"
for who in ellwand alone; do
	forget
	expect 8 "commit $commit: object $tree is missing; fetch the store again" $who -C s log q/7
done
finish
