#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# verify --lock against mirrors, thieves and forgers: what each of them does is called by its
# name, though stock git, with the keys that the store itself gives, is content.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/forge.sh
. "$root/tests/lib/forge.sh"
# shellcheck source=tests/lib/almanac.sh
. "$root/tests/lib/almanac.sh"

forgery
cp -r s old
nine='{"answer":{"value":"9"}}'
eight='{"answer":{"value":"8"}}'
event() { printf %s "--trailer=Ellwand-Event=$1"; }
label() { printf %s "--trailer=Ellwand-Label=$1"; }
relabel() { commit --key bob "$(event relabel)" "$(label q/1)" --merge label:q/1 "$nine" "$@"; }

relabel
tag v2.0 --key carol --trailer Ellwand-Expires=2027-06-30T23:59:59Z
must ellwand -C s pin v2.0 --write
relabelled=$(git -C s rev-parse HEAD)
must ellwand -C s verify --lock ellwand.lock
is "what nobody tampered with" "$(cat out)" "Good: v2.0 as locked, 7 labels, 5 signed commits."
rm -rf refs && cp -r s/.git/refs refs
cp s/.git/HEAD head

# git verify-tag, or verify-commit, by the allowed_signers of that very version.
git_good() {
	git -C "${2:-s}" show "$1:allowed_signers" >theirs
	case $(git -C "${2:-s}" cat-file -t "$1") in
	tag) ok "git verify-tag is content" git -C "${2:-s}" -c gpg.ssh.allowedSignersFile="$tmp/theirs" verify-tag "$1" ;;
	*) ok "git verify-commit is content" git -C "${2:-s}" -c gpg.ssh.allowedSignersFile="$tmp/theirs" verify-commit "$1" ;;
	esac
}

# FAULT ERE [STORE]: what the lock says; the store s is put right then.
caught() {
	expect 1 "^ellwand: ellwand.lock: $1: $2" ellwand -C "${3:-s}" verify --lock ellwand.lock
	status 1 "as JSON" ellwand -C "${3:-s}" verify --lock ellwand.lock --json
	cp out locked.json
	judged ellwand.locked locked.json
	is "by its name" "$(member .fault <locked.json)" "$1"
	is "with what is said" "ellwand: ellwand.lock: $1: $(member .problem <locked.json)" "$(cat err)"
	good_again
	cp head s/.git/HEAD
}

# ERE: the lock still holds, and this is said too.
holds() {
	ok "the lock holds" ellwand -C s verify --lock ellwand.lock
	like "and says" "$(cat out)" "^Good: v2.0 as locked, 7 labels, 5 signed commits\.$1"
	is "in one line" "$(wc -l <out)" 1
	must ellwand -C s verify --lock ellwand.lock --json
	cp out locked.json
	judged ellwand.locked locked.json
	good_again
}

echo "# Rollback: the mirror serves what it had"
git_good v1.0 old
caught rollback "the newest release here is v1.0, number 1, and v2.0, number 2, is locked; fetch again" old
git -C s update-ref -d refs/tags/v2.0
git_good v1.0
caught rollback "the newest release here is v1.0"
git -C s update-ref refs/heads/main "$(git -C s rev-parse v1.0^0)"
git_good v2.0
caught rollback "HEAD stands before the locked v2.0; fetch again"

echo "# Freeze: the mirror keeps what came later"
set_clock 1814399999
ok "in its last second a release is good" ellwand -C s verify --lock ellwand.lock
set_clock 1814400000
git_good v2.0
caught freeze "the locked v2.0 expired on 2027-06-30T23:59:59Z, and no newer one is here; fetch again"
relabel --merge label:q/1 "$eight" --time 1767230000
tag v3.0 --key carol
caught freeze "the locked v2.0 expired on .*; v3.0 is here: ellwand pin v3.0 --write ellwand.lock moves the lock$"
set_clock $((1767225720 + 3 * 86400))
ok "three days old" ellwand -C s verify --lock ellwand.lock --max-age 3
tick
expect 1 "^ellwand: ellwand.lock: freeze: the newest release here, v2.0, is of 2026-01-01T00:02:00Z, more than 3 days ago; fetch" \
	ellwand -C s verify --lock ellwand.lock --max-age 3
ok "but not four" ellwand -C s verify --lock ellwand.lock --max-age 4
relabel --merge label:q/1 "$eight" --time 1767230000
tag v3.0 --key carol
ok "a newer one is young enough" ellwand -C s verify --lock ellwand.lock --max-age 3
good_again
set_clock 1767230000

