#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# changelog: what changed between two versions, with reasons and authors.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/almanac.sh
. "$root/tests/lib/almanac.sh"
export ELLWAND_PAGER=

almanac s

# The last commit that declares a label, as git finds it.
declaring() {
	git -C s log -1 --format="$2" --grep="^Ellwand-Label: $1\$" "${3-HEAD}"
}

# Of the entries in the JSON of stdin: one member, by id.
entry() {
	perl -MJSON::PP -0777 -e '
		my ($id, $member) = @ARGV;
		for (@{decode_json(<STDIN>)->{entries}}) { print $_->{$member} // "null" if $_->{id} eq $id }' "$@"
}

# Markdown
ok "--markdown" ellwand -C s changelog v1.0 v2.0 --markdown
cp out md
is "has the release and its date" "$(head -n 1 md)" "## [v2.0] - 2026-01-01"
is "has the headings of Keep a Changelog" "$(grep '^### ' md | tr '\n' ' ')" "### Added ### Changed ### Removed "
like "has the classes" "$(cat md)" '^#### Abstained: now incomputable \(5\)$'
like "has before and after" "$(cat md)" '^- `dilution/03` in test: 0\.1 mL \[0\.095, 0\.105\] → 100 mL \[99, 101\]  $'
like "has reason, author and commit" "$(cat md)" \
	"^  The volume is in litres; .* \\(m@example.org, \`$(declaring dilution/03 %h | cut -c 1-7)\`\\)$"
like "has the cause" "$(cat md)" '^  1 March is day 61 .* \(leap-year, m@example.org, `[0-9a-f]{7}`\)$'
is "tells of a commit of many once" "$(grep -c 'storage/05' md)" 2
like "names the labels it removed" "$(cat md)" '^- 2 labels: `storage/05` in test and `rotation/06` in train  $'
is "no two empty lines" "$(grep -c . md) $(cat -s md | grep -c .)" "$(grep -c . md) $(grep -c . md)"
is "is squeezed" "$(cat -s md)" "$(cat md)"

# People
ok "text" ellwand -C s changelog v1.0..v2.0
like "has the title" "$(head -n 1 out)" '^v2\.0 - 2026-01-01$'
like "has the same changes" "$(cat out)" '^    dilution/03 in test: 0\.1 mL \[0\.095, 0\.105\] → 100 mL \[99, 101\]$'
ok "nothing released since" ellwand -C s changelog
like "is Unreleased when HEAD is none" "$(ellwand -C s changelog HEAD HEAD~0)" '^Unreleased - '
like "and empty" "$(cat out)" 'No label changed\.'

# Machines
ok "--json" ellwand -C s changelog --json v1.0 v2.0
cp out json
judged ellwand.changelog json
is "its title" "$(member .title <json)" v2.0
is "its name" "$(member .name <json)" Almanac
ellwand -C s diff --json v1.0 v2.0 >diff
is "the changes of diff" "$(perl -MJSON::PP -0777 -ne 'print "$_->{id} " for @{decode_json($_)->{entries}}' json)" \
	"$(perl -MJSON::PP -0777 -ne 'print "$_->{id} " for @{decode_json($_)->{changes}}' diff)"
for id in dilution/03 harvest/11 batch/06 compost/05 frost-score/08; do
	is "the commit of $id is the one git finds" "$(entry $id commit <json)" "$(declaring $id %H)"
done
is "its reason" "$(entry batch/02 reason <json)" "$(ellwand -C s show --json batch/02 | member .label.reason)"
is "its cause" "$(entry batch/02 cause <json)" leap-year
is "its author" "$(entry batch/02 author <json)" "$(declaring batch/02 %ae)"
is "what one commit removed" "$(entry rotation/06 commit <json) $(entry storage/05 commit <json)" \
	"$(git -C s rev-parse HEAD) $(git -C s rev-parse HEAD)"
is "what one commit added" "$(entry watering/09 commit <json)" \
	"$(git -C s log -1 --format=%H -- ':(glob)labels/**/watering%2f09.json')"
is "every change has its commit" "$(grep -c '"commit":null' json)" 0

# The last commit counts
must ellwand -C s relabel batch/02 --value BEA24-062 -m 'again'
must ellwand -C s relabel batch/02 --value BEA24-063 --cause typo -m 'and again'
ok "a label that changed several times" ellwand -C s changelog v2.0 HEAD --json
is "has one entry" "$(member .entries.1 <out)" null
is "of the last commit" "$(member .entries.0.commit <out)" "$(git -C s rev-parse HEAD)"
is "with its reason" "$(member .entries.0.reason <out) $(member .entries.0.cause <out)" "and again typo"

# One reason, said once
must ellwand -C s relabel storage/01 --value D -m 'shelves were renamed'
must ellwand -C s relabel storage/02 --value D -m 'shelves were renamed'
must ellwand -C s changelog HEAD~2 HEAD --markdown
is "a reason that all share is said once" "$(grep -c 'shelves were renamed' out)" 1
is "before the changes" "$(grep -n 'shelves' out | cut -d : -f 1)" "$(($(grep -n '^- ' out | head -n 1 | cut -d : -f 1) - 2))"

# Versions that are no ancestors
ok "backwards" ellwand -C s changelog v2.0 v1.0 --json
judged ellwand.changelog out
is "no commit of that line did it" "$(entry batch/02 commit <out) $(entry batch/02 author <out)" "null null"
like "which the text says" "$(ellwand -C s changelog v2.0 v1.0)" \
	'batch/02 in train: BEA24-061 → BEA24-060 \(no commit of this line\)$'
must git -C s update-ref refs/heads/side v1.0^0
must git -C s symbolic-ref HEAD refs/heads/side
must ellwand -C s relabel watering/01 --value 25 -m 'on the side'
ok "from another branch" ellwand -C s changelog main side --json
is "what this line did has its commit" "$(entry watering/01 commit <out)" "$(git -C s rev-parse side)"
is "what the other did has none" "$(entry batch/02 commit <out)" null
must git -C s symbolic-ref HEAD refs/heads/main

# Text that would be markup
must ellwand -C s relabel storage/01 --value A -m '<script>x</script> [l](http://x) *b* `c` |'
must ellwand -C s changelog HEAD~1 HEAD --markdown
like "is none" "$(cat out)" '^  &lt;script>x&lt;/script> \[l\]\\\(http://x\) \\\*b\\\* \\`c\\` \\\| \(m@'

# Refusals
expect 2 'changelog: give one of --json and --markdown' ellwand -C s changelog --json --markdown
expect 3 'v9.0: there is no such release' ellwand -C s changelog v1.0 v9.0
expect 2 'takes no more than 2 operands' ellwand -C s changelog a b c
finish
