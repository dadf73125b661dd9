#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# diff: which labels changed between two versions, and how.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/almanac.sh
. "$root/tests/lib/almanac.sh"
export ELLWAND_PAGER=

diff_json() {
	ellwand -C s diff --json "$@"
}

almanac s

# What git sees: the files of labels that differ between two versions.
changed_files() {
	git -C s diff --name-only --no-renames "$1" "$2" -- labels | sort
}

# People
ok "two versions" ellwand -C s diff v1.0 v2.0
cp out text
like "says the level" "$(head -n 1 text)" '^v1\.0 → v2\.0: score-affecting$'
like "the first version, its labels" "$(cat text)" '^  v1\.0  2026-01-01  [0-9a-f]{10}  66  labels$'
like "a class with its number" "$(cat text)" '^Value changed beyond the band \(18\)$'
like "a change of value, with limits where they changed" "$(cat text)" \
	'^  dilution/03 +test +0\.1 mL \[0\.095, 0\.105\] +→ 100 mL \[99, 101\] +band provenance$'
like "a change of limits" "$(cat text)" '^  dilution/01 +test +50 mL \[47\.5, 52\.5\] +→ \[49\.5, 50\.5\]'
like "an abstention and its reason" "$(cat text)" '^  batch/06 +train +TOM24-001 +→ N/A +No day of picking'
like "only the readings that came in" "$(cat text)" 'batch/04 +train +2 readings → 3 readings: MIX23-185 \('
like "a kind where nothing else shows" "$(cat text)" 'watering/04 .*50 L \(integer\) +→ 50 L \(decimal\)'
like "the counts" "$(cat text)" '^ +26  same$'
like "the facets" "$(cat text)" 'changed in: band [0-9]+, confidence'
is "as many lines of changes as git sees changed files" "$(grep -c '^  [a-z-]*/[0-9]' text)" \
	"$(changed_files v1.0 v2.0 | wc -l)"
is "no escape sequences in a pipe" "$(grep -c "$(printf '\033')" text)" 0
ok "--stat" ellwand -C s diff v1.0 v2.0 --stat
is "lists nothing" "$(grep -c / out)" 0
like "but counts" "$(cat out)" '^ +18  value changed beyond the band$'
ok "--class" ellwand -C s diff v1.0 v2.0 --class added,band-only
is "lists the classes asked for" "$(grep -c '^  [a-z-]*/[0-9]' out)" 5
like "and counts all" "$(cat out)" '^ +18  value changed beyond the band$'
ok "the same versions" ellwand -C s diff v2.0 v2.0
like "are identical" "$(cat out)" ': identical$'

# On a terminal
on_terminal "stty cols 60; ellwand -C s --color=always diff v1.0 v2.0" >shown
sed "s/$(printf '\033')\[[0-9]*m//g" shown >plain
is "no line of a change is wider than the terminal" "$(perl -CSD -Mutf8 -ne 'print if /→/ && length > 61' plain)" ""
like "there is colour" "$(cat shown)" "$(printf '\033')\\[31m"
is "and none with --color=never" \
	"$(on_terminal "ellwand -C s --color=never diff v1.0 v2.0" | grep -c "$(printf '\033')")" 0

# Machines
ok "--json" diff_json v1.0 v2.0
cp out json
judged ellwand.diff json
is "its schema" "$(member .schema <json)" ellwand.diff/1
is "its commits" "$(member .from.commit <json) $(member .to.commit <json)" \
	"$(git -C s rev-parse 'v1.0^{commit}') $(git -C s rev-parse 'v2.0^{commit}')"
is "its pin is what pin says" "$(member .to.records <json)" "$(ellwand -C s pin v2.0)"
is "its release" "$(member .to.release <json)" v2.0
is "all ids are counted" "$(perl -MJSON::PP -0777 -ne '
	my $d = decode_json($_); my $n = 0; $n += $_ for values %{$d->{counts}};
	print $n - $d->{counts}{added} - $d->{from}{labels}, " ", $n - $d->{counts}{removed} - $d->{to}{labels}' \
	json)" "0 0"
