#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# To sign with the keys that people have, where they have them: as git does with the same settings.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/store.sh
. "$root/tests/lib/store.sh"

ssh-keygen -Y sign -f nowhere -n git nothing 2>&1 | grep -q 'No such file' ||
	skip_all "ssh-keygen does not sign"

# Devices of our own, if OpenSSH takes them.
export DEVICE_LOCK="$tmp/device.lock"
if cc -shared -fPIC -o device.so "$root/tests/lib/device.c" -lcrypto -lsodium 2>device.log; then
	export SSH_SK_PROVIDER="$tmp/device.so"
fi

# make NAME TYPE [BITS]: a key NAME, unless this machine's ssh-keygen makes none of the type.
make() {
	ssh-keygen -q -t "$2" ${3:+-b "$3"} -N "${passphrase-}" -C "$1" -f "$1" >make.log 2>&1 </dev/null
}

row() {
	printf '{"id":"q/%s","value":"%s","input":{"question":"What is %s?"}}\n' "$1" "$1" "$1"
}
{ row 1 && row 2; } >rows.jsonl
cat >edits.jsonl <<'END'
{"event":"relabel","id":"q/1","value":"10","reason":"counted again"}
{"event":"relabel","id":"q/2","value":"20","reason":"counted again"}
{"event":"relabel","id":"q/1","value":"11","reason":"counted once more"}
END

# What git says of all commits and tags of a store, by its own keys: G and nothing else.
git_agrees() {
	git -C "$1" show HEAD:allowed_signers >allowed || return
	git -C "$1" -c gpg.ssh.allowedSignersFile="$tmp/allowed" log --format='%G? %GS' | sort -u >signed
	[ "$(cat signed)" = "G one@example.org" ] || return
	for tag in $(git -C "$1" tag); do
		git -C "$1" -c gpg.ssh.allowedSignersFile="$tmp/allowed" verify-tag "$tag" 2>&1 || return
	done
}

# life STORE TYPE KEY...: all that signs, with what follows as the key's options.
life() {
	test_store=$1 test_type=$2
	shift 2
	ok "$test_type: init" ellwand init "$test_store" --name Keys --principal one@example.org "$@"
	like "$test_type: the key stands in allowed_signers" "$(git -C "$test_store" show HEAD:allowed_signers)" \
		"^one@example.org namespaces=\"git\" $test_type "
	ok "$test_type: import" ellwand -C "$test_store" import rows.jsonl --split test --preset jsonl
	ok "$test_type: apply" ellwand -C "$test_store" apply edits.jsonl
	ok "$test_type: relabel" ellwand -C "$test_store" relabel q/2 --value 21 -m "counted once more"
	ok "$test_type: release" ellwand -C "$test_store" release v1.0
	ok "$test_type: verify" ellwand -C "$test_store" verify
	ok "$test_type: verify the release" ellwand -C "$test_store" verify v1.0
	ok "$test_type: fsck" ellwand -C "$test_store" fsck
	ok "$test_type: git agrees" git_agrees "$test_store"
	is "$test_type: nothing is left of a program's files" "$(find "$test_store" -name 'tmp_ellwand_*')" ""
}

# --- each type, from a file ---

while read -r name type bits what; do
	if [ "$bits" = - ]; then bits=; fi
	if ! make "$name" "$type" $bits; then
		skip "$what" "ssh-keygen makes no such key here"
		continue
	fi
	life "store-$name" "$what" --key "$name"
done <<'END'
ed25519 ed25519 - ssh-ed25519
p256 ecdsa 256 ecdsa-sha2-nistp256
p384 ecdsa 384 ecdsa-sha2-nistp384
p521 ecdsa 521 ecdsa-sha2-nistp521
rsa rsa 2048 ssh-rsa
sked25519 ed25519-sk - sk-ssh-ed25519@openssh.com
skecdsa ecdsa-sk - sk-ecdsa-sha2-nistp256@openssh.com
END
have_device=
[ -f sked25519 ] && [ -f skecdsa ] && have_device=yes

# --- an agent ---

