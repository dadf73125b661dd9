/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/signer.h"

#include "base/file.h"
#include "codec/agent.h"
#include "codec/keyfile.h"
#include "codec/keygen.h"
#include "codec/keytype.h"
#include "codec/sshbuf.h"

#include <assert.h>
#include <stdlib.h>

static const char literal[] = "key::", public_suffix[] = ".pub";

/* One of the three is there: the secret, or who is asked. */
struct ew_signer {
	struct ew_sshkey key;
	const struct ew_keytype *type;
	struct ew_keysecret secret;
	struct ew_agent *agent;
	struct ew_keygen keygen; /* its program is NULL: none */
	bool hidden;             /* why ssh-keygen is asked: nobody else can */
	struct ew_buf line;      /* what the key was given as, when it was not a file */
	struct ew_buf path;      /* of the private half, when another was given */
};

/* A key file; the text has its room at once, so that growing leaves no secret behind. */
static enum ew_code
read_file(struct ew_buf *text, const char *path, struct ew_err *err)
{
	struct ew_err why = { 0 };
	enum ew_code rc;

	ew_buf_room(text, 4 * (size_t)EW_KEYFILE_MAX);
	rc = ew_file_read(text, path, EW_KEYFILE_MAX, &why);
	if (rc == EW_NOMEM)
		return ew_fail_nomem(err);
	if (rc == EW_NOTFOUND)
		return ew_fail(err, rc, "cannot open %s; give --key FILE", path);
	if (rc == EW_REFUSED)
		return ew_fail(err, rc, "%s: too large for a key; give --key FILE", path);
	if (rc != EW_OK)
		return ew_fail(err, rc, "%s; give --key FILE", why.msg);
	return EW_OK;
}

/* --- the public half --- */

static void
set_key(struct ew_signer *s, const struct ew_sshkey *key)
{
	struct ew_str body;

	s->key = *key;
	s->type = ew_keytype_of(&body, ew_sshkey_blob(key));
}

/* --- who has the private half --- */

static enum ew_code
ask_agent(struct ew_signer *s, const char *socket, struct ew_err *err)
{
	enum ew_code rc;

	if (!socket)
		return ew_fail(err, EW_USAGE,
			"there is no agent; add the key to ssh-agent (ssh-add) and set SSH_AUTH_SOCK");
	rc = ew_agent_open(&s->agent, socket, err);
	return rc == EW_OK ? ew_agent_check(s->agent, ew_sshkey_blob(&s->key), err) : rc;
}

/*
 * True if there is no agent, or it lacks the key: then there may be another way.  One that
 * is there but does not answer, ssh-keygen would ask as well, and wait for it for ever.
 */
static bool
leave_agent(struct ew_signer *s, enum ew_code rc)
{
	if (rc == EW_OK || rc == EW_NOMEM || (rc != EW_USAGE && s->agent))
		return false;
	ew_agent_free(s->agent);
	s->agent = NULL;
	return true;
}

static void
use_program(struct ew_signer *s, const char *program, const char *path, const char *folder)
{
	s->keygen = (struct ew_keygen){ .program = program, .folder = folder, .path = path,
		.line = ew_buf_str(&s->line) };
}

/* The private half out of the fields of an unencrypted file. */
static enum ew_code
load(struct ew_signer *s, struct ew_str fields, struct ew_err *err)
{
	struct ew_str name, body;

	if (ew_keytype_start(err) != EW_OK)
		return err->code;
	ew_keytype_of(&body, ew_sshkey_blob(&s->key));
	if (!ew_sshbuf_string(&name, &fields) || !ew_str_is(name, s->type->name))
		return ew_keytype_damaged(err);
	if (ew_keytype_load(&s->secret, s->type, &fields, body, err) != EW_OK)
		return err->code;
	return ew_keyfile_ends(fields) ? EW_OK : ew_keytype_damaged(err);
}

