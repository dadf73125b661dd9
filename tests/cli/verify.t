#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# verify against forgers.  Each of them breaks one rule of LABELS_FORMAT.md sections 3, 7
# and 8 and is good in all else, signature included.  What stock git says of it is tested
# too: where git is content, this program is why that is not enough.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/forge.sh
. "$root/tests/lib/forge.sh"
# shellcheck source=tests/lib/almanac.sh
. "$root/tests/lib/almanac.sh"

forgery

zero=0000000000000000000000000000000000000000000000000000000000000000

ok "what ellwand and its people made verifies" ellwand -C s verify
commit --key bob "$(event relabel)" "$(label q/1)" --merge label:q/1 "$nine"
ok "so does what bob may do, made by other means" ellwand -C s verify
good_again

echo "# Signatures"
relabel 1 BAD "gpgsig is due" --namespace ''
relabel 1 BAD "a key that allowed_signers did not hold" --key mallory
relabel 1 BAD "a key that allowed_signers did not hold" --key mallory --by alice@example.org
relabel 1 GOOD "signed with the key of bob@.* in the name of alice@" --key bob --by alice@example.org
relabel 1 BAD "namespace" --namespace file
relabel 1 GOOD "an empty line is due where 'gpgsig" --twice
relabel 1 GOOD "encoding" --header 'encoding ISO-8859-1'
relabel 1 GOOD "author and committer differ" --author bob@example.org
relabel 1 GOOD "dated before its parent" --time 1767225599
commit "$(event relabel)" "$(label q/1)" --merge label:q/1 "$nine"
git -C s cat-file commit HEAD | sed 's/^forged/forger/' >object
git -C s update-ref HEAD "$(git -C s hash-object -w -t commit --stdin <object)"
refused_at "$(git -C s rev-parse HEAD)" 1 BAD "signature"

echo "# Roles, keys and policies"
relabel 1 GOOD "no role of carol@example.org in policy.json allowed .relabel." --key carol
attack 1 GOOD "no role of bob@example.org .* allowed .withdraw." --key bob "$(event withdraw)" --drop label:q/1
attack 1 GOOD "no role of bob@example.org .* allowed .policy." --key bob "$(event policy)" \
	--merge policy.json '{"version":3,"people":{"bob@example.org":["root"]}}'
{ cat signers; line_of mallory; } >more
attack 1 BAD "a key that allowed_signers did not hold" --key mallory "$(event keys)" --put allowed_signers more
attack 1 GOOD "declares .policy., but changes allowed_signers" "$(event policy)" --put allowed_signers more
attack 1 GOOD "makes version 2 of policy.json out of 2" "$(event policy)" \
	--merge policy.json '{"people":{"bob@example.org":["root"]}}'
attack 1 GOOD "makes version 4 of policy.json out of 2" "$(event policy)" --merge policy.json '{"version":4}'
echo '{}' >rubbish
attack 1 GOOD "policy" "$(event policy)" --put policy.json rubbish
attack 1 GOOD "allowed_signers: line 1" "$(event keys)" --put allowed_signers rubbish
attack 1 GOOD "nobody could change the keys again: 2 must sign, and 1 with a key may" "$(event policy)" \
	--merge policy.json '{"version":3,"thresholds":{"keys":2,"release":2}}'
commit "$(event policy)" --merge policy.json \
	'{"version":3,"thresholds":{"keys":2,"release":2},"people":{"bob@example.org":["labeller","root"]}}'
ok "a policy may want two signatures" ellwand -C s verify
tag v2.0 --trailer Ellwand-Level=identical
expect 1 "release refs/tags/v2.0: policy.json wants 2 signatures" ellwand -C s verify v2.0
attack 1 GOOD "policy.json wants 2 signatures" "$(event keys)" --put allowed_signers more
grep -v '^bob' signers >less
commit --key bob "$(event relabel)" "$(label q/1)" --merge label:q/1 "$nine"
commit "$(event keys)" --put allowed_signers less
ok "what bob signed while he had a key stays good" ellwand -C s verify
attack 1 GOOD "a key that allowed_signers did not hold" --key bob "$(event relabel)" "$(label q/1)" \
	--merge label:q/1 '{"answer":{"value":"8"}}'
