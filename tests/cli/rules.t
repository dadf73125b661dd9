#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# policy, key and sign: the rules, changed by those who may, together where they must.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"

for who in ada bob cyd; do
	key "$who"
done
export ELLWAND_KEY="$tmp/ada" ELLWAND_PRINCIPAL=ada@example.org
as() { # WHO COMMAND...
	who=$1
	shift
	ELLWAND_KEY="$tmp/$who" ELLWAND_PRINCIPAL="$who@example.org" "$@"
}
must ellwand init s --name Tower --principal ada@example.org
head() { git -C s rev-parse HEAD; }

# COMMAND... that is refused, and changes nothing.
refused() { # STATUS ERE COMMAND...
	before=$(head)
	expect "$@"
	is "nothing has changed" "$(head)" "$before"
}
changed() { # SUBJECT COMMAND...
	subject=$1
	shift
	tick
	ok "$subject" "$@"
	is "is a commit of its own" "$(git -C s log -1 --format=%s)" "$subject"
}

echo "# Reading"
ok "the policy" ellwand -C s policy
like "its roles" "$(cat out)" '^  labeller     relabel, rebind, abstain, disambiguate$'
like "its people" "$(cat out)" '^  ada@example.org  maintainer, release, root$'
ok "the keys" ellwand -C s key
like "by fingerprint" "$(cat out)" "^$(ssh-keygen -lf ada.pub | cut -d' ' -f2 | tr + .)  ada@example.org"
ok "the policy as JSON" sh -c 'ellwand -C s policy show --json | jq -e ".policy.version == 1"'
ok "the keys as JSON" sh -c 'ellwand -C s key list HEAD --json | jq -e ".keys[0].person == \"ada@example.org\""'

echo "# Alone"
bobs=$(ssh-keygen -lf bob.pub | cut -d' ' -f2)
changed "key: add $bobs of bob@example.org" ellwand -C s key add bob@example.org bob.pub -m 'Bob joins'
is "with the reason" "$(git -C s log -1 --format=%b | sed -n 1p)" 'Bob joins'
refused 3 "the key is that of bob@example.org already" ellwand -C s key add cyd@example.org bob.pub -m no
refused 3 "'bob' is no e-mail" ellwand -C s key add bob cyd.pub -m no
refused 3 "allowed_signers: " ellwand -C s key add cyd@example.org cyd.pub --until tomorrow -m no
refused 2 "say why, with -m REASON" ellwand -C s key add cyd@example.org cyd.pub
changed "policy: grant bob@example.org labeller" ellwand -C s policy grant bob@example.org labeller -m 'he labels'
refused 3 "bob@example.org has the role labeller already" ellwand -C s policy grant bob@example.org labeller -m no
refused 3 "keeper: there is no such role" ellwand -C s policy grant bob@example.org keeper -m no
refused 4 "bob@example.org: no role of theirs in policy.json allows .policy." \
	as bob ellwand -C s policy grant bob@example.org root -m 'I should'
refused 4 "bob@example.org: no role of theirs in policy.json allows .keys." \
	as bob ellwand -C s key add cyd@example.org cyd.pub -m 'my friend'
refused 2 "'delete' is no event" ellwand -C s policy allow labeller delete -m no
refused 3 "labeller may relabel already" ellwand -C s policy allow labeller relabel -m no
changed "policy: allow labeller import" ellwand -C s policy allow labeller import -m 'tables too'
changed "policy: deny labeller import" ellwand -C s policy deny labeller import -m 'no tables'
changed "policy: allow checker audit recompute" ellwand -C s policy allow checker audit recompute -m 'a new role'
changed "policy: limit labeller" ellwand -C s policy limit labeller --split test --attribute field=kidney \
	--attribute field=heart --attribute year=2 -m 'only there'
