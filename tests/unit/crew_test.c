/* SPDX-License-Identifier: Apache-2.0 */
#include "base/crew.h"
#include "tests/lib/tap.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

enum { JOBS = 1000, ROOM = 5, WAIT_S = 20 };

/* What one hand works with. */
struct tool {
	atomic_int users; /* at this moment */
	int done;
	pthread_t thread; /* of the last job */
};

struct job {
	int number, result;
	bool fails;
};

static atomic_int shared_use;

static enum ew_code
square(void *user, void *work, struct ew_err *err)
{
	struct tool *t = user;
	struct job *j = work;

	if (atomic_fetch_add(&t->users, 1) != 0)
		atomic_fetch_add(&shared_use, 1);
	/* So that jobs end in another order than they began in. */
	if (j->number % 7 == 0)
		nanosleep(&(struct timespec){ .tv_nsec = 200000 }, NULL);
	j->result = j->number * j->number;
	t->thread = pthread_self();
	t->done++;
	atomic_fetch_sub(&t->users, 1);
	return j->fails ? ew_fail(err, EW_REFUSED, "job %d", j->number) : EW_OK;
}

static struct ew_crew *
crew_of(size_t hands, struct tool *tool, ew_crew_fn *fn)
{
	void *tools[EW_CREW_MOST];
	struct ew_err err = { 0 };
	struct ew_crew *c;

	for (size_t i = 0; i < hands; i++)
		tools[i] = &tool[i];
	ok(ew_crew_open(&c, hands, ROOM, fn, tools, &err) == EW_OK, "opens with %zu hands", hands);
	return c;
}

static void
test_order(size_t hands)
{
	struct tool tool[EW_CREW_MOST] = { 0 };
	struct ew_crew *c = crew_of(hands, tool, square);
	struct job job[ROOM];
	struct ew_err err = { 0 };
	int given = 0, taken = 0, wrong = 0, done = 0, most = 0;
	void *out;

	while (taken < JOBS) {
		for (; given < JOBS && ew_crew_has_room(c); given++) {
			job[given % ROOM] = (struct job){ .number = given };
			ew_crew_give(c, &job[given % ROOM]);
		}
		most = given - taken > most ? given - taken : most;
		if (ew_crew_take(&out, c, &err) != EW_OK || out != &job[taken % ROOM] ||
		    job[taken % ROOM].result != taken * taken)
			wrong++;
		taken++;
	}
	is_int(wrong, 0, "%zu hands: every job is done and taken in the order of giving", hands);
	is_int(most, ROOM, "as many are under way as there is room for");
	ok(ew_crew_take(&out, c, &err) == EW_OK && !out, "then there is none");
	ew_crew_free(c);
	for (size_t i = 0; i < hands; i++)
		done += tool[i].done;
	is_int(done, JOBS, "each job was done once");
	is_int(atomic_load(&shared_use), 0, "no tool had two users at once");
}

static void
test_alone(void)
{
	struct tool tool = { 0 };
	struct ew_crew *c = crew_of(1, &tool, square);
	struct job job = { .number = 3 };
	struct ew_err err = { 0 };
	void *out;

	ew_crew_give(c, &job);
	ok(ew_crew_take(&out, c, &err) == EW_OK && job.result == 9, "one hand does a job");
	ok(pthread_equal(tool.thread, pthread_self()), "and it is the caller's");
	ew_crew_free(c);
}

static void
test_failure(void)
{
	struct tool tool[3] = { 0 };
	struct ew_crew *c = crew_of(3, tool, square);
	struct job job[4] = { { .number = 0 }, { .number = 7, .fails = true }, { .number = 2, .fails = true },
		{ .number = 3 } };
	struct ew_err first = { 0 }, second = { 0 }, third = { 0 };
	void *out;

	for (int i = 0; i < 4; i++)
		ew_crew_give(c, &job[i]);
	ok(ew_crew_take(&out, c, &first) == EW_OK && first.code == EW_OK, "a job before one that fails is good");
	is_int(ew_crew_take(&out, c, &first), EW_REFUSED, "the failure of the oldest comes first");
	is_str(ew_str(first.msg), "job 7", "in its own words");
	ok(out == &job[1], "with its job");
	is_int(ew_crew_take(&out, c, &second), EW_REFUSED, "then that of the next");
	is_str(ew_str(second.msg), "job 2", "in its words");
	ok(ew_crew_take(&out, c, &third) == EW_OK && job[3].result == 9, "those after it are good again");
	ew_crew_free(c);
}

static void
test_left(void)
{
	struct tool tool[2] = { 0 };
	struct ew_crew *c = crew_of(2, tool, square);
	struct job job[ROOM] = { { .number = 1 }, { .number = 7 }, { .number = 14 } };

	for (int i = 0; i < ROOM; i++)
		ew_crew_give(c, &job[i]);
	ok(!ew_crew_has_room(c), "it is full");
	ew_crew_free(c);
	ok(tool[0].done + tool[1].done <= ROOM, "freed with jobs under way, it ends");
	ew_crew_free(NULL);
}

/* Two jobs that end only when both have begun. */
struct meeting {
	pthread_mutex_t mutex;
	pthread_cond_t change;
	int here;
};

static enum ew_code
meet(void *user, void *job, struct ew_err *err)
{
	struct meeting *m = job;
	struct timespec until;
	int late = 0;

	(void)user;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += WAIT_S;
	pthread_mutex_lock(&m->mutex);
	m->here++;
	pthread_cond_broadcast(&m->change);
	while (m->here < 2 && late == 0)
		late = pthread_cond_timedwait(&m->change, &m->mutex, &until);
	pthread_mutex_unlock(&m->mutex);
	return late ? ew_fail(err, EW_REFUSED, "nobody else came") : EW_OK;
}

static void
test_side_by_side(void)
{
	struct tool tool[2] = { 0 };
	struct ew_crew *c = crew_of(2, tool, meet);
	struct meeting m = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0 };
	struct ew_err err = { 0 };
	void *out;

	ew_crew_give(c, &m);
	ew_crew_give(c, &m);
	ok(ew_crew_take(&out, c, &err) == EW_OK && ew_crew_take(&out, c, &err) == EW_OK,
		"two hands work at the same time");
	ew_crew_free(c);
}

int
main(void)
{
	ok(ew_crew_hands() >= 1 && ew_crew_hands() <= EW_CREW_MOST, "a machine has hands");
	test_order(1);
	test_order(2);
	test_order(EW_CREW_MOST);
	test_alone();
	test_failure();
	test_left();
	test_side_by_side();
	return tap_done();
}
