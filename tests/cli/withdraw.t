#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# To take labels out of the data set.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/history.sh
. "$root/tests/lib/history.sh"
# shellcheck source=tests/lib/almanac.sh
. "$root/tests/lib/almanac.sh"

key m
export ELLWAND_KEY="$tmp/m"
printf '{"id":"n/%s","value":"%s"}\n' 1 1 2 2 3 3 4 4 >test.jsonl
echo '{"id":"t/1","value":"1"}' >train.jsonl
must ellwand init s --name Test --key m --principal m@example.org
must ellwand -C s import test.jsonl --split test --preset jsonl
must ellwand -C s import train.jsonl --split train --preset jsonl
mark s
files() {
	git -C s ls-tree -r --name-only HEAD | grep -c "$1"
}

tick
ok "withdraw" ellwand -C s withdraw n/1 --cause leaked -m 'It stands in a textbook.'
is "says what it did" "$(sed 's/now at .*/now/' out)" "1 signed commit; now"
is "is one commit" "$(news)" "withdraw n/1"
is "with a subject" "$(git -C s log -1 --format=%s)" "withdraw n/1"
is "a cause, and the reason" "$(trailer Cause) $(git -C s log -1 --format=%b | head -n 1)" "leaked It stands in a textbook."
is "label and instance are gone" "$(files n%2f1.json)" 0
is "from this version on" "$(record n/1 HEAD^ | member .answer.value)" 1
mark s
tick
ok "several, of several splits, as JSON" ellwand -C s withdraw n/2 t/1 -m 'duplicates' --json
judged ellwand.revise out
is "are one commit, of no one label" "$(news) $(git -C s log -1 --format=%s)" "withdraw withdraw 2 labels"
is "a split of which nothing is left is gone" "$(files labels/train) $(ellwand -C s status --json | member .splits)" \
	'0 [{"labels":2,"name":"test"}]'
sound s
tick
ok "what is withdrawn can be imported again" ellwand -C s import train.jsonl --split train --preset jsonl
sound s

expect 3 'n/1: no label has this id; ellwand export lists them' ellwand -C s withdraw n/1 -m why
refused_leaves_no_trace s ellwand -C s withdraw n/3 n/1 -m why
expect 3 'n/3: no label' ellwand -C s withdraw n/3 n/3 -m why
expect 3 'n/1: no label' ellwand -C s relabel n/1 --value 5 -m why
expect 2 'needs 1 operand, not 0' ellwand -C s withdraw -m why
expect 2 '--message REASON is missing' ellwand -C s withdraw n/3
expect 2 'withdraw: no reason given' ellwand -C s withdraw n/3 -m ''
expect 3 'Ellwand-Cause' ellwand -C s withdraw n/3 --cause A -m why
tick
ok "all that there are" ellwand -C s withdraw n/3 n/4 t/1 -m 'the end'
is "leave the pin of no labels" "$(ellwand -C s pin)" \
	ewr1:084fed08b978af4d7d196a7446a86b58009e636b611db16211b65a9aadff29c5
sound s
finish
