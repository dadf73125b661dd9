# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What a store's history says, by stock git and by a second reader; after lib.sh.
#
#   mark STORE              what comes is news
#   news                    the commits since then, oldest first, one a line: event and label
#   trailer NAME [REV]      its value in a commit of the marked store, by default HEAD
#   record ID [REV]         that label's record, as it is stored in the marked store
#   instance ID [REV]       that instance's record
#   sound STORE             git fsck --strict finds nothing; git verify-commit takes every commit
#                           since the mark, which say what pin says of each; the pins of HEAD are
#                           what reader.py makes of it

mark() {
	test_marked=$1
	test_mark=$(git -C "$1" rev-parse HEAD) || exit
}

test_format='%(trailers:key=Ellwand-Event,valueonly,separator=) '
test_format=$test_format'%(trailers:key=Ellwand-Label,valueonly,separator=)'
news() {
	git -C "$test_marked" log --reverse --format="$test_format" "$test_mark..HEAD" | sed 's/ $//'
}

trailer() {
	git -C "$test_marked" log -1 --format="%(trailers:key=Ellwand-$1,valueonly,separator=)" "${2:-HEAD}"
}

# The record of an id in a folder: the name is what LABELS_FORMAT.md makes of the id.
stored() {
	test_name=$(printf %s "$1" | perl -pe 's/^-|[^a-z0-9_-]/sprintf "%%%02x", ord $&/ge')
	test_path=$(git -C "$test_marked" ls-tree -r --name-only "$2" "$3" | grep -F "/$test_name.json")
	git -C "$test_marked" cat-file blob "$2:$test_path"
}

record() {
	stored "$1" "${2:-HEAD}" labels
}

instance() {
	stored "$1" "${2:-HEAD}" instances
}

test_flaws() {
	git -C "$1" fsck --strict --no-progress 2>&1
	git -C "$1" show HEAD:allowed_signers >"$tmp/.lib/signers"
	git -C "$1" rev-list "$test_mark..HEAD" >"$tmp/.lib/commits"
	while read -r test_commit; do
		git -C "$1" -c gpg.ssh.allowedSignersFile="$tmp/.lib/signers" \
			verify-commit "$test_commit" 2>"$tmp/.lib/verdict" || cat "$tmp/.lib/verdict"
		test_said=$(trailer Records "$test_commit") test_is=$(ellwand -C "$1" pin "$test_commit")
		[ "$test_said" = "$test_is" ] || echo "$test_commit says $test_said, but it is $test_is"
	done <"$tmp/.lib/commits"
	/usr/bin/python3 "$root/tests/interop/reader.py" "$1" HEAD >"$tmp/.lib/pins" 2>&1 ||
		cat "$tmp/.lib/pins"
	for test_pin in "$(ellwand -C "$1" pin)" "$(ellwand -C "$1" pin --answers)"; do
		grep -qF "\"$test_pin\"" "$tmp/.lib/pins" || echo "no reader finds $test_pin"
	done
}

sound() {
	is "$1 is sound" "$(test_flaws "$1")" ""
}
