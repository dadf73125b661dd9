/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/rules.h"

#include "codec/jsonw.h"
#include "codec/signers.h"
#include "codec/sshsig.h"
#include "model/proposal.h"
#include "model/trailer.h"
#include "ops/edit.h"
#include "ops/signed.h"

#include <stdlib.h>

struct ew_rules {
	struct ew_store *store;
	struct ew_edit *edit;
	struct ew_policy_editor editor;
	struct ew_str policy_before; /* as the editor would write it unchanged */
	struct ew_str signers;       /* as it shall be */
	bool keys_changed;
	struct ew_arena arena;
};

/* A copy of the policy that may be changed. */
static enum ew_code
copy_policy(struct ew_rules *r, struct ew_err *err)
{
	struct ew_buf b = { 0 };
	struct ew_str bytes;
	enum ew_code rc = ew_snapshot_file(&bytes, ew_edit_snapshot(r->edit), EW_FILE_POLICY, err);

	if (rc != EW_OK || (rc = ew_policy_parse(&r->editor.policy, &r->arena, bytes, err)) != EW_OK)
		return rc;
	ew_policy_write(&b, r->editor.policy);
	if ((rc = ew_buf_check(&b, err)) == EW_OK &&
	    !(r->policy_before = ew_arena_str(&r->arena, ew_buf_str(&b))).p)
		rc = ew_fail_nomem(err);
	ew_buf_release(&b);
	r->editor.arena = &r->arena;
	return rc;
}

enum ew_code
ew_rules_open(struct ew_rules **out, struct ew_store *s, struct ew_err *err)
{
	struct ew_rules *r = calloc(1, sizeof *r);
	enum ew_code rc;

	*out = NULL;
	if (!r)
		return ew_fail_nomem(err);
	r->store = s;
	if ((rc = ew_edit_open(&r->edit, s, err)) != EW_OK || (rc = copy_policy(r, err)) != EW_OK ||
	    (rc = ew_snapshot_file(&r->signers, ew_edit_snapshot(r->edit), EW_FILE_SIGNERS, err)) !=
		    EW_OK) {
		ew_rules_free(r);
		return rc;
	}
	*out = r;
	return EW_OK;
}

void
ew_rules_free(struct ew_rules *r)
{
	if (!r)
		return;
	ew_edit_free(r->edit);
	ew_arena_release(&r->arena);
	free(r);
}

struct ew_policy_editor *
ew_rules_editor(struct ew_rules *r, struct ew_err *err)
{
	r->editor.err = err;
	return &r->editor;
}

/* --- keys --- */

static enum ew_code
keep_hex(struct ew_str *out, const struct ew_oid *id, struct ew_arena *arena, struct ew_err *err)
{
	char hex[EW_OID_HEX + 1];

	ew_hex(hex, id->b, sizeof id->b);
	*out = ew_arena_str(arena, ew_str(hex));
	return out->p ? EW_OK : ew_fail_nomem(err);
}

enum ew_code
ew_rules_read_key(struct ew_sshkey *out, struct ew_str text, struct ew_err *err)
{
	return ew_sshkey_read(out, ew_str_trim(text), err);
}

enum ew_code
ew_rules_fingerprint(struct ew_str *out, struct ew_store *s, const struct ew_sshkey *key,
	struct ew_arena *arena, struct ew_err *err)
{
	struct ew_buf print = { 0 };
	enum ew_code rc;

	ew_sshkey_fingerprint(&print, s->hash, key);
	if ((rc = ew_buf_check(&print, err)) == EW_OK &&
	    !(*out = ew_arena_str(arena, ew_buf_str(&print))).p)
		rc = ew_fail_nomem(err);
	ew_buf_release(&print);
	return rc;
}

enum ew_code
ew_rules_commit(struct ew_str *hex, struct ew_store *s, struct ew_str rev, struct ew_arena *arena,
	struct ew_err *err)
{
	struct ew_rev found;
	enum ew_code rc = ew_repo_resolve(&found, s->repo, rev, arena, err);

