#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# gc: packs what single revisions left, and loses nothing.
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
