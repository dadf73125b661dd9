/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/refs.h"

#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	FOLLOW_MOST = 5,   /* symbolic references, one behind another */
	LOOSE_MAX = 4096,  /* bytes of one reference's file */
	DEPTH_MAX = 32,    /* folders, one in another */
	OID_HEX = 40,
};
#define PACKED_MAX ((size_t)1 << 30)

static bool
part_ok(struct ew_str part)
{
	if (part.len == 0 || part.p[0] == '.' || ew_str_ends(part, ".lock") || ew_str_ends(part, "."))
		return false;
	for (size_t i = 0; i < part.len; i++) {
		const unsigned char c = (unsigned char)part.p[i];

		if (c <= ' ' || c == 0x7f || strchr("~^:?*[\\", c) ||
		    (c == '.' && i + 1 < part.len && part.p[i + 1] == '.') ||
		    (c == '@' && i + 1 < part.len && part.p[i + 1] == '{'))
			return false;
	}
	return true;
}

bool
ew_ref_name_ok(struct ew_str name)
{
	size_t parts = 0;

	if (ew_str_is(name, "HEAD"))
		return true;
	do {
		struct ew_str part = ew_str_cut(&name, '/');

		if (!part_ok(part))
			return false;
		parts++;
	} while (name.p);
	return parts >= 2;
}

static enum ew_code
fail_ref(struct ew_err *err, const char *name)
{
	return ew_fail(err, EW_CORRUPT, "reference %s is damaged; restore it from a copy of the store",
		name);
}

/* The contents of a loose reference; *there is false when there is no such file. */
static enum ew_code
read_loose(struct ew_buf *out, bool *there, const char *git_dir, const char *name,
	struct ew_err *err)
{
	struct ew_err why = { 0 };
	struct ew_buf path = { 0 };
	struct stat st;
	enum ew_code rc;

	*there = false;
	ew_buf_addf(&path, "%s/%s", git_dir, name);
	if ((rc = ew_buf_check(&path, err)) != EW_OK)
		return rc;
	/* A folder is no reference, but may hold some. */
	if (stat(path.p, &st) == 0 && S_ISREG(st.st_mode)) {
		rc = ew_file_read(out, path.p, LOOSE_MAX, &why);
		*there = rc == EW_OK;
		if (rc != EW_OK && rc != EW_NOTFOUND)
			ew_fail(err, rc == EW_REFUSED ? EW_CORRUPT : rc, "%s", why.msg);
	}
	ew_buf_release(&path);
	return err->code;
}

/* Calls `fn` for each line of packed-refs until it returns false. */
typedef bool packed_fn(void *user, const struct ew_oid *oid, struct ew_str name);

static enum ew_code
each_packed(const char *git_dir, packed_fn *fn, void *user, struct ew_err *err)
{
	struct ew_buf path = { 0 };
	struct ew_mapped map = { { NULL, 0 } };
	struct ew_err why = { 0 };
	struct ew_str rest;
	enum ew_code rc;

	ew_buf_addf(&path, "%s/packed-refs", git_dir);
	if ((rc = ew_buf_check(&path, err)) == EW_OK &&
	    (rc = ew_file_map(&map, path.p, &why)) != EW_OK && rc != EW_NOTFOUND)
		ew_fail(err, rc, "%s", why.msg);
	if (map.bytes.len > PACKED_MAX)
		fail_ref(err, "packed-refs");
	rest = map.bytes;
	while (err->code == EW_OK && rest.len) {
		struct ew_str line = ew_str_cut(&rest, '\n');
		struct ew_oid oid;

		if (line.len == 0 || line.p[0] == '#' || line.p[0] == '^')
			continue;
		if (line.len < OID_HEX + 2 || line.p[OID_HEX] != ' ' ||
		    !ew_unhex(oid.b, sizeof oid.b, ew_str_part(line, 0, OID_HEX)))
			fail_ref(err, "packed-refs");
		else if (!fn(user, &oid, ew_str_part(line, OID_HEX + 1, line.len)))
			break;
	}
	ew_file_unmap(&map);
	ew_buf_release(&path);
	return err->code;
}

struct wanted {
	struct ew_str name;
	struct ew_oid oid;
};

static bool
take_wanted(void *user, const struct ew_oid *oid, struct ew_str name)
{
	struct wanted *w = user;

	if (!ew_str_eq(name, w->name))
		return true;
	w->oid = *oid;
	return false;
}

