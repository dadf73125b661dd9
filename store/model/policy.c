/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing is allowed that the policy does not say. */
#include "model/policy.h"

#include "codec/jsonw.h"
#include "codec/signers.h"
#include "model/id.h"
#include "model/record.h"
#include "model/text.h"
#include "model/word.h"

#include <string.h>

static const char schema[] = "policy/1";

static const char *const use_words[] = {
#define X(name, word) word,
	EW_USES(X)
#undef X
};
enum { USES = sizeof use_words / sizeof use_words[0] };

enum {
#define X(name, word) +1
	THRESHOLDS = 0 EW_THRESHOLDS(X),
	LEVELS = 0 EW_LEVELS(X),
#undef X
};

enum { COMMIT_HEX = 40, KEY_TEXT = 50 /* "SHA256:" and 43 characters of base64 */ };

/* What the functions that read a policy hand on. */
struct reader {
	struct ew_policy *policy;
	struct ew_arena *arena;
	struct ew_err *err;
};

const char *
ew_use_word(enum ew_use use)
{
	return use_words[use];
}

bool
ew_use_read(enum ew_use *out, struct ew_str word)
{
	unsigned i;

	if (!ew_word_find(&i, use_words, USES, word))
		return false;
	*out = (enum ew_use)i;
	return true;
}

/* --- pieces --- */

/* Of a string, kept; absent for an element that is none. */
static struct ew_str
text_of(const struct ew_json *element)
{
	bool is_text = ew_json_type(element) == EW_JSON_STRING;

	return is_text ? ew_json_text(element) : (struct ew_str){ NULL, 0 };
}

static enum ew_code
keep(struct ew_str *out, struct ew_str text, struct reader *r)
{
	*out = ew_arena_str(r->arena, text);
	return out->p ? EW_OK : ew_fail_nomem(r->err);
}

/* The strings of an array; EW_REFUSED for another element. */
static enum ew_code
read_strings(struct ew_str **out, size_t *n, const struct ew_json *list, struct reader *r)
{
	enum ew_code rc = EW_OK;

	*n = 0;
	*out = ew_arena_array(r->arena, ew_json_count(list) ? ew_json_count(list) : 1, sizeof **out);
	if (!*out)
		return ew_fail_nomem(r->err);
	for (const struct ew_json *e = ew_json_first(list); e && rc == EW_OK; e = ew_json_next(e)) {
		if (!text_of(e).p)
			return ew_fail(r->err, EW_REFUSED, "an element is no string; quote it");
		rc = keep(&(*out)[(*n)++], text_of(e), r);
	}
	return rc;
}

static enum ew_code
read_role_name(struct ew_str *out, struct ew_str name, struct reader *r)
{
	const char *flaw = ew_text_flaw(name, EW_ROLE_MAX);

	if (flaw)
		return ew_fail(r->err, EW_REFUSED, "the name of a role %s", flaw);
	return keep(out, name, r);
}

/* --- roles --- */

static enum ew_code
read_events(struct ew_policy_role *out, const struct ew_json *events, struct reader *r)
{
	out->event = ew_arena_array(r->arena, ew_json_count(events) ? ew_json_count(events) : 1,
		sizeof *out->event);
	if (!out->event)
		return ew_fail_nomem(r->err);
	for (const struct ew_json *e = ew_json_first(events); e; e = ew_json_next(e))
		if (!ew_event_read(&out->event[out->events++], text_of(e)))
			return ew_fail(r->err, EW_REFUSED, "%.*s: '%.*s' is no event; correct it",
				EW_FMT(out->name), EW_FMT(text_of(e)));
	return EW_OK;
}

/* A list that would limit nothing is left out, so that a role has one spelling. */
static enum ew_code
need_some(const struct ew_policy_role *role, size_t n, const char *what, struct reader *r)
{
	return n ? EW_OK
		 : ew_fail(r->err, EW_REFUSED, "%.*s: %s is empty; leave it out, or write what it is",
			   EW_FMT(role->name), what);
}

