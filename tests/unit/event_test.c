/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of commits and releases, versions; and that git finds the same trailers in them. */
#include "model/event.h"
#include "tests/lib/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define UUID "01234567-89ab-4def-8123-456789abcdef"
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
#define HEX40 "0123456789012345678901234567890123456789"
#define PINS "Ellwand-Records: ewr1:" ZEROS "\nEllwand-Answers: ewa1:" ZEROS "\n"
#define TAIL "Ellwand-Dataset: " UUID "\nEllwand-Ref: refs/heads/main\n" PINS
#define IMPORT "Ellwand-Event: import\n"
#define RELABEL "Ellwand-Event: relabel\nEllwand-Label: 2/pmc-1\n"
#define RELEASE "Ellwand-Release: v1.0\nEllwand-Sequence: 1\n"
#define SECOND "Ellwand-Release: v1.1\nEllwand-Sequence: 2\n"
#define PREVIOUS "Ellwand-Previous: v1.0 " HEX40 "\nEllwand-Level: extended\n"
#define DATASET "Ellwand-Dataset: " UUID "\n"
#define POLICY "Ellwand-Policy: sha256:" ZEROS "\n"
#define SPLIT(name, count) "Ellwand-Split: " name " " count " ewr1:" ZEROS " ewa1:" ZEROS "\n"

static struct ew_message
message(const char *subject, const char *text)
{
	return (struct ew_message){ .subject = ew_str(subject), .text = ew_str(text),
		.event = EW_RELABEL, .label = EW_LIT("2/pmc-1"), .dataset = EW_LIT(UUID),
		.ref = EW_LIT("refs/heads/main") };
}

static void
is_written(struct ew_message m, const char *want, const char *what)
{
	struct ew_buf out = { 0 };

	ew_message_write(&out, &m);
	is_str(ew_buf_str(&out), want, "written: %s", what);
	ew_buf_release(&out);
}

/* Accepted, and written again as it was. */
static void
accept(const char *text)
{
	struct ew_message m;
	struct ew_err err = { 0 };
	struct ew_buf out = { 0 };

	is_int(ew_message_parse(&m, ew_str(text), &err), EW_OK, "accepted %s", err.msg);
	ew_message_write(&out, &m);
	is_str(ew_buf_str(&out), text, "and written as it was");
	ew_buf_release(&out);
}

static void
refuse(const char *text, const char *msg)
{
	struct ew_message m;
	struct ew_err err = { 0 };

	is_int(ew_message_parse(&m, ew_str(text), &err), EW_REFUSED, "refused: %.*s",
		(int)strcspn(text, "\n"), text);
	ok(strstr(err.msg, msg) != NULL, "because '%s'", msg);
	if (!strstr(err.msg, msg))
		printf("# got: %s\n", err.msg);
}

static void
test_words(void)
{
	enum ew_event e;

	for (unsigned i = EW_INIT; i <= EW_RESHARD; i++)
		ok(ew_event_read(&e, ew_str(ew_event_word((enum ew_event)i))) && e == i,
			"%s reads as itself", ew_event_word((enum ew_event)i));
	ok(!ew_event_read(&e, EW_LIT("commit")), "another word is no event");
}

static void
test_write(void)
{
	struct ew_message m =
		message("relabel 2/pmc-1: 25.017 -> 9 mL/min", "Weight was read in pounds.");

	m.cause = EW_LIT("unit-error");
	m.source = EW_LIT("sha256:" ZEROS " my table.csv");
	is_written(m,
		"relabel 2/pmc-1: 25.017 -> 9 mL/min\n\nWeight was read in pounds.\n\n" RELABEL
		"Ellwand-Cause: unit-error\nEllwand-Source: sha256:" ZEROS " my table.csv\n" TAIL,
		"all trailers in their order");
	is_written(message("s", NULL), "s\n\n" RELABEL TAIL, "no text");
	is_written(message("s", ""), "s\n\n" RELABEL TAIL, "an empty text is none");
	is_written(message("", NULL), "relabel\n\n" RELABEL TAIL, "an empty subject is the event");
	is_written(message(NULL, NULL), "relabel\n\n" RELABEL TAIL, "so is an absent one");
	is_written(message(" \r\n\t\x01\xc2\x85 ", NULL), "relabel\n\n" RELABEL TAIL,
		"and one of control characters");
	is_written(message("\n a\nb\tc\x7f\xc2\x80 d\xc2\xa0\n", NULL),
		"a b c   d\xc2\xa0\n\n" RELABEL TAIL,
		"control characters as spaces, none at the ends");
}