/* The text behind "ref: " of a symbolic reference; absent for an id. */
static struct ew_str
symbolic(struct ew_str text)
{
	if (!ew_str_starts(text, "ref:"))
		return (struct ew_str){ NULL, 0 };
	return ew_str_trim(ew_str_part(text, 4, text.len));
}

enum ew_code
ew_refs_symbolic(struct ew_str *target, const char *git_dir, const char *name,
	struct ew_arena *arena, struct ew_err *err)
{
	struct ew_buf text = { 0 };
	bool there;
	enum ew_code rc = read_loose(&text, &there, git_dir, name, err);

	*target = (struct ew_str){ NULL, 0 };
	if (rc == EW_OK && !there)
		rc = fail_ref(err, name);
	if (rc == EW_OK && symbolic(ew_buf_str(&text)).p) {
		*target = ew_arena_str(arena, symbolic(ew_buf_str(&text)));
		if (!target->p)
			rc = ew_fail_nomem(err);
		else if (!ew_ref_name_ok(*target))
			rc = fail_ref(err, name);
	}
	ew_buf_release(&text);
	return rc;
}

enum ew_code
ew_refs_read(struct ew_oid *out, const char *git_dir, const char *name, struct ew_err *err)
{
	struct ew_arena arena = { 0 };
	struct ew_buf text = { 0 };
	struct ew_str at = ew_str(name);
	bool there = false;

	*out = (struct ew_oid){ { 0 } };
	for (int i = 0; i <= FOLLOW_MOST && err->code == EW_OK; i++) {
		struct ew_str target;

		ew_buf_clear(&text);
		if (read_loose(&text, &there, git_dir, at.p, err) != EW_OK || !there)
			break;
		target = symbolic(ew_buf_str(&text));
		if (!target.p) {
			if (!ew_unhex(out->b, sizeof out->b, ew_str_trim(ew_buf_str(&text))))
				fail_ref(err, at.p);
			break;
		}
		at = ew_arena_str(&arena, target);
		if (!at.p)
			ew_fail_nomem(err);
		else if (i == FOLLOW_MOST || !ew_ref_name_ok(at))
			fail_ref(err, name);
	}
	if (err->code == EW_OK && !there) {
		struct wanted w = { .name = at };

		if (each_packed(git_dir, take_wanted, &w, err) == EW_OK)
			*out = w.oid;
	}
	ew_buf_release(&text);
	ew_arena_release(&arena);
	return err->code;
}

/* --- moving --- */

/* Whether a loose reference is at `from`; asked under its lock. */
static enum ew_code
look(enum ew_ref_move *how, const char *git_dir, const char *name, const struct ew_oid *from,
	struct ew_err *err)
{
	struct ew_buf text = { 0 };
	struct ew_oid at;
	bool there;
	enum ew_code rc = read_loose(&text, &there, git_dir, name, err);

	*how = EW_REF_MOVED;
	if (rc != EW_OK || !there || !ew_unhex(at.b, sizeof at.b, ew_str_trim(ew_buf_str(&text))))
		*how = EW_REF_NOT_LOOSE;
	else if (!ew_oid_eq(&at, from))
		*how = EW_REF_ELSEWHERE;
	ew_buf_release(&text);
	return rc;
}

/* The lock becomes the reference: its only other end is to be removed. */
static enum ew_code
replace(int fd, const char *lock, const char *path, const struct ew_oid *to, struct ew_err *err)
{
	char line[OID_HEX + 2];
	enum ew_code rc;

	ew_hex(line, to->b, sizeof to->b);
	line[OID_HEX] = '\n';
	if ((rc = ew_file_write_fd(fd, lock, ew_str_n(line, OID_HEX + 1), err)) != EW_OK)
		close(fd);
	else
		rc = ew_file_seal(fd, lock, err);
	if (rc == EW_OK && rename(lock, path) != 0)
		rc = ew_fail_errno(err, EW_IO, errno, "%s: cannot rename to %s", lock, path);
	if (rc != EW_OK) {
		unlink(lock);
		return rc;
	}
	/* From here on the lock, if there is one, is another's. */
	return ew_file_sync_parent(path, err);
}

