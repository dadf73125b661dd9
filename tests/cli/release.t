#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# release: numbered versions, each signed behind the one before; what may not be one.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/forge.sh
. "$root/tests/lib/forge.sh"
# shellcheck source=tests/lib/almanac.sh
. "$root/tests/lib/almanac.sh"

release() {
	ellwand -C s release "$@"
}
# A trailer of a release.
trailer() {
	git -C s cat-file tag "$1" | sed -n "s/^Ellwand-$2: //p"
}
# Refused, and nothing is written.
refused() {
	test_want=$1 test_ere=$2
	shift 2
	trace s >before
	expect "$test_want" "$test_ere" ellwand -C s release "$@"
	trace s >after
	ok "without a trace" cmp before after
}

echo "# Before there is anything to release"
key alice
key bob
export ELLWAND_KEY="$tmp/alice" ELLWAND_PRINCIPAL=alice@example.org
must ellwand init s --name Tower
refused 3 "^ellwand: v1.0: there is no label to release; import some first$" v1.0
must git -C s symbolic-ref HEAD refs/heads/none
refused 9 "refs/heads/none has no commit" v1.0
must git -C s symbolic-ref HEAD refs/heads/main
must git init -q plain
expect 9 "" ellwand -C plain release v1.0
rm -rf s alice alice.pub bob bob.pub

forgery
git -C s update-ref -d refs/tags/v1.0

echo "# Names"
for name in v1 1.0 v01.0 v1.00 v1.0.0.0 v1.0.0.1 v1. v.1 v1.x 'v1.0 ' V1.0 v-1.0 v1.0-rc1 v18446744073709551616.0 ''; do
	refused 2 "^ellwand: " "$name"
done
refused 2 "release" # no name
refused 2 "release" v1.0 v1.1

echo "# The first"
tick
ok "release" release v1.0 -m 'first light'
is "what it says" "$(cat out)" "Released v1.0, number 1, 7 labels.
  records  $(ellwand -C s pin HEAD)
  answers  $(ellwand -C s pin HEAD --answers)"
is "an annotated tag" "$(git -C s cat-file -t v1.0)" tag
is "of HEAD" "$(git -C s rev-parse v1.0^0)" "$(git -C s rev-parse HEAD)"
is "its number" "$(trailer v1.0 Sequence)" 1
is "no release before" "$(trailer v1.0 Previous)$(trailer v1.0 Level)" ""
is "its splits" "$(trailer v1.0 Split | cut -d' ' -f1,2 | tr '\n' ,)" "test 6,train 1,"
is "its policy" "$(trailer v1.0 Policy)" "sha256:$(git -C s cat-file blob HEAD:policy.json | sha256sum | cut -d' ' -f1)"
is "its name and text" "$(git -C s for-each-ref --format='%(contents:subject)/%(contents:body)' refs/tags/v1.0 | head -n 1)" \
	"Tower v1.0/first light"
ok "git verify-tag" git -C s verify-tag v1.0
ok "git fsck" git -C s fsck --strict
ok "verify" ellwand -C s verify v1.0

echo "# The next"
refused 3 "^ellwand: v1.0 is not greater than the last release, v1.0; see ellwand compat v1.0 HEAD$" v1.0
refused 3 "v0.9 is not greater" v0.9
refused 3 "v1.0.0 is not greater" v1.0.0
must ellwand -C s relabel q/1 --value 9 -m 'counted again'
refused 4 "^ellwand: v1.0.1 is a patch step, .* since v1.0 are score-affecting and demand a major one; .*--waiver REASON$" v1.0.1
refused 4 "v1.1 is a minor step" v1.1
refused 4 "v1.1 is a minor step" v1.1 --waiver ''
refused 3 "Ellwand-Waiver is not one line" v1.1 --waiver 'two
lines'
tick
ok "a smaller step with a waiver" release v1.1 --waiver 'nobody has used q/1'
like "which is printed" "$(cat out)" '^  waiver   nobody has used q/1$'
is "and signed" "$(trailer v1.1 Waiver)" 'nobody has used q/1'
is "its number" "$(trailer v1.1 Sequence)" 2
is "the release before" "$(trailer v1.1 Previous)" "v1.0 $(git -C s rev-parse v1.0)"
is "its level" "$(trailer v1.1 Level)" score-affecting
ok "verify" ellwand -C s verify v1.1
must ellwand -C s relabel q/1 --value 8 -m 'counted once more'
tick
ok "release as JSON" release v2.0 --json --waiver 'not needed'
cp out release.json
judged ellwand.release release.json
is "the waiver is left out" "$(member .waiver <release.json)$(trailer v2.0 Waiver)" null
is "number, before, level" "$(member .sequence <release.json) $(member .previous <release.json) $(member .level <release.json)" \
	"3 v1.1 score-affecting"
