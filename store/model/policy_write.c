/* SPDX-License-Identifier: Apache-2.0 */
/* Policies as they are written, and the first one of a new store. */
#include "model/policy.h"

#include "codec/jsonw.h"

static void
write_strings(struct ew_jsonw *w, const struct ew_str *list, size_t n)
{
	ew_jsonw_array(w);
	for (size_t i = 0; i < n; i++)
		ew_jsonw_str(w, list[i]);
	ew_jsonw_end(w);
}

static void
write_people(struct ew_jsonw *w, const struct ew_policy *p)
{
	ew_jsonw_name(w, EW_LIT("people"));
	ew_jsonw_object(w);
	for (size_t i = 0; i < p->persons; i++) {
		ew_jsonw_name(w, p->person[i].email);
		write_strings(w, p->person[i].role, p->person[i].roles);
	}
	ew_jsonw_end(w);
}

static void
write_revoked(struct ew_jsonw *w, const struct ew_policy *p)
{
	if (!p->revokeds)
		return;
	ew_jsonw_name(w, EW_LIT("revoked"));
	ew_jsonw_object(w);
	for (size_t i = 0; i < p->revokeds; i++) {
		const struct ew_policy_revoked *r = &p->revoked[i];

		ew_jsonw_name(w, r->key);
		ew_jsonw_object(w);
		if (r->reason.p)
			ew_jsonw_str_at(w, "reason", r->reason);
		if (r->through.p)
			ew_jsonw_str_at(w, "through", r->through);
		if (r->vouches) {
			ew_jsonw_name(w, EW_LIT("vouched"));
			write_strings(w, r->vouched, r->vouches);
		}
		ew_jsonw_end(w);
	}
	ew_jsonw_end(w);
}

static void
write_events(struct ew_jsonw *w, const struct ew_policy_role *role)
{
	ew_jsonw_array(w);
	for (size_t i = 0; i < role->events; i++)
		ew_jsonw_str(w, ew_str(ew_event_word(role->event[i])));
	ew_jsonw_end(w);
}

static void
write_role(struct ew_jsonw *w, const struct ew_policy_role *role)
{
	ew_jsonw_name(w, role->name);
	if (!role->splits && !role->attributes) {
		write_events(w, role);
		return;
	}
	ew_jsonw_object(w);
	if (role->attributes) {
		ew_jsonw_name(w, EW_LIT("attributes"));
		ew_jsonw_object(w);
		for (size_t i = 0; i < role->attributes; i++) {
			ew_jsonw_name(w, role->attribute[i].name);
			write_strings(w, role->attribute[i].value, role->attribute[i].values);
		}
		ew_jsonw_end(w);
	}
	ew_jsonw_name(w, EW_LIT("events"));
	write_events(w, role);
	if (role->splits) {
		ew_jsonw_name(w, EW_LIT("splits"));
		write_strings(w, role->split, role->splits);
	}
	ew_jsonw_end(w);
}

static void
write_roles(struct ew_jsonw *w, const struct ew_policy *p)
{
	ew_jsonw_name(w, EW_LIT("roles"));
	ew_jsonw_object(w);
	for (size_t i = 0; i < p->roles; i++)
		write_role(w, &p->role[i]);
	ew_jsonw_end(w);
}

static void
write_separate(struct ew_jsonw *w, const struct ew_policy *p)
{
	if (!p->aparts)
		return;
	ew_jsonw_name(w, EW_LIT("separate"));
	ew_jsonw_array(w);
	for (size_t i = 0; i < p->aparts; i++)
		write_strings(w, p->apart[i].role, p->apart[i].roles);
	ew_jsonw_end(w);
}

static void
write_steps(struct ew_jsonw *w, const struct ew_policy *p)
{
	static const enum ew_level sorted[] = { EW_EXTENDED, EW_IDENTICAL, EW_SCORE_AFFECTING,
		EW_SCORE_COMPATIBLE };

	ew_jsonw_name(w, EW_LIT("step"));
	ew_jsonw_object(w);
	for (size_t i = 0; i < sizeof sorted / sizeof *sorted; i++)
		ew_jsonw_str_at(w, ew_level_word(sorted[i]), ew_str(ew_step_word(p->step[sorted[i]])));
	ew_jsonw_end(w);
}

