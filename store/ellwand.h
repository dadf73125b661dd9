/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The public interface of libellwand, one header a noun.  A program includes this
 * file and no other.
 */
#ifndef ELLWAND_H
#define ELLWAND_H

#ifdef __cplusplus
extern "C" {
#endif

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/progress.h"
#include "base/str.h"
#include "codec/date.h"
#include "codec/display.h"
#include "codec/jsonw.h"
#include "codec/signers.h"
#include "model/change.h"
#include "model/event.h"
#include "model/instance.h"
#include "model/label.h"
#include "model/pin.h"
#include "model/policy.h"
#include "ops/changelog.h"
#include "ops/compat.h"
#include "ops/diff.h"
#include "ops/export.h"
#include "ops/fsck.h"
#include "ops/gate.h"
#include "ops/gc.h"
#include "ops/hooks.h"
#include "ops/import.h"
#include "ops/lock.h"
#include "ops/log.h"
#include "ops/pinned.h"
#include "ops/prove.h"
#include "ops/proven.h"
#include "ops/range.h"
#include "ops/reader.h"
#include "ops/recover.h"
#include "ops/release.h"
#include "ops/revise.h"
#include "ops/rulebook.h"
#include "ops/rules.h"
#include "ops/show.h"
#include "ops/status.h"
#include "ops/store.h"
#include "ops/verify.h"

#ifdef __cplusplus
}
#endif

#endif