/* A private file in `path`, whose public half is the signer's key. */
static enum ew_code
use_private(struct ew_signer *s, const struct ew_keyfile *file, const char *path,
	const struct ew_signer_opts *o, struct ew_err *err)
{
	struct ew_err why = { 0 };
	enum ew_code rc;

	if (file->fields.p && !s->type->device)
		return load(s, file->fields, err);
	rc = ask_agent(s, o->agent_socket, &why);
	if (!leave_agent(s, rc))
		return rc == EW_OK ? EW_OK : ew_fail(err, rc, "%s", why.msg);
	use_program(s, "ssh-keygen", path, o->folder); /* it asks by itself for what it takes */
	s->hidden = true;
	return EW_OK;
}

/* --- opening --- */

static enum ew_code
open_private(struct ew_signer *s, struct ew_str text, const struct ew_signer_opts *o,
	struct ew_err *err)
{
	struct ew_keyfile file;
	struct ew_sshkey key;
	enum ew_code rc = ew_keyfile_parse(&file, text, err);

	if (rc == EW_OK && (rc = ew_sshkey_parse(&key, file.public_blob, err)) == EW_OK) {
		set_key(s, &key);
		if (o->program)
			use_program(s, o->program, o->key, o->folder);
		else
			rc = use_private(s, &file, o->key, o, err);
	}
	ew_keyfile_release(&file);
	return rc;
}

/* The file KEY beside KEY.pub; *found is false if there is none. */
static enum ew_code
open_beside(struct ew_signer *s, bool *found, const struct ew_signer_opts *o, struct ew_err *err)
{
	const struct ew_str path = ew_str(o->key);
	struct ew_buf text = { 0 };
	struct ew_keyfile file = { 0 };
	struct ew_err why = { 0 };
	enum ew_code rc;

	*found = false;
	if (!ew_str_ends(path, public_suffix))
		return EW_OK;
	ew_buf_add(&s->path, ew_str_part(path, 0, path.len - (sizeof public_suffix - 1)));
	if ((rc = ew_buf_check(&s->path, err)) != EW_OK)
		return rc;
	if (read_file(&text, s->path.p, &why) == EW_OK) {
		*found = true;
		if ((rc = ew_keyfile_parse(&file, ew_buf_str(&text), err)) == EW_OK &&
		    !ew_str_eq(file.public_blob, ew_sshkey_blob(&s->key)))
			rc = ew_fail(err, EW_REFUSED, "not the private half of this key; give --key FILE");
		if (rc == EW_OK)
			rc = use_private(s, &file, s->path.p, o, err);
		if (rc != EW_OK)
			ew_fail_at(err, "%s", s->path.p);
	}
	ew_keyfile_release(&file);
	ew_keyfile_wipe(&text);
	return rc;
}

static enum ew_code
open_public(struct ew_signer *s, struct ew_str text, const struct ew_signer_opts *o,
	struct ew_err *err)
{
	struct ew_err why = { 0 };
	struct ew_sshkey key;
	bool found;
	enum ew_code rc = ew_sshkey_read(&key, ew_str_trim(text), err);

	if (rc != EW_OK)
		return rc;
	set_key(s, &key);
	if (o->program) {
		use_program(s, o->program, o->key, o->folder);
		return EW_OK;
	}
	rc = ask_agent(s, o->agent_socket, &why);
	if (leave_agent(s, rc) && (open_beside(s, &found, o, err) != EW_OK || found))
		return err->code;
	return rc == EW_OK ? EW_OK : ew_fail(err, rc, "this is the public half only: %s", why.msg);
}

/* From "TYPE BASE64": only an agent can have the other half. */
static enum ew_code
open_line(struct ew_signer *s, struct ew_str line, const struct ew_signer_opts *o, struct ew_err *err)
{
	struct ew_sshkey key;
	enum ew_code rc = ew_sshkey_read(&key, ew_str_trim(line), err);

	if (rc != EW_OK)
		return rc;
	set_key(s, &key);
	if (!o->program)
		return ask_agent(s, o->agent_socket, err);
	ew_sshkey_write(&s->line, &key);
	use_program(s, o->program, NULL, o->folder);
	return ew_buf_check(&s->line, err);
}

