#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# So many changes that several threads look at them: their number must not show.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/almanac.sh
. "$root/tests/lib/almanac.sh"
# shellcheck source=tests/lib/store.sh
. "$root/tests/lib/store.sh"

N=2100 # 256 folders
store s $N
must git -C s branch old
# Every third has another value, every seventh is gone, some are new, and some are in another split.
awk 'NR % 7 { if (NR % 3 == 0) sub(/"value":"[0-9]*"/, "\"value\":\"" NR + 1 "\""); print }' \
	questions.jsonl >second.jsonl
questions 5001 5100 >>second.jsonl
must ellwand -C s import second.jsonl --split test --preset jsonl --update --complete
mkdir moved
sed -n '7~14p' questions.jsonl >moved/questions.jsonl
must ellwand -C s import moved/questions.jsonl --split train --preset jsonl

one=$(taskset -cp $$ | sed 's/.*: *\([0-9]*\).*/\1/')
changes() {
	perl -MJSON::PP -0777 -ne 'print "$_->{split}\t$_->{id}\n" for @{decode_json($_)->{changes}}'
}

alone() {
	taskset -c "$one" ellwand "$@"
}

ok "many changes" ellwand -C s diff old HEAD --json
cp out all.json
judged ellwand.diff all.json
counts=$(member .counts <all.json)
is "all are counted, those that only moved as the same" "$counts" \
	'{"abstained":0,"added":100,"band-only":0,"beyond-band":0,"disambiguated":0,"form-only":0,"input-only":0,"made-ambiguous":0,"metadata-only":0,"readings":0,"removed":150,"resolved":0,"same":1350,"within-band":600}'
is "each in the order of its split and id" "$(changes <all.json)" "$(changes <all.json | LC_ALL=C sort)"
for how in --json --jsonl --stat --markdown '--class added,removed --json' '--class same --json'; do
	# shellcheck disable=SC2086
	ellwand -C s diff old HEAD $how >all
	# shellcheck disable=SC2086
	ok "by one thread: $how" alone -C s diff old HEAD $how
	is "the same" "$(cat out)" "$(cat all)"
done

# Records that lie far from each other, in a large pack
head -c 17000000 /dev/urandom >large
must git -C s hash-object -w "$tmp/large"
must git -C s repack -a -d -k -q -f --depth=0 --window=0
ellwand -C s diff old HEAD --json >all
ok "in a large pack" cmp all.json all
blob=$(git -C s rev-parse "HEAD:$(git -C s ls-tree -r --name-only HEAD labels/test | grep 'q%2f3\.json$')")
pack=$(echo s/.git/objects/pack/pack-*.pack)
at=$(git verify-pack -v "${pack%.pack}.idx" | awk -v id="$blob" '$1 == id { print $5 + int($4 / 2) }')
cp "$pack" whole
chmod u+w "$pack"
printf '\125\252' | dd of="$pack" bs=1 seek="$at" conv=notrunc 2>dd.err
expect 8 "object $blob is damaged, in .*\.pack at [0-9]+; fetch the store again" ellwand -C s diff old HEAD
expect 8 "object $blob is damaged, in .*\.pack at [0-9]+; fetch the store again" alone -C s diff old HEAD
cp whole "$pack"

# What another thread cannot read, the first says
hex=5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a
label=$(git -C s ls-tree -r --name-only HEAD labels/test | sed -n '$p')
plant() {
	rm -f .lib/index
	must plumb s read-tree HEAD
	must plumb s update-index --cacheinfo "100644,$1,$label"
	must forge_commit s "$(plumb s write-tree --missing-ok)"
}
plant "$hex"
expect 8 "object $hex is missing; fetch the store again, or restore it from a copy" ellwand -C s diff old HEAD
expect 8 "object $hex is missing; fetch the store again, or restore it from a copy" alone -C s diff old HEAD
must plumb s update-ref HEAD HEAD~1
plant "$(git -C s rev-parse "HEAD:$(git -C s ls-tree -r --name-only HEAD labels/test | head -n 1)")"
expect 8 'label q/[0-9]*: its record is of another id; run ellwand fsck' ellwand -C s diff old HEAD
expect 8 'label q/[0-9]*: its record is of another id; run ellwand fsck' alone -C s diff old HEAD
finish
