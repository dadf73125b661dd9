/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/history.h"
#include "model/commit.h"
#include "tests/lib/sshsample.h"
#include "tests/lib/tap.h"

#include <unistd.h>

#define ARMOUR "-----BEGIN SSH SIGNATURE-----\nU1NI\n-----END SSH SIGNATURE-----\n"
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

struct fixture {
	char dir[64];
	struct ew_repo *repo;
	int64_t time;
	unsigned reported; /* how often progress was */
	unsigned allowed;  /* reports until the work is stopped; 0: never */
};

/* What a commit changes: NULL ends the list; an absent value removes. */
struct edit {
	const char *split, *id, *value;
};

static void
must(enum ew_code rc, const struct ew_err *err)
{
	if (rc != EW_OK) {
		ok(false, "the fixture works: %s", err->msg);
		exit(tap_done());
	}
}

static void
add_label(struct ew_buf *out, const char *id, const char *value)
{
	ew_buf_addf(out, "{\"answer\":{\"kind\":\"text\",\"value\":\"%s\"},"
		"\"confidence\":{\"basis\":\"imported\"},\"id\":\"%s\",\"instance\":\"%s\","
		"\"provenance\":{\"method\":\"import\"},\"schema\":\"label/1\","
		"\"state\":\"computable\"}", value, id, ZEROS);
}

static void
edit_snapshot(struct ew_snapshot *s, struct ew_stage *stage, const struct edit *e)
{
	struct ew_err err = { 0 };

	for (; e->split; e++) {
		struct ew_buf name = { 0 }, record = { 0 };
		struct ew_collection *c;
		struct ew_oid blob;

		ew_buf_addf(&name, "labels/%s", e->split);
		must(ew_snapshot_collection(&c, s, ew_buf_str(&name), true, 1000, &err), &err);
		if (e->value) {
			add_label(&record, e->id, e->value);
			must(ew_stage_add(&blob, stage, EW_BLOB, ew_buf_str(&record), &err), &err);
			must(ew_collection_put(c, ew_str(e->id), &blob, ew_buf_str(&record), &err),
				&err);
		} else {
			must(ew_collection_remove(c, ew_str(e->id), &err), &err);
		}
		ew_buf_release(&name);
		ew_buf_release(&record);
	}
}

static struct ew_oid
tree_of(struct fixture *x, const struct ew_oid *commit)
{
	struct ew_arena arena = { 0 };
	struct ew_buf bytes = { 0 };
	struct ew_commit c = { .parents = 0 };
	struct ew_err err = { 0 };

	if (!ew_oid_is_zero(commit)) {
		must(ew_repo_read(&bytes, x->repo, commit, EW_COMMIT, &err), &err);
		must(ew_commit_parse(&c, &arena, ew_buf_str(&bytes), &err), &err);
	}
	ew_buf_release(&bytes);
	ew_arena_release(&arena);
	return c.tree;
}

static void
set_files(struct ew_snapshot *s)
{
	struct ew_err err = { 0 };

	must(ew_snapshot_set_file(s, EW_FILE_MANIFEST,
		     EW_LIT("{\"dataset\":\"00000000-0000-4000-8000-000000000000\",\"fanout\":{},"
			    "\"format\":1,\"name\":\"n\",\"schema\":\"manifest/1\"}"), &err), &err);
	must(ew_snapshot_set_file(s, EW_FILE_POLICY, EW_LIT("{}"), &err), &err);
	must(ew_snapshot_set_file(s, EW_FILE_SIGNERS, EW_LIT("\n"), &err), &err);
}

