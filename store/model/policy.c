/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The policy is read once into small tables: what a role allows is a set of bits,
 * and so is what a person's roles allow together.  Nothing is allowed that the
 * policy does not say.
 */
#include "model/policy.h"

#include "codec/jsonw.h"
#include "codec/signers.h"
#include "model/id.h"
#include "model/record.h"
#include "model/text.h"
#include "model/word.h"

enum { ROLE_MAX_BYTES = 65536 };

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

struct role {
	struct ew_str name;
	unsigned events; /* 1 << enum ew_event */
};

struct person {
	struct ew_str email;
	const struct role **role;
	size_t roles;
	unsigned events; /* of all roles */
};

struct split_uses {
	struct ew_str split; /* or "*" */
	unsigned uses;       /* 1 << enum ew_use */
};

struct ew_policy {
	int64_t version;
	int64_t threshold[THRESHOLDS];
	enum ew_step step[LEVELS];
	struct role *role;
	struct person *person;
	struct split_uses *use;
	size_t roles, persons, uses;
};

/* What the functions that read a policy hand on. */
struct reader {
	struct ew_policy *policy;
	struct ew_arena *arena;
	struct ew_err *err;
};

typedef enum ew_code read_list(struct ew_str name, const struct ew_json *list, struct reader *);

/* Of a string; absent, which is no word, for an element that is none. */
static struct ew_str
text_of(const struct ew_json *element)
{
	bool is_text = ew_json_type(element) == EW_JSON_STRING;

	return is_text ? ew_json_text(element) : (struct ew_str){ NULL, 0 };
}

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

static enum ew_code
read_role(struct ew_str name, const struct ew_json *events, struct reader *r)
{
	struct role *out = &r->policy->role[r->policy->roles++];
	const char *flaw = ew_text_flaw(name, ROLE_MAX_BYTES);

	if (flaw)
		return ew_fail(r->err, EW_REFUSED, "the name of a role %s", flaw);
	out->name = name;
	for (const struct ew_json *e = ew_json_first(events); e; e = ew_json_next(e)) {
		enum ew_event event;

		if (!ew_event_read(&event, text_of(e)))
			return ew_fail(r->err, EW_REFUSED, "%.*s: '%.*s' is no event; correct it",
				EW_FMT(name), EW_FMT(text_of(e)));
		out->events |= 1u << event;
	}
	return EW_OK;
}

static const struct role *
find_role(const struct ew_policy *p, struct ew_str name)
{
	for (size_t i = 0; i < p->roles; i++)
		if (ew_str_eq(p->role[i].name, name))
			return &p->role[i];
	return NULL;
}

static enum ew_code
read_person(struct ew_str email, const struct ew_json *roles, struct reader *r)
{
	struct person *out = &r->policy->person[r->policy->persons++];

	if (!ew_principal_ok(email))
		return ew_fail(
			r->err, EW_REFUSED, "'%.*s' is no e-mail; correct it", EW_FMT(email));
	out->email = email;
	out->role = ew_arena_array(r->arena, ew_json_count(roles), sizeof *out->role);
	if (!out->role)
		return ew_fail_nomem(r->err);
	for (const struct ew_json *e = ew_json_first(roles); e; e = ew_json_next(e)) {
		const struct role *role = find_role(r->policy, text_of(e));

		if (!role)
			return ew_fail(r->err, EW_REFUSED,
				"%.*s: '%.*s' is not in roles; add it there", EW_FMT(email),
				EW_FMT(text_of(e)));
		out->role[out->roles++] = role;
		out->events |= role->events;
	}
	return EW_OK;
}

static enum ew_code
read_split_uses(struct ew_str split, const struct ew_json *uses, struct reader *r)
{
	struct split_uses *out = &r->policy->use[r->policy->uses++];

	if (!ew_str_is(split, "*") && !ew_split_ok(split))
		return ew_fail(r->err, EW_REFUSED, "'%.*s' is neither a split nor *; correct it",
			EW_FMT(split));
	out->split = split;
	for (const struct ew_json *e = ew_json_first(uses); e; e = ew_json_next(e)) {
		enum ew_use use;

		if (!ew_use_read(&use, text_of(e)))
			return ew_fail(r->err, EW_REFUSED,
				"%.*s: '%.*s' is no use; write evaluation, training or reward",
				EW_FMT(split), EW_FMT(text_of(e)));
		out->uses |= 1u << use;
	}
	return EW_OK;
}