is "and all changes are there" "$(perl -MJSON::PP -0777 -ne '
	my $d = decode_json($_); my %n; $n{$_->{class}}++ for @{$d->{changes}};
	print join " ", grep { $_ ne "same" && $d->{counts}{$_} != ($n{$_} // 0) } keys %{$d->{counts}}' json)" ""
is "sorted by split, then id" "$(perl -MJSON::PP -0777 -ne '
	print "$_->{split} $_->{id}\n" for @{decode_json($_)->{changes}}' json)" \
	"$(perl -MJSON::PP -0777 -ne '
	print "$_->{split} $_->{id}\n" for @{decode_json($_)->{changes}}' json | sort)"
git -C s diff --raw --no-abbrev --no-renames v1.0 v2.0 -- labels | awk '{ print $4 }' | grep -v '^0*$' |
	while read -r blob; do git -C s cat-file blob "$blob" && echo; done | sort >blobs
perl -MJSON::PP -0777 -ne '
	my $j = JSON::PP->new->canonical;
	print map { $_ ? $j->encode($_) . "\n" : () } map { $_->{after} } @{decode_json($_)->{changes}}' \
	json | sort >records
ok "the new records are git's blobs" cmp blobs records
ok "--json --stat" diff_json v1.0 v2.0 --stat
judged ellwand.diff out
is "has no changes" "$(member .changes <out)" null
ok "--jsonl" ellwand -C s diff --jsonl v1.0 v2.0
cp out jsonl
judged ellwand.diff-line jsonl
is "has the summary first" "$(head -n 1 jsonl | member .summary.level)" score-affecting
is "then a line for each change" "$(tail -n +2 jsonl | wc -l)" "$(changed_files v1.0 v2.0 | wc -l)"
is "that says what --json says" "$(tail -n +2 jsonl | member .id | tr '\n' ' ')" \
	"$(perl -MJSON::PP -0777 -ne 'print "$_->{id} " for @{decode_json($_)->{changes}}' json)"
printf '%s\n' '{"schema":"ellwand.diff-line/1"}' '{"schema":"ellwand.diff-line/1","summary":{}}' \
	"$(tail -n 1 jsonl | sed 's/"split"/"slit"/')" "$(head -n 1 jsonl | sed 's/}$/,"id":"x"}/')" |
	while read -r line; do printf 'ellwand.diff-line\t%s\n' "$line"; done |
	"$build/tools/schema_verdict" >verdicts
is "the schema of lines refuses others" "$(grep -c '^valid' verdicts)" 0
ok "--markdown" ellwand -C s diff v1.0 v2.0 --markdown
like "has a heading" "$(cat out)" '^## v1\.0 → v2\.0: score-affecting$'
like "has rows" "$(cat out)" '^\| dilution/08 \| test \| 48 ml \[45\.6, 50\.4\] \| 48 mL '

# Which versions
is "A..B" "$(diff_json v1.0..v2.0)" "$(cat json)"
is "A alone: to HEAD" "$(diff_json v1.0 | member .to.rev)" HEAD
is "A..: to HEAD" "$(diff_json v1.0.. | member .counts)" "$(member .counts <json)"
is "..B: from HEAD" "$(diff_json ..v1.0 | member .counts.added)" 2
is "nothing: from the last release" "$(diff_json | member .from.rev)" v2.0
is "a whole id is shown short" "$(ellwand -C s diff "$(git -C s rev-parse v2.0^0)" HEAD | head -n 1)" \
	"$(git -C s rev-parse --short=10 v2.0^0) → HEAD: identical"
must git -C s update-ref refs/heads/side v1.0^0
must git -C s symbolic-ref HEAD refs/heads/side
must ellwand -C s relabel watering/01 --value 25 -m 'on the side'
is "A...B: from where they parted" "$(diff_json main...side | member .from.commit)" \
	"$(git -C s merge-base main side)"
is "holds what side did" "$(diff_json main...side | member .changes.0.id)" watering/01
is "and no more" "$(diff_json main...side | member .changes.1)" null
is "the other way too" "$(diff_json side...main | member .counts)" "$(member .counts <json)"
is "nothing: from the last release on this line" "$(diff_json | member .from.rev)" v1.0
must git -C s symbolic-ref HEAD refs/heads/main

# --exit-code
status 0 "--exit-code, nothing differs" ellwand -C s diff --exit-code v2.0 HEAD
status 1 "--exit-code, something does" ellwand -C s diff --exit-code v1.0 v2.0
is "and says nothing of it" "$(cat err)" ""
status 0 "without it" ellwand -C s diff v1.0 v2.0

# A label that moves to another split
must ellwand -C s show --raw v2.0:storage/01
must ellwand -C s withdraw storage/01 -m 'to be moved'
echo '{"id":"storage/01","value":"B","kind":"choice","input":{"question":"q"}}' >moved.jsonl
must ellwand -C s import moved.jsonl --split train --preset jsonl
ok "a label moved" diff_json v2.0 HEAD
judged ellwand.diff out
is "is one change" "$(member .changes.1 <out)" null
is "of the new split" "$(member .changes.0.split <out)" train
is "from the old one" "$(member .changes.0.moved_from <out)" test
is "neither added nor removed" "$(member .counts.added <out) $(member .counts.removed <out)" "0 0"

# Text that would drive a terminal
printf '{"id":"evil","value":"a\\u202eb\\tc|d","kind":"text","input":{"question":"q"}}\n' >evil.jsonl
must ellwand -C s import evil.jsonl --split train --preset jsonl
like "is spelled out" "$(on_terminal "ellwand -C s --color=never diff HEAD~1 HEAD")" 'evil +a<U\+202E>b<U\+0009>c'
like "and is no markup" "$(ellwand -C s diff HEAD~1 HEAD --markdown)" '\| evil \| train \|  \| a<?.*c\\\|d \|'

# Refusals
expect 3 'v9.0: there is no such release' ellwand -C s diff v9.0 HEAD
expect 2 'no class .added-to.; see ellwand diff -h' ellwand -C s diff --class added-to
expect 2 'give one of --json, --jsonl and --markdown' ellwand -C s diff --json --jsonl
expect 2 'takes no more than 2 operands' ellwand -C s diff a b c
expect 2 'this can be no revision' ellwand -C s diff v1.0..v2.0 HEAD
expect 2 'this can be no revision' ellwand -C s diff ''
expect 9 '' ellwand diff
must ellwand init new --name New
expect 3 'no release yet, and no commit before HEAD; name two versions' ellwand -C new diff
ok "a store without labels" ellwand -C new diff HEAD HEAD --json
judged ellwand.diff out
ok "git finds no fault" git -C s fsck --strict

# A published benchmark and its correction
data=$root/../shared/data/medcalc
if [ -f "$data/medcalc_v1.0_test.csv" ]; then
	must ellwand init mb --name MedCalc-Bench
	must ellwand -C mb import "$data/medcalc_v1.0_test.csv" --split test --preset medcalc-bench
	must git -C mb branch old
	must ellwand -C mb import "$data/medcalc_v1_corrected_887.csv" --split test --preset medcalc-bench \
		--update --complete --match row='Unique ID'
	must ellwand -C mb diff old HEAD --json --stat
	is "all that changed is counted" "$(member .counts <out)" '{"abstained":69,"added":0,"band-only":107,"beyond-band":210,"disambiguated":0,"form-only":20,"input-only":0,"made-ambiguous":0,"metadata-only":0,"readings":0,"removed":160,"resolved":0,"same":149,"within-band":332}'
	is "and in which ways" "$(member .facets.band <out) $(member .facets.instance <out)" "738 20"
else
	skip "a published benchmark and its correction" "its data are not here"
fi
finish
