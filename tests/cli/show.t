#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# show: a label at a version, a commit and what it changed.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/almanac.sh
. "$root/tests/lib/almanac.sh"
export ELLWAND_PAGER=

almanac s

# Labels
ok "a label of HEAD" ellwand -C s show harvest/11
cp out now
like "its place" "$(cat now)" '^harvest/11 in split train at HEAD$'
like "its state" "$(cat now)" '^state +ambiguous$'
is "its readings" "$(grep -c '^reading ' now)" 2
like "with their assumptions" "$(cat now)" '^reading +2024-05-23 \(date\) if 03/04/2024 is 3 April, day first$'
like "its confidence" "$(cat now)" '^confidence +single$'
like "its provenance" "$(cat now)" '^provenance +human by m@example.org$'
like "the commit that changed it" "$(cat now)" '^changed +[0-9a-f]{7}, 2026-01-01 by m@example.org$'
like "is the one git finds" "$(cat now)" \
	"^changed +$(git -C s log -1 --format=%h --abbrev=7 --grep='^Ellwand-Label: harvest/11$'),"
like "an attribute" "$(cat now)" '^  topic +garden$'
like "the question" "$(cat now)" '^  case +sown 03/04/2024; ripe after 50 days$'
is "no line is longer than 80 columns" "$(grep -c '.\{81\}' now)" 0

ok "the same label as a release had it" ellwand -C s show v1.0:harvest/11
like "says which" "$(cat out)" '^harvest/11 in split train at v1.0$'
like "its answer then" "$(cat out)" '^answer +2024-04-23 \(date\)$'
ok "a number" ellwand -C s show v1.0:dilution/03
like "its unit and kind" "$(cat out)" '^answer +0.1 mL \(decimal\)$'
like "its band" "$(cat out)" '^band +0.095 to 0.105 mL$'
like "its source" "$(cat out)" '^provenance +import from test-v1.csv$'
ok "an abstention" ellwand -C s show batch/06
like "what is missing" "$(cat out)" '^missing +the day of picking$'
like "why" "$(cat out)" '^reason +No day of picking is given'

# Machines
ok "--raw" ellwand -C s show --raw harvest/11
cp out raw
path=$(git -C s ls-tree -r --name-only HEAD labels | grep 'harvest%2f11.json$')
git -C s cat-file blob "HEAD:$path" >record
ok "is the blob" cmp record raw
ok "--json" ellwand -C s show --json harvest/11
cp out json
judged ellwand.show json
is "its digest is that of the blob" "$(member .digest <json)" "$(sha256sum <record | cut -d ' ' -f 1)"
is "its label is the record" "$(member .label <json)" "$(cat record)"
is "its instance's digest is the label's" "$(member .instance.digest <json)" "$(member .label.instance <json)"
is "is that of the input" "$(member .instance.digest <json)" \
	"$(member .instance.input <json | tr -d '\n' | sha256sum | cut -d ' ' -f 1)"
is "its commit" "$(member .commit <json)" "$(git -C s rev-parse HEAD)"
is "its last change" "$(member .changed.event <json)" disambiguate
is "as of a release" "$(ellwand -C s show --json v1.0:harvest/11 | member .changed.event)" import
is "its commit then" "$(ellwand -C s show --json v1.0:harvest/11 | member .commit)" \
	"$(git -C s rev-parse 'v1.0^{commit}')"

# Commits
ok "HEAD's commit" ellwand -C s show
cp out commit
like "its id and release" "$(cat commit)" "^commit $(git -C s rev-parse HEAD) \[v2.0\]\$"
like "its event" "$(cat commit)" '^event +withdraw$'
like "its subject" "$(cat commit)" '^    withdraw 2 labels$'
like "what it changed" "$(cat commit)" '^2 removed$'
like "each label" "$(cat commit)" '^    storage/05  D$'
is "is that of its release" "$(ellwand -C s show v2.0)" "$(cat commit)"
ok "an import" ellwand -C s show v1.0
like "its source" "$(cat out)" '^source +sha256:[0-9a-f]{64}$'
like "how many" "$(cat out)" '^28 added$'
is "the first ten" "$(grep -c '^    [a-z-]*/[0-9][0-9]  ' out)" 10
like "and how many more" "$(cat out)" '^    … 18 more$'
like "and how to see them" "$(tail -n 1 out)" '^--full shows the rest.$'
is "--full" "$(ellwand -C s show --full v1.0 | grep -c '^    [a-z-]*/[0-9][0-9]  ')" 28
ok "a relabelling" ellwand -C s show "HEAD~1"
like "from what to what" "$(cat out)" '^    batch/06  TOM24-001 → N/A$'
first=$(git -C s rev-list --max-parents=0 HEAD)
ok "the first commit" ellwand -C s show "$first"
like "changed no label" "$(cat out)" '^No label changed.$'
for rev in HEAD v1.0 HEAD~1 "$first"; do
	ellwand -C s show --json "$rev" >>commits
done
judged ellwand.show commits
is "counts of an import" "$(ellwand -C s show --json v1.0 | member .counts.added)" 28
is "its releases" "$(ellwand -C s show --json v1.0 | member .releases)" '["v1.0"]'
is "its parent" "$(ellwand -C s show --json v1.0 | member .parent)" "$(git -C s rev-parse 'v1.0^{commit}^')"
is "its event" "$(ellwand -C s show --json v1.0 | member .logged.event)" import

