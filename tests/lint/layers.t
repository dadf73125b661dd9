#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A file includes its own layer and the layers before it; foreign libraries have their place.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
cd "$root" || exit 1
must git ls-files --error-unmatch Makefile

# Every include as: file, "base/err.h" or <stdio.h>.
grep -H '^[[:blank:]]*#[[:blank:]]*include' store/*.h store/*/*.[ch] cli/*.[ch] |
	sed 's/:[[:blank:]]*#[[:blank:]]*include[[:blank:]]*/ /' >"$tmp/includes"
ok "there are includes to look at" test "$(wc -l <"$tmp/includes")" -gt 300

is "store: a file includes its own layer or earlier ones" "$(awk '
	BEGIN { n = split("base codec model repo ops", name); for (i = 1; i <= n; i++) rank[name[i]] = i }
	/^store\/[a-z]+\// && $2 ~ /^"/ {
		split($1, from, "/"); split(substr($2, 2), to, "/")
		if (!rank[from[2]] || !rank[to[1]] || rank[to[1]] > rank[from[2]]) print $1, $2
	}' "$tmp/includes")" ""
is "cli: a file includes ellwand.h and the program's own headers" \
	"$(awk '/^cli\// && $2 ~ /^"/ && $2 !~ /^"((store\/)?ellwand\.h|cli\/[a-z]+\.(h|def))"/' "$tmp/includes")" ""
is "ellwand.h has no neighbour" "$(ls store/*.[ch])" store/ellwand.h
is "a file is named for its noun" \
	"$(git ls-files store cli | grep -Ei '/(util|utils|misc|common|helpers?)[^/]*$')" ""

# Where a foreign header may be included, as an ERE of files.
while read -r header places; do
	is "$header is included by its one user" "$(awk -v header="<$header" -v places="^($places)" '
		index($2, header) == 1 && $1 !~ places' "$tmp/includes")" ""
done <<-'END'
	git2 store/repo/libgit\.h
	dlfcn store/repo/libgit\.c
	cjson/ store/codec/json\.c
	openssl/ store/codec/(hash|pkey)\.c
	sodium store/codec/(key|ssh)
	zlib store/repo/deflate\.c
	libdeflate store/repo/
	pcre2 store/codec/
	utf8proc store/codec/display\.c|store/model/text\.c
END
is "there are no other foreign headers" "$(awk '$2 ~ /^</ { print $2 }' "$tmp/includes" |
	grep -Ev '^<((git2|cjson|openssl|sys)/|[a-z0-9]+\.h>)' | sort -u)" ""
finish