static void
test_fields(void)
{
	struct ew_message m;
	struct ew_err err = { 0 };
	static const char text[] = "s\n\nfirst\n\n" RELABEL "\n" RELABEL "Ellwand-Cause: c\n"
		"Ellwand-Source: sha256:" ZEROS " a b\n" TAIL;

	is_int(ew_message_parse(&m, ew_str(text), &err), EW_OK, "a message is read %s", err.msg);
	is_str(m.subject, "s", "subject");
	is_str(m.text, "first\n\nEllwand-Event: relabel\nEllwand-Label: 2/pmc-1",
		"text up to the last paragraph");
	is_int(m.event, EW_RELABEL, "event");
	is_str(m.label, "2/pmc-1", "label");
	is_str(m.cause, "c", "cause");
	is_str(m.source, "sha256:" ZEROS " a b", "source");
	is_str(m.dataset, UUID, "dataset");
	is_str(m.ref, "refs/heads/main", "ref");
	is_int(ew_message_parse(&m, EW_LIT("s\n\n" IMPORT TAIL), &err), EW_OK, "the least is read");
	ok(!m.text.p && !m.label.p && !m.cause.p && !m.source.p, "and what it lacks is absent");
}

static void
test_accepted(void)
{
	accept("s\n\n" IMPORT TAIL);
	accept("s\n\nEllwand-Event: init\n" TAIL);
	accept("import t.csv\n\n" IMPORT "Ellwand-Source: sha256:" ZEROS " t.csv\n" TAIL);
	accept("Ellwand-Event: init\n\nEllwand-Event: init\n\n" IMPORT TAIL);
	accept("s\n\n" IMPORT TAIL "\n" RELABEL TAIL);
	accept("s\n\na\n\n\n\n\tb\n \nc\n\n" IMPORT TAIL);
	accept("s\n\n# a comment?\n---\ndiff --git a b\n\n" IMPORT TAIL);
	accept("s\n\n" IMPORT "Ellwand-Cause: az-09\n" TAIL);
	accept("Étalon → 標準\n\nnaïve\n\nEllwand-Event: abstain\nEllwand-Label: naïve\n" TAIL);
}

static void
test_head_refused(void)
{
	refuse("", "message: the end is no paragraph of trailers; see LABELS_FORMAT.md section 7");
	refuse("\n", "the end is no paragraph");
	refuse("s", "the end is no paragraph");
	refuse("s\n\n", "the end is no paragraph");
	refuse(IMPORT TAIL, "the end is no paragraph");
	refuse("s\n" IMPORT TAIL, "the end is no paragraph");
	refuse("s\n\n" IMPORT TAIL "\n", "the end is no paragraph");
	refuse("s\n\n" IMPORT TAIL "x", "the end is no paragraph");
	refuse("\n\n" IMPORT TAIL,
		"message: the subject is not one line of text without control characters");
	refuse(" s\n\n" IMPORT TAIL, "the subject is not one line");
	refuse("s \n\n" IMPORT TAIL, "the subject is not one line");
	refuse("a\tb\n\n" IMPORT TAIL, "the subject is not one line");
	refuse("a\xff\n\n" IMPORT TAIL, "the subject is not one line");
	refuse("a\xc2\x9f.\n\n" IMPORT TAIL, "the subject is not one line");
	refuse("s\nt\n\n" IMPORT TAIL, "message: the subject is not followed by an empty line");
	refuse("s\n\n\n" IMPORT TAIL, "message: the subject is not followed by an empty line");
	refuse("s\n\n\n\n" IMPORT TAIL,
		"message: the text is empty, has white space at an end, or holds control");
	refuse("s\n\n\nt\n\n" IMPORT TAIL, "the text is empty, has white space");
	refuse("s\n\nt \n\n" IMPORT TAIL, "the text is empty, has white space");
	refuse("s\n\nt\n\n\n" IMPORT TAIL, "the text is empty, has white space");
	refuse("s\n\na\rb\n\n" IMPORT TAIL, "the text is empty, has white space");
	refuse("s\n\na\x1b[1mb\n\n" IMPORT TAIL, "the text is empty, has white space");
	refuse("s\n\nt\xc0\n\n" IMPORT TAIL, "the text is empty, has white space");
}

