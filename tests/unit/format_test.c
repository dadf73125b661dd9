/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The library against the tables of LABELS_FORMAT.md itself, each behind a comment
 * "vectors: NAME".  The page's path is the first argument, or in EW_FORMAT_DOC.  A
 * table that is unknown, missing or without rows is a failure.
 */
#include "base/file.h"
#include "codec/base64.h"
#include "codec/json.h"
#include "codec/jsonw.h"
#include "model/change.h"
#include "model/id.h"
#include "model/manifest.h"
#include "model/way.h"
#include "tests/lib/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CELLS = 5, KEYS = 8, SPLITS = 4 };

struct row {
	struct ew_str cell[CELLS];
	size_t cells;
};

struct context {
	struct ew_hash *hash;
	struct ew_arena arena;
};

struct table {
	const char *name;
	size_t cells;
	void (*check)(struct context *, const struct row *);
};

/* Without the quotes of code. */
static struct ew_str
code(struct ew_str cell)
{
	if (cell.len >= 2 && cell.p[0] == '`' && cell.p[cell.len - 1] == '`')
		return ew_str_part(cell, 1, cell.len - 1);
	return cell;
}

/* Cut the next `code` off `*rest`; absent when there is none. */
static struct ew_str
next_code(struct ew_str *rest)
{
	ew_str_cut(rest, '`');
	return rest->p ? ew_str_cut(rest, '`') : (struct ew_str){ NULL, 0 };
}

static bool
same(struct ew_str got, struct ew_str want)
{
	if (ew_str_eq(got, want))
		return true;
	printf("#  got: %.*s\n# want: %.*s\n", EW_FMT(got), EW_FMT(want));
	return false;
}

static bool
same_digest(const struct ew_sha256 *got, struct ew_str want)
{
	char hex[65];

	ew_hex(hex, got->b, sizeof got->b);
	return same(ew_str(hex), want);
}

static unsigned long
number(struct ew_str cell)
{
	uint64_t n = 0;

	ok(ew_str_to_u64(cell, UINT64_MAX, &n), "%.*s is a number", EW_FMT(cell));
	return n;
}

static void
check_name(struct context *c, const struct row *r)
{
	struct ew_str id = code(r->cell[0]);
	struct ew_sha256 key = ew_sha256_str(c->hash, id);
	struct ew_buf name = { 0 }, again = { 0 };
	struct ew_err err = { 0 };

	ok(ew_id_check(id, &err) == EW_OK, "id %.*s %s", EW_FMT(id), err.msg);
	ew_id_write_name(&name, id);
	ok(same(ew_buf_str(&name), code(r->cell[1])), "its name");
	ok(ew_id_read_name(&again, ew_buf_str(&name)) && same(ew_buf_str(&again), id), "and back");
	ok(same_digest(&key, code(r->cell[2])), "its key");
	ew_buf_release(&name);
	ew_buf_release(&again);
}

static void
check_fanout(struct context *c, const struct row *r)
{
	(void)c;
	is_int(ew_fanout_for(number(r->cell[0])), (long long)number(r->cell[1]), "fan-out for %.*s",
		EW_FMT(r->cell[0]));
}

static void
check_path(struct context *c, const struct row *r)
{
	struct ew_str collection = code(r->cell[0]), id = code(r->cell[2]);
	struct ew_sha256 key = ew_sha256_str(c->hash, id);
	unsigned long levels = number(r->cell[1]);
	struct ew_buf path = { 0 };
	char hex[65];

	ok(ew_collection_ok(collection), "%.*s is a collection", EW_FMT(collection));
	ew_hex(hex, key.b, sizeof key.b);
	ew_buf_add(&path, collection);
	for (unsigned long i = 0; i < levels; i++)
		ew_buf_addf(&path, "/%c", hex[i]);
	ew_buf_addc(&path, '/');
	ew_id_write_name(&path, id);
	ew_buf_adds(&path, ".json");
	ok(same(ew_buf_str(&path), code(r->cell[3])), "path of %.*s", EW_FMT(id));
	ew_buf_release(&path);
}

static void
check_canonical(struct context *c, const struct row *r)
{
	struct ew_json *doc = NULL;
	struct ew_buf out = { 0 };
	struct ew_err err = { 0 };

	(void)c;
	ok(ew_json_parse(&doc, code(r->cell[0]), EW_JSON_INTEGERS, &err) == EW_OK,
		"%.*s is read %s", EW_FMT(r->cell[0]), err.msg);
	if (doc)
		ew_json_canonical(&out, doc);
	ok(same(ew_buf_str(&out), code(r->cell[1])), "and its canonical form");
	ew_buf_release(&out);
	ew_json_free(doc);
}

