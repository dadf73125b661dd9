/* SPDX-License-Identifier: Apache-2.0 */
#include "base/crew.h"

#include "base/thread.h"

#include <assert.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>

/* A job under way. */
struct place {
	void *job;
	bool done;
	struct ew_err err;
};

/* A thread, and what it works with. */
struct hand {
	struct ew_crew *crew;
	void *tool;
	pthread_t thread;
};

struct ew_crew {
	ew_crew_fn *fn;
	size_t room;
	size_t threads; /* hands but for the caller */
	struct hand hand[EW_CREW_MOST];

	/* Under the mutex.  Jobs are counted from the first; the i-th has place[i % room]. */
	pthread_mutex_t mutex;
	pthread_cond_t change;
	uint64_t given, begun, taken;
	bool end;
	struct place place[];
};

size_t
ew_crew_hands(void)
{
	cpu_set_t set;
	size_t n = EW_CREW_MOST;

	/* It fails where there are more processors than a set can hold. */
	if (sched_getaffinity(0, sizeof set, &set) == 0)
		n = (size_t)CPU_COUNT(&set);
	return n < 1 ? 1 : n > EW_CREW_MOST ? EW_CREW_MOST : n;
}

/* Do the next job; the mutex is held, but not meanwhile. */
static void
work(struct ew_crew *c, void *tool)
{
	struct place *p = &c->place[c->begun++ % c->room];

	pthread_mutex_unlock(&c->mutex);
	/* What it returns stands in the error too. */
	p->err.code = c->fn(tool, p->job, &p->err);
	pthread_mutex_lock(&c->mutex);
	p->done = true;
	pthread_cond_broadcast(&c->change);
}

static void *
run(void *hand)
{
	struct hand *h = hand;
	struct ew_crew *c = h->crew;

	pthread_mutex_lock(&c->mutex);
	while (!c->end) {
		if (c->begun < c->given)
			work(c, h->tool);
		else
			pthread_cond_wait(&c->change, &c->mutex);
	}
	pthread_mutex_unlock(&c->mutex);
	return NULL;
}

enum ew_code
ew_crew_open(struct ew_crew **out, size_t hands, size_t room, ew_crew_fn *fn, void *const *tool,
	struct ew_err *err)
{
	struct ew_crew *c = calloc(1, sizeof *c + room * sizeof c->place[0]);

	assert(room > 0 && hands > 0 && hands <= EW_CREW_MOST);
	*out = c;
	if (!c)
		return ew_fail_nomem(err);
	c->fn = fn;
	c->room = room;
	pthread_mutex_init(&c->mutex, NULL);
	pthread_cond_init(&c->change, NULL);
	for (size_t i = 0; i < hands; i++)
		c->hand[i] = (struct hand){ .crew = c, .tool = tool[i] };
	while (c->threads + 1 < hands) {
		struct hand *h = &c->hand[c->threads + 1];

		if (!ew_thread_start(&h->thread, run, h))
			break;
		c->threads++;
	}
	return EW_OK;
}

void
ew_crew_free(struct ew_crew *c)
{
	if (!c)
		return;
	pthread_mutex_lock(&c->mutex);
	c->end = true;
	pthread_cond_broadcast(&c->change);
	pthread_mutex_unlock(&c->mutex);
	for (size_t i = 1; i <= c->threads; i++)
		pthread_join(c->hand[i].thread, NULL);
	pthread_cond_destroy(&c->change);
	pthread_mutex_destroy(&c->mutex);
	free(c);
}

bool
ew_crew_has_room(const struct ew_crew *c)
{
	/* Only the caller changes these two. */
	return c->given - c->taken < c->room;
}

void
ew_crew_give(struct ew_crew *c, void *job)
{
	struct place *p = &c->place[c->given % c->room];

	assert(ew_crew_has_room(c));
	p->job = job;
	p->done = false;
	ew_err_clear(&p->err);
	pthread_mutex_lock(&c->mutex);
	c->given++;
	pthread_cond_broadcast(&c->change);
	pthread_mutex_unlock(&c->mutex);
}

enum ew_code
ew_crew_take(void **job, struct ew_crew *c, struct ew_err *err)
{
	struct place *p = &c->place[c->taken % c->room];

	*job = NULL;
	if (c->taken == c->given)
		return EW_OK;
	pthread_mutex_lock(&c->mutex);
	while (!p->done) {
		if (c->begun < c->given)
			work(c, c->hand[0].tool);
		else
			pthread_cond_wait(&c->change, &c->mutex);
	}
	pthread_mutex_unlock(&c->mutex);
	c->taken++;
	*job = p->job;
	return p->err.code == EW_OK ? EW_OK : ew_fail(err, p->err.code, "%s", p->err.msg);
}
