#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# prove, and verify --proof: one label, or that there is none, for who has no store.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/forge.sh
. "$root/tests/lib/forge.sh"
# shellcheck source=tests/lib/almanac.sh
. "$root/tests/lib/almanac.sh"

almanac s
git -C s cat-file blob v2.0:allowed_signers >signers
dataset=$(git -C s cat-file blob HEAD:ellwand.json | member .dataset)
pin=$(ellwand -C s pin v2.0)
answers=$(ellwand -C s pin v2.0 --answers)
mkdir away
# In a folder where there is no repository.
away() { (cd away && "$@"); }
prove() { ellwand -C s prove "$@" 2>prove.err >P.json; }
valid() {
	{ cat P.json; echo; } >line.json
	judged proof line.json
}

echo "# A label"
ok "prove" ellwand -C s prove v2.0:harvest/11
cp out P.json
valid
is "no newline" "$(tail -c 1 P.json)" "}"
is "the record is in it" "$(member .label <P.json)" "$(ellwand -C s show --raw v2.0:harvest/11)"
ok "against a pin" away ellwand verify --proof ../P.json --pin "$pin"
is "one line" "$(cat out)" "Good: label harvest/11 of split train among the 66 of $pin."
ok "against the keys of who released it" away ellwand verify --proof ../P.json --signers ../signers
release="v2.0 of data set $dataset, signed by m@example.org"
is "one line" "$(cat out)" "Good: label harvest/11 of split train in $release."
ok "against both" away ellwand verify --proof ../P.json --signers ../signers --pin "$pin"
ok "against the pin of answers, which the release declares" \
	away ellwand verify --proof ../P.json --signers ../signers --pin "$answers"
ok "from standard input" sh -c "ellwand verify --proof - --pin $pin <P.json"
ok "beside the store" ellwand -C s verify --proof P.json --pin "$pin"
must rm -r s/.git/ellwand
must ellwand -C s prove v2.0:harvest/11
cp out again.json
ok "without the cache it is the same" cmp again.json P.json
cp -r s read-only
chmod -R a-w read-only
ok "and in a store that cannot be written" ellwand -C read-only prove v2.0:harvest/11

echo "# All labels, and their answers"
must ellwand -C s export v2.0 --use evaluation --format jsonl
member .id <out >ids
git -C s rev-parse HEAD v2.0 >before
while read -r id; do
	prove "v2.0:$id" && ellwand verify --proof P.json --pin "$pin" >/dev/null &&
		[ "$(wc -c <P.json)" -le $((2048 + $(ellwand -C s show --raw "v2.0:$id" | wc -c))) ] &&
		prove --answers "HEAD:$id" && ellwand verify --proof P.json --pin "$answers" || echo "$id"
done <ids >proven
is "each is proven, in 2 kB and its record" "$(grep -c '^Good: the answer of label' proven) $(grep -vc ^Good proven)" \
	"$(wc -l <ids) 0"
is "and nothing was written" "$(git -C s rev-parse HEAD v2.0)" "$(cat before)"

echo "# The other versions"
prove HEAD:watering/05
ok "of a branch: against a pin" ellwand verify --proof P.json --pin "$pin"
expect 1 "^ellwand: does not verify: it carries no release; hold it against a pin$" \
	ellwand verify --proof P.json --signers signers
prove v1.0:watering/05
ok "of an older release" ellwand verify --proof P.json --signers signers
like "which it says" "$(cat out)" "^Good: label watering/05 of split test in v1.0 of "
expect 1 "these are not the pinned labels: $pin was expected, the proof leads to $(ellwand -C s pin v1.0)$" \
	ellwand verify --proof P.json --pin "$pin"

echo "# A pin of answers"
prove --answers v2.0:watering/02
valid
is "of the scored part alone" "$(member .label <P.json | tr ',' '\n' | sed -n 's/^{*"\([a-z]*\)":.*/\1/p' | tr '\n' ' ')" \
	"answer lower unit upper value id instance state "
ok "against a pin" ellwand verify --proof P.json --pin "$answers"
is "one line" "$(cat out)" "Good: the answer of label watering/02 of split test among the 66 of $answers."
ok "and a release" ellwand verify --proof P.json --signers signers --pin "$pin"
expect 1 "it leads to a pin of answers, not of records; make it without --answers$" \
	ellwand verify --proof P.json --pin "$pin"
prove v2.0:watering/02
expect 1 "it leads to a pin of records, not of answers; make it with --answers, or give its release's signers$" \
	ellwand verify --proof P.json --pin "$answers"

