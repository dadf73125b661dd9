#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Releases that expire: how an end is given, who minds it and who does not.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/forge.sh
. "$root/tests/lib/forge.sh"
# shellcheck source=tests/lib/almanac.sh
. "$root/tests/lib/almanac.sh"

forgery
event() { printf %s "--trailer=Ellwand-Event=$1"; }
end_of() { git -C s cat-file tag "$1" | sed -n 's/^Ellwand-Expires: //p'; }

# The clock of the tests stands on 2026-01-01.
echo "# How an end is given"
not_now() {
	trace s >before
	expect "$1" "$2" ellwand -C s release v2.0 --expires "$3"
	trace s >after
	ok "without a trace" cmp before after
}
set_clock 1767225700 # of v1.0, and of its commit's minute
for text in '' never 2027 2027-06 2027-06-31 30.06.2027 2027-06-30T12:00 2027-06-30T12:00:00 \
	2027-06-30T12:00:00+02:00 2027-06-30T25:00:00Z 180 d -1d 1.5d 100000d '180 d' 2027-06-30Z; do
	not_now 2 "^ellwand: '.*' is no time; write 2027-06-30, 2027-06-30T12:00:00Z, or 180d" "$text"
done
not_now 3 "^ellwand: v2.0 would expire at once; give a later time than now$" 2025-12-31
not_now 3 "would expire at once" 2026-01-01T00:01:40Z
not_now 3 "would expire at once" 0d
not_now 3 "would expire at once" 0001-01-01
tick
ok "a day" ellwand -C s release v2.0 --expires 2026-01-01
is "its last second" "$(end_of v2.0)" 2026-01-01T23:59:59Z
like "is printed" "$(cat out)" '^  expires  2026-01-01T23:59:59Z$'
is "before what it holds" "$(git -C s cat-file tag v2.0 | sed -n 's/^Ellwand-\([A-Z][a-z]*\): .*/\1/p' | tr '\n' ' ')" \
	"Release Sequence Previous Level Expires Dataset Records Answers Policy Split Split "
ok "git verify-tag" git -C s verify-tag v2.0
ok "git fsck" git -C s fsck --strict
ok "a time" ellwand -C s release v2.1 --expires 2026-01-02T12:00:00Z
is "as it was given" "$(end_of v2.1)" 2026-01-02T12:00:00Z
ok "days" ellwand -C s release v2.2 --expires 180d --json
is "from now on" "$(end_of v2.2)" 2026-06-30T00:02:40Z
cp out release.json
judged ellwand.release release.json
is "as JSON" "$(member .expires <release.json)" 2026-06-30T00:02:40Z
ok "none" ellwand -C s release v3.0 --json
is "as JSON" "$(member .expires <out)" null

echo "# What minds it"
git -C s update-ref -d refs/tags/v3.0
git -C s update-ref -d refs/tags/v2.2
set_clock 1767355200 # 2026-01-02T12:00:00Z
ok "in its last second a release is good" ellwand -C s verify v2.1
like "and says its end" "$(cat out)" '^  expires  2026-01-02T12:00:00Z$'
like "status too" "$(ellwand -C s status)" \
	'^last release v2.1, which is what HEAD holds; it expires on 2026-01-02T12:00:00Z$'
ok "pin" ellwand -C s pin v2.1
is "says it beside the pin" "$(wc -l <out) $(cat err)" "1 ellwand: v2.1 expires on 2026-01-02T12:00:00Z"
set_clock 1767355201
old="release v2.1 expired on 2026-01-02T12:00:00Z; fetch a newer one"
expect 1 "^ellwand: does not verify: $old$" ellwand -C s verify v2.1
expect 1 "^ellwand: does not verify: $old$" ellwand -C s verify refs/tags/v2.1 --pin "$(ellwand -C s pin HEAD)"
ok "the pin can still be asked" ellwand -C s pin v2.1
is "with a word" "$(cat err)" "ellwand: v2.1 expired on 2026-01-02T12:00:00Z"
for arg in "" v1.0 main; do
	# shellcheck disable=SC2086 # no word, or one
	ok "pin $arg" ellwand -C s pin $arg
	is "has no end" "$(cat err)" ""
done
ok "status" ellwand -C s status
like "says it" "$(cat out)" '; it expired on 2026-01-02T12:00:00Z$'
like "and what to do" "$(cat out)" '^Next: ellwand release signs these labels as the next version, with a later end$'
status 1 "verify as JSON" ellwand -C s verify v2.1 --json
cp out verify.json
judged ellwand.verify verify.json
is "why not" "$(member .problem <verify.json)" "$old"
is "its end" "$(member .expires <verify.json)" 2026-01-02T12:00:00Z
ellwand -C s pin v2.1 --json >pin.json
ellwand -C s pin v1.0 --json >>pin.json
judged ellwand.pin pin.json
is "pins" "$(member .expires <pin.json | tr '\n' ' ')" "2026-01-02T12:00:00Z null "
ellwand -C s status --json >status.json
judged ellwand.status status.json
is "status" "$(member .release.expires <status.json)" 2026-01-02T12:00:00Z

echo "# What does not"
ok "git" git -C s verify-tag v2.1
ok "a branch and a commit have no end" ellwand -C s verify HEAD
ok "nor an older release" ellwand -C s verify v1.0
ok "fsck" ellwand -C s fsck
ok "the next release" ellwand -C s release v2.1.1
ok "is good" ellwand -C s verify v2.1.1
must git clone -q --bare s server.git
git -C server.git for-each-ref --format='%(refname)' refs/tags | while read -r ref; do
	git -C server.git update-ref -d "$ref"
done
must cp "$root/hooks/pre-receive" server.git/hooks/pre-receive
for name in v1.0 v2.0 v2.1 v2.1.1; do
	ok "a server lets $name in" git -C s push -q "$tmp/server.git" "$name"
done

echo "# Forged"
good_again
tag v2.0 --trailer Ellwand-Level=identical --trailer Ellwand-Expires=2026-01-01T00:00:00Z
expect 1 "release refs/tags/v2.0: expires before it was signed$" ellwand -C s verify v2.0
ok "git is content" git -C s verify-tag v2.0
good_again
tag v2.0 --trailer Ellwand-Level=identical --trailer Ellwand-Expires=2027-06-30
expect 1 "release refs/tags/v2.0: .*Ellwand-Expires is no time such as" ellwand -C s verify v2.0
ok "git is content" git -C s verify-tag v2.0
ok "status takes it for a release without an end" ellwand -C s status
finish