# Ids that look like addresses
must ellwand init odd --name Odd
cat >odd.jsonl <<-'END'
	{"id":"v1.0","value":"1"}
	{"id":"v1.0:x","value":"2"}
	{"id":"x","value":"3"}
	{"id":"a:b/c:d","value":"4"}
	{"id":"HEAD","value":"5"}
	{"id":"long","value":"6","state":"computable","input":{"note":"word word word word"}}
END
perl -pi -e 's/word word word word/join " ", ("word") x 2000/e' odd.jsonl
must ellwand -C odd import odd.jsonl --split test --preset jsonl
must ellwand -C odd release v1.0
value() { ellwand -C odd show --json "$1" | member .label.answer.value; }
is "an id goes before the release of its name" "$(value v1.0)" 1
is "which its full name still names" "$(ellwand -C odd show --json refs/tags/v1.0 | member .logged.event)" import
is "an id with a colon goes before a label of a release" "$(value v1.0:x)" 2
is "which a full name still names" "$(value refs/tags/v1.0:x)" 3
is "ids with colons and slashes" "$(value a:b/c:d)" 4
is "at a version" "$(value HEAD:a:b/c:d)" 4
is "an id called HEAD" "$(value HEAD)" 5
is "at HEAD" "$(value HEAD:HEAD)" 5
is "at a branch" "$(value main:v1.0:x)" 2

# Long texts
ok "a long text" ellwand -C odd show long
like "is cut" "$(cat out)" '^              … [0-9]+ more bytes$'
like "and it is said how to see it" "$(tail -n 1 out)" '^--full shows the rest.$'
ok "--full" ellwand -C odd show --full long
is "has all words" "$(grep -o word out | wc -l)" 2000
is "and no hint" "$(grep -c -e --full out)" 0

# A question that stays with its owner
must ellwand init hidden --name Hidden
must ellwand -C hidden import train-v1.jsonl --split train --preset jsonl --digest-only
ok "only a digest of the question" ellwand -C hidden show harvest/11
like "is said" "$(cat out)" '^The question stays with its owner; only its digest is here.$'
ellwand -C hidden show --json harvest/11 >json
judged ellwand.show json
is "and there is no input" "$(member .instance.input <json)" null

# Text that would drive a terminal
printf '%s\n' '{"id":"rtl","kind":"text","value":"a\u202eb"}' >rtl.jsonl
must ellwand -C odd import rtl.jsonl --split more --preset jsonl
like "bytes as they are in a pipe" "$(ellwand -C odd show rtl)" "$(printf 'a\342\200\256b')"
if command -v script >/dev/null && [ -n "$(on_terminal 'ellwand version')" ]; then
	like "spelled out on a terminal" "$(on_terminal 'ellwand -C odd --no-pager show rtl')" 'a<U\+202E>b'
else
	skip "spelled out on a terminal" "script(1) gives no terminal"
fi

# Refusals
expect 3 "^ellwand: nosuch: neither a label of HEAD nor a revision; " ellwand -C s show nosuch
expect 3 "^ellwand: nosuch:harvest/11: neither a label of HEAD nor a revision; " \
	ellwand -C s show nosuch:harvest/11
expect 3 "^ellwand: nosuch: v1.0 has no label of this id; see ellwand log nosuch$" \
	ellwand -C s show v1.0:nosuch
expect 3 "^ellwand: storage/05: neither a label of HEAD" ellwand -C s show storage/05
ok "a label that was removed, where it was" ellwand -C s show v1.0:storage/05
expect 3 "neither a label of HEAD nor a revision" ellwand -C s show "$(printf 'a\nb')"
expect 3 "neither a label of HEAD nor a revision" ellwand -C s show ''
expect 2 "^ellwand: show: --raw goes with a label, as REV:ID; see ellwand show -h$" ellwand -C s show --raw
expect 2 "^ellwand: show: --json and --raw are two forms; give one; " ellwand -C s show --raw --json x
expect 2 "takes no more than 1 operand, not 2" ellwand -C s show a b
mkdir none
expect 9 "^ellwand: " ellwand -C none show
must git init -q --bare empty.git
expect 3 "^ellwand: HEAD: the branch has no commit yet" ellwand -C empty.git show

# Damage
must cp -R s damaged
blob=$(git -C damaged rev-parse "HEAD:$path")
mkdir packs
find damaged/.git/objects/pack -type f -exec mv {} packs \;
for pack in packs/*.pack; do
	git -C damaged unpack-objects -q <"$pack"
done
must rm -f "damaged/.git/objects/$(echo "$blob" | sed 's|^..|&/|')"
expect 8 "^ellwand: .*$blob" ellwand -C damaged show harvest/11
ok "other labels are still shown" ellwand -C damaged show harvest/12

if [ -e /dev/full ]; then
	ellwand -C s show harvest/11 >/dev/full 2>err
	is "a full disk is an I/O error" $? 6
else
	skip "a full disk" "no /dev/full"
fi
finish
