/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/edit.h"

#include "base/file.h"
#include "codec/sshsig.h"
#include "model/id.h"
#include "ops/ancestry.h"
#include "ops/chain.h"
#include "ops/signing.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOCK_WAIT_MS = 10000, LOCK_STEP_MS = 200 };

struct ew_edit {
	struct ew_store *store;
	struct ew_arena arena;
	int lock;
	struct ew_str ref;
	struct ew_oid head; /* where the branch was; zero when there is no commit */
	struct ew_oid tree; /* of the commit before the next one */
	struct ew_snapshot *snapshot;
	struct ew_policy *policy; /* of the commit before; NULL before the first */
	struct ew_stage *stage;
	struct ew_signer *signer;
	struct ew_ident by;
	struct ew_chain *chain;
	size_t commits, at;
	struct ew_buf message, armour, object; /* scratch */
	bool limited; /* the signer may not do everywhere what was done */
};

/* --- opening --- */

/* In steps, between which the user may give up. */
static enum ew_code
wait_for_lock(struct ew_edit *e, const char *path, struct ew_err *err)
{
	enum ew_code rc;

	for (int waited = LOCK_STEP_MS;; waited += LOCK_STEP_MS) {
		struct ew_err busy = { 0 };

		rc = ew_file_lock(&e->lock, path, LOCK_STEP_MS, &busy);
		if (rc == EW_OK)
			return EW_OK;
		if (rc != EW_BUSY || waited >= LOCK_WAIT_MS)
			return ew_fail(err, rc, "%s", busy.msg);
		rc = ew_progress(e->store->opts.progress, "waiting for another writer", 0, 0, err);
		if (rc != EW_OK)
			return rc;
	}
}

/*
 * The lock file holds a byte while somebody writes: finding one means that the last
 * writer died, and may have left temporary files.
 */
static enum ew_code
lock_store(struct ew_edit *e, struct ew_err *err)
{
	struct ew_buf path = { 0 };
	struct stat st;
	size_t removed;
	enum ew_code rc;

	ew_buf_addf(&path, "%s/ellwand.lock", ew_repo_path(e->store->repo));
	if ((rc = ew_buf_check(&path, err)) == EW_OK)
		rc = wait_for_lock(e, path.p, err);
	if (rc == EW_OK && fstat(e->lock, &st) == 0 && st.st_size > 0)
		rc = ew_stage_sweep(&removed, e->store->repo, err);
	if (rc == EW_OK)
		rc = ew_file_write_fd(e->lock, path.p, EW_LIT("1"), err);
	ew_buf_release(&path);
	return rc;
}

static enum ew_code
open_signer(struct ew_edit *e, struct ew_err *err)
{
	struct ew_str key;

	return ew_signing_open(&e->signer, &key, &e->store->opts, e->store->repo, &e->arena, err);
}

/* The name beside the e-mail: git's user.name where it can stand in a commit. */
static enum ew_code
name_signer(struct ew_edit *e, struct ew_err *err)
{
	struct ew_err refused = { 0 };
	struct ew_str rest = e->by.email;
	enum ew_code rc = ew_repo_config(&e->by.name, e->store->repo, "user.name", &e->arena, err);

	if (rc != EW_OK)
		return rc;
	if (!e->by.name.p || ew_ident_check(&e->by, &refused) != EW_OK)
		e->by.name = ew_str_cut(&rest, '@');
	return ew_ident_check(&e->by, err);
}

/* The key must be one of the store's, and whose it is comes from there. */
static enum ew_code
find_principal(struct ew_edit *e, struct ew_err *err)
{
	const char *asked = e->store->opts.principal;
	struct ew_signers *signers;
	const struct ew_signers_line *line;
	struct ew_buf print = { 0 };
	enum ew_code rc = ew_snapshot_signers(&signers, e->snapshot, err);

	if (rc != EW_OK)
		return rc;
	line = ew_signers_find(signers, ew_signer_key(e->signer));
	if (!line) {
		ew_sshkey_fingerprint(&print, e->store->hash, ew_signer_key(e->signer));
		rc = ew_fail(err, EW_DENIED,
			"key %.*s: it is none of the store's; have it added to allowed_signers",
			EW_FMT(ew_buf_str(&print)));
		ew_buf_release(&print);
		return rc;
	}
	if (asked && !ew_str_is(line->principal, asked))
		return ew_fail(err, EW_DENIED, "%s: the key is %.*s's; give that one's --key", asked,
			EW_FMT(line->principal));
	e->by.email = ew_arena_str(&e->arena, line->principal);
	return e->by.email.p ? EW_OK : ew_fail_nomem(err);
}

