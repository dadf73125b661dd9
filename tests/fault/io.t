#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Disks that are full or fail, once or from then on, at any system call: what is said to
# be written is written, what is said not to be is not, and nothing is lost.  FULL=1 for
# every call.
# In memory, where a sync costs nothing.
[ -d /dev/shm ] && [ -w /dev/shm ] && TMPDIR=/dev/shm
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/store.sh
. "$root/tests/lib/store.sh"
calls=openat,read,pread64,write,pwrite64,fsync,link,rename,mkdir,unlink,ftruncate,close,fchmod,mmap,flock
share=60
# shellcheck source=tests/lib/fault.sh
. "$root/tests/lib/fault.sh"

store base 60
must ellwand -C base relabel q/60 --value 1 -m why
revisions 1 60 9 >sixty.jsonl
questions 101 5000 >more.jsonl

# Of a call, the error that it would fail with.
error_of() {
	case $1 in
	openat) echo EMFILE ;;
	write | pwrite64 | mkdir | ftruncate) echo ENOSPC ;;
	mmap) echo ENOMEM ;;
	*) echo EIO ;;
	esac
}

# What is wrong after the fault, in $flaw.
look() {
	flaw=
	now=$(git -C s for-each-ref)
	case $got in
	0) [ "$now" != "$old" ] || flaw="said to be done, but is not" ;;
	6 | 5) [ "$now" = "$old" ] || flaw="said not to be done, but is" ;;
	7) ;;
	*) flaw="exit status $got: $(cat err)" ;;
	esac
	[ "$flaw" ] && return
	if [ "$got" -ne 0 ]; then
		{ [ "$(wc -l <err)" -eq 1 ] && grep -q '^ellwand: ' err; } || flaw="stderr: $(cat err)"
	fi
	sound s
	[ "$flaw" ] && return
	ellwand -C s verify >out 2>err || { flaw="verify: $(cat err)"; return; }
	ellwand -C s relabel q/60 --value 77 -m next >out 2>err && return
	grep -q 'ellwand recover' err && find s/.git -name '*.lock' -exec touch -d @0 {} + &&
		ellwand -C s recover >out 2>err && ellwand -C s relabel q/60 --value 77 -m next >out 2>err ||
		flaw="the next writer: $(cat err)"
}

fail_at_all() {
	rm -rf s
	must cp -r base s
	old=$(git -C s for-each-ref)
	faults "$@" || { fail "set-up: $*"; show_try; return; }
	points=0 bad=0 done=0 unsure=0
	while read -r call n; do
		for times in "$n" "$n+"; do
			rm -rf s
			cp -r base s
			strike "$call" "$times" "error=$(error_of "$call")" "$@"
			points=$((points + 1))
			[ "$got" -eq 0 ] && done=$((done + 1))
			[ "$got" -eq 7 ] && unsure=$((unsure + 1))
			look
			if [ "$flaw" ]; then
				bad=$((bad + 1))
				echo "$(error_of "$call") at $call $times: $flaw" | note
			fi
		done
	done <faults
	echo "$points points, $done done all the same, $unsure times unsure" | note
	if [ "$bad" -eq 0 ] && [ "$points" -gt 9 ]; then
		pass "failing anywhere: $*"
	else
		fail "failing anywhere: $*"
	fi
}

fail_at_all ellwand -C s relabel q/1 --value 5 -m why
fail_at_all ellwand -C s apply sixty.jsonl
fail_at_all ellwand -C s release v1.0 -m first

# A disk that is really full, and one that cannot be written.
if [ "$(id -u)" -eq 0 ] && mkdir small && mount -t tmpfs -o size=2m,nr_inodes=2000 none small 2>/dev/null; then
	trap 'umount "$tmp/small"; at_exit' EXIT
	cp -r base small/s
	i=0
	while [ $i -lt 2000 ]; do
		i=$((i + 1))
		old=$(git -C small/s for-each-ref)
		try ellwand -C small/s relabel q/1 --value $((i + 100)) -m "$(head -c 20000 /dev/urandom | base64 -w0)"
		[ "$got" -eq 0 ] || break
	done
	is "a full disk is said to be one" "$got $(grep -c '^ellwand: .*No space left' err)" "6 1"
	is "after changes that are all there" "$(git -C small/s log --oneline | wc -l)" $((i + 2))
	is "and nothing of the one that is not" "$(git -C small/s for-each-ref)" "$old"
	ok "which stock git finds sound" git -C small/s fsck --strict --no-dangling
	ok "reading goes on" ellwand -C small/s verify
	refuses small/s 6 '' ellwand -C small/s apply sixty.jsonl
	refuses small/s 6 '' ellwand -C small/s import more.jsonl --split test --preset jsonl
	is "with no temporary file left" "$(find small/s/.git -name 'tmp_*')" ""
	must mount -o remount,ro small
	refuses small/s 6 'Read-only' ellwand -C small/s relabel q/1 --value 5 -m why
	ok "a store that cannot be written can be read" ellwand -C small/s verify
	must mount -o remount,rw,size=8m small
	ok "with room again all goes on" ellwand -C small/s relabel q/1 --value 5 -m why
else
	skip "a small disk" "nothing may be mounted here"
fi

# Descriptors and file sizes run out.
rm -rf s
must cp -r base s
few() {
	# shellcheck disable=SC3045 # dash and bash both have it
	(ulimit -n 4 && "$@")
}
refuses s 6 '' few ellwand -C s relabel q/1 --value 5 -m why
short() {
	# shellcheck disable=SC3045 # dash and bash both have it
	(ulimit -f 1 && trap '' XFSZ && "$@")
}
refuses s 6 '' short ellwand -C s apply sixty.jsonl
is "no temporary file is left" "$(find s/.git -name 'tmp_*')" ""

# Output that goes nowhere.
for command in "export HEAD --use evaluation --format jsonl" log status "diff HEAD~1 HEAD" "show q/1" pin; do
	# shellcheck disable=SC2086 # words are meant to be words
	ellwand -C s $command >/dev/full 2>err
	is "$command to a full device" "$? $(wc -l <err)" "6 1"
	# shellcheck disable=SC2086 # words are meant to be words
	ellwand -C s $command >&- 2>err
	is "$command to nowhere" "$? $(wc -l <err)" "6 1"
done
ellwand -C s relabel q/1 --value 5 -m why >/dev/full 2>err
is "a change is reported to a full device" "$? $(wc -l <err)" "7 1"
is "and is there" "$(git -C s log -1 --format=%s)" "relabel q/1: 1 -> 5"

finish