static void
test_trailers_refused(void)
{
	char cause[200];

	refuse("s\n\n" TAIL,
		"message: Ellwand-Event is missing, or not in its place; see LABELS_FORMAT.md section 7");
	refuse("s\n\nEllwand-Event: commit\n" TAIL,
		"message: Ellwand-Event is no event that this program knows");
	refuse("s\n\nEllwand-Event:import\n" TAIL, "Ellwand-Event is missing");
	refuse("s\n\nEllwand-Event:  import\n" TAIL, "Ellwand-Event is no event");
	refuse("s\n\nEllwand-Event: import \n" TAIL, "Ellwand-Event is no event");
	refuse("s\n\nEllwand-event: import\n" TAIL, "Ellwand-Event is missing");
	refuse("s\n\n" IMPORT IMPORT TAIL, "Ellwand-Dataset is missing");
	refuse("s\n\n" IMPORT TAIL "Signed-off-by: x\n",
		"message: line 'Signed-off-by: x' is unknown or not in its place");
	refuse("s\n\n" IMPORT TAIL PINS, "is unknown or not in its place");
	refuse("s\n\n" IMPORT "Ellwand-Cause: c\nEllwand-Label: 1\n" TAIL,
		"Ellwand-Dataset is missing");
	refuse("s\n\nEllwand-Event: relabel\n" TAIL,
		"message: Ellwand-Label is missing, and this event is about one label");
	refuse("s\n\nEllwand-Event: rebind\n" TAIL, "Ellwand-Label is missing");
	refuse("s\n\nEllwand-Event: abstain\n" TAIL, "Ellwand-Label is missing");
	refuse("s\n\nEllwand-Event: disambiguate\n" TAIL, "Ellwand-Label is missing");
	refuse("s\n\nEllwand-Event: relabel\nEllwand-Label: \n" TAIL, "message: Ellwand-Label: id");
	refuse("s\n\nEllwand-Event: relabel\nEllwand-Label: a \n" TAIL,
		"message: Ellwand-Label: id");
	refuse("s\n\n" IMPORT "Ellwand-Cause: \n" TAIL,
		"message: Ellwand-Cause is not 1 to 64 of a-z, 0-9 and -");
	refuse("s\n\n" IMPORT "Ellwand-Cause: Unit\n" TAIL, "Ellwand-Cause is not");
	snprintf(cause, sizeof cause, "s\n\n" IMPORT "Ellwand-Cause: %065d\nx\n", 0);
	refuse(cause, "Ellwand-Dataset is missing");
	refuse("s\n\n" IMPORT "Ellwand-Source: t.csv\n" TAIL,
		"message: Ellwand-Source is not sha256:, 64 hex digits, a space and a name");
	refuse("s\n\n" IMPORT "Ellwand-Source: sha256:" ZEROS "\n" TAIL, "Ellwand-Source is not");
	refuse("s\n\n" IMPORT "Ellwand-Source: sha256:" ZEROS " \n" TAIL, "Ellwand-Source is not");
	refuse("s\n\n" IMPORT "Ellwand-Source: sha256:" ZEROS "0 t\n" TAIL,
		"Ellwand-Source is not");
	refuse("s\n\n" IMPORT "Ellwand-Source: sha256:" ZEROS " a\tb\n" TAIL,
		"Ellwand-Source is not");
}