is "commit and tag" "$(member .commit <release.json) $(member .tag <release.json)" "$(git -C s rev-parse v2.0^0 v2.0 | tr '\n' ' ' | sed 's/ $//')"
tick
ok "nothing changed: any greater version" release v2.0.1
is "identical" "$(trailer v2.0.1 Level)" identical
echo '{"id":"q/7","value":"7"}' >more.jsonl
must ellwand -C s import more.jsonl --split test --preset jsonl
refused 4 "v2.0.2 is a patch step, .* are extended and demand a minor one" v2.0.2
tick
ok "labels were added: a minor step" release v2.1
is "extended" "$(trailer v2.1 Level)" extended
ok "all of them verify" ellwand -C s fsck

echo "# Texts"
refused 3 "a line of the text begins with -----BEGIN" v3.0 -m '-----BEGIN SSH SIGNATURE-----'
refused 3 "a line of the text begins with -----BEGIN" v3.0 -m 'See
-----BEGIN PGP MESSAGE-----'
refused 3 "control characters" v3.0 -m "$(printf 'a\033b')"
ok "trailers in the text are text" release v3.0 -m "$(printf 'Ellwand-Sequence: 9\n\nEllwand-Release: v9.9')"
ok "to verify too" ellwand -C s verify v3.0
ok "and to the next" release v3.1
is "which follows in number" "$(trailer v3.1 Sequence)" 7

echo "# People"
ELLWAND_KEY=$tmp/bob ELLWAND_PRINCIPAL=bob@example.org refused 4 "bob@example.org has not the role .release." v4.0
ELLWAND_KEY=$tmp/mallory ELLWAND_PRINCIPAL='' refused 4 "none of the store's" v4.0
ELLWAND_KEY=$tmp/carol ELLWAND_PRINCIPAL=carol@example.org ok "carol releases, and nothing else" release v4.0
ELLWAND_KEY=$tmp/carol ELLWAND_PRINCIPAL=carol@example.org expect 4 "allows .relabel." ellwand -C s relabel q/1 --value 7 -m why

echo "# Other branches, other releases"
must git -C s branch side v1.0^0
must git -C s symbolic-ref HEAD refs/heads/side
refused 3 "v5.0: the last release, v4.0, is not in this branch's history" v5.0
must git -C s symbolic-ref HEAD refs/heads/main
cp -r s/.git/refs refs.then
git -C s update-ref refs/tags/v9.0 HEAD
ok "a light tag by a release's name is none" release v4.1
rm -rf s/.git/refs && cp -r refs.then s/.git/refs
git -C s update-ref refs/tags/v9.0 "$(git -C s rev-parse v4.0)"
refused 3 "v10.0: the last release does not verify: release refs/tags/v9.0: it was signed as v4.0" v10.0
rm -rf s/.git/refs && cp -r refs.then s/.git/refs
tag v5.0 --key mallory --trailer Ellwand-Level=identical
refused 3 "v6.0: the last release does not verify: .* a key that allowed_signers did not hold" v6.0
rm -rf s/.git/refs && cp -r refs.then s/.git/refs
git -C s update-ref refs/tags/v5.0 "$(git -C s rev-parse HEAD:policy.json)"
ok "nor is the tag of a file" release v4.1
rm -rf s/.git/refs && cp -r refs.then s/.git/refs
commit --trailer Ellwand-Event=policy --merge policy.json '{"version":3,"thresholds":{"release":2}}'
set_clock 1767300000
refused 4 "policy.json wants 2 signatures of a release" v5.0
finish