/* Lock, branch, stage and signer: what every edit needs first. */
static enum ew_code
start(struct ew_edit **out, struct ew_store *s, struct ew_err *err)
{
	struct ew_edit *e = calloc(1, sizeof *e);
	enum ew_code rc;

	*out = e;
	if (!e)
		return ew_fail_nomem(err);
	e->store = s;
	e->lock = -1;
	e->by.time = s->opts.now;
	if ((rc = open_signer(e, err)) != EW_OK || (rc = lock_store(e, err)) != EW_OK ||
	    (rc = ew_repo_head(&e->ref, s->repo, &e->arena, err)) != EW_OK ||
	    (rc = ew_repo_ref(&e->head, s->repo, e->ref.p, err)) != EW_OK)
		return rc;
	return ew_stage_open(&e->stage, s->repo, err);
}

static enum ew_code
open_chain(struct ew_edit *e, struct ew_err *err)
{
	const struct ew_chain_opts opts = {
		.signer = e->signer,
		.stage = e->stage,
		.by = &e->by,
		.parent = e->head,
	};

	return ew_chain_open(&e->chain, &opts, err);
}

static enum ew_code
open_head(struct ew_edit *e, struct ew_err *err)
{
	struct ew_store *s = e->store;
	struct ew_commit c;
	struct ew_arena scratch = { 0 };
	enum ew_code rc;

	if (ew_oid_is_zero(&e->head))
		return ew_fail(err, EW_UNSUPPORTED,
			"%.*s has no commit: this is no label store; make one with ellwand init",
			EW_FMT(e->ref));
	if ((rc = ew_read_commit(&c, s, &e->head, &scratch, err)) != EW_OK)
		goto done;
	e->tree = c.tree;
	if (e->by.time < c.by.time) {
		rc = ew_fail(err, EW_REFUSED,
			"the clock says %lld, but the last commit is of %lld (seconds since 1970); "
			"set the clock",
			(long long)e->by.time, (long long)c.by.time);
		goto done;
	}
	if ((rc = ew_snapshot_open(&e->snapshot, s->repo, s->cache, &c.tree, err)) == EW_OK)
		rc = ew_snapshot_policy(&e->policy, e->snapshot, err);
done:
	ew_arena_release(&scratch);
	return rc;
}

enum ew_code
ew_edit_open(struct ew_edit **out, struct ew_store *s, struct ew_err *err)
{
	enum ew_code rc;

	if ((rc = start(out, s, err)) != EW_OK || (rc = open_head(*out, err)) != EW_OK ||
	    (rc = find_principal(*out, err)) != EW_OK || (rc = name_signer(*out, err)) != EW_OK ||
	    (rc = open_chain(*out, err)) != EW_OK) {
		ew_edit_free(*out);
		*out = NULL;
	}
	return rc;
}

enum ew_code
ew_edit_open_first(struct ew_edit **out, struct ew_store *s, struct ew_str founder,
	struct ew_err *err)
{
	static const struct ew_oid none;
	enum ew_code rc = start(out, s, err);

	if (rc == EW_OK && !ew_oid_is_zero(&(*out)->head))
		rc = ew_fail(err, EW_REFUSED, "%.*s has commits already", EW_FMT((*out)->ref));
	if (rc == EW_OK && !((*out)->by.email = ew_arena_str(&(*out)->arena, founder)).p)
		rc = ew_fail_nomem(err);
	if (rc != EW_OK || (rc = name_signer(*out, err)) != EW_OK ||
	    (rc = open_chain(*out, err)) != EW_OK ||
	    (rc = ew_snapshot_open(&(*out)->snapshot, s->repo, s->cache, &none, err)) != EW_OK) {
		ew_edit_free(*out);
		*out = NULL;
	}
	return rc;
}

