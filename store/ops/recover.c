/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/recover.h"

#include "base/file.h"
#include "ops/context.h"
#include "repo/locks.h"

#include <time.h>
#include <unistd.h>

enum { LOCK_WAIT_MS = 1000 };

enum ew_code
ew_recover(struct ew_recovered *out, struct ew_store *s, struct ew_err *err)
{
	struct ew_buf path = { 0 };
	size_t temporaries = 0;
	int fd = -1;
	enum ew_code rc;

	*out = (struct ew_recovered){ 0 };
	ew_buf_addf(&path, "%s/ellwand.lock", ew_repo_path(s->repo));
	if ((rc = ew_buf_check(&path, err)) != EW_OK ||
	    (rc = ew_file_lock(&fd, path.p, LOCK_WAIT_MS, err)) != EW_OK)
		goto done;
	/* The age of a file is by the system's clock, whatever clock commits go by. */
	if ((rc = ew_stage_sweep(&temporaries, s->repo, err)) == EW_OK)
		rc = ew_locks_clear(&out->locks, s->repo, (int64_t)time(NULL), err);
	out->temporaries = temporaries;
done:
	if (fd >= 0)
		close(fd);
	ew_buf_release(&path);
	return rc;
}
