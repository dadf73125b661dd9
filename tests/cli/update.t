#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A table is compared with what is stored: one commit for each change, by what it is.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/history.sh
. "$root/tests/lib/history.sh"
# shellcheck source=tests/lib/almanac.sh
. "$root/tests/lib/almanac.sh"

key m
export ELLWAND_KEY="$tmp/m"
cat >map.json <<'END'
{"schema":"map/1","format":"csv","id":"{n}","answer":"answer","kind":"kind","unit":"unit","lower":"low",
"upper":"high","reason":"why","abstain":["N/A"],"input":{"question":"text"},"attributes":{"row":"row","topic":"topic"}}
END
header=n,answer,kind,unit,low,high,why,text,row,topic
table() {
	cat >v.csv <<END
$header
01,25.0,decimal,mL,24.5,25.500,as measured,One?,r1,a
02,8.0,decimal,,7.6000000000000005,8.4,,Two?,r2,a
03,9,integer,,8,10,,Three?,r3,a
04,P1W,duration,,,,,Four?,r4,b
05,N/A,,,,,no weight,Five?,r5,b
06,B,choice,,,,,Six?,r6,b
07,2024-03-01,date,,,,,Seven?,r7,b
08,40,decimal,mg,38,42,,Eight?,r8,c
END
}
table
must ellwand init s0 --name Test --key m --principal m@example.org
must ellwand -C s0 import v.csv --split test --map map.json
must ellwand -C s0 disambiguate 07 --reading 'day first=2024-03-01' --reading 'month first=2024-01-03' -m 'both are dates'
mark s0
test_marked=s
map=map.json
tick

# One update of a fresh copy of the store: what is to change by sed in the table.
update() {
	rm -rf s
	cp -r s0 s
	table
	sed -i "1!{
		$1
	}" v.csv
	shift
	try ellwand -C s import v.csv --split test --map "$map" --update --json "$@"
	[ "$got" -eq 0 ] || { cat err; return; }
	news
}
without_07='/^07/d'
counts() {
	perl -MJSON::PP -e '$r = decode_json(<STDIN>);
		print join " ", map { "$_=$r->{$_}" } grep { $_ ne "schema" && $_ ne "commit" && $r->{$_} } sort keys %$r' <out
}
class() {
	ellwand -C s diff "$test_mark" HEAD --json | perl -MJSON::PP -e '$d = decode_json(<STDIN>);
		print join ", ", map { "$_->{id} $_->{class}" . join "", map { " $_" } @{ $_->{facets} } } @{ $d->{changes} }'
}

is "the same table" "$(update "$without_07")" ""
is "changes nothing" "$(counts)" "rows=7 unchanged=7"

# Answers
is "another value" "$(update "$without_07; s/^08,40/08,41/")" "relabel 08"
is "is a relabelling" "$(counts) $(class)" "commits=1 relabelled=1 rows=7 unchanged=6 08 within-band"
is "with a subject" "$(git -C s log -1 --format=%s)" "relabel 08: 40 mg -> 41 mg"
is "that rests on the table" "$(trailer Source)" "sha256:$(sha256sum <v.csv | cut -d' ' -f1) v.csv"
judged ellwand.import out
sound s
is "another band" "$(update "$without_07; s/,38,42,/,39,42,/") $(class)" "relabel 08 08 band-only band"
is "is in the subject" "$(git -C s log -1 --format=%s)" "relabel 08: 40 mg [38, 42] -> 40 mg [39, 42]"
is "a band that goes" "$(update "$without_07; s/,38,42,/,,,/") $(class)" "relabel 08 08 band-only band"
is "another unit" "$(update "$without_07; s/,mg,/,g,/") $(class)" "relabel 08 08 beyond-band unit"
is "another spelling" "$(update "$without_07; s/^04,P1W/04,P7D/") $(class)" "relabel 04 04 form-only"
is "keeps what was said of the reason" "$(update "$without_07; s/^01,25.0/01,25/; s/as measured//") $(record 01 | member .reason)" \
	"relabel 01 as measured"