sed 's/^\(bob.*"git"\)/\1,valid-before="20260101000500Z"/' signers >timed
commit "$(event keys)" --put allowed_signers timed
attack 1 GOOD "outside the time for which the key of bob@" --key bob "$(event relabel)" "$(label q/1)" \
	--merge label:q/1 "$nine" --time 1767300000

echo "# What is declared and what is done"
attack 1 GOOD "changes a label it does not name: q/2" "$(event relabel)" "$(label q/1)" --merge label:q/2 "$nine"
relabel 1 GOOD "changes a label it does not name: q/2" --merge label:q/2 "$nine"
relabel 1 GOOD "changes a label it does not name: t/1" --merge train:t/1 "$nine"
relabel 1 GOOD "does something else to label q/1" --copy label:q/1 train:q/1
attack 1 GOOD "changes nothing" "$(event relabel)" "$(label q/1)"
attack 1 GOOD "changes nothing" "$(event import)"
attack 1 GOOD "changes 0 labels" "$(event relabel)" "$(label q/1)" --merge instance:q/1 '{"attributes":{"a":"b"}}'
attack 1 GOOD "does something else to label q/1" "$(event relabel)" "$(label q/1)" --drop label:q/1
attack 1 GOOD "does something else to label q/1" "$(event relabel)" "$(label q/1)" \
	--merge label:q/1 '{"state":"incomputable","answer":null,"reason":"who knows"}'
attack 1 GOOD "does something else to label q/1" "$(event relabel)" "$(label q/1)" \
	--merge label:q/1 '{"confidence":{"basis":"single"}}'
attack 1 GOOD "does something else to label q/1" "$(event abstain)" "$(label q/1)" --merge label:q/1 "$nine"
attack 1 GOOD "does something else to label q/1" "$(event rebind)" "$(label q/1)" --merge label:q/1 "$nine"
attack 1 GOOD "does something else to label q/1" "$(event disambiguate)" "$(label q/1)" --merge label:q/1 "$nine"
attack 1 GOOD "does something else to label q/1" "$(event import)" --merge label:q/1 "$nine"
attack 1 GOOD "does something else to label q/1" "$(event import)" --drop label:q/1
attack 1 GOOD "does something else to label q/1" "$(event withdraw)" --merge label:q/1 "$nine"
attack 1 GOOD "changes a label it does not name: q/2" "$(event withdraw)" "$(label q/1)" --drop label:q/1 --drop label:q/2
attack 1 GOOD "changes instance q/1" "$(event import)" --drop instance:q/1
attack 1 GOOD "changes instance q/2" "$(event withdraw)" "$(label q/1)" --drop label:q/1 --drop instance:q/2
relabel 1 GOOD "changes instance q/2" --merge instance:q/2 '{"attributes":{"a":"b"}}'
relabel 1 GOOD "changes policy.json" --merge policy.json '{"version":3}'
relabel 1 GOOD "changes allowed_signers" --put allowed_signers more
relabel 1 GOOD "changes ellwand.json" --merge ellwand.json '{"name":"Shed"}'
attack 1 GOOD "does something else to label q/1" "$(event policy)" --merge label:q/1 "$nine"
attack 1 GOOD "does something else to label q/1" "$(event reshard)" --merge label:q/1 "$nine"

echo "# Questions"
attack 1 GOOD "bound to another question" "$(event import)" --merge instance:q/1 '{"input":{"question":"How deep?"}}'
attack 1 GOOD "bound to another question" "$(event rebind)" "$(label q/1)" --merge label:q/1 "{\"instance\":\"$zero\"}"
attack 1 GOOD "bound to another question" "$(event relabel)" "$(label q/1)" \
	--merge label:q/1 "{\"instance\":\"$zero\",\"answer\":{\"value\":\"9\"}}"
attack 1 GOOD "bound to another question" "$(event import)" --copy label:q/1 label:q/9 --merge label:q/9 '{"id":"q/9"}' \
	--copy instance:q/2 instance:q/9 --merge instance:q/9 '{"id":"q/9"}'
attack 1 GOOD "the record of instance q/9 is that of q/1" "$(event import)" --copy instance:q/1 instance:q/9
attack 1 GOOD "the record of label q/9 is that of q/1" "$(event import)" --copy label:q/1 label:q/9