static enum ew_code
read_role_splits(struct ew_policy_role *out, const struct ew_json *splits, struct reader *r)
{
	enum ew_code rc;

	if (!splits)
		return EW_OK;
	if ((rc = read_strings(&out->split, &out->splits, splits, r)) != EW_OK ||
	    (rc = need_some(out, out->splits, "splits", r)) != EW_OK)
		return rc;
	for (size_t i = 0; i < out->splits; i++)
		if (!ew_split_ok(out->split[i]))
			return ew_fail(r->err, EW_REFUSED, "%.*s: '%.*s' is no split; correct it",
				EW_FMT(out->name), EW_FMT(out->split[i]));
	return EW_OK;
}

static enum ew_code
read_attributes(struct ew_policy_role *out, const struct ew_json *attributes, struct reader *r)
{
	enum ew_code rc;

	if (!attributes)
		return EW_OK;
	if ((rc = need_some(out, ew_json_count(attributes), "attributes", r)) != EW_OK)
		return rc;
	out->attribute = ew_arena_array(r->arena, ew_json_count(attributes), sizeof *out->attribute);
	if (!out->attribute)
		return ew_fail_nomem(r->err);
	for (const struct ew_json *m = ew_json_first(attributes); m; m = ew_json_next(m)) {
		struct ew_policy_attribute *a = &out->attribute[out->attributes++];

		if (ew_json_type(m) != EW_JSON_ARRAY)
			return ew_fail(r->err, EW_REFUSED, "%.*s: attributes: %.*s must be an array",
				EW_FMT(out->name), EW_FMT(ew_json_name(m)));
		if ((rc = keep(&a->name, ew_json_name(m), r)) != EW_OK ||
		    (rc = read_strings(&a->value, &a->values, m, r)) != EW_OK ||
		    (rc = need_some(out, a->values, "a list of attributes", r)) != EW_OK)
			return rc;
	}
	return EW_OK;
}

/* Events alone, or an object that says where they may be made as well. */
static enum ew_code
read_role(const struct ew_json *m, struct reader *r)
{
	enum { ATTRIBUTES, EVENTS, SPLITS, COUNT };
	static const struct ew_member want[COUNT] = {
		[ATTRIBUTES] = { "attributes", EW_JSON_OBJECT, false },
		[EVENTS] = { "events", EW_JSON_ARRAY, true },
		[SPLITS] = { "splits", EW_JSON_ARRAY, false },
	};
	struct ew_policy_role *out = &r->policy->role[r->policy->roles++];
	const struct ew_json *got[COUNT];
	enum ew_code rc = read_role_name(&out->name, ew_json_name(m), r);

	if (rc != EW_OK)
		return rc;
	if (ew_json_type(m) == EW_JSON_ARRAY)
		return read_events(out, m, r);
	if (ew_json_type(m) != EW_JSON_OBJECT)
		return ew_fail(r->err, EW_REFUSED, "%.*s must be an array or an object", EW_FMT(out->name));
	if (ew_record_take(got, m, want, COUNT, r->err) != EW_OK)
		return ew_fail_at(r->err, "%.*s", EW_FMT(out->name));
	if (!got[ATTRIBUTES] && !got[SPLITS])
		return ew_fail(r->err, EW_REFUSED, "%.*s: it is limited to nothing; write its events alone",
			EW_FMT(out->name));
	if ((rc = read_events(out, got[EVENTS], r)) != EW_OK ||
	    (rc = read_role_splits(out, got[SPLITS], r)) != EW_OK)
		return rc;
	return read_attributes(out, got[ATTRIBUTES], r);
}

/* --- people --- */

static enum ew_code
read_person(const struct ew_json *m, struct reader *r)
{
	struct ew_policy_person *out = &r->policy->person[r->policy->persons++];
	const struct ew_str email = ew_json_name(m);
	enum ew_code rc;

	if (!ew_principal_ok(email))
		return ew_fail(r->err, EW_REFUSED, "'%.*s' is no e-mail; correct it", EW_FMT(email));
	if (ew_json_type(m) != EW_JSON_ARRAY)
		return ew_fail(r->err, EW_REFUSED, "%.*s must be an array", EW_FMT(email));
	if ((rc = keep(&out->email, email, r)) != EW_OK ||
	    (rc = read_strings(&out->role, &out->roles, m, r)) != EW_OK)
		return rc == EW_NOMEM ? rc : ew_fail_at(r->err, "%.*s", EW_FMT(email));
	for (size_t i = 0; i < out->roles; i++)
		if (!ew_policy_role(r->policy, out->role[i]))
			return ew_fail(r->err, EW_REFUSED, "%.*s: '%.*s' is not in roles; add it there",
				EW_FMT(email), EW_FMT(out->role[i]));
	return EW_OK;
}

