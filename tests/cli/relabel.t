#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# To give a label another answer.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/history.sh
. "$root/tests/lib/history.sh"
# shellcheck source=tests/lib/almanac.sh
. "$root/tests/lib/almanac.sh"

key m
export ELLWAND_KEY="$tmp/m"
cat >all.jsonl <<'END'
{"id":"n/1","value":"25.0","unit":"mL","lower":"24","upper":"26","input":{"question":"How much?"}}
{"id":"n/2","kind":"integer","value":"9"}
{"id":"n/3","kind":"duration","value":"P2W","lower":"P1W"}
{"id":"n/4","kind":"date","value":"2024-03-01"}
{"id":"n/5","kind":"choice","value":"B"}
{"id":"n/6","value":["apple","pear"]}
{"id":"n/7","state":"incomputable","reason":"no weight"}
{"id":"n/8","reason":"which weight?","readings":[{"assuming":"ideal","answer":{"kind":"decimal","value":"9","unit":"mL"}},{"assuming":"actual","answer":{"kind":"decimal","value":"12","unit":"mL"}}]}
{"id":"n/9","reason":"which?","readings":[{"assuming":"a","answer":{"kind":"decimal","value":"9","unit":"mL"}},{"assuming":"b","answer":{"kind":"decimal","value":"9","unit":"L"}}]}
END
must ellwand init s --name Test --key m --principal m@example.org
must ellwand -C s import all.jsonl --split test --preset jsonl
mark s

# The whole of it
tick
ok "relabel" ellwand -C s relabel n/1 --value 30 --unit mL --lower 29 --upper 31 --cause wrong-rule \
	--method script --agent calc-2 --rule 'add them up' --source 'work 7' --at 2026-01-01T00:00:00Z -m 'It is 30,
not 25.'
like "says what it did" "$(cat out)" '^1 signed commit; now at [0-9a-f]{12}\.$'
is "and no more" "$(wc -l <out)" 1
is "is one commit" "$(news)" "relabel n/1"
is "its message" "$(git -C s log -1 --format=%B | grep -v '^Ellwand-\(Dataset\|Records\|Answers\)')" "relabel n/1: 25.0 mL -> 30 mL

It is 30,
not 25.

Ellwand-Event: relabel
Ellwand-Label: n/1
Ellwand-Cause: wrong-rule
Ellwand-Ref: refs/heads/main"
is "its record" "$(record n/1 | member .answer) $(record n/1 | member .provenance) $(record n/1 | member .confidence)" \
	'{"kind":"decimal","lower":"29","unit":"mL","upper":"31","value":"30"} '\
'{"agent":"calc-2","at":"2026-01-01T00:00:00Z","method":"script","rule":"add them up","source":"work 7"} '\
'{"basis":"single"}'
is "the reason" "$(record n/1 | member .reason)" "It is 30,
not 25."
is "the question stays" "$(instance n/1 | member .input.question)" "How much?"
tick
ok "as JSON" ellwand -C s relabel n/1 --value 31 --lower 30 --upper 32 -m why --json
judged ellwand.revise out
is "with the commit" "$(member .commit <out)" "$(git -C s rev-parse HEAD)"
is "made by a human, the signer, by default" "$(record n/1 | member .provenance)" \
	'{"agent":"m@example.org","method":"human"}'
sound s

# What is not given stays where it can
relabel() {
	tick
	test_relabelled=$1
	shift
	ok "relabel $test_relabelled $*" ellwand -C s relabel "$test_relabelled" "$@" -m why
}
answer() {
	is "makes it so" "$(record "$test_relabelled" | member .answer)" "$1"
}
quiet() {
	is "and says no more" "$(sed 's/now at .*/now/' out)" "1 signed commit; now"
}
relabel n/1 --value 31.0
answer '{"kind":"decimal","lower":"30","unit":"mL","upper":"32","value":"31.0"}'
quiet
relabel n/1 --lower 29
answer '{"kind":"decimal","lower":"29","unit":"mL","upper":"32","value":"31.0"}'
quiet
relabel n/1 --upper '' --unit L
answer '{"kind":"decimal","lower":"29","unit":"L","value":"31.0"}'
quiet
relabel n/1 --value 40 --upper 42
answer '{"kind":"decimal","unit":"L","upper":"42","value":"40"}'
quiet
relabel n/1 --lower 39
relabel n/1 --value 50
answer '{"kind":"decimal","unit":"L","value":"50"}'
is "the band that went is said" "$(tail -n 1 out)" \
	"The band [39, 42] went with the old answer; give --lower and --upper to set one."
