#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# To found a store.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/history.sh
. "$root/tests/lib/history.sh"

key founder
ok "init" ellwand init s --name 'My Data' --licence CC-BY-4.0 --key founder --principal founder@example.org
is "says what it made, and what to do next" "$(cat out err)" "Made the store of My Data: s
Next: ellwand -C s import TABLE --split test --preset NAME"

# What it made
mark s
test_mark=$(git hash-object -t tree /dev/null) # all commits are news
is "one commit" "$(git -C s rev-list --count HEAD)" 1
is "on the branch main" "$(git -C s symbolic-ref HEAD)" refs/heads/main
is "with three files" "$(git -C s ls-tree -r HEAD | cut -d' ' -f1 | uniq -c | tr -s ' ')" " 3 100644"
is "of these names" "$(git -C s ls-tree -r --name-only HEAD | xargs)" "allowed_signers ellwand.json policy.json"
is "by the founder" "$(git -C s log -1 --format='%ae %ce %at %ct')" \
	"founder@example.org founder@example.org 1767225600 1767225600"
is "its subject" "$(git -C s log -1 --format=%s)" "init My Data"
is "its event" "$(trailer Event)" init
is "its branch" "$(trailer Ref)" refs/heads/main
is "its data set is the manifest's" "$(trailer Dataset)" \
	"$(git -C s show HEAD:ellwand.json | sed 's/.*"dataset":"\([^"]*\)".*/\1/')"
is "the pin of no labels is the format's" "$(trailer Records)" \
	ewr1:084fed08b978af4d7d196a7446a86b58009e636b611db16211b65a9aadff29c5
like "the manifest has the name and the licence" "$(git -C s show HEAD:ellwand.json)" \
	'"licence":"CC-BY-4.0","name":"My Data"'
must git -C s show HEAD:allowed_signers
like "the founder may sign, for git only" "$(cat out)" \
	'^founder@example.org namespaces="git" ssh-ed25519 '
sound s
is "there is no work tree to go stale" "$(ls -A s) $(git -C s config core.bare)" ".git true"
is "the key is remembered by its full path" "$(git -C s config user.signingKey)" "$tmp/founder"
is "and whose it is" "$(git -C s config user.email)" founder@example.org
ok "an empty store can be verified" ellwand -C s verify
tick
echo '{"id":"1","value":"2"}' >one.jsonl
ok "the founder may do everything, and need not name the key again" \
	ellwand -C s import one.jsonl --split test --preset jsonl

# Where
mkdir there
ok "a folder that is there already" ellwand init there --name There --key founder --principal founder@example.org
ok "a slash behind it" ellwand init slash/// --name There --key founder --principal founder@example.org
is "is no other folder" "$(ls -A slash) $(ls -A there)" ".git .git"
ok "-C says from where" ellwand -C there init deeper --name There --key founder --principal founder@example.org
like "and the next step says so" "$(cat out)" '^Next: ellwand -C there/deeper import '
is "stores of one name are different data sets" \
	"$(for d in s there slash there/deeper; do git -C $d show HEAD:ellwand.json; echo; done |
		grep -o '"dataset":"[^"]*"' | sort -u | wc -l)" 4

# Who
mkdir home
git config -f home/.gitconfig user.email home@example.org
ok "the founder is git's user.email" env HOME="$tmp/home" ellwand init home/s --name Home --key founder
is "by default" "$(git -C home/s log -1 --format=%ae)" home@example.org
ok "the environment goes before that" env HOME="$tmp/home" ELLWAND_KEY=founder \
	ELLWAND_PRINCIPAL=env@example.org ellwand init home/e --name Home
is "for key and founder" "$(git -C home/e log -1 --format=%ae)" env@example.org
ok "options go before the environment" env ELLWAND_KEY=nowhere ELLWAND_PRINCIPAL=env@example.org \
	ellwand init home/o --name Home --key founder --principal option@example.org
is "for both" "$(git -C home/o log -1 --format=%ae)" option@example.org

# Not
expect 2 'init: --name NAME is missing; ' ellwand init new --key founder
expect 2 'needs 1 operand, not 0' ellwand init --name New --key founder
expect 2 'no key to sign with: give --key FILE; ssh-keygen' ellwand init new --name New
expect 2 'has no name' ellwand init '' --name New --key founder
is "nothing was made" "$(ls -d new /.git 2>/dev/null)" ""
refused_leaves_no_trace s ellwand init s --name Again --key founder
must git init -q plain
expect 3 'plain: there is a repository already; ' ellwand init plain --name New --key founder
: >file
expect 6 'file: cannot make the directory' ellwand init file --name New --key founder
expect 9 'this is no label store; make one with ellwand init' \
	ellwand -C plain import one.jsonl --split test --preset jsonl --key founder
finish
