/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The policy of a new store, what a policy allows, what is refused; and that parser
 * and schema agree on all examples of policies and manifests.
 */
#include "base/file.h"
#include "codec/schema.h"
#include "model/manifest.h"
#include "model/policy.h"
#include "tests/lib/tap.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEP                                                                                       \
	"{\"extended\":\"minor\",\"identical\":\"none\",\"score-affecting\":\"major\",\"score-compatible\":\"patch\"}"
#define ONES "{\"keys\":1,\"policy\":1,\"release\":1}"
#define WITH(people, roles, step, thresholds, uses, version)                                       \
	"{\"people\":" people ",\"roles\":" roles ",\"schema\":\"policy/1\",\"step\":" step        \
	",\"thresholds\":" thresholds ",\"uses\":" uses ",\"version\":" version "}"

static struct ew_policy *
parsed(struct ew_arena *a, struct ew_str bytes)
{
	struct ew_policy *p;
	struct ew_err err = { 0 };

	if (ew_policy_parse(&p, a, bytes, &err) == EW_OK)
		return p;
	ok(false, "the test's own policy is read");
	printf("# %s\n", err.msg);
	exit(tap_done());
}

static void
test_words(void)
{
	enum ew_use use;

	for (unsigned i = 0; i < 3; i++)
		ok(ew_use_read(&use, ew_str(ew_use_word((enum ew_use)i))) && use == i,
			"%s reads as itself", ew_use_word((enum ew_use)i));
	ok(!ew_use_read(&use, EW_LIT("resale")), "another word is no use");
}

static void
test_first(struct ew_arena *a)
{
	static const char want[] = WITH(
		"{\"ada@example.org\":[\"maintainer\",\"release\",\"root\"]}",
		"{\"adjudicator\":[\"adjudicate\"],\"auditor\":[\"audit\",\"recompute\"],"
		"\"labeller\":[\"relabel\",\"rebind\",\"abstain\",\"disambiguate\"],"
		"\"maintainer\":[\"import\",\"relabel\",\"rebind\",\"abstain\",\"disambiguate\",\"withdraw\","
		"\"audit\",\"recompute\",\"merge\",\"revert\",\"reshard\"],\"release\":[],"
		"\"root\":[\"policy\",\"keys\",\"init\",\"reshard\"]}",
		STEP, ONES,
		"{\"*\":[\"evaluation\"],\"train\":[\"evaluation\",\"training\",\"reward\"]}", "1");
	static const enum ew_step steps[] = { EW_STEP_NONE, EW_STEP_PATCH, EW_STEP_MINOR,
		EW_STEP_MAJOR };
	struct ew_str ada = EW_LIT("ada@example.org"), bob = EW_LIT("bob@example.org");
	struct ew_buf out = { 0 };
	struct ew_policy *p;

	ew_policy_write_first(&out, ada);
	is_str(ew_buf_str(&out), want, "the first policy");
	p = parsed(a, ew_buf_str(&out));
	ew_buf_release(&out);
	for (unsigned e = EW_INIT; e <= EW_RESHARD; e++) {
		ok(ew_policy_allows(p, ada, (enum ew_event)e) == (e != EW_ADJUDICATE),
			"the founder: %s", ew_event_word((enum ew_event)e));
		ok(!ew_policy_allows(p, bob, (enum ew_event)e), "nobody else: %s",
			ew_event_word((enum ew_event)e));
	}
	for (unsigned l = 0; l < 4; l++)
		is_int(p->step[l], steps[l], "step for %s",
			ew_level_word((enum ew_level)l));
	for (unsigned u = 0; u < 3; u++) {
		ok(ew_policy_use(p, EW_LIT("train"), (enum ew_use)u), "train: %s",
			ew_use_word((enum ew_use)u));
		ok(ew_policy_use(p, EW_LIT("test"), (enum ew_use)u) == (u == EW_EVALUATION),
			"test: %s", ew_use_word((enum ew_use)u));
	}
	is_int(p->version, 1, "version 1");
	for (unsigned t = 0; t < 3; t++)
		is_int(p->threshold[t], 1, "one signature is enough");
	ok(ew_policy_has_role(p, ada, EW_LIT("release")) &&
			ew_policy_has_role(p, ada, EW_LIT("root")) &&
			ew_policy_has_role(p, ada, EW_LIT("maintainer")),
		"the founder's roles");
	ok(!ew_policy_has_role(p, ada, EW_LIT("auditor")), "and no others");
	ok(!ew_policy_has_role(p, bob, EW_LIT("release")), "nobody else has one");
}