static void
test_tail_refused(void)
{
	refuse("s\n\n" IMPORT "Ellwand-Dataset: x\nEllwand-Ref: refs/heads/main\n" PINS,
		"message: Ellwand-Dataset is not a UUID in lower case");
	refuse("s\n\n" IMPORT DATASET PINS, "Ellwand-Ref is missing");
	refuse("s\n\n" IMPORT DATASET "Ellwand-Ref: main\n" PINS,
		"message: Ellwand-Ref is not the full name of a branch, refs/heads/NAME");
	refuse("s\n\n" IMPORT DATASET "Ellwand-Ref: refs/heads/\n" PINS, "Ellwand-Ref is not");
	refuse("s\n\n" IMPORT DATASET "Ellwand-Ref: refs/heads/a b\n" PINS, "Ellwand-Ref is not");
	refuse("s\n\n" IMPORT DATASET "Ellwand-Ref: refs/tags/v1\n" PINS, "Ellwand-Ref is not");
	refuse("s\n\n" IMPORT DATASET "Ellwand-Ref: refs/heads/main\nEllwand-Records: ewa1:" ZEROS
	       "\nEllwand-Answers: ewa1:" ZEROS "\n",
		"message: Ellwand-Records is not ewr1: and 64 hex digits");
	refuse("s\n\n" IMPORT DATASET "Ellwand-Ref: refs/heads/main\nEllwand-Records: ewr1:" ZEROS
	       "\nEllwand-Answers: ewa1:0\n",
		"message: Ellwand-Answers is not ewa1: and 64 hex digits");
	refuse("s\n\n" IMPORT DATASET "Ellwand-Ref: refs/heads/main\nEllwand-Records: ewr1:" ZEROS
	       "\n",
		"Ellwand-Answers is missing");
}

static void
test_check(void)
{
	struct ew_message m = message("s", NULL);
	struct ew_err err = { 0 };
	char cause[66], ref[300] = "refs/heads/";

	is_int(ew_message_check(&m, &err), EW_OK, "a message that can be written");
	memset(ref + strlen(ref), 'r', sizeof ref - 1 - strlen(ref));
	m.ref = ew_str_n(ref, 255);
	is_int(ew_message_check(&m, &err), EW_OK, "a branch's name of 255 bytes");
	m.ref.len = 256;
	is_int(ew_message_check(&m, &err), EW_REFUSED, "but not of 256");
	m = message("s", NULL);
	err = (struct ew_err){ 0 };
	memset(cause, 'a', 65);
	m.cause = ew_str_n(cause, 64);
	is_int(ew_message_check(&m, &err), EW_OK, "a cause of 64 bytes");
	m.cause.len = 65;
	is_int(ew_message_check(&m, &err), EW_REFUSED, "but not of 65");
	ok(strstr(err.msg, "Ellwand-Cause") != NULL, "which is named");
}

