/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Assets: the JSON Schemas, import presets and git hooks that the library carries with
 * it, compiled in from schemas/, maps/ and hooks/.
 */
#ifndef EW_CODEC_ASSETS_H
#define EW_CODEC_ASSETS_H

#include "base/str.h"

struct ew_asset {
	struct ew_str path;  /* as in the source tree, "schemas/label.json" */
	struct ew_str bytes;
};

#define EW_ASSET(path, bytes) { EW_LIT_INIT(path), EW_LIT_INIT(bytes) }

/* Ends with an entry whose path is absent. */
extern const struct ew_asset ew_assets[];

/* The bytes of one asset, absent if there is none of that path. */
struct ew_str ew_asset(const char *path);

#endif
