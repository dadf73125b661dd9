#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# export: what comes out goes in again; the policy is kept; spreadsheets run nothing.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/almanac.sh
. "$root/tests/lib/almanac.sh"

almanac s

# JSON Lines
ok "a split" ellwand -C s export v2.0 --split train --use evaluation --format jsonl
cp out train.jsonl
is "says nothing else" "$(cat err)" ""
is "has all its labels" "$(wc -l <train.jsonl | tr -d ' ')" "$(ellwand -C s pin v2.0 --split train --json | member .labels)"
is "and no others" "$(member .split <train.jsonl | sort -u)" train
grep '"id":"harvest/11"' train.jsonl >line
is "a label's state" "$(member .state <line)" ambiguous
is "its readings" "$(member .readings <line)" "$(ellwand -C s show v2.0:harvest/11 --json | member .label.readings)"
is "its reason" "$(member .reason <line)" "$(ellwand -C s show v2.0:harvest/11 --json | member .label.reason)"
is "its input" "$(member .input <line)" "$(ellwand -C s show v2.0:harvest/11 --json | member .instance.input)"
is "its attributes" "$(member .attributes <line)" '{"rule":"harvest","topic":"garden"}'
is "its provenance" "$(member .provenance <line)" '{"agent":"m@example.org","method":"human"}'
is "a set is a list" "$(grep '"id":"rotation/03"' train.jsonl | member .value)" '["cabbage","carrot","parsnip","radish"]'
ellwand -C s export v2.0 --use evaluation --format jsonl >all.jsonl
is "all splits, one after another" "$(member .split <all.jsonl | uniq | tr '\n' ' ')" "test train "
is "the same every time" "$(ellwand -C s export v2.0 --use evaluation --format jsonl | cksum)" "$(cksum <all.jsonl)"
is "of a label" "$(ellwand -C s export v1.0 --use evaluation --format jsonl | grep -c '"id":"storage/05"')" 1

# What comes out goes in again
again() { # STORE MAP-OPTIONS...: exports s and imports that
	test_copy=$1
	shift
	must ellwand init "$test_copy" --name Again
	for split in test train; do
		must ellwand -C s export "$rev" --split $split --use evaluation --format jsonl -o "$split.out"
		must ellwand -C "$test_copy" import "$split.out" --split $split "$@"
	done
}
for rev in v1.0 v2.0; do
	again "copy-$rev" --preset jsonl
	is "$rev: the records pin" "$(ellwand -C "copy-$rev" pin)" "$(ellwand -C s pin $rev)"
	is "$rev: everything else" \
		"$(ellwand -C "copy-$rev" export HEAD --use evaluation --format jsonl | cksum)" \
		"$(ellwand -C s export $rev --use evaluation --format jsonl | cksum)"
done
must ellwand init kept --name Kept
must ellwand -C kept import test.out --split test --preset jsonl --digest-only
must ellwand -C kept export HEAD --use evaluation --format jsonl -o kept.out
is "without inputs, none are written" "$(grep -c '"input":' kept.out)" 0
must ellwand init kept-copy --name Copy
must ellwand -C kept-copy import kept.out --split test --preset jsonl
is "but bound to: the records pin" "$(ellwand -C kept-copy pin)" "$(ellwand -C kept pin)"
is "which is that with inputs" "$(ellwand -C kept pin --split test)" "$(ellwand -C s pin v2.0 --split test)"
sed 's/"question":"/&Not this: /' test.out >other.out
must ellwand init other --name Other
expect 3 '^ellwand: other.out:1: column "instance": is not the digest of the row.s input; leave one of them out$' \
	ellwand -C other import other.out --split test --preset jsonl

medcalc=$root/../shared/data/medcalc/medcalc_v1.0_test.csv
if [ -f "$medcalc" ]; then
	must ellwand init published --name Published
	must ellwand -C published import "$medcalc" --split test --preset medcalc-bench
	must ellwand -C published export HEAD --use evaluation --format jsonl -o published.jsonl
	must ellwand init copied --name Copied
	must ellwand -C copied import published.jsonl --split test --preset jsonl
	is "a published table: the records pin" "$(ellwand -C copied pin)" "$(ellwand -C published pin)"
else
	skip "a published table: the records pin" "no $medcalc"
fi