static void
test_questions(struct ew_arena *a)
{
	struct ew_policy *p = parsed(
		a, EW_LIT(WITH("{\"a@b\":[\"x\",\"y\"],\"c@d\":[]}",
			   "{\"x\":[\"audit\"],\"y\":[\"import\",\"import\"],\"z\":[\"keys\"]}",
			   STEP, "{\"keys\":2,\"policy\":3,\"release\":4}",
			   "{\"test\":[],\"train\":[\"reward\"]}", "7")));
	struct ew_str ab = EW_LIT("a@b");

	ok(ew_policy_allows(p, ab, EW_AUDIT) && ew_policy_allows(p, ab, EW_IMPORT), "roles add up");
	ok(!ew_policy_allows(p, ab, EW_KEYS), "to no more than they say");
	ok(!ew_policy_allows(p, EW_LIT("c@d"), EW_AUDIT), "a person without roles may nothing");
	ok(!ew_policy_allows(p, EW_LIT("A@b"), EW_AUDIT),
		"a principal is compared letter for letter");
	ok(!ew_policy_allows(p, (struct ew_str){ NULL, 0 }, EW_AUDIT), "nobody may nothing");
	is_int(p->threshold[EW_THRESHOLD_KEYS], 2, "threshold for keys");
	is_int(p->threshold[EW_THRESHOLD_POLICY], 3, "threshold for the policy");
	is_int(p->threshold[EW_THRESHOLD_RELEASE], 4, "threshold for a release");
	is_int(p->version, 7, "version");
	ok(ew_policy_use(p, EW_LIT("train"), EW_REWARD) &&
			!ew_policy_use(p, EW_LIT("train"), EW_EVALUATION),
		"uses are those named");
	ok(!ew_policy_use(p, EW_LIT("test"), EW_EVALUATION), "none for an empty list");
	ok(!ew_policy_use(p, EW_LIT("dev"), EW_EVALUATION),
		"none for a split not named where * is not");
}

#define KEY "SHA256:0123456789012345678901234567890123456789012"
#define ID "0123456789012345678901234567890123456789"
#define FULL(revoked, roles, separate)                                                             \
	"{\"people\":{\"a@b\":[\"x\",\"y\"]},\"revoked\":" revoked ",\"roles\":" roles ",\"schema\":\"policy/1\"," \
	"\"separate\":" separate ",\"step\":" STEP ",\"thresholds\":" ONES ",\"uses\":{},\"version\":1}"
#define ROLES                                                                                      \
	"{\"x\":{\"attributes\":{\"field\":[\"heart\",\"kidney\"],\"form\":[\"1\"]},\"events\":[\"relabel\"]}," \
	"\"y\":{\"events\":[\"abstain\",\"relabel\"],\"splits\":[\"train\"]},\"z\":[\"audit\"]}"
#define REVOKED "{\"" KEY "\":{\"reason\":\"lost\",\"through\":\"" ID "\",\"vouched\":[\"" ID "\"]}}"

static void
test_limits(struct ew_arena *a)
{
	static const char text[] = FULL(REVOKED, ROLES, "[[\"x\",\"z\"],[\"y\",\"z\"]]");
	const struct ew_str ab = EW_LIT("a@b"), test = EW_LIT("test"), train = EW_LIT("train");
	const struct ew_str kidney = EW_LIT("{\"field\":\"kidney\",\"form\":\"1\"}");
	const struct ew_str none = { NULL, 0 };
	struct ew_policy *p = parsed(a, ew_str(text));
	const struct ew_policy_revoked *r = ew_policy_revoked(p, EW_LIT(KEY));
	struct ew_buf written = { 0 };

	ew_policy_write(&written, p);
	is_str(ew_buf_str(&written), text, "is written as it was read");
	ew_buf_release(&written);
	ok(ew_policy_allows(p, ab, EW_RELABEL) && !ew_policy_allows_everywhere(p, ab, EW_RELABEL),
		"a role with limits allows somewhere");
	ok(ew_policy_allows_at(p, ab, EW_RELABEL, test, kidney), "where every attribute fits");
	ok(!ew_policy_allows_at(p, ab, EW_RELABEL, test, EW_LIT("{\"field\":\"kidney\"}")), "not where one is missing");
	ok(!ew_policy_allows_at(p, ab, EW_RELABEL, test, EW_LIT("{\"field\":\"lung\",\"form\":\"1\"}")),
		"nor has another value");
	ok(!ew_policy_allows_at(p, ab, EW_RELABEL, test, EW_LIT("{\"field\":\"heart\",\"form\":1}")),
		"nor one that is no text");
	ok(!ew_policy_allows_at(p, ab, EW_RELABEL, test, none), "nor where there are none");
	ok(ew_policy_allows_at(p, ab, EW_RELABEL, train, none), "roles add up here as well");
	ok(ew_policy_allows_at(p, ab, EW_ABSTAIN, train, kidney) &&
			!ew_policy_allows_at(p, ab, EW_ABSTAIN, test, kidney),
		"a split is a limit");
	ok(!ew_policy_allows_at(p, EW_LIT("c@d"), EW_RELABEL, train, kidney), "for nobody else");
	ok(r && ew_str_is(r->through, ID) && r->vouches == 1 && ew_str_is(r->reason, "lost"), "a key is revoked");
	ok(!ew_policy_revoked(p, EW_LIT("SHA256:other")), "no other one is");
}

