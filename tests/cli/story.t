#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A year of the almanac, as Anna who maintains it, Ben who reviews it and Cleo who grades by
# it live through it, each in a folder of their own, with a host of git between them.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/history.sh
. "$root/tests/lib/history.sh"
# shellcheck source=tests/lib/almanac.sh
. "$root/tests/lib/almanac.sh"

mkdir anna ben cleo
key a
key b
cp "$root"/examples/almanac/*.csv "$root"/examples/almanac/*.json* anna

# Anna founds the store.
cd "$tmp/anna" || exit 1
ok "Anna makes a store" ellwand init almanac --name Almanac --licence CC-BY-4.0 --key ../a \
	--principal anna@example.org
cd almanac || exit 1
ok "looks at it" ellwand status
like "and is told what to do" "$(cat "$tmp/out")" '^Next: ellwand import '
expect 2 'give --preset NAME or --map MAP.json' ellwand import ../test-v1.csv --split test
expect 3 'test-v2.csv: cannot open' ellwand import test-v2.csv --split test --map ../map.json
tick
ok "imports the first table" ellwand import ../test-v1.csv --split test --map ../map.json
like "of 38 questions" "$(cat "$tmp/out")" '^ +38 added$'
ok "and the second" ellwand import ../train-v1.jsonl --split train --preset jsonl
expect 3 'id "watering/11" is in the store already; compare with --update' \
	ellwand import ../train-v1.jsonl --split train --preset jsonl
tick
ok "releases them" ellwand release v1.0 -m 'First edition'
ok "and publishes" git clone -q --bare . "$tmp/host.git"
must git remote add origin "$tmp/host.git"

# Cleo pins them, and grades by them.
cd "$tmp/cleo" || exit 1
ok "Cleo clones" git clone -q --bare "$tmp/host.git" almanac
cd almanac || exit 1
ok "writes down the pin" ellwand pin v1.0
pin=$(cat "$tmp/out")
is "which is what Anna's release says" "$pin" \
	"$(git -C "$tmp/anna/almanac" cat-file tag v1.0 | sed -n 's/^Ellwand-Records: //p')"
ok "checks it" ellwand verify v1.0 --pin "$pin"
like "and reads that it is good" "$(cat "$tmp/out")" '^Good: v1.0, 66 labels'
ok "takes the labels" ellwand export v1.0 --split test --use evaluation --format jsonl -o ../labels.jsonl
is "all of them" "$(wc -l <../labels.jsonl)" 38
expect 4 'reward' ellwand export v1.0 --split test --use reward --format jsonl

# A year later, Anna revises.
year() {
	set_clock $((SOURCE_DATE_EPOCH + 31536000))
}
year
cd "$tmp/anna/almanac" || exit 1
mark "$tmp/anna/almanac"
ok "Anna imports the revised table" ellwand import ../test-v2.csv --split test --map ../map.json --update
like "which makes a commit for each change" "$(cat "$tmp/out")" '^ +[0-9]+ relabelled$'
imported=$(news | wc -l)
ok "applies single revisions" ellwand apply ../revisions.jsonl
is "each a commit" "$(($(news | wc -l) - imported))" "$(wc -l <../revisions.jsonl)"
tick
ok "has second thoughts" ellwand relabel watering/02 --value 21 -m 'Rounded up.'
like "is told what they cost" "$(cat "$tmp/out")" '^The band \[19, 21\] went with the old answer; give --lower and --upper'
ok "and third ones" ellwand relabel watering/02 --value 20 --lower 19 --upper 21 -m 'Nothing is to be rounded.'
must ellwand compat v1.0 HEAD
like "asks whether scores will move" "$(cat "$tmp/out")" 'score-affecting, the same predictions can score otherwise'
expect 4 'demand a major' ellwand release v1.1
ok "releases as what it is" ellwand release v2.0 -m 'Second edition'
ok "publishes" git push -q origin main v2.0
sound "$tmp/anna/almanac"

# Ben reviews.
cd "$tmp/ben" || exit 1
must git clone -q "$tmp/host.git" almanac
cd almanac || exit 1
ok "Ben sees how much has changed" ellwand diff v1.0 v2.0 --stat
like "and that scores move" "$(cat "$tmp/out")" 'v1.0 → v2.0: score-affecting'
while read -r class count; do
	is "$class: as the almanac's README says" "$(ellwand diff v1.0 v2.0 --json | member ".counts.$class")" "$count"
done <<END
$(sed -n '/^| class | labels |/,/^$/p' "$root/examples/almanac/README.md" | sed -n 's/^| \([a-z-]*\) | \([0-9]*\) |$/\1 \2/p')
END
ok "reads the story of a label" ellwand log harvest/11
like "the reason" "$(cat "$tmp/out")" 'Nothing in the question says whether day or month comes first'
like "and its source" "$(cat "$tmp/out")" '^Came from train-v1.jsonl '
ok "how it was" ellwand show v1.0:harvest/11
like "one answer" "$(cat "$tmp/out")" '^answer +2024-04-23'
ok "writes a report" sh -c 'ellwand changelog v1.0 v2.0 --markdown >../CHANGES.md'
like "that names causes" "$(cat ../CHANGES.md)" 'leap-year'
expect 2 'no key to sign with' ellwand relabel watering/01 --value 1 -m 'Ben knows better'
before=$(git rev-parse HEAD)
expect 4 'none of the store.s' ellwand relabel watering/01 --value 1 -m 'Ben knows better' --key ../../b
is "nothing is his to change" "$(git rev-parse HEAD)" "$before"
echo '{"event":"relabel","id":"watering/12","value":"40.5","lower":"40","upper":"41","cause":"band","reason":"Litres are measured to the half."}' \
	>../proposal.jsonl

# Anna takes his proposal.
year
cd "$tmp/anna/almanac" || exit 1
mark "$tmp/anna/almanac"
{ cat ../../ben/proposal.jsonl; echo '{"event":"abstain","id":"watering/99","reason":"no such"}'; } >../both.jsonl
expect 3 'both.jsonl:2: watering/99: no label has this id' ellwand apply ../both.jsonl
is "half of it is not taken" "$(news)" ""
ok "Anna takes what Ben proposes" ellwand apply ../../ben/proposal.jsonl
is "one commit" "$(news) $(trailer Cause)" "relabel watering/12 band"
ok "releases" ellwand release v3.0 -m 'Third edition'
ok "publishes" git push -q origin main v3.0

# Cleo is told.
cd "$tmp/cleo/almanac" || exit 1
must git fetch -q --tags origin main:main
expect 1 'these are not the pinned labels: .*; see what changed with ellwand diff' ellwand verify --pin "$pin"
ok "Cleo's own version is still there" ellwand verify v1.0 --pin "$pin"
must ellwand compat v1.0 v3.0
like "her scores do not hold" "$(cat "$tmp/out")" 'score-affecting, the same predictions can score otherwise'
ok "what has to be answered again" ellwand diff v1.0 v3.0 --class added,input-only --json
is "is what is new, or asked otherwise" "$(member .changes <"$tmp/out" | grep -o '"class"' | wc -l)" 3
pin=$(ellwand pin v3.0)
ok "she goes on with the third" ellwand verify v3.0 --pin "$pin"

# Somebody alters the copy on the host.
cd "$tmp" || exit 1
label=$(git -C host.git ls-tree -r --name-only v3.0 | grep '^labels/.*harvest%2f04\.json$')
blob=$(git -C host.git cat-file blob "v3.0:$label" | sed 's/"value":"2023-08-03"/"value":"2023-08-13"/' |
	git -C host.git hash-object -w --stdin)
export GIT_INDEX_FILE="$tmp/index"
must git -C host.git read-tree v3.0
echo "100644 $blob	$label" | git -C host.git update-index --index-info
tree=$(git -C host.git write-tree)
unset GIT_INDEX_FILE
commit=$(git -C host.git cat-file commit 'v3.0^{commit}' | sed "1s/.*/tree $tree/" |
	git -C host.git hash-object -t commit -w --stdin)
tag=$(git -C host.git cat-file tag v3.0 | sed "1s/.*/object $commit/" | git -C host.git hash-object -t tag -w --stdin)
must git -C host.git update-ref refs/heads/main "$commit"
must git -C host.git update-ref refs/tags/v3.0 "$tag"
must git clone -q --bare host.git new
ok "git finds no fault" git -C new fsck --strict --no-progress
expect 1 'does not verify: ' ellwand -C new verify v3.0
expect 1 'does not verify: ' ellwand -C new verify v3.0 --pin "$pin"
not_ok "nor does the whole of it" ellwand -C new fsck
ok "what Cleo has is as it was" ellwand -C cleo/almanac verify v3.0 --pin "$pin"
finish
