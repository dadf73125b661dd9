/* SPDX-License-Identifier: Apache-2.0 */
#include "model/policy_edit.h"

#include "codec/jsonw.h"
#include "model/word.h"

#include <stdlib.h>
#include <string.h>

/* Room for one more in a list of `n`, as a copy; NULL when memory is out. */
static void *
grown(struct ew_policy_editor *e, const void *list, size_t n, size_t size)
{
	char *more = ew_arena_array(e->arena, n + 1, size);

	if (more && n)
		memcpy(more, list, n * size);
	return more;
}

static int
by_text(const void *a, const void *b)
{
	return ew_str_cmp(*(const struct ew_str *)a, *(const struct ew_str *)b);
}

static bool
is_among(const struct ew_str *list, size_t n, struct ew_str s)
{
	for (size_t i = 0; i < n; i++)
		if (ew_str_eq(list[i], s))
			return true;
	return false;
}

/* A word into a list that ascends. */
static enum ew_code
add_word(struct ew_policy_editor *e, struct ew_str **list, size_t *n, struct ew_str word)
{
	struct ew_str *more = grown(e, *list, *n, sizeof **list);

	if (!more || !(more[*n] = ew_arena_str(e->arena, word)).p)
		return ew_fail_nomem(e->err);
	qsort(more, ++*n, sizeof *more, by_text);
	*list = more;
	return EW_OK;
}

static void
drop_word(struct ew_str *list, size_t *n, struct ew_str word)
{
	size_t kept = 0;

	for (size_t i = 0; i < *n; i++)
		if (!ew_str_eq(list[i], word))
			list[kept++] = list[i];
	*n = kept;
}

static int
by_name(const void *a, const void *b)
{
	return ew_jcs_cmp(*(const struct ew_str *)a, *(const struct ew_str *)b);
}

/* Members of an object ascend by their names, which their structs begin with. */
static void
sort_by_name(void *list, size_t n, size_t size)
{
	qsort(list, n, size, by_name);
}

/* --- roles --- */

static struct ew_policy_role *
find_role(struct ew_policy_editor *e, struct ew_str name)
{
	for (size_t i = 0; i < e->policy->roles; i++)
		if (ew_str_eq(e->policy->role[i].name, name))
			return &e->policy->role[i];
	return NULL;
}

static enum ew_code
need_role(struct ew_policy_role **out, struct ew_policy_editor *e, struct ew_str name)
{
	*out = find_role(e, name);
	return *out ? EW_OK
		    : ew_fail(e->err, EW_REFUSED, "%.*s: there is no such role; see ellwand policy show",
			      EW_FMT(name));
}

static enum ew_code
make_role(struct ew_policy_editor *e, struct ew_str name)
{
	struct ew_policy *p = e->policy;
	struct ew_policy_role *more = grown(e, p->role, p->roles, sizeof *more);
	const struct ew_str kept = ew_arena_str(e->arena, name);

	if (!more || !kept.p)
		return ew_fail_nomem(e->err);
	more[p->roles++] = (struct ew_policy_role){ .name = kept };
	sort_by_name(more, p->roles, sizeof *more);
	p->role = more;
	return EW_OK;
}

enum ew_code
ew_policy_allow(struct ew_policy_editor *e, struct ew_str name, enum ew_event event)
{
	struct ew_policy_role *role;
	enum ew_event *more;
	enum ew_code rc = find_role(e, name) ? EW_OK : make_role(e, name);

	if (rc != EW_OK)
		return rc;
	role = find_role(e, name);
	for (size_t i = 0; i < role->events; i++)
		if (role->event[i] == event)
			return ew_fail(e->err, EW_REFUSED, "%.*s may %s already", EW_FMT(name),
				ew_event_word(event));
	more = grown(e, role->event, role->events, sizeof *more);
	if (!more)
		return ew_fail_nomem(e->err);
	more[role->events++] = event;
	role->event = more;
	return EW_OK;
}

enum ew_code
ew_policy_deny(struct ew_policy_editor *e, struct ew_str name, enum ew_event event)
{
	struct ew_policy_role *role;
	size_t kept = 0;
	enum ew_code rc = need_role(&role, e, name);

	if (rc != EW_OK)
		return rc;
	for (size_t i = 0; i < role->events; i++)
		if (role->event[i] != event)
			role->event[kept++] = role->event[i];
	if (kept == role->events)
		return ew_fail(e->err, EW_REFUSED, "%.*s may not %s as it is", EW_FMT(name),
			ew_event_word(event));
	role->events = kept;
	return EW_OK;
}

enum ew_code
ew_policy_limit_split(struct ew_policy_editor *e, struct ew_str name, struct ew_str split)
{
	struct ew_policy_role *role;
	enum ew_code rc = need_role(&role, e, name);

	if (rc != EW_OK)
		return rc;
	if (is_among(role->split, role->splits, split))
		return ew_fail(e->err, EW_REFUSED, "%.*s is limited to split %.*s already", EW_FMT(name),
			EW_FMT(split));
	return add_word(e, &role->split, &role->splits, split);
}