echo "# Mix and match: lock, tag and labels say different things"
forged() {
	git -C s update-ref -d refs/tags/v2.0
	tag v2.0 --key carol "$@"
	git_good v2.0
}
pin=$(ellwand -C s pin v1.0) answers=$(ellwand -C s pin v1.0 --answers)
zero=0000000000000000000000000000000000000000000000000000000000000000
forged --trailer "Ellwand-Records=$pin"
caught mix-and-match "release refs/tags/v2.0: declares pins that its labels do not have; fetch from another copy"
forged --trailer "Ellwand-Answers=$answers"
caught mix-and-match "release refs/tags/v2.0: declares pins"
forged --trailer Ellwand-Split
caught mix-and-match "release refs/tags/v2.0: declares other splits than there are"
forged --trailer "Ellwand-Policy=sha256:$zero"
caught mix-and-match "release refs/tags/v2.0: declares another policy than it holds"
cp ellwand.lock good.lock
edited() {
	sed "$2" good.lock >ellwand.lock
	not_ok "$1 is edited" cmp ellwand.lock good.lock
	git_good v2.0
	caught mix-and-match "the lock says other $1 of v2.0 than its tag does; take the file from where it was last good"
	cp good.lock ellwand.lock
}
edited records "s/^  \"records\": \".*\"/  \"records\": \"$pin\"/"
edited answers "s/^  \"answers\": \".*\"/  \"answers\": \"$answers\"/"
edited sequence 's/"sequence": 2/"sequence": 1/'
edited expires '/expires/d'
edited expires 's/2027-06-30/2028-06-30/'
edited time 's/"time": "2026/"time": "2027/'
edited commit "s/^  \"commit\": \".*\"/  \"commit\": \"$(git -C s rev-parse HEAD~1)\"/"
edited policy "s/sha256:.*\"/sha256:$zero\"/"
edited splits 's/"labels": 6/"labels": 7/'
edited splits "s/^      \"records\": \".*\"/      \"records\": \"$pin\"/"

echo "# Fork: two stories, both signed"
cp -r s/.git/objects objects
git -C s update-ref refs/heads/main "$(git -C s rev-parse v1.0^0)"
git -C s update-ref -d refs/tags/v2.0
relabel --merge label:q/1 "$eight"
tag v2.0 --key carol
git_good v2.0
caught fork "v2.0 here, number 2, is signed, but is not the locked one: two stories are told; keep both copies"
before=$(git -C s rev-parse v1.0)
relabel --merge label:q/1 "$eight"
tag v2.1 --key carol --trailer Ellwand-Sequence=2 --trailer "Ellwand-Previous=v1.0 $before"
git_good v2.1
caught fork "v2.1, number 2, is signed too, but did not come from the locked v2.0, number 2: two stories"
tag v1.9 --key carol --on v1.0^0 --trailer Ellwand-Sequence=2 --trailer "Ellwand-Previous=v1.0 $before" \
	--trailer Ellwand-Level=identical
git_good v1.9
caught fork "v1.9, number 2, is signed too, but did not come from the locked v2.0"
git -C s update-ref refs/heads/main "$(git -C s rev-parse v1.0^0)"
commit --key bob "$(event relabel)" "$(label q/2)" --merge label:q/2 "$nine"
git_good HEAD
git_good v2.0
caught fork "the locked v2.0 is not in the history of HEAD: two stories are told"
tag v2.0.1 --key carol --trailer Ellwand-Sequence=2 --trailer "Ellwand-Previous=v1.0 $before" \
	--trailer Ellwand-Level=score-affecting
tag v2.0.2 --key carol --trailer Ellwand-Level=identical --trailer Ellwand-Sequence=3 \
	--trailer "Ellwand-Previous=v2.0.1 $(git -C s rev-parse v2.0.1)"
git -C s update-ref -d refs/tags/v2.0
must cp refs/tags/v2.0 s/.git/refs/tags/v2.0
git_good v2.0.2
caught fork "v2.0.2, number 3, is signed too, but did not come from the locked v2.0, number 2"