static int
cmp_keys(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct ew_sha256));
}

/* The leaves of "`a`: SHA-256(`1`), `b`: SHA-256(`2`)", by key; how many. */
static size_t
read_leaves(struct ew_leaf leaf[KEYS], struct context *c, struct ew_str text)
{
	size_t n = 0;

	for (struct ew_str id = next_code(&text); id.p && n < KEYS; id = next_code(&text)) {
		struct ew_sha256 digest = ew_sha256_str(c->hash, next_code(&text));

		leaf[n].key = ew_sha256_str(c->hash, id);
		leaf[n].records = ew_pin_leaf(c->hash, &leaf[n].key, &digest);
		leaf[n].answers = leaf[n].records;
		n++;
	}
	qsort(leaf, n, sizeof leaf[0], cmp_keys);
	return n;
}

static struct ew_trie
read_trie(struct context *c, struct ew_str text)
{
	struct ew_leaf leaf[KEYS];

	return ew_pin_trie(c->hash, leaf, read_leaves(leaf, c, text), 0);
}

static void
check_trie(struct context *c, const struct row *r)
{
	struct ew_trie t = read_trie(c, r->cell[0]);

	ok(same_digest(&t.records, code(r->cell[1])), "trie of %.*s", EW_FMT(r->cell[0]));
	ok(ew_sha256_eq(&t.records, &t.answers), "both roots alike");
}

static void
check_dataset(struct context *c, const struct row *r)
{
	struct ew_pin_split split[SPLITS];
	struct ew_str rest = r->cell[0];
	struct ew_pins pins;
	size_t n = 0;

	while (rest.p && n < SPLITS) {
		struct ew_str one = ew_str_cut(&rest, ';');

		split[n].name = next_code(&one);
		split[n].trie = read_trie(c, one);
		n += split[n].name.p != NULL;
	}
	pins = ew_pin_dataset(c->hash, split, n);
	ok(same_digest(&pins.records, code(r->cell[1])), "data set of %.*s", EW_FMT(r->cell[0]));
	ok(ew_sha256_eq(&pins.records, &pins.answers), "both roots alike");
}

static void
check_scored(struct context *c, const struct row *r)
{
	struct ew_str record = code(r->cell[0]), want = code(r->cell[1]);
	struct ew_buf out = { 0 }, fast = { 0 };
	struct ew_label label;
	struct ew_err err = { 0 };

	if (ok(ew_label_parse(&label, &c->arena, record, &err) == EW_OK, "a label is read %s",
		    err.msg))
		ew_label_write_scored(&out, &label);
	ok(same(ew_buf_str(&out), want), "its scored part");
	ok(ew_label_scored_of(&fast, record, &err) == EW_OK && same(ew_buf_str(&fast), want),
		"the same from its bytes");
	ew_buf_release(&out);
	ew_buf_release(&fast);
}

static void
check_way(struct context *c, const struct row *r)
{
	const struct ew_sha256 key = ew_sha256_str(c->hash, code(r->cell[1])),
		end = ew_sha256_str(c->hash, code(r->cell[4]));
	struct ew_sha256 sibling[EW_WAY_MAX], place = { { 0 } }, up;
	struct ew_buf levels = { 0 }, siblings = { 0 }, base64 = { 0 };
	struct ew_trie whole = read_trie(c, r->cell[0]);
	struct ew_leaf leaf[KEYS];
	const struct ew_leaf *there;
	struct ew_way w = { .depth = 0 };

	there = ew_way_down(&w, c->hash, &key, leaf, read_leaves(leaf, c, r->cell[0]));
	for (unsigned i = 0; i < w.depth; i++) {
		sibling[i] = w.sibling[i].records;
		ew_buf_addc(&levels, w.sibling[i].count ? '1' : '0');
		if (w.sibling[i].count)
			ew_buf_addmem(&siblings, sibling[i].b, sizeof sibling[i].b);
	}
	ew_base64_write(&base64, ew_buf_str(&siblings));
	ok(same(ew_buf_str(&levels), code(r->cell[2])), "way to %.*s", EW_FMT(code(r->cell[1])));
	ok(same(ew_buf_str(&base64), code(r->cell[3])), "past its siblings");
	ok(there ? ew_sha256_eq(&there->key, &end) : ew_str_is(r->cell[4], "nothing"), "to what stands there");
	place = there ? there->records : place;
	up = ew_way_up(c->hash, &key, &place, sibling, w.depth);
	ok(ew_sha256_eq(&up, &whole.records), "and up again");
	ew_buf_release(&levels);
	ew_buf_release(&siblings);
	ew_buf_release(&base64);
}

