/* SPDX-License-Identifier: Apache-2.0 */
#include "model/commit.h"
#include "codec/json.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

enum { IDENT_MAX = 255, HEX = 2 * sizeof(((struct ew_oid *)0)->b) };

static const char begin[] = "-----BEGIN SSH SIGNATURE-----\n";
static const char end[] = "-----END SSH SIGNATURE-----\n";
/* What git takes for the start of a signature of any kind; none may stand in a tag's message. */
static const char any_begin[] = "-----BEGIN ";

/* Why git could not hold this name or e-mail, or would hold it otherwise; NULL if it can. */
static const char *
text_fault(struct ew_str s)
{
	if (s.len == 0)
		return "is empty";
	if (s.len > IDENT_MAX)
		return "is longer than 255 bytes";
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < 0x20 || c == 0x7f)
			return "has a control character";
		if (c == '<' || c == '>')
			return "has a '<' or '>'";
	}
	if (s.p[0] == ' ' || s.p[s.len - 1] == ' ')
		return "begins or ends with a space";
	return ew_utf8_ok(s) ? NULL : "is not UTF-8";
}

enum ew_code
ew_ident_check(const struct ew_ident *by, struct ew_err *err)
{
	const char *name = text_fault(by->name), *email = text_fault(by->email);

	if (name)
		return ew_fail(err, EW_USAGE, "name '%.*s' %s; choose another", EW_FMT(by->name),
			name);
	if (email)
		return ew_fail(err, EW_USAGE, "e-mail '%.*s' %s; choose another",
			EW_FMT(by->email), email);
	if (by->time < 0 || by->time > UINT32_MAX)
		return ew_fail(err, EW_USAGE,
			"time %" PRId64 " is outside 1970 to 2106; set the clock", by->time);
	return EW_OK;
}

/* Take the next line off `*rest` if it is "NAME VALUE"; false leaves it. */
static bool
take_header(struct ew_str *rest, const char *name, struct ew_str *value)
{
	struct ew_str after = *rest, line = ew_str_cut(&after, '\n');
	size_t n = strlen(name);

	if (!after.p || !ew_str_starts(line, name) || line.len <= n || line.p[n] != ' ')
		return false;
	*value = ew_str_part(line, n + 1, line.len);
	*rest = after;
	return true;
}

static enum ew_code
refuse_line(const char *due, struct ew_str rest, struct ew_err *err)
{
	struct ew_str line = ew_str_cut(&rest, '\n');

	return ew_fail(err, EW_REFUSED, "%s is due where '%.*s' stands; do not use it", due,
		EW_FMT(ew_str_part(line, 0, 60)));
}

static enum ew_code
need_header(struct ew_str *rest, const char *name, struct ew_str *value, struct ew_err *err)
{
	return take_header(rest, name, value) ? EW_OK : refuse_line(name, *rest, err);
}

static enum ew_code
parse_oid(struct ew_oid *out, const char *name, struct ew_str value, struct ew_err *err)
{
	if (ew_unhex(out->b, sizeof out->b, value))
		return EW_OK;
	return ew_fail(err, EW_REFUSED,
		"header '%s' is not 40 lower-case hex digits; do not use it", name);
}

static enum ew_code
need_oid(struct ew_str *rest, const char *name, struct ew_oid *out, struct ew_err *err)
{
	struct ew_str value;
	enum ew_code rc = need_header(rest, name, &value, err);

	return rc == EW_OK ? parse_oid(out, name, value, err) : rc;
}

/* "NAME <EMAIL> SECONDS +0000", as write_ident() writes it. */
static bool
parse_ident(struct ew_ident *out, struct ew_str line)
{
	static const char zone[] = " +0000";
	size_t open = ew_str_find(line, 0, '<'), close = ew_str_find(line, open, '>');
	struct ew_str time;
	uint64_t seconds;

	if (open == 0 || close == line.len || line.p[open - 1] != ' ' || !ew_str_ends(line, zone))
		return false;
	out->name = ew_str_part(line, 0, open - 1);
	out->email = ew_str_part(line, open + 1, close);
	time = ew_str_part(line, close + 1, line.len - (sizeof zone - 1));
	if (time.len < 2 || time.p[0] != ' ' || (time.p[1] == '0' && time.len > 2) ||
		!ew_str_to_u64(ew_str_part(time, 1, time.len), UINT32_MAX, &seconds))
		return false;
	out->time = (int64_t)seconds;
	return !text_fault(out->name) && !text_fault(out->email);
}

static enum ew_code
need_ident(struct ew_str *rest, const char *name, struct ew_ident *out, struct ew_err *err)
{
	struct ew_str value;
	enum ew_code rc = need_header(rest, name, &value, err);

	if (rc != EW_OK || parse_ident(out, value))
		return rc;
	return ew_fail(err, EW_REFUSED,
		"header '%s' is not 'NAME <EMAIL> SECONDS +0000'; do not use it", name);
}

static void
write_ident(struct ew_buf *out, const char *name, const struct ew_ident *by)
{
	ew_buf_addf(out, "%s %.*s <%.*s> %" PRId64 " +0000\n", name, EW_FMT(by->name),
		EW_FMT(by->email), by->time);
}

