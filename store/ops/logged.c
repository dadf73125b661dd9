/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/logged.h"

#include "ops/part.h"

enum ew_code
ew_logged_read(struct ew_logged *out, struct ew_commit *commit, struct ew_store *s,
	const struct ew_oid *oid, struct ew_arena *arena, struct ew_err *err)
{
	enum ew_code rc;

	*out = (struct ew_logged){ .change = NULL };
	ew_hex(out->commit, oid->b, sizeof oid->b);
	if ((rc = ew_read_commit(commit, s, oid, arena, err)) != EW_OK)
		return rc;
	if ((rc = ew_message_parse(&out->message, commit->message, err)) != EW_OK) {
		ew_fail_at(err, "commit %s", out->commit);
		return rc;
	}
	out->author = commit->by.email;
	out->time = commit->by.time;
	return EW_OK;
}

void
ew_logged_write(struct ew_jsonw *w, const struct ew_logged *l)
{
	const struct ew_message *m = &l->message;

	ew_jsonw_str_at(w, "commit", ew_str(l->commit));
	ew_jsonw_str_at(w, "author", l->author);
	ew_part_time(w, l->time);
	ew_jsonw_str_at(w, "event", ew_str(ew_event_word(m->event)));
	ew_part_text(w, "label", m->label);
	ew_part_text(w, "cause", m->cause);
	ew_part_text(w, "source", m->source);
	ew_jsonw_str_at(w, "subject", m->subject);
	ew_part_text(w, "text", m->text);
	ew_part_pins(w, &m->records, &m->answers);
	ew_part_text(w, "release", l->release);
}

void
ew_logged_json(struct ew_buf *out, const struct ew_logged *l)
{
	struct ew_jsonw w;

	ew_jsonw_init(&w, out);
	ew_jsonw_object(&w);
	ew_jsonw_str_at(&w, "schema", EW_LIT("ellwand.log/1"));
	ew_logged_write(&w, l);
	if (l->change) {
		ew_jsonw_name(&w, EW_LIT("change"));
		ew_jsonw_object(&w);
		ew_diff_json_change(&w, l->change);
		ew_jsonw_end(&w);
	}
	ew_jsonw_end(&w);
	ew_jsonw_finish(&w);
	ew_buf_addc(out, '\n');
}