static void
test_text(struct ew_arena *a)
{
	static const struct {
		const char *in, *out;
	} kept[] = { { "a", "a" }, { "a\r\nb\r\n", "a\nb" }, { "  a\n\n b \n\t", "a\n\n b" },
		{ "a\tb", "a\tb" }, { "", "" }, { " \r\n ", "" },
		{ "naïve \xe2\x80\xae", "naïve \xe2\x80\xae" }, { "a\r\n\r\nb", "a\n\nb" } };
	static const char *const refused[] = { "a\rb", "a\r\r\nb", "a\x1b[0mb", "a\x7f", "a\xc2\x85",
		"\xc2\x85x", "\xff", "a\xe2\x80", "a\x01" };
	struct ew_err err = { 0 };
	struct ew_str out;

	for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
		is_int(ew_message_text(&out, a, ew_str(kept[i].in), &err), EW_OK,
			"text %zu is kept", i);
		is_str(out, kept[i].out, "as it should");
		ok(!out.p == (out.len == 0), "absent when empty");
	}
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		err = (struct ew_err){ 0 };
		is_int(ew_message_text(&out, a, ew_str(refused[i]), &err), EW_REFUSED,
			"text %zu is refused", i);
	}
	err = (struct ew_err){ 0 };
	is_int(ew_message_text(&out, a, ew_str_n("a\0b", 3), &err), EW_REFUSED, "NUL is refused");
	is_str(ew_str(err.msg),
		"text: not UTF-8, or with control characters; remove them",
		"and why");
}

static void
test_versions(void)
{
	static const char *const refused[] = { "", "v", "1.0", "v1", "v1.", "v.1", "v1.0.",
		"v1.0.0.0", "v01.0", "v1.00", "v1.0.01", "v1.0-rc1", "V1.0", "v-1.0", "v1.+2",
		"v18446744073709551616.0", "v1.0 " };
	static const char *const rising[] = { "v0.0", "v0.0.1", "v0.1", "v0.9.10", "v0.10", "v1.0",
		"v1.0.1", "v2.0", "v10.0", "v18446744073709551615.0" };
	struct ew_version a, b;
	struct ew_err err = { 0 };

	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		err = (struct ew_err){ 0 };
		is_int(ew_version_parse(&a, ew_str(refused[i]), &err), EW_USAGE,
			"'%s' is no version", refused[i]);
	}
	is_str(ew_str(err.msg), "'v1.0 ' is not a version; write v1.0 or v1.0.1", "and why");
	err = (struct ew_err){ 0 };
	for (size_t i = 1; i < sizeof rising / sizeof rising[0]; i++) {
		bool good = ew_version_parse(&a, ew_str(rising[i - 1]), &err) == EW_OK &&
			ew_version_parse(&b, ew_str(rising[i]), &err) == EW_OK;

		ok(good && ew_version_cmp(&a, &b) < 0 && ew_version_cmp(&b, &a) > 0,
			"%s is before %s", rising[i - 1], rising[i]);
	}
	a = (struct ew_version){ 1, 2, 3 };
	is_int(ew_version_cmp(&a, &a), 0, "a version equals itself");
	b = (struct ew_version){ 2, 2, 3 };
	is_int(ew_version_step(&a, &b), EW_STEP_MAJOR, "major step");
	b = (struct ew_version){ 1, 3, 0 };
	is_int(ew_version_step(&a, &b), EW_STEP_MINOR, "minor step");
	b = (struct ew_version){ 1, 2, 4 };
	is_int(ew_version_step(&a, &b), EW_STEP_PATCH, "patch step");
	is_int(ew_version_step(&a, &a), EW_STEP_NONE, "no step");
}

static void
accept_release(struct ew_arena *a, const char *text)
{
	struct ew_release_note n;
	struct ew_err err = { 0 };
	struct ew_buf out = { 0 };

	is_int(ew_release_parse(&n, a, ew_str(text), &err), EW_OK, "accepted %s", err.msg);
	ew_release_write(&out, &n);
	is_str(ew_buf_str(&out), text, "and written as it was");
	ew_buf_release(&out);
}

static void
refuse_release(struct ew_arena *a, const char *text, const char *msg)
{
	struct ew_release_note n;
	struct ew_err err = { 0 };

	is_int(ew_release_parse(&n, a, ew_str(text), &err), EW_REFUSED, "a release is refused");
	ok(strstr(err.msg, msg) != NULL, "because '%s'", msg);
	if (!strstr(err.msg, msg))
		printf("# got: %s\n", err.msg);
}