/* --- separation of duties --- */

static enum ew_code
check_apart(const struct ew_policy_apart *apart, struct reader *r)
{
	for (size_t p = 0; p < r->policy->persons; p++) {
		const struct ew_str email = r->policy->person[p].email;
		size_t had = apart->roles;

		for (size_t i = 0; i < apart->roles; i++) {
			if (!ew_policy_has_role(r->policy, email, apart->role[i]))
				continue;
			if (had < apart->roles)
				return ew_fail(r->err, EW_REFUSED,
					"%.*s has the roles %.*s and %.*s, which are to be apart; take one away",
					EW_FMT(email), EW_FMT(apart->role[had]), EW_FMT(apart->role[i]));
			had = i;
		}
	}
	return EW_OK;
}

static enum ew_code
read_apart(const struct ew_json *m, struct reader *r)
{
	struct ew_policy_apart *out = &r->policy->apart[r->policy->aparts++];
	enum ew_code rc;

	if (ew_json_type(m) != EW_JSON_ARRAY || ew_json_count(m) < 2)
		return ew_fail(r->err, EW_REFUSED, "an element is no list of two roles or more; correct it");
	if ((rc = read_strings(&out->role, &out->roles, m, r)) != EW_OK)
		return rc;
	for (size_t i = 0; i < out->roles; i++) {
		if (!ew_policy_role(r->policy, out->role[i]))
			return ew_fail(r->err, EW_REFUSED, "'%.*s' is not in roles; add it there",
				EW_FMT(out->role[i]));
		if (i && ew_str_cmp(out->role[i - 1], out->role[i]) >= 0)
			return ew_fail(r->err, EW_REFUSED, "'%.*s' is twice, or out of order; sort them",
				EW_FMT(out->role[i]));
	}
	return check_apart(out, r);
}

/* --- revoked keys --- */

static bool
is_commit(struct ew_str s)
{
	unsigned char id[COMMIT_HEX / 2];

	return ew_unhex(id, sizeof id, s);
}

static enum ew_code
read_commits(struct ew_policy_revoked *out, const struct ew_json *list, struct reader *r)
{
	enum ew_code rc;

	if (!list)
		return EW_OK;
	if ((rc = read_strings(&out->vouched, &out->vouches, list, r)) != EW_OK)
		return rc;
	if (!out->vouches)
		return ew_fail(r->err, EW_REFUSED, "%.*s: vouched is empty; leave it out", EW_FMT(out->key));
	for (size_t i = 0; i < out->vouches; i++)
		if (!is_commit(out->vouched[i]))
			return ew_fail(r->err, EW_REFUSED, "%.*s: '%.*s' is no commit's id; write all 40 digits",
				EW_FMT(out->key), EW_FMT(out->vouched[i]));
	return EW_OK;
}