/* A commit on `parent` (zero: none), with a second parent if `other` is one. */
static struct ew_oid
commit_merge(struct fixture *x, struct ew_oid parent, const struct ew_oid *other,
	const struct edit *e)
{
	struct ew_commit c = { .by = { EW_LIT("A"), EW_LIT("a@b"), x->time++ },
		.message = EW_LIT("m\n") };
	struct ew_buf payload = { 0 }, object = { 0 };
	struct ew_oid tree = tree_of(x, &parent), oid;
	struct ew_snapshot *s;
	struct ew_stage *stage;
	struct ew_err err = { 0 };

	must(ew_stage_open(&stage, x->repo, &err), &err);
	must(ew_snapshot_open(&s, x->repo, NULL, &tree, &err), &err);
	if (ew_oid_is_zero(&parent))
		set_files(s);
	else
		c.parent[c.parents++] = parent;
	if (other)
		c.parent[c.parents++] = *other;
	edit_snapshot(s, stage, e);
	must(ew_snapshot_write(&c.tree, s, stage, &err), &err);
	ew_commit_write_payload(&payload, &c);
	ew_commit_write(&object, ew_buf_str(&payload), EW_LIT(ARMOUR));
	must(ew_stage_add(&oid, stage, EW_COMMIT, ew_buf_str(&object), &err), &err);
	must(ew_stage_keep(stage, &err), &err);
	ew_snapshot_free(s);
	ew_stage_free(stage);
	ew_buf_release(&payload);
	ew_buf_release(&object);
	return oid;
}

static struct ew_oid
commit(struct fixture *x, struct ew_oid parent, const struct edit *e)
{
	return commit_merge(x, parent, NULL, e);
}

static int
count_report(void *user, const char *step, uint64_t done, uint64_t total)
{
	struct fixture *x = user;

	(void)done;
	(void)total;
	x->reported += step != NULL;
	return x->allowed && x->reported >= x->allowed;
}

/* The label's story as letters: "A=" and its value at commit names[0], "B-" where removed. */
static void
tell(struct ew_buf *out, struct fixture *x, const struct ew_oid *tip, const char *id,
	const struct ew_oid *name, size_t names)
{
	struct ew_arena arena = { 0 };
	struct ew_progress progress = { count_report, x };
	struct ew_history *history = NULL;
	struct ew_revision *r = NULL;
	struct ew_err err = { 0 };
	size_t n = 0;

	x->reported = 0;
	if (ew_history_open(&history, x->repo, tip, &progress, &err) != EW_OK ||
	    ew_history_find(&r, &n, history, ew_str(id), &arena, &err) != EW_OK)
		ew_buf_adds(out, err.msg);
	for (size_t i = 0; i < n; i++) {
		struct ew_buf record = { 0 };
		char letter = '?';

		for (size_t k = 0; k < names; k++)
			if (ew_oid_eq(&name[k], &r[i].commit))
				letter = (char)('A' + k);
		ew_buf_addc(out, letter);
		if (ew_history_number(history, &r[i].commit) != r[i].number ||
		    (i && r[i].number >= r[i - 1].number))
			ew_buf_addf(out, "(number %u)", r[i].number);
		if (ew_oid_is_zero(&r[i].blob)) {
			ew_buf_addc(out, '-');
			continue;
		}
		must(ew_repo_read(&record, x->repo, &r[i].blob, EW_BLOB, &err), &err);
		ew_buf_addf(out, "=%.1s", strstr(record.p, "value\":\"") + 8);
		ew_buf_release(&record);
	}
	ew_history_free(history);
	ew_arena_release(&arena);
}

/* A is the first; B to E on it; F and G on another branch from C; H to K on E, I a merge of G. */
enum { COMMITS = 11, FILLERS = 80 };
struct story {
	struct ew_oid c[COMMITS];
};

static void
is_told(struct fixture *x, const struct story *s, char tip, const char *id, const char *want,
	const char *what)
{
	struct ew_buf got = { 0 };

	tell(&got, x, &s->c[tip - 'A'], id, s->c, COMMITS);
	is_str(ew_buf_str(&got), want, "%s at %c, %s", id, tip, what);
	ew_buf_release(&got);
}

/* So many labels in B that later commits are a small addition to the index. */
static struct ew_oid
commit_many(struct fixture *x, struct ew_oid parent)
{
	struct edit e[4 + FILLERS + 1] = { { "test", "x", "1" }, { "test", "y", "1" },
		{ "train", "z", "1" }, { "train", "Z", "1" } };
	char id[FILLERS][8];

	for (int i = 0; i < FILLERS; i++) {
		snprintf(id[i], sizeof id[i], "f%d", i);
		e[4 + i] = (struct edit){ "more", id[i], "1" };
	}
	return commit(x, parent, e);
}