enum ew_code
ew_policy_limit_attribute(struct ew_policy_editor *e, struct ew_str name, struct ew_str attribute,
	struct ew_str value)
{
	struct ew_policy_attribute *more;
	struct ew_policy_role *role;
	enum ew_code rc = need_role(&role, e, name);

	if (rc != EW_OK)
		return rc;
	for (size_t i = 0; i < role->attributes; i++) {
		struct ew_policy_attribute *a = &role->attribute[i];

		if (!ew_str_eq(a->name, attribute))
			continue;
		if (is_among(a->value, a->values, value))
			return ew_fail(e->err, EW_REFUSED, "%.*s is limited to %.*s %.*s already",
				EW_FMT(name), EW_FMT(attribute), EW_FMT(value));
		return add_word(e, &a->value, &a->values, value);
	}
	more = grown(e, role->attribute, role->attributes, sizeof *more);
	if (!more)
		return ew_fail_nomem(e->err);
	more[role->attributes] = (struct ew_policy_attribute){ .name = ew_arena_str(e->arena, attribute) };
	if (!more[role->attributes].name.p)
		return ew_fail_nomem(e->err);
	rc = add_word(e, &more[role->attributes].value, &more[role->attributes].values, value);
	sort_by_name(more, ++role->attributes, sizeof *more);
	role->attribute = more;
	return rc;
}

enum ew_code
ew_policy_unlimit(struct ew_policy_editor *e, struct ew_str name)
{
	struct ew_policy_role *role;
	enum ew_code rc = need_role(&role, e, name);

	if (rc != EW_OK)
		return rc;
	if (!role->splits && !role->attributes)
		return ew_fail(e->err, EW_REFUSED, "%.*s is limited to nothing as it is", EW_FMT(name));
	role->splits = role->attributes = 0;
	return EW_OK;
}

/* --- people --- */

static struct ew_policy_person *
find_person(struct ew_policy_editor *e, struct ew_str email)
{
	for (size_t i = 0; i < e->policy->persons; i++)
		if (ew_str_eq(e->policy->person[i].email, email))
			return &e->policy->person[i];
	return NULL;
}

static enum ew_code
make_person(struct ew_policy_editor *e, struct ew_str email)
{
	struct ew_policy *p = e->policy;
	struct ew_policy_person *more = grown(e, p->person, p->persons, sizeof *more);
	const struct ew_str kept = ew_arena_str(e->arena, email);

	if (!more || !kept.p)
		return ew_fail_nomem(e->err);
	more[p->persons++] = (struct ew_policy_person){ .email = kept };
	sort_by_name(more, p->persons, sizeof *more);
	p->person = more;
	return EW_OK;
}

enum ew_code
ew_policy_grant(struct ew_policy_editor *e, struct ew_str email, struct ew_str name)
{
	struct ew_policy_person *person;
	struct ew_policy_role *role;
	enum ew_code rc = need_role(&role, e, name);

	if (rc == EW_OK && !find_person(e, email))
		rc = make_person(e, email);
	if (rc != EW_OK)
		return rc;
	person = find_person(e, email);
	if (is_among(person->role, person->roles, name))
		return ew_fail(e->err, EW_REFUSED, "%.*s has the role %.*s already", EW_FMT(email),
			EW_FMT(name));
	return add_word(e, &person->role, &person->roles, name);
}

enum ew_code
ew_policy_take(struct ew_policy_editor *e, struct ew_str email, struct ew_str name)
{
	struct ew_policy *p = e->policy;
	struct ew_policy_person *person = find_person(e, email);

	if (!person || !is_among(person->role, person->roles, name))
		return ew_fail(e->err, EW_REFUSED, "%.*s has not the role %.*s as it is", EW_FMT(email),
			EW_FMT(name));
	drop_word(person->role, &person->roles, name);
	if (person->roles)
		return EW_OK;
	p->persons--;
	memmove(person, person + 1, (size_t)(p->person + p->persons - person) * sizeof *person);
	return EW_OK;
}

/* --- separation of duties --- */

static bool
is_apart(const struct ew_policy_apart *a, const struct ew_str *role, size_t n)
{
	if (a->roles != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!is_among(a->role, a->roles, role[i]))
			return false;
	return true;
}

enum ew_code
ew_policy_separate(struct ew_policy_editor *e, const struct ew_str *role, size_t n)
{
	struct ew_policy *p = e->policy;
	struct ew_policy_apart *more = grown(e, p->apart, p->aparts, sizeof *more);
	enum ew_code rc = more ? EW_OK : ew_fail_nomem(e->err);

	for (size_t i = 0; i < p->aparts; i++)
		if (is_apart(&p->apart[i], role, n))
			return ew_fail(e->err, EW_REFUSED, "these roles are to be apart already");
	for (size_t i = 0; i < n && rc == EW_OK; i++)
		rc = add_word(e, &more[p->aparts].role, &more[p->aparts].roles, role[i]);
	if (rc != EW_OK)
		return rc;
	p->apart = more;
	p->aparts++;
	return EW_OK;
}

