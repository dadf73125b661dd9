# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# shellcheck disable=SC2154 # variables of lib.sh
# A store to read from, and what is read; after lib.sh.
#
#   almanac DIR           the store of examples/almanac with its releases v1.0 and v2.0, and the
#                         key m of m@example.org
#   judged SCHEMA FILE    each line of FILE is valid by schemas/SCHEMA.json
#   member PATH < JSON    the value at a path such as .label.state of each line, texts as they are

almanac() {
	[ -f "$tmp/m" ] || key m
	for f in map.json test-v1.csv test-v2.csv train-v1.jsonl revisions.jsonl; do
		[ -f "$f" ] || must cp "$root/examples/almanac/$f" .
	done
	export ELLWAND_KEY="$tmp/m" ELLWAND_PRINCIPAL=m@example.org
	must ellwand init "$1" --name Almanac --licence CC-BY-4.0
	tick
	must ellwand -C "$1" import test-v1.csv --split test --map map.json
	must ellwand -C "$1" import train-v1.jsonl --split train --preset jsonl
	tick
	must ellwand -C "$1" release v1.0 -m 'first edition'
	tick
	must ellwand -C "$1" import test-v2.csv --split test --map map.json --update
	must ellwand -C "$1" apply revisions.jsonl
	must ellwand -C "$1" release v2.0 -m 'second edition'
}

judged() {
	while IFS= read -r test_line; do
		printf '%s\t%s\n' "$1" "$test_line"
	done <"$2" | "$build/tools/schema_verdict" >"$tmp/.lib/verdicts"
	if [ -s "$tmp/.lib/verdicts" ] && ! grep -qvx valid "$tmp/.lib/verdicts"; then
		pass "valid by $1"
	else
		fail "valid by $1"
		head -n 20 "$2" | note
	fi
}

member() {
	perl -MJSON::PP -ne '
		BEGIN { @path = split /\./, substr shift @ARGV, 1; $j = JSON::PP->new->canonical->allow_nonref }
		my $v = $j->decode($_);
		$v = ref $v eq "ARRAY" ? $v->[$_] : $v->{$_} for @path;
		print defined $v ? ref $v ? $j->encode($v) : $v : "null", "\n"' "$1"
}
