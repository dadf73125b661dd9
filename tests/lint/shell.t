#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# No script has anything that shellcheck warns of.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
cd "$root" || exit 1
must git ls-files --error-unmatch Makefile

command -v shellcheck >/dev/null || skip_all "shellcheck is not installed"

# Variables of lib.sh are known to it only through its users;
# a file may be named like a command, a word may end in a comma.
for f in $(git ls-files '*.sh' '*.t' hooks .ci | grep -v '\.md$'); do
	ok "$f" shellcheck -x -S warning -e SC2154,SC2238,SC2258 "$f"
done
finish