echo "# What is not there"
status 0 "prove" ellwand -C s prove v2.0:nosuch
cp out P.json
is "it is said" "$(cat err)" "ellwand: v2.0:nosuch: there is no such label, which is what this proves"
valid
ok "against a pin" away ellwand verify --proof ../P.json --pin "$pin"
is "one line" "$(cat out)" "Good: no label nosuch among the 66 of $pin."
ok "against a release" ellwand verify --proof P.json --signers signers
is "one line" "$(cat out)" "Good: no label nosuch in $release."
sed 's/"nosuch"/"harvest\/11"/' P.json >other.json
expect 1 "does not verify: " ellwand verify --proof other.json --pin "$pin"
prove --answers HEAD:storage/05
ok "a label that was withdrawn" ellwand verify --proof P.json --pin "$answers"
prove v1.0:storage/05
ok "and was there" ellwand verify --proof P.json --pin "$(ellwand -C s pin v1.0)"
like "which it says" "$(cat out)" "^Good: label storage/05 "
must ellwand init none --name None
must ellwand -C none prove HEAD:nosuch
cp out P.json
ok "among no labels" ellwand verify --proof P.json --pin "$(ellwand -C none pin)"
is "one line" "$(cat out)" "Good: no label nosuch among the 0 of $(ellwand -C none pin)."
prove 'v2.0:a:b c'
ok "an id with all sorts of things in it" ellwand verify --proof P.json --pin "$pin"

echo "# JSON"
json() {
	test_want=$1
	shift
	status "$test_want" "verify --proof $*" ellwand verify --json --proof "$@"
	cp out verdict.json
	is "one line" "$(wc -l <verdict.json)" 1
	judged ellwand.proven verdict.json
}
has() { is "$1 is $2" "$(member ".$1" <verdict.json)" "$2"; }
prove v2.0:harvest/11
json 0 P.json --signers signers
has proves record
has id harvest/11
has split train
has release v2.0
has dataset "$dataset"
has signer m@example.org
has labels 66
has records "$pin"
has answers "$answers"
json 0 P.json --pin "$pin"
has release null
has answers null
json 1 P.json --pin "$(ellwand -C s pin v1.0)"
has problem "$(sed 's/^ellwand: does not verify: //' err)"
has id null
prove --answers v2.0:nosuch
json 0 P.json --pin "$answers"
has proves absence
has split null
has records null
: >empty.json
json 1 empty.json --pin "$pin"

echo "# Proofs that are none"
prove v2.0:harvest/11
# RULE SED: the proof changed so.
bad() {
	sed "$2" P.json >bad.json
	not_ok "changed: $2" cmp bad.json P.json
	expect 1 "^ellwand: does not verify: $1" ellwand verify --proof bad.json --pin "$pin"
	expect 1 "^ellwand: does not verify: " ellwand verify --proof bad.json --signers signers
}
bad 'proof: not in canonical form' 's/"trie"/ "trie"/'
bad 'proof: member "more" is not known' 's/"trie"/"more":1,"trie"/'
bad 'proof: schema is not "proof/1"' 's/proof\/1/proof\/2/'
bad 'proof: offset 7: ' 's/^{//'
bad 'these are not the pinned labels' 's/"May/"June/;s/April/Avril/'
bad 'proof: splits.1.: way: siblings are fewer' 's/"levels":"1/"levels":"11/'
bad 'proof: splits.1.: way: siblings are more' 's/"levels":"1/"levels":"/'
bad 'these are not the pinned labels' 's/"labels":39/"labels":38/'
bad 'proof: tag: release: Ellwand-Level' 's/score-affecting/score-effecting/'
printf '\n' | cat P.json - >bad.json
expect 1 "proof: not in canonical form" ellwand verify --proof bad.json --pin "$pin"
sed 's/second edition/second editing/' P.json >bad.json
expect 1 "does not verify: release v2.0: signature: the signature does not verify" \
	ellwand verify --proof bad.json --pin "$pin"
head -c 3000000 /dev/zero >bad.json
expect 1 "does not verify: proof: over 2 MiB" ellwand verify --proof bad.json --pin "$pin"
expect 1 "does not verify: proof: over 2 MiB" sh -c "ellwand verify --proof - --pin $pin </dev/zero"
expect 1 "does not verify: proof: offset 0: empty" ellwand verify --proof empty.json --pin "$pin"

echo "# Signers"
key other
line_of other >others
expect 1 "does not verify: release v2.0: signed with a key that is none of the signers'" \
	ellwand verify --proof P.json --signers others
sed 's/^m@/n@/' signers >others
expect 1 "release v2.0: signed with the key of n@example.org in the name of m@example.org" \
	ellwand verify --proof P.json --signers others
sed 's/"git"/"git",valid-before="20251231Z"/' signers >others
expect 1 "release v2.0: signed outside the time for which the key of m@example.org is valid" \
	ellwand verify --proof P.json --signers others
