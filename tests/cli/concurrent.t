#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Many writers at once, stock git among them, and git's housekeeping beside: each change
# that was said to be made is in the history once, and the history is one line.
# In memory, where a sync costs nothing.
[ -d /dev/shm ] && [ -w /dev/shm ] && TMPDIR=/dev/shm
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/store.sh
. "$root/tests/lib/store.sh"

each=${FULL:+100}
each=${each:-12}
store base 16

# Writer $1 makes $each changes; what was acknowledged goes to acks.$1, other ends to odd.$1.
write_labels() {
	i=0
	while [ $i -lt "$each" ]; do
		i=$((i + 1))
		ellwand -C s relabel "q/$1" --value "$((1000 + i))" -m "by writer $1" --json \
			>"out.$1" 2>"err.$1"
		case $? in
		0) sed -n 's/.*"commit":"\([0-9a-f]*\)".*/\1/p' "out.$1" >>"acks.$1" ;;
		5) i=$((i - 1)) && echo busy >>"busy.$1" ;;
		*) cat "err.$1" >>"odd.$1" ;;
		esac
	done
}

# The same by stock git, whose commits need not say the truth: they are to stay.
write_with_git() {
	i=0
	while [ $i -lt "$each" ]; do
		old=$(git -C s rev-parse refs/heads/main)
		new=$(git -C s log -1 --format=%B "$old" | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}' |
			git -C s -c gpg.format=ssh -c user.signingKey="$tmp/tester" \
				commit-tree -S -p "$old" "$old^{tree}")
		if git -C s update-ref refs/heads/main "$new" "$old" 2>/dev/null; then
			i=$((i + 1))
			echo "$new" >>acks.git
		else
			echo busy >>busy.git
		fi
	done
}

# What goes on beside, until the file `stop` is there.
keep_house() {
	while ! [ -e stop ]; do
		git -C s pack-refs --all 2>>house
		git -C s repack -dq 2>>house
		ellwand -C s log >/dev/null 2>>reads || echo "log: $?" >>reads
		ellwand -C s pin >/dev/null 2>>reads || echo "pin: $?" >>reads
	done
}

contest() {
	writers=$1 with_git=$2
	rm -rf s acks.* busy.* odd.* stop reads house err.* out.*
	cp -r base s
	first=$(git -C s rev-parse HEAD)
	: >reads
	pids=''
	w=0
	keep_house &
	house=$!
	while [ $w -lt "$writers" ]; do
		w=$((w + 1))
		write_labels $w &
		pids="$pids $!"
	done
	if [ "$with_git" ]; then
		write_with_git &
		pids="$pids $!"
	fi
	# shellcheck disable=SC2086 # numbers
	wait $pids
	: >stop
	wait "$house"
	cat acks.* | sort >acked
	git -C s rev-list --first-parent "$first..HEAD" | sort >there
	wanted=$((each * (writers + ${with_git:-0})))
	is "$writers writers${with_git:+ and git}: each came through" "$(wc -l <acked)" "$wanted"
	is "with what it was told, each once" "$(comm -3 acked there)" ""
	is "in one line" "$(git -C s rev-list --merges HEAD | wc -l)" 0
	is "with no other end" "$(cat odd.* 2>/dev/null)" ""
	is "nobody who read was told otherwise" "$(sort reads | uniq -c)" ""
	ok "stock git finds the store sound" git -C s fsck --strict --no-dangling
	is "each writer's last word stands" "$(for w in $(seq "$writers"); do
		ellwand -C s show "q/$w" | sed -n 's/^answer *\([0-9]*\).*/\1/p'
	done | sort -u)" $((1000 + each))
	is "no lock or temporary file stays" "$(find s/.git -name 'tmp_ellwand*' -o -path '*/refs/*.lock')" ""
	cat busy.* 2>/dev/null | wc -l | sed 's/$/ times busy/' | note
}

contest 2 ''
ok "the history of two writers verifies" ellwand -C s verify
contest 8 ''
ok "the history of eight writers verifies" ellwand -C s verify
contest 4 1

# Many makers of one store: one makes it, the others are told.
for w in 1 2 3 4; do
	(
		ellwand init new --name "by $w" --key tester --principal tester@example.org \
			>"made.$w" 2>&1
		echo $? >"status.$w"
	) &
done
wait
is "one of four makes the store" "$(cat status.? | grep -c '^0$')" 1
ok "which is whole" ellwand -C new verify

# Many imports of one split.
for w in 1 2 3 4; do
	: >"again.$w"
	questions "${w}00" "${w}50" >"rows.$w"
	(
		until [ "$(wc -l <again.$w 2>/dev/null)" = 50 ] || ellwand -C new import "rows.$w" --split test --preset jsonl >"out.$w" 2>&1; do
			echo again >>"again.$w"
		done
	) &
done
wait
is "four imports at once are four imports" "$(ellwand -C new status | grep -c . >/dev/null
	git -C new ls-tree -r --name-only HEAD labels | wc -l)" 204
ok "which verify" ellwand -C new verify

finish