	return rc == EW_OK ? keep_hex(hex, &found.commit, arena, err) : rc;
}

/* Takes the text; it must be readable. */
static enum ew_code
set_signers(struct ew_rules *r, struct ew_buf *text, struct ew_err *err)
{
	struct ew_signers signers;
	enum ew_code rc = ew_buf_check(text, err);

	if (rc == EW_OK) {
		rc = ew_signers_parse(&signers, ew_buf_str(text), err);
		ew_signers_release(&signers);
		if (rc != EW_OK)
			ew_fail_at(err, "allowed_signers");
	}
	if (rc == EW_OK && !(r->signers = ew_arena_str(&r->arena, ew_buf_str(text))).p)
		rc = ew_fail_nomem(err);
	r->keys_changed |= rc == EW_OK;
	ew_buf_release(text);
	return rc;
}

static enum ew_code
refuse_known(struct ew_rules *r, const struct ew_sshkey *key, struct ew_err *err)
{
	const struct ew_signers_line *line;
	struct ew_signers signers;
	enum ew_code rc = ew_signers_parse(&signers, r->signers, err);

	line = rc == EW_OK ? ew_signers_find(&signers, key) : NULL;
	if (line)
		rc = ew_fail(err, EW_REFUSED, "the key is that of %.*s already", EW_FMT(line->principal));
	ew_signers_release(&signers);
	return rc;
}

enum ew_code
ew_rules_add_key(struct ew_rules *r, struct ew_str person, const struct ew_sshkey *key,
	struct ew_str from, struct ew_str until, struct ew_err *err)
{
	struct ew_buf text = { 0 };
	enum ew_code rc = refuse_known(r, key, err);

	if (rc != EW_OK)
		return rc;
	if (!ew_principal_ok(person))
		return ew_fail(err, EW_REFUSED, "'%.*s' is no e-mail; correct it", EW_FMT(person));
	ew_buf_add(&text, r->signers);
	if (text.len && !ew_str_ends(ew_buf_str(&text), "\n"))
		ew_buf_addc(&text, '\n');
	ew_buf_addf(&text, "%.*s namespaces=\"git\"", EW_FMT(person));
	if (from.p)
		ew_buf_addf(&text, ",valid-after=\"%.*s\"", EW_FMT(from));
	if (until.p)
		ew_buf_addf(&text, ",valid-before=\"%.*s\"", EW_FMT(until));
	ew_buf_addc(&text, ' ');
	ew_sshkey_write(&text, key);
	ew_buf_addc(&text, '\n');
	return set_signers(r, &text, err);
}

/* Whether a line of the file holds the key; comments and blank lines hold none. */
static bool
holds(struct ew_rules *r, struct ew_str line, struct ew_str fingerprint)
{
	struct ew_signers one;
	struct ew_err none = { 0 };
	struct ew_buf print = { 0 };
	bool is = false;

	if (ew_signers_parse(&one, line, &none) == EW_OK && one.count == 1) {
		ew_sshkey_fingerprint(&print, r->store->hash, &one.line[0].key);
		is = ew_str_eq(ew_buf_str(&print), fingerprint);
	}
	ew_signers_release(&one);
	ew_buf_release(&print);
	return is;
}

enum ew_code
ew_rules_retire_key(struct ew_rules *r, struct ew_str fingerprint, struct ew_err *err)
{
	struct ew_str rest = r->signers;
	struct ew_buf text = { 0 };
	bool found = false;

	while (rest.len) {
		const size_t end = ew_str_find(rest, 0, '\n');
		const struct ew_str line = ew_str_part(rest, 0, end + 1);

		rest = ew_str_part(rest, line.len, rest.len);
		if (holds(r, line, fingerprint))
			found = true;
		else
			ew_buf_add(&text, line);
	}
	if (found)
		return set_signers(r, &text, err);
	ew_buf_release(&text);
	return ew_fail(err, EW_NOTFOUND, "%.*s: allowed_signers has no such key; see ellwand key list",
		EW_FMT(fingerprint));
}