static void
write_oid(struct ew_buf *out, const char *name, const struct ew_oid *oid)
{
	char hex[HEX + 1];

	ew_hex(hex, oid->b, sizeof oid->b);
	ew_buf_addf(out, "%s %s\n", name, hex);
}

/* An object has no NUL anywhere: what is behind one, some readers do not see. */
static enum ew_code
check_bytes(struct ew_str object, struct ew_err *err)
{
	if (ew_str_find(object, 0, '\0') < object.len)
		return ew_fail(err, EW_REFUSED, "has a NUL byte; do not use it");
	return EW_OK;
}

static enum ew_code
check_message(struct ew_str message, struct ew_err *err)
{
	if (message.len < 2 || !ew_str_ends(message, "\n") || ew_str_ends(message, "\n\n"))
		return ew_fail(err, EW_REFUSED,
			"message is empty or does not end in one newline; do not use it");
	return EW_OK;
}

/* The empty line between the headers and the message. */
static enum ew_code
need_blank(struct ew_str *rest, struct ew_err *err)
{
	if (!ew_str_starts(*rest, "\n"))
		return refuse_line("an empty line", *rest, err);
	*rest = ew_str_part(*rest, 1, rest->len);
	return EW_OK;
}

static enum ew_code
parse_parents(struct ew_commit *out, struct ew_str *rest, struct ew_err *err)
{
	struct ew_str value;

	while (take_header(rest, "parent", &value)) {
		enum ew_code rc;

		if (out->parents == EW_PARENTS_MAX)
			return ew_fail(err, EW_REFUSED, "more than %d parents; do not use it",
				(int)EW_PARENTS_MAX);
		rc = parse_oid(&out->parent[out->parents], "parent", value, err);
		if (rc != EW_OK)
			return rc;
		out->parents++;
	}
	return EW_OK;
}

static enum ew_code
parse_by(struct ew_commit *out, struct ew_str *rest, struct ew_err *err)
{
	struct ew_ident other;
	enum ew_code rc = need_ident(rest, "author", &out->by, err);

	if (rc == EW_OK)
		rc = need_ident(rest, "committer", &other, err);
	if (rc != EW_OK)
		return rc;
	if (!ew_str_eq(out->by.name, other.name) || !ew_str_eq(out->by.email, other.email) ||
		out->by.time != other.time)
		return ew_fail(err, EW_REFUSED, "author and committer differ; do not use it");
	return EW_OK;
}

/*
 * The armour behind "gpgsig ", its lines indented by one space each: moved into
 * the arena without them.  What is in the armour is for sshsig.h to judge.
 */
static enum ew_code
parse_signature(struct ew_str *out, struct ew_arena *arena, struct ew_str *rest,
	struct ew_err *err)
{
	size_t most = rest->len;
	struct ew_str line;
	enum ew_code rc = need_header(rest, "gpgsig", &line, err);
	char *to, *armour;

	if (rc != EW_OK)
		return rc;
	to = armour = ew_arena_alloc(arena, most);
	if (!armour)
		return ew_fail_nomem(err);
	for (;;) {
		memcpy(to, line.p, line.len);
		to += line.len;
		*to++ = '\n';
		if (!ew_str_starts(*rest, " ") || ew_str_find(*rest, 0, '\n') == rest->len)
			break;
		line = ew_str_cut(rest, '\n');
		line = ew_str_part(line, 1, line.len);
	}
	*out = ew_str_n(armour, (size_t)(to - armour));
	if (!ew_str_starts(*out, begin) || !ew_str_ends(*out, end))
		return ew_fail(err, EW_REFUSED,
			"header 'gpgsig' is no SSH signature; do not use it");
	return EW_OK;
}

static enum ew_code
parse_headers(struct ew_commit *out, struct ew_str *rest, struct ew_err *err)
{
	enum ew_code rc = need_oid(rest, "tree", &out->tree, err);

	if (rc == EW_OK)
		rc = parse_parents(out, rest, err);
	if (rc == EW_OK)
		rc = parse_by(out, rest, err);
	return rc;
}

/* The object without what stands in [from, to). */
static enum ew_code
make_payload(struct ew_str *out, struct ew_arena *arena, struct ew_str object, size_t from,
	size_t to, struct ew_err *err)
{
	size_t len = object.len - (to - from);
	char *p = ew_arena_alloc(arena, len);

	if (!p)
		return ew_fail_nomem(err);
	memcpy(p, object.p, from);
	memcpy(p + from, object.p + to, object.len - to);
	*out = ew_str_n(p, len);
	return EW_OK;
}

enum ew_code
ew_commit_parse(struct ew_commit *out, struct ew_arena *arena, struct ew_str object,
	struct ew_err *err)
{
	struct ew_str rest = object;
	size_t from, to;
	enum ew_code rc = check_bytes(object, err);

