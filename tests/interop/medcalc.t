#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The two published tables of MedCalc-Bench, stored as v1.0 and v2.0: what changed is what
# the tables say, the history is git's, and a second reader finds the same pins.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"

data=${MEDCALC:-$root/../shared/data/medcalc}
old=$data/medcalc_v1.0_test.csv
new=$data/medcalc_v1_corrected_887.csv
if ! [ -r "$old" ] || ! [ -r "$new" ]; then
	skip_all "no tables of MedCalc-Bench in $data"
fi
oracle=$root/tests/interop/oracle.py

# A value of the JSON on stdin, by the names that lead to it.
value() {
	/usr/bin/python3 -c 'import json, sys
value = json.load(sys.stdin)
for name in sys.argv[1:]:
	value = value[name]
print(value)' "$@"
}

commits() {
	git -C store rev-list --count "$1"
}

key tester
export ELLWAND_KEY="$tmp/tester"
must ellwand init store --name MedCalc-Bench --key tester --principal tester@example.org
tick
ok "import v1.0" ellwand -C store import "$old" --split test --preset medcalc-bench
is "all rows are labels" "$(git -C store ls-tree -r --name-only HEAD labels/test | wc -l)" 1047
tick
ok "release v1.0" ellwand -C store release v1.0 -m 'as published'
tick
ok "import the corrected table" ellwand -C store import "$new" --split test \
	--preset medcalc-bench --update --complete --match "row=Unique ID" --json
cp out report
tick
ok "release v2.0" ellwand -C store release v2.0 -m 'corrected'

# What changed
want=$(/usr/bin/python3 "$oracle" "$data" | value commits)
is "one commit for each change, as many as the tables say" "$(commits v1.0..v2.0)" "$want"
is "and as the import says" "$(value commits <report)" "$want"
ok "diff" ellwand -C store diff v1.0 v2.0 --json
cp out diff.json
ok "the classes and facets of all changes are those of the tables" \
	/usr/bin/python3 "$oracle" "$data" --check diff.json
status 1 "diff --exit-code" ellwand -C store diff v1.0 v2.0 --exit-code
must ellwand -C store compat v1.0 v2.0 --json
is "scores do not hold" "$(value level <out)" score-affecting

# A second reader
for rev in v1.0 v2.0; do
	must /usr/bin/python3 "$root/tests/interop/reader.py" store "$rev"
	cp out pins
	for kind in records answers; do
		flag=$([ $kind = records ] || echo --answers)
		is "$kind pin of $rev" "$(value $kind <pins)" \
			"$(ellwand -C store pin "$rev" ${flag:+"$flag"})"
	done
done
pin=$(ellwand -C store pin v2.0)
ok "verify" ellwand -C store verify v2.0 --pin "$pin"
status 1 "v1.0 is not what the pin of v2.0 stands for" ellwand -C store verify v1.0 --pin "$pin"

# Stock git
ok "git fsck --strict" git -C store fsck --strict --no-progress
is "has nothing to say" "$(cat out err)" ""
must git -C store show v2.0:allowed_signers
cp out signers
git -C store config gpg.ssh.allowedSignersFile "$tmp/signers"
git -C store config gpg.format ssh
is "git finds every signature good" \
	"$(git -C store log --format=%G? v2.0 | sort | uniq -c | tr -s ' ')" " $(commits v2.0) G"
for tag in v1.0 v2.0; do
	ok "git verify-tag $tag" git -C store verify-tag "$tag"
done

# Once more
before=$(git -C store rev-parse HEAD)
tick
ok "import the corrected table again" ellwand -C store import "$new" --split test \
	--preset medcalc-bench --update --complete --match "row=Unique ID"
is "makes no commit" "$(git -C store rev-parse HEAD)" "$before"
must git clone -q store clone
is "a clone has the same pin" "$(ellwand -C clone pin v2.0)" "$pin"
must git clone -q --mirror store mirror.git
is "a mirror too" "$(ellwand -C mirror.git pin v2.0)" "$pin"
finish