echo "# Trailers"
relabel 1 GOOD "declares a records pin that its labels do not have" --trailer "Ellwand-Records=ewr1:$zero"
relabel 1 GOOD "declares an answers pin that its labels do not have" --trailer "Ellwand-Answers=ewa1:$zero"
relabel 1 GOOD "made for data set 0" --trailer Ellwand-Dataset=00000000-0000-4000-8000-000000000000
relabel 1 GOOD "Ellwand-Ref" --trailer Ellwand-Ref=refs/tags/v1.0
relabel 1 GOOD "Ellwand-Ref" --trailer Ellwand-Ref
relabel 1 GOOD "Ellwand" --trailer Ellwand-Extra=1
relabel 1 GOOD "Ellwand-Cause" --trailer 'Ellwand-Cause=Because I say so'
attack 1 GOOD "Ellwand-Label: is missing|Ellwand-Label" "$(event relabel)" --merge label:q/1 "$nine"
attack 1 GOOD "Ellwand-Event" "$(event rename)" --merge label:q/1 "$nine"
attack 1 GOOD "Ellwand-Event" --merge label:q/1 "$nine"
for word in adjudicate audit recompute merge revert; do
	attack 1 GOOD "declares .$word., which this edition of the format reserves" "$(event $word)" --merge label:q/1 "$nine"
done

echo "# Shapes of history"
attack 1 GOOD "two parents" "$(event import)" --on HEAD --on HEAD~1 --merge label:q/1 '{"confidence":{"basis":"single"}}'
attack 1 GOOD "declares .init., but is not the first" "$(event init)" --merge policy.json '{"version":3}'
attack 1 GOOD "is the first commit, but" "$(event import)" --on none
attack 1 GOOD "declares .init., but" "$(event init)" --on none
commit "$(event relabel)" "$(label q/1)" --merge label:q/1 "$nine" --key mallory
bad=$id
commit "$(event relabel)" "$(label q/2)" --merge label:q/2 "$nine"
refused_at "$bad" 1 GOOD "a key that allowed_signers did not hold"

echo "# The manifest"
attack 1 GOOD "made for data set .*, but stands in" "$(event import)" \
	--merge ellwand.json '{"dataset":"00000000-0000-4000-8000-000000000000"}'
attack 1 GOOD "changes the name or licence" "$(event import)" --merge ellwand.json '{"name":"Shed"}'
attack 1 GOOD "changes the name or licence" "$(event import)" --merge ellwand.json '{"licence":"mine"}'
attack 1 GOOD "gives a fan-out to labels/ghost" "$(event import)" --merge ellwand.json '{"fanout":{"labels/ghost":0}}'
attack 1 GOOD "gives a fan-out to labels/ghost" "$(event reshard)" --merge ellwand.json '{"fanout":{"labels/ghost":0}}'
attack 1 GOOD "changes the fan-out of labels/train" "$(event import)" --merge ellwand.json '{"fanout":{"labels/train":1}}' \
	--copy labels/train/t%2f1.json train:t/1 --drop labels/train/t%2f1.json
attack 8 GOOD "no fan-out for labels/train" "$(event reshard)" --merge ellwand.json '{"fanout":{"labels/train":null}}'
attack 9 GOOD "format" "$(event import)" --merge ellwand.json '{"format":2}'
reshard() {
	commit "$(event reshard)" --merge ellwand.json '{"fanout":{"labels/train":1}}' \
		--copy labels/train/t%2f1.json train:t/1 --drop labels/train/t%2f1.json
}
reshard
ok "who may reshard can" ellwand -C s verify
path=$(git -C s ls-tree -r --name-only HEAD labels/train)
attack 8 GOOD "in a folder that is not its own" "$(event reshard)" --copy "$path" labels/train/0/t%2f1.json \
	--drop "$path"
reshard
attack 1 GOOD "does something else to label t/1" "$(event reshard)" --drop train:t/1 \
	--copy label:q/1 train:q/1

echo "# Trees and records"
echo readme >README
attack 8 GOOD 'README.* has no place' "$(event import)" --put README README
attack 8 GOOD 'not the name of a record.*Q1.json' "$(event import)" --copy label:q/1 labels/test/Q1.json
attack 8 GOOD 'not the name of a record.*x.txt' "$(event import)" --put labels/test/x.txt README
attack 8 GOOD 'notes.* has no place' "$(event import)" --put labels/notes README
attack 1 GOOD "has no such records" "$(event import)" --put audits/one/q%2f1.json README \
	--merge ellwand.json '{"fanout":{"audits/one":0}}'