static void
write_thresholds(struct ew_jsonw *w, const struct ew_policy *p)
{
	ew_jsonw_name(w, EW_LIT("thresholds"));
	ew_jsonw_object(w);
#define X(name, word) ew_jsonw_int_at(w, word, p->threshold[name]);
	EW_THRESHOLDS(X)
#undef X
	ew_jsonw_end(w);
}

static void
write_uses(struct ew_jsonw *w, const struct ew_policy *p)
{
	ew_jsonw_name(w, EW_LIT("uses"));
	ew_jsonw_object(w);
	for (size_t i = 0; i < p->uses; i++) {
		ew_jsonw_name(w, p->use[i].split);
		ew_jsonw_array(w);
#define X(name, word)                        \
		if (p->use[i].use[name])     \
			ew_jsonw_str(w, EW_LIT(word));
		EW_USES(X)
#undef X
		ew_jsonw_end(w);
	}
	ew_jsonw_end(w);
}

void
ew_policy_write(struct ew_buf *out, const struct ew_policy *p)
{
	struct ew_jsonw w;

	ew_jsonw_init_canonical(&w, out);
	ew_jsonw_object(&w);
	write_people(&w, p);
	write_revoked(&w, p);
	write_roles(&w, p);
	ew_jsonw_str_at(&w, "schema", EW_LIT("policy/1"));
	write_separate(&w, p);
	write_steps(&w, p);
	write_thresholds(&w, p);
	write_uses(&w, p);
	ew_jsonw_int_at(&w, "version", p->version);
	ew_jsonw_end(&w);
	ew_jsonw_finish(&w);
}

void
ew_policy_write_first(struct ew_buf *out, struct ew_str founder)
{
	enum ew_event labeller[] = { EW_RELABEL, EW_REBIND, EW_ABSTAIN, EW_DISAMBIGUATE };
	enum ew_event maintainer[] = { EW_IMPORT, EW_RELABEL, EW_REBIND, EW_ABSTAIN, EW_DISAMBIGUATE,
		EW_WITHDRAW, EW_AUDIT, EW_RECOMPUTE, EW_MERGE, EW_REVERT, EW_RESHARD };
	enum ew_event root[] = { EW_POLICY, EW_KEYS, EW_INIT, EW_RESHARD };
	enum ew_event auditor[] = { EW_AUDIT, EW_RECOMPUTE }, adjudicator[] = { EW_ADJUDICATE };
#define ROLE(name, list) { EW_LIT_INIT(name), list, NULL, NULL, sizeof(list) / sizeof *(list), 0, 0 }
	struct ew_policy_role role[] = {
		ROLE("adjudicator", adjudicator),
		ROLE("auditor", auditor),
		ROLE("labeller", labeller),
		ROLE("maintainer", maintainer),
		{ .name = EW_LIT_INIT("release") },
		ROLE("root", root),
	};
#undef ROLE
	struct ew_str all[] = { EW_LIT_INIT("maintainer"), EW_LIT_INIT("release"), EW_LIT_INIT("root") };
	struct ew_policy_person person = { founder, all, sizeof all / sizeof *all };
	struct ew_policy_uses uses[] = {
		{ EW_LIT_INIT("*"), { [EW_EVALUATION] = true } },
		{ EW_LIT_INIT("train"), { true, true, true } },
	};
	const struct ew_policy p = {
		.version = 1,
		.person = &person,
		.role = role,
		.use = uses,
		.persons = 1,
		.roles = sizeof role / sizeof *role,
		.uses = sizeof uses / sizeof *uses,
		.threshold = { 1, 1, 1 },
		.step = {
			[EW_IDENTICAL] = EW_STEP_NONE,
			[EW_SCORE_COMPATIBLE] = EW_STEP_PATCH,
			[EW_EXTENDED] = EW_STEP_MINOR,
			[EW_SCORE_AFFECTING] = EW_STEP_MAJOR,
		},
	};

	ew_policy_write(out, &p);
}
