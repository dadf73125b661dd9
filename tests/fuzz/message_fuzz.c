/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages.  The first byte says what the rest is: a commit's message or a
 * release's, which is written as it was when it is accepted; or a subject and a
 * text of a user, parted by a NUL, which come out of a message as they went in.
 */
#include "codec/json.h"
#include "model/event.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool good, const char *what)
{
	if (!good) {
		fprintf(stderr, "message_fuzz: not so: %s\n", what);
		abort();
	}
}

/* A refusal says why, on one line; an acceptance says nothing. */
static bool
accepted(enum ew_code rc, const struct ew_err *err)
{
	must(rc == EW_OK || rc == EW_REFUSED, "accepted or refused");
	must(err->code == rc && (rc == EW_OK) == (err->msg[0] == '\0'), "with a reason");
	return rc == EW_OK;
}

static void
fuzz_commit(struct ew_str bytes)
{
	struct ew_message m;
	struct ew_buf out = { 0 };
	struct ew_err err = { 0 };

	if (!accepted(ew_message_parse(&m, bytes, &err), &err))
		return;
	ew_message_write(&out, &m);
	must(ew_str_eq(ew_buf_str(&out), bytes), "a commit's message is written as it was");
	ew_buf_release(&out);
}

static void
fuzz_release(struct ew_str bytes)
{
	struct ew_arena arena = { 0 };
	struct ew_release_note n;
	struct ew_buf out = { 0 };
	struct ew_err err = { 0 };

	if (accepted(ew_release_parse(&n, &arena, bytes, &err), &err)) {
		ew_release_write(&out, &n);
		must(ew_str_eq(ew_buf_str(&out), bytes),
			"a release's message is written as it was");
	}
	ew_buf_release(&out);
	ew_arena_release(&arena);
}

/* Whatever a user writes, the trailers read are those written. */
static void
check_trailers(const struct ew_message *in, const struct ew_message *out)
{
	must(ew_str_eq(out->text, in->text) && !out->text.p == (in->text.len == 0),
		"the same text");
	must(out->event == in->event, "the same event");
	must(ew_str_eq(out->label, in->label), "the same label");
	must(!out->cause.p && !out->source.p, "nothing that was not said");
	must(ew_str_eq(out->dataset, in->dataset) && ew_str_eq(out->ref, in->ref),
		"the same store");
}

static void
fuzz_user(struct ew_str bytes)
{
	struct ew_message in = { .event = EW_RELABEL, .label = EW_LIT("2/pmc-1"),
		.dataset = EW_LIT("01234567-89ab-4def-8123-456789abcdef"),
		.ref = EW_LIT("refs/heads/main") };
	struct ew_message out, again;
	struct ew_arena arena = { 0 };
	struct ew_buf first = { 0 }, second = { 0 };
	struct ew_err err = { 0 };

	in.subject = ew_str_cut(&bytes, '\0');
	if (ew_utf8_ok(in.subject) &&
		accepted(ew_message_text(&in.text, &arena, bytes, &err), &err)) {
		ew_message_write(&first, &in);
		must(ew_message_parse(&out, ew_buf_str(&first), &err) == EW_OK,
			"what is written is read");
		check_trailers(&in, &out);
		ew_message_write(&second, &out);
		must(ew_str_eq(ew_buf_str(&first), ew_buf_str(&second)),
			"and written the same again");
		must(ew_message_text(&again.text, &arena, in.text, &err) == EW_OK &&
			ew_str_eq(again.text, in.text), "a text once made fit stays");
	}
	ew_buf_release(&first);
	ew_buf_release(&second);
	ew_arena_release(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ew_str rest;

	if (size == 0)
		return 0;
	rest = ew_str_n(data + 1, size - 1);
	switch (data[0] % 3) {
	case 0:
		fuzz_commit(rest);
		break;
	case 1:
		fuzz_release(rest);
		break;
	default:
		fuzz_user(rest);
	}
	return 0;
}
