/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/signers.h"
#include "base/map.h"
#include "codec/date.h"

#include <string.h>

/* LINE_MIN: no line with a key is as short, so it bounds their number. */
enum { PRINCIPAL_MAX = 255, LINE_MIN = 64 };

/* What was given on one line, so that nothing is given twice. */
struct options {
	struct ew_str namespaces, valid_after, valid_before;
};

bool
ew_principal_ok(struct ew_str s)
{
	/* Pattern and quoting characters of OpenSSH, and those that end a git identity. */
	static const char never[] = "*?!,\"\\<>#", not_at_edge[] = ".:;'";
	size_t at = ew_str_find(s, 0, '@');

	if (s.len > PRINCIPAL_MAX || at == 0 || at + 1 >= s.len ||
		ew_str_find(s, at + 1, '@') != s.len)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~' || strchr(never, s.p[i]))
			return false;
	return !strchr(not_at_edge, s.p[0]) && !strchr(not_at_edge, s.p[s.len - 1]);
}

/* Cut what comes before the first blank outside quotes, and the blanks after it. */
static struct ew_str
cut_word(struct ew_str *rest)
{
	struct ew_str whole = *rest;
	bool quoted = false;
	size_t i = 0, end;

	for (; i < whole.len && (quoted || (whole.p[i] != ' ' && whole.p[i] != '\t')); i++)
		if (whole.p[i] == '"')
			quoted = !quoted;
	for (end = i; i < whole.len && (whole.p[i] == ' ' || whole.p[i] == '\t');)
		i++;
	*rest = ew_str_part(whole, i, whole.len);
	return ew_str_part(whole, 0, end);
}

/* The list must name git; a pattern in it could mean more, or take git away again. */
static enum ew_code
check_namespaces(struct ew_str list, struct ew_err *err)
{
	bool has_git = false;

	while (list.len) {
		struct ew_str name = ew_str_cut(&list, ',');

		for (size_t i = 0; i < name.len; i++)
			if (strchr("*?!\\", name.p[i]))
				return ew_fail(err, EW_REFUSED,
					"a pattern in namespaces; write namespaces=\"git\"");
		has_git |= ew_str_is(name, "git");
	}
	if (!has_git)
		return ew_fail(err, EW_REFUSED,
			"namespaces without git; write namespaces=\"git\"");
	return EW_OK;
}

/* The `width` digits at `at`, `at_end` when the text ends before them, -1 if they are no digits. */
static int64_t
number_at(struct ew_str s, size_t at, size_t width, int64_t at_end)
{
	uint64_t v;

	if (at >= s.len)
		return at_end;
	return ew_str_to_u64(ew_str_part(s, at, at + width), 9999, &v) ? (int64_t)v : -1;
}

/* YYYYMMDD[HHMM[SS]]Z as seconds since the epoch. */
static bool
parse_time(int64_t *seconds, struct ew_str s)
{
	int64_t days, hour, minute, second;

	if (!ew_str_ends(s, "Z"))
		return false;
	s.len--;
	if (s.len != 8 && s.len != 12 && s.len != 14)
		return false;
	if (!ew_date_from(&days, number_at(s, 0, 4, -1), number_at(s, 4, 2, -1),
		    number_at(s, 6, 2, -1)))
		return false;
	hour = number_at(s, 8, 2, 0);
	minute = number_at(s, 10, 2, 0);
	second = number_at(s, 12, 2, 0);
	if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
		return false;
	*seconds = ((days * 24 + hour) * 60 + minute) * 60 + second;
	return *seconds > 0; /* OpenSSH takes 0 for "not given", and refuses it */
}

static enum ew_code
set_time(int64_t *seconds, struct ew_str value, struct ew_err *err)
{
	if (parse_time(seconds, value))
		return EW_OK;
	return ew_fail(err, EW_REFUSED,
		"'%.*s' is no time in UTC; write YYYYMMDDHHMMSSZ or YYYYMMDDZ, with its Z",
		EW_FMT(ew_str_part(value, 0, 64)));
}

/* Cut one NAME="VALUE" and the comma after it from `*rest`. */
static enum ew_code
cut_option(struct ew_str *name, struct ew_str *value, struct ew_str *rest, struct ew_err *err)
{
	struct ew_str after = *rest;
	bool quoted;

	*name = ew_str_cut(&after, '=');
	quoted = ew_str_starts(after, "\"");
	after = ew_str_part(after, 1, after.len);
	*value = ew_str_part(after, 0, ew_str_find(after, 0, '"'));
	if (!quoted || value->len == after.len)
		return ew_fail(err, EW_REFUSED,
			"option '%.*s' without a quoted value; write NAME=\"VALUE\"",
			EW_FMT(ew_str_part(*name, 0, 64)));
	after = ew_str_part(after, value->len + 1, after.len);
	if (after.len && (after.p[0] != ',' || after.len == 1))
		return ew_fail(err, EW_REFUSED,
			"text after option '%.*s'; part options by one comma",
			EW_FMT(ew_str_part(*name, 0, 64)));
	*rest = ew_str_part(after, 1, after.len);
	return EW_OK;
}

static enum ew_code
take_option(struct ew_signers_line *line, struct options *seen, struct ew_str name,
	struct ew_str value, struct ew_err *err)
{
	struct ew_str *place;