static void
test_release_accepted(struct ew_arena *a)
{
	struct ew_release_note n;
	struct ew_err err = { 0 };

	accept_release(a, "s\n\n" RELEASE DATASET PINS POLICY);
	accept_release(a, "s\n\n" RELEASE DATASET PINS POLICY SPLIT("test", "1")
				  SPLIT("train", "18446744073709551615"));
	accept_release(a, "s\n\nt\n\n-----BEGIN SSH SIGNATURE-----\n\n" SECOND PREVIOUS
		"Ellwand-Waiver: a typing error only\n" DATASET PINS POLICY SPLIT("test", "1047"));
	is_int(ew_release_parse(&n, a,
		       EW_LIT("s\n\nt\n\n" SECOND PREVIOUS
			      "Ellwand-Waiver: why\n" DATASET PINS POLICY SPLIT("test", "1047")),
		       &err),
		EW_OK, "a release is read");
	is_str(n.text, "t", "text");
	is_str(n.name, "v1.1", "name");
	is_int((long long)n.sequence, 2, "sequence");
	is_str(n.previous, "v1.0 " HEX40, "previous");
	is_int(n.level, EW_EXTENDED, "level");
	is_str(n.waiver, "why", "waiver");
	is_int((long long)n.expires, 0, "no end");
	is_int((long long)n.splits, 1, "splits");
	is_str(n.split[0].name, "test", "name of the split");
	is_int((long long)n.split[0].trie.count, 1047, "its labels");
}

static void
test_release_expires(struct ew_arena *a)
{
	static const char *const refused[] = { "", "never", "2027-06-30", "2027-06-30T23:59:59",
		"2027-06-30T23:59:59+00:00", "2027-06-31T23:59:59Z", "2027-06-30T24:00:00Z",
		"2027-06-30T23:59:59Z ", "1970-01-01T00:00:00Z", "1969-12-31T23:59:59Z" };
	struct ew_release_note n;
	struct ew_err err = { 0 };
	char text[1024];

	accept_release(a, "s\n\n" RELEASE "Ellwand-Expires: 1970-01-01T00:00:01Z\n" DATASET PINS POLICY);
	accept_release(a, "s\n\n" SECOND PREVIOUS
		"Ellwand-Waiver: why\nEllwand-Expires: 9999-12-31T23:59:59Z\n" DATASET PINS POLICY);
	is_int(ew_release_parse(&n, a,
		       EW_LIT("s\n\n" RELEASE "Ellwand-Expires: 2027-06-30T23:59:59Z\n" DATASET PINS POLICY),
		       &err),
		EW_OK, "a release with an end is read");
	is_int((long long)n.expires, 1814399999, "its end");
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		snprintf(text, sizeof text, "s\n\n" RELEASE "Ellwand-Expires: %s\n" DATASET PINS POLICY,
			refused[i]);
		refuse_release(a, text, "release: Ellwand-Expires is no time such as 2027-06-30T23:59:59Z");
	}
	refuse_release(a,
		"s\n\n" RELEASE DATASET "Ellwand-Expires: 2027-06-30T23:59:59Z\n" PINS POLICY,
		"Ellwand-Records is missing");
	refuse_release(a,
		"s\n\n" RELEASE "Ellwand-Expires: 2027-06-30T23:59:59Z\n"
		"Ellwand-Expires: 2027-06-30T23:59:59Z\n" DATASET PINS POLICY,
		"Ellwand-Dataset is missing");
}