relabel n/1 --lower 49 --upper 51
quiet
relabel n/1 --value 60 --lower '' --upper ''
quiet
relabel n/1 --kind text
answer '{"kind":"text","unit":"L","value":"60"}'
relabel n/1 --unit ''
answer '{"kind":"text","value":"60"}'

# Kinds
relabel n/2 --value 10
answer '{"kind":"integer","value":"10"}'
relabel n/2 --value 10.5 --unit kg
answer '{"kind":"decimal","unit":"kg","value":"10.5"}'
relabel n/2 --value 11 --kind integer
answer '{"kind":"integer","unit":"kg","value":"11"}'
relabel n/2 --value P11D --kind duration
answer '{"kind":"duration","value":"P11D"}'
relabel n/3 --value P3W
answer '{"kind":"duration","value":"P3W"}'
is "a band that is open" "$(tail -n 1 out)" \
	"The band [P1W, ...] went with the old answer; give --lower and --upper to set one."
relabel n/4 --value 2024-02-29 --lower 2024-02-28
answer '{"kind":"date","lower":"2024-02-28","value":"2024-02-29"}'
relabel n/5 --value 'D, or none'
answer '{"kind":"choice","value":"D, or none"}'
relabel n/5 --value B --value A --value B
answer '{"kind":"set","value":["A","B"]}'
relabel n/5 --value A --kind set
answer '{"kind":"set","value":["A"]}'
relabel n/6 --value pear --kind text
answer '{"kind":"text","value":"pear"}'
relabel n/7 --value -1.5e3
answer '{"kind":"decimal","value":"-1.5e3"}'
is "resolves it" "$(record n/7 | member .state)" computable
relabel n/8 --value 10
answer '{"kind":"decimal","unit":"mL","value":"10"}'
is "in the subject" "$(git -C s log -1 --format=%s)" "relabel n/8: 9 mL (ideal) or 12 mL (actual) -> 10 mL"
relabel n/9 --value 10
answer '{"kind":"decimal","value":"10"}'
sound s

# What is so already
mark s
for same in '--value 10' '--value 10 --kind decimal' '--unit=' '--lower='; do
	# shellcheck disable=SC2086
	ok "relabel n/9 $same" ellwand -C s relabel n/9 $same -m 'another reason'
	is "says so" "$(cat out)" "1 label said so already; reason and provenance stay."
done
is "and makes no commit" "$(news)" ""

# Not
refused() {
	test_status=$1 test_ere=$2
	shift 2
	expect "$test_status" "$test_ere" ellwand -C s relabel "$@"
}
refused 2 'n/1: nothing to change; give a value' n/1 -m why
refused 2 '--message REASON is missing' n/1 --value 5
refused 2 'n/1: no reason given; say why with -m' n/1 --value 5 -m ''
refused 2 'n/1: no reason given; say why with -m' n/1 --value 5 -m ' '
refused 2 'n/1: the value is empty; to say that there is none, abstain' n/1 --value '' -m why
refused 2 'needs 1 operand, not 0' --value 5 -m why
refused 2 'takes no more than 1 operand, not 2' n/1 n/2 --value 5 -m why
refused 3 'n/10: no label has this id' n/10 --value 5 -m why
refused 3 'n/4: "soon" is no date, which the label is; say it with --kind' n/4 --value soon -m why
refused 3 'n/2: "B" is no duration, which the label is; say it with --kind' n/2 --value B -m why
refused 3 'n/6: several values are a set, not one text; give one value' n/6 --value a --value b --kind text -m why
refused 3 'n/5: a set is no choice; give a value' n/5 --kind choice -m why
refused 3 '"number" is no kind; decimal, integer' n/9 --value 5 --kind number -m why
refused 3 '"guess" is no method; human, llm' n/9 --value 5 --method guess -m why
refused 3 'n/9: answer: .*"5.5" is not whole' n/9 --value 5.5 --kind integer -m why
refused 3 'n/9: answer: lower .*upper' n/9 --value 5 --lower 6 --upper 4 -m why
refused 3 'n/6: answer: lower: an answer of kind text has no limits' n/6 --lower 6 -m why
refused 3 'n/9: provenance: at "yesterday" is no time' n/9 --value 5 --at yesterday -m why
refused 3 'control characters' n/9 --value 5 -m "$(printf 'a\033b')"
for cause in Wrong 'a b' '' "$(printf %065d 0)" 'x
Ellwand-Event: policy'; do
	refused 3 'Ellwand-Cause is not 1 to 64 of a-z, 0-9 and -' n/9 --value 5 --cause "$cause" -m why
done
ok "abstain" ellwand -C s abstain n/7 -m 'no weight'
refused 3 'n/7: of which kind is "B"\? say it with --kind' n/7 --value B -m why
refused 3 'n/7: the label has no answer; give a value' n/7 --unit kg -m why
refused_leaves_no_trace s ellwand -C s relabel n/7 --value B -m why