	if (ew_str_is(name, "namespaces"))
		place = &seen->namespaces;
	else if (ew_str_is(name, "valid-after"))
		place = &seen->valid_after;
	else if (ew_str_is(name, "valid-before"))
		place = &seen->valid_before;
	else
		return ew_fail(err, EW_REFUSED,
			"option '%.*s' is not allowed; use only namespaces, valid-after and "
			"valid-before",
			EW_FMT(ew_str_part(name, 0, 64)));
	if (place->p)
		return ew_fail(err, EW_REFUSED, "option '%.*s' twice; keep one",
			EW_FMT(name));
	*place = value;
	if (place == &seen->namespaces)
		return check_namespaces(value, err);
	return set_time(place == &seen->valid_after ? &line->valid_after : &line->valid_before,
		value, err);
}

static enum ew_code
parse_options(struct ew_signers_line *line, struct ew_str text, struct ew_err *err)
{
	struct options seen = { { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
	struct ew_str name, value;

	while (text.len) {
		enum ew_code rc = cut_option(&name, &value, &text, err);

		if (rc == EW_OK)
			rc = take_option(line, &seen, name, value, err);
		if (rc != EW_OK)
			return rc;
	}
	if (line->valid_before <= line->valid_after)
		return ew_fail(err, EW_REFUSED,
			"valid-before is not after valid-after; correct one of them");
	return EW_OK;
}

/* The word begins a list of options with that one, which has no value. */
static bool
is_flag(struct ew_str word, const char *name)
{
	return ew_str_is(ew_str_cut(&word, ','), name);
}

static enum ew_code
parse_line(struct ew_signers_line *line, struct ew_str text, struct ew_err *err)
{
	struct ew_str rest = text, after, word;

	line->valid_after = INT64_MIN;
	line->valid_before = INT64_MAX;
	line->principal = cut_word(&rest);
	if (!ew_principal_ok(line->principal))
		return ew_fail(err, EW_REFUSED,
			"'%.*s' is no single e-mail address; write one, without * ? ! or commas",
			EW_FMT(ew_str_part(line->principal, 0, 64)));
	after = rest;
	word = cut_word(&after);
	if (is_flag(word, "cert-authority"))
		return ew_fail(err, EW_REFUSED,
			"certificates are not allowed; list each key on its own line");
	if (is_flag(word, "verify-required") || is_flag(word, "no-touch-required"))
		return ew_fail(err, EW_REFUSED,
			"an option of authorized_keys; leave it out: a device must be touched, and "
			"no more");
	if (ew_str_find(word, 0, '=') < word.len) { /* no key type has one */
		if (parse_options(line, word, err) != EW_OK)
			return err->code;
		rest = after;
	}
	return ew_sshkey_read(&line->key, rest, err);
}

/* Refuse a key that an earlier line has; the map is from keys to lines. */
static enum ew_code
keep_unique(struct ew_map *seen, struct ew_signers_line *line, struct ew_err *err)
{
	struct ew_str blob = ew_sshkey_blob(&line->key);
	const struct ew_signers_line *before = ew_map_get(seen, blob);

	if (before)
		return ew_fail(err, EW_REFUSED,
			"the key of %.*s again; a key may stand on one line only",
			EW_FMT(before->principal));
	return ew_map_set(seen, blob, line, err);
}

/* Parse the lines of `text`, which outlives the result. */
static enum ew_code
parse_lines(struct ew_signers *out, struct ew_map *seen, struct ew_str text, struct ew_err *err)
{
	size_t number = 0;

	while (text.len) {
		struct ew_str s = ew_str_cut(&text, '\n');
		struct ew_signers_line *line = &out->line[out->count];

		number++;
		if (ew_str_ends(s, "\r"))
			return ew_fail(err, EW_REFUSED,
				"line %zu: it ends in CR LF; end lines in LF alone", number);
		s = ew_str_trim(s);
		if (s.len == 0 || s.p[0] == '#')
			continue;
		if (parse_line(line, s, err) != EW_OK || keep_unique(seen, line, err) != EW_OK)
			return ew_fail_at(err, "line %zu", number);
		out->count++;
	}
	if (out->count == 0)
		return ew_fail(err, EW_REFUSED,
			"no key in it; add a line EMAIL namespaces=\"git\" KEY");
	return EW_OK;
}

enum ew_code
ew_signers_parse(struct ew_signers *out, struct ew_str text, struct ew_err *err)
{
	struct ew_map seen = { 0 };
	struct ew_str copy;
	enum ew_code rc;

	*out = (struct ew_signers){ 0 };
	if (text.len > EW_SIGNERS_MAX)
		return ew_fail(err, EW_REFUSED, "larger than %d bytes; remove keys no longer used",
			EW_SIGNERS_MAX);
	copy = ew_arena_str(&out->arena, text);
	out->line = ew_arena_array(&out->arena, text.len / LINE_MIN + 1, sizeof *out->line);
	if (!copy.p || !out->line)
		return ew_fail_nomem(err);
	rc = parse_lines(out, &seen, copy, err);
	ew_map_release(&seen);
	return rc;
}

void
ew_signers_release(struct ew_signers *s)
{
	ew_arena_release(&s->arena);
	*s = (struct ew_signers){ 0 };
}

const struct ew_signers_line *
ew_signers_find(const struct ew_signers *s, const struct ew_sshkey *key)
{
	for (size_t i = 0; i < s->count; i++)
		if (ew_sshkey_eq(&s->line[i].key, key))
			return &s->line[i];
	return NULL;
}

void
ew_signers_write_line(struct ew_buf *out, struct ew_str principal, const struct ew_sshkey *key)
{
	ew_buf_add(out, principal);
	ew_buf_adds(out, " namespaces=\"git\" ");
	ew_sshkey_write(out, key);
	ew_buf_addc(out, '\n');
}
