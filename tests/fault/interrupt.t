#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# An interrupt at any system call of a change: it was made and said so, or it was not.
# FULL=1 for every call.
# In memory, where a sync costs nothing.
[ -d /dev/shm ] && [ -w /dev/shm ] && TMPDIR=/dev/shm
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/store.sh
. "$root/tests/lib/store.sh"
calls=openat,write,fsync,rename,read
share=40
# shellcheck source=tests/lib/fault.sh
. "$root/tests/lib/fault.sh"
store base
cp -r base s
old=$(git -C s for-each-ref)
faults ellwand -C s relabel q/1 --value 5 -m why
bad=0
while read -r call n; do
	rm -rf s
	cp -r base s
	strike "$call" "$n" signal=SIGINT ellwand -C s relabel q/1 --value 5 -m why
	new=$(git -C s for-each-ref)
	case $got in
	0) [ "$new" != "$old" ] && continue ;;
	130) [ "$new" = "$old" ] && [ "$(wc -l <err)" -eq 1 ] && continue ;;
	esac
	bad=$((bad + 1))
	echo "interrupted at $call $n: ended with $got: $(cat err)" | note
done <faults
is "interrupted anywhere, $(wc -l <faults) points" $bad 0

finish