git -C s cat-file blob HEAD:labels/test/q%2f1.json | sed 's/"basis":/& /' >spaced
attack 8 GOOD "record [0-9a-f]*: .*canonical" "$(event relabel)" "$(label q/1)" --put label:q/1 spaced
{ git -C s cat-file blob HEAD:labels/test/q%2f1.json && echo; } >longer
attack 8 GOOD "label q/1: record [0-9a-f]*: not in canonical form" "$(event relabel)" "$(label q/1)" --put label:q/1 longer
attack 8 GOOD "label" "$(event relabel)" "$(label q/1)" --merge label:q/1 '{"schema":"label/2","answer":{"value":"9"}}'
attack 8 GOOD "label q/1" "$(event relabel)" "$(label q/1)" --merge label:q/1 '{"answer":{"value":"9"},"rank":1}'
attack 8 GOOD "record" "$(event import)" --merge instance:q/1 '{"attributes":{"a":["b"]}}'
attack 1 GOOD "stands in two splits, test and train" "$(event import)" --copy label:q/1 train:q/1
attack 1 GOOD "ids q/1 and Q/1 differ by case alone" "$(event import)" --copy label:q/1 label:Q/1 \
	--merge label:Q/1 '{"id":"Q/1"}'
# A folder whose entry is changed by the sed script.
raw() {
	test_tree=$(git -C s ls-tree "HEAD$1" | sed "$2" | git -C s mktree --missing)
	case $1 in :*) test_tree=$(git -C s ls-tree HEAD | sed "s/tree [0-9a-f]*\t${1#:}/tree $test_tree\t${1#:}/" | git -C s mktree) ;; esac
	attack 8 GOOD "$3" "$(event import)" --tree "$test_tree"
}
raw '' 's/^100644\(.*policy\)/100755\1/' 'neither a plain file nor a folder.*policy.json'
raw '' 's/^100644\(.*policy\)/120000\1/' 'neither a plain file nor a folder.*policy.json'
raw '' '/policy/d' 'no policy.json'
raw '' '/allowed_signers/d' 'no allowed_signers'
raw :instances 's/100644 blob [0-9a-f]*\(.q%2f1\)/160000 commit 1111111111111111111111111111111111111111\1/' 'neither a plain file nor a folder.*q%2f1'
empty=$(git -C s mktree </dev/null)
raw '' "\$a 040000 tree $empty\taudits" 'audits.* has no place'
raw :labels "\$a 040000 tree $empty\tghost" 'no fan-out for labels/ghost'
raw :labels "s/tree [0-9a-f]*\ttrain/tree $empty\ttrain/" 'an empty folder'

echo "# Releases"
# STATUS GOOD|BAD RULE OPTION...: a tag v2.0 on a relabelled s
released() {
	test_want=$1 test_git=$2 test_rule=$3
	shift 3
	commit --key bob "$(event relabel)" "$(label q/1)" --merge label:q/1 "$nine"
	tag v2.0 --key carol "$@"
	bad_release v2.0 "$test_want" "$test_git" "$test_rule"
}

bad_release() {
	expect "$2" "^ellwand: does not verify: release refs/tags/$1: .*$4" ellwand -C s verify "$1"
	case $3 in
	GOOD) ok "git is content: $4" git -C s verify-tag "$1" ;;
	BAD) not_ok "git is not: $4" git -C s verify-tag "$1" ;;
	esac
	good_again
}

