/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/libgit.h"
#include "repo/repo.h"
#include "tests/lib/tap.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

/* What is loaded in place of libgit2; NULL: itself. */
static const char *instead;

void *
dlopen(const char *name, int flags)
{
	void *(*real)(const char *, int);

	*(void **)&real = dlsym(RTLD_NEXT, "dlopen");
	return real(instead && strstr(name, "libgit2") ? instead : name, flags);
}

static void
test_start(void)
{
	struct ew_libgit g;
	struct ew_err err = { 0 };

	for (int i = 0; i < 2; i++) {
		if (!ok(ew_libgit_start(&g, &err) == EW_OK, "it starts: %s", err.msg))
			return;
		ok(g.oid_fromstrn(&(git_oid){ { 0 } }, "no digits", 9) < 0, "its functions can be called");
		is_int(ew_libgit_fail(&g, EW_IO, "here", &err), EW_IO, "its errors are said");
		ok(strncmp(err.msg, "here: ", 6) == 0 && strlen(err.msg) > 6, "as '%s'", err.msg);
		ew_err_clear(&err);
		ew_libgit_stop(&g);
		ok(!g.library, "it stops");
		ew_libgit_stop(&g);
	}
}

static void
is_refused(const char *library, const char *why)
{
	struct ew_libgit g;
	struct ew_err err = { 0 };
	struct ew_arena arena = { 0 };
	struct ew_str value;

	instead = library;
	is_int(ew_libgit_start(&g, &err), EW_IO, "%s: refused", why);
	ok(strstr(err.msg, why) && !g.library, "says '%s'", err.msg);
	ew_err_clear(&err);
	is_int(ew_user_config(&value, "user.name", &arena, &err), EW_IO, "so there is no configuration");
	ok(strstr(err.msg, why) != NULL, "says '%s'", err.msg);
	ew_arena_release(&arena);
	instead = NULL;
}

int
main(void)
{
	test_start();
	is_refused("libellwand-none.so",
		"libgit2: libellwand-none.so: cannot open shared object file: No such file or directory; "
		"install it again");
	is_refused("libz.so.1", "libgit2.so." LIBGIT2_SOVERSION " has no git_libgit2_init; install it again");
	test_start();
	return tap_done();
}
