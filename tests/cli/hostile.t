#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Repositories made by an enemy, or by a failing disk: no command shows labels from them
# as if they were the store's, and none ends but with one line that names the fault.
# In memory, where a sync costs nothing.
[ -d /dev/shm ] && [ -w /dev/shm ] && TMPDIR=/dev/shm
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/store.sh
. "$root/tests/lib/store.sh"

store base
must ellwand -C base relabel q/1 --value 7 -m why
must ellwand -C base release v1.0 -m first
must ellwand -C base relabel q/2 --value 8 -m why
ok "the store is sound before anything is done to it" ellwand -C base verify
ok "in all its parts" ellwand -C base fsck

fresh() {
	rm -rf "$tmp/s"
	must cp -r base s
}

# A reader that does not come back has failed, too.
ellwand() {
	timeout -s KILL 10 ellwand "$@"
}

# libgit2 1.5 leaks when it refuses an extension.
leaky() {
	ASAN_OPTIONS=detect_leaks=0 "$@"
}

# What reads the store: one line each.
readers="status
log
log q/1
show q/1
show v1.0:q/1
pin
export HEAD --use evaluation --format jsonl
diff v1.0 HEAD
changelog v1.0 HEAD
compat v1.0 HEAD
verify
relabel q/3 --value 5 -m why
release v2.0 -m second
import more.jsonl --split test --preset jsonl"
questions 901 901 >more.jsonl

# All of them refuse with that status and text.
all_refuse() {
	while read -r line; do
		# shellcheck disable=SC2086 # words are meant to be words
		refuses s "$1" "$2" ellwand -C s $line
	done <<-END
		$readers
	END
	status "$1" "fsck refuses it, too" ellwand -C s fsck
	like "and says why" "$(cat out err)" "$2"
}

# --- not a store ---

expect 9 'no store here' ellwand -C "$tmp" status
mkdir empty
expect 9 'no store here' ellwand -C empty status
must git init -q plain
expect 3 'no commit' ellwand -C plain status
expect 9 'no commit: this is no label store' ellwand -C plain relabel q/1 --value 5 -m why --key tester
must git -C plain commit -q --allow-empty -m empty
expect 3 'commit [0-9a-f]{40}: ' ellwand -C plain status
must git init -q --object-format=sha256 sha256
expect 9 'SHA-1' leaky ellwand -C sha256 status
must git -C base worktree add -q --no-checkout "$tmp/tree" HEAD~1
expect 9 'work tree' ellwand -C tree status
must git -C base worktree remove --force "$tmp/tree"
must git clone -q --depth 1 "file://$tmp/base" shallow
expect 9 'shallow' ellwand -C shallow status
must git clone -q --shared base shared
expect 9 'borrowed' ellwand -C shared status
if [ "$(id -u)" -eq 0 ]; then
	fresh
	chown -R 12345 s
	all_refuse 6 'another user; .*safe.directory'
else
	skip "a store of another user" "not root"
fi

# --- what git and this program would see differently ---

fresh
git -C s replace "$(git -C s rev-parse HEAD)" "$(git -C s rev-parse HEAD~1)"
all_refuse 9 'refs/replace/.* git replace -d'
fresh
git -C s rev-parse HEAD >s/.git/info/grafts 2>/dev/null || {
	mkdir -p s/.git/info
	git -C s rev-parse HEAD >s/.git/info/grafts
}
all_refuse 9 'grafts'
fresh
mkdir -p s/.git/objects/info
echo "$tmp/base/.git/objects" >s/.git/objects/info/alternates
all_refuse 9 'borrowed'
fresh
git -C s config extensions.colour red
git -C s config core.repositoryformatversion 1
expect 9 'extension' leaky ellwand -C s status

# --- trees ---

# HEAD is a commit of the tester's whose folder $1 holds the entries of stdin, unchecked.
planted() {
	fresh
	forge_tree s "$1" >/dev/null 2>"$tmp/forge-err" || {
		note <"$tmp/forge-err"
		fail "set-up: planting in '$1'"
	}
}
blob=$(git -C base rev-parse HEAD:labels/test/"$(git -C base ls-tree --name-only HEAD:labels/test | head -n 1)")
folder=labels/test
case $(git -C base cat-file -t "$blob") in
tree)
	folder=labels/test/$(git -C base ls-tree --name-only HEAD:labels/test | head -n 1)
	;;
esac
list=$(git -C base ls-tree "HEAD:$folder" | tr '\t' ' ')
# The entries of the folder, of which `edit` (awk) changes mode ($1), id ($3) and name ($4).
entries() {
	printf '%s\n' "$list" | awk "$1" | while read -r mode _ id name; do
		entry "${mode#0}" "$name" "$id"
	done
}
first=$(printf '%s\n' "$list" | awk 'NR == 1 { print $4 }')

entries '{ print }' >same
is "entries are written as git does" "$(raw_tree base <same)" "$(git -C base rev-parse "HEAD:$folder")"

