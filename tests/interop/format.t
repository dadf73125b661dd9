#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The vectors of the format's page, by a reader that knows nothing but that page.
cd "$(dirname "$0")/../.." && exec /usr/bin/python3 tests/interop/vectors.py LABELS_FORMAT.md
