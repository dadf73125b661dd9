/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/gitconfig.h"

#include "base/file.h"

#include <string.h>
#include <strings.h>

enum { FILE_MOST = 1 << 20 };

static bool
is_named(struct ew_str s, struct ew_str name)
{
	return s.len == name.len && strncasecmp(s.p, name.p, s.len) == 0;
}

static bool
begins_with(struct ew_str s, struct ew_str name)
{
	return is_named(ew_str_part(s, 0, name.len), name);
}

/* Any of these bytes, or a NUL. */
static bool
has_any(struct ew_str s, const char *bytes)
{
	for (size_t i = 0; i < s.len; i++)
		if (strchr(bytes, s.p[i]))
			return true;
	return false;
}

/* A letter, then letters, digits and hyphens. */
static bool
is_name(struct ew_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		const char c = (char)(s.p[i] | 0x20);

		if (!(c >= 'a' && c <= 'z') && (i == 0 || (!(s.p[i] >= '0' && s.p[i] <= '9') && s.p[i] != '-')))
			return false;
	}
	return s.len > 0;
}

/* The text between the brackets of "[SECTION]" or "[SECTION "PART"]"; absent if the line is not so plain. */
static struct ew_str
section_of(struct ew_str line)
{
	const struct ew_str none = { NULL, 0 };

	return ew_str_ends(line, "]") && ew_str_find(line, 0, ']') == line.len - 1
		? ew_str_part(line, 1, line.len - 1)
		: none;
}

/* A name taken apart; the part is absent from most. */
struct name {
	struct ew_str section, part, key;
};

static struct name
take_apart(const char *text)
{
	struct name n = { .key = ew_str(text) };

	n.section = ew_str_cut(&n.key, '.');
	if (ew_str_find(n.key, 0, '.') < n.key.len)
		n.part = ew_str_cut(&n.key, '.');
	return n;
}

/* What stands between the brackets is the name's section: SECTION, or SECTION "PART". */
static bool
is_section(struct ew_str s, const struct name *n)
{
	struct ew_str part;

	if (!n->part.p)
		return is_named(s, n->section);
	if (!begins_with(s, n->section))
		return false;
	part = ew_str_trim(ew_str_part(s, n->section.len, s.len));
	return part.len == n->part.len + 2 && ew_str_starts(part, "\"") && ew_str_ends(part, "\"") &&
		ew_str_eq(ew_str_part(part, 1, part.len - 1), n->part);
}

bool
ew_gitconfig_find(struct ew_str *value, struct ew_str text, const char *name)
{
	const struct name wanted = take_apart(name);
	struct ew_str section = EW_LIT("");

	while (text.p) {
		struct ew_str line = ew_str_trim(ew_str_cut(&text, '\n')), word;

		if (line.len == 0 || line.p[0] == '#' || line.p[0] == ';')
			continue;
		/* One that goes on in the next, or has a NUL. */
		if (line.p[line.len - 1] == '\\' || has_any(line, ""))
			return false;
		if (line.p[0] == '[') {
			section = section_of(line);
			if (!section.p || begins_with(section, EW_LIT("include")) ||
			    (wanted.part.p && begins_with(section, wanted.section) && has_any(section, ".\\")))
				return false;
			continue;
		}
		word = ew_str_trim(ew_str_cut(&line, '='));
		if (!is_name(word))
			return false;
		if (!is_section(section, &wanted) || !is_named(word, wanted.key))
			continue;
		if (!line.p || has_any(line, "\"\\#;"))
			return false;
		*value = ew_str_trim(line);
	}
	return true;
}

/* What one file says, if it is there; it is not plain if it cannot be read. */
static enum ew_code
read_file(struct ew_str *out, bool *plain, const char *folder, const char *file, const char *name,
	struct ew_arena *arena, struct ew_err *err)
{
	struct ew_buf path = { 0 }, text = { 0 };
	struct ew_str value = { NULL, 0 };
	struct ew_err why = { 0 };
	enum ew_code rc;

	ew_buf_addf(&path, "%s/%s", folder, file);
	if ((rc = ew_buf_check(&path, err)) != EW_OK)
		return rc;
	rc = ew_file_read(&text, path.p, FILE_MOST, &why);
	*plain = rc == EW_NOTFOUND || (rc == EW_OK && ew_gitconfig_find(&value, ew_buf_str(&text), name));
	if (value.p && !(*out = ew_arena_str(arena, value)).p)
		ew_fail_nomem(err);
	ew_buf_release(&path);
	ew_buf_release(&text);
	return err->code;
}

enum ew_code
ew_gitconfig_read(struct ew_str *out, bool *plain, const struct ew_gitconfig_places *at,
	const char *name, struct ew_arena *arena, struct ew_err *err)
{
	/* The last one that says something counts. */
	const struct {
		const char *folder, *file;
	} place[] = {
		{ "/etc", "gitconfig" },
		{ at->xdg_home ? at->xdg_home : at->home, at->xdg_home ? "git/config" : ".config/git/config" },
		{ at->home, ".gitconfig" },
		{ at->git_dir, "config" },
	};
	enum ew_code rc = EW_OK;

	*out = (struct ew_str){ NULL, 0 };
	*plain = at->home != NULL;
	for (size_t i = 0; rc == EW_OK && *plain && i < sizeof place / sizeof *place; i++)
		rc = read_file(out, plain, place[i].folder, place[i].file, name, arena, err);
	return rc;
}
