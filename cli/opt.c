/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/opt.h"
#include "cli/nearest.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { TABLE_MAX = 64, NAME_MAX_SHOWN = 64 };

struct parser {
	struct opt_parse *p;
	char **next; /* the argument to read next */
	struct ew_arena *arena;
	bool seen[OPT_SETS][TABLE_MAX];
};

/* One option as it stands on the command line. */
struct given {
	const struct opt *opt;
	void *member;
	bool *seen;
	char name[NAME_MAX_SHOWN]; /* as it was written, for messages */
};

static bool
is_end(const struct opt *o)
{
	return !o->name && !o->brief;
}

/* By its long name, of which `len` bytes count, or by its letter if `name` is NULL. */
static bool
find(struct given *out, struct parser *ps, const char *name, size_t len, char brief)
{
	for (size_t s = 0; s < OPT_SETS; s++) {
		const struct opt_set *set = &ps->p->set[s];

		for (size_t i = 0; set->opt && !is_end(&set->opt[i]); i++) {
			const struct opt *o = &set->opt[i];

			assert(i < TABLE_MAX);
			if (name ? !o->name || strlen(o->name) != len ||
						memcmp(o->name, name, len) != 0
				 : o->brief != brief)
				continue;
			out->opt = o;
			out->member = (char *)set->base + o->at;
			out->seen = &ps->seen[s][i];
			if (name)
				snprintf(out->name, sizeof out->name, "--%s", o->name);
			else
				snprintf(out->name, sizeof out->name, "-%c", brief);
			return true;
		}
	}
	return false;
}

static enum ew_code
fail_unknown(struct parser *ps, const char *name, size_t len, struct ew_err *err)
{
	char word[NAME_MAX_SHOWN];
	const char *meant;
	struct nearest n;

	snprintf(word, sizeof word, "%.*s", (int)(len < sizeof word ? len : sizeof word - 1), name);
	nearest_init(&n, word);
	for (size_t s = 0; s < OPT_SETS; s++)
		for (const struct opt *o = ps->p->set[s].opt; o && !is_end(o); o++)
			if (o->name)
				nearest_try(&n, o->name);
	meant = nearest_word(&n);
	if (meant)
		return ew_fail(
			err, EW_USAGE, "unknown option --%s, did you mean --%s", word, meant);
	return ew_fail(err, EW_USAGE, "unknown option --%s", word);
}

static enum ew_code
set_int(const struct given *g, const char *value, struct ew_err *err)
{
	const struct opt *o = g->opt;
	struct ew_str s = ew_str(value);
	bool negative = ew_str_starts(s, "-");
	uint64_t size;
	int64_t n;

	if (ew_str_to_u64(ew_str_part(s, negative, s.len), INT64_MAX, &size)) {
		n = negative ? -(int64_t)size : (int64_t)size;
		if (n >= o->min && n <= o->max) {
			memcpy(g->member, &n, sizeof n);
			return EW_OK;
		}
	}
	if (o->max == INT64_MAX)
		return ew_fail(err, EW_USAGE,
			"%s takes an integer of at least %" PRId64 ", not '%s'", g->name, o->min,
			value);
	return ew_fail(err, EW_USAGE,
		"%s takes an integer from %" PRId64 " to %" PRId64 ", not '%s'", g->name, o->min,
		o->max, value);
}

static enum ew_code
set_word(const struct given *g, const char *value, struct ew_err *err)
{
	struct ew_buf words = { .max = sizeof err->msg };

	for (int i = 0; g->opt->word[i]; i++) {
		if (strcmp(g->opt->word[i], value) == 0) {
			memcpy(g->member, &i, sizeof i);
			ew_buf_release(&words);
			return EW_OK;
		}
		if (i > 0)
			ew_buf_adds(&words, g->opt->word[i + 1] ? ", " : " or ");
		ew_buf_adds(&words, g->opt->word[i]);
	}
	ew_fail(err, EW_USAGE, "%s takes %s, not '%s'", g->name, words.p ? words.p : "", value);
	ew_buf_release(&words);
	return EW_USAGE;
}

/* The room of a list is the power of two at or above its count. */
static enum ew_code
append(struct opt_list *list, struct ew_arena *arena, struct ew_str item, struct ew_err *err)
{
	if ((list->count & (list->count - 1)) == 0) {
		struct ew_str *more =
			ew_arena_array(arena, list->count ? 2 * list->count : 1, sizeof *more);

		if (!more)
			return ew_fail_nomem(err);
		if (list->count)
			memcpy(more, list->item, list->count * sizeof *more);
		list->item = more;
	}
	list->item[list->count++] = item;
	return EW_OK;
}

static enum ew_code
set_list(const struct given *g, struct ew_arena *arena, const char *value, struct ew_err *err)
{
	struct opt_list *list = g->member;
	struct ew_str rest = ew_str(value);

	if (!(g->opt->flags & OPT_COMMAS))
		return append(list, arena, rest, err);
	do {
		struct ew_str item = ew_str_trim(ew_str_cut(&rest, ','));

		if (item.len == 0)
			return ew_fail(err, EW_USAGE, "%s takes %s without empty parts, not '%s'",
				g->name, g->opt->value, value);
		if (append(list, arena, item, err) != EW_OK)
			return err->code;
	} while (rest.p);
	return EW_OK;
}

