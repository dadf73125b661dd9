#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# To say that a question has several readings.
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
{"id":"n/2","kind":"date","value":"2024-03-01"}
{"id":"n/3","state":"incomputable","reason":"no day"}
{"id":"n/4","value":["a","b"]}
{"id":"n/5","kind":"choice","value":"A"}
END
must ellwand init s --name Test --key m --principal m@example.org
must ellwand -C s import all.jsonl --split test --preset jsonl
mark s
answers() {
	record "$1" | member .readings | perl -MJSON::PP -e '$j = JSON::PP->new->canonical;
		print join "; ", map { "$_->{assuming}: " . $j->encode($_->{answer}) } @{ $j->decode(<STDIN>) }'
}

tick
ok "disambiguate" ellwand -C s disambiguate n/1 --reading 'ideal weight=25' --reading 'a = b, actual weight = 30' \
	--cause two-weights -m 'Which weight is not said.'
is "says what it did, and that the band is gone" "$(sed 's/now at .*/now/' out)" "1 signed commit; now
The band [24, 26] went with the old answer; each reading can have one in an event of ellwand apply."
is "is one commit" "$(news)" "disambiguate n/1"
is "with a subject" "$(git -C s log -1 --format=%s)" \
	"disambiguate n/1: 25.0 mL -> 25 mL (ideal weight) or 30 mL (a = b, actual weight)"
is "a cause" "$(trailer Cause)" two-weights
is "the state" "$(record n/1 | member .state)" ambiguous
is "kind and unit are the old ones; the last = counts" "$(answers n/1)" \
	'ideal weight: {"kind":"decimal","unit":"mL","value":"25"}; a = b, actual weight: {"kind":"decimal","unit":"mL","value":"30"}'
tick
ok "other readings" ellwand -C s disambiguate n/1 --reading x=1 --reading y=2 --reading z=3 --unit L -m 'three' --json
judged ellwand.revise out
is "in their order" "$(answers n/1)" \
	'x: {"kind":"decimal","unit":"L","value":"1"}; y: {"kind":"decimal","unit":"L","value":"2"}; z: {"kind":"decimal","unit":"L","value":"3"}'
is "is an event like the first" "$(news)" "disambiguate n/1
disambiguate n/1"
tick
ok "dates" ellwand -C s disambiguate n/2 --reading 'day first=2024-03-01' --reading 'month first=2024-01-03' -m 'both'
is "are dates" "$(answers n/2)" \
	'day first: {"kind":"date","value":"2024-03-01"}; month first: {"kind":"date","value":"2024-01-03"}'
tick
ok "of an abstention" ellwand -C s disambiguate n/3 --reading a=1 --reading b=P2D -m 'now it can be told'
is "kinds are what the values look like" "$(answers n/3)" \
	'a: {"kind":"decimal","value":"1"}; b: {"kind":"duration","value":"P2D"}'
tick
ok "of a set, by a kind" ellwand -C s disambiguate n/4 --reading p=a --reading q=b --kind choice -m 'one each'
is "that all have" "$(answers n/4)" 'p: {"kind":"choice","value":"a"}; q: {"kind":"choice","value":"b"}'
sound s
mark s
ok "the same readings" ellwand -C s disambiguate n/4 --reading p=a --reading q=b --kind choice -m 'another reason'
is "are nothing new" "$(cat out)$(news)" "1 label said so already; reason and provenance stay."

refused() {
	test_status=$1 test_ere=$2
	shift 2
	expect "$test_status" "$test_ere" ellwand -C s disambiguate "$@"
}
refused 2 '--reading ASSUMPTION=VALUE is missing' n/5 -m why
refused 2 'an ambiguous label has two or more readings' n/5 --reading a=A -m why
for reading in a =A a= ' =A'; do
	refused 2 '--reading takes ASSUMPTION=VALUE, not' n/5 --reading "$reading" --reading b=B -m why
done
refused 2 '--message REASON is missing' n/5 --reading a=A --reading b=B
refused 3 'readings\[1\] assumes the same as readings\[0\]' n/5 --reading a=A --reading a=B -m why
refused 3 'n/2: .*"soon"' n/2 --reading a=2024-01-01 --reading b=soon -m why
refused 3 'n/3: of which kind is "C"\?' n/3 --reading a=1 --reading b=C -m why
refused 3 'n/9: no label has this id' n/9 --reading a=1 --reading b=C -m why
# shellcheck disable=SC2046
refused 3 'readings' n/5 $(printf -- '--reading %d=A ' $(seq 65)) -m why
refused_leaves_no_trace s ellwand -C s disambiguate n/5 --reading a=A --reading a=B -m why
finish
