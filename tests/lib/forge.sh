# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # variables for and of others
# A store to forge in; after lib.sh.  tests/lib/forge.py says how.
#
#   forgery      the store $tmp/s of data set Tower: labels q/1 to q/6 in split test and t/1 in
#                train, keys of alice, who founded it, bob, who labels, and carol, who releases;
#                mallory has a key too.  v1.0 is its first release.
#   good_again   s as forgery left it
#   commit OPTION..., tag NAME OPTION...   forge.py, which must succeed; its id goes to $id

forge() {
	/usr/bin/python3 "$root/tests/lib/forge.py" "$@" >"$tmp/.lib/forged" 2>"$tmp/.lib/forge" || {
		note <"$tmp/.lib/forge"
		echo "Bail out!  forge.py $*"
		exit 1
	}
	id=$(cat "$tmp/.lib/forged")
}

commit() {
	forge s commit "$@"
}

tag() {
	test_name=$1
	shift
	forge s tag "$test_name" "$@"
}

line_of() {
	printf '%s namespaces="git" %s\n' "$1@example.org" "$(cut -d' ' -f1,2 "$tmp/$1.pub")"
}

forgery() {
	for who in alice bob carol mallory; do
		key "$who"
	done
	export ELLWAND_KEY="$tmp/alice" ELLWAND_PRINCIPAL=alice@example.org
	must ellwand init s --name Tower --principal alice@example.org
	awk 'BEGIN {
		for (i = 1; i <= 6; i++)
			printf "{\"id\":\"q/%d\",\"value\":\"%d\",\"lower\":\"%d\",\"upper\":\"%d\"," \
				"\"input\":{\"question\":\"How high is %d?\"}}\n", i, i, i - 1, i + 1, i
	}' >test.jsonl
	echo '{"id":"t/1","value":"7","input":{"question":"How old?"}}' >train.jsonl
	must ellwand -C s import test.jsonl --split test --preset jsonl
	must ellwand -C s import train.jsonl --split train --preset jsonl
	{ line_of alice; line_of bob; line_of carol; } >signers
	commit --trailer Ellwand-Event=keys --put allowed_signers signers --merge policy.json \
		'{"version":2,"people":{"bob@example.org":["labeller"],"carol@example.org":["release"]}}'
	set_clock 1767225700
	must ellwand -C s release v1.0
	git -C s config gpg.ssh.allowedSignersFile "$tmp/signers"
	must cp -r s/.git/refs refs
}

good_again() {
	rm -rf s/.git/refs
	cp -r refs s/.git/refs
}