	*out = (struct ew_commit){ 0 };
	if (rc == EW_OK)
		rc = parse_headers(out, &rest, err);
	if (rc != EW_OK)
		return rc;
	from = object.len - rest.len;
	rc = parse_signature(&out->signature, arena, &rest, err);
	if (rc != EW_OK)
		return rc;
	to = object.len - rest.len;
	rc = need_blank(&rest, err);
	if (rc == EW_OK)
		rc = check_message(rest, err);
	if (rc != EW_OK)
		return rc;
	out->message = rest;
	return make_payload(&out->payload, arena, object, from, to, err);
}

void
ew_commit_write_payload(struct ew_buf *out, const struct ew_commit *c)
{
	assert(c->parents <= EW_PARENTS_MAX);
	write_oid(out, "tree", &c->tree);
	for (unsigned i = 0; i < c->parents; i++)
		write_oid(out, "parent", &c->parent[i]);
	write_ident(out, "author", &c->by);
	write_ident(out, "committer", &c->by);
	ew_buf_addc(out, '\n');
	ew_buf_add(out, c->message);
}

/* Where the headers of a payload end: at the empty line. */
static size_t
headers_end(struct ew_str payload)
{
	size_t i = ew_str_find(payload, 0, '\n');

	while (i + 1 < payload.len && payload.p[i + 1] != '\n')
		i = ew_str_find(payload, i + 1, '\n');
	assert(i + 1 < payload.len);
	return i + 1;
}

void
ew_commit_write(struct ew_buf *out, struct ew_str payload, struct ew_str armour)
{
	size_t n = headers_end(payload);

	ew_buf_add(out, ew_str_part(payload, 0, n));
	ew_buf_adds(out, "gpgsig");
	/* An armour ends in one newline: one more would make another id that verifies too. */
	while (armour.len) {
		ew_buf_addc(out, ' ');
		ew_buf_add(out, ew_str_cut(&armour, '\n'));
		ew_buf_addc(out, '\n');
	}
	ew_buf_add(out, ew_str_part(payload, n, payload.len));
}

/* A tag's name is compared with its ref, whose name git has checked; here it is one word. */
static bool
is_word(struct ew_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return false;
	return s.len > 0 && s.len <= IDENT_MAX;
}

static enum ew_code
parse_tag_headers(struct ew_tag *out, struct ew_str *rest, struct ew_err *err)
{
	struct ew_str value;
	enum ew_code rc = need_oid(rest, "object", &out->commit, err);

	if (rc == EW_OK)
		rc = need_header(rest, "type", &value, err);
	if (rc != EW_OK)
		return rc;
	if (!ew_str_is(value, "commit"))
		return ew_fail(err, EW_REFUSED, "is of a '%.*s', not of a commit; do not use it",
			EW_FMT(ew_str_part(value, 0, 20)));
	rc = need_header(rest, "tag", &out->name, err);
	if (rc != EW_OK)
		return rc;
	if (!is_word(out->name))
		return ew_fail(err, EW_REFUSED, "header 'tag' is not one word; do not use it");
	return need_ident(rest, "tagger", &out->by, err);
}

/* Where the first line that begins as a signature does stands; the length if none does. */
static size_t
find_begin(struct ew_str text)
{
	for (size_t i = 0; i < text.len; i = ew_str_find(text, i, '\n') + 1)
		if (ew_str_starts(ew_str_part(text, i, text.len), any_begin))
			return i;
	return text.len;
}

/*
 * Cut the message before the armour, which must be the only one: git takes the last,
 * others the first.
 */
static enum ew_code
parse_tag_body(struct ew_tag *out, struct ew_str body, struct ew_err *err)
{
	size_t i = find_begin(body);

	out->message = ew_str_part(body, 0, i);
	out->signature = ew_str_part(body, i, body.len);
	if (!ew_str_starts(out->signature, begin) || !ew_str_ends(out->signature, end))
		return ew_fail(err, EW_REFUSED,
			"message is not followed by an SSH signature; do not use it");
	i = sizeof begin - 1;
	if (find_begin(ew_str_part(out->signature, i, out->signature.len)) !=
		out->signature.len - i)
		return ew_fail(err, EW_REFUSED, "more than one signature; do not use it");
	return check_message(out->message, err);
}

enum ew_code
ew_tag_parse(struct ew_tag *out, struct ew_str object, struct ew_err *err)
{
	struct ew_str rest = object;
	enum ew_code rc = check_bytes(object, err);

	*out = (struct ew_tag){ 0 };
	if (rc == EW_OK)
		rc = parse_tag_headers(out, &rest, err);
	if (rc == EW_OK)
		rc = need_blank(&rest, err);
	if (rc == EW_OK)
		rc = parse_tag_body(out, rest, err);
	out->payload = ew_str_part(object, 0, object.len - out->signature.len);
	return rc;
}

void
ew_tag_write_payload(struct ew_buf *out, const struct ew_tag *t)
{
	write_oid(out, "object", &t->commit);
	ew_buf_addf(out, "type commit\ntag %.*s\n", EW_FMT(t->name));
	write_ident(out, "tagger", &t->by);
	ew_buf_addc(out, '\n');
	ew_buf_add(out, t->message);
}