static enum ew_code
set_value(struct parser *ps, const struct given *g, const char *value, struct ew_err *err)
{
	if (*g->seen && g->opt->kind != OPT_IS_LIST && g->opt->kind != OPT_IS_FLAG)
		return ew_fail(err, EW_USAGE, "%s is given twice", g->name);
	*g->seen = true;
	switch (g->opt->kind) {
	case OPT_IS_FLAG:
		*(bool *)g->member = true;
		return EW_OK;
	case OPT_IS_STR:
		memcpy(g->member, &value, sizeof value);
		return EW_OK;
	case OPT_IS_INT:
		return set_int(g, value, err);
	case OPT_IS_WORD:
		return set_word(g, value, err);
	case OPT_IS_LIST:
		return set_list(g, ps->arena, value, err);
	}
	assert(false);
	return EW_USAGE;
}

/* The value is the next argument; another option there is a value forgotten. */
static enum ew_code
set_next(struct parser *ps, const struct given *g, struct ew_err *err)
{
	const char *value = *ps->next;
	struct given other;

	if (!value)
		return ew_fail(err, EW_USAGE, "%s needs %s behind it", g->name, g->opt->value);
	if (strncmp(value, "--", 2) == 0 && find(&other, ps, value + 2, strcspn(value + 2, "="), 0))
		return ew_fail(err, EW_USAGE, "%s needs %s behind it, not the option %s", g->name,
			g->opt->value, other.name);
	ps->next++;
	return set_value(ps, g, value, err);
}

static enum ew_code
parse_long(struct parser *ps, const char *arg, struct ew_err *err)
{
	size_t len = strcspn(arg, "=");
	const char *value = arg[len] ? arg + len + 1 : NULL;
	struct given g;

	if (!find(&g, ps, arg, len, 0)) {
		ps->p->help = strcmp(arg, "help") == 0;
		return ps->p->help ? EW_OK : fail_unknown(ps, arg, len, err);
	}
	if (g.opt->kind == OPT_IS_FLAG && value)
		return ew_fail(err, EW_USAGE, "%s takes no value", g.name);
	if (g.opt->kind == OPT_IS_FLAG || value)
		return set_value(ps, &g, value, err);
	return set_next(ps, &g, err);
}

/* "xyz" of -xyz: flags, or flags and then one option with its value. */
static enum ew_code
parse_brief(struct parser *ps, const char *arg, struct ew_err *err)
{
	for (; *arg; arg++) {
		struct given g;

		if (!find(&g, ps, NULL, 0, *arg)) {
			ps->p->help = *arg == 'h';
			return ps->p->help ? EW_OK
					   : ew_fail(err, EW_USAGE, "unknown option -%c", *arg);
		}
		if (g.opt->kind != OPT_IS_FLAG)
			return arg[1] ? set_value(ps, &g, arg + 1, err) : set_next(ps, &g, err);
		if (set_value(ps, &g, NULL, err) != EW_OK)
			return err->code;
	}
	return EW_OK;
}

static enum ew_code
check_required(const struct parser *ps, struct ew_err *err)
{
	for (size_t s = 0; s < OPT_SETS; s++) {
		const struct opt *o = ps->p->set[s].opt;

		for (size_t i = 0; o && !is_end(&o[i]); i++) {
			if (!(o[i].flags & OPT_REQUIRED) || ps->seen[s][i])
				continue;
			if (o[i].name)
				return ew_fail(
					err, EW_USAGE, "--%s %s is missing", o[i].name, o[i].value);
			return ew_fail(err, EW_USAGE, "-%c %s is missing", o[i].brief, o[i].value);
		}
	}
	return EW_OK;
}

static size_t
count(char **argv)
{
	size_t n = 0;

	while (argv[n])
		n++;
	return n;
}

enum ew_code
opt_parse(struct opt_parse *p, char **argv, struct ew_arena *arena, struct ew_err *err)
{
	struct parser ps = { .p = p, .next = argv, .arena = arena };
	bool options = true;

	p->operands = 0;
	p->help = false;
	p->operand = ew_arena_array(arena, count(argv) + 1, sizeof *p->operand);
	if (!p->operand)
		return ew_fail_nomem(err);
	while (*ps.next) {
		char *arg = *ps.next++;
		enum ew_code rc = EW_OK;

		if (!options || arg[0] != '-' || !arg[1]) {
			p->operand[p->operands++] = arg;
			options = options && !p->operands_end;
		} else if (strcmp(arg, "--") == 0) {
			options = false;
		} else {
			rc = arg[1] == '-' ? parse_long(&ps, arg + 2, err)
					   : parse_brief(&ps, arg + 1, err);
		}
		if (rc != EW_OK || p->help)
			return rc;
	}
	return check_required(&ps, err);
}

void
opt_spell(struct ew_buf *out, const struct opt *o)
{
	if (o->brief)
		ew_buf_addf(out, "-%c%s", o->brief, o->name ? ", " : "");
	if (o->name)
		ew_buf_addf(out, "--%s", o->name);
	if (o->value)
		ew_buf_addf(out, " %s", o->value);
}