static enum ew_code
move(enum ew_ref_move *how, const char *git_dir, const char *name, const char *path,
	const char *lock, const struct ew_oid *from, const struct ew_oid *to, struct ew_err *err)
{
	int fd = open(lock, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	enum ew_code rc;

	if (fd < 0 && errno == EEXIST) {
		*how = EW_REF_LOCKED;
		return EW_OK;
	}
	if (fd < 0)
		return ew_fail_errno(err, EW_IO, errno, "%s: cannot lock", lock);
	if ((rc = look(how, git_dir, name, from, err)) == EW_OK && *how == EW_REF_MOVED)
		return replace(fd, lock, path, to, err);
	close(fd);
	unlink(lock);
	return rc;
}

enum ew_code
ew_refs_move(enum ew_ref_move *how, const char *git_dir, const char *name, const struct ew_oid *from,
	const struct ew_oid *to, struct ew_err *err)
{
	struct ew_buf path = { 0 }, lock = { 0 };
	struct stat st;
	enum ew_code rc;

	*how = EW_REF_NOT_LOOSE;
	ew_buf_addf(&path, "%s/%s", git_dir, name);
	ew_buf_addf(&lock, "%s/%s.lock", git_dir, name);
	if ((rc = ew_buf_check(&path, err)) == EW_OK && (rc = ew_buf_check(&lock, err)) == EW_OK &&
	    lstat(path.p, &st) == 0 && S_ISREG(st.st_mode))
		rc = move(how, git_dir, name, path.p, lock.p, from, to, err);
	ew_buf_release(&path);
	ew_buf_release(&lock);
	return rc;
}

/* --- listing --- */

struct listing {
	struct ew_arena *arena;
	struct ew_str prefix, *name;
	size_t n, room;
	bool nomem;
};

static void
add_name(struct listing *l, struct ew_str name)
{
	if (!ew_ref_name_ok(name))
		return;
	if (l->n == l->room) {
		size_t room = l->room ? l->room * 2 : 32;
		struct ew_str *more = ew_arena_array(l->arena, room, sizeof *more);

		l->nomem |= !more;
		if (!more)
			return;
		if (l->n)
			memcpy(more, l->name, l->n * sizeof *more);
		l->name = more;
		l->room = room;
	}
	l->name[l->n] = ew_arena_str(l->arena, name);
	l->nomem |= !l->name[l->n].p;
	l->n++;
}

static bool
add_packed(void *user, const struct ew_oid *oid, struct ew_str name)
{
	struct listing *l = user;

	(void)oid;
	if (name.len > l->prefix.len && ew_str_eq(ew_str_part(name, 0, l->prefix.len), l->prefix))
		add_name(l, name);
	return !l->nomem;
}

/* `name` is the folder, as a reference's beginning: "refs/tags/". */
static void
add_loose(struct listing *l, int at, const char *folder, struct ew_str name, unsigned depth)
{
	int fd = openat(at, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *e;

	while (d && !l->nomem && (e = readdir(d))) {
		struct ew_buf full = { 0 };
		struct stat st;

		if (e->d_name[0] == '.' || fstatat(dirfd(d), e->d_name, &st, 0) != 0)
			continue;
		ew_buf_add(&full, name);
		ew_buf_adds(&full, e->d_name);
		if (S_ISREG(st.st_mode)) {
			add_name(l, ew_buf_str(&full));
		} else if (S_ISDIR(st.st_mode) && depth < DEPTH_MAX) {
			ew_buf_addc(&full, '/');
			add_loose(l, dirfd(d), e->d_name, ew_buf_str(&full), depth + 1);
		}
		l->nomem |= full.bad != EW_OK;
		ew_buf_release(&full);
	}
	if (d)
		closedir(d);
	else if (fd >= 0)
		close(fd);
}

static int
by_bytes(const void *a, const void *b)
{
	return ew_str_cmp(*(const struct ew_str *)a, *(const struct ew_str *)b);
}

enum ew_code
ew_refs_list(struct ew_str **out, size_t *n, const char *git_dir, const char *prefix,
	struct ew_arena *arena, struct ew_err *err)
{
	struct listing l = { .arena = arena, .prefix = ew_str(prefix) };
	struct ew_buf folder = { 0 };
	enum ew_code rc;

	*out = NULL;
	*n = 0;
	ew_buf_addf(&folder, "%s/%s", git_dir, prefix);
	if ((rc = ew_buf_check(&folder, err)) == EW_OK) {
		add_loose(&l, AT_FDCWD, folder.p, l.prefix, 0);
		rc = each_packed(git_dir, add_packed, &l, err);
	}
	ew_buf_release(&folder);
	if (rc == EW_OK && l.nomem)
		rc = ew_fail_nomem(err);
	if (rc != EW_OK || l.n == 0)
		return rc;
	qsort(l.name, l.n, sizeof *l.name, by_bytes);
	for (size_t i = 0; i < l.n; i++)
		if (i == 0 || !ew_str_eq(l.name[i], l.name[*n - 1]))
			l.name[(*n)++] = l.name[i];
	*out = l.name;
	return EW_OK;
}