static void
test_release_refused(struct ew_arena *a)
{
	refuse_release(a, "s\n\n" DATASET PINS POLICY,
		"release: Ellwand-Release is missing, or not in its place; see LABELS_FORMAT.md section 8");
	refuse_release(a, "s\n\nEllwand-Release: 1.0\nEllwand-Sequence: 1\n" DATASET PINS POLICY,
		"release: Ellwand-Release is not v1.0 or v1.0.1");
	refuse_release(a, "s\n\nEllwand-Release: v1.0\nEllwand-Sequence: 01\n" DATASET PINS POLICY,
		"release: Ellwand-Sequence is not 1 or more");
	refuse_release(a, "s\n\nEllwand-Release: v1.0\nEllwand-Sequence: 0\n" DATASET PINS POLICY,
		"Ellwand-Sequence is not 1 or more");
	refuse_release(a, "s\n\n" SECOND DATASET PINS POLICY,
		"release: Ellwand-Previous must stand in every release but the first");
	refuse_release(
		a, "s\n\n" RELEASE PREVIOUS DATASET PINS POLICY, "Ellwand-Previous must stand");
	refuse_release(a,
		"s\n\n" SECOND
		"Ellwand-Previous: v1.0\nEllwand-Level: extended\n" DATASET PINS POLICY,
		"release: Ellwand-Previous is not a release's name, a space and 40 hex digits");
	refuse_release(a, "s\n\n" SECOND "Ellwand-Previous: v1.0 " HEX40 "\n" DATASET PINS POLICY,
		"Ellwand-Level is missing");
	refuse_release(a,
		"s\n\n" SECOND "Ellwand-Previous: v1.0 " HEX40
		"\nEllwand-Level: same\n" DATASET PINS POLICY,
		"release: Ellwand-Level is no level of compatibility");
	refuse_release(a, "s\n\n" RELEASE "Ellwand-Waiver: \n" DATASET PINS POLICY,
		"release: Ellwand-Waiver is not one line of text");
	refuse_release(a, "s\n\n" RELEASE "Ellwand-Dataset: x\n" PINS POLICY,
		"Ellwand-Dataset is not a UUID");
	refuse_release(a, "s\n\n" RELEASE DATASET PINS, "Ellwand-Policy is missing");
	refuse_release(a, "s\n\n" RELEASE DATASET PINS "Ellwand-Policy: " ZEROS "\n",
		"release: Ellwand-Policy is not sha256: and 64 hex digits");
	refuse_release(a, "s\n\n" RELEASE DATASET PINS POLICY SPLIT("test", "0"),
		"release: Ellwand-Split is not a name, a number of labels and two pins");
	refuse_release(
		a, "s\n\n" RELEASE DATASET PINS POLICY SPLIT("test", "01"), "Ellwand-Split is not");
	refuse_release(a, "s\n\n" RELEASE DATASET PINS POLICY "Ellwand-Split: test 1\n",
		"Ellwand-Split is not");
	refuse_release(a, "s\n\n" RELEASE DATASET PINS POLICY SPLIT("test", "1 1"),
		"Ellwand-Split is not");
	refuse_release(a,
		"s\n\n" RELEASE DATASET PINS POLICY
		"Ellwand-Split: test 1 ewa1:" ZEROS " ewa1:" ZEROS "\n",
		"Ellwand-Split is not");
	refuse_release(a, "s\n\n" RELEASE DATASET PINS "Ellwand-Policy: sha512:" ZEROS "\n",
		"Ellwand-Policy is not sha256:");
	refuse_release(a, "s\n\n" RELEASE DATASET PINS "Ellwand-Policy: sha256:00\n",
		"Ellwand-Policy is not sha256:");
	refuse_release(a, "s\n\n" RELEASE DATASET PINS POLICY SPLIT("Test", "1"),
		"release: Ellwand-Split does not begin with the name of a split");
	refuse_release(a, "s\n\n" RELEASE DATASET PINS POLICY SPLIT("b", "1") SPLIT("a", "1"),
		"release: Ellwand-Split is not in ascending order of names");
	refuse_release(a, "s\n\n" RELEASE DATASET PINS POLICY SPLIT("a", "1") SPLIT("a", "1"),
		"ascending order");
	refuse_release(a, "s\n\n" RELEASE DATASET PINS POLICY SPLIT("a", "1") POLICY,
		"is unknown or not in its place");
	refuse_release(
		a, "s\nt\n\n" RELEASE DATASET PINS POLICY, "release: the subject is not followed");
}

