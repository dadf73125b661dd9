#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What all commands have in common: usage, errors, output, terminal.
# shellcheck source=tests/lib/lib.sh disable=SC2016 # lines for another shell
. "$(dirname "$0")/../lib/lib.sh"

# Usage
expect 2 "^ellwand: no command is given; see ellwand -h$" ellwand
expect 2 "^ellwand: no command 'versoin', did you mean 'version'; see ellwand -h$" ellwand versoin
expect 2 "^ellwand: no command 'frobnicate'; see ellwand -h$" ellwand frobnicate
expect 2 "no command 'frobnicate'" ellwand help frobnicate
expect 2 "^ellwand: unknown option --no-pagr, did you mean --no-pager; see ellwand -h$" \
	ellwand --no-pagr version
expect 2 "^ellwand: version: unknown option --jsno; see ellwand version -h$" ellwand version --jsno
expect 2 "^ellwand: version: takes no more than 0 operands, not 1; see ellwand version -h$" \
	ellwand version x
expect 2 "--color takes auto, always or never, not 'red'" ellwand --color=red version
expect 2 "-C needs DIR behind it" ellwand -C
expect 2 "^ellwand: -C nowhere: No such file or directory" ellwand -C nowhere version
expect 2 "SOURCE_DATE_EPOCH: 'soon' is no number" env SOURCE_DATE_EPOCH=soon ellwand version
esc=$(printf '\033')
expect 2 "unknown option --\?\[31m;" ellwand "--${esc}[31m"
expect 2 "no command '<U\+202E>x'" ellwand "$(printf '\342\200\256x')"

# Help
ok "-h succeeds" ellwand -h
is "and says nothing on stderr" "$(cat err)" ""
for c in $(ellwand help | sed -n 's/^  \([a-z]*\)  .*/\1/p'); do
	ok "$c -h succeeds" ellwand "$c" -h
	like "and shows the usage" "$(head -n 1 out)" "^usage: ellwand $c"
	is "help $c is the same" "$(ellwand help "$c")" "$(cat out)"
	ok "-h is enough, whatever else is there" ellwand "$c" -h --nonsense x y z
	is "no line of it is longer than 79 columns" "$(grep -c '.\{80\}' out)" 0
done
is "-h and help are the same" "$(ellwand help)" "$(ellwand -h)"
like "--version" "$(ellwand --version)" '^ellwand [0-9]+\.[0-9]+\.[0-9]+$'
is "is version" "$(ellwand version)" "$(ellwand --version)"
mkdir dir
ok "-C more than once" ellwand -C dir -C ../dir version

# Output that is lost
if [ -e /dev/full ]; then
	ellwand help >/dev/full 2>err
	is "a full disk is an I/O error" $? 6
	like "and says so" "$(cat err)" '^ellwand: standard output: cannot write: '
	is "on one line" "$(wc -l <err)" 1
else
	skip "a full disk" "no /dev/full"
fi
ellwand help >&- 2>err
is "so is a closed stdout" $? 6
like "with its reason" "$(cat err)" '^ellwand: standard output: '
ellwand version 2>&- >out
is "a closed stderr does not matter" "$? $(cat out)" "0 $(ellwand version)"
mkfifo pipe
: <pipe &
reader=$!
(trap '' PIPE; exec 3>pipe; wait_for() { while kill -0 "$1" 2>/dev/null; do sleep 0.02; done; }
	wait_for "$reader"; ellwand help >&3 2>err; echo $? >status)
is "so is a pipe that nobody reads" "$(cat status)" 6
like "and it is said" "$(cat err)" '^ellwand: standard output: '

# Terminal
is "no escape sequences but on a terminal" "$(ellwand help | grep -c "$esc")" 0
like "unless they are asked for" "$(ellwand --color=always help)" "$esc"
if command -v script >/dev/null && [ -n "$(on_terminal 'ellwand version')" ]; then
	no_esc() { is "$1" "$(on_terminal "$2" | grep -c "$esc")" 0; }
	like "colour on a terminal" "$(on_terminal 'ellwand --no-pager help')" "$esc"
	no_esc "not with NO_COLOR" 'NO_COLOR=1 ellwand --no-pager help'
	like "an empty NO_COLOR is none" "$(on_terminal 'NO_COLOR= ellwand --no-pager help')" "$esc"
	no_esc "not with TERM=dumb" 'TERM=dumb ellwand --no-pager help'
	no_esc "not with --color=never" 'ellwand --color=never --no-pager help'
	like "--color=always goes before NO_COLOR" \
		"$(on_terminal 'NO_COLOR=1 ellwand --color=always --no-pager help')" "$esc"

	is "the pager has the output" "$(on_terminal 'PAGER="sed s/^/P:/" ellwand help version')" \
		"$(ellwand help version | sed s/^/P:/)"
	like "ELLWAND_PAGER goes before PAGER" \
		"$(on_terminal 'PAGER="sed s/^/P:/" ELLWAND_PAGER="sed s/^/E:/" ellwand help version')" '^E:'
	is "--no-pager" "$(on_terminal 'PAGER="sed s/^/P:/" ellwand --no-pager help version')" \
		"$(ellwand help version)"
	is "an empty pager is none" "$(on_terminal 'PAGER= ellwand help version')" \
		"$(ellwand help version)"
	like "less gets what it needs" "$(on_terminal 'PAGER="echo \$LESS" ellwand help')" '^FRX$'
	is "a command without long output has no pager" \
		"$(on_terminal 'PAGER="sed s/^/P:/" ellwand version')" "$(ellwand version)"
	is "no pager for an error" "$(on_terminal 'PAGER="sed s/^/P:/" ellwand help nonsense')" \
		"ellwand: no command 'nonsense'; see ellwand -h"
	is "to quit the pager is no failure" \
		"$(on_terminal 'PAGER="head -n 0" ellwand help; echo $?')" 0
	like "a pager that is not there is one" \
		"$(on_terminal 'PAGER=/nonexistent/pager ellwand help; echo "exit $?"')" '^exit 6$'
	like "and it is said what to do" "$(on_terminal 'PAGER=/nonexistent/pager ellwand help')" \
		'^ellwand: the pager cannot be run; set ELLWAND_PAGER or give --no-pager$'
else
	skip "colour and pager" "script(1) gives no terminal"
fi
finish
