# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Stores to be cruel to; after lib.sh.
#
#   store NAME [N]                  the store $tmp/NAME, with labels q/1 to q/N (12) in split test
#   questions FROM TO               JSON Lines for the preset jsonl
#   revisions FROM TO VALUE         events for apply, one relabel each
#   refuses STORE N ERE CMD...      refused as `expect` says, and as `refused_leaves_no_trace` says
#   forge STORE PATH FILE [MODE]    one more commit, signed by stock git, where PATH holds FILE's
#                                   bytes; FILE "-": where PATH is gone
#   forge_tree STORE PATH < LINES   the same for a whole folder, its lines as git mktree takes them
#   raw_tree STORE < BYTES          a tree object of these bytes, unchecked; prints its id
#   entry MODE NAME ID              the bytes of one entry of a tree, for raw_tree
#   forge_commit STORE TREE         one more commit of this tree, signed by stock git; its message
#                                   is that of the commit before

questions() {
	awk -v i="$1" -v n="$2" 'BEGIN {
		for (; i <= n; i++)
			printf "{\"id\":\"q/%d\",\"value\":\"%d\",\"lower\":\"%d\",\"upper\":\"%d\"," \
				"\"input\":{\"question\":\"What is %d?\"}}\n", i, i, i - 1, i + 1, i
	}'
}

revisions() {
	awk -v i="$1" -v n="$2" -v value="$3" 'BEGIN {
		for (; i <= n; i++)
			printf "{\"event\":\"relabel\",\"id\":\"q/%d\",\"value\":\"%s\"," \
				"\"reason\":\"counted again\"}\n", i, value
	}'
}

store() {
	[ -f "$tmp/tester" ] || key tester
	questions 1 "${2:-12}" >"$tmp/questions.jsonl"
	must ellwand init "$1" --name Cruel --key "$tmp/tester" --principal tester@example.org
	must ellwand -C "$1" import "$tmp/questions.jsonl" --split test --preset jsonl
}

refuses() {
	test_store=$1 test_want=$2 test_ere=$3
	shift 3
	trace "$test_store" >"$tmp/.lib/before"
	try "$@"
	test_flaw=$(refusal_flaw "$test_want" "$test_ere")
	trace "$test_store" >"$tmp/.lib/after"
	if [ -z "$test_flaw" ] && cmp -s "$tmp/.lib/before" "$tmp/.lib/after"; then
		pass "refused with $test_want, no trace left: $*"
	else
		fail "refused with $test_want, no trace left: $*"
		echo "$test_flaw" | note
		show_try
		diff "$tmp/.lib/before" "$tmp/.lib/after" | note
	fi
}

# Stock git with its index kept away from the store.
plumb() {
	test_dir=$1
	shift
	GIT_DIR="$test_dir/.git" GIT_INDEX_FILE="$tmp/.lib/index" git "$@"
}

forge_commit() {
	test_commit=$(git -C "$1" log -1 --format=%B | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}' |
		plumb "$1" -c gpg.format=ssh -c user.signingKey="$tmp/tester" \
			commit-tree -S -p HEAD "$2") || return
	plumb "$1" update-ref HEAD "$test_commit"
}

forge() {
	rm -f "$tmp/.lib/index"
	plumb "$1" read-tree HEAD || return
	if [ "$3" = - ]; then
		plumb "$1" rm -q --cached "$2" || return
	else
		test_blob=$(plumb "$1" hash-object -w -t blob --literally "$3") || return
		plumb "$1" update-index --add --cacheinfo "${4:-100644},$test_blob,$2" || return
	fi
	forge_commit "$1" "$(plumb "$1" write-tree)"
}

entry() {
	printf '%s %s\0' "$1" "$2"
	printf '%b' "$(printf '%s' "$3" | sed 's/../\\0&/g' | awk '
		{
			n = split($0, hex, /\\0/)
			for (i = 2; i <= n; i++)
				printf "\\0%o", index("0123456789abcdef", substr(hex[i], 1, 1)) * 16 - 16 + \
					index("0123456789abcdef", substr(hex[i], 2, 1)) - 1
		}')"
}

raw_tree() {
	cat >"$tmp/.lib/tree"
	plumb "$1" hash-object -w -t tree --literally "$tmp/.lib/tree"
}

# The tree of the folder $2, empty for the root, of which the last name is replaced by entry $3.
replant() {
	test_path=$2 test_id=$3
	while [ -n "$test_path" ]; do
		test_name=${test_path##*/}
		case $test_path in */*) test_path=${test_path%/*} ;; *) test_path= ;; esac
		test_id=$(
			{
				plumb "$1" ls-tree "HEAD:$test_path" | grep -v "	$test_name\$"
				printf '040000 tree %s\t%s\n' "$test_id" "$test_name"
			} | plumb "$1" mktree
		) || return
	done
	echo "$test_id"
}

forge_tree() {
	test_folder=$(raw_tree "$1") || return
	forge_commit "$1" "$(replant "$1" "$2" "$test_folder")"
}
