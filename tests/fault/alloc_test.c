/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that runs out: each piece of work is done again and again, its first, second,
 * third, ... allocation failing, until it goes through.  It must say that memory is out,
 * and under ASan leave nothing allocated.  FULL=1 for every allocation of the long ones.
 *
 * A rule of its own links it with -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup,
 * so that allocations of the library fail, but not those of libgit2, OpenSSL and zlib.
 */
#include "codec/sshsig.h"
#include "model/label.h"
#include "model/manifest.h"
#include "model/map.h"
#include "model/policy.h"
#include "model/table.h"
#include "ops/diff.h"
#include "ops/export.h"
#include "ops/import.h"
#include "ops/lock.h"
#include "ops/prove.h"
#include "ops/reader.h"
#include "ops/release.h"
#include "ops/revise.h"
#include "ops/verify.h"
#include "repo/repack.h"
#include "repo/stage.h"
#include "tests/lib/softkey.h"
#include "tests/lib/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- allocations that fail --- */

void *__real_malloc(size_t);
void *__real_calloc(size_t, size_t);
void *__real_realloc(void *, size_t);
char *__real_strdup(const char *);
void *__wrap_malloc(size_t);
void *__wrap_calloc(size_t, size_t);
void *__wrap_realloc(void *, size_t);
char *__wrap_strdup(const char *);

static long left = -1; /* allocations before the one that fails; -1: none does */
static bool from_then_on;

static bool
fails(void)
{
	if (left < 0)
		return false;
	if (left > 0) {
		left--;
		return false;
	}
	if (!from_then_on)
		left = -1;
	return true;
}