static enum ew_code
read_revoked(const struct ew_json *m, struct reader *r)
{
	enum { REASON, THROUGH, VOUCHED, COUNT };
	static const struct ew_member want[COUNT] = {
		[REASON] = { "reason", EW_JSON_STRING, false },
		[THROUGH] = { "through", EW_JSON_STRING, false },
		[VOUCHED] = { "vouched", EW_JSON_ARRAY, false },
	};
	struct ew_policy_revoked *out = &r->policy->revoked[r->policy->revokeds++];
	const struct ew_str key = ew_json_name(m);
	const struct ew_json *got[COUNT];
	enum ew_code rc;

	if (key.len != KEY_TEXT || !ew_str_starts(key, "SHA256:"))
		return ew_fail(r->err, EW_REFUSED, "'%.*s' is no fingerprint; ssh-keygen -l prints one",
			EW_FMT(key));
	if ((rc = keep(&out->key, key, r)) != EW_OK)
		return rc;
	if (ew_record_take(got, m, want, COUNT, r->err) != EW_OK)
		return ew_fail_at(r->err, "%.*s", EW_FMT(key));
	if (got[THROUGH] && !is_commit(ew_json_text(got[THROUGH])))
		return ew_fail(r->err, EW_REFUSED, "%.*s: '%.*s' is no commit's id; write all 40 digits",
			EW_FMT(key), EW_FMT(ew_json_text(got[THROUGH])));
	if ((got[THROUGH] && (rc = keep(&out->through, ew_json_text(got[THROUGH]), r)) != EW_OK) ||
	    (got[REASON] && (rc = keep(&out->reason, ew_json_text(got[REASON]), r)) != EW_OK))
		return rc;
	return read_commits(out, got[VOUCHED], r);
}

/* --- uses, thresholds, steps --- */

static enum ew_code
read_uses(const struct ew_json *m, struct reader *r)
{
	struct ew_policy_uses *out = &r->policy->use[r->policy->uses++];
	const struct ew_str split = ew_json_name(m);

	if (!ew_str_is(split, "*") && !ew_split_ok(split))
		return ew_fail(r->err, EW_REFUSED, "'%.*s' is neither a split nor *; correct it",
			EW_FMT(split));
	if (ew_json_type(m) != EW_JSON_ARRAY)
		return ew_fail(r->err, EW_REFUSED, "%.*s must be an array", EW_FMT(split));
	for (const struct ew_json *e = ew_json_first(m); e; e = ew_json_next(e)) {
		enum ew_use use;

		if (!ew_use_read(&use, text_of(e)))
			return ew_fail(r->err, EW_REFUSED,
				"%.*s: '%.*s' is no use; write evaluation, training or reward",
				EW_FMT(split), EW_FMT(text_of(e)));
		out->use[use] = true;
	}
	return keep(&out->split, split, r);
}

static enum ew_code
read_thresholds(const struct ew_json *object, struct reader *r)
{
	static const struct ew_member want[THRESHOLDS] = {
#define X(name, word) [name] = { word, EW_JSON_NUMBER, true },
		EW_THRESHOLDS(X)
#undef X
	};
	const struct ew_json *got[THRESHOLDS];

	if (ew_record_take(got, object, want, THRESHOLDS, r->err) != EW_OK)
		return ew_fail_at(r->err, "thresholds");
	for (unsigned i = 0; i < THRESHOLDS; i++) {
		r->policy->threshold[i] = ew_json_int(got[i]);
		if (r->policy->threshold[i] < 1)
			return ew_fail(r->err, EW_REFUSED, "thresholds: %s is below 1; raise it",
				want[i].name);
	}
	return EW_OK;
}

static enum ew_code
read_steps(const struct ew_json *object, struct reader *r)
{
	static const struct ew_member want[LEVELS] = {
#define X(name, word) [name] = { word, EW_JSON_STRING, true },
		EW_LEVELS(X)
#undef X
	};
	const struct ew_json *got[LEVELS];

	if (ew_record_take(got, object, want, LEVELS, r->err) != EW_OK)
		return ew_fail_at(r->err, "step");
	for (unsigned i = 0; i < LEVELS; i++)
		if (!ew_step_read(&r->policy->step[i], ew_json_text(got[i])))
			return ew_fail(r->err, EW_REFUSED,
				"step: %s is not none, patch, minor or major; correct it",
				want[i].name);
	return EW_OK;
}

/* --- the whole --- */

/* Room at *out for what a list has, and each of it read. */
static enum ew_code
read_each(void *out, size_t size, const struct ew_json *list, const char *name,
	enum ew_code (*read)(const struct ew_json *, struct reader *), struct reader *r)
{
	void *room = ew_arena_array(r->arena, ew_json_count(list) ? ew_json_count(list) : 1, size);

