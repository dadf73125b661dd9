/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/libgit.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

/* Of the version whose header was read: another one may have other structures. */
#define LIBRARY "libgit2.so." LIBGIT2_SOVERSION

enum ew_code
ew_libgit_fail(const struct ew_libgit *g, enum ew_code code, const char *what, struct ew_err *err)
{
	const git_error *e = g->error_last();

	return ew_fail(err, code, "%s: %s", what, e && e->message ? e->message : "git failed");
}

static enum ew_code
find_functions(struct ew_libgit *g, struct ew_err *err)
{
	static const struct {
		const char *name;
		size_t member;
	} functions[] = {
#define FUNCTION(name) { "git_" #name, offsetof(struct ew_libgit, name) },
		EW_LIBGIT_FUNCTIONS(FUNCTION)
#undef FUNCTION
	};

	for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
		void *function = dlsym(g->library, functions[i].name);

		if (!function)
			return ew_fail(err, EW_IO, "%s has no %s; install it again", LIBRARY,
				functions[i].name);
		memcpy((char *)g + functions[i].member, &function, sizeof function);
	}
	return EW_OK;
}

static enum ew_code
start(struct ew_libgit *g, struct ew_err *err)
{
	if (g->libgit2_init() < 0)
		return ew_libgit_fail(g, EW_IO, "libgit2", err);
	if (g->libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1) < 0 ||
	    g->libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 1) < 0) {
		ew_libgit_fail(g, EW_IO, "libgit2", err);
		g->libgit2_shutdown();
	}
	return err->code;
}

enum ew_code
ew_libgit_start(struct ew_libgit *g, struct ew_err *err)
{
	/* It stays, since what it brings along does not let itself be removed. */
	g->library = dlopen(LIBRARY, RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE);
	if (!g->library)
		return ew_fail(err, EW_IO, "libgit2: %s; install it again", dlerror());
	if (find_functions(g, err) != EW_OK || start(g, err) != EW_OK) {
		dlclose(g->library);
		g->library = NULL;
	}
	return err->code;
}

void
ew_libgit_stop(struct ew_libgit *g)
{
	if (!g->library)
		return;
	g->libgit2_shutdown();
	dlclose(g->library);
	g->library = NULL;
}