start_agent() {
	eval "$(ssh-agent -a "$tmp/agent" -P "$tmp/*" 2>/dev/null || ssh-agent -a "$tmp/agent")" >/dev/null
}
start_agent
trap 'kill "$SSH_AGENT_PID"; at_exit' EXIT
mkdir pub
for name in ed25519 p256 p384 p521 rsa sked25519 skecdsa; do
	[ -f "$name" ] || continue
	cp "$name.pub" pub
	type=$(cut -d' ' -f1 "$name.pub")
	expect 2 "agent: it does not hold this key; add it with ssh-add" \
		ellwand init none --name None --principal one@example.org --key "pub/$name.pub"
	must ssh-add -q ${SSH_SK_PROVIDER:+-S "$SSH_SK_PROVIDER"} "$name"
	life "agent-$name" "$type" --key "pub/$name.pub"
	life "line-$name" "$type" --key "key::$(cat "pub/$name.pub")"
	is "$type: the public key is remembered" "$(git -C "line-$name" config user.signingKey)" \
		"key::$(cat "pub/$name.pub")"
done

# --- git's settings: with the same ones, git and ellwand sign with the same key ---

mkdir home
unset GIT_CONFIG_GLOBAL
export HOME="$tmp/home"
must ellwand init s --name Settings --principal one@example.org --key ed25519
must ellwand -C s import rows.jsonl --split test --preset jsonl
for name in p256 p384 p521 rsa; do
	must ellwand -C s key add one@example.org "$name.pub" -m "one more"
done
git -C s config --unset user.signingKey
git -C s config --unset gpg.format
git -C s show HEAD:allowed_signers >allowed

fingerprint() {
	git -C s -c gpg.ssh.allowedSignersFile="$tmp/allowed" log -1 --format=%GF "$1"
}
print_of() {
	ssh-keygen -lf "$1" | cut -d' ' -f2
}

value=100
both() {
	test_name=$1 test_title=$2
	value=$((value + 1))
	tick
	ok "$test_title" ellwand -C s relabel q/1 --value "$value" -m "by the settings"
	is "is signed with $test_name" "$(fingerprint HEAD)" "$(print_of "$test_name.pub")"
	test_commit=$(git -C s commit-tree -S -p HEAD -m git 'HEAD^{tree}' 2>git.err) || note <git.err
	is "as git does" "$(fingerprint "${test_commit:-HEAD^}")" "$(print_of "$test_name.pub")"
}

# neither STATUS ERE TITLE: no more does git
neither() {
	test_a=$1 test_b=$2
	refuses s "$test_a" "$test_b" ellwand -C s relabel q/1 --value 99 -m "by the settings"
	test_commit=$(git -C s commit-tree -S -p HEAD -m git 'HEAD^{tree}' 2>/dev/null)
	is "nor does git sign, $3" "$test_commit" ""
}

# set NAME VALUE: in the user's own settings
set_() {
	git config --global "$1" "$2"
}
unset_() {
	git config --global --unset "$1"
}

neither 2 'no key to sign with: give --key FILE, or git config user.signingKey FILE' "without a key"
set_ gpg.format ssh
set_ user.signingKey "$tmp/ed25519"
both ed25519 "the path of a private key"
set_ user.signingKey "$tmp/p256.pub"
both p256 "the path of a public key, its private half beside it or with an agent"
cp ed25519 ed25519.pub p384 home
mkdir s/keys
cp rsa rsa.pub s/keys
# shellcheck disable=SC2088 # by git
set_ user.signingKey '~/ed25519'
both ed25519 "a path at home"
set_ user.signingKey "~$(id -un)/no-such-key"
neither 3 "key: cannot open $(getent passwd "$(id -un)" | cut -d: -f6)/no-such-key; " "with a path at a home by its name"
set_ user.signingKey '~nobody-of-that-name/key'
neither 2 '~nobody-of-that-name/key: this home is not known' "with a home that is not known"
set_ user.signingKey keys/rsa
both rsa "a path from the store"
set_ user.signingKey "key::$(cat p521.pub)"
both p521 "a public key, marked"
set_ user.signingKey "$(cut -d' ' -f1,2 ed25519.pub)"
both ed25519 "a public key that begins with ssh-"
set_ user.signingKey "$(cat rsa.pub)"
both rsa "one with a comment"
set_ user.signingKey "$(cut -d' ' -f1,2 p256.pub)"
neither 3 'key: cannot open .*ecdsa-sha2-nistp256 ' "with another public key that is not marked"
set_ user.signingKey "key::ssh-ed25519 AAAA"
neither 3 'key: malformed key; ' "with half a public key"
set_ user.signingKey "$tmp/nowhere"
neither 3 'key: cannot open .*/nowhere; give --key FILE' "with a file that is not there"
git -C s config user.signingKey "$tmp/p384"
both p384 "the store's setting goes before the user's"
git -C s config --unset user.signingKey

# Without a key of its own: what a command prints
unset_ user.signingKey
printf '#!/bin/sh\ncat "$1"\n' >print && chmod +x print
{ printf 'key::' && cat p384.pub ed25519.pub; } >'two keys'
set_ gpg.ssh.defaultKeyCommand "$tmp/print '$tmp/two keys'"
both p384 "the first line that a command prints"
set_ gpg.ssh.defaultKeyCommand "\"$tmp/print\" $tmp/two\\ keys"
both p384 "of words in quotes"
set_ gpg.ssh.defaultKeyCommand "$tmp/print rsa.pub"
must cp rsa.pub s
both rsa "that runs where git runs it"
set_ gpg.ssh.defaultKeyCommand "cat $tmp/p256.pub"
neither 2 'gpg.ssh.defaultKeyCommand: its first line is no public key' "with a key that is not marked"
set_ gpg.ssh.defaultKeyCommand "$tmp/print nowhere"
neither 2 'gpg.ssh.defaultKeyCommand: it failed with status 1: cat: nowhere' "when the command fails"
set_ gpg.ssh.defaultKeyCommand "$tmp/print 'nowhere"
neither 2 'gpg.ssh.defaultKeyCommand: a quote without its end' "when it is no command"
set_ gpg.ssh.defaultKeyCommand "$tmp/absent"
neither 2 'gpg.ssh.defaultKeyCommand: .*/absent: cannot run it' "when it is not there"
set_ user.signingKey "$tmp/ed25519"
both ed25519 "the command is not asked when there is a key"
unset_ gpg.ssh.defaultKeyCommand

# Formats
set_ gpg.format openpgp
expect 2 'gpg.format is openpgp, but only SSH keys sign here: give --key FILE' \
	ellwand -C s relabel q/1 --value 99 -m "by the settings"
set_ gpg.format x509
expect 2 'gpg.format is x509' ellwand -C s relabel q/1 --value 99 -m "by the settings"
ok "a key that is given goes before that" ellwand -C s relabel q/1 --value 98 -m "by an option" --key p521
is "and signs" "$(fingerprint HEAD)" "$(print_of p521.pub)"
unset_ gpg.format
ok "without a format it is SSH's" ellwand -C s relabel q/1 --value 97 -m "by the settings"
set_ gpg.format ssh

# The program
cat >program <<END
#!/bin/sh
echo "\$*" >>"$tmp/program.log"
exec ssh-keygen "\$@"
END
chmod +x program
set_ gpg.ssh.program "$tmp/program"
both ed25519 "by a program"
is "which was called alike by both" "$(sed -n '/^-Y sign/s| [^ ]*$||p' program.log | uniq -c | tr -s ' ')" \
	" 2 -Y sign -n git -f $tmp/ed25519"
rm program.log
ok "for each commit" ellwand -C s apply edits.jsonl
is "once" "$(wc -l <program.log)" 3
ok "and for releases" ellwand -C s release v1.0 --key p384
like "with the key that is given" "$(tail -n 1 program.log)" '^-Y sign -n git -f p384 '
set_ user.signingKey "key::$(cat p521.pub)"
both p521 "for a key that an agent has"
like "who is told so" "$(cat program.log)" '-f [^ ]*/objects/tmp_ellwand_[^ ]* -U [^ ]*/objects/tmp_ellwand_'
set_ user.signingKey "$tmp/rsa.pub"
both rsa "for a public key in a file"
set_ gpg.ssh.program "$tmp/absent"
neither 6 'key: .*/absent: cannot run it: No such file or directory' "when it is not there"
set_ gpg.ssh.program ./absent
neither 6 'key: .*/rsa.pub: ./absent: cannot run it' "nor here"
printf '#!/bin/sh\nprintf "%%s\\n" "the card is" "not in" >&2\nexit 1\n' >program
set_ gpg.ssh.program "$tmp/program"
neither 6 'key: .*/program: the card is; not in$' "when it fails"
printf '#!/bin/sh\nfor m; do :; done\nexec ssh-keygen -Y sign -n git -f %s "$m"\n' "$tmp/ed25519" >program
refuses s 1 'key: .*/program: it signed with another key than was asked for' \
	ellwand -C s relabel q/1 --value 99 -m "by the settings"
is "nothing is left of a program's files" "$(find s -name 'tmp_ellwand_*')" ""
unset_ gpg.ssh.program
ok "all of it verifies" ellwand -C s verify
ok "git agrees" git_agrees s

# To found a store, with the user's settings
set_ user.signingKey "key::$(cat p256.pub)"
set_ user.email one@example.org
life own ecdsa-sha2-nistp256
is "the setting stays where it is" "$(git config -f own/.git/config user.signingKey)" ""
set_ gpg.format openpgp
expect 2 'gpg.format is openpgp' ellwand init none --name None
set_ gpg.format ssh
unset_ user.signingKey
expect 2 'no key to sign with: give --key FILE; ssh-keygen' ellwand init none --name None
set_ gpg.ssh.defaultKeyCommand 'ssh-add -L'
must ssh-add -q -D
must ssh-add -q ed25519
ok "with the agent's first key" ellwand init first --name First
is "which is the store's" "$(git -C first show HEAD:allowed_signers | cut -d' ' -f4)" "$(cut -d' ' -f2 ed25519.pub)"
unset_ gpg.ssh.defaultKeyCommand

# --- private halves that are not at hand ---

set_ user.signingKey "$tmp/locked"
passphrase=secret make locked ecdsa
passphrase=secret make locked4 rsa 2048
must ellwand -C s key add one@example.org locked.pub -m "one more" --key ed25519
git -C s show HEAD:allowed_signers >allowed
must ssh-add -q -D
refuses s 2 'key: .*/locked: ssh-keygen: Load key .*/locked.: incorrect passphrase .*; add it to ssh-agent with ssh-add' \
	ellwand -C s relabel q/1 --value 99 -m "without a passphrase"
expect 2 'ssh-add' ellwand init none --name None --key locked
is "no store was made" "$(ls -A none)" ""
printf '#!/bin/sh\necho secret\n' >ask && chmod +x ask
export SSH_ASKPASS="$tmp/ask"
both locked "an encrypted key, its passphrase asked for"
set_ user.signingKey "$tmp/locked.pub"
both locked "and by its public half"
must ssh-add -q locked
export SSH_ASKPASS=false
both locked "an encrypted key that the agent has"
cat >terminal.py <<'END'
import os, pty, sys
os.environ.pop("SSH_ASKPASS_REQUIRE"), os.environ.pop("SSH_ASKPASS")
asked = []
def read(fd):
    data = os.read(fd, 1024)
    if b"passphrase" in data:
        asked.append(data)
        os.write(fd, b"secret\n")
    return data
status = pty.spawn(sys.argv[1:], read)
print("asked", len(asked), "status", os.waitstatus_to_exitcode(status))
END
must ssh-add -q -D
like "a passphrase is asked for on the terminal" \
	"$(/usr/bin/python3 terminal.py ellwand -C s relabel q/1 --value 96 -m "from a terminal" </dev/null | tr -d '\r')" \
	'^asked 1 status 0$'
is "and signs" "$(fingerprint HEAD)" "$(print_of locked.pub)"

if [ "$have_device" ]; then
	must ellwand -C s key add one@example.org sked25519.pub -m "one more" --key ed25519
	git -C s show HEAD:allowed_signers >allowed
	set_ user.signingKey "$tmp/sked25519"
	both sked25519 "a key in a device"
	touch device.lock
	neither 2 'key: .*/sked25519: ssh-keygen: .*; add it to ssh-agent with ssh-add' "without the device"
	must ssh-add -q -S "$SSH_SK_PROVIDER" sked25519
	neither 6 'agent: it refused' "nor does the agent"
	rm device.lock
	both sked25519 "a key in a device that an agent has"
	ok "a key that need not be touched is made" ssh-keygen -q -t ed25519-sk -O no-touch-required -N '' -f lazy
	must ellwand -C s key add one@example.org lazy.pub -m "one more" --key ed25519
	refuses s 1 'without anybody touching its device' ellwand -C s relabel q/1 --value 99 -m lazy --key lazy
fi
ok "all of it verifies in the end" ellwand -C s verify
ok "and is whole" ellwand -C s fsck
finish