static enum ew_code
open_file(struct ew_signer *s, const struct ew_signer_opts *o, struct ew_err *err)
{
	struct ew_buf text = { 0 };
	enum ew_code rc = read_file(&text, o->key, err);

	if (rc == EW_OK) {
		rc = ew_keyfile_is_private(ew_buf_str(&text))
			? open_private(s, ew_buf_str(&text), o, err)
			: open_public(s, ew_buf_str(&text), o, err);
		if (rc != EW_OK)
			ew_fail_at(err, "%s", o->key);
	}
	ew_keyfile_wipe(&text);
	return rc;
}

enum ew_code
ew_signer_open(struct ew_signer **out, const struct ew_signer_opts *o, struct ew_err *err)
{
	struct ew_signer *s = calloc(1, sizeof *s);
	const struct ew_str key = ew_str(o->key);
	enum ew_code rc;

	*out = NULL;
	if (!s)
		return ew_fail_nomem(err);
	rc = ew_str_starts(key, literal)
		? open_line(s, ew_str_part(key, sizeof literal - 1, key.len), o, err)
		: open_file(s, o, err);
	if (rc != EW_OK) {
		ew_signer_free(s);
		return ew_fail_at(err, "key");
	}
	*out = s;
	return EW_OK;
}

void
ew_signer_free(struct ew_signer *s)
{
	if (!s)
		return;
	ew_keysecret_release(&s->secret);
	ew_agent_free(s->agent);
	ew_buf_release(&s->line);
	ew_buf_release(&s->path);
	free(s);
}

const struct ew_sshkey *
ew_signer_key(const struct ew_signer *s)
{
	return &s->key;
}

/* --- signing --- */

bool
ew_signer_asks(const struct ew_signer *s)
{
	return s->agent || s->keygen.program;
}

const char *
ew_signer_program(const struct ew_signer *s)
{
	return s->keygen.program;
}

/* The agent's answer goes through a buffer of its own: nothing unverified is appended. */
static enum ew_code
sign_by_agent(struct ew_buf *out, struct ew_signer *s, struct ew_str message, struct ew_err *err)
{
	struct ew_buf signature = { 0 };
	enum ew_code rc;

	rc = ew_agent_sign(&signature, s->agent, ew_sshkey_blob(&s->key), message,
		s->type->agent_flags, err);
	if (rc == EW_OK &&
		ew_sshkey_verify(&s->key, ew_buf_str(&signature), message, err) != EW_OK)
		rc = ew_fail_at(err, "agent: it signed with another key than was asked for");
	if (rc == EW_OK)
		ew_buf_add(out, ew_buf_str(&signature));
	ew_buf_release(&signature);
	return rc == EW_OK ? ew_buf_check(out, err) : rc;
}

enum ew_code
ew_signer_sign(struct ew_buf *out, struct ew_signer *s, struct ew_str message, struct ew_err *err)
{
	assert(!s->keygen.program);
	if (s->agent)
		return sign_by_agent(out, s, message, err);
	return ew_keytype_sign(out, s->type, &s->secret, message, err);
}

enum ew_code
ew_signer_run(struct ew_buf *out, struct ew_signer *s, const char *name_space, struct ew_str message,
	struct ew_err *err)
{
	struct ew_err why = { 0 };
	enum ew_code rc;

	assert(s->keygen.program && s->keygen.folder);
	rc = ew_keygen_sign(out, &s->keygen, name_space, message, &why);
	if (rc == EW_OK)
		return EW_OK;
	if (s->keygen.path)
		ew_fail_at(&why, "%s", s->keygen.path);
	if (rc == EW_IO && s->hidden)
		return ew_fail(err, EW_USAGE, "key: %s; add it to ssh-agent with ssh-add", why.msg);
	return ew_fail(err, rc, "key: %s", why.msg);
}
