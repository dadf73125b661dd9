/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The policy, and the manifest, which begins with 'm' before its bytes.  What is
 * accepted is canonical and passes the shipped schema; a policy gives nobody else
 * anything; a manifest is written as it was.
 */
#include "codec/jsonw.h"
#include "codec/schema.h"
#include "model/manifest.h"
#include "model/policy.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool good, const char *what)
{
	if (!good) {
		fprintf(stderr, "policy_fuzz: not so: %s\n", what);
		abort();
	}
}

/* Canonical and valid. */
static void
check_record(const char *kind, struct ew_str bytes)
{
	struct ew_json *doc = NULL;
	struct ew_schema *schema = NULL;
	struct ew_buf out = { 0 };
	struct ew_err err = { 0 };

	must(ew_json_parse(&doc, bytes, EW_JSON_INTEGERS, &err) == EW_OK, "it is JSON");
	ew_json_canonical(&out, doc);
	must(ew_str_eq(ew_buf_str(&out), bytes), "it is canonical");
	must(ew_schema_shipped(&schema, kind, &err) == EW_OK, "the schema is there");
	must(ew_schema_check(schema, doc, &err) == EW_OK, "it passes the schema");
	ew_schema_free(schema);
	ew_buf_release(&out);
	ew_json_free(doc);
}

static void
check_policy(const struct ew_policy *p)
{
	struct ew_str nobody = EW_LIT("nobody");

	must(p->version >= 1, "a version");
	for (unsigned e = EW_INIT; e <= EW_RESHARD; e++)
		must(!ew_policy_allows(p, nobody, (enum ew_event)e), "nobody may do anything");
	must(!ew_policy_has_role(p, nobody, EW_LIT("root")), "nobody has a role");
	for (unsigned l = EW_IDENTICAL; l <= EW_SCORE_AFFECTING; l++)
		must(p->step[l] <= EW_STEP_MAJOR, "a step for each level");
	for (unsigned t = EW_THRESHOLD_KEYS; t <= EW_THRESHOLD_RELEASE; t++)
		must(p->threshold[t] >= 1, "at least one signature");
	for (unsigned u = EW_EVALUATION; u <= EW_REWARD; u++)
		must(ew_policy_use(p, EW_LIT("Unnamed"), (enum ew_use)u) ==
			ew_policy_use(p, EW_LIT("*"), (enum ew_use)u), "* is for splits not named");
}

static void
fuzz_policy(struct ew_str bytes, struct ew_arena *arena)
{
	struct ew_policy *p;
	struct ew_err err = { 0 };
	enum ew_code rc = ew_policy_parse(&p, arena, bytes, &err);

	must(rc == EW_OK || rc == EW_REFUSED, "accepted or refused");
	must((rc == EW_OK) == (err.msg[0] == '\0'), "a refusal has a reason");
	if (rc != EW_OK)
		return;
	check_policy(p);
	check_record("policy", bytes);
}

static void
fuzz_manifest(struct ew_str bytes, struct ew_arena *arena)
{
	struct ew_manifest m;
	struct ew_buf out = { 0 };
	struct ew_err err = { 0 };
	enum ew_code rc = ew_manifest_parse(&m, arena, bytes, &err);

	must(rc == EW_OK || rc == EW_REFUSED || rc == EW_UNSUPPORTED, "accepted or refused");
	must((rc == EW_OK) == (err.msg[0] == '\0'), "a refusal has a reason");
	if (rc != EW_OK)
		return;
	ew_manifest_write(&out, &m);
	must(ew_str_eq(ew_buf_str(&out), bytes), "a manifest is written as it was");
	ew_buf_release(&out);
	check_record("manifest", bytes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ew_arena arena = { 0 };
	struct ew_str bytes = ew_str_n(data, size);

	if (ew_str_starts(bytes, "m"))
		fuzz_manifest(ew_str_part(bytes, 1, size), &arena);
	else
		fuzz_policy(bytes, &arena);
	ew_arena_release(&arena);
	return 0;
}
