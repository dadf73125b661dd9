#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The library and python3-jsonschema have one opinion of every document.
cd "$(dirname "$0")/../.." &&
	exec tests/interop/schema_agree.py "${TEST_BUILD:-build}/tools/schema_verdict"
