/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/store.h"

#include "ops/edit.h"
#include "ops/signing.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum ew_code
ew_store_open(struct ew_store **out, const char *dir, const struct ew_store_opts *opts,
	struct ew_err *err)
{
	struct ew_store *s = calloc(1, sizeof *s);
	enum ew_code rc;

	*out = NULL;
	if (!s)
		return ew_fail_nomem(err);
	s->opts = *opts;
	if ((rc = ew_repo_open(&s->repo, dir, err)) != EW_OK ||
	    (rc = ew_cache_open(&s->cache, s->repo, err)) != EW_OK) {
		ew_store_free(s);
		return rc;
	}
	ew_repo_set_home(s->repo, opts->home, opts->xdg_config_home);
	s->hash = ew_repo_hash(s->repo);
	*out = s;
	return EW_OK;
}

void
ew_store_free(struct ew_store *s)
{
	if (!s)
		return;
	if (s->cache) {
		ew_cache_save(s->cache);
		ew_cache_free(s->cache);
	}
	ew_repo_free(s->repo);
	ew_arena_release(&s->arena);
	free(s);
}

/* Who founds the store: as asked, else git's user.email, else this login on this host. */
static enum ew_code
founder_of(struct ew_str *out, const struct ew_store_opts *opts, struct ew_arena *arena,
	struct ew_err *err)
{
	char host[256] = "localhost", made[512];
	const struct passwd *pw;
	enum ew_code rc;

	if (opts->principal)
		*out = ew_str(opts->principal);
	else if ((rc = ew_user_config(out, "user.email", arena, err)) != EW_OK)
		return rc;
	if (!out->p) {
		pw = getpwuid(getuid());
		gethostname(host, sizeof host - 1);
		snprintf(made, sizeof made, "%s@%s", pw ? pw->pw_name : "user", host);
		*out = ew_arena_str(arena, ew_str(made));
		if (!out->p)
			return ew_fail_nomem(err);
	}
	if (!ew_principal_ok(*out))
		return ew_fail(err, EW_USAGE,
			"%.*s: not an e-mail that can sign; give another with --principal", EW_FMT(*out));
	return EW_OK;
}

static enum ew_code
first_manifest(struct ew_buf *out, const struct ew_init_opts *init, struct ew_err *err)
{
	unsigned char random[16];
	struct ew_buf uuid = { 0 };
	struct ew_manifest m = { .name = ew_str(init->name), .licence = ew_str(init->licence) };
	enum ew_code rc = ew_random(random, sizeof random, err);

	if (rc != EW_OK)
		return rc;
	ew_uuid_write(&uuid, random);
	m.dataset = ew_buf_str(&uuid);
	if ((rc = ew_buf_check(&uuid, err)) == EW_OK)
		ew_manifest_write(out, &m);
	ew_buf_release(&uuid);
	return rc == EW_OK ? ew_buf_check(out, err) : rc;
}

/* The three files of a new store, checked as any reader will check them. */
static enum ew_code
first_files(struct ew_buf file[EW_FILE_COUNT], const struct ew_init_opts *init,
	struct ew_str founder, const struct ew_sshkey *key, struct ew_arena *arena, struct ew_err *err)
{
	struct ew_manifest m;
	enum ew_code rc = first_manifest(&file[EW_FILE_MANIFEST], init, err);

	if (rc != EW_OK)
		return rc;
	ew_policy_write_first(&file[EW_FILE_POLICY], founder);
	ew_signers_write_line(&file[EW_FILE_SIGNERS], founder, key);
	if ((rc = ew_buf_check(&file[EW_FILE_POLICY], err)) != EW_OK ||
	    (rc = ew_buf_check(&file[EW_FILE_SIGNERS], err)) != EW_OK)
		return rc;
	if ((rc = ew_manifest_parse(&m, arena, ew_buf_str(&file[EW_FILE_MANIFEST]), err)) != EW_OK) {
		err->code = rc = EW_USAGE;
		ew_fail_at(err, "the store's name or licence");
	}
	return rc;
}