enum ew_code
ew_policy_unite(struct ew_policy_editor *e, const struct ew_str *role, size_t n)
{
	struct ew_policy *p = e->policy;

	for (size_t i = 0; i < p->aparts; i++) {
		if (!is_apart(&p->apart[i], role, n))
			continue;
		p->aparts--;
		memmove(p->apart + i, p->apart + i + 1, (p->aparts - i) * sizeof *p->apart);
		return EW_OK;
	}
	return ew_fail(e->err, EW_REFUSED, "these roles are not to be apart as it is");
}

/* --- numbers and words --- */

bool
ew_threshold_read(enum ew_threshold *out, struct ew_str word)
{
	static const char *const words[] = {
#define X(name, word) word,
		EW_THRESHOLDS(X)
#undef X
	};
	unsigned i;

	if (!ew_word_find(&i, words, sizeof words / sizeof *words, word))
		return false;
	*out = (enum ew_threshold)i;
	return true;
}

enum ew_code
ew_policy_set_threshold(struct ew_policy_editor *e, enum ew_threshold t, int64_t n)
{
	if (e->policy->threshold[t] == n)
		return ew_fail(e->err, EW_REFUSED, "it is %lld already", (long long)n);
	e->policy->threshold[t] = n;
	return EW_OK;
}

enum ew_code
ew_policy_set_step(struct ew_policy_editor *e, enum ew_level level, enum ew_step step)
{
	if (e->policy->step[level] == step)
		return ew_fail(e->err, EW_REFUSED, "it is %s already", ew_step_word(step));
	e->policy->step[level] = step;
	return EW_OK;
}

enum ew_code
ew_policy_set_uses(struct ew_policy_editor *e, struct ew_str split, const enum ew_use *use, size_t n)
{
	struct ew_policy *p = e->policy;
	struct ew_policy_uses *more, is = { .split = ew_arena_str(e->arena, split) };

	if (!is.split.p)
		return ew_fail_nomem(e->err);
	for (size_t i = 0; i < n; i++)
		is.use[use[i]] = true;
	for (size_t i = 0; i < p->uses; i++) {
		if (!ew_str_eq(p->use[i].split, split))
			continue;
		if (memcmp(p->use[i].use, is.use, sizeof is.use) == 0)
			return ew_fail(e->err, EW_REFUSED, "%.*s: these are its uses already", EW_FMT(split));
		p->use[i] = is;
		return EW_OK;
	}
	more = grown(e, p->use, p->uses, sizeof *more);
	if (!more)
		return ew_fail_nomem(e->err);
	more[p->uses++] = is;
	sort_by_name(more, p->uses, sizeof *more);
	p->use = more;
	return EW_OK;
}

/* --- keys --- */

static struct ew_policy_revoked *
find_revoked(struct ew_policy_editor *e, struct ew_str key)
{
	for (size_t i = 0; i < e->policy->revokeds; i++)
		if (ew_str_eq(e->policy->revoked[i].key, key))
			return &e->policy->revoked[i];
	return NULL;
}

static enum ew_code
make_revoked(struct ew_policy_editor *e, struct ew_str key)
{
	struct ew_policy *p = e->policy;
	struct ew_policy_revoked *more = grown(e, p->revoked, p->revokeds, sizeof *more);
	const struct ew_str kept = ew_arena_str(e->arena, key);

	if (!more || !kept.p)
		return ew_fail_nomem(e->err);
	more[p->revokeds++] = (struct ew_policy_revoked){ .key = kept };
	sort_by_name(more, p->revokeds, sizeof *more);
	p->revoked = more;
	return EW_OK;
}

/* True if it was something else. */
static bool
set_text(struct ew_str *out, struct ew_str text, struct ew_arena *arena)
{
	if (!text.p || ew_str_eq(*out, text))
		return false;
	*out = ew_arena_str(arena, text);
	return true;
}

enum ew_code
ew_policy_revoke(struct ew_policy_editor *e, struct ew_str key, struct ew_str through,
	const struct ew_str *vouched, size_t n, struct ew_str reason)
{
	const bool new = !find_revoked(e, key);
	struct ew_policy_revoked *r;
	bool changed = new;
	enum ew_code rc = new ? make_revoked(e, key) : EW_OK;

	if (rc != EW_OK)
		return rc;
	r = find_revoked(e, key);
	changed |= set_text(&r->through, through, e->arena);
	changed |= set_text(&r->reason, reason, e->arena);
	for (size_t i = 0; i < n && rc == EW_OK; i++) {
		if (is_among(r->vouched, r->vouches, vouched[i]))
			continue;
		rc = add_word(e, &r->vouched, &r->vouches, vouched[i]);
		changed = true;
	}
	if (rc == EW_OK && !changed)
		rc = ew_fail(e->err, EW_REFUSED, "%.*s is revoked so already", EW_FMT(key));
	return rc;
}
