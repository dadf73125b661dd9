#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The demo runs to its end, and shows what it promises.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"

ok "the demo" env TMPDIR="$tmp" ELLWAND="$build/ellwand" sh "$root/examples/demo.sh"
is "says nothing on stderr but that the copy does not verify" \
	"$(cut -d: -f1,2 err)" "ellwand: does not verify"
text=$(cat out)
like "releases twice" "$text" '^Released v2\.0, number 2'
like "accepts the store" "$text" '^Good: v2\.0'
store=$(echo ellwand-demo.*/almanac)
must git -C "$store" fsck --strict --no-progress
is "its store is sound" "$(cat out err)" ""

# The table of classes in the example's README.
must ellwand -C "$store" diff v1.0 v2.0 --json
is "the example's README counts right" \
	"$(sed -n '/^| class | labels |/,/^$/p' "$root/examples/almanac/README.md" |
		sed -n 's/^| \([a-z-]*\) | \([0-9]*\) |$/"\1":\2/p' | paste -sd,)" \
	"$(grep -o '"counts":{[^}]*}' out | sed 's/.*{//; s/}//')"
finish
