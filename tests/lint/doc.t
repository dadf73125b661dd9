#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The manual says what the program says: commands, synopses, options; and what its
# examples show succeeds.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"

command -v mandoc >/dev/null || skip_all "mandoc is not installed"
manual=$root/cli/ellwand.1

ok "mandoc has no complaint" mandoc -T lint -W warning "$manual"
is "not one" "$(cat "$tmp/out" "$tmp/err")" ""

# As a reader sees it, a paragraph a line: sections begin in column 0, subsections in
# column 3, text and the tags of lists in column 5.
must mandoc -T ascii -O width=1000 "$manual"
sed "s/.$(printf '\b')//g" out >man.txt

# The subsection of that title.
subsection() {
	awk -v title="   $1" '$0 == title { on = 1; next } on && /^ ? ? ?[^ ]/ { exit } on' man.txt
}

man_options() {
	subsection "$1" | sed -n 's/^     \(-.*\)$/\1/p' | sed 's/   *.*//'
}

# The ways of use in the manual: what stands before the text.
man_synopsis() {
	subsection "$1" | awk -v start="     ellwand $1" '
		/^$/ { next }
		index($0 " ", start " ") != 1 { exit }
		{ sub(/^ */, ""); gsub(/  +/, " "); print }'
}

# The same of -h, whose output is in $tmp/help: lines that go on are joined again.
help_synopsis() {
	awk '/^$/ { exit }
		/^(usage|   or): / { if (line) print line; line = substr($0, 8); next }
		{ sub(/^ */, ""); line = line " " $0 }
		END { print line }' help
}

# The options under a heading of -h.
help_options() {
	awk -v title="$1" '$0 == title { on = 1; next } /^$/ { on = 0 } on' help |
		sed 's/^  //; s/   *.*//'
}

# The names of options: of "-m, --message TEXT" both, of a synopsis all.
option_names() {
	grep -Eo -e '(^|[][() ,|])--?[A-Za-z][A-Za-z-]*' | tr -d '][() ,|' | LC_ALL=C sort -u
}

# A synopsis names an option by either of its names.
unnamed_options() {
	help_options Options: | while read -r spelled; do
		echo "$spelled" | option_names >names
		help_synopsis | option_names | grep -qxF -f names || echo "$spelled"
	done
}

unknown_options() {
	{ help_options Options:; help_options "Signing options:"; } | option_names >names
	help_synopsis | option_names | grep -vxF -f names
}

ellwand -h >help
is "the manual has the global options" "$(man_options 'Global options')" "$(help_options Options:)"

commands=$(sed -n '/^Options:/q; s/^  \([a-z][a-z-]*\)  .*/\1/p' help)
is "the manual has the commands, in their order" \
	"$(awk '/^COMMANDS/ { on = 1; next } /^[^ ]/ { on = 0 } on && /^   [^ ]/ { print $1 }' man.txt)" \
	"$commands"

for c in $commands; do
	ellwand "$c" -h >help
	is "$c: the manual has the synopsis" "$(man_synopsis "$c")" "$(help_synopsis)"
	is "$c: the manual has the options" "$(man_options "$c")" "$(help_options Options:)"
	is "$c: the synopsis names every option" "$(unnamed_options)" ""
	is "$c: and no other" "$(unknown_options)" ""
	if grep -q '^Signing options:' help; then
		is "$c: the manual has the signing options" "$(man_options 'Signing options')" \
			"$(help_options 'Signing options:')"
	fi
done

# Examples follow on one another, in one directory, with the key "key" at hand.
key key
export ELLWAND_KEY="$tmp/key" ELLWAND_PRINCIPAL=key@example.org
mkdir examples && cd examples || exit 1
sed -n 's/^\.Dl \$ //p' "$manual" | sed 's/\\e/\\/g; s/\\-/-/g' >../lines
while read -r line; do
	ok "example: $line" sh -c "$line"
done <../lines
echo "# The table of threats names tests that there are"
sed -n '/^## 13/,/^## 14/s/^|.*| \([^|]*\) |$/\1/p' "$root/LABELS_FORMAT.md" | tr ',' '\n' | tr -d ' ' |
	grep -v '^-*$' | grep -vx test | sort -u >named
ok "it names some" test -s named
while read -r name; do
	ok "$name" sh -c 'ls "$1"/tests/*/"$2" "$1"/tests/*/"$2".c 2>/dev/null | grep -q .' - "$root" "$name"
done <named

finish
