/* SPDX-License-Identifier: Apache-2.0 */
/* A store for tests of the public header: made in a scratch directory, with as many labels as are asked for. */
#ifndef TESTS_LIB_STORESAMPLE_H
#define TESTS_LIB_STORESAMPLE_H

#include "store/ellwand.h"
#include "tests/lib/sshsample.h"

struct sample_store {
	char dir[64];
	struct ew_buf key, path; /* of the store: "DIR/store" */
	struct ew_store *store;
	struct ew_err err;
};

static inline bool
sample_store_open(struct sample_store *s)
{
	const struct ew_store_opts opts = { .key = s->key.p, .principal = "tester@example.org",
		.now = 1767225600 };

	return ew_store_open(&s->store, s->path.p, &opts, &s->err) == EW_OK;
}

/* False with why in `err`; to be released all the same. */
static inline bool
sample_store_make(struct sample_store *s)
{
	const struct ew_init_opts init = { .name = "Sample" };
	struct ew_store_opts opts = { .principal = "tester@example.org", .now = 1767225600 };
	struct ew_buf text = { 0 };

	if (!sample_dir(s->dir))
		return false;
	sample_private(&text, 1, &(struct sample_twist){ 0 });
	opts.key = sample_file(&s->key, s->dir, "key", ew_buf_str(&text));
	ew_buf_release(&text);
	ew_buf_addf(&s->path, "%s/store", s->dir);
	return ew_store_init(s->path.p, &init, &opts, &s->err) == EW_OK && sample_store_open(s);
}

/* Labels PREFIX/0, PREFIX/1, ...: the answer of I is I, its question "I?", its attribute "N" I % 7. */
static inline bool
sample_store_import(struct sample_store *s, const char *split, const char *prefix, int rows)
{
	struct ew_buf text = { 0 };
	struct ew_import_opts opts = { .name = "rows.jsonl", .preset = EW_LIT("jsonl"),
		.split = ew_str(split) };
	struct ew_import_report report;

	for (int i = 0; i < rows; i++)
		ew_buf_addf(&text, "{\"id\":\"%s/%d\",\"value\":\"%d\",\"input\":{\"question\":\"%d?\"},"
			"\"attributes\":{\"%d\":%d}}\n", prefix, i, i, i, i % 7, i % 7);
	opts.bytes = ew_buf_str(&text);
	(void)!ew_import(&report, s->store, &opts, &s->err);
	ew_buf_release(&text);
	return s->err.code == EW_OK;
}

static inline bool
sample_store_relabel(struct sample_store *s, const char *id, const char *value)
{
	const struct ew_revise_request q = { .event = EW_RELABEL, .id = ew_str(id),
		.value = ew_str(value), .reason = EW_LIT("counted again") };
	struct ew_revise_report report;

	return ew_revise(&report, s->store, &q, &s->err) == EW_OK;
}

/* Spoil a page in the middle of each pack. */
static inline bool
sample_store_spoil(struct sample_store *s)
{
	return sample_run(s->path.p,
		       "cd .git/objects/pack && for p in *.pack; do chmod u+w $p && "
		       "n=$(($(wc -c <$p) / 3)) && printf '%%4096s' '' | dd of=$p bs=1 seek=$n "
		       "conv=notrunc; done") == 0;
}

static inline void
sample_store_release(struct sample_store *s)
{
	ew_store_free(s->store);
	if (s->dir[0])
		sample_remove_dir(s->dir);
	ew_buf_release(&s->key);
	ew_buf_release(&s->path);
}

#endif
