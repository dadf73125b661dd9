/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/chain.h"

#include "base/thread.h"
#include "codec/sshsig.h"

#include <stdlib.h>

enum {
	BATCH_DRAFTS = 64, /* handed to the thread at a time, or as many as have */
	BATCH_BYTES = 1 << 18,
	BATCHES = 4,
};

/* Its message follows that of the draft before; once signed, so does its commit. */
struct draft {
	struct ew_oid tree, oid; /* its commit's, once signed */
	size_t at, message, commit; /* lengths of the last two */
};

struct batch {
	struct draft draft[BATCH_DRAFTS];
	size_t drafts;
	struct ew_buf messages, commits;
};

/* What went wrong, and with which draft. */
struct fault {
	struct ew_err err;
	size_t at;
};

struct ew_chain {
	struct ew_signer *signer;
	struct ew_stage *stage;
	const struct ew_ident *by;
	struct batch batch[BATCHES];
	uint64_t staged;    /* batches */
	struct fault first; /* as the caller knows it */

	/* Of who signs: the thread while it runs, else the caller. */
	struct ew_hash *hash;
	struct ew_oid tip;
	struct ew_buf payload, armour;
	struct fault refusal; /* by the signer, or of what is too long */

	/* Handed over under the mutex: batch[i] is the thread's for done <= i < filled, modulo BATCHES. */
	pthread_t thread;
	bool running;
	pthread_mutex_t mutex;
	pthread_cond_t change;
	uint64_t filled, done;
	bool failed, end;
};

enum ew_code
ew_chain_open(struct ew_chain **out, const struct ew_chain_opts *opts, struct ew_err *err)
{
	struct ew_chain *c = calloc(1, sizeof *c);
	enum ew_code rc;

	*out = NULL;
	if (!c)
		return ew_fail_nomem(err);
	c->signer = opts->signer;
	c->stage = opts->stage;
	c->by = opts->by;
	c->tip = opts->parent;
	pthread_mutex_init(&c->mutex, NULL);
	pthread_cond_init(&c->change, NULL);
	if ((rc = ew_hash_open(&c->hash, err)) != EW_OK) {
		ew_chain_free(c);
		return rc;
	}
	*out = c;
	return EW_OK;
}

void
ew_chain_free(struct ew_chain *c)
{
	if (!c)
		return;
	if (c->running) {
		pthread_mutex_lock(&c->mutex);
		c->end = true;
		pthread_cond_broadcast(&c->change);
		pthread_mutex_unlock(&c->mutex);
		pthread_join(c->thread, NULL);
	}
	for (size_t i = 0; i < BATCHES; i++) {
		ew_buf_release(&c->batch[i].messages);
		ew_buf_release(&c->batch[i].commits);
	}
	ew_hash_free(c->hash);
	ew_buf_release(&c->payload);
	ew_buf_release(&c->armour);
	pthread_cond_destroy(&c->change);
	pthread_mutex_destroy(&c->mutex);
	free(c);
}

/* --- signing --- */

/* Append the commit of a draft, which becomes the tip. */
static enum ew_code
sign(struct ew_buf *out, struct ew_chain *c, struct draft *d, struct ew_str message,
	struct ew_err *err)
{
	struct ew_commit commit = { .tree = d->tree, .by = *c->by, .message = message };
	const size_t from = out->len;
	struct ew_str bytes;
	enum ew_code rc;

	if (!ew_oid_is_zero(&c->tip))
		commit.parent[commit.parents++] = c->tip;
	ew_buf_clear(&c->payload);
	ew_buf_clear(&c->armour);
	ew_commit_write_payload(&c->payload, &commit);
	if ((rc = ew_buf_check(&c->payload, err)) != EW_OK ||
	    (rc = ew_sshsig_sign(&c->armour, c->hash, c->signer, "git", ew_buf_str(&c->payload),
		     err)) != EW_OK)
		return rc;
	ew_commit_write(out, ew_buf_str(&c->payload), ew_buf_str(&c->armour));
	if ((rc = ew_buf_check(out, err)) != EW_OK)
		return rc;
	bytes = ew_str_part(ew_buf_str(out), from, out->len);
	if (bytes.len > EW_OBJECT_MAX)
		return ew_fail(err, EW_REFUSED, "the commit's message is too long; shorten the reason");
	d->commit = bytes.len;
	d->oid = c->tip = ew_object_oid(c->hash, EW_COMMIT, bytes);
	return EW_OK;
}