is "another kind" "$(update "$without_07; s/^04,P1W,duration/04,7,integer/") $(class)" "relabel 04 04 form-only kind unit"
is "limits that are only written otherwise" \
	"$(update "$without_07; s/7.6000000000000005/7.6/; s/,24.5,25.500/,24.50,25.5/")" ""
is "change nothing" "$(counts)" "rows=7 unchanged=7"
is "nor beside another answer in the table" "$(update "$without_07; s/7.6000000000000005/7.6/; s/^06,B/06,C/")" "relabel 06"
is "a new reason becomes the text" "$(update "$without_07; s/^06,B,choice,,,,/06,C,choice,,,,seen on the shelf/")
$(git -C s log -1 --format=%b | head -n 1)" "relabel 06
seen on the shelf"
is "unless a text is given" "$(update "$without_07; s/^06,B,choice,,,,/06,C,choice,,,,seen/" -m 'second edition')
$(git -C s log -1 --format=%b | head -n 1) $(record 06 | member .reason)" "relabel 06
second edition seen"
c1=$(printf '\302\205')
is "a reason with a control character of Latin-1" \
	"$(update "$without_07; s/^06,B,choice,,,,/06,C,choice,,,,from${c1}here/")
$(git -C s log -1 --format=%b | head -n 1) $(record 06 | member .reason)" "relabel 06
from here from${c1}here"

# Questions and states
is "a changed question" "$(update "$without_07; s/Three?/Trois?/") $(class)" "rebind 03 03 input-only instance"
is "is counted" "$(counts)" "commits=1 rebound=1 rows=7 unchanged=6"
sound s
is "with another answer" "$(update "$without_07; s/Three?/Trois?/; s/^03,9/03,10/") $(class)" "relabel 03 03 within-band instance"
is "an abstention" "$(update "$without_07; s/^06,B,choice,,,,/06,N\/A,,,,,smudged/") $(class)" "abstain 06 06 abstained"
is "is counted" "$(counts)" "abstained=1 commits=1 rows=7 unchanged=6"
is "and gives its reason" "$(git -C s log -1 --format='%s; %b' | head -n 1)" "abstain 06: B -> N/A; smudged"
is "resolved" "$(update "$without_07; s/^05,N.A,,/05,3,integer,/") $(class)" "relabel 05 05 resolved"
is "in the subject" "$(git -C s log -1 --format=%s)" "relabel 05: N/A -> 3"
is "one reading only" "$(update '') $(class)" "relabel 07 07 disambiguated confidence provenance"
is "another reason only" "$(update "$without_07; s/no weight/no height/") $(class)" "import 05 metadata-only"
is "is one commit with other attributes" "$(update "$without_07; s/no weight/no height/; s/,r6,b/,r66,bb/")" import
is "whose subject says how many" "$(git -C s log -1 --format=%s)" "describe 2 labels of test"
is "and the counts" "$(counts)" "commits=1 metadata=2 rows=7 unchanged=5"
is "the attributes are the new ones" "$(instance 06 | member .attributes)" '{"row":"r66","topic":"bb"}'
is "the answers pin stays" "$(ellwand -C s pin --answers)" "$(ellwand -C s pin --answers "$test_mark")"
sound s

# Rows more and less
is "new rows" "$(update "$without_07;"' $a 09,1,integer,,,,,Nine?,r9,c\n10,2,integer,,,,,Ten?,r10,c')" import
is "are one commit" "$(counts)" "added=2 commits=1 rows=9 unchanged=7"
is "with its subject" "$(git -C s log -1 --format=%s)" "import 2 labels into test"
is "rows that the table lacks" "$(update "$without_07; /^0[16]/d")" ""
is "stay" "$(counts)" "rows=5 unchanged=5"
is "but with --complete" "$(update "$without_07; /^0[16]/d" --complete)" withdraw
is "all go in one commit" "$(counts) $(git -C s log -1 --format=%s)" \
	"commits=1 rows=5 unchanged=5 withdrawn=3 withdraw 3 labels from test"
