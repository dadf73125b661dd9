#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Each header compiles alone, by the letter of C11, and ellwand.h for C++ as well.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
cd "$root" || exit 1
must git ls-files --error-unmatch Makefile

for h in $(git ls-files 'store/*.h' 'cli/*.h' 'tests/lib/*.h'); do
	ok "$h" cc -std=c11 -D_GNU_SOURCE -pedantic -Wall -Wextra -Werror -Istore -I. \
		-fsyntax-only -x c "$h"
done
ok "store/ellwand.h as C++" c++ -Wall -Wextra -Werror -Istore -fsyntax-only -x c++ store/ellwand.h
finish
