/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/hooks.h"

#include "base/file.h"
#include "codec/assets.h"
#include "ops/context.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SCRIPT_MAX = 1 << 16 };

static const char *const of_server[] = { "pre-receive", "reference-transaction", "post-receive", NULL };
static const char *const of_copy[] = { "pre-push", NULL };

/* What git refuses by itself, before and beside the gate. */
static const struct {
	const char *name, *value;
} settings[] = {
	{ "receive.fsckObjects", "true" },
	{ "receive.denyNonFastForwards", "true" },
	{ "receive.denyDeletes", "true" },
	{ "receive.shallowUpdate", "false" },
	{ "core.fsync", "all" },
};

static struct ew_str
script_of(const char *hook, struct ew_buf *path)
{
	ew_buf_clear(path);
	ew_buf_addf(path, "hooks/%s", hook);
	return path->bad == EW_OK ? ew_asset(path->p) : (struct ew_str){ NULL, 0 };
}

static enum ew_code
hook_path(struct ew_buf *out, struct ew_store *s, const char *hook, struct ew_err *err)
{
	ew_buf_clear(out);
	ew_buf_addf(out, "%s/hooks/%s", ew_repo_path(s->repo), hook);
	return ew_buf_check(out, err);
}

/* Somebody's own script is not written over. */
static enum ew_code
check_free(struct ew_store *s, const char *hook, struct ew_err *err)
{
	struct ew_buf path = { 0 }, is = { 0 }, asset = { 0 };
	struct ew_err none = { 0 };
	enum ew_code rc = hook_path(&path, s, hook, err);

	if (rc == EW_OK && ew_file_read(&is, path.p, SCRIPT_MAX, &none) == EW_OK &&
	    !ew_str_eq(ew_buf_str(&is), script_of(hook, &asset)))
		rc = ew_fail(err, EW_REFUSED, "%s: there is another hook already; add \"exec ellwand hook %s\" to "
			"it, or give --force", path.p, hook);
	else if (rc == EW_OK && none.code != EW_OK && none.code != EW_NOTFOUND)
		rc = ew_fail(err, none.code, "%s", none.msg);
	ew_buf_release(&path);
	ew_buf_release(&is);
	ew_buf_release(&asset);
	return rc;
}

static enum ew_code
install(struct ew_store *s, const char *hook, struct ew_err *err)
{
	struct ew_buf path = { 0 }, asset = { 0 };
	enum ew_code rc = hook_path(&path, s, hook, err);

	if (rc == EW_OK && (rc = ew_file_replace(path.p, script_of(hook, &asset), err)) == EW_OK &&
	    chmod(path.p, 0755) != 0)
		rc = ew_fail_errno(err, EW_IO, errno, "%s: cannot make it a program", path.p);
	ew_buf_release(&path);
	ew_buf_release(&asset);
	return rc;
}

/* Hooks elsewhere are another's to set up. */
static enum ew_code
check_folder(struct ew_store *s, struct ew_err *err)
{
	struct ew_arena arena = { 0 };
	struct ew_buf folder = { 0 };
	struct ew_str elsewhere;
	enum ew_code rc = ew_repo_config(&elsewhere, s->repo, "core.hooksPath", &arena, err);

	if (rc == EW_OK && elsewhere.p)
		rc = ew_fail(err, EW_REFUSED, "core.hooksPath is %.*s: git does not look into the store for hooks; "
			"put them there", EW_FMT(elsewhere));
	ew_buf_addf(&folder, "%s/hooks", ew_repo_path(s->repo));
	if (rc == EW_OK && (rc = ew_buf_check(&folder, err)) == EW_OK && access(folder.p, F_OK) != 0)
		rc = ew_file_mkdir(folder.p, err);
	ew_buf_release(&folder);
	ew_arena_release(&arena);
	return rc;
}

enum ew_code
ew_hooks_install(struct ew_buf *names, struct ew_store *s, bool server, bool force, struct ew_err *err)
{
	const char *const *hook = server ? of_server : of_copy;
	enum ew_code rc = check_folder(s, err);

	for (size_t i = 0; hook[i] && rc == EW_OK && !force; i++)
		rc = check_free(s, hook[i], err);
	for (size_t i = 0; server && i < sizeof settings / sizeof *settings && rc == EW_OK; i++)
		rc = ew_repo_config_set(s->repo, settings[i].name, settings[i].value, err);
	for (size_t i = 0; hook[i] && rc == EW_OK; i++) {
		rc = install(s, hook[i], err);
		ew_buf_addf(names, "%s%s", i ? " " : "", hook[i]);
	}
	return rc == EW_OK ? ew_buf_check(names, err) : rc;
}

enum ew_code
ew_hooks_sync(struct ew_store *s, struct ew_err *err)
{
	const char *path = ew_repo_path(s->repo);
	const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum ew_code rc = EW_OK;

	if (fd < 0 || syncfs(fd) != 0)
		rc = ew_fail_errno(err, EW_IO, errno, "%s: cannot be made durable", path);
	if (fd >= 0)
		close(fd);
	return rc;
}