commit --key bob "$(event relabel)" "$(label q/1)" --merge label:q/1 "$nine"
tag v2.0 --key carol
ok "a release made by other means verifies" ellwand -C s verify v2.0
ok "and is git's" git -C s verify-tag v2.0
tag v2.0.1 --key carol --trailer Ellwand-Level=identical
ok "and the one behind it" ellwand -C s verify v2.0.1
good_again
git -C s update-ref refs/tags/v9.0 "$(git -C s rev-parse v1.0)"
bad_release v9.0 1 GOOD "it was signed as v1.0"
git -C s update-ref refs/tags/v9.0 "$(git -C s rev-parse v1.0^0)"
bad_release v9.0 1 BAD "it is no signed tag"
git -C s update-ref refs/tags/nightly HEAD
bad_release nightly 1 BAD "it is no signed tag"
git -C s update-ref refs/heads/v9.0 HEAD~1
expect 1 "release refs/heads/v9.0: it is no signed tag" ellwand -C s verify v9.0
good_again
whole=$(git -C s rev-parse HEAD~1)
git -C s update-ref "refs/heads/$whole" HEAD
ok "a branch by the name of a commit's id" ellwand -C s verify "$whole" --json
is "is not what the id means" "$(member .commit <out)" "$whole"
good_again
git -C s -c gpg.format=ssh -c user.signingKey="$tmp/carol" -c user.email=carol@example.org tag -s -m nightly nightly
bad_release nightly 1 GOOD "no paragraph of trailers"
released 1 GOOD "of a .tag., not of a commit" --on v1.0
released 1 GOOD "Ellwand-Release is not v1.0" --trailer Ellwand-Release=v2
released 1 GOOD "it was signed as v2.0" --trailer Ellwand-Release=v2.0.0
released 1 BAD "signature" --namespace ''
released 1 BAD "namespace" --namespace file
released 1 BAD "more than one signature" --twice
released 1 BAD "a key that allowed_signers did not hold" --key mallory
released 1 GOOD "signed with the key of bob@.* in the name of carol@" --key bob --by carol@example.org
released 1 GOOD "bob@example.org has not the role .release." --key bob
released 1 GOOD "dated before its commit" --time 1767225600
released 1 GOOD "declares pins that its labels do not have" --trailer "Ellwand-Records=ewr1:$zero"
released 1 GOOD "declares pins that its labels do not have" --trailer "Ellwand-Answers=ewa1:$zero"
released 1 GOOD "of data set 0" --trailer Ellwand-Dataset=00000000-0000-4000-8000-000000000000
released 1 GOOD "another policy" --trailer "Ellwand-Policy=sha256:$zero"
released 1 GOOD "other splits" --trailer Ellwand-Split
released 1 GOOD "Ellwand-Split is not in ascending order" --trailer Ellwand-Split="train 2 ewr1:$zero ewa1:$zero"
released 1 GOOD "is number 3, though the release before is 1" --trailer Ellwand-Sequence=3
released 1 GOOD "Ellwand-Previous" --trailer Ellwand-Sequence=1
released 1 GOOD "follows another release v1.0" --trailer Ellwand-Previous="v1.0 $(git -C s rev-parse HEAD)"
released 1 GOOD "follows release v1.5, which is not here" --trailer Ellwand-Previous="v1.5 $(git -C s rev-parse v1.0)"
released 1 GOOD "declares to be identical to v1.0, but is score-affecting" --trailer Ellwand-Level=identical
released 1 GOOD "declares to be extended to v1.0, but is" --trailer Ellwand-Level=extended
commit --key bob "$(event relabel)" "$(label q/1)" --merge label:q/1 "$nine"
tag v1.0.1 --key carol
bad_release v1.0.1 1 GOOD "is a patch step from v1.0 where the policy demands a major one"
commit --key bob "$(event relabel)" "$(label q/1)" --merge label:q/1 "$nine"
tag v1.0.1 --key carol --trailer Ellwand-Waiver='nobody uses q/1'
ok "with a waiver it may be" ellwand -C s verify v1.0.1
good_again
tag v0.9 --key carol
bad_release v0.9 1 GOOD "is not greater than v1.0"
commit --key bob "$(event relabel)" "$(label q/1)" --merge label:q/1 "$nine"
tag v2.0 --key carol
git -C s update-ref refs/heads/main "$(git -C s rev-parse v1.0^0)"
commit --key bob "$(event relabel)" "$(label q/2)" --merge label:q/2 "$nine"
tag v3.0 --key carol
bad_release v3.0 1 GOOD "follows v2.0, which is not in its history"

