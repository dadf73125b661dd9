#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# compat: whether results of one version hold for another, and which number it demands.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/almanac.sh
. "$root/tests/lib/almanac.sh"

key m
export ELLWAND_KEY="$tmp/m"
must ellwand init s --name Small --principal m@example.org

# One line for the preset: id, value, then other members.
line() {
	printf '{"id":"%s","value":"%s","kind":"integer","lower":"%d","upper":"%d","input":{"q":"%s"}%s}\n' \
		"$1" "$2" "$(($2 - 1))" "$(($2 + 1))" "${4-$1}" "${3-}"
}
import() {
	must ellwand -C s import "$1" --split test --preset jsonl --update
}
for id in a b c d; do line $id 10; done >v1
must ellwand -C s import v1 --split test --preset jsonl
must ellwand -C s release v1.0
compat() {
	ellwand -C s compat --json "$@" >json
	status 0 "compat $*" ellwand -C s compat "$@"
	judged ellwand.compat json
}
verdict() {
	is "$1" "$(for m in level step advised common rescored reasked results; do
		member .$m <json
	done | tr '\n' ' ')" "$2 "
}

compat v1.0 HEAD
verdict "nothing changed" "identical none null 4 0 0 valid"
like "in words" "$(cat out)" '^v1\.0 → HEAD: identical, the labels are the same\.$'
like "what that means" "$(cat out)" '^Results published against v1\.0 stay valid\.$'

{ line a 10 ',"reason":"counted"'; tail -n +2 v1; } >v2
import v2
compat v1.0 HEAD
verdict "only a reason changed" "score-compatible patch v1.0.1 4 0 0 valid"
like "the step in words" "$(cat out)" '^The policy demands a patch step: from v1\.0 to v1\.0\.1 at least\.$'

{ cat v2; line e 10; } >v3
import v3
compat v1.0 HEAD
verdict "a label was added" "extended minor v1.1 4 0 0 rerun"
like "what has to be asked" "$(cat out)" '^ +1  new question$'

{ line a 10 ',"reason":"counted"'; line b 20; line c 10; line d 10; line e 10; } >v4
import v4
compat v1.0 HEAD
verdict "a value changed" "score-affecting major v2.0 4 1 0 rerun"
compat HEAD~1 HEAD
verdict "and nothing else" "score-affecting major null 5 1 0 regrade"
like "how far a score can move" "$(cat out)" 'by at most 20\.0 points'
like "no release, no number" "$(cat out)" '^The policy demands a major step\.$'
like "what moved it there" "$(cat out)" '^ +1  value changed beyond the band$'
like "what is to be done" "$(cat out)" 'have to be graded again; the predictions serve\.$'

{ line a 10 ',"reason":"counted"' other; tail -n +2 v4; } >v5
import v5
compat HEAD~1 HEAD
verdict "a question changed" "score-affecting major null 5 1 1 rerun"
like "how many" "$(cat out)" '^ +1  changed question$'
is "at most 16 lines" "$([ "$(wc -l <out)" -le 16 ] && echo yes)" yes

must ellwand -C s withdraw e -m 'no question at all'
compat HEAD~1 HEAD
verdict "a label was removed" "score-affecting major null 4 0 0 regrade"

# The same value otherwise written, under the same limits, scores as before
sed 's/"id":"c","value":"10"/"id":"c","value":"1e1"/; /"id":"e"/d' v5 >v6
import v6
compat HEAD~1 HEAD
verdict "a form changed" "score-affecting major null 4 0 0 regrade"
like "and moves no score" "$(cat out)" 'can move by 0\.0 points'

# The step goes from the release's own number
must ellwand -C s release v2.0.3
must ellwand -C s relabel c --value 11 --lower 10 --upper 12 -m 'again'
compat
verdict "from a release of three numbers" "score-affecting major v3.0.0 4 1 0 regrade"
is "two names" "$(ellwand -C s compat --json v1.0 v2.0.3)" "$(ellwand -C s compat --json v1.0..v2.0.3)"

# Refusals
expect 3 'v9.0: there is no such release' ellwand -C s compat v9.0
expect 2 'takes no more than 2 operands' ellwand -C s compat a b c
expect 2 'unknown option' ellwand -C s compat --markdown
finish