/* --- the change --- */

/* Set both files, and see that the rules can be lived with. */
static enum ew_code
apply(struct ew_rules *r, struct ew_str policy, struct ew_str signers, struct ew_err *err)
{
	struct ew_snapshot *s = ew_edit_snapshot(r->edit);
	struct ew_policy *new_policy;
	struct ew_signers *new_signers;
	enum ew_code rc = EW_OK;

	if (policy.p)
		rc = ew_snapshot_set_file(s, EW_FILE_POLICY, policy, err);
	if (rc == EW_OK && signers.p)
		rc = ew_snapshot_set_file(s, EW_FILE_SIGNERS, signers, err);
	if (rc != EW_OK || (rc = ew_snapshot_policy(&new_policy, s, err)) != EW_OK ||
	    (rc = ew_snapshot_signers(&new_signers, s, err)) != EW_OK)
		return rc;
	return ew_rules_check(new_policy, new_signers, r->store->hash, err);
}

/* The policy as it shall be; absent when it is as it was. */
static enum ew_code
new_policy(struct ew_str *out, struct ew_rules *r, struct ew_err *err)
{
	struct ew_policy *p = r->editor.policy;
	struct ew_buf b = { 0 };
	enum ew_code rc;

	*out = (struct ew_str){ NULL, 0 };
	ew_policy_write(&b, p);
	if ((rc = ew_buf_check(&b, err)) == EW_OK && !ew_str_eq(ew_buf_str(&b), r->policy_before)) {
		p->version++;
		ew_buf_clear(&b);
		ew_policy_write(&b, p);
		if ((rc = ew_buf_check(&b, err)) == EW_OK &&
		    !(*out = ew_arena_str(&r->arena, ew_buf_str(&b))).p)
			rc = ew_fail_nomem(err);
	}
	ew_buf_release(&b);
	return rc;
}

/* The rules before the change, which judge it. */
struct judges {
	struct ew_policy *policy;
	struct ew_signers *signers;
	struct ew_arena arena;
};

static enum ew_code
read_judges(struct judges *j, struct ew_rules *r, struct ew_err *err)
{
	struct ew_snapshot *s = ew_edit_snapshot(r->edit);
	struct ew_str policy, signers;
	enum ew_code rc;

	*j = (struct judges){ .policy = NULL };
	j->signers = ew_arena_alloc(&j->arena, sizeof *j->signers);
	if (!j->signers)
		return ew_fail_nomem(err);
	if ((rc = ew_snapshot_file(&policy, s, EW_FILE_POLICY, err)) != EW_OK ||
	    (rc = ew_snapshot_file(&signers, s, EW_FILE_SIGNERS, err)) != EW_OK ||
	    (rc = ew_policy_parse(&j->policy, &j->arena, policy, err)) != EW_OK)
		return rc;
	return ew_signers_parse(j->signers, signers, err);
}

static void
release_judges(struct judges *j)
{
	if (j->signers)
		ew_signers_release(j->signers);
	ew_arena_release(&j->arena);
}

/* One's own consent to a draft. */
static enum ew_code
cosign(struct ew_proposal *p, struct ew_rules *r, const struct ew_preview *d, struct ew_err *err)
{
	struct ew_buf text = { 0 }, armour = { 0 }, line = { 0 };
	struct ew_str value, rest;
	enum ew_code rc;

	ew_cosign_write_commit(&text, &d->parent, &d->tree, d->message);
	if ((rc = ew_buf_check(&text, err)) == EW_OK &&
	    (rc = ew_edit_sign(&armour, r->edit, EW_COSIGN_NAMESPACE, ew_buf_str(&text), err)) == EW_OK) {
		ew_cosign_write_trailer(&line, ew_buf_str(&armour));
		rest = ew_buf_str(&line);
		if ((rc = ew_buf_check(&line, err)) == EW_OK && ew_cosign_next(&value, &rest))
			rc = (value = ew_arena_str(&r->arena, value)).p ? ew_proposal_add(p, value, err)
									: ew_fail_nomem(err);
	}
	ew_buf_release(&text);
	ew_buf_release(&armour);
	ew_buf_release(&line);
	return rc;
}