/* A label of "decimal `25` [`24`, `26`]". */
static struct ew_label
read_label(struct ew_str text)
{
	struct ew_label l = { .id = EW_LIT("1"), .state = EW_COMPUTABLE };
	struct ew_str rest = text, kind = ew_str_cut(&rest, ' ');
	struct ew_err err = { 0 };

	ok(ew_kind_read(&l.answer.kind, kind), "%.*s is a kind", EW_FMT(kind));
	l.answer.value = next_code(&rest);
	l.answer.lower = next_code(&rest);
	l.answer.upper = next_code(&rest);
	ok(ew_answer_check(&l.answer, &err) == EW_OK, "%.*s is an answer %s", EW_FMT(text),
		err.msg);
	return l;
}

static void
check_class(struct context *c, const struct row *r)
{
	struct ew_label before = read_label(r->cell[0]), after = read_label(r->cell[1]);
	unsigned facets;
	enum ew_class class = ew_change_classify(&facets, &before, &after, false);
	struct ew_buf words = { 0 };

	(void)c;
	for (unsigned i = 0; i < EW_FACET_COUNT; i++)
		if (facets & 1u << i)
			ew_buf_addf(&words, "%s%s", words.len ? " " : "", ew_facet_word(i));
	ok(same(ew_str(ew_class_word(class)), r->cell[2]), "%.*s to %.*s", EW_FMT(r->cell[0]),
		EW_FMT(r->cell[1]));
	ok(same(ew_buf_str(&words), r->cell[3]), "and its facets");
	ew_buf_release(&words);
}

static const struct table tables[] = {
	{ "name", 3, check_name }, { "fanout", 2, check_fanout }, { "path", 4, check_path },
	{ "canonical", 2, check_canonical }, { "trie", 2, check_trie },
	{ "dataset", 2, check_dataset }, { "scored", 2, check_scored }, { "class", 4, check_class },
	{ "way", 5, check_way },
};
enum { TABLES = sizeof tables / sizeof tables[0] };

/* The cells of a line "| a | b |"; a cell holds no '|'.  None when there are too many. */
static struct row
read_row(struct ew_str line)
{
	struct ew_str rest = ew_str_part(line, 1, line.len);
	struct row r = { .cells = 0 };

	while (rest.len > 0 && r.cells < CELLS)
		r.cell[r.cells++] = ew_str_trim(ew_str_cut(&rest, '|'));
	if (rest.len > 0)
		r.cells = 0;
	return r;
}

/* Check the rows of a table, which stands at the start of `*rest`; how many there were. */
static size_t
check_rows(struct context *c, const struct table *t, struct ew_str *rest)
{
	size_t lines = 0;

	for (; ew_str_starts(*rest, "|"); lines++) {
		struct row r = read_row(ew_str_cut(rest, '\n'));

		if (lines < 2) /* the head, and the line below it */
			continue;
		if (ok(r.cells == t->cells, "%s: a row of %zu cells", t->name, t->cells))
			t->check(c, &r);
	}
	return lines > 2 ? lines - 2 : 0;
}

/* The table that a line announces; NULL for any other line. */
static const struct table *
find_table(struct ew_str line)
{
	struct ew_str name = ew_str_part(line, strlen("<!-- vectors: "), line.len);

	if (!ew_str_starts(line, "<!-- vectors: "))
		return NULL;
	name = ew_str_cut(&name, ' ');
	for (size_t i = 0; i < TABLES; i++)
		if (ew_str_is(name, tables[i].name))
			return &tables[i];
	ok(false, "vectors of %.*s are known here", EW_FMT(name));
	return NULL;
}

static void
check_page(struct context *c, struct ew_str rest)
{
	size_t rows[TABLES] = { 0 };

	while (rest.len > 0) {
		const struct table *t = find_table(ew_str_cut(&rest, '\n'));

		if (t)
			rows[t - tables] += check_rows(c, t, &rest);
	}
	for (size_t i = 0; i < TABLES; i++)
		ok(rows[i] > 0, "%s: %zu rows checked", tables[i].name, rows[i]);
}

int
main(int argc, char **argv)
{
	const char *path = argc > 1 ? argv[1] : getenv("EW_FORMAT_DOC");
	struct context c = { 0 };
	struct ew_buf page = { 0 };
	struct ew_err err = { 0 };

	if (!path)
		path = "LABELS_FORMAT.md";
	if (ew_hash_open(&c.hash, &err) == EW_OK && ew_file_read(&page, path, 0, &err) == EW_OK)
		check_page(&c, ew_buf_str(&page));
	ok(err.code == EW_OK, "%s is read %s", path, err.msg);
	ew_buf_release(&page);
	ew_arena_release(&c.arena);
	ew_hash_free(c.hash);
	return tap_done();
}