# CSV
ok "CSV" ellwand -C s export v2.0 --split train --use training --format csv
cp out train.csv
is "its header" "$(head -n 1 train.csv)" "id,split,state,kind,value,unit,lower,upper,reason,rule,topic"
like "a number" "$(cat train.csv)" '^watering/12,train,computable,decimal,40.5,L,38.475,42.525,,watering,garden$'
like "a date" "$(cat train.csv)" '^harvest/12,train,computable,date,2024-03-01,'
like "a set" "$(cat train.csv)" '^rotation/03,train,computable,set,"\[""cabbage"",""carrot"",""parsnip"",""radish""\]",'
like "an abstention" "$(cat train.csv)" '^batch/06,train,incomputable,,,,,,No day of picking'
is "a row for each label" "$(wc -l <train.csv | tr -d ' ')" 28
is "LF ends a line" "$(grep -c "$(printf '\r')" train.csv)" 0

must ellwand init sheet --name Sheet
cat >sheet.jsonl <<-'END'
	{"id":"=1+1","kind":"text","value":"=HYPERLINK(1)","reason":"+x","attributes":{"@a":"-b","n":-5,"t":true}}
	{"id":"a","value":"-5","lower":"-6","upper":"-4","unit":"-","attributes":{"id":"own","value":"v"}}
	{"id":"b","kind":"duration","value":"-P3D","attributes":{"attributes.id":"too"}}
	{"id":"c","kind":"text","value":"one, \"two\"\nthree"}
	{"id":"d","kind":"set","value":["x","=y"]}
END
must ellwand -C sheet import sheet.jsonl --split train --preset jsonl
ok "a table that a spreadsheet would run" ellwand -C sheet export HEAD --use training --format csv
cp out sheet.csv
is "its header" "$(grep '^id,' sheet.csv)" \
	"id,split,state,kind,value,unit,lower,upper,reason,'@a,attributes.id,attributes.attributes.id,n,t,attributes.value"
like "texts are neutral" "$(cat sheet.csv)" \
	"^'=1\\+1,train,computable,text,'=HYPERLINK\\(1\\),,,,'\\+x,'-b,,,-5,true,\$"
like "numbers stay, units do not" "$(cat sheet.csv)" "^a,train,computable,decimal,-5,'-,-6,-4,,,,own,,,v\$"
like "a duration is a text" "$(cat sheet.csv)" "^b,train,computable,duration,'-P3D,,,,,,too,,,,\$"
like "a quoted field" "$(cat sheet.csv)" '^c,train,computable,text,"one, ""two""$'
like "a set" "$(cat sheet.csv)" '^d,train,computable,set,"\[""=y"",""x""\]",'
ok "--raw" ellwand -C sheet export HEAD --use training --format csv --raw
like "leaves them" "$(cat out)" '^=1\+1,train,computable,text,=HYPERLINK\(1\),,,,\+x,-b,'
if [ -x /usr/bin/python3 ]; then
	/usr/bin/python3 -c 'import csv, sys
rows = list(csv.DictReader(sys.stdin))
print(len(rows), sorted(map(len, rows))[0], [r["value"] for r in rows if r["id"] == "c"])' <out >opinion
	is "another reader's opinion" "$(cat opinion)" "5 15 ['one, \"two\"\\nthree']"
else
	skip "another reader's opinion" "no python3"
fi

# The policy
expect 4 "^ellwand: split test: the policy of v1.0 does not allow it for training; to allow it, add \"training\" to its uses in policy.json$" \
	ellwand -C s export v1.0 --split test --use training --format jsonl
ok "what the policy allows of all" ellwand -C s export v1.0 --use reward --format jsonl
is "is the rest" "$(member .split <out | sort -u)" train
is "and what is left out is said" "$(cat err)" \
	"ellwand: left out split test: the policy does not allow it for reward"
must ellwand init tests --name Tests
printf '%s\n' '{"id":"a","value":"1"}' >one.jsonl
must ellwand -C tests import one.jsonl --split test --preset jsonl
expect 4 "^ellwand: split test: the policy of HEAD does not allow it for training; " \
	ellwand -C tests export HEAD --use training --format csv
must ellwand init none --name None
ok "no labels" ellwand -C none export HEAD --use training --format jsonl
is "are no lines" "$(cat out)" ""
is "or a header" "$(ellwand -C none export HEAD --use training --format csv)" \
	"id,split,state,kind,value,unit,lower,upper,reason"