static enum ew_code
write_lines(struct ew_buf *out, const struct ew_proposal *p, struct ew_err *err)
{
	for (size_t i = 0; i < p->cosigns; i++) {
		ew_buf_adds(out, EW_TRAILER_COSIGN ": ");
		ew_buf_add(out, p->cosign[i]);
		ew_buf_addc(out, '\n');
	}
	return ew_buf_check(out, err);
}

/* Whether all who signed a draft, `by` at first, may; and, if `enough`, are enough. */
static enum ew_code
check_consent(struct ew_rules *r, const struct judges *j, const struct ew_proposal *p,
	const struct ew_preview *d, enum ew_event event, bool enough, struct ew_err *err)
{
	const struct ew_ident by = { .email = ew_edit_principal(r->edit), .time = r->store->opts.now };
	struct ew_policy policy = *j->policy;
	struct ew_consent consent = { &policy, j->signers,
		event == EW_KEYS ? EW_THRESHOLD_KEYS : EW_THRESHOLD_POLICY, &by, .cosigns = { NULL, 0 } };
	struct ew_buf text = { 0 }, lines = { 0 };
	enum ew_code rc;

	if (!enough)
		policy.threshold[consent.threshold] = 1;
	ew_cosign_write_commit(&text, &d->parent, &d->tree, d->message);
	if (!ew_consent_counts(&consent, by.email))
		rc = ew_fail(err, EW_DENIED, "%.*s: no role of theirs in policy.json allows \"%s\"; ask one "
			"whose does", EW_FMT(by.email), ew_event_word(event));
	else if ((rc = ew_buf_check(&text, err)) == EW_OK && (rc = write_lines(&lines, p, err)) == EW_OK) {
		consent.text = ew_buf_str(&text);
		consent.cosigns = ew_buf_str(&lines);
		rc = ew_consent_check(&consent, r->store->hash, err);
	}
	if (rc == EW_NO)
		err->code = rc = EW_DENIED;
	ew_buf_release(&text);
	ew_buf_release(&lines);
	return rc;
}

static enum ew_code
commit(struct ew_ruled *out, struct ew_rules *r, struct ew_message *m, const struct ew_proposal *p,
	struct ew_err *err)
{
	struct ew_buf lines = { 0 };
	struct ew_oid tip;
	enum ew_code rc = write_lines(&lines, p, err);

	m->cosigns = lines.len ? ew_buf_str(&lines) : (struct ew_str){ NULL, 0 };
	if (rc == EW_OK && (rc = ew_edit_commit(r->edit, m, err)) == EW_OK &&
	    (rc = ew_edit_finish(&tip, r->edit, err)) == EW_OK)
		ew_hex(out->commit, tip.b, sizeof tip.b);
	out->signatures = 1 + p->cosigns;
	ew_buf_release(&lines);
	return rc;
}

static enum ew_code
propose(struct ew_ruled *out, struct ew_rules *r, struct ew_proposal *p, const struct ew_preview *d,
	struct ew_err *err)
{
	enum ew_code rc = cosign(p, r, d, err);

	if (rc != EW_OK)
		return rc;
	out->signatures = p->cosigns;
	ew_proposal_write(&out->proposal, p);
	return ew_buf_check(&out->proposal, err);
}

