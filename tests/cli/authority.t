#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Who may do what, where, and until when: LABELS_FORMAT.md sections 4.4 and 7, against forgers.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/forge.sh
. "$root/tests/lib/forge.sh"

forgery

# A policy with these members merged into it, by alice; good_again goes back to it.
rules() {
	version=$((${version:-2} + 1))
	commit "$(event policy)" --merge policy.json "$1" --merge policy.json "{\"version\":$version}"
	ok "new rules: $1" ellwand -C s verify
	keep_refs
}
good() {
	commit "$@"
	ok "stands: $*" ellwand -C s verify
	good_again
}

echo "# Roles with limits"
instance='{"attributes":{"floor":"1"}}'
commit "$(event import)" --merge instance:q/1 "$instance" --merge instance:q/2 '{"attributes":{"floor":"2"}}'
keep_refs
rules '{"roles":{"labeller":{"events":["relabel","abstain","import"],"splits":["train"]}}}'
good --key bob "$(event relabel)" "$(label t/1)" --merge train:t/1 "$nine"
relabel 1 GOOD "no role of bob@example.org .* allowed .relabel. on label q/1 of split test" --key bob
rules '{"roles":{"labeller":{"splits":null,"attributes":{"floor":["1","3"]}}}}'
good --key bob "$(event relabel)" "$(label q/1)" --merge label:q/1 "$nine"
attack 1 GOOD "allowed .relabel. on label q/2 of split test" --key bob "$(event relabel)" "$(label q/2)" \
	--merge label:q/2 "$nine"
attack 1 GOOD "allowed .relabel. on label q/3" --key bob "$(event relabel)" "$(label q/3)" --merge label:q/3 "$nine"
attack 1 GOOD "allowed .relabel. on label t/1" --key bob "$(event relabel)" "$(label t/1)" --merge train:t/1 "$nine"
attack 1 GOOD "allowed .relabel. on label q/2" --key bob "$(event relabel)" "$(label q/2)" \
	--merge label:q/2 "$nine" --merge instance:q/2 "$instance"
attack 1 GOOD "allowed .import. on label q/2" --key bob "$(event import)" --merge instance:q/2 "$instance"
attack 1 GOOD "allowed .import. on label q/1" --key bob "$(event import)" \
	--merge instance:q/1 '{"attributes":{"floor":"2"}}'
good --key bob "$(event import)" --merge instance:q/1 '{"attributes":{"floor":"3"}}'

echo "# Duties that are apart"
attack 1 GOOD "bob@example.org has the roles labeller and release, which are to be apart" "$(event policy)" \
	--merge policy.json "{\"version\":$((version + 1)),\"separate\":[[\"labeller\",\"release\"]],
		\"people\":{\"bob@example.org\":[\"labeller\",\"release\"]}}"
rules '{"separate":[["labeller","release"]]}'
attack 1 GOOD "are to be apart; take one away" "$(event policy)" \
	--merge policy.json "{\"version\":$((version + 1)),\"people\":{\"carol@example.org\":[\"labeller\",\"release\"]}}"

echo "# Several signatures"
attack 1 GOOD "nobody could change the policy again: 2 must sign, and 1 with a key may" "$(event policy)" \
	--merge policy.json "{\"version\":$((version + 1)),\"thresholds\":{\"policy\":2}}"
rules '{"people":{"bob@example.org":["labeller","root"],"dave@example.org":["root"]}}'
rules '{"thresholds":{"policy":2,"keys":2,"release":2}}'
next="{\"version\":$((version + 1)),\"thresholds\":{\"release\":1}}"
attack 1 GOOD "policy.json wants 2 signatures of this, and 1 is here" "$(event policy)" --merge policy.json "$next"
change() { attack 1 GOOD "$1" "$(event policy)" --merge policy.json "$next" "$2" "$3" ${4+"$4" "$5"}; }
change "co-signature 1: by alice@example.org, who signed it already" --cosign alice
change "co-signature 1: by carol@example.org, who has no say in it" --cosign carol
change "co-signature 1: by a key that allowed_signers did not hold" --cosign mallory
change "co-signature 1: .*signature" --cosign bob --cosigned "another text"
change "co-signature [12]: by .* who has no say in it" --cosign bob --cosign carol
change "Ellwand-Cosign is twice, or out of order" --cosign bob --cosign bob
good --cosign bob "$(event policy)" --merge policy.json "$next"
good --key bob --cosign alice "$(event policy)" --merge policy.json "$next"
{ cat signers; line_of mallory; } >more
attack 1 GOOD "wants 2 signatures" "$(event keys)" --put allowed_signers more
good --cosign bob "$(event keys)" --put allowed_signers more
relabel 1 GOOD "has co-signatures, which .relabel. has no place for" --cosign bob
commit --cosign bob "$(event policy)" --merge policy.json "$next"
git -C s cat-file commit HEAD | sed -n 's/^Ellwand-Cosign: //p' >value
good_again
attack 1 GOOD "co-signature 1: .*signature" "$(event policy)" --merge policy.json "$next" --text "an older consent" \
	--trailer "Ellwand-Cosign=$(cat value)"