is "with their instances" "$(git -C s ls-tree -r --name-only HEAD | grep -c '/0[167]\.json')" 0
sound s
is "all at once, in their order" "$(update '/^04/d; s/,r1,a/,r1,z/; s/^08,40/08,41/; s/^02,8.0,/02,N\/A,/; s/7.6000000000000005,8.4,/,,/
	s/Three?/Drei?/; $a 09,1,integer,,,,,Nine?,r9,c' --complete)" "abstain 02
rebind 03
relabel 07
relabel 08
import
withdraw
import"
is "each counted" "$(counts)" \
	"abstained=1 added=1 commits=7 metadata=1 rebound=1 relabelled=2 rows=8 unchanged=2 withdrawn=1"
sound s
must ellwand -C s import v.csv --split test --map map.json --update --complete
like "and again nothing" "$(cat out)" '^Nothing changed'
before=$(ellwand -C s0 pin)
rm -rf back
cp -r s0 back
must ellwand -C back import v.csv --split test --map map.json --update --complete
is "two copies that import the same have the same pin" "$(ellwand -C back pin)" "$(ellwand -C s pin)"
not_ok "which is not what it was" test "$(ellwand -C back pin)" = "$before"

# A bad row: nothing at all
rm -rf s
cp -r s0 s
table
sed -i 's/^08,40/08,much/; s/^06,B/06,C/' v.csv
refused_leaves_no_trace s ellwand -C s import v.csv --split test --map map.json --update --complete
like "names the cell" "$(cat err)" '^ellwand: v.csv:9: column "answer": "much" is no number; '

# Columns that a table lacks
lacking() {
	rm -rf s
	cp -r s0 s
	table
	sed '/^07/d' v.csv | cut -d, -f"$1" | sed "${2:-}" >less.csv
	mv less.csv v.csv
	shift; [ $# -gt 0 ] && shift
	try ellwand -C s import v.csv --split test --map "$map" --update --json "$@"
	[ "$got" -eq 0 ] && news || cat err
}
is "no attributes" "$(lacking 1-8)$(counts)" "rows=7 unchanged=7"
is "no reason" "$(lacking 1-6,8-10)$(counts)" "rows=7 unchanged=7"
is "no question" "$(lacking 1-7,9-10)$(counts)" "rows=7 unchanged=7"
is "no unit" "$(lacking 1-3,5-10 's/^08,40/08,41/') $(record 08 | member .answer.unit)" "relabel 08 mg"
is "no limits, the same value" "$(lacking 1-4,7-10)$(counts)" "rows=7 unchanged=7"
like "no limits, another value" "$(lacking 1-4,7-10 's/^08,40/08,41/')" \
	'^ellwand: v.csv:.*: no column "low"; correct its name in the map, or list it there as optional'
sed 's/"topic"}/&,"optional":["low","high"]/' map.json >optional.json
is "which may be lacking" "$(map=optional.json; lacking 1-4,7-10 's/^08,40/08,41/') $(record 08 | member .answer)" \
	'relabel 08 {"kind":"decimal","unit":"mg","value":"41"}'
like "a new row lacks nothing" "$(lacking 1-8 '$a 09,1,integer,,,,,Nine?')" '^ellwand: v.csv:.*no column "row"'
like "no column of the id" "$(lacking 2-10)" \
	'^ellwand: v.csv:2: a column of the id is missing; find ids with --update --match ATTRIBUTE=COLUMN; there are answer, kind'
is "but a match by an attribute" "$(lacking 2-10 's/^40/41/' --match row=row)" "relabel 08"
is "of another column" "$(lacking 2-10 's/^40/41/; 1s/row/line/' --match row=line)" "relabel 08"
like "that is there" "$(lacking 2-10 '' --match row=line)" 'v.csv: there is no column "line" to match by$'
like "with values that are stored" "$(lacking 2-10 's/,r8,/,r88,/' --match row=row)" \
	'v.csv:8: column "row": no label of split test has row=r88; is it the right column.$'
like "each of one label" "$(lacking 2-10 '' --match topic=topic)" \
	'v.csv:2: column "topic": several labels of split test have topic=a; match by another attribute$'
like "and in one row" "$(lacking 2-10 's/,r8,/,r6,/' --match row=row)" 'v.csv:8: id "06" stands in line 7 already'

finish
