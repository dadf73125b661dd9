/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/signing.h"

#include "base/program.h"

#include <pwd.h>
#include <string.h>

enum { PRINTED_MOST = 1 << 20, WORDS_MOST = 64 };

/* Where settings come from, and go to. */
struct place {
	struct ew_repo *repo; /* NULL: none yet */
	const struct ew_store_opts *opts;
	struct ew_arena *arena;
};

static enum ew_code
setting(struct ew_str *out, const struct place *at, const char *name, struct ew_err *err)
{
	return at->repo ? ew_repo_config(out, at->repo, name, at->arena, err)
			: ew_user_config(out, name, at->arena, err);
}

/* The text of a buffer, which it releases, in the arena. */
static enum ew_code
keep(struct ew_str *out, const struct place *at, struct ew_buf *b, struct ew_err *err)
{
	enum ew_code rc = ew_buf_check(b, err);

	if (rc == EW_OK && !(*out = ew_arena_str(at->arena, ew_buf_str(b))).p)
		rc = ew_fail_nomem(err);
	ew_buf_release(b);
	return rc;
}

/* --- paths, as git has them in its settings --- */

/* The folder that git works in: that of the store, for a repository DIR/.git. */
static struct ew_str
folder_of(const struct place *at)
{
	const struct ew_str git = ew_str(at->repo ? ew_repo_path(at->repo) : NULL);

	return ew_str_ends(git, "/.git") ? ew_str_part(git, 0, git.len - strlen("/.git")) : git;
}

/* The home of "~" or "~NAME", absent if it is not known. */
static struct ew_str
home_of(const struct place *at, struct ew_str name)
{
	const struct passwd *pw;
	char text[256];

	if (name.len == 0)
		return ew_str(at->opts->home);
	if (name.len >= sizeof text)
		return (struct ew_str){ NULL, 0 };
	memcpy(text, name.p, name.len);
	text[name.len] = '\0';
	pw = getpwnam(text);
	return ew_str(pw ? pw->pw_dir : NULL);
}

/* `text` with its "~" made a home, and from the folder that git works in. */
static enum ew_code
expand(struct ew_str *out, const struct place *at, struct ew_str text, struct ew_err *err)
{
	const struct ew_str folder = folder_of(at);
	struct ew_buf path = { 0 };

	if (ew_str_starts(text, "~")) {
		const size_t end = ew_str_find(text, 0, '/');
		const struct ew_str home = home_of(at, ew_str_part(text, 1, end));

		if (!home.p)
			return ew_fail(err, EW_USAGE, "%.*s: this home is not known; give --key FILE",
				EW_FMT(text));
		ew_buf_add(&path, home);
		text = ew_str_part(text, end, text.len);
	} else if (folder.len && !ew_str_starts(text, "/")) {
		ew_buf_addf(&path, "%.*s/", EW_FMT(folder));
	}
	ew_buf_add(&path, text);
	return keep(out, at, &path, err);
}

/* --- the key --- */

/* A public key rather than a path, by the rule of git. */
static bool
is_line(struct ew_str text)
{
	return ew_str_starts(text, "key::") || ew_str_starts(text, "ssh-");
}

static enum ew_code
take_line(struct ew_str *out, const struct place *at, struct ew_str line, struct ew_err *err)
{
	struct ew_buf b = { 0 };

	if (!ew_str_starts(line, "key::"))
		ew_buf_adds(&b, "key::");
	ew_buf_add(&b, line);
	return keep(out, at, &b, err);
}

/*
 * The words of a command, cut as git cuts them: at white space, but for what is in quotes
 * or behind a backslash.  They are written over `text`.  False if a quote does not end, or
 * there are too many words.
 */
static bool
cut_words(const char *word[WORDS_MOST + 1], char *text)
{
	size_t n = 0;
	char *to = text, quote = '\0';

	word[n++] = text;
	for (const char *p = text; *p; p++) {
		if (!quote && strchr(" \t\n\v\f\r", *p)) {
			p += strspn(p, " \t\n\v\f\r") - 1;
			*to++ = '\0';
			if (n == WORDS_MOST)
				return false;
			word[n++] = to;
		} else if (*p == quote) {
			quote = '\0';
		} else if (!quote && (*p == '\'' || *p == '"')) {
			quote = *p;
		} else {
			if (*p == '\\' && quote != '\'')
				p++;
			if (!*p)
				return false;
			*to++ = *p;
		}
	}
	*to = '\0';
	word[n] = NULL;
	return !quote;
}

