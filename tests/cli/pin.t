#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# pin: what a consumer writes down; computed here a second time, from what git gives.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/almanac.sh
. "$root/tests/lib/almanac.sh"

almanac s

pin() { ellwand -C s pin "$@"; }
trailer() { git -C s log -1 --format="%(trailers:key=Ellwand-$2,valueonly,separator=)" "$1"; }

like "one line" "$(pin)" '^ewr1:[0-9a-f]{64}$'
like "of answers" "$(pin --answers)" '^ewa1:[0-9a-f]{64}$'
is "and no more" "$(pin | wc -l)" 1
is "HEAD is the default" "$(pin)" "$(pin HEAD)"
for rev in v1.0 v2.0 HEAD~4 main "$(git -C s rev-parse HEAD~2)"; do
	is "$rev: what its commit declares" "$(pin "$rev")" "$(trailer "$rev" Records)"
	is "$rev: its answers" "$(pin "$rev" --answers)" "$(trailer "$rev" Answers)"
done
for split in test train; do
	declared=$(git -C s cat-file tag v1.0 | sed -n "s/^Ellwand-Split: $split [0-9]* //p")
	is "$split: what the release declares" \
		"$(pin v1.0 --split $split) $(pin v1.0 --split $split --answers)" "$declared"
done

# Section 6 of the format, for one label and for two splits.
leaf() {
	perl -MDigest::SHA=sha256,sha256_hex -e '
		local $/;
		my ($id, $record) = (shift, <STDIN>);
		print "ewr1:", sha256_hex("\0" . sha256($id) . sha256($record)), "\n"' "$1"
}
dataset() {
	perl -MDigest::SHA=sha256_hex -e '
		my $b = "\3";
		while (my ($name, $count, $root) = splice @ARGV, 0, 3) {
			$b .= pack("Q>", length $name) . $name . pack("Q>", $count) . pack("H*", $root);
		}
		print "ewr1:", sha256_hex($b), "\n"' "$@"
}
path=$(git -C s ls-tree -r --name-only HEAD labels | grep 'harvest%2f11.json$')
is "a label's pin is its leaf" "$(pin HEAD:harvest/11)" \
	"$(git -C s cat-file blob "HEAD:$path" | leaf harvest/11)"
is "as of a release" "$(pin v1.0:harvest/11)" "$(git -C s cat-file blob "v1.0:$path" | leaf harvest/11)"
is "with its split, if that is said" "$(pin v1.0:harvest/11 --split train)" "$(pin v1.0:harvest/11)"
not_ok "another label's is another" [ "$(pin HEAD:harvest/11)" = "$(pin HEAD:harvest/12)" ]
root_of() { pin "$1" --split "$2" | sed 's/.*://'; }
is "all splits" "$(pin v1.0)" \
	"$(dataset test 38 "$(root_of v1.0 test)" train 28 "$(root_of v1.0 train)")"

must ellwand init one --name One
printf '%s\n' '{"id":"a","value":"1"}' >one.jsonl
must ellwand -C one import one.jsonl --split test --preset jsonl
is "the trie of one label is its leaf" "$(ellwand -C one pin --split test)" "$(ellwand -C one pin HEAD:a)"
must ellwand init none --name None
is "no labels" "$(ellwand -C none pin)" \
	ewr1:084fed08b978af4d7d196a7446a86b58009e636b611db16211b65a9aadff29c5

# Of contents alone
must ellwand init again --name Again
must ellwand -C again import train-v1.jsonl --split train --preset jsonl
must ellwand -C again import test-v1.csv --split test --map map.json
is "another history of the same labels" "$(ellwand -C again pin)" "$(pin v1.0)"
must rm -r s/.git/ellwand
is "without the cache" "$(pin)" "$(trailer HEAD Records)"

# JSON
for arg in "" v1.0 "v1.0 --split test" v2.0:harvest/11; do
	# shellcheck disable=SC2086 # several words
	pin $arg --json
done >json
judged ellwand.pin json
is "both pins" "$(sed -n 2p json | member .records) $(sed -n 2p json | member .answers)" \
	"$(pin v1.0) $(pin v1.0 --answers)"
is "how many labels" "$(member .labels <json | tr '\n' ' ')" "66 66 38 1 "
is "of what" "$(sed -n 4p json | member .split) $(sed -n 4p json | member .id)" "train harvest/11"
is "at which commit" "$(sed -n 2p json | member .commit)" "$(git -C s rev-parse 'v1.0^{commit}')"

# A revision goes before an id of the same spelling: a label cannot take its place.
printf '%s\n' '{"id":"v1.0","value":"1"}' >taken.jsonl
must ellwand -C again release v1.0
must ellwand -C again import taken.jsonl --split test --preset jsonl
is "an id that is called as a release" "$(ellwand -C again pin v1.0)" "$(pin v1.0)"

# Refusals
expect 3 "^ellwand: v9.9: there is no such release, branch or commit; " ellwand -C s pin v9.9
expect 3 "^ellwand: harvest/11: there is no such release" ellwand -C s pin harvest/11
expect 3 "^ellwand: v9.9: there is no such release" ellwand -C s pin v9.9:harvest/11
expect 3 "^ellwand: nosuch: v1.0 has no label of this id; see ellwand log nosuch$" \
	ellwand -C s pin v1.0:nosuch
expect 3 "^ellwand: dev: HEAD has no such split; its splits are: test, train$" ellwand -C s pin --split dev
expect 3 "^ellwand: test: HEAD has no such split; its splits are: none$" ellwand -C none pin --split test
expect 3 "^ellwand: harvest/11: no label of split test; leave out the split$" \
	ellwand -C s pin v1.0:harvest/11 --split test
expect 2 "this can be no revision" ellwand -C s pin a..b
expect 2 "this can be no revision" ellwand -C s pin -- --upload-pack=x
expect 2 "takes no more than 1 operand" ellwand -C s pin a b
mkdir empty
expect 9 "^ellwand: " ellwand -C empty pin
finish