echo rubbish >others
expect 3 "^ellwand: signers: line 1: " ellwand verify --proof P.json --signers others
expect 3 "^ellwand: signers: no key in it" ellwand verify --proof P.json --signers empty.json
tick
must ellwand -C s relabel watering/02 --value 21 --lower 20 --upper 22 -m 'again'
must ellwand -C s release v3.0 --expires 2026-06-30
prove v3.0:watering/02
ok "a release that expires, in its time" ellwand verify --proof P.json --signers signers
expect 1 "does not verify: release v3.0: expired on 2026-06-30T23:59:59Z; have a newer one" \
	env SOURCE_DATE_EPOCH=1800000000 ellwand verify --proof P.json --signers signers
ok "a pin does not" env SOURCE_DATE_EPOCH=1800000000 ellwand verify --proof P.json --pin "$(ellwand -C s pin)"

echo "# Another type of key"
must ssh-keygen -q -t ecdsa -N '' -f "$tmp/curve"
must ellwand init curved --name Curved --key "$tmp/curve" --principal m@example.org
echo '{"id":"a","value":"1"}' >one.jsonl
must ellwand -C curved import one.jsonl --split test --preset jsonl --key "$tmp/curve"
must ellwand -C curved release v1.0 --key "$tmp/curve"
must ellwand -C curved prove v1.0:a
cp out curved.json
git -C curved cat-file blob v1.0:allowed_signers >others
like "the signature is whole" "$(member .release.signature <curved.json)" '^U1NIU0lH'
ok "and good" ellwand verify --proof curved.json --signers others
expect 1 "release v1.0: signed with a key that is none of the signers'" \
	ellwand verify --proof curved.json --signers signers

echo "# Usage"
for args in '' "--json"; do
	# shellcheck disable=SC2086 # words
	expect 2 "^ellwand: verify: a proof proves nothing by itself; give --pin, or --signers of its release; see" \
		ellwand verify --proof P.json $args
done
expect 2 "^ellwand: verify: --signers goes with --proof; see" ellwand -C s verify --signers signers
expect 2 "^ellwand: verify: a proof is of no revision of a store; leave v2.0 out; see" \
	ellwand -C s verify v2.0 --proof P.json --pin "$pin"
expect 3 "^ellwand: nosuch.json: cannot open" ellwand verify --proof nosuch.json --pin "$pin"
expect 3 "^ellwand: nosuch: cannot open" ellwand verify --proof P.json --signers nosuch
expect 2 "is not a pin" ellwand verify --proof P.json --pin x
expect 3 "is no whole pin" ellwand verify --proof P.json --pin ewr1:
expect 2 "^ellwand: v2.0: names no label; name one as REV:ID$" ellwand -C s prove v2.0
expect 3 "^ellwand: harvest/11: there is no such release" ellwand -C s prove harvest/11
expect 3 "^ellwand: v9.9: there is no such release" ellwand -C s prove v9.9:harvest/11
expect 3 '^ellwand: id "" is empty' ellwand -C s prove v2.0:
expect 3 '^ellwand: id " " begins with white space' ellwand -C s prove 'v2.0: '
expect 2 "prove: needs 1 operand, not 0" ellwand -C s prove
expect 9 "^ellwand: " ellwand -C away prove v2.0:harvest/11
expect 9 "^ellwand: " ellwand -C away verify

echo "# What nobody would believe is not given out"
git -C s update-ref refs/tags/v9.0 "$(git -C s rev-parse v1.0)"
expect 1 "^ellwand: release v9.0: it was signed as v1.0$" ellwand -C s prove v9.0:harvest/11
git -C s tag nightly v1.0^0
must ellwand -C s prove nightly:harvest/11
is "another tag is no release" "$(member .release <out)" null
git -C s cat-file tag v2.0 | sed 's/^second edition/second editing/' >object
git -C s update-ref refs/tags/v2.0 "$(git -C s hash-object -w -t tag "$tmp/object")"
expect 1 "^ellwand: v2.0: release v2.0: signature: the signature does not verify.*; see ellwand verify v2.0$" \
	ellwand -C s prove v2.0:harvest/11
git -C s cat-file tag v1.0 | sed 's/^Ellwand-Sequence: 1/Ellwand-Sequence: 01/' >object
git -C s update-ref refs/tags/v1.0 "$(git -C s hash-object -w -t tag "$tmp/object")"
expect 1 "^ellwand: release v1.0: release: Ellwand-Sequence is not 1 or more" ellwand -C s prove v1.0:harvest/11
mv s almanac
set_clock 1767225600
forgery
zero=0000000000000000000000000000000000000000000000000000000000000000
commit --trailer Ellwand-Event=relabel --trailer Ellwand-Label=q/1 --merge label:q/1 '{"answer":{"value":"9"}}' \
	--trailer "Ellwand-Records=ewr1:$zero"
expect 1 "^ellwand: HEAD: these are not the pinned labels: ewr1:$zero was expected, .*; see ellwand verify HEAD$" \
	ellwand -C s prove HEAD:q/1
finish
