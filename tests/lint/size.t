#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Files and functions stay small enough to be read.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
cd "$root" || exit 1
must git ls-files --error-unmatch Makefile

git ls-files '*.c' '*.h' >"$tmp/files"

is "no file over 900 lines" "$(xargs wc -l <"$tmp/files" | awk '$1 > 900 && $2 != "total"')" ""
is "no function over 80 lines" "$(xargs awk '
	FNR == 1 { start = 0 }
	/^{/ { start = FNR; name = last }
	/^}/ && start { if (FNR - start - 1 > 80) print FILENAME ": " name, FNR - start - 1; start = 0 }
	{ last = $0 }' <"$tmp/files")" ""
is "no line over 120 columns, but for what is quoted" "$(while read -r f; do
	expand -t 8 "$f" | awk -v f="$f" 'length > 120 && !/"/ { print f ":" NR ": " length " columns" }'
done <"$tmp/files")" ""
finish