echo "# Teleport: made for another place"
must ellwand init shed --name Shed --principal alice@example.org
must ellwand -C shed import test.jsonl --split test --preset jsonl
must ellwand -C shed release v1.0
tick
must ellwand -C shed relabel q/1 --value 9 -m 'counted again'
must ellwand -C shed release v2.0
shed=$(git -C shed cat-file blob HEAD:ellwand.json | member .dataset)
must git -C s fetch -q -f "$tmp/shed" refs/tags/v2.0:refs/tags/v2.0
git_good v2.0
caught teleport "v2.0 here is a release of data set $shed, and the lock is of .*; fetch from that one's store"
git_good v2.0 shed
caught teleport "v2.0 here is a release of data set $shed" shed
git -C shed update-ref -d refs/tags/v2.0
caught teleport "the releases here are of data set $shed, and the lock is of .*; name the right store" shed
git -C s update-ref refs/heads/main "$(git -C s rev-parse v1.0^0)"
relabel --trailer "Ellwand-Dataset=$shed"
strange=$id
git_good HEAD
forged
caught teleport "commit $strange was made for $shed, and has no place in v2.0; fetch from another copy"
# A draft of bob's, which somebody put on the main branch.
git -C s update-ref refs/heads/main "$(git -C s rev-parse v1.0^0)"
relabel --trailer Ellwand-Ref=refs/heads/draft
draft=$id
git_good HEAD
commit --key bob "$(event relabel)" "$(label q/2)" --merge label:q/2 "$nine"
forged
caught teleport "commit $draft was made for refs/heads/draft, and has no place in v2.0"
# The tag of one data set on the labels of another, by a thief of carol's key.
git -C s update-ref -d refs/tags/v2.0
must git -C s fetch -q "$tmp/shed" refs/heads/main:refs/heads/shed
tag v2.0 --key carol --on refs/heads/shed --trailer "Ellwand-Dataset=$(git -C s cat-file blob HEAD:ellwand.json | member .dataset)"
ok "git verify-tag is content" git -C s verify-tag v2.0
caught teleport "v2.0 here holds data set $shed, and the lock is of"

echo "# Tag swap: signed under another name"
git -C s update-ref refs/tags/v2.0 "$(git -C s rev-parse v1.0)"
git_good v2.0
caught tag-swap "what stands here as v2.0 was signed as v1.0; delete it with git tag -d"
git -C s update-ref refs/tags/v9.0 "$(git -C s rev-parse v2.0)"
git -C s update-ref -d refs/tags/v2.0
git_good v9.0
caught tag-swap "the locked v2.0 stands here as v9.0, under which nobody signed it; fetch the tags anew"
git -C s update-ref refs/tags/v9.0 "$(git -C s rev-parse v1.0)"
git_good v9.0
holds " v9.0 is here too, but does not verify: release refs/tags/v9.0: it was signed as v1.0\.$"
is "in JSON too" "$(member .doubtful.release <locked.json)" v9.0

echo "# Replaced objects: git itself looks elsewhere"
# What cannot be looked at is refused before it is looked at.
unseen() {
	expect 9 "$1" ellwand -C s verify --lock ellwand.lock
	expect 9 "$1" ellwand -C s pin v2.0 --write
}
blob=$(git -C s rev-parse v2.0:labels/test/q%2f3.json)
other=$(git -C s cat-file blob "$blob" | sed 's/"value":"3"/"value":"4"/' | git -C s hash-object -w --stdin)
must git -C s replace "$blob" "$other"
is "git shows another label" "$(git -C s cat-file blob v2.0:labels/test/q%2f3.json | member .answer.value)" 4
git_good v2.0
git_good v2.0^0
unseen "refs/replace/$blob replaces an object; remove it with git replace -d"
must git -C s replace -d "$blob"
must git -C s replace "$(git -C s rev-parse v2.0^0)" "$(git -C s rev-parse v1.0^0)"
git_good v2.0
unseen "refs/replace/.* replaces an object"
must git -C s replace -d "$(git -C s rev-parse v2.0^0)"
mkdir -p s/.git/info
must git -C s config advice.graftFileDeprecated false
git -C s rev-parse HEAD >s/.git/info/grafts
is "git shows another history" "$(git -C s rev-list --count HEAD 2>/dev/null)" 1
git_good v2.0
unseen "grafts change what git shows"
rm s/.git/info/grafts
mkdir -p s/.git/objects/info
echo "$tmp/old/.git/objects" >s/.git/objects/info/alternates
git_good v2.0
unseen "objects are borrowed from another repository"
rm s/.git/objects/info/alternates
holds '$'

