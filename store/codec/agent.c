/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/agent.h"
#include "codec/sshbuf.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
	FAILURE = 5,
	REQUEST_IDENTITIES = 11,
	IDENTITIES_ANSWER = 12,
	SIGN_REQUEST = 13,
	SIGN_RESPONSE = 14,
};
enum { MESSAGE_MAX = 256 * 1024, WAIT_SECONDS = 30 };

struct ew_agent {
	int fd; /* -1 once the connection is broken */
	int64_t deadline; /* of what is asked, in milliseconds of the clock that always goes on */
	struct ew_buf request, answer;
};

/* A broken connection may still hold half an answer: never use it again. */
static enum ew_code
broken(struct ew_agent *a, const char *what, struct ew_err *err)
{
	close(a->fd);
	a->fd = -1;
	return ew_fail(err, EW_IO, "agent: %s; check with ssh-add -l and try again", what);
}

static enum ew_code
broken_errno(struct ew_agent *a, int eno, struct ew_err *err)
{
	close(a->fd);
	a->fd = -1;
	if (eno == EINTR)
		return ew_fail(err, EW_INTERRUPTED, "agent: interrupted; nothing was signed");
	return ew_fail_errno(err, EW_IO, eno,
		"agent: the connection failed; check with ssh-add -l and try again");
}

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Until the socket can be written to or read from: an agent that takes its time gets it once. */
static enum ew_code
wait_for(struct ew_agent *a, short events, struct ew_err *err)
{
	struct pollfd p = { .fd = a->fd, .events = events };
	const int64_t left = a->deadline - now_ms();
	const int n = left > 0 ? poll(&p, 1, (int)left) : 0;

	if (n == 0)
		return broken(a, "no answer within 30 seconds", err);
	return n > 0 ? EW_OK : broken_errno(a, errno, err);
}

/* An agent that accepts nobody makes connect() wait, for so long. */
static bool
set_timeout(int fd)
{
	const struct timeval wait = { .tv_sec = WAIT_SECONDS };

	return setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait) == 0;
}

enum ew_code
ew_agent_open(struct ew_agent **out, const char *path, struct ew_err *err)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct ew_agent *a = calloc(1, sizeof *a);

	*out = NULL;
	if (!a)
		return ew_fail_nomem(err);
	ew_buf_init(&a->request, MESSAGE_MAX);
	ew_buf_init(&a->answer, MESSAGE_MAX);
	a->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (strlen(path) >= sizeof to.sun_path) {
		ew_fail(err, EW_IO, "agent: %s: too long for a socket; use a shorter path", path);
	} else {
		memcpy(to.sun_path, path, strlen(path)); /* its NUL is there already */
		if (a->fd < 0 || !set_timeout(a->fd) ||
			connect(a->fd, (const struct sockaddr *)&to, sizeof to) != 0)
			ew_fail_errno(err, EW_IO, errno,
				"agent: cannot reach %s; start ssh-agent or correct SSH_AUTH_SOCK",
				path);
	}
	if (err->code != EW_OK) {
		ew_agent_free(a);
		return err->code;
	}
	*out = a;
	return EW_OK;
}

void
ew_agent_free(struct ew_agent *a)
{
	if (!a)
		return;
	if (a->fd >= 0)
		close(a->fd);
	ew_buf_release(&a->request);
	ew_buf_release(&a->answer);
	free(a);
}

static enum ew_code
send_all(struct ew_agent *a, struct ew_str bytes, struct ew_err *err)
{
	while (bytes.len) {
		ssize_t n;

		if (wait_for(a, POLLOUT, err) != EW_OK)
			return err->code;
		n = send(a->fd, bytes.p, bytes.len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0)
			return broken_errno(a, errno, err);
		bytes = ew_str_part(bytes, (size_t)n, bytes.len);
	}
	return EW_OK;
}

