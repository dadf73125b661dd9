#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# clang has nothing to warn about either, with the flags of the build.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
cd "$root" || exit 1
must git ls-files --error-unmatch Makefile

command -v clang >/dev/null || skip_all "clang is not installed"

flags=$(cut -d' ' -f2- "$build/gen/flags")
for folder in store/*/ cli/ tests/unit/ tests/lib/ tests/fuzz/ tests/tools/; do
	ok "$folder" sh -c "clang $flags -Werror -fsyntax-only $(git ls-files "$folder*.c" | tr '\n' ' ')"
done
finish
