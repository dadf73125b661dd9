#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The life of a small benchmark, from its first release to a forged copy of its second.
# `make demo` runs it; examples/almanac/README.md says what is wrong with the data and why.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
ELLWAND=${ELLWAND:-$root/build/ellwand}
case $ELLWAND in /*) ;; *) ELLWAND=$root/$ELLWAND ;; esac
[ -x "$ELLWAND" ] || { echo "demo.sh: no program at $ELLWAND; run make first" >&2; exit 1; }

work=$(mktemp -d "${TMPDIR:-/tmp}/ellwand-demo.XXXXXX")
cp "$root"/examples/almanac/* "$work"
cd "$work"
# Neither git's settings of whoever runs this nor a key agent have a say in it.
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE ELLWAND_PRINCIPAL SOURCE_DATE_EPOCH SSH_AUTH_SOCK XDG_CONFIG_HOME
export ELLWAND_KEY="$work/key" ELLWAND_PAGER=cat LC_ALL=C.UTF-8 TZ=UTC
export HOME="$work" GIT_CONFIG_NOSYSTEM=1

exec 3>&1
number=0
heading() {
	number=$((number + 1))
	printf '\n%s\n' "== $number. $*"
}

# Print a command as one would type it, even when its output goes elsewhere, and run it.
ellwand() {
	typed='$ ellwand'
	for word; do
		case $word in
		*[!A-Za-z0-9_./:=@%+,-]*) typed="$typed '$word'" ;;
		*) typed="$typed $word" ;;
		esac
	done
	printf '%s\n' "$typed" >&3
	"$ELLWAND" "$@"
}

printf '%s\n' "Everything happens in $work"

heading "A maintainer makes a key, and a store for the labels of a benchmark called Almanac"
ssh-keygen -q -t ed25519 -N '' -C maintainer@example.org -f key
ellwand init almanac --name Almanac --key key --principal maintainer@example.org

heading "The first tables come in, 38 questions to test with and 28 to train on; a map says what their columns mean"
ellwand -C almanac import ../test-v1.csv --split test --map ../map.json
ellwand -C almanac import ../train-v1.jsonl --split train --preset jsonl

heading "They are released: from now on v1.0 means these labels, and a signature says so"
ellwand -C almanac release v1.0 -m 'Almanac, first edition'
ellwand -C almanac log

heading "A year later: a revised table, which becomes one signed commit for each label that it changes"
ellwand -C almanac import ../test-v2.csv --split test --map ../map.json --update

heading "And a list of single revisions, each with its reason: all of them, or none"
ellwand -C almanac apply ../revisions.jsonl

heading "The second release; its number has to admit that scores will move"
ellwand -C almanac release v2.0 -m 'Almanac, second edition'

heading "Who changed this label, when, and why? 03/04/2024 had been read as a day in March"
ellwand -C almanac log harvest/11
ellwand -C almanac show v1.0:harvest/11
ellwand -C almanac show v2.0:harvest/11

heading "A reviewer asks what changed between the two: each label, and the figures"
ellwand -C almanac diff v1.0 v2.0

heading "Do scores from v1.0 still hold? No, and this is the reason"
ellwand -C almanac compat v1.0 v2.0

heading "A consumer writes down one line, the pin, and gets told whether these are the labels it stands for"
ellwand -C almanac pin v2.0
pin=$("$ELLWAND" -C almanac pin v2.0)
ellwand -C almanac verify v2.0 --pin "$pin"

heading "Somebody copies the store and alters one answer, with nothing but git; git finds no fault in the copy"
cp -R almanac forged
label=$(git -C forged ls-tree -r --name-only v2.0 | grep '^labels/.*harvest%2f04\.json$')
blob=$(git -C forged cat-file blob "v2.0:$label" | sed 's/2023-08-03/2023-08-13/' | git -C forged hash-object -w --stdin)
export GIT_INDEX_FILE="$work/forged.index"
git -C forged read-tree v2.0
git -C forged update-index --cacheinfo "100644,$blob,$label"
tree=$(git -C forged write-tree)
unset GIT_INDEX_FILE
commit=$(git -C forged cat-file commit 'v2.0^{commit}' | sed "1s/.*/tree $tree/" | git -C forged hash-object -t commit -w --stdin)
tag=$(git -C forged cat-file tag v2.0 | sed "1s/.*/object $commit/" | git -C forged hash-object -t tag -w --stdin)
git -C forged update-ref refs/heads/main "$commit"
git -C forged update-ref refs/tags/v2.0 "$tag"
printf '%s\n' "\$ git -C forged fsck --strict"
git -C forged fsck --strict --no-dangling --no-progress
git -C forged log -1 --format='%h %an: %s'
ellwand -C forged show v2.0:harvest/04

heading "Ellwand does: nobody signed these labels"
status=0
ellwand -C forged verify v2.0 --pin "$pin" || status=$?
if [ "$status" -ne 1 ]; then
	echo "demo.sh: verify of the forged copy ended with status $status, not with 1" >&2
	exit 1
fi

heading "What the maintainer publishes beside the labels: a changelog that nobody had to write"
ellwand -C almanac changelog v1.0 v2.0 --markdown >CHANGELOG.md
sed -n '1,24p' CHANGELOG.md

cat <<END

The files are in $work; remove it when you have seen enough.
  CHANGELOG.md   the changelog, in full
  almanac        the store, an ordinary git repository: git -C $work/almanac log
  forged         the copy with the altered answer
Try next:
  export ELLWAND_KEY=$work/key PATH=${ELLWAND%/*}:\$PATH
  cd $work/almanac
  ellwand relabel frost-score/04 --value 2 -m 'a try'
  ellwand diff v2.0 HEAD
END