void
ew_edit_free(struct ew_edit *e)
{
	if (!e)
		return;
	ew_chain_free(e->chain);
	ew_stage_free(e->stage);
	ew_snapshot_free(e->snapshot);
	ew_signer_free(e->signer);
	if (e->lock >= 0) {
		/* Should this fail, the next writer sweeps for nothing. */
		if (ftruncate(e->lock, 0) != 0)
			e->commits = 0;
		close(e->lock);
	}
	ew_buf_release(&e->message);
	ew_buf_release(&e->armour);
	ew_buf_release(&e->object);
	ew_arena_release(&e->arena);
	free(e);
}

struct ew_snapshot *
ew_edit_snapshot(struct ew_edit *e)
{
	return e->snapshot;
}

struct ew_str
ew_edit_principal(const struct ew_edit *e)
{
	return e->by.email;
}

size_t
ew_edit_commits(const struct ew_edit *e)
{
	return e->commits;
}

/* --- records --- */

enum ew_code
ew_edit_stage(struct ew_edit *e, const struct ew_ready *r, struct ew_err *err)
{
	return ew_stage_add_known(e->stage, &r->oid, EW_BLOB, r->bytes, err);
}

static enum ew_code
put(struct ew_edit *e, struct ew_collection *c, const struct ew_ready *r, struct ew_err *err)
{
	enum ew_code rc = ew_edit_stage(e, r, err);

	return rc == EW_OK ? ew_collection_put_leaf(c, r->id, &r->oid, &r->leaf, r->label, err) : rc;
}

enum ew_code
ew_edit_put_ready(struct ew_edit *e, struct ew_str collection, const struct ew_ready *r,
	uint64_t expected, struct ew_err *err)
{
	struct ew_collection *c;
	enum ew_code rc = ew_snapshot_collection(&c, e->snapshot, collection, true, expected, err);

	return rc == EW_OK ? put(e, c, r, err) : rc;
}

void
ew_edit_expect(const struct ew_edit *e, const struct ew_ready *r)
{
	ew_stage_expect(e->stage, &r->oid);
}

enum ew_code
ew_edit_fill(struct ew_edit *e, struct ew_str collection, ew_put_fn *fn, const void *user, size_t n,
	bool hashed, struct ew_err *err)
{
	struct ew_collection *c;
	enum ew_code rc = ew_snapshot_collection(&c, e->snapshot, collection, true, n, err);

	return rc == EW_OK ? ew_collection_fill(c, fn, user, n, hashed, e->stage, err) : rc;
}

static enum ew_code
fail_no_label(struct ew_str id, struct ew_err *err)
{
	return ew_fail(err, EW_NOTFOUND, "%.*s: no label has this id; ellwand export lists them",
		EW_FMT(id));
}

enum ew_code
ew_edit_put_label(struct ew_edit *e, struct ew_str split, const struct ew_ready *label,
	struct ew_err *err)
{
	struct ew_collection *c;
	struct ew_str in;
	enum ew_code rc;

	if ((rc = ew_snapshot_labels(&c, e->snapshot, split, err)) != EW_OK ||
	    (rc = ew_snapshot_find_elsewhere(&in, e->snapshot, split, label->id, err)) != EW_OK)
		return rc;
	if (in.p)
		return ew_fail(err, EW_REFUSED, "%.*s: split %.*s has this id already; choose another id",
			EW_FMT(label->id), EW_FMT(in));
	return put(e, c, label, err);
}

static enum ew_code
instances_of(struct ew_collection **out, struct ew_edit *e, struct ew_err *err)
{
	return ew_snapshot_collection(out, e->snapshot, EW_LIT("instances"), false, 0, err);
}

enum ew_code
ew_edit_withdraw(struct ew_edit *e, struct ew_str id, struct ew_err *err)
{
	struct ew_collection *labels, *instances;
	struct ew_str split;
	struct ew_oid blob;
	bool found = false;
	enum ew_code rc;

	if ((rc = ew_snapshot_find(&split, &blob, e->snapshot, id, err)) != EW_OK)
		return rc;
	if (!split.p)
		return fail_no_label(id, err);
	if ((rc = ew_snapshot_labels(&labels, e->snapshot, split, err)) != EW_OK ||
	    (rc = ew_collection_remove(labels, id, err)) != EW_OK ||
	    (rc = instances_of(&instances, e, err)) != EW_OK || !instances ||
	    (rc = ew_collection_find(&blob, &found, instances, id, err)) != EW_OK || !found)
		return rc;
	return ew_collection_remove(instances, id, err);
}

