#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# verify of a history that several threads judge: the oldest fault is the one that is told.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"

key m
export ELLWAND_KEY="$tmp/m" ELLWAND_PRINCIPAL=m@example.org
must ellwand init s --name Long
for i in 1 2 3 4 5 6 7 8 9; do
	printf '{"id":"q%s","kind":"integer","value":"0"}\n' "$i"
done >t.jsonl
must ellwand -C s import t.jsonl --split test --preset jsonl
i=0
while [ $i -lt 900 ]; do
	i=$((i + 1))
	printf '{"event":"relabel","id":"q%s","value":"%s","reason":"r"}\n' $((i % 9 + 1)) $i
done >events.jsonl
must ellwand -C s apply events.jsonl
ok "a long history" ellwand -C s verify
like "all of it" "$(cat out)" '^Good: HEAD, 9 labels, 902 signed commits\.$'
is "the first commit" "$(sed -n 's/^  root  *//p' out)" "$(git -C s rev-list --max-parents=0 HEAD)"
ok "fsck says so" ellwand -C s fsck

# From the 300th commit on each has a signature that was made for another parent.
head=$(git -C s rev-parse HEAD)
parent=$(git -C s rev-parse HEAD~601)
first=
for commit in $(git -C s rev-list --reverse HEAD~600..HEAD); do
	parent=$(git -C s cat-file commit "$commit" | sed "2s/.*/parent $parent/" |
		git -C s hash-object -t commit -w --stdin) || exit 99
	first=${first:-$parent}
done
must git -C s update-ref refs/heads/main "$parent" "$head"
status 1 "forged from there on" ellwand -C s verify
like "the first of them is named" "$(cat err)" "commit $first: "
status 8 "and by fsck" ellwand -C s fsck
like "the same one" "$(cat out)" "commit $first: "
ok "what was before it stands" ellwand -C s verify HEAD~600

finish