reads() {
	refuses s 8 "$1" ellwand -C s export HEAD --use evaluation --format jsonl
	refuses s 8 "$1" ellwand -C s pin
	refuses s 8 "$1" ellwand -C s verify
	refuses s 8 "$1" ellwand -C s diff v1.0 HEAD
	status 8 "fsck finds it" ellwand -C s fsck
	like "and names it" "$(cat out err)" "$1"
}

entries '{ print } NR == 1 { print }' | planted "$folder"
reads "tree [0-9a-f]{40}: twice, or out of order: \"$first\""
entries 'NR == 1 { kept = $0; next } { print } NR == 2 { print kept }' | planted "$folder"
reads "tree [0-9a-f]{40}: twice, or out of order: \"$first\""
for mode in 120000 160000 100755 100664 040000 40755; do
	entries "NR == 1 { \$1 = \"x$mode\" } { sub(/^x/, \"\"); print }" | planted "$folder"
	reads "tree [0-9a-f]{40}: .*\"$first\""
done
for name in .gitattributes README .. a.json%2f A.json q%2F9.json q%2f1.jso -x.json; do
	{ echo "100644 blob $(printf '%s\n' "$list" | awk 'NR == 1 { print $3 }') $name"
	printf '%s\n' "$list"; } | LC_ALL=C sort -k4 | while read -r mode _ id n; do
		entry "$mode" "$n" "$id"
	done | planted "$folder"
	reads "tree [0-9a-f]{40}: .*\"$name\""
done
entries 'NR == 1 { $4 = "q%2f999.json" } { print }' | LC_ALL=C sort >unsorted
: >unsorted
head -c 25 same | planted "$folder"
reads "tree [0-9a-f]{40}: cut short"

# Outside the collections.
for path in .gitattributes .gitmodules README labels/README labels/TEST/x instances.json other/x; do
	fresh
	echo x >file
	must forge s "$path" file
	if [ "$path" = .gitattributes ]; then
		all_refuse 8 'has no place in a label store'
	else
		refuses s 8 'has no place in a label store' ellwand -C s pin
		refuses s 8 'has no place in a label store' ellwand -C s verify
	fi
done

# --- records ---

# The label of q/1 becomes these bytes, of a commit of the tester's.
where=$(git -C base ls-tree -r --name-only HEAD labels | grep 'q%2f1\.json$')
refused_record() {
	fresh
	must forge s "$where" record
	must git -C s fsck --strict --no-dangling
	refuses s 8 '((record|object) [0-9a-f]{40}|label q/1)(:| is)' ellwand -C s show q/1
	refuses s 8 '((record|object) [0-9a-f]{40}|label q/1)(:| is)' ellwand -C s export HEAD --use evaluation --format jsonl
	refuses s 8 '((record|object) [0-9a-f]{40}|label q/1)(:| is)' ellwand -C s relabel q/1 --value 5 -m why
	refuses s 8 '((record|object) [0-9a-f]{40}|label q/1)(:| is)' ellwand -C s diff v1.0 HEAD
	status 8 "fsck finds it" ellwand -C s fsck
	not_ok "verify finds it" ellwand -C s verify
}
git -C base cat-file -p "HEAD:$where" >good
: >record
refused_record
sed 's/,/, /' good >record
refused_record
{ cat good; echo; } >record
refused_record
sed 's/"schema"/"colour":"red","schema"/' good >record
refused_record
sed 's/"id":"q\/1"/"id":"q\/1","id":"q\/1"/' good >record
refused_record
sed 's/"value":"7"/"value":7/' good >record
refused_record
sed 's/"value":"7"/"value":0.30000000000000004/' good >record
refused_record
sed 's/"label\/1"/"label\/2"/' good >record
refused_record
sed 's/"reason":"why"/"reason":"w\\u0068y"/' good >record
refused_record
sed 's/"reason":"why"/"reason":"w\\u0000y"/' good >record
refused_record
printf '\357\273\277' | cat - good >record
refused_record
head -c 100 good >record
refused_record
printf '%1100000s' '' >record
refused_record

# A record in another's place.
fresh
sed 's/"id":"q\/1"/"id":"q\/11"/' good >record
must forge s "$where" record
refuses s 8 'label q/1: its record is of another id' ellwand -C s show q/1
refuses s 8 'label q/1: its record is of another id' ellwand -C s relabel q/1 --value 5 -m why
status 8 "fsck finds a record in another's place" ellwand -C s fsck
status 1 "verify finds a record in another's place" ellwand -C s verify

# A good record, but nobody declared it.
fresh
sed 's/"value":"7"/"value":"9"/' good >record
must forge s "$where" record
status 1 "verify finds a change that no event declares" ellwand -C s verify
status 8 "fsck finds a change that no event declares" ellwand -C s fsck

# --- the three files ---

for file in ellwand.json policy.json; do
	case $file in ellwand.json) code=8 ;; *) code=3 ;; esac
	for edit in 's/{/{ /' 's/"schema"/"colour":1,"schema"/' '1d'; do
		fresh
		git -C base cat-file -p "HEAD:$file" | sed "$edit" >record
		must forge s "$file" record
		refuses s $code "$file" ellwand -C s relabel q/1 --value 5 -m why
		status 8 "fsck finds $file after $edit" ellwand -C s fsck
		not_ok "verify finds $file after $edit" ellwand -C s verify
	done
	fresh
	must forge s $file -
	not_ok "status without $file" ellwand -C s status
	not_ok "verify without $file" ellwand -C s verify
