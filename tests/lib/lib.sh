# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# TAP for tests in sh.  A test starts with `. "$(dirname "$0")/../lib/lib.sh"` and ends
# with `finish`; in between each check is one line.  It runs in a directory of its
# own, $tmp, in an environment where nothing of the user's is seen and the clock
# stands still.  When a check fails, or the test ends early, the directory stays.
#
#   ok TITLE CMD...             CMD succeeds
#   not_ok TITLE CMD...         CMD fails
#   is TITLE GOT WANT           the same text
#   like TITLE GOT ERE          a line of it matches
#   status N TITLE CMD...       CMD exits with N; leaves stdout in $tmp/out, stderr in $tmp/err
#   expect N ERE CMD...         CMD is refused: exits with N, stdout is empty, stderr is one
#                               line that begins with "ellwand: " and matches
#   refused_leaves_no_trace STORE CMD...   CMD fails, and refs, HEAD and objects stay
#   must CMD...                 set-up: CMD succeeds, or the test ends here
#   key NAME                    makes the key $tmp/NAME, of NAME@example.org
#   tick                        one minute passes
#   on_terminal LINE            runs the shell line on a terminal, prints what appears there
#   skip TITLE WHY, skip_all WHY
#
# TEST_BUILD names another build directory than build/.

set -u
umask 022
root=$(cd "$(dirname "$0")/../.." && pwd -P) || exit 99
tmp=$(mktemp -d "${TMPDIR:-/tmp}/ellwand-test.XXXXXX") || exit 99
build=$(cd "${TEST_BUILD:-$root/build}" && pwd -P) || exit 99 # make first
mkdir "$tmp/.lib" || exit 99

for v in $(env | sed -n 's/^\(GIT_[A-Z_]*\|ELLWAND_[A-Z_]*\|LC_[A-Z]*\)=.*/\1/p'); do
	unset "$v"
done
unset LANG LANGUAGE PAGER LESS NO_COLOR SSH_AUTH_SOCK XDG_CONFIG_HOME CDPATH
export LC_ALL=C TZ=UTC HOME=/nonexistent TERM=dumb PATH="$build:$PATH"
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null GIT_TERMINAL_PROMPT=0
# Nobody is asked for a passphrase.
export SSH_ASKPASS=false SSH_ASKPASS_REQUIRE=force
export GIT_AUTHOR_NAME=Tester GIT_AUTHOR_EMAIL=tester@example.org
export GIT_COMMITTER_NAME=Tester GIT_COMMITTER_EMAIL=tester@example.org
cd "$tmp" || exit 99

test_count=0
test_failed=0
test_finished=

set_clock() {
	SOURCE_DATE_EPOCH=$1
	GIT_AUTHOR_DATE="$1 +0000"
	GIT_COMMITTER_DATE="$1 +0000"
	export SOURCE_DATE_EPOCH GIT_AUTHOR_DATE GIT_COMMITTER_DATE
}
set_clock 1767225600

tick() {
	set_clock $((SOURCE_DATE_EPOCH + 60))
}

at_exit() {
	if [ "$test_failed" -eq 0 ] && [ "$test_finished" ]; then
		chmod -R u+w "$tmp"
		rm -rf "$tmp"
	else
		echo "# the test's directory is kept: $tmp"
	fi
}
trap at_exit EXIT
trap 'exit 130' INT TERM

finish() {
	echo "1..$test_count"
	test_finished=yes
	[ "$test_failed" -eq 0 ]
	exit
}

skip_all() {
	echo "1..0 # SKIP $1"
	test_finished=yes
	exit 0
}

skip() {
	test_count=$((test_count + 1))
	echo "ok $test_count - $1 # SKIP $2"
}

# What stdin holds, as comment.
note() {
	awk '{ print "# " $0 }'
}

pass() {
	test_count=$((test_count + 1))
	printf 'ok %d - %s\n' "$test_count" "$(title "$1")"
}

fail() {
	test_count=$((test_count + 1))
	test_failed=$((test_failed + 1))
	printf 'not ok %d - %s\n' "$test_count" "$(title "$1")"
}

# One line, and no '#', which would begin a directive.
title() {
	printf '%s' "$1" | tr '\n#' ' =' | sed "s|$tmp|.|g"
}