tag v2.0 --key carol --trailer Ellwand-Level=score-compatible
expect 1 "release .*v2.0: policy.json wants 2 signatures of this, and 1 is here" ellwand -C s verify v2.0
good_again
tag v2.0 --key carol --cosign bob --trailer Ellwand-Level=score-compatible
expect 1 "v2.0: co-signature 1: by bob@example.org, who has no say in it" ellwand -C s verify v2.0
good_again
tag v2.0 --key carol --cosign alice --trailer Ellwand-Level=identical
ok "a release by two" ellwand -C s verify v2.0
ok "git takes it too" git -C s verify-tag v2.0
good_again

echo "# Branches"
relabel 1 GOOD "made for refs/heads/draft, but stands in refs/heads/main" \
	--trailer Ellwand-Ref=refs/heads/draft
git -C s symbolic-ref HEAD refs/heads/draft
git -C s update-ref refs/heads/draft main
commit --key alice "$(event relabel)" "$(label q/1)" --merge label:q/1 "$nine"
ok "a branch of the main one" ellwand -C s verify draft
git -C s update-ref refs/heads/main draft
expect 1 "made for refs/heads/draft, but stands in refs/heads/main" ellwand -C s verify main
git -C s symbolic-ref HEAD refs/heads/main
commit --key alice "$(event relabel)" "$(label q/2)" --merge label:q/2 "$nine"
expect 1 "$id: made for refs/heads/main, but follows a commit made for refs/heads/draft" ellwand -C s verify main
git -C s update-ref refs/heads/other draft
expect 1 "made for refs/heads/draft, but stands in refs/heads/other" ellwand -C s verify other
good_again

echo "# Keys that were stolen"
commit --key bob "$(event relabel)" "$(label q/1)" --merge label:q/1 "$nine"
before=$id
commit --key bob "$(event relabel)" "$(label q/1)" --merge label:q/1 '{"answer":{"value":"8"}}'
stolen=$id
keep_refs
print=$(ssh-keygen -lf bob.pub | cut -d' ' -f2)
shown=$(echo "$print" | tr + .)
grep -v '^bob' signers >less
line_of mallory | sed 's/^mallory/dave/' >>less
revoke() {
	commit --cosign bob "$(event keys)" --put allowed_signers less \
		--merge policy.json "{\"version\":$((version + 1)),\"revoked\":{\"$print\":$1}}"
}
attack 1 GOOD "key $shown of bob@example.org is revoked, but still in allowed_signers" --cosign bob "$(event keys)" \
	--put allowed_signers signers --merge policy.json "{\"version\":$((version + 1)),\"revoked\":{\"$print\":{}}}"
revoke '{}'
expect 1 "commit $before: signed with key $shown, which policy.json revokes" ellwand -C s verify
expect 1 "commit $before: signed with key $shown, which policy.json revokes" ellwand -C s verify "$before"
ok "what came before them is as it was" ellwand -C s verify "$before^"
ok "as is a release" ellwand -C s verify v1.0
good_again
revoke "{\"through\":\"$before\"}"
expect 1 "commit $stolen: signed with key $shown, which policy.json revokes" ellwand -C s verify
ok "good through a commit" ellwand -C s verify "$before"
good_again
revoke "{\"through\":\"$before\",\"vouched\":[\"$stolen\"]}"
ok "what is vouched for stands" ellwand -C s verify
good_again
revoke "{\"through\":\"$stolen\"}"
ok "as does all of it, with the last one" ellwand -C s verify
good_again
commit --cosign bob "$(event keys)" --put allowed_signers less
ok "a key that is only retired leaves all as it was" ellwand -C s verify

echo "# Releases by a stolen key"
good_again
tag v1.1 --key carol --cosign alice --trailer Ellwand-Level=score-affecting --trailer Ellwand-Waiver=why
release=$id
ok "a release" ellwand -C s verify v1.1
keep_refs
print=$(ssh-keygen -lf carol.pub | cut -d' ' -f2)
shown=$(echo "$print" | tr + .)
grep -v '^carol' signers >less
revoke "{}"
expect 1 "release .*v1.1: signed with key $shown, which policy.json revokes; have it vouched for, or release anew" \
	ellwand -C s verify v1.1
good_again
revoke "{\"vouched\":[\"$release\"]}"
ok "stands when it is vouched for" ellwand -C s verify v1.1

finish