echo "# Missing: the locked release was taken away"
relabel --merge label:q/1 "$eight"
tag v3.0 --key carol
git -C s update-ref -d refs/tags/v2.0
git_good v3.0
caught missing "the locked v2.0 is not here as a signed release; fetch the tags, with git fetch --tags$"
git -C s update-ref refs/tags/v2.0 "$relabelled"
git_good v2.0
caught rollback "the newest release here is v1.0"
for name in v1.0 v2.0; do git -C s update-ref -d refs/tags/$name; done
git_good HEAD
caught missing "the locked v2.0 is not here"

echo "# Other root: the same name, other people's keys"
export ELLWAND_KEY="$tmp/mallory" ELLWAND_PRINCIPAL=mallory@example.org
must ellwand init mine --name Tower --principal mallory@example.org
forge mine commit --key mallory --on none "$(event init)" \
	--merge ellwand.json "{\"dataset\":\"$(git -C s cat-file blob HEAD:ellwand.json | member .dataset)\"}"
must ellwand -C mine import test.jsonl --split test --preset jsonl
must ellwand -C mine import train.jsonl --split train --preset jsonl
must ellwand -C mine release v1.0
must ellwand -C mine relabel q/1 --value 9 -m 'counted again'
must ellwand -C mine release v2.0
ok "it verifies as any store does" ellwand -C mine verify v2.0
git_good v2.0 mine
caught other-root "the history of v2.0 begins at another commit here than the locked one, so with other people's keys" mine
git -C s update-ref -d refs/tags/v2.0
must git -C s fetch -q "$tmp/mine" refs/tags/v2.0:refs/tags/v2.0 refs/tags/v1.0:refs/tags/v0.1
git_good v2.0
expect 3 "^ellwand: ellwand.lock: it locks a history that begins at another commit than that of v2.0" \
	ellwand -C mine pin v2.0 --write
good_again
must ellwand -C mine release v3.0
must git -C s fetch -q "$tmp/mine" refs/tags/v3.0:refs/tags/v3.0
git_good v3.0
holds " v3.0 is here too, but does not verify: "

echo "# Invalid: no key, or no right to it"
git -C s update-ref -d refs/tags/v2.0
tag v2.0 --key mallory --by carol@example.org
caught invalid "release refs/tags/v2.0: signed with a key that allowed_signers did not hold .*; fetch from another copy"
forged --key bob
caught invalid "release refs/tags/v2.0: bob@example.org has not the role .release.; fetch"
git -C s update-ref refs/heads/main "$(git -C s rev-parse v1.0^0)"
commit --key carol "$(event relabel)" "$(label q/1)" --merge label:q/1 "$nine"
strange=$id
git_good HEAD
forged
caught invalid "commit $strange: no role of carol@example.org in policy.json allowed .relabel."
must git -C s commit-tree -m junk -p HEAD 'HEAD^{tree}'
junk=$(cat out)
must git -C s update-ref refs/heads/main "$junk"
caught invalid "HEAD: commit $junk: .*; fetch from another copy"

echo "# Fast-forward: a number that no release after it could reach"
for number in 9007199254740991 18446744073709551615 4; do
	relabel --merge label:q/1 "$eight"
	tag v3.0 --key carol --trailer Ellwand-Sequence=$number
	git_good v3.0
	expect 1 "release refs/tags/v3.0: is number $number, though the release before is 2$" ellwand -C s verify v3.0
	expect 1 "does not verify: release refs/tags/v3.0: is number $number" ellwand -C s pin v3.0 --write
	holds " v3.0 is here too, but does not verify: release refs/tags/v3.0: is number $number, though the release before is 2\.$"
done
tag v9.0 --key bob --trailer Ellwand-Sequence=9007199254740991 --trailer Ellwand-Level=identical
git_good v9.0
holds " v9.0 is here too, but does not verify: .*bob@example.org has not the role .release.\.$"

echo "# News is no fault"
relabel --merge label:q/1 "$eight"
tag v3.0 --key carol
holds " v3.0 is here: ellwand pin v3.0 --write ellwand.lock moves the lock\.$"
is "in JSON too" "$(member .newer.sequence <locked.json)" 3
relabel --merge label:q/1 "$eight"
tag v3.0 --key carol
tag v3.0.1 --key carol --trailer Ellwand-Level=identical
tag v4.0 --key bob --trailer Ellwand-Level=identical
holds " v3.0.1 is here: .* moves the lock\. v4.0 is here too, but does not verify: "
commit --key mallory "$(event relabel)" "$(label q/1)" --merge label:q/1 "$eight"
holds '$'
ok "and all of it in a clone" git clone -q s clone
ok "holds as well" ellwand -C clone verify --lock ellwand.lock
finish
