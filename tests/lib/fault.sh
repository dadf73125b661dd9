# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Faults at system calls, by strace; after lib.sh and store.sh.
#
#   faults CMD...       makes the list $tmp/faults of "SYSCALL N", each call in $calls that CMD
#                       makes between its locking of the store and its end; with FULL=1 all
#                       of them, else $share of them, evenly
#   strike SYSCALL N HOW CMD...  runs CMD with HOW, as strace's inject= takes it, at the Nth call;
#                       status in $got, streams in $tmp/out and $tmp/err
#   sound STORE         stock git finds no fault; sets $flaw to what is wrong
#
# Without FULL=1 a test is over in half a minute.

# A sanitizer cannot look for leaks in what strace looks at.
export ASAN_OPTIONS="detect_leaks=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}"

[ "$(command -v strace)" ] || skip_all "strace is not installed"
strace -f -qq -o /dev/null true 2>/dev/null || skip_all "strace may not trace here"
calls=${calls:-openat,write,fsync,link,linkat,rename,renameat,mkdir,unlink,unlinkat,ftruncate,pwrite64,close,fchmod}
share=${share:-40}

faults() {
	strace -f -qq -o "$tmp/.lib/strace" -e "trace=$calls,flock" "$@" >/dev/null 2>&1 || return
	# The Nth of its kind in its thread, as strace counts; nothing before the lock.
	awk '
		{ sub(/^[0-9]+ +/, "&\t"); split($0, part, "\t"); thread = part[1]; call = part[2] }
		call ~ /^<\.\.\./ || call !~ /^[a-z0-9]+\(/ { next }
		{ sub(/\(.*/, "", call); n = ++count[thread, call] }
		call == "flock" { on = 1; next }
		!on { before[call] = n; next }
		# What a thread does so early would strike the first thread earlier still.
		n > before[call] && !(call " " n in seen) { seen[call " " n]; print call, n }
	' "$tmp/.lib/strace" >"$tmp/.lib/all"
	if [ "${FULL:-}" ]; then
		cp "$tmp/.lib/all" "$tmp/faults"
	else
		awk -v share="$share" '
			{ line[NR] = $0 }
			END {
				step = NR > share ? NR / share : 1
				for (i = 1; i <= NR + 0.5; i += step) print line[int(i)]
			}' "$tmp/.lib/all" >"$tmp/faults"
	fi
}

# shellcheck disable=SC2034 # got is for the caller
strike() {
	test_call=$1 test_n=$2 test_how=$3
	shift 3
	strace -f -qq -o /dev/null -e "trace=$test_call" -e "inject=$test_call:$test_how:when=$test_n" \
		"$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	got=$? # for the caller
}

sound() {
	flaw=$(git -C "$1" fsck --strict --no-dangling --no-progress 2>&1) || flaw="$flaw (git fsck)"
}
