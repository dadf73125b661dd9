/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/rulebook.h"

#include "codec/date.h"
#include "codec/jsonw.h"
#include "ops/context.h"

static enum ew_code
print_keys(struct ew_rulebook *b, struct ew_store *s, struct ew_err *err)
{
	struct ew_buf print = { 0 };
	enum ew_code rc = EW_OK;

	b->print = ew_arena_array(&b->arena, b->signers.count, sizeof *b->print);
	if (!b->print)
		return ew_fail_nomem(err);
	for (size_t i = 0; i < b->signers.count && rc == EW_OK; i++) {
		ew_buf_clear(&print);
		ew_sshkey_fingerprint(&print, s->hash, &b->signers.line[i].key);
		if ((rc = ew_buf_check(&print, err)) == EW_OK &&
		    !(b->print[i] = ew_arena_str(&b->arena, ew_buf_str(&print))).p)
			rc = ew_fail_nomem(err);
	}
	ew_buf_release(&print);
	return rc;
}

static enum ew_code
read_files(struct ew_rulebook *b, struct ew_store *s, struct ew_snapshot *snapshot, struct ew_err *err)
{
	struct ew_str policy, signers;
	enum ew_code rc;

	if ((rc = ew_snapshot_file(&policy, snapshot, EW_FILE_POLICY, err)) != EW_OK ||
	    (rc = ew_snapshot_file(&signers, snapshot, EW_FILE_SIGNERS, err)) != EW_OK)
		return rc;
	b->policy_json = ew_arena_str(&b->arena, policy);
	if (!b->policy_json.p)
		return ew_fail_nomem(err);
	if ((rc = ew_policy_parse(&b->policy, &b->arena, b->policy_json, err)) != EW_OK ||
	    (rc = ew_signers_parse(&b->signers, signers, err)) != EW_OK)
		return rc;
	return print_keys(b, s, err);
}

enum ew_code
ew_rulebook_open(struct ew_rulebook *out, struct ew_store *s, struct ew_str rev, struct ew_err *err)
{
	struct ew_version_at at;
	enum ew_code rc;

	*out = (struct ew_rulebook){ .policy = NULL };
	if ((rc = ew_at_open(&at, s, rev, err)) == EW_OK) {
		ew_hex(out->commit, at.rev.commit.b, sizeof at.rev.commit.b);
		rc = read_files(out, s, at.snapshot, err);
	}
	ew_at_release(&at);
	return rc;
}

void
ew_rulebook_release(struct ew_rulebook *b)
{
	ew_signers_release(&b->signers);
	ew_arena_release(&b->arena);
}

void
ew_rulebook_policy_json(struct ew_buf *out, const struct ew_rulebook *b)
{
	struct ew_jsonw w;

	ew_jsonw_init(&w, out);
	ew_jsonw_object(&w);
	ew_jsonw_str_at(&w, "schema", EW_LIT("ellwand.policy/1"));
	ew_jsonw_str_at(&w, "commit", ew_str(b->commit));
	ew_jsonw_name(&w, EW_LIT("policy"));
	ew_jsonw_raw(&w, b->policy_json);
	ew_jsonw_end(&w);
	ew_jsonw_finish(&w);
}

static void
write_time(struct ew_jsonw *w, const char *name, int64_t seconds)
{
	struct ew_buf text = { 0 };

	ew_time_write(&text, seconds);
	ew_jsonw_str_at(w, name, ew_buf_str(&text));
	ew_buf_release(&text);
}

static void
write_key(struct ew_jsonw *w, const struct ew_rulebook *b, size_t i)
{
	const struct ew_signers_line *line = &b->signers.line[i];
	struct ew_buf key = { 0 };

	ew_sshkey_write(&key, &line->key);
	ew_jsonw_object(w);
	ew_jsonw_str_at(w, "person", line->principal);
	ew_jsonw_str_at(w, "fingerprint", b->print[i]);
	ew_jsonw_str_at(w, "key", ew_buf_str(&key));
	if (line->valid_after != INT64_MIN)
		write_time(w, "from", line->valid_after);
	if (line->valid_before != INT64_MAX)
		write_time(w, "until", line->valid_before);
	ew_jsonw_end(w);
	ew_buf_release(&key);
}

void
ew_rulebook_keys_json(struct ew_buf *out, const struct ew_rulebook *b)
{
	struct ew_jsonw w;

	ew_jsonw_init(&w, out);
	ew_jsonw_object(&w);
	ew_jsonw_str_at(&w, "schema", EW_LIT("ellwand.keys/1"));
	ew_jsonw_str_at(&w, "commit", ew_str(b->commit));
	ew_jsonw_name(&w, EW_LIT("keys"));
	ew_jsonw_array(&w);
	for (size_t i = 0; i < b->signers.count; i++)
		write_key(&w, b, i);
	ew_jsonw_end(&w);
	ew_jsonw_name(&w, EW_LIT("revoked"));
	ew_jsonw_array(&w);
	for (size_t i = 0; i < b->policy->revokeds; i++) {
		const struct ew_policy_revoked *r = &b->policy->revoked[i];

		ew_jsonw_object(&w);
		ew_jsonw_str_at(&w, "fingerprint", r->key);
		ew_jsonw_str_or_null_at(&w, "through", r->through);
		ew_jsonw_str_or_null_at(&w, "reason", r->reason);
		ew_jsonw_end(&w);
	}
	ew_jsonw_end(&w);
	ew_jsonw_end(&w);
	ew_jsonw_finish(&w);
}
