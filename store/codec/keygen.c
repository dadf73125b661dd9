/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/keygen.h"

#include "base/file.h"
#include "base/program.h"

#include <unistd.h>

enum { PRINTED_MOST = 1 << 16, SIGNATURE_MOST = 1 << 16, SAID_MOST = 500 };

/* Write a file of that content, whose name is appended to `path`. */
static enum ew_code
put(struct ew_buf *path, const char *folder, struct ew_str bytes, struct ew_err *err)
{
	int fd = -1;
	enum ew_code rc = ew_file_temp(&fd, path, folder, err);

	if (rc == EW_OK)
		rc = ew_file_write_fd(fd, path->p, bytes, err);
	if (fd >= 0)
		close(fd);
	return rc;
}

/* Talk of what is going on, not of what went wrong. */
static bool
is_chatter(struct ew_str line)
{
	return line.len == 0 || ew_str_starts(line, "Signing file ") ||
		ew_str_starts(line, "Write signature to ") ||
		ew_str_starts(line, "Confirm user presence for key ");
}

/* What the program said, its lines parted by "; ". */
static void
join_lines(struct ew_buf *out, struct ew_str said)
{
	said = ew_str_part(said, 0, SAID_MOST);
	while (said.len) {
		const struct ew_str line = ew_str_trim(ew_str_cut(&said, '\n'));

		if (is_chatter(line))
			continue;
		if (out->len)
			ew_buf_adds(out, "; ");
		ew_buf_add(out, line);
	}
}

static enum ew_code
failed(const struct ew_keygen *k, const struct ew_program_end *end, struct ew_err *err)
{
	struct ew_buf said = { 0 };

	join_lines(&said, ew_buf_str(&end->said));
	if (said.len)
		ew_fail(err, EW_IO, "%s: %.*s", k->program, EW_FMT(ew_buf_str(&said)));
	else
		ew_fail(err, EW_IO, "%s: it failed with status %d and no word", k->program, end->status);
	ew_buf_release(&said);
	return err->code;
}

static enum ew_code
run(const struct ew_keygen *k, const char *name_space, const char *key, const char *message,
	struct ew_err *err)
{
	const char *const argv[] = { k->program, "-Y", "sign", "-n", name_space, "-f", key,
		k->path ? message : "-U", k->path ? NULL : message, NULL };
	const struct ew_program program = { .argv = argv, .most = PRINTED_MOST };
	struct ew_program_end end = { 0 };
	enum ew_code rc = ew_program_run(&end, &program, err);

	if (rc == EW_NOTFOUND) /* the program, not what it was to sign with */
		err->code = rc = EW_IO;
	if (rc == EW_OK && end.status != 0)
		rc = failed(k, &end, err);
	ew_program_end_release(&end);
	return rc;
}

/* The signature that the program left in `path`. */
static enum ew_code
take(struct ew_buf *out, const struct ew_keygen *k, const char *path, struct ew_err *err)
{
	struct ew_buf text = { 0 };
	struct ew_err why = { 0 };
	enum ew_code rc = ew_file_read(&text, path, SIGNATURE_MOST, &why);

	if (rc == EW_OK) {
		for (size_t i = 0; i < text.len; i++)
			if (text.p[i] != '\r')
				ew_buf_addc(out, text.p[i]);
		rc = ew_buf_check(out, err);
	} else if (rc == EW_NOMEM) {
		rc = ew_fail_nomem(err);
	} else {
		rc = ew_fail(err, EW_IO, "%s: it left no signature: %s", k->program, why.msg);
	}
	ew_buf_release(&text);
	return rc;
}

/* A name that begins with a hyphen would be an option. */
static const char *
folder_of(struct ew_buf *out, const struct ew_keygen *k)
{
	if (k->folder[0] != '-')
		return k->folder;
	ew_buf_addf(out, "./%s", k->folder);
	return out->p;
}

enum ew_code
ew_keygen_sign(struct ew_buf *out, const struct ew_keygen *k, const char *name_space,
	struct ew_str message, struct ew_err *err)
{
	struct ew_buf folder = { 0 }, in = { 0 }, key = { 0 }, signature = { 0 };
	const char *const dir = folder_of(&folder, k);
	enum ew_code rc = ew_buf_check(&folder, err);

	if (rc == EW_OK)
		rc = put(&in, dir, message, err);
	if (rc == EW_OK && !k->path)
		rc = put(&key, dir, k->line, err);
	ew_buf_addf(&signature, "%s.sig", in.p ? in.p : "");
	if (rc == EW_OK && (rc = ew_buf_check(&signature, err)) == EW_OK &&
	    (rc = run(k, name_space, k->path ? k->path : key.p, in.p, err)) == EW_OK)
		rc = take(out, k, signature.p, err);
	if (in.len)
		unlink(in.p);
	if (key.len)
		unlink(key.p);
	if (in.len && signature.bad == EW_OK)
		unlink(signature.p);
	ew_buf_release(&folder);
	ew_buf_release(&in);
	ew_buf_release(&key);
	ew_buf_release(&signature);
	return rc;
}