/* Read an object whose members are arrays, each by `read`; the names are kept. */
static enum ew_code
read_lists(const struct ew_json *object, read_list *read, struct reader *r)
{
	for (const struct ew_json *m = ew_json_first(object); m; m = ew_json_next(m)) {
		struct ew_str name = ew_arena_str(r->arena, ew_json_name(m));
		enum ew_code rc;

		if (!name.p)
			return ew_fail_nomem(r->err);
		rc = ew_json_type(m) == EW_JSON_ARRAY ? read(name, m, r)
			: ew_fail(r->err, EW_REFUSED, "%.*s must be an array", EW_FMT(name));
		if (rc != EW_OK)
			return ew_fail_at(r->err, "%.*s", EW_FMT(ew_json_name(object)));
	}
	return EW_OK;
}

static enum ew_code
make_room(struct reader *r, size_t roles, size_t persons, size_t uses)
{
	struct ew_policy *p = r->policy;

	p->role = ew_arena_array(r->arena, roles, sizeof *p->role);
	p->person = ew_arena_array(r->arena, persons, sizeof *p->person);
	p->use = ew_arena_array(r->arena, uses, sizeof *p->use);
	return p->role && p->person && p->use ? EW_OK : ew_fail_nomem(r->err);
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

static enum ew_code
read_policy(const struct ew_json *doc, struct reader *r)
{
	enum { PEOPLE, ROLES, SCHEMA, STEP, THRESHOLDS_, USES_, VERSION, COUNT };
	static const struct ew_member want[COUNT] = {
		[PEOPLE] = { "people", EW_JSON_OBJECT, true },
		[ROLES] = { "roles", EW_JSON_OBJECT, true },
		[SCHEMA] = { "schema", EW_JSON_STRING, true },
		[STEP] = { "step", EW_JSON_OBJECT, true },
		[THRESHOLDS_] = { "thresholds", EW_JSON_OBJECT, true },
		[USES_] = { "uses", EW_JSON_OBJECT, true },
		[VERSION] = { "version", EW_JSON_NUMBER, true },
	};
	const struct ew_json *got[COUNT];
	enum ew_code rc = ew_record_take(got, doc, want, COUNT, r->err);

	if (rc != EW_OK)
		return rc;
	r->policy->version = ew_json_int(got[VERSION]);
	if (r->policy->version < 1)
		return ew_fail(r->err, EW_REFUSED, "version is below 1; begin with 1");
	/* Roles go before people, who have them. */
	if ((rc = make_room(r, ew_json_count(got[ROLES]), ew_json_count(got[PEOPLE]),
		    ew_json_count(got[USES_]))) != EW_OK ||
	    (rc = read_lists(got[ROLES], read_role, r)) != EW_OK ||
	    (rc = read_lists(got[PEOPLE], read_person, r)) != EW_OK ||
	    (rc = read_lists(got[USES_], read_split_uses, r)) != EW_OK ||
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

int64_t
ew_policy_version(const struct ew_policy *p)
{
	return p->version;
}

static const struct person *
find_person(const struct ew_policy *p, struct ew_str email)
{
	for (size_t i = 0; i < p->persons; i++)
		if (ew_str_eq(p->person[i].email, email))
			return &p->person[i];
	return NULL;
}

bool
ew_policy_has_role(const struct ew_policy *p, struct ew_str person, struct ew_str role)
{
	const struct person *who = find_person(p, person);

	for (size_t i = 0; who && i < who->roles; i++)
		if (ew_str_eq(who->role[i]->name, role))
			return true;
	return false;
}

bool
ew_policy_allows(const struct ew_policy *p, struct ew_str person, enum ew_event event)
{
	const struct person *who = find_person(p, person);

	return who && (who->events >> event & 1);
}

int64_t
ew_policy_threshold(const struct ew_policy *p, enum ew_threshold threshold)
{
	return p->threshold[threshold];
}

enum ew_step
ew_policy_step(const struct ew_policy *p, enum ew_level level)
{
	return p->step[level];
}

static const struct split_uses *
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
	const struct split_uses *u = find_uses(p, split);

	if (!u)
		u = find_uses(p, EW_LIT("*"));
	return u && (u->uses >> use & 1);
}