ok "limits add up" sh -c 'ellwand -C s policy show --json | jq -e ".policy.roles.labeller |
	.splits == [\"test\"] and .attributes == {field: [\"heart\", \"kidney\"], year: [\"2\"]}"'
refused 2 "limit to what" ellwand -C s policy limit labeller -m no
refused 2 "takes NAME=VALUE" ellwand -C s policy limit labeller --attribute field -m no
refused 3 "labeller is limited to split test already" ellwand -C s policy limit labeller --split test -m no
changed "policy: unlimit labeller" ellwand -C s policy unlimit labeller -m 'everywhere'
changed "policy: separate labeller release" ellwand -C s policy separate labeller release -m 'two pairs of eyes'
refused 3 "bob@example.org has the roles labeller and release, which are to be apart" \
	ellwand -C s policy grant bob@example.org release -m no
changed "policy: unite release labeller" ellwand -C s policy unite release labeller -m 'we are few'
changed "policy: step extended patch" ellwand -C s policy step extended patch -m 'small'
changed "policy: use test evaluation training" ellwand -C s policy use test evaluation training -m 'old ones'
refused 2 "use takes evaluation, training and reward" ellwand -C s policy use test resale -m no
refused 3 "nobody could change the policy again: 2 must sign, and 1 with a key may" \
	ellwand -C s policy threshold policy 2 -m no
refused 3 "nobody could change the policy again: 1 must sign, and 0" \
	ellwand -C s policy take ada@example.org root -m 'I go'
refused 2 "is nothing to do with a policy" ellwand -C s policy paint
refused 2 "is nothing to do with a key" ellwand -C s key paint -m no
ok "all of it verifies" ellwand -C s verify

echo "# Together"
changed "policy: grant bob@example.org root" ellwand -C s policy grant bob@example.org root -m 'two roots'
changed "policy: threshold policy 2" ellwand -C s policy threshold policy 2 -m 'two must sign'
changed "policy: threshold keys 2" sh -c 'ellwand -C s policy threshold keys 2 -m "of keys too" --proposal p.json >p.out &&
	ELLWAND_KEY=bob ELLWAND_PRINCIPAL=bob@example.org ellwand -C s sign "$PWD/p.json" --commit'
like "first one, and how to go on" "$(cat p.out)" '^policy: threshold keys 2: 1 of 2 signatures, in p.json.$'
like "by whom" "$(cat p.out)" '^Next: ellwand sign p.json --commit$'
refused 4 "policy.json wants 2 signatures of this; write it with --proposal FILE" \
	ellwand -C s policy threshold keys 1 -m 'alone again'
ok "a proposal changes nothing" ellwand -C s key add cyd@example.org cyd.pub -m 'Cyd joins' --proposal "$tmp/c.json"
must cp c.json first.json
refused 4 "co-signature 1: by ada@example.org, who signed it already" ellwand -C s sign "$tmp/c.json"
refused 4 "cyd|none of the store's" as cyd ellwand -C s sign "$tmp/c.json"
refused 4 "policy.json wants 2 signatures of this, and 1 is here" ellwand -C s sign "$tmp/c.json" --commit
ok "the second signs" as bob ellwand -C s sign "$tmp/c.json"
ok "there are two now" sh -c 'jq -e ".cosigned | length == 2" <c.json'
sed 's/Cyd joins/Cyd leaves/' c.json >other.json
refused 4 "co-signature [12]: .*signature" ellwand -C s sign "$tmp/other.json" --commit
sed 's/key: add/key: ad/; s/"parent":"./"parent":"0/' c.json >other.json
refused 3 "made upon commit 0" ellwand -C s sign "$tmp/other.json" --commit
jq -c '.message |= sub("Ellwand-Event: keys"; "Ellwand-Event: policy")' <c.json >other.json
refused 4 "co-signature [12]: .*signature" ellwand -C s sign "$tmp/other.json" --commit
refused 3 "proposal: " sh -c "echo '{}' >x.json; ellwand -C s sign $tmp/x.json"
changed "key: add $(ssh-keygen -lf cyd.pub | cut -d' ' -f2) of cyd@example.org" ellwand -C s sign "$tmp/c.json" --commit
ok "git shows who signed" sh -c 'git -C s log -1 --format=%b | grep -c ^Ellwand-Cosign: | grep -qx 1'
refused 3 "made upon commit .*, but refs/heads/main is at .* now; have it proposed anew" \
	as bob ellwand -C s sign "$tmp/first.json"
ok "all of it verifies" ellwand -C s verify
ok "git is content" git -C s fsck --strict

echo "# Keys that go"
both() { # SUBJECT COMMAND...
	subject=$1
	shift
	must "$@" --proposal "$tmp/k.json"
	changed "$subject" as bob ellwand -C s sign "$tmp/k.json" --commit
}
cyds=$(ssh-keygen -lf cyd.pub | cut -d' ' -f2)
both "key: retire $cyds" ellwand -C s key retire cyd.pub -m 'a new one will come'
expect 3 "allowed_signers has no such key; see ellwand key list" ellwand -C s key retire cyd.pub -m again
good=$(head)
both "key: revoke $cyds" ellwand -C s key revoke "$cyds" -m 'it was on a lost disk'
ok "it is told" sh -c 'ellwand -C s key list | grep "is revoked: it was on a lost disk"'
both "key: revoke $cyds" ellwand -C s key revoke "$cyds" --through "$good" --vouch "$good" -m 'found again'
ok "how far it is good" sh -c 'ellwand -C s key list | grep "is revoked, good through [0-9a-f]*, 1 vouched for: found again"'
expect 3 "its key is revoked|is revoked, but still in allowed_signers" ellwand -C s key add cyd@example.org cyd.pub -m back
ok "all of it verifies" ellwand -C s verify

echo "# A role with limits, at work"
printf '{"id":"q/%d","value":"%d","input":{"q":"?"}}\n' 1 1 2 2 >test.jsonl
printf '{"id":"t/%d","value":"%d","input":{"q":"?"}}\n' 1 1 >train.jsonl
must ellwand -C s import "$tmp/test.jsonl" --split test --preset jsonl
must ellwand -C s import "$tmp/train.jsonl" --split train --preset jsonl
both "policy: limit labeller" ellwand -C s policy limit labeller --split train -m 'beginners'
ok "where it may" as bob ellwand -C s relabel t/1 --value 2 -m 'counted again'
refused 4 "no role of bob@example.org in policy.json allowed .relabel. on label q/1 of split test" \
	as bob ellwand -C s relabel q/1 --value 3 -m 'counted again'
{
	echo '{"event":"relabel","id":"t/1","value":"5","reason":"good"}'
	echo '{"event":"relabel","id":"q/2","value":"5","reason":"not his"}'
} >events.jsonl
refused 4 "on label q/2 of split test" as bob ellwand -C s apply "$tmp/events.jsonl"
ok "all of it verifies" ellwand -C s verify

finish
