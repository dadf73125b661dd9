#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# pin --write: a consumer's lock is made of what verifies, moves forward only, and is whole at
# any time.  verify --lock of a store that nobody has tampered with; lock-attacks.t has the others.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/forge.sh
. "$root/tests/lib/forge.sh"
# shellcheck source=tests/lib/almanac.sh
. "$root/tests/lib/almanac.sh"

forgery
lock() { ellwand -C s pin "$@"; }
in_lock() { tr -d '\n' <"${2:-ellwand.lock}" | member ".$1"; }
# Refused, and the lock stays as it is, with nothing beside it.
stays() {
	test_want=$1 test_ere=$2
	shift 2
	cp ellwand.lock before
	expect "$test_want" "$test_ere" ellwand -C s pin "$@"
	ok "the lock stays" cmp ellwand.lock before
	is "alone" "$(find . -name 'tmp_ellwand_*')" ""
}
nine='{"answer":{"value":"9"}}'
event() { printf %s "--trailer=Ellwand-Event=$1"; }

echo "# Making one"
ok "a lock" lock v1.0 --write
is "what it says" "$(cat out)" "Locked v1.0, number 1, 7 labels, in ellwand.lock.
  records  $(ellwand -C s pin v1.0)
  answers  $(ellwand -C s pin v1.0 --answers)
  root     $(git -C s rev-list --max-parents=0 HEAD)"
is "where the consumer stands" "$(ls ellwand.lock s/ellwand.lock 2>/dev/null)" ellwand.lock
is "a file like any other" "$(stat -c %a ellwand.lock)" 644
is "dataset" "$(in_lock dataset)" "$(git -C s cat-file blob v1.0:ellwand.json | member .dataset)"
is "root" "$(in_lock root)" "$(git -C s rev-list --max-parents=0 HEAD)"
is "release and number" "$(in_lock release) $(in_lock sequence)" "v1.0 1"
is "tag and commit" "$(in_lock tag) $(in_lock commit)" "$(git -C s rev-parse v1.0) $(git -C s rev-parse v1.0^0)"
is "time" "$(in_lock time)" 2026-01-01T00:01:40Z
is "pins" "$(in_lock records) $(in_lock answers)" "$(ellwand -C s pin v1.0) $(ellwand -C s pin v1.0 --answers)"
is "policy" "$(in_lock policy)" "sha256:$(git -C s cat-file blob v1.0:policy.json | sha256sum | cut -d' ' -f1)"
for split in test train; do
	is "$split" "$split $(in_lock splits.$split.labels) $(in_lock splits.$split.records) $(in_lock splits.$split.answers)" \
		"$(git -C s cat-file tag v1.0 | sed -n "s/^Ellwand-Split: \($split .*\)/\1/p")"
done
is "no end" "$(in_lock expires)" null
is "a line for each member" "$(grep -c '^  "' ellwand.lock) $(grep -c '^      "' ellwand.lock)" "12 6"
tr -d '\n' <ellwand.lock >line && echo >>line
judged lock line
ok "verifies" ellwand -C s verify --lock ellwand.lock
is "in one line" "$(cat out)" "Good: v1.0 as locked, 7 labels, 4 signed commits."
inode=$(stat -c %i ellwand.lock)
ok "once more" lock v1.0 --write
is "does not touch the file" "$(stat -c %i ellwand.lock)" "$inode"
mkdir consumer
ok "in another file" lock v1.0 --write consumer/labels.lock
ok "the same" cmp ellwand.lock consumer/labels.lock
ok "from the store's own folder" sh -c 'cd s && ellwand pin v1.0 --write ../other.lock && ellwand verify --lock ../other.lock'
ok "the same" cmp ellwand.lock other.lock
ok "as JSON" lock v1.0 --write third.lock --json
judged lock out
is "canonical" "$(sha256sum <out)" "$(/usr/bin/python3 -c 'import json, sys
print(json.dumps(json.load(open("third.lock")), sort_keys=True, separators=(",", ":")))' | sha256sum)"

