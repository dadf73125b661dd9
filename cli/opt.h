/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options: a command says in a table which it takes and where in its own struct
 * each goes; parser and usage text come from that table.
 *
 *	struct relabel { const char *value; bool force; };
 *	static const struct opt relabel_opts[] = {
 *		OPT_STR(0, "value", struct relabel, value, OPT_REQUIRED, "V", "the new value"),
 *		OPT_FLAG('f', "force", struct relabel, force, "even so"),
 *		OPT_END
 *	};
 *
 * Taken are --name VALUE, --name=VALUE, -x VALUE, -xVALUE and, for flags, --name,
 * -x and -xyz.  Options and operands may mix; "--" ends the options; "-" is an
 * operand.  What was not given keeps its zero: false, 0, NULL, an empty list, the
 * first word.  Only a list may be given twice.
 */
#ifndef CLI_OPT_H
#define CLI_OPT_H

#include "store/ellwand.h"

enum opt_kind { OPT_IS_FLAG, OPT_IS_STR, OPT_IS_INT, OPT_IS_WORD, OPT_IS_LIST };

enum {
	OPT_REQUIRED = 1, /* refuse to go on without it */
	OPT_COMMAS = 2,   /* a list whose values are themselves lists, "A, B" */
};

struct opt {
	char brief;              /* the x of -x; 0: none */
	const char *name;        /* the name of --name; NULL: none */
	enum opt_kind kind;
	unsigned flags;
	size_t at;               /* offset in the command's struct */
	const char *value;       /* what usage calls the value; NULL for a flag */
	const char *help;        /* a few words, lower case */
	int64_t min, max;        /* of an integer, both included */
	const char *const *word; /* the words of a word option, then NULL */
};

/* The values of a list, in the order given.  Without OPT_COMMAS each is a C string too. */
struct opt_list {
	struct ew_str *item;
	size_t count;
};

/* The offset of a member, which must have the type said. */
#define OPT_AT(type, s, member) \
	(offsetof(s, member) + 0 * sizeof(1 ? (type *)0 : &((s *)0)->member))

#define OPT_FLAG(brief, name, s, member, help) \
	{ brief, name, OPT_IS_FLAG, 0, OPT_AT(bool, s, member), NULL, help, 0, 0, NULL }
#define OPT_STR(brief, name, s, member, flags, value, help) \
	{ brief, name, OPT_IS_STR, flags, OPT_AT(const char *, s, member), value, help, 0, 0, NULL }
#define OPT_INT(brief, name, s, member, flags, min, max, value, help) \
	{ brief, name, OPT_IS_INT, flags, OPT_AT(int64_t, s, member), value, help, min, max, NULL }
/* The member is an int: the index of the word. */
#define OPT_WORD(brief, name, s, member, flags, words, value, help) \
	{ brief, name, OPT_IS_WORD, flags, OPT_AT(int, s, member), value, help, 0, 0, words }
#define OPT_LIST(brief, name, s, member, flags, value, help) \
	{ brief, name, OPT_IS_LIST, flags, OPT_AT(struct opt_list, s, member), value, help, 0, 0, \
		NULL }
#define OPT_END { 0, NULL, OPT_IS_FLAG, 0, 0, NULL, NULL, 0, 0, NULL }

/* A table, and the struct that its offsets are in. */
struct opt_set {
	const struct opt *opt; /* NULL: no options */
	void *base;
};
enum { OPT_SETS = 3 };

struct opt_parse {
	struct opt_set set[OPT_SETS]; /* looked through in turn */
	bool operands_end;            /* the first operand ends the options */
	bool help;                    /* out: -h or --help was given; nothing after it was read */
	char **operand;               /* out: the operands, NULL at the end; in the arena */
	size_t operands;
};

/*
 * Parse `argv` (NULL at its end, without the program's name).  Lists are made in
 * the arena; all else points into argv.  EW_USAGE with what is wrong.
 */
EW_MUST_USE enum ew_code opt_parse(struct opt_parse *, char **argv, struct ew_arena *,
	struct ew_err *err);

/* An option as usage spells it, "-m, --message TEXT", appended. */
void opt_spell(struct ew_buf *out, const struct opt *);

#endif