static enum ew_code
describe(struct ew_ruled *out, const struct judges *j, const struct ew_message *m, struct ew_err *err)
{
	out->event = m->event;
	out->wanted = j->policy->threshold[m->event == EW_KEYS ? EW_THRESHOLD_KEYS : EW_THRESHOLD_POLICY];
	out->subject = ew_arena_str(&out->arena, m->subject);
	return out->subject.p ? EW_OK : ew_fail_nomem(err);
}

static enum ew_code
finish(struct ew_ruled *out, struct ew_rules *r, struct judges *j, struct ew_message *m, bool as_proposal,
	struct ew_err *err)
{
	struct ew_proposal p = { .cosigns = 0 };
	struct ew_preview d;
	enum ew_code rc = new_policy(&p.policy, r, err);

	if (rc != EW_OK)
		return rc;
	if (r->keys_changed)
		p.signers = r->signers;
	if (!p.policy.p && !p.signers.p)
		return ew_fail(err, EW_REFUSED, "nothing changes; see ellwand policy show");
	m->event = p.signers.p || j->policy->revokeds != r->editor.policy->revokeds ? EW_KEYS : EW_POLICY;
	if ((rc = describe(out, j, m, err)) != EW_OK ||
	    (rc = apply(r, p.policy, p.signers, err)) != EW_OK ||
	    (rc = ew_edit_preview(&d, r->edit, m, err)) != EW_OK ||
	    (rc = check_consent(r, j, &p, &d, m->event, false, err)) != EW_OK)
		return rc;
	if (!as_proposal && out->wanted > 1)
		return ew_fail(err, EW_DENIED,
			"policy.json wants %lld signatures of this; write it with --proposal FILE, and have "
			"others sign that",
			(long long)out->wanted);
	if (!as_proposal)
		return commit(out, r, m, &p, err);
	if ((rc = keep_hex(&p.parent, &d.parent, &r->arena, err)) != EW_OK ||
	    !(p.message = ew_arena_str(&r->arena, d.message)).p)
		return rc == EW_OK ? ew_fail_nomem(err) : rc;
	d.message = p.message;
	return propose(out, r, &p, &d, err);
}

enum ew_code
ew_rules_finish(struct ew_ruled *out, struct ew_rules *r, struct ew_str subject, struct ew_str reason,
	bool as_proposal, struct ew_err *err)
{
	struct ew_message m = { .subject = subject };
	struct judges j;
	enum ew_code rc;

	*out = (struct ew_ruled){ .signatures = 0 };
	if ((rc = read_judges(&j, r, err)) == EW_OK &&
	    (rc = ew_message_text(&m.text, &r->arena, reason, err)) == EW_OK)
		rc = finish(out, r, &j, &m, as_proposal, err);
	release_judges(&j);
	return rc;
}

/* --- signing what others propose --- */

/* What a proposal says of itself is what it would do. */
static enum ew_code
check_proposal(struct ew_rules *r, const struct ew_proposal *p, const struct ew_preview *d,
	struct ew_err *err)
{
	struct ew_oid parent;
	char hex[EW_OID_HEX + 1];

	ew_hex(hex, d->parent.b, sizeof d->parent.b);
	if (!ew_unhex(parent.b, sizeof parent.b, p->parent) || !ew_oid_eq(&parent, &d->parent))
		return ew_fail(err, EW_REFUSED,
			"proposal: made upon commit %.*s, but %.*s is at %s now; have it proposed anew",
			EW_FMT(p->parent), EW_FMT(ew_edit_ref(r->edit)), hex);
	if (!ew_str_eq(p->message, d->message))
		return ew_fail(err, EW_REFUSED,
			"proposal: its message is not that of the change it makes; have it proposed anew");
	return EW_OK;
}