echo "# Moving it"
commit --key bob "$(event relabel)" --trailer Ellwand-Label=q/1 --merge label:q/1 "$nine"
set_clock 1767225900
must ellwand -C s release v2.0 --expires 2027-06-30
ok "an older lock verifies" ellwand -C s verify --lock ellwand.lock
is "and hears of the newer one" "$(cat out)" \
	"Good: v1.0 as locked, 7 labels, 4 signed commits. v2.0 is here: ellwand pin v2.0 --write ellwand.lock moves the lock."
ok "as JSON" ellwand -C s verify --lock ellwand.lock --json
cp out locked.json
judged ellwand.locked locked.json
is "newer" "$(member .newer.release <locked.json) $(member .newer.sequence <locked.json)" "v2.0 2"
ok "forward" lock v2.0 --write
like "says from where" "$(head -n 1 out)" '^Locked v2.0, number 2, 7 labels, in ellwand.lock; it was v1.0\.$'
like "and until when" "$(cat out)" '^  expires  2027-06-30T23:59:59Z$'
is "end" "$(in_lock expires)" 2027-06-30T23:59:59Z
ok "verifies" ellwand -C s verify --lock ellwand.lock
ok "the other one too" ellwand -C s verify --lock other.lock
stays 3 "^ellwand: ellwand.lock: v1.0 is number 1, and v2.0, number 2, is locked; a lock moves back by --force only$" v1.0 --write
ok "back by force" lock v1.0 --write --force
is "is back" "$(in_lock release)" v1.0
tick
must ellwand -C s release v2.1
ok "over one release" lock v2.1 --write
is "is there" "$(in_lock release)" v2.1

echo "# What can be locked"
stays 2 "^ellwand: HEAD: only a release can be locked; name one, such as v1.0$" HEAD --write
stays 2 "only a release can be locked" main --write
stays 2 "only a release can be locked" "$(git -C s rev-parse v1.0)" --write
stays 2 "only a release can be locked" v1.0:q/1 --write
stays 2 "only a release can be locked" refs/tags/v2.1 --write
stays 2 "needs the name of a release" --write
stays 2 "goes with neither --split nor --answers" v2.1 --write --split test
stays 2 "goes with neither --split nor --answers" v2.1 --write --answers
stays 2 "takes no more than 2 operands" v2.1 --write a b
stays 2 "takes no more than 1 operand, not 2, without --write" v2.1 ellwand.lock
stays 2 "force goes with --write" v2.1 --force
stays 3 "^ellwand: v9.9: there is no signed release of this name; see git tag$" v9.9 --write
git -C s update-ref refs/tags/v9.9 HEAD
stays 3 "there is no signed release of this name" v9.9 --write
git -C s update-ref -d refs/tags/v9.9
git -C s update-ref refs/heads/v9.9 HEAD
stays 3 "there is no signed release of this name" v9.9 --write
git -C s update-ref -d refs/heads/v9.9
tag v3.0 --key bob --trailer Ellwand-Level=identical
stays 1 "^ellwand: does not verify: release refs/tags/v3.0: bob@example.org has not the role .release.$" v3.0 --write
stays 1 "does not verify" v3.0 --write --force
git -C s update-ref -d refs/tags/v3.0
set_clock 1814400000
stays 1 "^ellwand: does not verify: release v2.0 expired on 2027-06-30T23:59:59Z; fetch a newer one$" v2.0 --write --force
set_clock 1767226000