/* False when a draft could not be signed, of this batch or of one before. */
static bool
sign_batch(struct ew_chain *c, struct batch *b)
{
	struct fault *f = &c->refusal;
	size_t at = 0;

	for (size_t i = 0; i < b->drafts && f->err.code == EW_OK; i++) {
		struct draft *d = &b->draft[i];
		const struct ew_str message = ew_str_part(ew_buf_str(&b->messages), at, at + d->message);

		if (sign(&b->commits, c, d, message, &f->err) != EW_OK)
			f->at = d->at;
		at += d->message;
	}
	return f->err.code == EW_OK;
}

static void *
work(void *chain)
{
	struct ew_chain *c = chain;
	bool good;

	pthread_mutex_lock(&c->mutex);
	while (!c->end) {
		if (c->done == c->filled) {
			pthread_cond_wait(&c->change, &c->mutex);
			continue;
		}
		pthread_mutex_unlock(&c->mutex);
		good = sign_batch(c, &c->batch[c->done % BATCHES]);
		pthread_mutex_lock(&c->mutex);
		c->failed = !good;
		c->done++;
		pthread_cond_broadcast(&c->change);
	}
	pthread_mutex_unlock(&c->mutex);
	return NULL;
}

/* --- the caller's side --- */

/* Have the batch that is being filled signed; a thread is worth it when more will come. */
static void
hand_over(struct ew_chain *c, bool more)
{
	struct batch *b = &c->batch[c->filled % BATCHES];

	if (!c->running && more && !ew_signer_asks(c->signer))
		c->running = ew_thread_start(&c->thread, work, c);
	if (!c->running) {
		c->failed = !sign_batch(c, b);
		c->filled++;
		c->done++;
		return;
	}
	pthread_mutex_lock(&c->mutex);
	c->filled++;
	pthread_cond_broadcast(&c->change);
	pthread_mutex_unlock(&c->mutex);
}

/* Wait until the oldest batch is signed; false when one could not be. */
static bool
wait_for_batch(struct ew_chain *c)
{
	bool failed;

	pthread_mutex_lock(&c->mutex);
	while (c->done == c->staged)
		pthread_cond_wait(&c->change, &c->mutex);
	failed = c->failed;
	pthread_mutex_unlock(&c->mutex);
	if (failed)
		c->first = c->refusal;
	return !failed;
}

static enum ew_code
fail(const struct ew_chain *c, struct ew_err *err)
{
	return ew_fail(err, c->first.err.code, "%s", c->first.err.msg);
}

/* Stage the oldest batch, which can then be filled again. */
static enum ew_code
stage_batch(struct ew_chain *c, struct ew_err *err)
{
	struct batch *b = &c->batch[c->staged % BATCHES];
	size_t at = 0;

	if (!wait_for_batch(c))
		return fail(c, err);
	for (size_t i = 0; i < b->drafts; i++) {
		const struct draft *d = &b->draft[i];
		const struct ew_str commit = ew_str_part(ew_buf_str(&b->commits), at, at + d->commit);

		if (ew_stage_add_known(c->stage, &d->oid, EW_COMMIT, commit, &c->first.err) != EW_OK) {
			c->first.at = d->at;
			return fail(c, err);
		}
		at += d->commit;
	}
	b->drafts = 0;
	ew_buf_clear(&b->messages);
	ew_buf_clear(&b->commits);
	c->staged++;
	return EW_OK;
}

enum ew_code
ew_chain_add(struct ew_chain *c, const struct ew_oid *tree, struct ew_str message, size_t at,
	struct ew_err *err)
{
	struct batch *b = &c->batch[c->filled % BATCHES];
	enum ew_code rc;

	if (c->first.err.code != EW_OK)
		return fail(c, err);
	ew_buf_add(&b->messages, message);
	if ((rc = ew_buf_check(&b->messages, err)) != EW_OK)
		return rc;
	b->draft[b->drafts++] = (struct draft){ .tree = *tree, .at = at, .message = message.len };
	if (b->drafts < BATCH_DRAFTS && b->messages.len < BATCH_BYTES)
		return EW_OK;
	hand_over(c, true);
	return c->filled - c->staged < BATCHES ? EW_OK : stage_batch(c, err);
}

enum ew_code
ew_chain_settle(struct ew_oid *tip, size_t *at, struct ew_chain *c, struct ew_err *err)
{
	enum ew_code rc = c->first.err.code == EW_OK ? EW_OK : fail(c, err);

	if (rc == EW_OK && c->batch[c->filled % BATCHES].drafts)
		hand_over(c, false);
	while (rc == EW_OK && c->staged < c->filled)
		rc = stage_batch(c, err);
	if (rc == EW_OK)
		*tip = c->tip;
	else
		*at = c->first.at;
	return rc;
}