/* Exactly `n` bytes appended to the answer. */
static enum ew_code
receive(struct ew_agent *a, size_t n, struct ew_err *err)
{
	char *to = ew_buf_room(&a->answer, n);

	if (!to)
		return ew_buf_check(&a->answer, err);
	while (n) {
		ssize_t got;

		if (wait_for(a, POLLIN, err) != EW_OK)
			return err->code;
		got = recv(a->fd, to, n, MSG_DONTWAIT);
		if (got < 0)
			return broken_errno(a, errno, err);
		if (got == 0)
			return broken(a, "it closed the connection", err);
		to += got;
		n -= (size_t)got;
		a->answer.len += (size_t)got;
	}
	return EW_OK;
}

/* Send the request and receive one answer of type `want`, whose contents become `*body`. */
static enum ew_code
ask(struct ew_str *body, struct ew_agent *a, unsigned char want, struct ew_err *err)
{
	struct ew_str rest;
	uint32_t len;
	unsigned char type;
	enum ew_code rc = ew_buf_check(&a->request, err);

	if (rc != EW_OK)
		return rc;
	if (a->fd < 0)
		return ew_fail(err, EW_IO, "agent: the connection was lost; try again");
	ew_buf_clear(&a->answer);
	a->deadline = now_ms() + WAIT_SECONDS * 1000;
	rc = send_all(a, ew_buf_str(&a->request), err);
	if (rc == EW_OK)
		rc = receive(a, 4, err);
	if (rc != EW_OK)
		return rc;
	rest = ew_buf_str(&a->answer);
	if (!ew_sshbuf_u32(&len, &rest) || len < 1 || len > MESSAGE_MAX - 4)
		return broken(a, "its answer has an impossible length", err);
	ew_buf_clear(&a->answer);
	rc = receive(a, len, err);
	if (rc != EW_OK)
		return rc;
	*body = ew_buf_str(&a->answer);
	if (!ew_sshbuf_byte(&type, body) || (type != want && type != FAILURE))
		return broken(a, "it gave another answer than was asked for", err);
	if (type == FAILURE)
		return ew_fail(err, EW_IO,
			"agent: it refused; unlock it, or confirm the request when it asks");
	return EW_OK;
}

static void
start(struct ew_agent *a, unsigned char type, size_t body)
{
	ew_buf_clear(&a->request);
	ew_buf_addu32be(&a->request, (uint32_t)(body + 1));
	ew_buf_addc(&a->request, (char)type);
}

enum ew_code
ew_agent_check(struct ew_agent *a, struct ew_str blob, struct ew_err *err)
{
	struct ew_str rest, held, comment;
	uint32_t count;
	enum ew_code rc;

	start(a, REQUEST_IDENTITIES, 0);
	rc = ask(&rest, a, IDENTITIES_ANSWER, err);
	if (rc != EW_OK)
		return rc;
	if (!ew_sshbuf_u32(&count, &rest))
		return broken(a, "its list of keys is malformed", err);
	while (count--) {
		if (!ew_sshbuf_string(&held, &rest) || !ew_sshbuf_string(&comment, &rest))
			return broken(a, "its list of keys is malformed", err);
		if (ew_str_eq(held, blob))
			return EW_OK;
	}
	return ew_fail(err, EW_USAGE, "agent: it does not hold this key; add it with ssh-add");
}

enum ew_code
ew_agent_sign(struct ew_buf *out, struct ew_agent *a, struct ew_str blob, struct ew_str message,
	uint32_t flags, struct ew_err *err)
{
	struct ew_str rest, signature;
	enum ew_code rc;

	if (message.len > MESSAGE_MAX)
		return ew_fail(err, EW_REFUSED, "agent: %zu bytes are too many to sign; sign a digest",
			message.len);
	start(a, SIGN_REQUEST, 4 + blob.len + 4 + message.len + 4);
	ew_sshbuf_add(&a->request, blob);
	ew_sshbuf_add(&a->request, message);
	ew_buf_addu32be(&a->request, flags);
	rc = ask(&rest, a, SIGN_RESPONSE, err);
	if (rc != EW_OK)
		return rc;
	if (!ew_sshbuf_string(&signature, &rest) || rest.len)
		return broken(a, "its signature is malformed", err);
	ew_buf_add(out, signature);
	return ew_buf_check(out, err);
}
