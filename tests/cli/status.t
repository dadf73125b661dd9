#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# status: the store at a glance, and what to do next.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/almanac.sh
. "$root/tests/lib/almanac.sh"

key m
export ELLWAND_KEY="$tmp/m" ELLWAND_PRINCIPAL=m@example.org
must cp "$root/examples/almanac/train-v1.jsonl" .

next() { ellwand -C s status | sed -n 's/^Next: //p'; }
json() { ellwand -C s status --json >json && member "$1" <json; }

must ellwand init s --name 'An almanac'
ok "a new store" ellwand -C s status
like "its name" "$(head -n 1 out)" '^An almanac$'
like "its branch and commit" "$(cat out)" \
	"^branch main at $(git -C s rev-parse HEAD | cut -c 1-7), 2026-01-01 by m@example.org\$"
like "has no release" "$(cat out)" '^no release yet$'
like "has no labels" "$(cat out)" '^No labels yet.$'
is "wants some" "$(next)" "ellwand import TABLE --split test --preset jsonl"
is "counts none" "$(json .labels)" 0
judged ellwand.status json

must ellwand -C s import train-v1.jsonl --split train --preset jsonl
ok "with labels" ellwand -C s status
like "how many" "$(cat out)" '^  train  28$'
is "one split needs no sum" "$(grep -c 'all labels' out)" 0
is "wants a release" "$(next)" "ellwand release v1.0 gives this version a number"
is "no release" "$(json .release)" null
judged ellwand.status json
is "its pin" "$(json .records)" "$(ellwand -C s pin)"
like "is said" "$(cat out)" "^records  $(ellwand -C s pin)\$"
is "its answers pin" "$(json .answers)" "$(ellwand -C s pin --answers)"
like "is said too" "$(cat out)" "^answers  $(ellwand -C s pin --answers)\$"

must ellwand -C s release v1.0
ok "released" ellwand -C s status
like "is said" "$(cat out)" '^last release v1.0, which is what HEAD holds$'
is "wants to be pinned" "$(next)" "ellwand pin v1.0 prints what a consumer writes down"
is "no commits since" "$(json .release.commits_since)" 0
judged ellwand.status json

tick
must ellwand -C s relabel watering/12 --value 1 -m one
like "a commit since" "$(ellwand -C s status)" '^last release v1.0, 1 commit since$'
must ellwand -C s relabel watering/12 --value 2 -m two
ok "commits since" ellwand -C s status
like "are counted" "$(cat out)" '^last release v1.0, 2 commits since$'
is "as git counts them" "$(json .release.commits_since)" "$(git -C s rev-list --count v1.0..HEAD)"
is "wants to be compared" "$(next)" "ellwand compat v1.0 HEAD says what number the next release needs"
is "its time" "$(json .time)" 2026-01-01T00:01:00Z

sed -n 's|"id": "|&more/|; 1,3p' train-v1.jsonl >more.jsonl
must ellwand -C s import more.jsonl --split test --preset jsonl
ok "several splits" ellwand -C s status
like "each" "$(cat out)" '^  test         3$'
like "and all" "$(cat out)" '^  all labels  31$'
is "in order" "$(json .splits)" '[{"labels":3,"name":"test"},{"labels":28,"name":"train"}]'
is "a release of two numbers at one commit" "$(must ellwand -C s release v2.0; json .release.name)" v2.0

# A release on another line of history is not this one's.
must git -C s branch old v1.0
must git -C s symbolic-ref HEAD refs/heads/old
is "the last release of this branch" "$(json .release.name)" v1.0
is "its name" "$(json .branch)" old
must git -C s update-ref --no-deref HEAD "$(git -C s rev-parse 'v2.0^{commit}')"
like "no branch" "$(ellwand -C s status)" '^no branch, HEAD at [0-9a-f]{7}, '
is "is none" "$(json .branch)" null
judged ellwand.status json

must ellwand init licensed --name Licensed --licence CC-BY-4.0
like "a licence" "$(ellwand -C licensed status)" '^Licensed \(CC-BY-4.0\)$'
is "is in the JSON" "$(ellwand -C licensed status --json | member .licence)" CC-BY-4.0

# Refusals
expect 2 "takes no more than 0 operands" ellwand -C s status x
mkdir none
expect 9 "^ellwand: " ellwand -C none status
must git init -q plain
must git -C plain commit -q --allow-empty -m one
expect 3 "^ellwand: commit [0-9a-f]{40}: " ellwand -C plain status
must git init -q --bare empty.git
expect 3 "^ellwand: HEAD: the branch has no commit yet" ellwand -C empty.git status
if [ -e /dev/full ]; then
	ellwand -C s status >/dev/full 2>err
	is "a full disk is an I/O error" $? 6
else
	skip "a full disk" "no /dev/full"
fi
finish
