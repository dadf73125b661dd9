#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# log: commits, newest first, and the story of one label.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/almanac.sh
. "$root/tests/lib/almanac.sh"
export ELLWAND_PAGER=

almanac s
git -C s rev-list HEAD >commits

# Commits
ok "a log" ellwand -C s log
cp out log
is "lists the commits that git does, in its order" "$(cut -d ' ' -f 1 log)" "$(cut -c 1-7 commits)"
like "with date, author and subject" "$(cat log)" \
	'^[0-9a-f]{7}  2026-01-01  m@example.org           abstain batch/06: TOM24-001 -> N/A$'
like "with the first release" "$(cat log)" '  \[v1.0\]  import 28 labels into train$'
like "and the second" "$(head -n 1 log)" '  \[v2.0\]  withdraw 2 labels$'
is "and no other" "$(grep -c '  \[v' log)" 2
is "a long subject is cut" "$(grep -c '.\{130\}' log)" 0
is "--oneline has subjects whole" "$(ellwand -C s log --oneline | sed 's/ \[v[0-9.]*\]//')" "$(git -C s log --format='%h %s' --abbrev=7)"
is "of a release" "$(ellwand -C s log --oneline v1.0)" \
	"$(ellwand -C s log --oneline | sed -n '/v1.0/,$p')"
is "of a commit" "$(ellwand -C s log HEAD~3)" "$(sed 1,3d log)"
is "-n" "$(ellwand -C s log -n 2)" "$(head -n 2 log)"
is "-n of more than there are" "$(ellwand -C s log -n 1000)" "$(cat log)"
declaring() { git -C s log --format='%h %s' --abbrev=7 --grep="^Ellwand-Event: $1\$"; }
short() { ellwand -C s log --oneline "$@" | sed 's/ \[v[0-9.]*\]//'; }
is "--event" "$(short --event import)" "$(declaring import)"
is "--event and -n" "$(short --event relabel -n 3)" "$(declaring relabel | head -n 3)"
is "--event any" "$(ellwand -C s log --event any)" "$(cat log)"
is "--author" "$(ellwand -C s log --author m@example)" "$(cat log)"
is "--author of nobody" "$(ellwand -C s log --author nobody)" ""

# Machines
ellwand -C s log --json >json
judged ellwand.log json
is "the commits that git lists" "$(member .commit <json)" "$(cat commits)"
is "their subjects" "$(member .subject <json)" "$(git -C s log --format=%s)"
is "their events" "$(member .event <json)" "$(git -C s log --format='%(trailers:key=Ellwand-Event,valueonly,separator=)')"
is "their pins" "$(member .answers <json)" \
	"$(git -C s log --format='%(trailers:key=Ellwand-Answers,valueonly,separator=)')"
is "their releases" "$(member .release <json | grep -v null)" "$(printf 'v2.0\nv1.0')"
is "--jsonl is the same" "$(ellwand -C s log --jsonl)" "$(cat json)"

# A label's story
ok "a story" ellwand -C s log harvest/11
cp out story
like "begins with the last change" "$(head -n 1 story)" \
	'^[0-9a-f]{7}  2026-01-01  m@example.org  disambiguate, first in \[v2.0\]$'
like "says what it did" "$(cat story)" '^    2024-04-23 → 2024-05-23 \(03/04/2024 is 3 April, day first\) or '
like "of what class" "$(cat story)" '^    made ambiguous; other confidence, provenance$'
like "why" "$(cat story)" '^    Nothing in the question says whether day or month comes first'
like "and goes back to the first" "$(cat story)" '  import, first in \[v1.0\]$'
like "ends with where it came from" "$(tail -n 1 story)" \
	"^Came from train-v1.jsonl \(sha256:$(sha256sum <train-v1.jsonl | cut -c 1-12)…\), split train.\$"
is "-n leaves the rest out" "$(ellwand -C s log harvest/11 -n 1)" "$(sed '/import, first in/,$d' story)"
is "--oneline" "$(ellwand -C s log --oneline dilution/03 | sed 's/^[0-9a-f]* //')" \
	"$(printf '%s\n' '[v2.0] relabel: 0.1 mL [0.095, 0.105] → 100 mL [99, 101]' '[v1.0] import: 0.1 mL')"