/* Who commits signs with that, so what he signed before is left out. */
static enum ew_code
drop_own(struct ew_proposal *p, struct ew_rules *r, const struct judges *j, const struct ew_preview *d,
	struct ew_err *err)
{
	const struct ew_str self = ew_edit_principal(r->edit);
	struct ew_buf text = { 0 }, armour = { 0 };
	size_t kept = 0;
	enum ew_code rc;

	ew_cosign_write_commit(&text, &d->parent, &d->tree, p->message);
	rc = ew_buf_check(&text, err);
	for (size_t i = 0; i < p->cosigns && rc == EW_OK; i++) {
		const struct ew_signers_line *line = NULL;
		struct ew_err none = { 0 };
		struct ew_sshkey key;

		ew_buf_clear(&armour);
		ew_cosign_write_armour(&armour, p->cosign[i]);
		if ((rc = ew_buf_check(&armour, err)) == EW_OK &&
		    ew_sshsig_verify(&key, r->store->hash, EW_COSIGN_NAMESPACE, ew_buf_str(&text),
			    ew_buf_str(&armour), &none) == EW_OK)
			line = ew_signers_find(j->signers, &key);
		if (!line || !ew_str_eq(line->principal, self))
			p->cosign[kept++] = p->cosign[i];
	}
	p->cosigns = kept;
	ew_buf_release(&text);
	ew_buf_release(&armour);
	return rc;
}

static enum ew_code
sign(struct ew_ruled *out, struct ew_rules *r, struct judges *j, struct ew_proposal *p, bool last,
	struct ew_err *err)
{
	struct ew_message m;
	struct ew_preview d;
	enum ew_code rc;

	if ((rc = ew_message_parse(&m, p->message, err)) != EW_OK ||
	    (rc = describe(out, j, &m, err)) != EW_OK ||
	    (rc = apply(r, p->policy, p->signers, err)) != EW_OK ||
	    (rc = ew_edit_preview(&d, r->edit, &m, err)) != EW_OK ||
	    (rc = check_proposal(r, p, &d, err)) != EW_OK ||
	    (last && (rc = drop_own(p, r, j, &d, err)) != EW_OK) ||
	    (rc = check_consent(r, j, p, &d, m.event, last, err)) != EW_OK)
		return rc;
	d.message = p->message;
	return last ? commit(out, r, &m, p, err) : propose(out, r, p, &d, err);
}

enum ew_code
ew_rules_sign(struct ew_ruled *out, struct ew_store *s, struct ew_str bytes, bool last, struct ew_err *err)
{
	struct ew_proposal p;
	struct ew_rules *r;
	struct judges j;
	enum ew_code rc;

	*out = (struct ew_ruled){ .signatures = 0 };
	if ((rc = ew_rules_open(&r, s, err)) != EW_OK)
		return rc;
	if ((rc = read_judges(&j, r, err)) == EW_OK &&
	    (rc = ew_proposal_parse(&p, &r->arena, bytes, err)) == EW_OK)
		rc = sign(out, r, &j, &p, last, err);
	release_judges(&j);
	ew_rules_free(r);
	return rc;
}

void
ew_ruled_release(struct ew_ruled *r)
{
	ew_buf_release(&r->proposal);
	ew_arena_release(&r->arena);
}

void
ew_ruled_json(struct ew_buf *out, const struct ew_ruled *r)
{
	struct ew_jsonw w;

	ew_jsonw_init(&w, out);
	ew_jsonw_object(&w);
	ew_jsonw_str_at(&w, "schema", EW_LIT("ellwand.rules/1"));
	ew_jsonw_str_at(&w, "event", ew_str(ew_event_word(r->event)));
	ew_jsonw_str_at(&w, "subject", r->subject);
	ew_jsonw_str_or_null_at(&w, "commit", ew_str(r->commit));
	ew_jsonw_int_at(&w, "signatures", (int64_t)r->signatures);
	ew_jsonw_int_at(&w, "wanted", r->wanted);
	ew_jsonw_end(&w);
	ew_jsonw_finish(&w);
}