echo "# A copy that was tampered with"
git -C s cat-file commit v1.0^0 >true
must git clone -q s copy
good=$(git -C copy cat-file blob HEAD:labels/test/q%2f3.json)
blob=$(printf %s "$good" | sed 's/"value":"3"/"value":"4"/' | git -C copy hash-object -w --stdin)
folder=$(git -C copy ls-tree HEAD:labels/test | sed "s/blob .*\(.q%2f3\)/blob $blob\1/" | git -C copy mktree)
folder=$(git -C copy ls-tree HEAD:labels | sed "s/tree .*\(.test\)/tree $folder\1/" | git -C copy mktree)
tree=$(git -C copy ls-tree HEAD | sed "s/tree .*\(.labels\)/tree $folder\1/" | git -C copy mktree)
fake=$(sed "1s/.*/tree $tree/" true | git -C copy hash-object -w -t commit --stdin)
must git -C copy update-ref HEAD "$fake"
expect 1 "commit $fake: .*signature" ellwand -C copy verify
must git -C copy update-ref refs/tags/v1.0 "$fake"
expect 1 "commit $fake: .*signature" ellwand -C copy verify v1.0
blob=$(git -C s rev-parse v1.0:labels/test/q%2f3.json)
rm -rf copy
must git clone -q --bare --no-hardlinks s copy
# Each object in a file of its own.
mkdir packs && find copy -name '*.pack' -exec mv {} packs \;
for f in packs/*; do
	[ ! -e "$f" ] || git -C copy unpack-objects -q <"$f"
done
file=copy/objects/$(echo "$blob" | cut -c1-2)/$(echo "$blob" | cut -c3-)
chmod u+w "$file"
printf %s "$good" | sed 's/"value":"3"/"value":"4"/' | python3 -c 'import sys, zlib
b = sys.stdin.buffer.read()
sys.stdout.buffer.write(zlib.compress(b"blob %d\0" % len(b) + b))' >"$file"
expect 8 "object $blob is damaged" ellwand -C copy verify v1.0
rm -f "$file"
expect 8 "object $blob is missing" ellwand -C copy verify v1.0

echo "# Pins"
must git clone -q s clone
ok "a clone verifies" ellwand -C clone verify v1.0
pin=$(ellwand -C s pin v1.0)
answers=$(ellwand -C s pin v1.0 --answers)
ok "a pin that fits" ellwand -C clone verify v1.0 --pin "$pin"
ok "of answers too" ellwand -C clone verify v1.0 --pin "$answers"
commit --key bob "$(event relabel)" "$(label q/1)" --merge label:q/1 "$nine"
expect 1 "not the pinned labels: $pin was expected, ewr1:[0-9a-f]* is here" ellwand -C s verify HEAD --pin "$pin"
expect 1 "not the pinned labels: $answers was expected, ewa1:[0-9a-f]* is here" ellwand -C s verify HEAD --pin "$answers"
commit "$(event import)" --merge label:q/2 '{"confidence":{"basis":"single"}}' --on "$(git -C s rev-parse v1.0^0)"
ok "a pin of answers fits whatever scores the same" ellwand -C s verify HEAD --pin "$answers"
expect 1 "not the pinned labels" ellwand -C s verify HEAD --pin "$pin"
good_again
expect 2 "pin" ellwand -C s verify --pin "$(git -C s rev-parse HEAD)"
expect 2 "pin" ellwand -C s verify --pin ''
expect 3 "pin" ellwand -C s verify --pin "ewr1:$(echo "${pin#*:}" | tr a-f A-F)"
expect 3 "pin|ewr1" ellwand -C s verify --pin "${pin}0"
expect 3 "v7.0" ellwand -C s verify v7.0
expect 3 "names no commit" ellwand -C s verify "$(git -C s rev-parse HEAD:policy.json)"
expect 2 "" ellwand -C s verify v1.0 v1.0

echo "# What it prints"
must ellwand -C s verify v1.0
is "text" "$(cat out)" "Good: v1.0, 7 labels, 4 signed commits.
  records  $pin
  answers  $answers
  root     $(git -C s rev-list --max-parents=0 HEAD)"
# Exit status and a member of --json, after it was judged by its schema.
json() {
	test_want=$1
	shift
	status "$test_want" "verify $*" ellwand -C s verify --json "$@"
	cp out verify.json
	cp err verify.err
	is "one line" "$(wc -l <verify.json)" 1
	judged ellwand.verify verify.json
}
has() { is "$1 is $2" "$(member ".$1" <verify.json)" "$2"; }
json 0 v1.0
has good true
has problem null
has rev v1.0
has release v1.0
has commit "$(git -C s rev-parse v1.0^0)"
has commits 4
has labels 7
json 1 v1.0 --pin "ewr1:$zero"
has good false
has problem "$(sed 's/^ellwand: does not verify: //' verify.err)"
has records "$pin"
commit --key mallory "$(event relabel)" "$(label q/1)" --merge label:q/1 "$nine"
json 1
has commit "$id"
has commits 4
has labels 0
has records null
has root null
commit "$(event relabel)" "$(label q/1)" --merge label:q/1 "$nine" --twice
json 1
has commit "$id"
finish