static void
test_release_check(void)
{
	static struct ew_pin_split split[EW_PIN_SPLITS_MAX + 1];
	static char names[EW_PIN_SPLITS_MAX][8];
	struct ew_release_note n = {
		.name = EW_LIT("v1.0"), .sequence = 1, .dataset = EW_LIT(UUID)
	};
	struct ew_buf out = { 0 };
	struct ew_err err = { 0 };

	is_int(ew_release_check(&n, &err), EW_OK, "a release without labels");
	ew_release_write(&out, &n);
	is_str(ew_buf_str(&out), "v1.0\n\n" RELEASE DATASET PINS POLICY, "its subject is its name");
	ew_buf_release(&out);
	n.split = split;
	n.splits = 1;
	split[0].name = EW_LIT("test");
	is_int(ew_release_check(&n, &err), EW_REFUSED, "a split without labels is refused");
	ok(strstr(err.msg, "release: Ellwand-Split holds no labels") != NULL, "and why");
	err = (struct ew_err){ 0 };
	for (unsigned i = 0; i < EW_PIN_SPLITS_MAX; i++) {
		snprintf(names[i], sizeof names[i], "s%03u", i);
		split[i] = (struct ew_pin_split){ ew_str(names[i]), { .count = 1 } };
	}
	n.splits = EW_PIN_SPLITS_MAX;
	is_int(ew_release_check(&n, &err), EW_OK, "256 splits");
	n.splits = EW_PIN_SPLITS_MAX + 1;
	is_int(ew_release_check(&n, &err), EW_REFUSED, "too many splits are refused");
	ok(strstr(err.msg, "over 256 times") != NULL, "and why");
}

/* The trailers that git finds in a message; false if there is no git. */
static bool
git_trailers(struct ew_buf *out, struct ew_str bytes)
{
	char path[] = "/tmp/ellwand-event-XXXXXX", command[200], line[300];
	int fd = mkstemp(path);
	FILE *git;

	if (fd < 0 || write(fd, bytes.p, bytes.len) != (ssize_t)bytes.len)
		return false;
	close(fd);
	snprintf(command, sizeof command,
		"GIT_CONFIG_NOSYSTEM=1 HOME=/nonexistent git interpret-trailers --parse --no-divider <%s 2>/dev/null",
		path);
	git = popen(command, "r");
	while (git && fgets(line, sizeof line, git))
		ew_buf_adds(out, line);
	unlink(path);
	return git && pclose(git) == 0;
}

static void
test_git(void)
{
	static const char *const texts[] = { NULL, "one line", IMPORT "x",
		"a\n\n" IMPORT TAIL "\nb", "---\ndiff", "# comment", "Signed-off-by: x",
		"a\n \nKey: value", "On 1 May:\n> quoted" };

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct ew_message m = message("subject: with a colon", texts[i]);
		struct ew_buf bytes = { 0 }, found = { 0 };

		ew_message_write(&bytes, &m);
		if (git_trailers(&found, ew_buf_str(&bytes)))
			is_str(ew_buf_str(&found), RELABEL TAIL,
				"git finds the same trailers after text %zu", i);
		else
			tap_skip("no git");
		ew_buf_release(&bytes);
		ew_buf_release(&found);
	}
}

int
main(void)
{
	struct ew_arena arena = { 0 };

	test_words();
	test_write();
	test_fields();
	test_accepted();
	test_head_refused();
	test_trailers_refused();
	test_tail_refused();
	test_check();
	test_text(&arena);
	test_versions();
	test_release_accepted(&arena);
	test_release_expires(&arena);
	test_release_refused(&arena);
	test_release_check();
	test_git();
	ew_arena_release(&arena);
	return tap_done();
}