	if (!room)
		return ew_fail_nomem(r->err);
	memcpy(out, &room, sizeof room);
	for (const struct ew_json *m = ew_json_first(list); m; m = ew_json_next(m))
		if (read(m, r) != EW_OK)
			return r->err->code == EW_NOMEM ? EW_NOMEM : ew_fail_at(r->err, "%s", name);
	return EW_OK;
}

/* What limits nothing and says nothing is left out, so that a policy has one spelling. */
static enum ew_code
refuse_empty(const struct ew_json *list, const char *name, struct reader *r)
{
	return list && !ew_json_count(list)
		? ew_fail(r->err, EW_REFUSED, "%s is empty; leave it out", name)
		: EW_OK;
}

static enum ew_code
read_policy(const struct ew_json *doc, struct reader *r)
{
	enum { PEOPLE, REVOKED, ROLES, SCHEMA, SEPARATE, STEP, THRESHOLDS_, USES_, VERSION, COUNT };
	static const struct ew_member want[COUNT] = {
		[PEOPLE] = { "people", EW_JSON_OBJECT, true },
		[REVOKED] = { "revoked", EW_JSON_OBJECT, false },
		[ROLES] = { "roles", EW_JSON_OBJECT, true },
		[SCHEMA] = { "schema", EW_JSON_STRING, true },
		[SEPARATE] = { "separate", EW_JSON_ARRAY, false },
		[STEP] = { "step", EW_JSON_OBJECT, true },
		[THRESHOLDS_] = { "thresholds", EW_JSON_OBJECT, true },
		[USES_] = { "uses", EW_JSON_OBJECT, true },
		[VERSION] = { "version", EW_JSON_NUMBER, true },
	};
	struct ew_policy *p = r->policy;
	const struct ew_json *got[COUNT];
	enum ew_code rc = ew_record_take(got, doc, want, COUNT, r->err);

	if (rc != EW_OK)
		return rc;
	p->version = ew_json_int(got[VERSION]);
	if (p->version < 1)
		return ew_fail(r->err, EW_REFUSED, "version is below 1; begin with 1");
	/* Roles go before people, who have them. */
	if ((rc = refuse_empty(got[REVOKED], "revoked", r)) != EW_OK ||
	    (rc = refuse_empty(got[SEPARATE], "separate", r)) != EW_OK ||
	    (rc = read_each(&p->role, sizeof *p->role, got[ROLES], "roles", read_role, r)) != EW_OK ||
	    (rc = read_each(&p->person, sizeof *p->person, got[PEOPLE], "people", read_person, r)) !=
		    EW_OK ||
	    (rc = read_each(&p->apart, sizeof *p->apart, got[SEPARATE], "separate", read_apart, r)) !=
		    EW_OK ||
	    (rc = read_each(&p->revoked, sizeof *p->revoked, got[REVOKED], "revoked", read_revoked,
		     r)) != EW_OK ||
	    (rc = read_each(&p->use, sizeof *p->use, got[USES_], "uses", read_uses, r)) != EW_OK ||
	    (rc = read_steps(got[STEP], r)) != EW_OK)
		return rc;
	return read_thresholds(got[THRESHOLDS_], r);
}

enum ew_code
ew_policy_parse(struct ew_policy **out, struct ew_arena *arena, struct ew_str bytes,
	struct ew_err *err)
{
	struct ew_policy *policy = ew_arena_alloc(arena, sizeof *policy);
	struct reader r = { policy, arena, err };
	struct ew_json *doc = NULL;
	struct ew_buf written = { 0 };
	enum ew_code rc;

	*out = NULL;
	if (!policy)
		return ew_fail_nomem(err);
	rc = ew_record_parse(&doc, bytes, schema, err);
	if (rc == EW_OK)
		rc = read_policy(doc, &r);
	if (rc == EW_OK) {
		ew_json_canonical(&written, doc);
		rc = ew_record_compare(&written, bytes, err);
	}
	ew_buf_release(&written);
	ew_json_free(doc);
	if (rc != EW_OK)
		return ew_fail_at(err, "policy");
	*out = policy;
	return EW_OK;
}

/* --- questions --- */