enum ew_code
ew_edit_label(struct ew_buf *out, struct ew_str *split, struct ew_oid *blob, struct ew_edit *e,
	struct ew_str id, struct ew_err *err)
{
	enum ew_code rc = ew_snapshot_find(split, blob, e->snapshot, id, err);

	if (rc != EW_OK)
		return rc;
	return split->p ? ew_stage_read_blob(out, e->stage, blob, err) : fail_no_label(id, err);
}

bool
ew_edit_stages(const struct ew_edit *e, const struct ew_oid *blob)
{
	return ew_stage_has(e->stage, blob);
}

enum ew_code
ew_edit_instance(struct ew_instance *out, bool *found, struct ew_edit *e, struct ew_str id,
	struct ew_arena *arena, struct ew_err *err)
{
	struct ew_collection *c;
	struct ew_oid blob;
	enum ew_code rc = instances_of(&c, e, err);

	*found = false;
	if (rc != EW_OK || !c)
		return rc;
	if ((rc = ew_collection_find(&blob, found, c, id, err)) != EW_OK || !*found)
		return rc;
	ew_buf_clear(&e->object);
	if ((rc = ew_stage_read_blob(&e->object, e->stage, &blob, err)) != EW_OK)
		return rc;
	if (ew_instance_parse(out, arena, e->store->hash, ew_buf_str(&e->object), err) != EW_OK)
		return ew_fail_stored(err, &blob);
	return EW_OK;
}

/* --- commits --- */

/* The pins first: what has them before it is written is cached at the end alone. */
static enum ew_code
write_tree(struct ew_oid *tree, struct ew_pins *pins, struct ew_edit *e, struct ew_err *err)
{
	enum ew_code rc = ew_snapshot_pins(pins, NULL, NULL, e->snapshot, err);

	return rc == EW_OK ? ew_snapshot_write(tree, e->snapshot, e->stage, err) : rc;
}

static enum ew_code
write_message(struct ew_edit *e, const struct ew_message *asked, const struct ew_pins *pins,
	struct ew_err *err)
{
	struct ew_message m = *asked;
	struct ew_manifest *manifest;
	enum ew_code rc = ew_snapshot_manifest(&manifest, e->snapshot, err);

	if (rc != EW_OK)
		return rc;
	m.dataset = manifest->dataset;
	m.ref = e->ref;
	m.records = pins->records;
	m.answers = pins->answers;
	if ((rc = ew_message_check(&m, err)) != EW_OK)
		return rc;
	ew_buf_clear(&e->message);
	ew_message_write(&e->message, &m);
	return ew_buf_check(&e->message, err);
}

enum ew_code
ew_edit_commit(struct ew_edit *e, const struct ew_message *message, struct ew_err *err)
{
	struct ew_pins pins;
	struct ew_oid tree;
	enum ew_code rc;

	if (e->policy && !ew_policy_allows(e->policy, e->by.email, message->event))
		return ew_fail(err, EW_DENIED,
			"%.*s: no role of theirs in policy.json allows \"%s\"; ask a maintainer",
			EW_FMT(e->by.email), ew_event_word(message->event));
	e->limited |= e->policy && !ew_policy_allows_everywhere(e->policy, e->by.email, message->event);
	if ((rc = write_tree(&tree, &pins, e, err)) != EW_OK)
		return rc;
	if (ew_oid_eq(&tree, &e->tree))
		return EW_OK;
	if ((rc = write_message(e, message, &pins, err)) != EW_OK ||
	    (rc = ew_chain_add(e->chain, &tree, ew_buf_str(&e->message), e->at, err)) != EW_OK)
		return rc;
	e->tree = tree;
	e->commits++;
	return ew_snapshot_policy(&e->policy, e->snapshot, err);
}

enum ew_code
ew_edit_preview(struct ew_preview *out, struct ew_edit *e, const struct ew_message *message,
	struct ew_err *err)
{
	struct ew_pins pins;
	enum ew_code rc = write_tree(&out->tree, &pins, e, err);

