#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What make install lays down is enough to use the program, the library and the manual.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"

[ "${build##*/}" = build ] || skip_all "the plain build is what gets installed"

ok "make install" make -s -C "$root" install DESTDIR="$tmp/dest" PREFIX=/opt/ellwand
prefix=$tmp/dest/opt/ellwand
is "the program runs" "$("$prefix/bin/ellwand" version)" "$(ellwand version)"
ok "the manual is there" test -s "$prefix/share/man/man1/ellwand.1"
ok "the presets are there" test -s "$prefix/share/ellwand/maps/medcalc-bench.json"
is "no header of a foreign library is needed" "$(grep -rlE '#include <(git2|cjson|openssl|zlib|pcre2)' "$prefix/include")" ""

cat >use.c <<'END'
#include <ellwand/ellwand.h>

#include <stdio.h>

int
main(int argc, char **argv)
{
	struct ew_store_opts opts = { 0 };
	struct ew_store *store;
	struct ew_err err = { 0 };

	if (ew_store_open(&store, argc > 1 ? argv[1] : ".", &opts, &err) == EW_OK)
		puts("opened");
	else
		printf("%s: %s\n", ew_code_text(err.code), err.msg);
	ew_store_free(store);
	return ew_code_status(err.code);
}
END
export PKG_CONFIG_PATH="$prefix/lib/pkgconfig" PKG_CONFIG_SYSROOT_DIR=
flags=$(pkg-config --define-variable=prefix="$prefix" --cflags --libs ellwand)
# shellcheck disable=SC2086 # words
ok "a program is built with it" cc -std=c11 -Wall -Wextra -Werror -o use use.c $flags
status 9 "and says that here is no store" ./use "$tmp"
key tester
must ellwand init store --name Almanac --key tester --principal tester@example.org
ok "and opens one" ./use store
is "the version is the program's" "ellwand $(pkg-config --modversion ellwand)" "$(ellwand version)"
finish