const struct ew_policy_person *
ew_policy_person(const struct ew_policy *p, struct ew_str email)
{
	for (size_t i = 0; i < p->persons; i++)
		if (ew_str_eq(p->person[i].email, email))
			return &p->person[i];
	return NULL;
}

const struct ew_policy_role *
ew_policy_role(const struct ew_policy *p, struct ew_str name)
{
	for (size_t i = 0; i < p->roles; i++)
		if (ew_str_eq(p->role[i].name, name))
			return &p->role[i];
	return NULL;
}

const struct ew_policy_revoked *
ew_policy_revoked(const struct ew_policy *p, struct ew_str key)
{
	for (size_t i = 0; i < p->revokeds; i++)
		if (ew_str_eq(p->revoked[i].key, key))
			return &p->revoked[i];
	return NULL;
}

static bool
is_among(const struct ew_str *list, size_t n, struct ew_str s)
{
	for (size_t i = 0; i < n; i++)
		if (ew_str_eq(list[i], s))
			return true;
	return false;
}

bool
ew_policy_has_role(const struct ew_policy *p, struct ew_str person, struct ew_str role)
{
	const struct ew_policy_person *who = ew_policy_person(p, person);

	return who && is_among(who->role, who->roles, role);
}

static bool
makes(const struct ew_policy_role *role, enum ew_event event)
{
	for (size_t i = 0; i < role->events; i++)
		if (role->event[i] == event)
			return true;
	return false;
}

/* The next role of a person, behind the *at-th, that may make an event; NULL at the end. */
static const struct ew_policy_role *
next_role(size_t *at, const struct ew_policy *p, const struct ew_policy_person *who,
	enum ew_event event)
{
	while (who && *at < who->roles) {
		const struct ew_policy_role *role = ew_policy_role(p, who->role[(*at)++]);

		if (role && makes(role, event))
			return role;
	}
	return NULL;
}

bool
ew_policy_allows(const struct ew_policy *p, struct ew_str person, enum ew_event event)
{
	size_t at = 0;

	return next_role(&at, p, ew_policy_person(p, person), event);
}

bool
ew_policy_allows_everywhere(const struct ew_policy *p, struct ew_str person, enum ew_event event)
{
	const struct ew_policy_person *who = ew_policy_person(p, person);
	const struct ew_policy_role *role;
	size_t at = 0;

	while ((role = next_role(&at, p, who, event)))
		if (!role->splits && !role->attributes)
			return true;
	return false;
}

static bool
fits_attributes(const struct ew_policy_role *role, const struct ew_json *attributes)
{
	for (size_t i = 0; i < role->attributes; i++) {
		const struct ew_policy_attribute *a = &role->attribute[i];
		const struct ew_json *is = ew_json_find(attributes, a->name);

		if (!is || !is_among(a->value, a->values, text_of(is)))
			return false;
	}
	return true;
}

bool
ew_policy_allows_at(const struct ew_policy *p, struct ew_str person, enum ew_event event,
	struct ew_str split, struct ew_str attributes)
{
	const struct ew_policy_person *who = ew_policy_person(p, person);
	const struct ew_policy_role *role;
	struct ew_json *doc = NULL;
	struct ew_err why = { 0 };
	bool allows = false;
	size_t at = 0;

	/* Of attributes that cannot be read there are none, which allows nothing. */
	if (attributes.p && ew_json_parse(&doc, attributes, EW_JSON_INTEGERS, &why) != EW_OK)
		doc = NULL;
	while (!allows && (role = next_role(&at, p, who, event)))
		allows = (!role->splits || is_among(role->split, role->splits, split)) &&
			 fits_attributes(role, doc);
	ew_json_free(doc);
	return allows;
}

static const struct ew_policy_uses *
find_uses(const struct ew_policy *p, struct ew_str split)
{
	for (size_t i = 0; i < p->uses; i++)
		if (ew_str_eq(p->use[i].split, split))
			return &p->use[i];
	return NULL;
}

bool
ew_policy_use(const struct ew_policy *p, struct ew_str split, enum ew_use use)
{
	const struct ew_policy_uses *u = find_uses(p, split);

	if (!u)
		u = find_uses(p, EW_LIT("*"));
	return u && u->use[use];
}
