#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# To say that a question has no answer.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/history.sh
. "$root/tests/lib/history.sh"
# shellcheck source=tests/lib/almanac.sh
. "$root/tests/lib/almanac.sh"

key m
export ELLWAND_KEY="$tmp/m"
cat >all.jsonl <<'END'
{"id":"n/1","value":"25.0","unit":"mL","lower":"24","upper":"26"}
{"id":"n/2","reason":"which?","readings":[{"assuming":"a","answer":{"kind":"choice","value":"A"}},{"assuming":"b","answer":{"kind":"choice","value":"B"}}]}
{"id":"n/3","value":"3"}
END
must ellwand init s --name Test --key m --principal m@example.org
must ellwand -C s import all.jsonl --split test --preset jsonl
mark s
tick
ok "abstain" ellwand -C s abstain n/1 --missing 'weight, height of the patient' --cause not-stated \
	--method llm --agent model-7 -m 'Neither weight nor height is given.'
is "says what it did, and nothing of the band" "$(sed 's/now at .*/now/' out)" "1 signed commit; now"
is "is one commit" "$(news)" "abstain n/1"
is "with a subject" "$(git -C s log -1 --format=%s)" "abstain n/1: 25.0 mL -> N/A"
is "a cause" "$(trailer Cause)" not-stated
is "and the reason as its text" "$(git -C s log -1 --format=%b | head -n 1)" "Neither weight nor height is given."
is "the label has no answer" "$(record n/1 | member .state) $(record n/1 | member .answer)" "incomputable null"
is "but what is missing" "$(record n/1 | member .missing)" '["weight","height of the patient"]'
is "why, and by whom" "$(record n/1 | member .reason) $(record n/1 | member .provenance)" \
	'Neither weight nor height is given. {"agent":"model-7","method":"llm"}'
tick
ok "of an ambiguous label, as JSON" ellwand -C s abstain n/2 -m 'neither can be told' --json
judged ellwand.revise out
is "nothing need be missing" "$(record n/2 | member .missing)" null
is "it is gone from the readings" "$(git -C s log -1 --format=%s)" "abstain n/2: A (a) or B (b) -> N/A"
sound s
mark s
ok "once more, with another reason" ellwand -C s abstain n/2 --missing x -m 'another reason'
is "says so" "$(cat out)" "1 label said so already; reason and provenance stay."
is "and makes no commit" "$(news)" ""

expect 2 '--message REASON is missing' ellwand -C s abstain n/3
expect 2 'no reason given' ellwand -C s abstain n/3 -m ''
expect 2 'needs 1 operand, not 0' ellwand -C s abstain -m why
expect 2 'unknown option --value' ellwand -C s abstain n/3 --value 3 -m why
for missing in '' ',' 'a,,b' 'a,'; do
	expect 2 '--missing takes A,B without empty parts' ellwand -C s abstain n/3 --missing "$missing" -m why
done
expect 3 'n/3: ' ellwand -C s abstain n/3 --missing "$(printf 'x%.0s,' $(seq 64))x" -m why
expect 3 'n/33: no label has this id' ellwand -C s abstain n/33 -m why
expect 3 'Ellwand-Cause' ellwand -C s abstain n/3 --cause 'Not stated' -m why
refused_leaves_no_trace s ellwand -C s abstain n/33 -m why
finish