# git's configuration: the user's name, also in a file that another one includes; logs, if they are asked for
mkdir home
must git config -f home/.gitconfig user.name 'Ann Smith'
ok "with a name" env HOME="$tmp/home" ellwand -C s relabel n/1 --value 5 -m why
is "it is the author's" "$(git -C s log -1 --format='%an <%ae>')" "Ann Smith <m@example.org>"
must git config -f home/more user.name Bea
must git config -f home/.gitconfig include.path more
ok "with one in a file that is included" env HOME="$tmp/home" ellwand -C s relabel n/1 --value 1 -m why
is "it is the author's" "$(git -C s log -1 --format=%an)" Bea
ok "no log is kept" test ! -e s/.git/logs
must git -C s config core.logAllRefUpdates true
ok "with logs" ellwand -C s relabel n/1 --value 2 -m why
is "it is logged" "$(git -C s reflog main | wc -l)" 1
must git -C s config --unset core.logAllRefUpdates
rm -r s/.git/logs
must git -C s pack-refs --all
ok "of a branch that is packed" ellwand -C s relabel n/1 --value 3 -m why
ok "and loose again" ellwand -C s relabel n/1 --value 4 -m why
is "each upon the one before" "$(git -C s log -2 --format=%s)" "relabel n/1: 3 -> 4
relabel n/1: 2 -> 3"
sound s
must git -C s symbolic-ref refs/heads/alias refs/heads/main
must git -C s symbolic-ref HEAD refs/heads/alias
expect 5 'refs/heads/alias: another program moved it' ellwand -C s relabel n/1 --value 5 -m why
must git -C s symbolic-ref HEAD refs/heads/main
must git -C s symbolic-ref -d refs/heads/alias

# Keys
must ssh-keygen -q -t ed25519 -N secret -f locked
must ssh-agent -a "$tmp/socket"
agent=$(sed -n 's/.*SSH_AGENT_PID=\([0-9]*\);.*/\1/p' out)
stop_agent() {
	kill "$agent"
	while [ -S "$tmp/socket" ]; do sleep 0.02; done
}
trap 'stop_agent; at_exit' EXIT
cat >askpass <<'END'
#!/bin/sh
echo secret
END
chmod +x askpass
SSH_AUTH_SOCK=$tmp/socket SSH_ASKPASS=$tmp/askpass SSH_ASKPASS_REQUIRE=force must ssh-add -q locked
unset ELLWAND_KEY
expect 2 'locked: .*ssh-add' ellwand init agent --name Agent --key locked --principal l@example.org
export SSH_AUTH_SOCK="$tmp/socket"
ok "an encrypted key, through the agent" ellwand init agent --name Agent --key locked --principal l@example.org
must ellwand -C agent import all.jsonl --split test --preset jsonl
mark agent
tick
ok "signs revisions" ellwand -C agent relabel n/2 --value 10 -m why
ok "by its public half too" ellwand -C agent relabel n/2 --value 11 -m why --key locked.pub
sound agent
export ELLWAND_KEY="$tmp/m"
expect 4 'none of the store.s; have it added to allowed_signers' ellwand -C agent relabel n/2 --value 12 -m why
ok "--key goes before ELLWAND_KEY" ellwand -C agent relabel n/2 --value 12 -m why --key locked
# Signatures that come in time, and one that does not: its line is named, and nothing is left of the others.
i=0
while [ $i -lt 150 ]; do
	i=$((i + 1))
	echo "{\"event\":\"relabel\",\"id\":\"n/2\",\"value\":\"2$i\",\"reason\":\"why\"}"
done >events.jsonl
sed '100s/.*/nonsense/' events.jsonl >worse.jsonl
mkfifo ready
for dies in 'events 0' 'events 1' 'events 70' 'events 149' 'worse 70'; do
	good=${dies#* } events=${dies% *}.jsonl
	/usr/bin/python3 "$root/tests/lib/agent.py" "$tmp/socket" "$tmp/dying" $good >ready &
	read -r _ <ready
	SSH_AUTH_SOCK=$tmp/dying refused_leaves_no_trace agent \
		ellwand -C agent apply "$events" --key locked
	is "an agent that dies after $good signatures" "$(cat err)" \
		"ellwand: $events:$((good + 1)): agent: it closed the connection; check with ssh-add -l and try again"
	wait $!
	rm dying
done
ok "many signatures by an agent" ellwand -C agent apply events.jsonl --key locked
sound agent
unset SSH_AUTH_SOCK
expect 2 'locked: .*ssh-add' ellwand -C agent relabel n/2 --value 13 -m why --key locked
finish
