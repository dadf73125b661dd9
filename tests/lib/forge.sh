# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # variables for and of others
# A store to forge in; after lib.sh.  tests/lib/forge.py says how.
#
#   forgery      the store $tmp/s of data set Tower: labels q/1 to q/6 in split test and t/1 in
#                train, keys of alice, who founded it, bob, who labels, and carol, who releases;
#                mallory has a key too.  v1.0 is its first release.
#   good_again   s as forgery left it, or keep_refs found it
#   keep_refs    what good_again goes back to
#   attack STATUS GOOD|BAD RULE OPTION...    a commit that verify refuses, and what git says of it
#   relabel STATUS GOOD|BAD RULE OPTION...   the same, of a relabel of q/1 to 9
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
	keep_refs
}

keep_refs() {
	rm -rf refs
	must cp -r s/.git/refs refs
}

good_again() {
	rm -rf s/.git/refs
	cp -r refs s/.git/refs
}

# STATUS GOOD|BAD RULE OPTION...: a commit that verify refuses with this status and rule, and
# of whose signature git says this.
attack() {
	test_want=$1 test_git=$2 test_rule=$3
	shift 3
	commit "$@"
	refused_at "$id" "$test_want" "$test_git" "$test_rule"
}

refused_at() {
	case $2 in
	1) expect 1 "^ellwand: does not verify: commit $1: .*$4" ellwand -C s verify ;;
	*) expect "$2" "^ellwand: .*$4" ellwand -C s verify ;;
	esac
	case $3 in
	GOOD) ok "git is content: $4" git -C s verify-commit HEAD ;;
	BAD) not_ok "git is not: $4" git -C s verify-commit HEAD ;;
	esac
	good_again
}

event() { printf %s "--trailer=Ellwand-Event=$1"; }
label() { printf %s "--trailer=Ellwand-Label=$1"; }
nine='{"answer":{"value":"9"}}'

# The same of a relabel of q/1 that is good but for the options.
relabel() {
	test_want=$1 test_git=$2 test_rule=$3
	shift 3
	attack "$test_want" "$test_git" "$test_rule" "$(event relabel)" "$(label q/1)" --merge label:q/1 "$nine" "$@"
}
