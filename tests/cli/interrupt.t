#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Ctrl-C, and the like: work ends with status 130 and one line, as if it had never begun;
# or it was done already.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/store.sh
. "$root/tests/lib/store.sh"

store s
questions 1001 151000 >many.jsonl
revisions 1 12 5 >once.jsonl
i=0
while [ $i -lt 1000 ]; do
	i=$((i + 1))
	sed "s/\"value\":\"5\"/\"value\":\"$((i % 2 + 6))\"/" once.jsonl
done >events.jsonl

# One signal after so many seconds: a second would kill, and a shell's own jobs ignore SIGINT.
after() {
	test_signal=$1 test_seconds=$2
	shift 2
	timeout --foreground --preserve-status -k 20 -s "$test_signal" "$test_seconds" "$@"
}

for seconds in 0.05 0.1 0.25; do
	refuses s 130 'interrupted' after INT $seconds \
		ellwand -C s import many.jsonl --split test --preset jsonl
	is "with no temporary file left" "$(find s/.git -name 'tmp_*')" ""
done
for signal in INT TERM HUP; do
	refuses s 130 'interrupted' after $signal 0.1 ellwand -C s apply events.jsonl
	is "with no temporary file left" "$(find s/.git -name 'tmp_*')" ""
done
refuses s 130 'interrupted' after INT 0.1 ellwand -C s import many.jsonl --split test --preset jsonl --update

# While it waits for input, or for another writer.
mkfifo pipe
sleep 20 >pipe &
holder=$!
exec 3<pipe
refuses s 130 'interrupted' after INT 0.3 sh -c 'exec ellwand -C s apply - <&3'
exec 3<&-
kill $holder
refuses s 130 'interrupted' after INT 0.3 ellwand -C s apply pipe
if command -v flock >/dev/null; then
	flock s/.git/ellwand.lock sleep 20 &
	holder=$!
	sleep 0.2
	refuses s 130 'interrupted' after INT 0.3 ellwand -C s relabel q/1 --value 5 -m why
	ok "meanwhile all can be read" ellwand -C s show q/1
	kill $holder
else
	skip "waiting for another writer" "flock is not installed"
fi

finish