done

# --- objects ---

# The object is found as `git rev-parse` says, and spoilt by the shell words that follow.
spoilt() {
	fresh
	object=$(git -C s rev-parse "$1")
	file=s/.git/objects/$(printf %s "$object" | sed 's/../&\//')
	[ -f "$file" ] || fail "set-up: $1 is no loose object"
	chmod u+w "$file"
	shift
	"$@" || fail "set-up: $*"
	rm -rf s/.git/ellwand
}
cut_short() { truncate -s -7 "$file"; }
emptied() { truncate -s 0 "$file"; }
removed() { rm "$file"; }
flipped() {
	# In the middle; of one byte alone it may be that nothing depends on it, at the end of a stream.
	printf '\377\0\377' | dd of="$file" bs=1 seek=$(($(stat -c %s "$file") / 2)) conv=notrunc status=none
}
swapped() {
	cp "s/.git/objects/$(git -C s rev-parse "HEAD:ellwand.json" | sed 's/../&\//')" "$file"
}
for how in cut_short emptied removed flipped swapped; do
	for what in HEAD "HEAD^{tree}" HEAD:labels/test; do
		spoilt "$what" $how
		refuses s 8 "$object" ellwand -C s pin
		refuses s 8 "$object" ellwand -C s verify
		refuses s 8 "$object" ellwand -C s relabel q/1 --value 5 -m why
		status 8 "fsck finds $what $how" ellwand -C s fsck
		like "by its id" "$(cat out err)" "$object"
	done
	spoilt "HEAD:$(git -C base ls-tree -r --name-only HEAD labels | grep 'q%2f2\.json$')" $how
	refuses s 8 "$object" ellwand -C s show q/2
	status 8 "export stops there" ellwand -C s export HEAD --use evaluation --format jsonl
	like "with its id" "$(cat err)" "$object"
	refuses s 8 "$object" ellwand -C s verify
	refuses s 8 "$object" ellwand -C s relabel q/2 --value 5 -m why
	status 8 "fsck finds a record $how" ellwand -C s fsck
	spoilt v1.0 $how
	refuses s 8 "$object" ellwand -C s show v1.0:q/2
	refuses s 8 "$object" ellwand -C s verify v1.0
	status 8 "fsck finds a release $how" ellwand -C s fsck
	spoilt HEAD~2 $how
	refuses s 8 "$object" ellwand -C s verify
	refuses s 8 "$object" ellwand -C s log
	status 8 "fsck finds an old commit $how" ellwand -C s fsck
done

# A spoilt object is written anew by who writes the same again.
spoilt HEAD cut_short
git -C base rev-parse HEAD~1 >s/.git/refs/heads/main
ok "the same change over an object cut short" ellwand -C s relabel q/2 --value 8 -m why
ok "leaves a sound store" git -C s fsck --strict --no-dangling

# Packs.
for how in cut_short flipped; do
	fresh
	must git -C s repack -adq
	file=$(echo s/.git/objects/pack/*.pack)
	chmod u+w "$file"
	$how
	rm -rf s/.git/ellwand
	refuses s 8 '(object |pack-)[0-9a-f]{40}' ellwand -C s verify
	status 8 "fsck finds a pack $how" ellwand -C s fsck
	not_ok "export from a pack $how" ellwand -C s export HEAD --use evaluation --format jsonl
done
fresh
must git -C s repack -adq
file=$(echo s/.git/objects/pack/*.idx)
chmod u+w "$file"
cut_short
not_ok "an index cut short" ellwand -C s verify

# --- refs ---

fresh
git -C s symbolic-ref HEAD refs/heads/none
refuses s 3 'no commit' ellwand -C s show q/1
refuses s 9 'no commit' ellwand -C s relabel q/1 --value 5 -m why
fresh
git -C s update-ref --no-deref HEAD HEAD
refuses s 3 'HEAD' ellwand -C s relabel q/1 --value 5 -m why
fresh
echo garbage >s/.git/refs/heads/main
not_ok "a ref that is none" ellwand -C s status
refuses s 8 'refs/heads/main' ellwand -C s relabel q/1 --value 5 -m why
fresh
echo 0123456789012345678901234567890123456789 >s/.git/refs/heads/main
refuses s 8 '0123456789012345678901234567890123456789' ellwand -C s status
fresh
git -C s rev-parse HEAD:labels >s/.git/refs/heads/main
not_ok "a ref to a tree" ellwand -C s status
not_ok "a ref to a tree" ellwand -C s relabel q/1 --value 5 -m why

# Names that are no revisions.
fresh
for rev in --upload-pack=x a..b..c x.lock '@{' '@{u}' 'HEAD@{1}' ':/why' 'HEAD^{tree}' 'HEAD:labels' \
	'a b' '' "$(printf 'a\033b')" ../HEAD /HEAD 'HEAD~99999999999' 'HEAD^2' '*'; do
	refuses s 2 '' ellwand -C s verify "$rev"
done

finish
