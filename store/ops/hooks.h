/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hooks: the scripts by which git asks this program, in a repository's hooks folder, and
 * what else a server's git has to be told.
 */
#ifndef EW_OPS_HOOKS_H
#define EW_OPS_HOOKS_H

#include "ops/store.h"

/*
 * Install those of a server, or those of a copy from which people push.  A hook that is
 * somebody else's is EW_REFUSED, unless `force`; nothing is installed then.  The names of
 * what was installed go to `names`, blanks between.
 */
EW_MUST_USE enum ew_code ew_hooks_install(struct ew_buf *names, struct ew_store *, bool server,
	bool force, struct ew_err *err);
/* Make what references and objects hold durable: after git has moved a reference. */
EW_MUST_USE enum ew_code ew_hooks_sync(struct ew_store *, struct ew_err *err);

#endif