echo "# What is there already"
printf '<<<<<<< HEAD\n%s\n' "$(cat ellwand.lock)" >ellwand.lock
stays 3 "^ellwand: ellwand.lock: it is no lock, so it is left alone: offset 0" v2.1 --write
echo '{"name":"package"}' >ellwand.lock
stays 3 "it is no lock, so it is left alone: schema is not .lock/1." v2.1 --write
expect 3 "^ellwand: ellwand.lock: it is no lock: schema is not" ellwand -C s verify --lock ellwand.lock
head -c 1048577 /dev/zero >ellwand.lock
stays 3 "^ellwand: ellwand.lock: larger than 1048576 bytes" v2.1 --write
: >ellwand.lock
stays 3 "it is no lock, so it is left alone" v2.1 --write
ok "unless by force" lock v2.1 --write --force
cp ellwand.lock good.lock
ln -s good.lock link.lock
expect 2 "^ellwand: link.lock: no regular file" ellwand -C s pin v2.1 --write link.lock --force
mkdir folder
expect 2 "^ellwand: folder: no regular file" ellwand -C s pin v2.1 --write folder --force
expect 6 "^ellwand: nowhere: cannot make" ellwand -C s pin v2.1 --write nowhere/ellwand.lock
expect 2 "^ellwand: /dev/null: no regular file" ellwand -C s pin v2.1 --write /dev/null --force
expect 3 "^ellwand: nosuch.lock: cannot open" ellwand -C s verify --lock nosuch.lock
cp good.lock s/hidden.lock
expect 3 "^ellwand: hidden.lock: cannot open" ellwand -C s verify --lock hidden.lock
expect 2 "lock goes with no revision, --pin or --proof" ellwand -C s verify v2.1 --lock good.lock
expect 2 "lock goes with no revision, --pin or --proof" ellwand -C s verify --lock good.lock --pin "$(ellwand -C s pin v2.1)"
expect 2 "max-age goes with --lock" ellwand -C s verify --max-age 3
expect 2 "" ellwand -C s verify --lock good.lock --max-age 0
expect 2 "" ellwand -C s verify --lock good.lock --max-age soon

echo "# Another data set, another beginning, another story"
must ellwand init other --name Other
must ellwand -C other import test.jsonl --split test --preset jsonl
must ellwand -C other release v9.0
expect 3 "^ellwand: good.lock: it locks data set $(in_lock dataset), and this is .*; use another file$" \
	ellwand -C other pin v9.0 --write good.lock
cp -r s twin
git -C twin update-ref -d refs/tags/v2.1
tick
must ellwand -C twin release v2.1
expect 3 "^ellwand: good.lock: v2.1 did not come from the locked v2.1: two stories are told; ask who releases which holds; --force" \
	ellwand -C twin pin v2.1 --write good.lock
must ellwand -C twin release v2.2
expect 3 "good.lock: v2.2 did not come from the locked v2.1: two stories" ellwand -C twin pin v2.2 --write good.lock
ok "none of which changed it" cmp good.lock ellwand.lock
ok "by force" ellwand -C twin pin v2.2 --write good.lock --force
expect 3 "good.lock: v2.1 is number 3, and v2.2, number 4, is locked" ellwand -C s pin v2.1 --write good.lock

echo "# Whole at any time"
if [ "$(command -v strace)" ] && strace -f -qq -o /dev/null true 2>/dev/null; then
	struck() {
		rm -f ellwand.lock
		must ellwand -C s pin v2.0 --write
		cp ellwand.lock before
		struck=0
		for n in 1 2 3 4 5 6 7 8; do
			ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o /dev/null -e "trace=$1" -e "inject=$1:$2:when=$n+" \
				ellwand -C s pin v2.1 --write >out 2>err
			got=$?
			[ "$got" -eq 0 ] || struck=$((struck + 1))
			[ "$got" -eq 0 ] || cmp -s ellwand.lock before || cmp -s ellwand.lock after || echo "$n: half a lock"
			[ "$got" -ne 0 ] || cmp -s ellwand.lock after || echo "$n: said to be done"
			cp before ellwand.lock
		done
		[ "$struck" -gt 0 ] || echo "never struck"
	}
	cp ellwand.lock after
	for fault in "write error=ENOSPC" "fsync error=EIO" "rename error=EIO" "fchmod error=EPERM" "write signal=KILL" \
		"fsync signal=KILL" "rename signal=KILL"; do
		# shellcheck disable=SC2086 # two words
		is "the old lock or the new one: $fault" "$(struck $fault)" ""
	done
	ok "and then again" lock v2.1 --write
else
	skip "faults" "strace may not trace here"
fi
finish
