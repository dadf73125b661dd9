/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/assets.h"

struct ew_str
ew_asset(const char *path)
{
	for (const struct ew_asset *a = ew_assets; a->path.p; a++)
		if (ew_str_is(a->path, path))
			return a->bytes;
	return (struct ew_str){ NULL, 0 };
}
