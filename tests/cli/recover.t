#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# recover: what a writer that was killed leaves behind, and what it must not touch.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/store.sh
. "$root/tests/lib/store.sh"

store s
git=s/.git
recover() { ellwand -C s recover; }
relabel() { ellwand -C s relabel q/1 --value "$1" -m 'counted again'; }
stale() {
	: >"$1"
	touch -d '2 minutes ago' "$1"
}
# git's, not those that ellwand keeps and holds by flock.
locks() {
	find $git -name '*.lock' ! -name ellwand.lock ! -path '*/ellwand/*'
}
clean='Removed 0 stale locks and 0 temporary files.'
one='Removed 1 stale locks and 0 temporary files.'

ok "nothing to do" recover
is "is said" "$(cat out)" "$clean"

echo "# Stale locks"
stale $git/refs/heads/main.lock
date +%s >began
head=$(git -C s rev-parse HEAD)
expect 5 "refs/heads/main: locked for 1[0-9]* s by .*refs/heads/main.lock; .*ellwand recover" relabel 7
is "main stays where it was" "$(git -C s rev-parse HEAD)" "$head"
ok "refused within seconds" [ "$(($(date +%s) - $(cat began)))" -le 5 ]
ok "reading goes on" ellwand -C s verify
ok "recover" recover
is "removes it" "$(cat out)" "$one"
not_ok "it is gone" test -e $git/refs/heads/main.lock
ok "and writing goes on" relabel 7
must git -C s branch deep/er/ellwand
stale $git/refs/heads/deep/er/ellwand.lock
must git -C s branch ellwand
stale $git/refs/heads/ellwand.lock
stale $git/HEAD.lock
stale $git/config.lock
stale $git/packed-refs.lock
ok "locks wherever git makes them" recover
is "all of them" "$(cat out)" 'Removed 5 stale locks and 0 temporary files.'
is "none is left" "$(locks)" ""
ok "its own stays" test -e $git/ellwand.lock
ok "branches stay" git -C s rev-parse --verify refs/heads/deep/er/ellwand

echo "# Locks that may be somebody's"
: >$git/refs/heads/main.lock
expect 5 "refs/heads/main.lock: its writer may be alive, it is [0-9]* s old; try again" recover
ok "a young one stays" test -e $git/refs/heads/main.lock
stale $git/refs/heads/main.lock
exec 9<$git/refs/heads/main.lock
expect 5 "refs/heads/main.lock: its writer may be alive" recover
ok "one that is open stays" test -e $git/refs/heads/main.lock
stale $git/HEAD.lock
expect 5 "refs/heads/main.lock: its writer may be alive" recover
not_ok "which keeps no other" test -e $git/HEAD.lock
exec 9<&-
ok "until it is closed" recover
is "then it goes" "$(cat out)" "$one"

echo "# Temporary files"
: >$git/objects/pack/tmp_ellwand_x1
: >$git/objects/pack/tmp_ellwand_x2
mkdir -p $git/ellwand
ok "recover" recover
is "removes them" "$(cat out)" 'Removed 0 stale locks and 2 temporary files.'
is "none is left" "$(find $git -name 'tmp_ellwand_*')" ""
: >$git/objects/pack/tmp_pack_x1
ok "recover" recover
ok "git's are git's" test -e $git/objects/pack/tmp_pack_x1

echo "# While another writes"
if command -v flock >/dev/null; then
	stale $git/refs/heads/main.lock
	flock $git/ellwand.lock sh -c 'touch held; while [ ! -e released ]; do sleep 0.05; done' &
	while [ ! -e held ]; do sleep 0.05; done
	expect 5 "ellwand.lock" recover
	ok "nothing is touched" test -e $git/refs/heads/main.lock
	touch released
	wait
	ok "afterwards it is" recover
else
	skip "a held lock" "no flock"
fi

echo "# A writer that is killed"
revisions 1 12 3 >revisions.jsonl
tried=0
while [ $tried -lt 6 ]; do
	tried=$((tried + 1))
	sed -i "s/\"value\":\"[0-9]*\"/\"value\":\"$((tried + 20))\"/" revisions.jsonl
	timeout -s KILL 0.00$tried ellwand -C s apply revisions.jsonl >/dev/null 2>&1
done
for lock in $(locks); do
	touch -d '2 minutes ago' "$lock"
done
ok "recover" recover
is "leaves nothing of it" "$(find $git -name 'tmp_ellwand_*')$(locks)" ""
ok "the store is good" ellwand -C s fsck
ok "to git too" git -C s fsck --strict
ok "and takes the next change" relabel 11

expect 2 "" ellwand -C s recover now
expect 9 "" ellwand -C . recover
finish
