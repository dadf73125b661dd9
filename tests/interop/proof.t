#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Proofs, good ones and thousands that are not, by a second verifier that knows nothing but
# the format's page, and by the library: one opinion.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/almanac.sh
. "$root/tests/lib/almanac.sh"

almanac two
must ssh-keygen -q -t ecdsa -N '' -f "$tmp/other"
must ellwand init one --name One --key "$tmp/other" --principal other@example.org
n=0
for id in a b c; do
	printf '{"id":"%s","value":"1"}\n' "$id" >one.jsonl
	must ellwand -C one import one.jsonl --split test --preset jsonl --key "$tmp/other" --principal other@example.org
	must ellwand -C one release "v1.$((n += 1))" --key "$tmp/other" --principal other@example.org
done
for store in one two; do
	must git -C $store cat-file blob HEAD:allowed_signers
	cp out $store/signers
done
test_finished=yes
/usr/bin/python3 "$root/tests/interop/proof.py" "$root/LABELS_FORMAT.md" "$build/ellwand" "$build/tools/proof_verdict" \
	"$tmp/one" "$tmp/two"
test_failed=$?
exit $test_failed