/* What the command said when it failed, on one line. */
static enum ew_code
command_failed(const struct ew_program_end *end, struct ew_err *err)
{
	struct ew_str rest = ew_str_trim(ew_buf_str(&end->said));
	const struct ew_str first = ew_str_cut(&rest, '\n');

	return ew_fail(err, EW_USAGE,
		"gpg.ssh.defaultKeyCommand: it failed with status %d: %.*s; give --key FILE", end->status,
		EW_FMT(first));
}

static enum ew_code
ask_command(struct ew_str *out, const struct place *at, struct ew_str command, struct ew_err *err)
{
	const struct ew_str folder = folder_of(at);
	const char *word[WORDS_MOST + 1];
	struct ew_buf text = { 0 }, in = { 0 };
	struct ew_program_end end = { 0 };
	struct ew_str lines, line;
	enum ew_code rc;

	ew_buf_add(&text, command);
	ew_buf_add(&in, folder);
	if ((rc = ew_buf_check(&text, err)) != EW_OK || (rc = ew_buf_check(&in, err)) != EW_OK)
		goto done;
	if (!cut_words(word, text.p)) {
		rc = ew_fail(err, EW_USAGE,
			"gpg.ssh.defaultKeyCommand: a quote without its end, or over %d words; correct it",
			WORDS_MOST);
		goto done;
	}
	rc = ew_program_run(&end,
		&(struct ew_program){
			.argv = word,
			.folder = in.len ? in.p : NULL,
			.most = PRINTED_MOST,
		},
		err);
	if (rc == EW_NOTFOUND)
		err->code = rc = EW_USAGE;
	if (rc != EW_OK) {
		ew_fail_at(err, "gpg.ssh.defaultKeyCommand");
		goto done;
	}
	lines = ew_buf_str(&end.out);
	line = ew_str_cut(&lines, '\n');
	if (end.status != 0)
		rc = command_failed(&end, err);
	else if (!is_line(line))
		rc = ew_fail(err, EW_USAGE,
			"gpg.ssh.defaultKeyCommand: its first line is no public key with key:: before it; "
			"give --key FILE");
	else
		rc = take_line(out, at, ew_str_trim(line), err);
done:
	ew_program_end_release(&end);
	ew_buf_release(&text);
	ew_buf_release(&in);
	return rc;
}

/* The key that git would sign with here. */
static enum ew_code
find_key(struct ew_str *out, const struct place *at, struct ew_err *err)
{
	struct ew_str format, key, command;
	enum ew_code rc;

	if ((rc = setting(&key, at, "user.signingKey", err)) != EW_OK ||
	    (rc = setting(&format, at, "gpg.format", err)) != EW_OK ||
	    (rc = setting(&command, at, "gpg.ssh.defaultKeyCommand", err)) != EW_OK)
		return rc;
	if ((key.len || command.len) && format.p && !ew_str_is(format, "ssh"))
		return ew_fail(err, EW_USAGE,
			"gpg.format is %.*s, but only SSH keys sign here: give --key FILE, or git config "
			"gpg.format ssh and a user.signingKey for it",
			EW_FMT(format));
	if (key.len)
		return is_line(key) ? take_line(out, at, key, err) : expand(out, at, key, err);
	if (command.len)
		return ask_command(out, at, command, err);
	return ew_fail(err, EW_USAGE, "no key to sign with: give --key FILE%s",
		at->repo ? ", or git config user.signingKey FILE" : "; ssh-keygen -t ed25519 makes one");
}

/* Where a program's files are, which the next writer sweeps, should this one die. */
static enum ew_code
find_folder(struct ew_str *out, const struct place *at, struct ew_err *err)
{
	struct ew_buf path = { 0 };

	*out = (struct ew_str){ NULL, 0 };
	if (!at->repo)
		return EW_OK;
	ew_buf_addf(&path, "%s/objects", ew_repo_path(at->repo));
	return keep(out, at, &path, err);
}

enum ew_code
ew_signing_open(struct ew_signer **out, struct ew_str *key, const struct ew_store_opts *opts,
	struct ew_repo *repo, struct ew_arena *arena, struct ew_err *err)
{
	const struct place at = { repo, opts, arena };
	struct ew_str program, folder;
	enum ew_code rc = EW_OK;

	*out = NULL;
	*key = ew_str(opts->key);
	if (!key->p)
		rc = find_key(key, &at, err);
	if (rc == EW_OK && (rc = setting(&program, &at, "gpg.ssh.program", err)) == EW_OK &&
	    (rc = find_folder(&folder, &at, err)) == EW_OK)
		rc = ew_signer_open(out,
			&(struct ew_signer_opts){
				.key = key->p,
				.agent_socket = opts->agent_socket,
				.program = program.len ? program.p : NULL,
				.folder = folder.p,
			},
			err);
	return rc;
}