static void
make_story(struct story *s, struct fixture *x)
{
	struct ew_oid *c = s->c;

	c[0] = commit(x, (struct ew_oid){ { 0 } }, (struct edit[]){ { 0 } });
	c[1] = commit_many(x, c[0]);
	c[2] = commit(x, c[1], (struct edit[]){ { "test", "x", "2" }, { 0 } });
	c[3] = commit(x, c[2], (struct edit[]){ { "test", "y", NULL }, { "train", "y", "2" },
		{ 0 } });
	c[4] = commit(x, c[3], (struct edit[]){ { "train", "z", NULL }, { "test", "x", "3" },
		{ 0 } });
	c[5] = commit(x, c[2], (struct edit[]){ { "test", "x", "5" }, { 0 } });
	c[6] = commit(x, c[5], (struct edit[]){ { "test", "w", "6" }, { 0 } });
	c[7] = commit(x, c[4], (struct edit[]){ { "test", "v", "7" }, { 0 } });
	c[8] = commit_merge(x, c[7], &c[6], (struct edit[]){ { "test", "x", "8" }, { 0 } });
	c[9] = commit(x, c[8], (struct edit[]){ { "train", "y", NULL }, { "test", "y", "9" },
		{ "train", "z", "9" }, { 0 } });
	c[10] = commit(x, c[9], (struct edit[]){ { "train", "z", NULL }, { "train", "Z", NULL },
		{ 0 } });
}

static void
check_all(struct fixture *x, const struct story *s, const char *what)
{
	is_told(x, s, 'E', "x", "E=3C=2B=1", what);
	is_told(x, s, 'E', "y", "D=2B=1", what);
	is_told(x, s, 'E', "z", "E-B=1", what);
	is_told(x, s, 'J', "x", "I=8E=3C=2B=1", what);
	is_told(x, s, 'J', "y", "J=9D=2B=1", what);
	is_told(x, s, 'J', "z", "J=9E-B=1", what);
	is_told(x, s, 'J', "Z", "B=1", what);
	is_told(x, s, 'J', "w", "", what);
	is_told(x, s, 'J', "f7", "B=1", what);
	is_told(x, s, 'K', "Z", "K-B=1", what);
	is_told(x, s, 'K', "z", "K-J=9E-B=1", what);
	is_told(x, s, 'G', "x", "F=5C=2B=1", what);
	is_told(x, s, 'G', "w", "G=6", what);
	is_told(x, s, 'G', "y", "B=1", what);
	is_told(x, s, 'B', "x", "B=1", what);
	is_told(x, s, 'A', "x", "", what);
}

static void
forget(struct fixture *x)
{
	sample_run(x->dir, "rm -rf .git/ellwand");
}

static void
test_growing(struct fixture *x, const struct story *s)
{
	static const char line[] = "ABCDEHIJ";

	forget(x);
	is_told(x, s, 'A', "x", "", "in a new index");
	is_int(sample_run(x->dir, "test -s .git/ellwand/history-000001.run"), 0, "it is written");
	for (const char *at = line; *at; at++) {
		is_told(x, s, *at, "Z", at == line ? "" : "B=1", "as the index grows");
		ok(x->reported <= 2, "only the new commit is compared");
		is_told(x, s, *at, "w", "", "again");
		is_int(x->reported, 0, "nothing is compared again");
	}
	check_all(x, s, "grown by single commits");
	forget(x);
	check_all(x, s, "grown by several");
	forget(x);
	is_told(x, s, 'J', "x", "I=8E=3C=2B=1", "all at once");
	check_all(x, s, "grown at once");
}

static void
test_branches(struct fixture *x, const struct story *s)
{
	forget(x);
	is_told(x, s, 'G', "x", "F=5C=2B=1", "the index begins with a branch");
	is_told(x, s, 'D', "y", "D=2B=1", "a shorter one");
	is_told(x, s, 'D', "y", "D=2B=1", "again");
	ok(x->reported == 2, "is compared each time");
	is_told(x, s, 'J', "y", "J=9D=2B=1", "a longer one");
	is_told(x, s, 'J', "x", "I=8E=3C=2B=1", "again");
	is_int(x->reported, 0, "becomes the index's line");
	is_told(x, s, 'G', "w", "G=6", "what was left");
	is_told(x, s, 'G', "w", "G=6", "again");
	ok(x->reported > 0, "is compared then");
	check_all(x, s, "after a change of lines");
}

