/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Crews: several hands that do jobs side by side, whose results are taken in the order in
 * which the jobs were given.  The caller is one of the hands: it works while the job that
 * it wants to take is not done, so a crew of one hand is a plain loop, and so is one for
 * which the system has no threads.
 *
 *	while (more or jobs under way) {
 *		while (more && ew_crew_has_room(crew))
 *			ew_crew_give(crew, a job that is free);
 *		rc = ew_crew_take(&job, crew, err);
 *	}
 *
 * A job belongs to the crew from give to take.  At most `room` are under way, so memory is
 * that of as many jobs.  The first failure that a caller sees is that of the oldest job.
 */
#ifndef EW_BASE_CREW_H
#define EW_BASE_CREW_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct ew_crew;

/* Does a job, maybe beside others; `tool` is what this hand alone works with. */
typedef enum ew_code ew_crew_fn(void *tool, void *job, struct ew_err *err);

enum { EW_CREW_MOST = 8 };

/* How many hands this machine has for a process: its processors, from 1 to EW_CREW_MOST. */
size_t ew_crew_hands(void);

/* A crew of `hands`, each with its own of tool[hands]; tool[0] is the caller's. */
EW_MUST_USE enum ew_code ew_crew_open(struct ew_crew **out, size_t hands, size_t room, ew_crew_fn *,
	void *const *tool, struct ew_err *err);
/* Jobs that nobody has begun are left; waits for the others. */
void ew_crew_free(struct ew_crew *);

/* Whether fewer than `room` jobs are under way. */
bool ew_crew_has_room(const struct ew_crew *);
/* Give a job, for which there must be room. */
void ew_crew_give(struct ew_crew *, void *job);
/* Take the oldest job when it is done, and what it returned; NULL and EW_OK when none is under way. */
EW_MUST_USE enum ew_code ew_crew_take(void **job, struct ew_crew *, struct ew_err *err);

#endif