# A file, whole or not at all
ok "-o" ellwand -C s export v2.0 --use evaluation --format jsonl -o here.jsonl
is "is what stdout has" "$(cksum <here.jsonl)" "$(cksum <all.jsonl)"
is "where the user stands" "$(ls s)" ""
is "is said" "$(cat out)" "Wrote 66 labels to here.jsonl."
is "has the mode of a new file" "$(stat -c %a here.jsonl)" 644
ok "takes the place of an older one" ellwand -C s export v1.0 --use evaluation --format csv -o here.jsonl
like "with its own" "$(head -n 1 here.jsonl)" '^id,'
cp here.jsonl before
expect 4 "does not allow" ellwand -C s export v1.0 --split test --use reward --format csv -o here.jsonl
ok "a refusal leaves the old one" cmp here.jsonl before
expect 4 "does not allow" ellwand -C s export v1.0 --split test --use reward --format csv -o new.csv
is "and none where none was" "$(ls new.csv tmp_ellwand_* 2>/dev/null)" ""
mkdir dir
expect 2 "^ellwand: dir: no regular file; " ellwand -C s export v1.0 --use evaluation --format csv -o dir
ln -s here.jsonl link
expect 2 "^ellwand: link: no regular file; " ellwand -C s export v1.0 --use evaluation --format csv -o link
expect 6 "^ellwand: nowhere: cannot make" ellwand -C s export v1.0 --use evaluation --format csv -o nowhere/x.csv

# Refusals
expect 2 "^ellwand: export: needs 1 operand" ellwand -C s export --use evaluation --format jsonl
expect 2 "^ellwand: export: --use USE is missing; " ellwand -C s export v1.0 --format jsonl
expect 2 "^ellwand: export: --format FORMAT is missing; " ellwand -C s export v1.0 --use training
expect 2 "--use takes evaluation, training or reward, not 'profit'" \
	ellwand -C s export v1.0 --use profit --format jsonl
expect 2 "--format takes jsonl or csv, not 'xml'" ellwand -C s export v1.0 --use training --format xml
expect 2 "^ellwand: export: --raw goes with --format csv; " \
	ellwand -C s export v1.0 --use training --format jsonl --raw
expect 3 "^ellwand: v9.9: there is no such release" ellwand -C s export v9.9 --use training --format jsonl
expect 3 "^ellwand: dev: v1.0 has no such split; its splits are: test, train$" \
	ellwand -C s export v1.0 --split dev --use training --format jsonl

# Lost output
big() { ellwand -C s export v2.0 --use evaluation --format jsonl; }
if [ -e /dev/full ]; then
	big >/dev/full 2>err
	is "a full disk is an I/O error" $? 6
	like "said as such" "$(cat err)" '^ellwand: standard output: cannot write: No space left on device'
	is "on one line" "$(wc -l <err | tr -d ' ')" 1
else
	skip "a full disk" "no /dev/full"
fi
awk 'BEGIN { for (i = 1; i <= 3000; i++) printf "{\"id\":\"%d\",\"value\":\"%d\"}\n", i, i }' >many.jsonl
must ellwand init many --name Many
must ellwand -C many import many.jsonl --split train --preset jsonl
{ ellwand -C many export HEAD --use training --format jsonl 2>err; echo $? >status; } | head -n 1 >/dev/null
is "so is a pipe that nobody reads on" "$(cat status)" 6
like "said as such" "$(cat err)" '^ellwand: standard output: cannot write: Broken pipe'
is "a longer export" "$(ellwand -C many export HEAD --use training --format csv | wc -l | tr -d ' ')" 3001

# More attributes than a table has columns
perl -e 'for my $i (0 .. 5) {
	print "{\"id\":\"$i\",\"value\":\"1\",\"attributes\":{",
		join(",", map { "\"a$i-$_\":1" } 1 .. 200), "}}\n" }' >wide.jsonl
must ellwand init wide --name Wide
must ellwand -C wide import wide.jsonl --split train --preset jsonl
expect 3 "^ellwand: more than 1015 attributes, too many columns for a CSV; export as jsonl$" \
	ellwand -C wide export HEAD --use training --format csv
ok "as it says" ellwand -C wide export HEAD --use training --format jsonl
finish