static enum ew_code
first_commit(struct ew_store *s, struct ew_buf file[EW_FILE_COUNT], struct ew_str founder,
	const struct ew_init_opts *init, struct ew_err *err)
{
	struct ew_edit *e = NULL;
	struct ew_buf subject = { 0 };
	struct ew_message message = { .event = EW_INIT };
	struct ew_oid tip;
	enum ew_code rc = ew_edit_open_first(&e, s, founder, err);

	for (int k = 0; k < EW_FILE_COUNT && rc == EW_OK; k++)
		rc = ew_snapshot_set_file(ew_edit_snapshot(e), (enum ew_file_kind)k,
			ew_buf_str(&file[k]), err);
	ew_buf_addf(&subject, "init %s", init->name);
	message.subject = ew_buf_str(&subject);
	if (rc == EW_OK && (rc = ew_buf_check(&subject, err)) == EW_OK &&
	    (rc = ew_edit_commit(e, &message, err)) == EW_OK)
		rc = ew_edit_finish(&tip, e, err);
	ew_buf_release(&subject);
	ew_edit_free(e);
	return rc;
}

/* git's own settings, so that git signs as this program does; without a key they have one already. */
static enum ew_code
remember_key(struct ew_store *s, const char *key, struct ew_str founder, struct ew_err *err)
{
	char *path = key ? realpath(key, NULL) : NULL;
	enum ew_code rc = EW_OK;

	if (key)
		rc = ew_repo_config_set(s->repo, "user.signingKey", path ? path : key, err);
	if (rc == EW_OK)
		rc = ew_repo_config_set(s->repo, "user.email", founder.p, err);
	if (rc == EW_OK)
		rc = ew_repo_config_set(s->repo, "gpg.format", "ssh", err);
	free(path);
	return rc;
}

/* Without slashes at its end: libgit2 takes "DIR//.git" for "/.git". */
static enum ew_code
folder_of(struct ew_str *out, const char *dir, struct ew_arena *arena, struct ew_err *err)
{
	struct ew_str s = ew_str(dir);

	while (s.len > 1 && s.p[s.len - 1] == '/')
		s.len--;
	if (s.len == 0)
		return ew_fail(err, EW_USAGE, "the store's folder has no name; give one");
	*out = ew_arena_str(arena, s);
	return out->p ? EW_OK : ew_fail_nomem(err);
}

enum ew_code
ew_store_init(const char *dir, const struct ew_init_opts *init, const struct ew_store_opts *opts,
	struct ew_err *err)
{
	struct ew_buf file[EW_FILE_COUNT] = { { 0 } };
	struct ew_arena arena = { 0 };
	struct ew_signer *signer = NULL;
	struct ew_store *s = NULL;
	struct ew_repo_making making = { .lock = -1 };
	struct ew_store_opts found = *opts;
	struct ew_str folder, founder, key;
	enum ew_code rc;

	/* Whatever can be refused is refused before the first file is made. */
	if ((rc = folder_of(&folder, dir, &arena, err)) != EW_OK ||
	    (rc = founder_of(&founder, opts, &arena, err)) != EW_OK ||
	    (rc = ew_signing_open(&signer, &key, opts, NULL, &arena, err)) != EW_OK ||
	    (rc = first_files(file, init, founder, ew_signer_key(signer), &arena, err)) != EW_OK)
		goto done;
	found.key = key.p; /* for good, whatever a command of the user's answers next time */
	if ((rc = ew_repo_begin(&making, folder.p, err)) == EW_OK &&
	    (rc = ew_store_open(&s, making.path.p, &found, err)) == EW_OK &&
	    (rc = remember_key(s, opts->key, founder, err)) == EW_OK)
		rc = first_commit(s, file, founder, init, err);
	ew_store_free(s);
	if (rc == EW_OK)
		rc = ew_repo_finish(&making, folder.p, err);
done:
	ew_repo_making_release(&making);
	ew_signer_free(signer);
	for (int k = 0; k < EW_FILE_COUNT; k++)
		ew_buf_release(&file[k]);
	ew_arena_release(&arena);
	return rc;
}