is "as of a release" "$(ellwand -C s log --oneline v1.0:harvest/11 | sed 's/^[0-9a-f]* //')" \
	'[v1.0] import: 2024-04-23'
ok "of a label that was removed" ellwand -C s log storage/05
like "says that it was" "$(cat out)" '^    removed$'
like "and why" "$(cat out)" 'worked example on the handout'
is "also from before" "$(ellwand -C s log v1.0:storage/05 --json | member .event)" import

stories() {
	for id in harvest/11 dilution/03 storage/05 rotation/06 watering/01 batch/04; do
		ellwand -C s log --json $id
	done
}
stories >told
judged ellwand.log told
same=yes
for id in harvest/11 dilution/03 storage/05 watering/01 harvest/05; do
	name=$(printf '%s' "$id" | sed 's|/|%2f|').json
	path=$(git -C s ls-tree -r --name-only v1.0 labels | grep "/$name\$")
	[ "$(ellwand -C s log --json $id | member .commit)" = "$(git -C s log --format=%H -- "$path")" ] || same=$id
done
is "the commits that git says changed the file" "$same" yes
is "the class of each" "$(member .change.class <told | sort | uniq -c | tr -s ' ')" \
	"$(printf '%s\n' ' 6 added' ' 1 beyond-band' ' 1 form-only' ' 1 made-ambiguous' ' 1 readings' ' 2 removed')"
is "before the first there was none" "$(ellwand -C s log --json harvest/11 | tail -n 1 | member .change.before)" null
is "each label goes on where the one before ended" \
	"$(ellwand -C s log --json harvest/11 | sed -n 1p | member .change.before)" \
	"$(ellwand -C s log --json harvest/11 | sed -n 2p | member .change.after)"
is "with the split that it was in" "$(ellwand -C s log --json storage/05 | member .change.split)" "$(printf 'test\ntest')"
must rm -r s/.git/ellwand
is "without the index it is the same" "$(stories)" "$(cat told)"

# Which release came first, although the clock stood still
must ellwand init still --name Still
must ellwand -C still import train-v1.jsonl --split train --preset jsonl
must ellwand -C still relabel watering/12 --value 1 -m one
must ellwand -C still release v1.0
must ellwand -C still relabel watering/12 --value 2 -m two
must ellwand -C still relabel watering/12 --value 3 -m three
must ellwand -C still release v2.0
must ellwand -C still relabel watering/12 --value 4 -m four
must ellwand -C still relabel watering/13 --value 5 -m five
must ellwand -C still release v3.0
must ellwand -C still relabel watering/12 --value 6 -m six
is "releases of a label's story" "$(ellwand -C still log --json watering/12 | member .release)" \
	"$(printf '%s\n' null v3.0 v2.0 v2.0 v1.0 v1.0)"
is "of another's" "$(ellwand -C still log --json watering/13 | member .release)" "$(printf '%s\n' v3.0 v1.0)"
is "reasons" "$(ellwand -C still log --json watering/12 | member .text | grep -v null)" \
	"$(printf '%s\n' six four three two one)"

# Refusals
expect 3 "^ellwand: nosuch: neither a label of HEAD nor a revision; " ellwand -C s log nosuch
expect 3 "^ellwand: nosuch: v1.0 has no label of this id" ellwand -C s log v1.0:nosuch
expect 2 "--event takes any, init, import, .* or reshard, not 'change'" ellwand -C s log --event change
expect 2 "^ellwand: log: -n takes " ellwand -C s log -n 0
expect 2 "^ellwand: log: -n takes " ellwand -C s log -n x
expect 2 "takes no more than 1 operand" ellwand -C s log a b
mkdir none
expect 9 "^ellwand: " ellwand -C none log

# Damage: what is not written as a store's commits are is no story to tell.
must cp -R s foreign
must git -C foreign update-ref refs/heads/main "$(git -C foreign commit-tree -p HEAD -m plain 'HEAD^{tree}')"
expect 3 "^ellwand: commit [0-9a-f]{40}: " ellwand -C foreign log

# Lost output
if [ -e /dev/full ]; then
	ellwand -C s log >/dev/full 2>err
	is "a full disk is an I/O error" $? 6
	is "said on one line" "$(grep -c '^ellwand: standard output: ' err)" 1
else
	skip "a full disk" "no /dev/full"
fi
finish
