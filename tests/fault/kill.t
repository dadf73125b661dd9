#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A writer that is killed at any system call leaves the store as it was or as it was to
# be; the next writer works, and clears what the dead one left.  FULL=1 for every call.
# In memory, where a sync costs nothing.
[ -d /dev/shm ] && [ -w /dev/shm ] && TMPDIR=/dev/shm
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/store.sh
. "$root/tests/lib/store.sh"
# shellcheck source=tests/lib/fault.sh
. "$root/tests/lib/fault.sh"

store base 60
must ellwand -C base relabel q/60 --value 1 -m why
revisions 1 60 9 >sixty.jsonl
questions 101 180 >more.jsonl

# What is wrong after the fault, in $flaw.
look() {
	sound s
	[ "$flaw" ] && return
	now=$(git -C s for-each-ref)
	if [ "$now" != "$old" ] && [ "$(git -C s for-each-ref | wc -l)" -ne "$refs" ]; then
		flaw="neither the old refs nor the new: $now"
		return
	fi
	if [ "$now" != "$old" ] && ! git -C s merge-base --is-ancestor "$tip" HEAD; then
		flaw="the old commit is lost"
		return
	fi
	ellwand -C s verify >out 2>err || { flaw="verify: $(cat err)"; return; }
	find s/.git/ellwand -name 'tmp_*' -exec touch -d @0 {} +
	# The next writer, who may have to wait for a lock of git's to be old enough.
	if ! ellwand -C s relabel q/60 --value 77 -m next >out 2>err; then
		if ! grep -q 'ellwand recover' err; then
			flaw="the next writer: $(cat err)"
			return
		fi
		locks=$((locks + 1))
		find s/.git -name '*.lock' -exec touch -d @0 {} +
		ellwand -C s recover >out 2>err || { flaw="recover: $(cat err)"; return; }
		ellwand -C s relabel q/60 --value 77 -m next >out 2>err ||
			{ flaw="the next writer after recover: $(cat err)"; return; }
	fi
	find s/.git/refs/tags -name '*.lock' -exec touch -d @0 {} +
	ellwand -C s recover >out 2>err || { flaw="recover: $(cat err)"; return; }
	left=$(find s/.git -name 'tmp_*' -o -path '*/refs/*.lock')
	[ "$left" ] && flaw="not cleared: $left"
}

# Kills CMD at each of its calls; $refs is how many refs there are when it is done.
kill_at_all() {
	refs=$1
	shift
	rm -rf s
	must cp -r base s
	old=$(git -C s for-each-ref) tip=$(git -C s rev-parse HEAD)
	faults "$@" || { fail "set-up: $*"; show_try; return; }
	points=0 bad=0 fresh=0 locks=0
	while read -r call n; do
		rm -rf s
		cp -r base s
		strike "$call" "$n" signal=SIGKILL "$@"
		points=$((points + 1))
		[ "$got" -eq 137 ] || [ "$got" -eq 0 ] || echo "# $call $n: ended with $got"
		look
		[ "$now" = "$old" ] || fresh=$((fresh + 1))
		if [ "$flaw" ]; then
			bad=$((bad + 1))
			echo "killed at $call $n: $flaw" | note
		fi
	done <faults
	echo "$points points, $fresh times the new state, $locks locks recovered" | note
	if [ "$bad" -eq 0 ] && [ "$points" -gt 9 ]; then
		pass "killed anywhere: $*"
	else
		fail "killed anywhere: $*"
	fi
}

kill_at_all 1 ellwand -C s relabel q/1 --value 5 -m why
kill_at_all 1 ellwand -C s apply sixty.jsonl
kill_at_all 1 ellwand -C s import more.jsonl --split test --preset jsonl
kill_at_all 2 ellwand -C s release v1.0 -m first
# gc without git's: what it does itself.
mkdir no
printf '#!/bin/sh\n' >no/git
printf '#!/bin/sh\nPATH=%s:$PATH exec ellwand -C s gc\n' "$PWD/no" >gc
chmod +x no/git gc
kill_at_all 1 ./gc

# A store that was killed while it was made is whole, or is made again in its place.
faults ellwand init new --name New --key "$tmp/tester" --principal tester@example.org
points=0 bad=0
while read -r call n; do
	rm -rf new
	strike "$call" "$n" signal=SIGKILL \
		ellwand init new --name New --key "$tmp/tester" --principal tester@example.org
	points=$((points + 1))
	ellwand -C new verify >out 2>err && continue
	ellwand init new --name New --key "$tmp/tester" --principal tester@example.org >out 2>err &&
		ellwand -C new verify >out 2>err && continue
	bad=$((bad + 1))
	echo "killed at $call $n: $(cat err)" | note
done <faults
if [ "$bad" -eq 0 ]; then
	pass "a store killed in the making ($points points)"
else
	fail "a store killed in the making ($points points)"
fi

finish