static void
refuse(struct ew_arena *a, const char *text, const char *msg)
{
	struct ew_policy *p;
	struct ew_err err = { 0 };

	is_int(ew_policy_parse(&p, a, ew_str(text), &err), EW_REFUSED, "refused: %.60s", text);
	ok(!p && strstr(err.msg, msg), "because '%s'", msg);
	if (!strstr(err.msg, msg))
		printf("# got: %s\n", err.msg);
}

static void
test_refusals(struct ew_arena *a)
{
	refuse(a, "", "policy: ");
	refuse(a, "{\"schema\":\"policy/2\"}", "schema");
	refuse(a, WITH("{}", "{}", STEP, ONES, "{}", "0"),
		"policy: version is below 1; begin with 1");
	refuse(a, WITH("{}", "{}", STEP, ONES, "{}", "1") " ", "canonical");
	refuse(a, WITH("{ }", "{}", STEP, ONES, "{}", "1"), "canonical");
	refuse(a, WITH("{\"a@b\":[\"root\"]}", "{\"r\":[]}", STEP, ONES, "{}", "1"),
		"policy: people: a@b: 'root' is not in roles; add it there");
	refuse(a, WITH("{\"a@b\":\"r\"}", "{\"r\":[]}", STEP, ONES, "{}", "1"),
		"policy: people: a@b must be an array");
	refuse(a, WITH("{\"*@b\":[]}", "{}", STEP, ONES, "{}", "1"),
		"policy: people: '*@b' is no e-mail; correct it");
	refuse(a, WITH("{}", "{\"r\":[\"delete\"]}", STEP, ONES, "{}", "1"),
		"policy: roles: r: 'delete' is no event; correct it");
	refuse(a, WITH("{}", "{\"r\":[1]}", STEP, ONES, "{}", "1"),
		"policy: roles: r: '' is no event");
	refuse(a, WITH("{}", "{\"\":[]}", STEP, ONES, "{}", "1"),
		"policy: roles: the name of a role is empty");
	refuse(a, WITH("{}", "{}", "{}", ONES, "{}", "1"), "policy: step: ");
	refuse(a,
		WITH("{}", "{}",
			"{\"extended\":\"huge\",\"identical\":\"none\",\"score-affecting\":\"major\","
			"\"score-compatible\":\"patch\"}",
			ONES, "{}", "1"),
		"policy: step: extended is not none, patch, minor or major; correct it");
	refuse(a, WITH("{}", "{}", STEP, "{\"keys\":0,\"policy\":1,\"release\":1}", "{}", "1"),
		"policy: thresholds: keys is below 1; raise it");
	refuse(a, WITH("{}", "{}", STEP, "{\"keys\":1,\"policy\":1}", "{}", "1"),
		"policy: thresholds: ");
	refuse(a, WITH("{}", "{}", STEP, ONES, "{\"Test\":[]}", "1"),
		"policy: uses: 'Test' is neither a split nor *; correct it");
	refuse(a, WITH("{}", "{}", STEP, ONES, "{\"*\":[\"resale\"]}", "1"),
		"policy: uses: *: 'resale' is no use; write evaluation, training or reward");
	refuse(a, FULL(REVOKED, ROLES, "[[\"x\",\"y\"]]"),
		"policy: separate: a@b has the roles x and y, which are to be apart; take one away");
	refuse(a, FULL(REVOKED, ROLES, "[]"), "policy: separate is empty; leave it out");
	refuse(a, FULL(REVOKED, ROLES, "[[\"x\"]]"), "policy: separate: an element is no list of two roles");
	refuse(a, FULL(REVOKED, ROLES, "[[\"z\",\"x\"]]"), "policy: separate: 'x' is twice, or out of order");
	refuse(a, FULL(REVOKED, ROLES, "[[\"x\",\"w\"]]"), "policy: separate: 'w' is not in roles");
	refuse(a, FULL("{}", ROLES, "[[\"x\",\"z\"]]"), "policy: revoked is empty; leave it out");
	refuse(a, FULL("{\"SHA256:x\":{}}", ROLES, "[[\"x\",\"z\"]]"), "policy: revoked: 'SHA256:x' is no fingerprint");
	refuse(a, FULL("{\"" KEY "\":{\"through\":\"HEAD\"}}", ROLES, "[[\"x\",\"z\"]]"),
		"policy: revoked: " KEY ": 'HEAD' is no commit's id; write all 40 digits");
	refuse(a, FULL("{\"" KEY "\":{\"vouched\":[]}}", ROLES, "[[\"x\",\"z\"]]"), "vouched is empty; leave it out");
	refuse(a, FULL(REVOKED, "{\"x\":{\"events\":[]},\"y\":[],\"z\":[]}", "[[\"x\",\"z\"]]"),
		"policy: roles: x: it is limited to nothing; write its events alone");
	refuse(a, FULL(REVOKED, "{\"x\":{\"events\":[],\"splits\":[]},\"y\":[],\"z\":[]}", "[[\"x\",\"z\"]]"),
		"policy: roles: x: splits is empty; leave it out");
	refuse(a, FULL(REVOKED, "{\"x\":{\"events\":[],\"splits\":[\"A\"]},\"y\":[],\"z\":[]}", "[[\"x\",\"z\"]]"),
		"policy: roles: x: 'A' is no split; correct it");
	refuse(a, FULL(REVOKED, "{\"x\":{\"attributes\":{\"f\":1},\"events\":[]},\"y\":[],\"z\":[]}", "[[\"x\",\"z\"]]"),
		"policy: roles: x: attributes: f must be an array");
	refuse(a, FULL(REVOKED, "{\"x\":1,\"y\":[],\"z\":[]}", "[[\"x\",\"z\"]]"),
		"policy: roles: x must be an array or an object");
}

