#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Keys, agents, people and clocks that are not what they should be: no signature is made
# that another could not check, and nothing is written without one.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/store.sh
. "$root/tests/lib/store.sh"

store s
key other

change() {
	ellwand -C s relabel q/1 --value 5 -m why "$@"
}
refused() {
	test_a=$1 test_b=$2
	shift 2
	refuses s "$test_a" "$test_b" change "$@"
}

# Keys.
refused 3 'key: cannot open nowhere; ' --key nowhere
: >empty
refused 3 'key: empty: ' --key empty
echo nonsense >nonsense
refused 3 'key: nonsense: ' --key nonsense
refused 6 'key: \.: ' --key .
refused 4 'SHA256:.* none of the store' --key other
refused 4 'tester@example.org.s' --principal mallory@example.org
head -c 200 tester >cut
refused 3 'key: cut: damaged' --key cut
for line in 2 3 4 5 6; do
	sed "${line}s/./@/" tester >flipped
	refused 3 'key: flipped: ' --key flipped
done
for line in 2 3 4; do
	sed "${line}y/ABCDEFGHIJKLMNOPQRSTUVWXYZ/BCDEFGHIJKLMNOPQRSTUVWXYZA/" tester >flipped
	refused 3 'key: flipped: ' --key flipped
done
must ssh-keygen -q -t ed25519 -N secret -f locked
refused 4 'SHA256:.* none of the store' --key locked
expect 2 'locked: ssh-keygen: .*ssh-add' ellwand init locked.store --name Locked --key locked
must ssh-keygen -q -t rsa -b 1024 -N '' -f small
refused 3 'small: an RSA key of 1024 bits; use one of 2048 to 8192 bits' --key small
echo 'ssh-dss AAAAB3NzaC1kc3M=' >old.pub
refused 3 'old.pub: unknown key type .ssh-dss' --key old.pub
must ssh-keygen -q -t ed25519 -N '' -f authority
must ssh-keygen -q -s authority -I id -n tester other.pub
refused 3 'other-cert.pub: unknown key type' --key other-cert.pub

# Agents, who alone have the private halves.
mkdir public
mv tester.pub other.pub public
ln -s tester.pub public/link
refused 2 'tester.pub: .*agent' --key public/tester.pub
refused 2 'link: .*agent' --key public/link
cp tester public/other
refused 3 'public/other: not the private half of this key; give --key FILE' --key public/other.pub
rm public/other
SSH_AUTH_SOCK=$tmp/nowhere refused 6 'nowhere' --key public/tester.pub
SSH_AUTH_SOCK=$tmp/empty refused 6 '' --key public/tester.pub
eval "$(ssh-agent -a "$tmp/agent")" >/dev/null
trap 'kill "$SSH_AGENT_PID"; at_exit' EXIT
must ssh-add -q other
refused 2 'tester.pub: .*ssh-add' --key public/tester.pub
refused 4 'none of the store' --key public/other.pub
must ssh-add -q tester
ok "an agent that has the key signs" change --key public/tester.pub
ok "as stock git agrees" git -C s -c gpg.ssh.allowedSignersFile=/dev/stdin log -1
must ssh-add -q -D
refused 2 'tester.pub: .*ssh-add' --key public/tester.pub
unset SSH_AUTH_SOCK

# No key at all.
must git -C s config --unset user.signingKey
refused 2 'no key to sign with'
must git -C s config user.signingKey "$tmp/tester"

# People.
for name in 'New
line' 'a <b' '' "$(head -c 10240 /dev/zero | tr '\0' a)"; do
	must git -C s config user.name "$name"
	tick
	ok "a name that can stand in no commit gives way to the e-mail" \
		ellwand -C s relabel q/2 --value "$SOURCE_DATE_EPOCH" -m why
	is "as the author" "$(git -C s log -1 --format='%an <%ae>')" 'tester <tester@example.org>'
done
git -C s config --unset user.name
init() {
	ellwand init new --name New --key tester "$@"
}
for who in '' 'a b@example.org' 'a@b
c' '*@example.org' '!a@example.org' 'a,b@example.org' 'a<b@example.org' \
	"$(head -c 10240 /dev/zero | tr '\0' a)@example.org" -x; do
	expect 2 '' init --principal "$who"
done
expect 2 'name' ellwand init new --name '' --key tester
expect 2 'name' ellwand init new --name "$(head -c 10240 /dev/zero | tr '\0' a)" --key tester
expect 3 'nowhere' ellwand init new --name New --key nowhere
expect 2 'key' ellwand init new --name New
expect 6 'none/new' ellwand init none/new --name New --key tester
is "none of these made a store" "$(ls -d new 2>&1)" "ls: cannot access 'new': No such file or directory"
ok "a name may be anything that fits in a line" ellwand init new --name 'New

Ellwand-Event: keys' --key tester
is "for it is made one" "$(git -C new log -1 --format='%(trailers:key=Ellwand-Event)%s')" \
	"Ellwand-Event: init
init New  Ellwand-Event: keys"
expect 3 'already' ellwand init s --name New --key tester

# Clocks.
must ellwand -C s relabel q/3 --value 4 -m why
SOURCE_DATE_EPOCH=$((SOURCE_DATE_EPOCH - 600)) refused 3 'clock'
SOURCE_DATE_EPOCH=-1 refused 2 'SOURCE_DATE_EPOCH'
SOURCE_DATE_EPOCH=soon refused 2 'SOURCE_DATE_EPOCH'
SOURCE_DATE_EPOCH=9999999999999 refused 2 'SOURCE_DATE_EPOCH'
SOURCE_DATE_EPOCH=4294967296 refused 2 '2106'

# allowed_signers, as a forger or a tired hand may leave it: no commit follows it.
fingers=$(cut -d' ' -f1,2 public/other.pub)
mine=$(cut -d' ' -f1,2 public/tester.pub)
signers() {
	test_what=$1
	shift
	rm -rf forged
	must cp -r s forged
	printf '%s\n' "$@" >signers
	must forge forged allowed_signers signers
	refuses forged 3 '^ellwand: allowed_signers: line 2: ' ellwand -C forged relabel q/1 --value 8 -m "$test_what"
}
good="tester@example.org namespaces=\"git\" $mine"
signers wildcard "$good" "*@example.org namespaces=\"git\" $fingers"
signers negated "$good" "!a@example.org namespaces=\"git\" $fingers"
signers two-principals "$good" "a@example.org,b@example.org namespaces=\"git\" $fingers"
signers key-twice "$good" "a@example.org namespaces=\"git\" $mine"
signers local-time "$good" "a@example.org namespaces=\"git\",valid-before=\"20300101\" $fingers"
signers option "$good" "a@example.org namespaces=\"git\",colour=\"red\" $fingers"
signers authority "$good" "a@example.org cert-authority,namespaces=\"git\" $fingers"
signers rubbish "$good" "rubbish"
signers control "$good" "$(printf 'a@example.org\001 %s' "$fingers")"
: >signers
rm -rf forged
must cp -r s forged
must forge forged allowed_signers signers
refuses forged 3 'allowed_signers: no key in it' ellwand -C forged relabel q/1 --value 8 -m "no signer is left"
rm -rf forged
must cp -r s forged
must forge forged allowed_signers -
refuses forged 8 'allowed_signers' ellwand -C forged relabel q/1 --value 8 -m "no signers are left"

finish
