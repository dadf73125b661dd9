#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# hook: a server lets in what stands, and nothing else, whatever stock git pushes to it.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/forge.sh
. "$root/tests/lib/forge.sh"

forgery
must git clone -q --bare s server.git
ok "the hooks of a server are installed" ellwand -C server.git hook install --server
is "these" "$(cat out)" "Installed: pre-receive reference-transaction post-receive"
for hook in pre-receive reference-transaction post-receive; do
	ok "$hook is the one that is shipped" cmp "$root/hooks/$hook" "server.git/hooks/$hook"
	ok "and a program" test -x "server.git/hooks/$hook"
done
is "git itself is strict as well" "$(git -C server.git config receive.fsckObjects)" true
ok "once more is no harm" ellwand -C server.git hook install --server
must git -C s remote add origin "$tmp/server.git"

refs() { git -C server.git for-each-ref; }

# A push that is refused with one line, and changes nothing.
refused() { # TITLE ERE PUSH...
	title=$1 want=$2
	shift 2
	before=$(refs)
	not_ok "$title" git -C s push -q origin "$@"
	like "$title: why" "$(grep '^remote: ellwand: ' err)" "$want"
	is "$title: one line" "$(grep -c '^remote: ellwand: ' err)" 1
	is "$title: nothing moved" "$(refs)" "$before"
}

tick
must ellwand -C s relabel q/1 --value 8 -m 'measured again'
ok "a good commit is let in" git -C s push origin main
like "who pushed is told what changed" "$(cat err)" \
	'remote: refs/heads/main is score-affecting to what it was: 1 beyond-band, 6 same|remote: refs/heads/main is score-affecting'
is "it is there" "$(git -C server.git rev-parse main)" "$(git -C s rev-parse main)"
must ellwand -C s release v2.0
ok "a good release is let in" git -C s push -q origin v2.0
ok "the server's store verifies" ellwand -C server.git verify v2.0
must git -C s branch side v1.0
ok "a new branch is let in" git -C s push -q origin side
refused "an old release is not moved" 'a release does not change' -f v1.0:refs/tags/v2.0
refused "a branch is not turned back" 'history is not rewritten' -f v1.0^0:refs/heads/main
refused "a branch is not deleted" 'nothing is deleted' :side
refused "a release is not deleted" 'nothing is deleted' :v1.0
refused "no other tags" 'only branches and releases' v2.0:refs/tags/nice
refused "no other references" 'only branches and releases' main:refs/notes/x
refused "a release is a signed tag" 'refs/tags/v9.0: a release is a signed tag' main:refs/tags/v9.0
refused "a release keeps its name" 'refs/tags/v9.0: .*it was signed as' v2.0:refs/tags/v9.0

must git -C s commit-tree -m junk -p HEAD 'HEAD^{tree}'
junk=$(cat out)
refused "an unsigned commit" "refs/heads/main: commit $junk" "$junk:refs/heads/main"
refused "behind another name" "refs/heads/x: commit $junk" "$junk:refs/heads/x"
tick
must ellwand -C s relabel q/2 --value 9 -m 'good'
refused "good and bad at once" "commit $junk" main "$junk:refs/heads/x"
ok "the good one alone" git -C s push -q origin main

echo "# Before it is sent"
ok "a copy has a hook of its own" ellwand -C s hook install
is "this one" "$(cat out)" "Installed: pre-push"
not_ok "what the server would refuse is not sent" git -C s push -q origin "$junk:refs/heads/y"
like "with the reason" "$(cat err)" "^ellwand: refs/heads/y: commit $junk"
is "by the copy, not by the server" "$(grep -c '^remote:' err)" 0
must git -C s commit-tree -m junk -p "$junk" "$junk^{tree}"
git -C s branch bad "$(cat out)"
not_ok "nor what its own branches hold already" git -C s push -q origin bad
tick
must ellwand -C s relabel q/4 --value 9 -m 'good'
ok "what is good goes through both" git -C s push -q origin main
must git -C s branch -D bad
echo 'exit 0' >s/.git/hooks/pre-push
expect 3 'pre-push: there is another hook already; add "exec ellwand hook pre-push" to it, or give --force' \
	ellwand -C s hook install
is "which is as it was" "$(cat s/.git/hooks/pre-push)" 'exit 0'
ok "by force" ellwand -C s hook install --force
ok "it is replaced" cmp "$root/hooks/pre-push" s/.git/hooks/pre-push
must git -C s config core.hooksPath /nowhere
expect 3 'core.hooksPath is /nowhere' ellwand -C s hook install
must git -C s config --unset core.hooksPath
rm s/.git/hooks/pre-push

echo "# Durable before it is acknowledged"
tick
must ellwand -C s relabel q/5 --value 9 -m 'good'
if command -v strace >/dev/null; then
	must git -C s push -q origin main
	tick
	must ellwand -C s relabel q/5 --value 8 -m 'good'
	must strace -f -qq -s 200 -o trace -e trace=syncfs,rename,write git -C s push -q origin main
	ok "the reference is moved, then all is synced, then the client is told" awk '
		/rename\(.*refs\/heads\/main.*= 0/ { moved = NR }
		/syncfs\(.*= 0/ { synced = NR }
		/write\(.*ok refs\/heads\/main/ { if (!told) told = NR }
		END { exit !(moved && moved < synced && synced < told) }' trace
else
	skip "strace is not here"
fi

printf 'junk\n' >junk
expect 2 'a line is not OLD NEW REF' sh -c 'ellwand -C s hook pre-receive <junk'
expect 2 "no hook 'post'" ellwand -C s hook post
must git clone -q --bare s other.git
printf '#!/bin/sh\nPATH=/nowhere exec /bin/sh %s/hooks/pre-receive\n' "$root" >other.git/hooks/pre-receive
must chmod +x other.git/hooks/pre-receive
tick
must ellwand -C s relabel q/3 --value 9 -m 'good'
not_ok "without the program nothing is let in" git -C s push -q "$tmp/other.git" main

finish