void *
__wrap_malloc(size_t n)
{
	return fails() ? NULL : __real_malloc(n);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *
__wrap_realloc(void *p, size_t n)
{
	return fails() ? NULL : __real_realloc(p, n);
}

char *
__wrap_strdup(const char *s)
{
	return fails() ? NULL : __real_strdup(s);
}

/* --- the work --- */

static struct place {
	char dir[64];
	struct ew_buf key, curve, store, lock;
	unsigned turn; /* another value each time */
} place;

#define LABEL                                                                                        \
	"{\"answer\":{\"kind\":\"decimal\",\"lower\":\"1\",\"upper\":\"3\",\"value\":\"2.0\"},"       \
	"\"confidence\":{\"basis\":\"single\"},\"id\":\"q/1\",\"instance\":"                          \
	"\"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\","                       \
	"\"provenance\":{\"method\":\"human\"},\"schema\":\"label/1\",\"state\":\"computable\"}"
#define MANIFEST                                                                                     \
	"{\"dataset\":\"1b4e28ba-2fa1-41d2-883f-0016d3cca427\",\"fanout\":{\"instances\":0},"         \
	"\"format\":1,\"name\":\"Cruel\",\"schema\":\"manifest/1\"}"
#define MAP                                                                                          \
	"{\"schema\":\"map/1\",\"format\":\"csv\",\"id\":\"{id}\",\"answer\":\"value\","              \
	"\"unit\":\"unit\",\"input\":{\"question\":\"question\"},\"optional\":[\"unit\"]}"
#define TABLE "id,value,question\na,1,one\nb,2,\"tw\"\"o\"\n"
#define ROWS                                                                                         \
	"{\"id\":\"r/1\",\"value\":\"1\",\"input\":{\"question\":\"one?\"}}\n"                         \
	"{\"id\":\"r/2\",\"value\":\"2\",\"input\":{\"question\":\"two?\"}}\n"

static enum ew_code
parse_label(struct ew_err *err)
{
	struct ew_arena arena = { 0 };
	struct ew_label label;
	enum ew_code rc = ew_label_parse(&label, &arena, EW_LIT(LABEL), err);

	ew_arena_release(&arena);
	return rc;
}

static enum ew_code
parse_manifest(struct ew_err *err)
{
	struct ew_arena arena = { 0 };
	struct ew_manifest manifest;
	enum ew_code rc = ew_manifest_parse(&manifest, &arena, EW_LIT(MANIFEST), err);

	ew_arena_release(&arena);
	return rc;
}

static enum ew_code
parse_policy(struct ew_err *err)
{
	struct ew_arena arena = { 0 };
	struct ew_buf text = { 0 };
	struct ew_policy *policy;
	enum ew_code rc;

	ew_policy_write_first(&text, EW_LIT("tester@example.org"));
	if ((rc = ew_buf_check(&text, err)) == EW_OK)
		rc = ew_policy_parse(&policy, &arena, ew_buf_str(&text), err);
	ew_buf_release(&text);
	ew_arena_release(&arena);
	return rc;
}

static enum ew_code
read_table(struct ew_err *err)
{
	struct ew_arena arena = { 0 };
	struct ew_map_file *map = NULL;
	struct ew_table *table = NULL;
	struct ew_rows rows;
	struct ew_row row;
	bool more = true;
	enum ew_code rc = ew_map_file_parse(&map, EW_LIT(MAP), "map.json", err);

	if (rc == EW_OK)
		rc = ew_table_open(&table, map, EW_LIT(TABLE), "table.csv", err);
	if (rc == EW_OK)
		ew_rows_init(&rows, table, NULL);
	while (rc == EW_OK && more)
		rc = ew_rows_next(&rows, &row, &more, &arena, err);
	ew_table_free(table);
	ew_map_file_free(map);
	ew_arena_release(&arena);
	return rc;
}

static enum ew_code
open_store(struct ew_store **out, struct ew_err *err)
{
	const struct ew_store_opts opts = {
		.key = place.key.p,
		.principal = "tester@example.org",
		.now = 1767225600,
	};

	return ew_store_open(out, place.store.p, &opts, err);
}

static enum ew_code
only_open(struct ew_err *err)
{
	struct ew_store *s;
	enum ew_code rc = open_store(&s, err);

	ew_store_free(s);
	return rc;
}

static enum ew_code
relabel(struct ew_err *err)
{
	char value[16];
	struct ew_revise_request q = { .event = EW_RELABEL, .id = EW_LIT("r/1"), .reason = EW_LIT("why") };
	struct ew_revise_report report;
	struct ew_store *s;
	enum ew_code rc = open_store(&s, err);

	snprintf(value, sizeof value, "%u", 100 + place.turn++);
	q.value = ew_str(value);
	if (rc == EW_OK)
		rc = ew_revise(&report, s, &q, err);
	ew_store_free(s);
	return rc;
}

static enum ew_code
apply(struct ew_err *err)
{
	struct ew_buf events = { 0 };
	struct ew_revise_report report;
	struct ew_store *s;
	enum ew_code rc = open_store(&s, err);

	/* Enough for a pack. */
	for (int i = 0; i < 12; i++)
		ew_buf_addf(&events,
			"{\"event\":\"relabel\",\"id\":\"r/2\",\"value\":\"%u\",\"reason\":\"why\"}\n",
			100 + place.turn++);
	if (rc == EW_OK && (rc = ew_buf_check(&events, err)) == EW_OK)
		rc = ew_apply(&report, s, ew_buf_str(&events), "events", err);
	ew_store_free(s);
	ew_buf_release(&events);
	return rc;
}

static enum ew_code
import(struct ew_err *err)
{
	const struct ew_import_opts opts = {
		.bytes = EW_LIT(ROWS),
		.name = "rows.jsonl",
		.preset = EW_LIT("jsonl"),
		.split = EW_LIT("test"),
		.update = true,
		.complete = true,
	};
	struct ew_import_report report;
	struct ew_store *s;
	enum ew_code rc = open_store(&s, err);

	if (rc == EW_OK)
		rc = ew_import(&report, s, &opts, err);
	ew_store_free(s);
	return rc;
}

static enum ew_code
compare(struct ew_err *err)
{
	const struct ew_diff_opts opts = { .stat = false };
	struct ew_diff d;
	struct ew_store *s;
	enum ew_code rc = open_store(&s, err);

	if (rc == EW_OK) {
		rc = ew_diff(&d, s, EW_LIT("HEAD~1"), EW_LIT("HEAD"), &opts, err);
		ew_diff_release(&d);
	}
	ew_store_free(s);
	return rc;
}

static enum ew_code
verify(struct ew_err *err)
{
	const struct ew_verify_opts opts = { .rev = { NULL, 0 } };
	struct ew_verified v = { .good = false };
	struct ew_store *s;
	enum ew_code rc = open_store(&s, err);

	if (rc == EW_OK) {
		rc = ew_verify(&v, s, &opts, err);
		if (rc == EW_OK && !v.good)
			rc = ew_fail(err, EW_NO, "%.*s", EW_FMT(v.problem));
		ew_verified_release(&v);
	}
	ew_store_free(s);
	return rc;
}

static enum ew_code
lock(struct ew_err *err)
{
	const struct ew_lock_opts opts = { .release = EW_LIT("v1.0"), .path = place.lock.p };
	const struct ew_lock_check_opts check = { .path = place.lock.p };
	struct ew_locked l;
	struct ew_lock_checked c;
	struct ew_store *s;
	enum ew_code rc = open_store(&s, err);

	if (rc == EW_OK) {
		rc = ew_lock_move(&l, s, &opts, err);
		ew_locked_release(&l);
	}
	if (rc == EW_OK) {
		rc = ew_lock_check(&c, s, &check, err);
		if (rc == EW_OK && c.fault != EW_LOCK_GOOD)
			rc = ew_fail(err, EW_NO, "%.*s", EW_FMT(c.problem));
		ew_lock_checked_release(&c);
	}
	ew_store_free(s);
	return rc;
}

static int
swallow(void *user, struct ew_str bytes)
{
	*(size_t *)user += bytes.len;
	return 0;
}

static enum ew_code
export(struct ew_err *err)
{
	const struct ew_export_opts opts = { .use = EW_EVALUATION, .format = EW_EXPORT_CSV };
	struct ew_store *s;
	uint64_t count;
	size_t bytes = 0;
	enum ew_code rc = open_store(&s, err);

	if (rc == EW_OK)
		rc = ew_export(&count, s, &opts, swallow, &bytes, err);
	ew_store_free(s);
	return rc;
}

static enum ew_code
look_up(struct ew_err *err)
{
	struct ew_reader *r = NULL;
	struct ew_arena arena = { 0 };
	struct ew_label label;
	struct ew_store *s;
	bool found = false;
	enum ew_code rc = open_store(&s, err);

	if (rc == EW_OK && (rc = ew_reader_open(&r, s, EW_LIT("HEAD"), err)) == EW_OK &&
	    (rc = ew_reader_label(&label, &found, r, EW_LIT("r/1"), &arena, err)) == EW_OK && !found)
		rc = ew_fail(err, EW_NO, "r/1 is not there");
	ew_reader_free(r);
	ew_arena_release(&arena);
	ew_store_free(s);
	return rc;
}

/* Of a label, and of one that is not there; each is checked, as by who gets it. */
static enum ew_code
prove(struct ew_err *err)
{
	const struct ew_prove_opts opts[] = { { .what = EW_LIT("v1.0:r/1") },
		{ .what = EW_LIT("v1.0:none"), .answers = true } };
	struct ew_buf proof = { 0 };
	struct ew_store *s;
	bool absent;
	enum ew_code rc = open_store(&s, err);

	for (size_t i = 0; i < 2 && rc == EW_OK; i++)
		if ((rc = ew_prove(&proof, &absent, s, &opts[i], err)) == EW_OK && absent != (i == 1))
			rc = ew_fail(err, EW_NO, "it is there, or not");
	ew_buf_release(&proof);
	ew_store_free(s);
	return rc;
}

/* Sign and verify; the key is one of what files of keys can hold. */
static enum ew_code
sign(const char *key, const char *program, struct ew_err *err)
{
	const struct ew_signer_opts opts = { .key = key, .program = program, .folder = place.dir };
	struct ew_buf armour = { 0 };
	struct ew_signer *s = NULL;
	struct ew_hash *h = NULL;
	struct ew_sshkey by;
	enum ew_code rc = ew_hash_open(&h, err);

	if (rc == EW_OK && (rc = ew_signer_open(&s, &opts, err)) == EW_OK &&
	    (rc = ew_sshsig_sign(&armour, h, s, "git", EW_LIT("hello"), err)) == EW_OK)
		rc = ew_sshsig_verify(&by, h, "git", EW_LIT("hello"), ew_buf_str(&armour), err);
	ew_signer_free(s);
	ew_hash_free(h);
	ew_buf_release(&armour);
	return rc;
}

static enum ew_code
sign_here(struct ew_err *err)
{
	return sign(place.curve.p, NULL, err);
}

static enum ew_code
sign_by_program(struct ew_err *err)
{
	return sign(place.key.p, "ssh-keygen", err);
}

/* Texts that are worth compressing, in a pack. */
static enum ew_code
add_pack(struct ew_repo *repo, struct ew_err *err)
{
	struct ew_stage *stage = NULL;
	struct ew_buf text = { 0 };
	struct ew_oid oid;
	enum ew_code rc = ew_stage_open(&stage, repo, err);

	for (unsigned i = 0; rc == EW_OK && i < 50; i++) {
		ew_buf_clear(&text);
		for (unsigned k = 0; k < 100; k++)
			ew_buf_addf(&text, "%u ", (i + place.turn) * k % 97);
		rc = ew_stage_add(&oid, stage, EW_BLOB, ew_buf_str(&text), err);
	}
	if (rc == EW_OK)
		rc = ew_stage_keep(stage, err);
	place.turn += 50;
	ew_buf_release(&text);
	ew_stage_free(stage);
	return rc;
}

static enum ew_code
repack(struct ew_err *err)
{
	const long later = left;
	struct ew_repo *repo = NULL;
	size_t packs;
	enum ew_code rc;

	left = -1;
	rc = ew_repo_open(&repo, place.store.p, err);
	if (rc == EW_OK)
		rc = add_pack(repo, err);
	left = later;
	if (rc == EW_OK)
		rc = ew_repack(&packs, repo, NULL, err);
	ew_repo_free(repo);
	return rc;
}

/* --- doing it --- */

typedef enum ew_code work(struct ew_err *err);

/* True when the work went through without ever coming to the allocation. */
static bool
once(work *w, const char *name, long n, bool on, unsigned *bad)
{
	struct ew_err err = { 0 };
	enum ew_code rc;
	bool reached;

	left = n;
	from_then_on = on;
	rc = w(&err);
	reached = left != n && (on ? left == 0 : left == -1);
	left = -1;
	/* What only saves time later may fail unsaid. */
	if (rc != err.code || (rc != EW_NOMEM && rc != EW_OK) || (!reached && rc != EW_OK)) {
		printf("# %s, allocation %ld%s: %s\n", name, n, on ? " and all after it" : "", err.msg);
		++*bad;
	}
	return !reached && n > 0;
}

static void
each_allocation(work *w, const char *name, long step)
{
	unsigned bad = 0;
	long n = 1;

	while (n < 1000000 && !once(w, name, n, false, &bad) && !once(w, name, n, true, &bad))
		n += step;
	ok(bad == 0 && n < 1000000, "%s with memory for less than %ld allocations", name, n);
}

static enum ew_code
release(struct ew_err *err)
{
	const struct ew_release_opts opts = { .version = EW_LIT("v1.0") };
	struct ew_release r;
	struct ew_store *s;
	enum ew_code rc = open_store(&s, err);

	if (rc == EW_OK) {
		rc = ew_release(&r, s, &opts, err);
		ew_release_release(&r);
	}
	ew_store_free(s);
	return rc;
}

static bool
set_up(void)
{
	const struct ew_init_opts init = { .name = "Cruel" };
	struct ew_store_opts opts = { .principal = "tester@example.org", .now = 1767225600 };
	struct ew_buf text = { 0 }, fields = { 0 };
	struct softkey curve;
	struct ew_err err = { 0 };
	bool good;

	snprintf(place.dir, sizeof place.dir, "/dev/shm/ellwand_test_XXXXXX");
	if (!mkdtemp(place.dir) && !sample_dir(place.dir))
		return false;
	sample_private(&text, 1, &(struct sample_twist){ 0 });
	opts.key = sample_file(&place.key, place.dir, "key", ew_buf_str(&text));
	ew_buf_clear(&text);
	soft_make(&curve, &softtypes[SOFT_P521]);
	soft_fields(&fields, &curve);
	sample_container(&text, ew_buf_str(&curve.blob), ew_buf_str(&fields), &(struct sample_twist){ 0 });
	sample_file(&place.curve, place.dir, "curve", ew_buf_str(&text));
	ew_buf_addf(&place.store, "%s/store", place.dir);
	ew_buf_addf(&place.lock, "%s/ellwand.lock", place.dir);
	good = ew_store_init(place.store.p, &init, &opts, &err) == EW_OK && import(&err) == EW_OK &&
		release(&err) == EW_OK;
	if (!good)
		printf("# %s\n", err.msg);
	soft_free(&curve);
	ew_buf_release(&text);
	ew_buf_release(&fields);
	return good;
}

int
main(void)
{
	static const struct {
		work *work;
		const char *name;
		long step;
	} all[] = {
		{ parse_label, "a label", 1 },
		{ parse_manifest, "a manifest", 1 },
		{ parse_policy, "a policy", 1 },
		{ read_table, "a table", 1 },
		{ only_open, "opening a store", 1 },
		{ relabel, "a relabel", 5 },
		{ apply, "twelve events", 41 },
		{ import, "an import", 7 },
		{ compare, "a diff", 3 },
		{ verify, "a verification", 41 },
		{ lock, "a lock", 41 },
		{ export, "an export", 3 },
		{ look_up, "a lookup", 3 },
		{ prove, "two proofs", 3 },
		{ sign_here, "a signature", 1 },
		{ sign_by_program, "a signature by ssh-keygen", 1 },
		{ repack, "repacking", 3 },
	};
	const bool full = getenv("FULL") != NULL;

	if (ok(set_up(), "a store"))
		for (size_t i = 0; i < sizeof all / sizeof *all; i++)
			each_allocation(all[i].work, all[i].name, full ? 1 : all[i].step);
	sample_remove_dir(place.dir);
	ew_buf_release(&place.key);
	ew_buf_release(&place.curve);
	ew_buf_release(&place.store);
	ew_buf_release(&place.lock);
	return tap_done();
}
