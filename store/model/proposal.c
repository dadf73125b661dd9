/* SPDX-License-Identifier: Apache-2.0 */
#include "model/proposal.h"

#include "codec/jsonw.h"
#include "model/record.h"

#include <string.h>

static const char schema[] = "proposal/1";

static enum ew_code
keep(struct ew_str *out, const struct ew_json *text, struct ew_arena *arena, struct ew_err *err)
{
	*out = (struct ew_str){ NULL, 0 };
	if (!text)
		return EW_OK;
	*out = ew_arena_str(arena, ew_json_text(text));
	return out->p ? EW_OK : ew_fail_nomem(err);
}

static enum ew_code
read_cosigns(struct ew_proposal *out, const struct ew_json *list, struct ew_arena *arena,
	struct ew_err *err)
{
	enum ew_code rc = EW_OK;

	for (const struct ew_json *e = ew_json_first(list); e && rc == EW_OK; e = ew_json_next(e)) {
		if (ew_json_type(e) != EW_JSON_STRING || out->cosigns == EW_COSIGNS_MAX)
			return ew_fail(err, EW_REFUSED, "cosigned is no list of up to 15 signatures");
		rc = keep(&out->cosign[out->cosigns++], e, arena, err);
	}
	return rc;
}

static enum ew_code
read_proposal(struct ew_proposal *out, const struct ew_json *doc, struct ew_arena *arena,
	struct ew_err *err)
{
	enum { COSIGNED, MESSAGE, PARENT, POLICY, SCHEMA, SIGNERS, COUNT };
	static const struct ew_member want[COUNT] = {
		[COSIGNED] = { "cosigned", EW_JSON_ARRAY, true },
		[MESSAGE] = { "message", EW_JSON_STRING, true },
		[PARENT] = { "parent", EW_JSON_STRING, true },
		[POLICY] = { "policy", EW_JSON_STRING, false },
		[SCHEMA] = { "schema", EW_JSON_STRING, true },
		[SIGNERS] = { "signers", EW_JSON_STRING, false },
	};
	const struct ew_json *got[COUNT];
	struct ew_oid parent;
	enum ew_code rc = ew_record_take(got, doc, want, COUNT, err);

	if (rc != EW_OK)
		return rc;
	if (!ew_str_is(ew_json_text(got[SCHEMA]), schema))
		return ew_fail(err, EW_REFUSED, "its schema is not %s", schema);
	if (!ew_unhex(parent.b, sizeof parent.b, ew_json_text(got[PARENT])))
		return ew_fail(err, EW_REFUSED, "parent is no commit's id");
	if ((rc = keep(&out->message, got[MESSAGE], arena, err)) != EW_OK ||
	    (rc = keep(&out->parent, got[PARENT], arena, err)) != EW_OK ||
	    (rc = keep(&out->policy, got[POLICY], arena, err)) != EW_OK ||
	    (rc = keep(&out->signers, got[SIGNERS], arena, err)) != EW_OK)
		return rc;
	return read_cosigns(out, got[COSIGNED], arena, err);
}

enum ew_code
ew_proposal_parse(struct ew_proposal *out, struct ew_arena *arena, struct ew_str bytes,
	struct ew_err *err)
{
	struct ew_json *doc = NULL;
	enum ew_code rc;

	*out = (struct ew_proposal){ .cosigns = 0 };
	if (bytes.len > EW_PROPOSAL_MAX)
		return ew_fail(err, EW_REFUSED, "proposal: it is larger than 4 MiB");
	if ((rc = ew_json_parse(&doc, bytes, EW_JSON_INTEGERS, err)) == EW_OK)
		rc = read_proposal(out, doc, arena, err);
	ew_json_free(doc);
	return rc == EW_OK ? EW_OK : ew_fail_at(err, "proposal");
}

void
ew_proposal_write(struct ew_buf *out, const struct ew_proposal *p)
{
	struct ew_jsonw w;

	ew_jsonw_init_canonical(&w, out);
	ew_jsonw_object(&w);
	ew_jsonw_name(&w, EW_LIT("cosigned"));
	ew_jsonw_array(&w);
	for (size_t i = 0; i < p->cosigns; i++)
		ew_jsonw_str(&w, p->cosign[i]);
	ew_jsonw_end(&w);
	ew_jsonw_str_at(&w, "message", p->message);
	ew_jsonw_str_at(&w, "parent", p->parent);
	if (p->policy.p)
		ew_jsonw_str_at(&w, "policy", p->policy);
	ew_jsonw_str_at(&w, "schema", ew_str(schema));
	if (p->signers.p)
		ew_jsonw_str_at(&w, "signers", p->signers);
	ew_jsonw_end(&w);
	ew_jsonw_finish(&w);
	ew_buf_addc(out, '\n');
}

enum ew_code
ew_proposal_add(struct ew_proposal *p, struct ew_str value, struct ew_err *err)
{
	size_t at = 0;

	if (p->cosigns == EW_COSIGNS_MAX)
		return ew_fail(err, EW_REFUSED, "proposal: it has 15 co-signatures already");
	while (at < p->cosigns && ew_str_cmp(p->cosign[at], value) < 0)
		at++;
	memmove(p->cosign + at + 1, p->cosign + at, (p->cosigns - at) * sizeof *p->cosign);
	p->cosign[at] = value;
	p->cosigns++;
	return EW_OK;
}