# Runs a command, its streams in $tmp/out and $tmp/err, its status in $got.
try() {
	"$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	got=$?
}

show_try() {
	echo "exited with $got; stdout:" | note
	head -n 20 "$tmp/out" | note
	echo "stderr:" | note
	head -n 20 "$tmp/err" | note
}

status() {
	test_want=$1 test_title=$2
	shift 2
	try "$@"
	if [ "$got" -eq "$test_want" ]; then
		pass "$test_title"
	else
		fail "$test_title"
		echo "wanted exit status $test_want of: $*" | note
		show_try
	fi
}

ok() {
	test_title=$1
	shift
	status 0 "$test_title" "$@"
}

not_ok() {
	test_title=$1
	shift
	try "$@"
	# A command that a signal ended did not refuse anything.
	if [ "$got" -ne 0 ] && [ "$got" -lt 126 ]; then
		pass "$test_title"
	else
		fail "$test_title"
		echo "wanted a failure of: $*" | note
		show_try
	fi
}

is() {
	if [ "$2" = "$3" ]; then
		pass "$1"
	else
		fail "$1"
		printf '%s\n' "$2" >"$tmp/.lib/got"
		printf '%s\n' "$3" >"$tmp/.lib/want"
		diff -u "$tmp/.lib/want" "$tmp/.lib/got" | sed 1,2d | note
	fi
}

like() {
	if printf '%s\n' "$2" | grep -Eq -e "$3"; then
		pass "$1"
	else
		fail "$1"
		echo "no line matches: $3" | note
		printf '%s\n' "$2" | note
	fi
}

# What is wrong with the last try as a refusal; nothing if it is one.
refusal_flaw() {
	[ "$got" -eq "$1" ] || echo "wanted exit status $1"
	[ -s "$tmp/out" ] && echo "stdout is not empty"
	[ "$(wc -l <"$tmp/err")" -eq 1 ] && [ -z "$(tail -c 1 "$tmp/err")" ] ||
		echo "stderr is not one line"
	grep -q '^ellwand: ' "$tmp/err" || echo "stderr does not begin with 'ellwand: '"
	grep -Eq -e "$2" "$tmp/err" || echo "stderr does not match: $2"
}

expect() {
	test_want=$1 test_ere=$2
	shift 2
	try "$@"
	test_flaw=$(refusal_flaw "$test_want" "$test_ere")
	if [ -z "$test_flaw" ]; then
		pass "refused with $test_want: $*"
	else
		fail "refused with $test_want: $*"
		echo "$test_flaw" | note
		show_try
	fi
}

# Refs, HEAD, and name, size and checksum of every object file of a repository.
trace() {
	test_git=$(git -C "$1" rev-parse --absolute-git-dir) || return
	cat "$test_git/HEAD"
	git -C "$1" for-each-ref
	find "$test_git/objects" -type f -exec cksum {} + | LC_ALL=C sort
}

refused_leaves_no_trace() {
	test_store=$1
	shift
	must trace "$test_store"
	cp "$tmp/out" "$tmp/.lib/before"
	try "$@"
	test_got=$got
	cp "$tmp/out" "$tmp/.lib/out"
	cp "$tmp/err" "$tmp/.lib/err"
	must trace "$test_store"
	if [ "$test_got" -ne 0 ] && [ "$test_got" -lt 126 ] && cmp -s "$tmp/.lib/before" "$tmp/out"; then
		pass "refused without a trace: $*"
	else
		fail "refused without a trace: $*"
		echo "exited with $test_got; refs and objects changed by:" | note
		diff -u "$tmp/.lib/before" "$tmp/out" | sed 1,2d | note
	fi
	got=$test_got
	mv "$tmp/.lib/out" "$tmp/out"
	mv "$tmp/.lib/err" "$tmp/err"
}

must() {
	try "$@"
	[ "$got" -eq 0 ] && return
	show_try
	echo "Bail out!  set-up failed: $*"
	exit 1
}

key() {
	must ssh-keygen -q -t ed25519 -N '' -C "$1@example.org" -f "$tmp/$1"
}

# Output comes through a terminal, which makes CR LF of LF.
on_terminal() {
	TERM=${TEST_TERM:-xterm} script -qec "$1" /dev/null </dev/null | tr -d '\r'
}