	if (rc == EW_OK)
		rc = write_message(e, message, &pins, err);
	out->parent = e->head;
	out->message = ew_buf_str(&e->message);
	return rc;
}

enum ew_code
ew_edit_sign(struct ew_buf *armour, struct ew_edit *e, const char *name_space, struct ew_str text,
	struct ew_err *err)
{
	return ew_sshsig_sign(armour, e->store->hash, e->signer, name_space, text, err);
}

struct ew_str
ew_edit_ref(const struct ew_edit *e)
{
	return e->ref;
}

void
ew_edit_at(struct ew_edit *e, size_t at)
{
	e->at = at;
}

enum ew_code
ew_edit_settle(size_t *at, struct ew_edit *e, struct ew_err *err)
{
	struct ew_oid tip;

	return ew_chain_settle(&tip, at, e->chain, err);
}

struct ew_oid
ew_edit_head(const struct ew_edit *e)
{
	return e->head;
}

enum ew_code
ew_edit_tag(struct ew_oid *tag, struct ew_edit *e, struct ew_str name, struct ew_str message,
	struct ew_err *err)
{
	static const struct ew_oid none;
	const struct ew_tag t = { .commit = e->head, .name = name, .by = e->by, .message = message };
	struct ew_buf ref = { 0 };
	struct ew_oid old;
	enum ew_code rc;

	assert(e->commits == 0);
	ew_buf_clear(&e->object);
	ew_tag_write_payload(&e->object, &t);
	ew_buf_clear(&e->armour);
	ew_buf_addf(&ref, "refs/tags/%.*s", EW_FMT(name));
	if ((rc = ew_buf_check(&e->object, err)) != EW_OK || (rc = ew_buf_check(&ref, err)) != EW_OK ||
	    (rc = ew_repo_ref(&old, e->store->repo, ref.p, err)) != EW_OK)
		goto done;
	if (!ew_oid_is_zero(&old)) {
		rc = ew_fail(err, EW_REFUSED, "%.*s is released already; choose a greater version",
			EW_FMT(name));
		goto done;
	}
	if ((rc = ew_sshsig_sign(&e->armour, e->store->hash, e->signer, "git", ew_buf_str(&e->object),
		     err)) != EW_OK)
		goto done;
	ew_buf_add(&e->object, ew_buf_str(&e->armour));
	if ((rc = ew_buf_check(&e->object, err)) == EW_OK &&
	    (rc = ew_stage_add(tag, e->stage, EW_TAG, ew_buf_str(&e->object), err)) == EW_OK &&
	    (rc = ew_stage_keep(e->stage, err)) == EW_OK)
		rc = ew_repo_ref_move(e->store->repo, ref.p, &none, tag, "ellwand release", err);
done:
	ew_buf_release(&ref);
	return rc;
}

/* Whether what was done was done where the signer may, as whoever gets it will judge. */
static enum ew_code
judge_limits(struct ew_edit *e, const struct ew_oid *tip, struct ew_err *err)
{
	struct ew_ancestry *a;
	enum ew_code rc = ew_ancestry_open(&a, e->store, true, 0, err);

	if (rc != EW_OK)
		return rc;
	if ((rc = ew_ancestry_trust(a, &e->head, err)) == EW_OK &&
	    (rc = ew_ancestry_judge(a, tip, e->ref, err)) == EW_NO)
		err->code = rc = EW_DENIED;
	ew_ancestry_free(a);
	return rc;
}

enum ew_code
ew_edit_finish(struct ew_oid *tip, struct ew_edit *e, struct ew_err *err)
{
	struct ew_store *s = e->store;
	size_t at;
	enum ew_code rc;

	if ((rc = ew_chain_settle(tip, &at, e->chain, err)) != EW_OK || e->commits == 0)
		return rc;
	if ((rc = ew_progress(s->opts.progress, "writing", 0, e->commits, err)) != EW_OK ||
	    (rc = ew_stage_keep(e->stage, err)) != EW_OK)
		return rc;
	if ((rc = ew_snapshot_remember(e->snapshot, err)) != EW_OK ||
	    (e->limited && (rc = judge_limits(e, tip, err)) != EW_OK))
		return rc;
	return ew_repo_ref_move(s->repo, e->ref.p, &e->head, tip, "ellwand", err);
}