static void
test_damage(struct fixture *x, const struct story *s)
{
	static const int at[] = { 3, 40, 70, 130, 165, 300, 400, -1, -40 };

	for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
		forget(x);
		is_told(x, s, 'J', "x", "I=8E=3C=2B=1", "fresh");
		is_int(sample_run(x->dir, "cd .git/ellwand && chmod u+w *.run && "
			"n=$(cat *.run | wc -c) && printf '\\377' | "
			"dd of=$(ls *.run) bs=1 seek=$((%d < 0 ? n + %d : %d)) conv=notrunc",
			at[i], at[i], at[i]), 0, "damaged at %d", at[i]);
		is_told(x, s, 'E', "x", "E=3C=2B=1", "from a damaged index");
		is_told(x, s, 'J', "x", "I=8E=3C=2B=1", "on");
		is_told(x, s, 'J', "x", "I=8E=3C=2B=1", "again");
		is_int(x->reported, 0, "the index is whole again");
	}
	forget(x);
	is_int(sample_run(x->dir, "echo >.git/ellwand"), 0, "a file stands in the folder's place");
	check_all(x, s, "with no index");
	sample_run(x->dir, "rm .git/ellwand");
}

/* What is left of an index is not the whole of it. */
static void
test_half(struct fixture *x, const struct story *s)
{
	forget(x);
	is_told(x, s, 'C', "x", "C=2B=1", "fresh");
	is_told(x, s, 'J', "x", "I=8E=3C=2B=1", "on");
	is_int(sample_run(x->dir, "cd .git/ellwand && test -e history-000002.run && "
		"chmod u+w history-000001.run && printf '\\377' | "
		"dd of=history-000001.run bs=1 seek=170 conv=notrunc"), 0, "the older is damaged");
	is_told(x, s, 'K', "x", "I=8E=3C=2B=1", "from half an index");
	is_told(x, s, 'K', "y", "J=9D=2B=1", "again");
	is_int(x->reported, 0, "the index is whole again");
	check_all(x, s, "after half an index");
	forget(x);
	is_told(x, s, 'C', "x", "C=2B=1", "fresh");
	is_told(x, s, 'J', "x", "I=8E=3C=2B=1", "on");
	is_int(sample_run(x->dir, "rm .git/ellwand/history-000001.run"), 0, "the older is gone");
	is_told(x, s, 'J', "x", "I=8E=3C=2B=1", "from half an index");
	check_all(x, s, "after half an index");
}

static void
test_refusals(struct fixture *x, const struct story *s)
{
	struct story none = { { { { 0 } } } };

	is_told(x, &none, 'A', "x", "", "no commit at all");
	memset(none.c[0].b, 0x11, 20);
	is_told(x, &none, 'A', "x", "object 1111111111111111111111111111111111111111 is missing; "
		"fetch the store again, or restore it from a copy", "no such commit");
	forget(x);
	x->allowed = 5;
	is_told(x, s, 'J', "x", "read history: interrupted; nothing was written", "stopped");
	x->allowed = 0;
	is_told(x, s, 'J', "x", "I=8E=3C=2B=1", "then asked again");
}

int
main(void)
{
	struct fixture x = { .time = 1700000000 };
	struct story s;
	struct ew_err err = { 0 };

	if (!sample_dir(x.dir))
		return 1;
	must(ew_repo_init(x.dir, &err), &err);
	must(ew_repo_open(&x.repo, x.dir, &err), &err);
	make_story(&s, &x);
	test_growing(&x, &s);
	test_branches(&x, &s);
	test_damage(&x, &s);
	test_half(&x, &s);
	test_refusals(&x, &s);
	ew_repo_free(x.repo);
	sample_remove_dir(x.dir);
	return tap_done();
}
