#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# fsck: every branch and tag is judged, and one that is bad hides no other.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/forge.sh
. "$root/tests/lib/forge.sh"
# shellcheck source=tests/lib/almanac.sh
. "$root/tests/lib/almanac.sh"

forgery
nine='{"answer":{"value":"9"}}'
event() { printf %s "--trailer=Ellwand-Event=$1"; }

# One fault, in one line that matches.
faulty() {
	test_ere=$1
	status 8 "one fault: $1" ellwand -C s fsck
	is "in one line" "$(wc -l <out)" 1
	like "which says it" "$(cat out)" "$test_ere"
	is "and one that sums up" "$(cat err)" \
		"ellwand: 1 fault found; restore the store from a good copy"
	good_again
}

ok "a good store" ellwand -C s fsck
is "what was looked at" "$(cat out)" "No faults: 2 branches and releases, 4 commits, 14 records."
ok "as JSON" ellwand -C s fsck --json
cp out fsck.json
judged ellwand.fsck fsck.json
is "no faults" "$(member .faults <fsck.json)" '[]'
is "counts" "$(member .refs <fsck.json) $(member .commits <fsck.json) $(member .records <fsck.json)" "2 4 14"

commit --key mallory "$(event relabel)" --trailer Ellwand-Label=q/1 --merge label:q/1 "$nine"
faulty "^refs/heads/main: commit $id: signed with a key that allowed_signers did not hold"
git -C s update-ref refs/heads/side "$(git -C s rev-list --max-parents=0 HEAD)"
git -C s update-ref refs/tags/nightly HEAD
faulty "^refs/tags/nightly: it is no signed tag"
git -C s update-ref refs/tags/v9.0 "$(git -C s rev-parse v1.0)"
faulty "^refs/tags/v9.0: release refs/tags/v9.0: it was signed as v1.0"
git -C s update-ref refs/tags/v9.0 "$(git -C s rev-parse HEAD:policy.json)"
faulty "^refs/tags/v9.0: .*names no commit"
tag v1.1 --trailer Ellwand-Level=identical
tag v1.2 --trailer Ellwand-Sequence=2 --trailer Ellwand-Level=identical \
	--trailer Ellwand-Previous="v1.0 $(git -C s rev-parse v1.0)"
faulty "^refs/tags/v1.2: it is number 2, as is refs/tags/v1.1"
git -C s symbolic-ref HEAD refs/heads/gone
faulty "^HEAD: it names refs/heads/gone, which is not there"
git -C s symbolic-ref HEAD refs/heads/main
must git -C s update-ref --no-deref HEAD "$(git -C s rev-parse HEAD)"
faulty "^HEAD: HEAD names no branch"
git -C s symbolic-ref HEAD refs/heads/main
commit "$(event import)" --copy label:q/1 train:q/1
faulty "^refs/heads/main: .*stands in two splits"
commit "$(event import)" --copy label:q/1 label:Q/1 --merge label:Q/1 '{"id":"Q/1"}'
faulty "^refs/heads/main: .*differ by case alone"

commit --key mallory "$(event relabel)" --trailer Ellwand-Label=q/1 --merge label:q/1 "$nine"
git -C s update-ref refs/tags/nightly HEAD
git -C s update-ref refs/heads/side "$(git -C s rev-parse v1.0^0)"
status 8 "three faults" ellwand -C s fsck
is "of main and of what leads to it" "$(cut -d: -f1 out | tr '\n' ' ')" "refs/heads/main refs/tags/nightly "
status 8 "as JSON" ellwand -C s fsck --json
cp out fsck.json
cp err fsck.err
judged ellwand.fsck fsck.json
is "both" "$(member .faults.0.ref <fsck.json) $(member .faults.1.ref <fsck.json)" "refs/heads/main refs/tags/nightly"
like "one line says so" "$(cat fsck.err)" '^ellwand: 2 faults found'
good_again

# A record that no later commit touched, damaged where it lies.
blob=$(git -C s rev-parse HEAD:labels/test/q%2f3.json)
file=s/.git/objects/$(echo "$blob" | cut -c1-2)/$(echo "$blob" | cut -c3-)
if [ -e "$file" ]; then
	cp "$file" kept
	chmod u+w "$file"
	printf 'x' | dd of="$file" bs=1 seek=30 conv=notrunc 2>/dev/null
	status 8 "a damaged object" ellwand -C s fsck
	like "is named" "$(cat out)" "object $blob is damaged"
	rm -f "$file"
	status 8 "a missing object" ellwand -C s fsck
	like "is named" "$(cat out)" "object $blob is missing"
	cp kept "$file"
else
	skip "a damaged object" "it is in a pack"
fi
ok "good again" ellwand -C s fsck
must git -C s gc -q
ok "packed" ellwand -C s fsck
must git clone -q --mirror s copy.git
ok "a mirror" ellwand -C copy.git fsck
expect 2 "" ellwand -C s fsck main
finish
