/* SPDX-License-Identifier: Apache-2.0 */
/* The policy of a new store: one founder who may do everything, and roles to give away. */
#include "model/policy.h"

#include "codec/jsonw.h"

enum { WORDS_MAX = 16 };

/* A name, and the words it stands for, up to a NULL. */
struct words {
	const char *name, *word[WORDS_MAX];
};

/* A member whose value is an array of words; `words` ends with NULL. */
static void
write_words(struct ew_jsonw *w, struct ew_str name, const char *const *words)
{
	ew_jsonw_name(w, name);
	ew_jsonw_array(w);
	for (; *words; words++)
		ew_jsonw_str(w, ew_str(*words));
	ew_jsonw_end(w);
}

static void
write_lists(struct ew_jsonw *w, const char *name, const struct words *list, size_t n)
{
	ew_jsonw_name(w, ew_str(name));
	ew_jsonw_object(w);
	for (size_t i = 0; i < n; i++)
		write_words(w, ew_str(list[i].name), list[i].word);
	ew_jsonw_end(w);
}

static void
write_steps(struct ew_jsonw *w)
{
	ew_jsonw_name(w, EW_LIT("step"));
	ew_jsonw_object(w);
	ew_jsonw_str_at(w, "extended", EW_LIT("minor"));
	ew_jsonw_str_at(w, "identical", EW_LIT("none"));
	ew_jsonw_str_at(w, "score-affecting", EW_LIT("major"));
	ew_jsonw_str_at(w, "score-compatible", EW_LIT("patch"));
	ew_jsonw_end(w);
}

static void
write_thresholds(struct ew_jsonw *w)
{
	ew_jsonw_name(w, EW_LIT("thresholds"));
	ew_jsonw_object(w);
#define X(name, word) ew_jsonw_int_at(w, word, 1);
	EW_THRESHOLDS(X)
#undef X
	ew_jsonw_end(w);
}

void
ew_policy_write_first(struct ew_buf *out, struct ew_str founder)
{
	static const char *const all[] = { "maintainer", "release", "root", NULL };
	static const struct words roles[] = {
		{ "adjudicator", { "adjudicate" } },
		{ "auditor", { "audit", "recompute" } },
		{ "labeller", { "relabel", "rebind", "abstain", "disambiguate" } },
		{ "maintainer",
			{ "import", "relabel", "rebind", "abstain", "disambiguate", "withdraw",
				"audit", "recompute", "merge", "revert", "reshard" } },
		{ "release", { NULL } },
		{ "root", { "policy", "keys", "init", "reshard" } },
	};
	static const struct words uses[] = {
		{ "*", { "evaluation" } },
		{ "train", { "evaluation", "training", "reward" } },
	};
	struct ew_jsonw w;

	ew_jsonw_init_canonical(&w, out);
	ew_jsonw_object(&w);
	ew_jsonw_name(&w, EW_LIT("people"));
	ew_jsonw_object(&w);
	write_words(&w, founder, all);
	ew_jsonw_end(&w);
	write_lists(&w, "roles", roles, sizeof roles / sizeof roles[0]);
	ew_jsonw_str_at(&w, "schema", EW_LIT("policy/1"));
	write_steps(&w);
	write_thresholds(&w);
	write_lists(&w, "uses", uses, sizeof uses / sizeof uses[0]);
	ew_jsonw_int_at(&w, "version", 1);
	ew_jsonw_end(&w);
	ew_jsonw_finish(&w);
}