/* What the parser of this kind of record says to the bytes. */
static bool
parser_accepts(bool policy, struct ew_str bytes)
{
	struct ew_arena a = { 0 };
	struct ew_err err = { 0 };
	struct ew_policy *p;
	struct ew_manifest m;
	enum ew_code rc = policy ? ew_policy_parse(&p, &a, bytes, &err)
				 : ew_manifest_parse(&m, &a, bytes, &err);

	ew_arena_release(&a);
	return rc == EW_OK;
}

static bool
schema_accepts(const struct ew_schema *schema, struct ew_str bytes)
{
	struct ew_json *doc = NULL;
	struct ew_err err = { 0 };
	bool good = ew_json_parse(&doc, bytes, EW_JSON_INTEGERS, &err) == EW_OK &&
		ew_schema_check(schema, doc, &err) == EW_OK;

	ew_json_free(doc);
	return good;
}

static void
test_examples(const char *kind, const char *verdict, bool good)
{
	char pattern[100];
	glob_t found;
	struct ew_schema *schema = NULL;
	struct ew_buf bytes = { 0 };
	struct ew_err err = { 0 };

	snprintf(pattern, sizeof pattern, "schemas/examples/%s/%s-*.json", verdict, kind);
	if (glob(pattern, 0, NULL, &found) != 0 ||
		ew_schema_shipped(&schema, kind, &err) != EW_OK) {
		ok(false, "%s: there are examples, run in the project's folder %s", pattern,
			err.msg);
		return;
	}
	for (size_t i = 0; i < found.gl_pathc; i++) {
		ew_buf_clear(&bytes);
		if (ew_file_read(&bytes, found.gl_pathv[i], 0, &err) != EW_OK)
			break;
		ok(schema_accepts(schema, ew_buf_str(&bytes)) == good, "schema: %s",
			found.gl_pathv[i]);
		ok(parser_accepts(strcmp(kind, "policy") == 0, ew_buf_str(&bytes)) == good,
			"parser: %s", found.gl_pathv[i]);
	}
	is_int(err.code, EW_OK, "all of %s were read", pattern);
	globfree(&found);
	ew_buf_release(&bytes);
	ew_schema_free(schema);
}

int
main(void)
{
	struct ew_arena arena = { 0 };

	test_words();
	test_first(&arena);
	test_questions(&arena);
	test_limits(&arena);
	test_refusals(&arena);
	test_examples("policy", "valid", true);
	test_examples("policy", "invalid", false);
	test_examples("manifest", "valid", true);
	test_examples("manifest", "invalid", false);
	ew_arena_release(&arena);
	return tap_done();
}
