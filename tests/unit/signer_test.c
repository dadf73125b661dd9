/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/agent.h"
#include "codec/sshsig.h"
#include "tests/lib/softkey.h"
#include "tests/lib/tap.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* --- a clock that runs ahead --- */

static long ahead; /* seconds, more with each look at it */
static bool hurries;

int
clock_gettime(clockid_t id, struct timespec *t)
{
	const time_t now = time(NULL);

	(void)id;
	ahead += hurries;
	*t = (struct timespec){ .tv_sec = now + ahead };
	return 0;
}

/* --- checks --- */

static void
refused(enum ew_code got, enum ew_code want, struct ew_err *err, const char *message,
	const char *text)
{
	is_int(got, want, "%s: refused", text);
	ok(strstr(err->msg, message) != NULL, "%s: says '%s'", text, err->msg);
	ew_err_clear(err);
}

/* Open a key file of these bytes. */
static enum ew_code
open_text(struct ew_signer **out, const char *dir, struct ew_str text, const char *agent,
	struct ew_err *err)
{
	struct ew_buf path = { 0 };
	enum ew_code rc = ew_signer_open(out, &(struct ew_signer_opts){ .key = sample_file(&path, dir, "key", text), .agent_socket = agent }, err);

	ew_buf_release(&path);
	return rc;
}

static void
test_sign(const char *dir)
{
	struct ew_buf text = { 0 }, sig = { 0 }, again = { 0 };
	struct ew_err err = { 0 };
	struct ew_signer *s;
	const struct ew_sshkey *key;
	size_t accepted = 0;

	sample_private(&text, 1, &(struct sample_twist){ 0 });
	if (!ok(open_text(&s, dir, ew_buf_str(&text), NULL, &err) == EW_OK, "open: %s", err.msg))
		return;
	key = ew_signer_key(s);
	ok(ew_signer_sign(&sig, s, EW_LIT("hello"), &err) == EW_OK, "sign");
	is_int(sig.len, 83, "the signature has the size of its type");
	ok(ew_signer_sign(&again, s, EW_LIT("other"), &err) == EW_OK, "sign something else");
	ew_buf_clear(&again);
	ok(ew_signer_sign(&again, s, EW_LIT("hello"), &err) == EW_OK &&
			ew_str_eq(ew_buf_str(&sig), ew_buf_str(&again)),
		"the same message has the same signature");
	ok(ew_sshkey_verify(key, ew_buf_str(&sig), EW_LIT("hello"), &err) == EW_OK, "verify");
	refused(ew_sshkey_verify(key, ew_buf_str(&sig), EW_LIT("hellp"), &err), EW_NO, &err,
		"the signature does not verify; do not trust it", "another message");
	for (size_t i = 0; i < 8 * sig.len; i++) {
		sig.p[i / 8] = (char)(sig.p[i / 8] ^ 1 << i % 8);
		accepted += ew_sshkey_verify(key, ew_buf_str(&sig), EW_LIT("hello"), &err) == EW_OK;
		sig.p[i / 8] = (char)(sig.p[i / 8] ^ 1 << i % 8);
		ew_err_clear(&err);
	}
	is_int(accepted, 0, "no single bit of a signature may change");
	ew_buf_addc(&sig, 0);
	refused(ew_sshkey_verify(key, ew_buf_str(&sig), EW_LIT("hello"), &err), EW_NO, &err,
		"is not 64 bytes long", "a trailing byte");
	refused(ew_sshkey_verify(key, EW_LIT("\0\0\0\7ssh-rsa"), EW_LIT("hello"), &err), EW_NO, &err,
		"is of another type than its key", "a signature of type ssh-rsa");
	refused(ew_sshkey_verify(&(struct ew_sshkey){ .len = 0 }, ew_buf_str(&sig), EW_LIT("hello"), &err),
		EW_NO, &err, "is by an unknown key", "no key");
	ew_signer_free(s);
	ew_signer_free(NULL);
	ew_buf_release(&text);
	ew_buf_release(&sig);
	ew_buf_release(&again);
}

static void
test_twisted_files(const char *dir)
{
	static const char half[] = "damaged key: its private half is malformed";
	static const struct {
		struct sample_twist twist;
		const char *message;
	} bad[] = {
		{ { .magic = "openssh-key-v2" }, "damaged key: not openssh-key-v1" },
		{ { .kdf = "bcrypt" }, "a key derivation without a cipher" },
		{ { .kdf_options = "x" }, "a key derivation without a cipher" },
		{ { .keys = 2 }, "the file holds 2 keys; give a file with one key" },
		{ { .after = "x" }, "bytes after its end" },
		{ { .check_differs = true }, "its check numbers differ" },
		{ { .padding = "" }, "no whole number of blocks" },
		{ { .padding = "\1\2\3\4\5\6\10" }, half },
		{ { .padding = "\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17" }, half },
		{ { .other_point = true }, half },
		{ { .other_again = true }, half },
		{ { .other_half = true }, half },
		{ { .other_seed = true }, half },
		{ { .cut_fields = true }, "damaged key" },
		{ { .inner_type = "ssh-ed25510" }, half },
		{ { .type = "ssh-dss" }, "unknown key type 'ssh-dss'" },
		{ { .cipher = "aes256-ctr", .kdf = "bcrypt", .type = "ssh-dss" }, "unknown key type" },
	};
	struct ew_buf text = { 0 };
	struct ew_err err = { 0 };
	struct ew_signer *s;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		ew_buf_clear(&text);
		sample_private(&text, 1, &bad[i].twist);
		refused(open_text(&s, dir, ew_buf_str(&text), NULL, &err), EW_REFUSED, &err,
			bad[i].message, "twisted key file");
		ok(s == NULL, "and no signer");
	}
	ew_buf_release(&text);
}

/* Every beginning of a key file's bytes, under good armour. */
static void
test_cut_files(const char *dir)
{
	struct ew_buf text = { 0 }, digits = { 0 }, bytes = { 0 };
	struct ew_err err = { 0 };
	struct ew_signer *s;
	struct ew_str rest;
	size_t refusals = 0;

	sample_private(&text, 1, &(struct sample_twist){ 0 });
	rest = ew_str_part(ew_buf_str(&text), 36, text.len - 34);
	while (rest.len)
		ew_buf_add(&digits, ew_str_cut(&rest, '\n'));
	ok(ew_base64_read(&bytes, ew_buf_str(&digits)) && bytes.len > 200, "the bytes of a key file");
	for (size_t n = 0; n < bytes.len; n++) {
		ew_buf_clear(&text);
		ew_buf_adds(&text, "-----BEGIN OPENSSH PRIVATE KEY-----\n");
		ew_base64_write(&text, ew_str_part(ew_buf_str(&bytes), 0, n));
		ew_buf_adds(&text, "\n-----END OPENSSH PRIVATE KEY-----\n");
		refusals += open_text(&s, dir, ew_buf_str(&text), NULL, &err) == EW_REFUSED &&
			strstr(err.msg, "damaged key: ");
		ew_err_clear(&err);
	}
	is_int(refusals, bytes.len, "every cut is refused as damage");
	ew_buf_release(&text);
	ew_buf_release(&digits);
	ew_buf_release(&bytes);
}

static void
test_bad_files(const char *dir)
{
	struct ew_buf text = { 0 };
	struct ew_err err = { 0 };
	struct ew_signer *s;
	char path[128];

	snprintf(path, sizeof path, "%s/absent", dir);
	refused(ew_signer_open(&s, &(struct ew_signer_opts){ .key = path }, &err), EW_NOTFOUND, &err, "key: cannot open /tmp/",
		"no such file");
	refused(ew_signer_open(&s, &(struct ew_signer_opts){ .key = path }, &err), EW_NOTFOUND, &err, "absent; give --key FILE",
		"no such file");
	refused(ew_signer_open(&s, &(struct ew_signer_opts){ .key = dir }, &err), EW_IO, &err, "give --key FILE", "a directory");
	refused(open_text(&s, dir, EW_LIT(""), NULL, &err), EW_REFUSED, &err, "key: no key; copy",
		"an empty file");
	refused(open_text(&s, dir, EW_LIT("-----BEGIN RSA PRIVATE KEY-----\n"), NULL, &err),
		EW_REFUSED, &err, "convert it with ssh-keygen -p -f FILE", "a PEM key");
	for (int i = 0; i < 70000; i++)
		ew_buf_addc(&text, 'x');
	refused(open_text(&s, dir, ew_buf_str(&text), NULL, &err), EW_REFUSED, &err,
		"too large for a key", "70,000 bytes");
	ew_buf_clear(&text);
	sample_private(&text, 1, &(struct sample_twist){ 0 });
	for (size_t n = text.len - 2; n > 40; n -= 13)
		if (open_text(&s, dir, ew_str_part(ew_buf_str(&text), 0, n), NULL, &err) !=
				EW_REFUSED ||
			!strstr(err.msg, "damaged key"))
			ok(false, "a file cut to %zu bytes is refused: %s", n, err.msg);
		else
			ew_err_clear(&err);
	text.p[100] = '*';
	refused(open_text(&s, dir, ew_buf_str(&text), NULL, &err), EW_REFUSED, &err,
		"not whole base64", "a star in the base64");
	ew_buf_release(&text);
}

/* --- pretended agents --- */

/* How one answers. */
enum trick { TRUE_KEY, OTHER_KEY, NO_KEYS, REFUSES, HANGS_UP, LONG_ANSWER, EMPTY_ANSWER,
	WRONG_ANSWER, SHORT_LIST, JUNK_AFTER, CUT_OFF, NO_LIST, SILENT, SLOW, SHA1, UNTOUCHED };

struct agent {
	enum trick trick;
	struct softkey key, other; /* the one it lists, and another of its type */
};

static bool
read_request(int fd, struct ew_buf *body)
{
	unsigned char head[4];
	size_t len;
	char *to;

	if (recv(fd, head, 4, MSG_WAITALL) != 4)
		return false;
	len = (size_t)head[2] << 8 | head[3];
	ew_buf_clear(body);
	to = ew_buf_room(body, len);
	if (!to || recv(fd, to, len, MSG_WAITALL) != (ssize_t)len)
		return false;
	body->len = len;
	return true;
}

static void
add_list(struct ew_buf *body, const struct agent *a)
{
	ew_buf_addc(body, 12);
	if (a->trick == NO_LIST)
		return;
	ew_buf_addu32be(body, a->trick == NO_KEYS ? 0 : a->trick == SHORT_LIST ? 9 : 1);
	ew_sshbuf_add(body, a->trick == SHORT_LIST ? EW_LIT("x") : ew_buf_str(&a->key.blob));
	ew_sshbuf_add(body, EW_LIT("a comment"));
}

/* The body of the answer to `request`; false to hang up. */
static bool
make_answer(struct ew_buf *body, struct ew_str request, const struct agent *a)
{
	const struct softtwist twist = {
		.form = a->trick == SHA1 ? "ssh-rsa" : NULL,
		.digest = a->trick == SHA1 ? "SHA1" : NULL,
		.flags = a->trick == UNTOUCHED,
	};
	struct ew_buf sig = { 0 };
	struct ew_str rest = ew_str_part(request, 1, request.len), blob, message;
	uint32_t flags;

	if (request.p[0] == 11) {
		add_list(body, a);
		return true;
	}
	if (!ew_sshbuf_string(&blob, &rest) || !ew_sshbuf_string(&message, &rest) ||
		!ew_sshbuf_u32(&flags, &rest) || rest.len || a->trick == HANGS_UP)
		return false;
	/* One that is asked for SHA-512 of a type that has no choice would be surprised. */
	if (flags != (a->key.type->rsa_bits ? 4 : 0))
		return false;
	soft_sign(&sig, a->trick == OTHER_KEY ? &a->other : &a->key, message, &twist);
	ew_buf_addc(body, a->trick == REFUSES ? 5 : a->trick == WRONG_ANSWER ? 12 : 14);
	if (a->trick != EMPTY_ANSWER)
		ew_sshbuf_add(body, ew_buf_str(&sig));
	if (a->trick == JUNK_AFTER)
		ew_buf_addc(body, 0);
	ew_buf_release(&sig);
	return true;
}

/* A byte at a time, if it is slow. */
static bool
send_answer(int fd, struct ew_str bytes, bool slow)
{
	for (size_t n = slow ? 1 : bytes.len; bytes.len; bytes = ew_str_part(bytes, n, bytes.len))
		if (send(fd, bytes.p, n, MSG_NOSIGNAL) != (ssize_t)n || (slow && usleep(1000) != 0))
			return false;
	return true;
}

static void
play_agent(int listener, const struct agent *a)
{
	int fd = accept(listener, NULL, NULL);
	struct ew_buf request = { 0 }, body = { 0 }, answer = { 0 };

	while (read_request(fd, &request)) {
		if (a->trick == SILENT)
			continue;
		ew_buf_clear(&body);
		ew_buf_clear(&answer);
		if (!make_answer(&body, ew_buf_str(&request), a))
			break;
		if (a->trick == LONG_ANSWER && body.p[0] == 14)
			ew_buf_addu32be(&answer, 0x7fffffff);
		else if (a->trick == CUT_OFF && body.p[0] == 14)
			ew_buf_adds(&answer, "\1\1");
		else
			ew_sshbuf_add(&answer, ew_buf_str(&body));
		if (!send_answer(fd, ew_buf_str(&answer), a->trick == SLOW && body.p[0] == 14) ||
			answer.len == 2)
			break;
	}
	close(fd);
}

/* Start a pretended agent at `path`, for one connection; its process id. */
static pid_t
start_agent(const char *path, const struct agent *a)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	pid_t pid;

	snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
	unlink(path);
	if (bind(listener, (const struct sockaddr *)&at, sizeof at) != 0 || listen(listener, 1) != 0)
		abort();
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		alarm(60); /* should the test die first */
		play_agent(listener, a);
		_exit(0);
	}
	close(listener);
	return pid;
}

static void
stop(pid_t pid)
{
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
}

/* The key as a public key's line. */
static void
add_line(struct ew_buf *out, const struct softkey *k)
{
	ew_buf_adds(out, k->type->name);
	ew_buf_addc(out, ' ');
	ew_base64_write(out, ew_buf_str(&k->blob));
	ew_buf_adds(out, " comment\n");
}

/* Sign with the agent's key, given in a file or as what a key is written as. */
static enum ew_code
sign_with(struct ew_buf *sig, const char *dir, const struct agent *a, bool as_line, const char *socket_path,
	struct ew_err *err)
{
	struct ew_signer_opts o = { .agent_socket = socket_path };
	struct ew_buf line = { 0 }, path = { 0 };
	struct ew_signer *s;
	enum ew_code rc;

	ew_buf_adds(&line, as_line ? "key::" : "");
	add_line(&line, &a->key);
	o.key = as_line ? line.p : sample_file(&path, dir, "key", ew_buf_str(&line));
	rc = ew_signer_open(&s, &o, err);
	if (rc == EW_OK) {
		ok(ew_signer_asks(s) && !ew_signer_program(s), "an agent is asked");
		hurries = a->trick == SLOW || (a->trick == SILENT && as_line);
		rc = ew_signer_sign(sig, s, EW_LIT("hello"), err);
		hurries = false;
	}
	if (a->trick == HANGS_UP && s) {
		struct ew_err again = { 0 };

		refused(ew_signer_sign(sig, s, EW_LIT("hello"), &again), EW_IO, &again,
			"agent: the connection was lost; try again", "afterwards");
	}
	ew_signer_free(s);
	ew_buf_release(&line);
	ew_buf_release(&path);
	return rc;
}

static void
test_one_agent(const char *dir, size_t type, enum trick trick, bool as_line, enum ew_code want,
	const char *message)
{
	struct agent a = { .trick = trick };
	struct ew_buf sig = { 0 };
	struct ew_err err = { 0 };
	char socket_path[100];
	pid_t pid;

	soft_make(&a.key, &softtypes[type]);
	soft_make(&a.other, &softtypes[type]);
	snprintf(socket_path, sizeof socket_path, "%s/agent", dir);
	pid = start_agent(socket_path, &a);
	is_int(sign_with(&sig, dir, &a, as_line, socket_path, &err), want, "%s: agent trick %d",
		a.key.type->name, (int)trick);
	ok(strstr(err.msg, message) != NULL, "says '%s'", err.msg);
	ok((sig.len > 0) == (want == EW_OK), "a signature only from a true agent");
	stop(pid);
	soft_free(&a.key);
	soft_free(&a.other);
	ew_buf_release(&sig);
}

static void
test_large_message(const char *dir)
{
	struct agent a = { .trick = TRUE_KEY };
	struct ew_buf line = { 0 }, path = { 0 }, sig = { 0 }, large = { 0 };
	struct ew_err err = { 0 };
	struct ew_signer *s;
	char socket_path[100];
	pid_t pid;

	soft_make(&a.key, &softtypes[SOFT_ED25519]);
	snprintf(socket_path, sizeof socket_path, "%s/agent", dir);
	pid = start_agent(socket_path, &a);
	add_line(&line, &a.key);
	memset(ew_buf_room(&large, 300000), 'x', 300000);
	large.len = 300000;
	if (ok(ew_signer_open(&s, &(struct ew_signer_opts){ .key = sample_file(&path, dir, "key", ew_buf_str(&line)),
		       .agent_socket = socket_path }, &err) == EW_OK, "open")) {
		refused(ew_signer_sign(&sig, s, ew_buf_str(&large), &err), EW_REFUSED, &err,
			"agent: 300000 bytes are too many to sign", "a large message");
		ok(ew_signer_sign(&sig, s, EW_LIT("small"), &err) == EW_OK,
			"and the agent still serves");
	}
	ew_signer_free(s);
	stop(pid);
	soft_free(&a.key);
	ew_buf_release(&line);
	ew_buf_release(&path);
	ew_buf_release(&sig);
	ew_buf_release(&large);
}

static void
on_alarm(int number)
{
	(void)number;
}

/* A person who does not want to wait for a silent agent. */
static void
test_interrupt(const char *dir)
{
	const struct sigaction action = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
	const struct itimerval soon = { .it_value.tv_usec = 50000, .it_interval.tv_usec = 50000 };
	const struct itimerval never = { .it_value.tv_usec = 0 };
	struct sigaction before;

	sigaction(SIGALRM, &action, &before);
	setitimer(ITIMER_REAL, &soon, NULL);
	test_one_agent(dir, SOFT_ED25519, SILENT, false, EW_INTERRUPTED,
		"agent: interrupted; nothing was signed");
	setitimer(ITIMER_REAL, &never, NULL);
	sigaction(SIGALRM, &before, NULL);
}

static void
test_pretended_agents(const char *dir)
{
	static const char type[] = "it signed with another key than was asked for: the signature is of another type";

	for (size_t i = 0; i < SOFTTYPES; i++) {
		test_one_agent(dir, i, TRUE_KEY, i % 2, EW_OK, "");
		test_one_agent(dir, i, OTHER_KEY, !(i % 2), EW_NO, "agent: it signed with another key");
	}
	test_one_agent(dir, SOFT_RSA, SHA1, false, EW_NO, type);
	test_one_agent(dir, SOFT_SK_ED25519, UNTOUCHED, false, EW_NO, "without anybody touching its device");
	test_one_agent(dir, SOFT_SK_ECDSA, UNTOUCHED, true, EW_NO, "without anybody touching its device");
	test_one_agent(dir, SOFT_ED25519, NO_KEYS, false, EW_USAGE,
		"this is the public half only: agent: it does not hold this key; add it with ssh-add");
	test_one_agent(dir, SOFT_P256, NO_KEYS, true, EW_USAGE, "key: agent: it does not hold this key");
	test_one_agent(dir, SOFT_ED25519, REFUSES, false, EW_IO, "agent: it refused; unlock it");
	test_one_agent(dir, SOFT_ED25519, HANGS_UP, false, EW_IO, "agent: it closed the connection");
	test_one_agent(dir, SOFT_ED25519, LONG_ANSWER, false, EW_IO, "agent: its answer has an impossible length");
	test_one_agent(dir, SOFT_ED25519, EMPTY_ANSWER, false, EW_IO, "agent: its signature is malformed");
	test_one_agent(dir, SOFT_ED25519, WRONG_ANSWER, false, EW_IO, "agent: it gave another answer");
	test_one_agent(dir, SOFT_ED25519, SHORT_LIST, false, EW_IO, "agent: its list of keys is malformed");
	test_one_agent(dir, SOFT_ED25519, JUNK_AFTER, false, EW_IO, "agent: its signature is malformed");
	test_one_agent(dir, SOFT_ED25519, CUT_OFF, false, EW_IO, "agent: it closed the connection");
	test_one_agent(dir, SOFT_ED25519, NO_LIST, false, EW_IO, "agent: its list of keys is malformed");
	test_one_agent(dir, SOFT_RSA, SLOW, false, EW_IO, "agent: no answer within 30 seconds");
	test_large_message(dir);
}

static void
test_no_agent(const char *dir)
{
	struct ew_buf line = { 0 }, literal = { 0 };
	struct ew_err err = { 0 };
	struct ew_signer *s;
	char longer[200];

	sample_public(&line, 1);
	refused(open_text(&s, dir, ew_buf_str(&line), NULL, &err), EW_USAGE, &err,
		"key: this is the public half only: there is no agent; add the key to ssh-agent (ssh-add)",
		"a public key");
	refused(open_text(&s, dir, ew_buf_str(&line), "/nonexistent/socket", &err), EW_IO, &err,
		"agent: cannot reach /nonexistent/socket; start ssh-agent", "no socket");
	memset(longer, 'x', sizeof longer);
	longer[0] = '/';
	longer[sizeof longer - 1] = '\0';
	refused(open_text(&s, dir, ew_buf_str(&line), longer, &err), EW_IO, &err,
		"too long for a socket", "a path of 199 bytes");
	ew_buf_addf(&literal, "key::%s", line.p);
	refused(ew_signer_open(&s, &(struct ew_signer_opts){ .key = literal.p }, &err), EW_USAGE, &err,
		"key: there is no agent; add the key to ssh-agent", "a public key that is no file");
	refused(ew_signer_open(&s, &(struct ew_signer_opts){ .key = "key::" }, &err), EW_REFUSED, &err,
		"key: no key; copy a line from a .pub file", "nothing but the mark of one");
	refused(ew_signer_open(&s, &(struct ew_signer_opts){ .key = "key::ssh-dss AAAA" }, &err), EW_REFUSED,
		&err, "key: unknown key type 'ssh-dss'", "one of another type");
	ew_buf_release(&line);
	ew_buf_release(&literal);
}

/* --- private files of the other types --- */

/* A file of one key's public and another's private half, or with its fields cut. */
static void
test_halves(const char *dir, const struct softtype *type)
{
	static const char half[] = "damaged key: its private half is malformed";
	struct softkey k[2];
	struct ew_buf fields = { 0 }, text = { 0 }, sig = { 0 };
	struct ew_err err = { 0 };
	struct ew_signer *s;
	size_t refusals = 0;

	soft_make(&k[0], type);
	soft_make(&k[1], type);
	soft_fields(&fields, &k[0]);
	sample_container(&text, ew_buf_str(&k[0].blob), ew_buf_str(&fields), &(struct sample_twist){ 0 });
	ok(open_text(&s, dir, ew_buf_str(&text), NULL, &err) == EW_OK &&
			ew_signer_sign(&sig, s, EW_LIT("hello"), &err) == EW_OK &&
			ew_sshkey_verify(ew_signer_key(s), ew_buf_str(&sig), EW_LIT("hello"), &err) == EW_OK,
		"%s: a file of it signs: %s", type->name, err.msg);
	ew_signer_free(s);
	ew_buf_clear(&text);
	sample_container(&text, ew_buf_str(&k[1].blob), ew_buf_str(&fields), &(struct sample_twist){ 0 });
	refused(open_text(&s, dir, ew_buf_str(&text), NULL, &err), EW_REFUSED, &err, half,
		"the private half of another key");
	for (size_t n = 0; n < fields.len; n++) {
		ew_buf_clear(&text);
		sample_container(&text, ew_buf_str(&k[0].blob), ew_str_part(ew_buf_str(&fields), 0, n),
			&(struct sample_twist){ 0 });
		refusals += open_text(&s, dir, ew_buf_str(&text), NULL, &err) == EW_REFUSED &&
			strstr(err.msg, half);
		ew_err_clear(&err);
	}
	is_int(refusals, fields.len, "%s: every cut of its fields is refused", type->name);
	fields.p[fields.len - 1] ^= 1; /* of a secret number */
	ew_buf_clear(&text);
	sample_container(&text, ew_buf_str(&k[0].blob), ew_buf_str(&fields), &(struct sample_twist){ 0 });
	if (type->group)
		refused(open_text(&s, dir, ew_buf_str(&text), NULL, &err), EW_REFUSED, &err, half,
			"a secret that is not the public half's");
	soft_free(&k[0]);
	soft_free(&k[1]);
	ew_buf_release(&fields);
	ew_buf_release(&text);
	ew_buf_release(&sig);
}

/* --- keys that ssh-keygen has made --- */

static struct ew_hash *hash;

/*
 * Sign "hello" with DIR/NAME, with ssh-agent's help or none: `want` is what comes of it, and
 * `message` part of what is said.
 */
static void
sign_real(const char *dir, const char *name, const struct ew_signer_opts *opts, enum ew_code want,
	const char *message)
{
	struct ew_signer_opts o = *opts;
	struct ew_err err = { 0 };
	struct ew_buf armour = { 0 };
	struct ew_sshkey by;
	struct ew_signer *s;
	char path[128];
	enum ew_code rc;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	o.folder = dir;
	if (!o.key)
		o.key = path;
	rc = ew_signer_open(&s, &o, &err);
	if (rc == EW_OK)
		rc = ew_sshsig_sign(&armour, hash, s, "git", EW_LIT("hello"), &err);
	is_int(rc, want, "%s, %s, %s: %s", name, o.agent_socket ? "with ssh-agent" : "alone",
		o.program ? o.program : "by itself", err.msg);
	ok(strstr(err.msg, message) != NULL, "says '%s'", err.msg);
	ok((armour.len > 0) == (want == EW_OK), "and there is a signature only if it did");
	if (rc == EW_OK)
		ok(ew_sshsig_verify(&by, hash, "git", EW_LIT("hello"), ew_buf_str(&armour), &err) == EW_OK &&
				ew_sshkey_eq(&by, ew_signer_key(s)),
			"it is good: %s", err.msg);
	is_int(sample_run(dir, "! ls | grep tmp_ellwand"), 0, "no file is left");
	ew_signer_free(s);
	ew_buf_release(&armour);
}

static void
test_real_key(const char *dir, const char *name, const char *agent, enum ew_code want)
{
	sign_real(dir, name, &(struct ew_signer_opts){ .agent_socket = agent }, want, "");
}

static bool
make_real_keys(const char *dir)
{
	return sample_have("ssh-keygen") &&
		sample_run(dir,
			"for i in 1 22 333 4444 55555 666666 7777777 88888888 999999999; do "
			"ssh-keygen -q -t ed25519 -N '' -C $i -f plain$i || exit; done && "
			"ssh-keygen -q -t ed25519 -a 1 -N secret -f locked && "
			"ssh-keygen -q -t ed25519 -a 1 -Z chacha20-poly1305@openssh.com -N secret -f locked2 && "
			"ssh-keygen -q -t ecdsa -b 256 -a 1 -N secret -f locked3 && "
			"ssh-keygen -q -t rsa -b 2048 -a 1 -N secret -f locked4 && "
			"ssh-keygen -q -t ecdsa -b 256 -N '' -f p256 && "
			"ssh-keygen -q -t ecdsa -b 384 -N '' -f p384 && "
			"ssh-keygen -q -t ecdsa -b 521 -N '' -f p521 && "
			"ssh-keygen -q -t rsa -b 2048 -N '' -f rsa2048 && "
			"ssh-keygen -q -t rsa -b 3072 -N '' -f rsa3072") == 0 &&
		sample_run(dir,
			"printf '#!/bin/sh\\necho secret\\n' >ask && chmod +x ask && "
			"mkdir alone && cp p256.pub alone && cp plain1.pub other.pub && cp p256 other && "
			"cp locked.pub alone/locked.pub") == 0;
}

static void
test_real_keys(const char *dir)
{
	static const char *const plain[] = { "plain1", "plain22", "plain333", "plain4444", "plain55555",
		"plain666666", "plain7777777", "plain88888888", "plain999999999", "p256", "p384", "p521",
		"rsa2048", "rsa3072" };
	static const char *const locked[] = { "locked", "locked2", "locked3", "locked4" };
	struct ew_buf text = { 0 }, path = { 0 };
	char name[32];

	sample_private(&text, 1, &(struct sample_twist){ 0 });
	sample_file(&path, dir, "sample", ew_buf_str(&text));
	is_int(sample_run(dir, "ssh-keygen -y -f sample"), 0, "ssh-keygen reads the sample key");
	for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
		test_real_key(dir, plain[i], NULL, EW_OK);
		snprintf(name, sizeof name, "%s.pub", plain[i]);
		test_real_key(dir, name, NULL, EW_OK);
	}
	test_real_key(dir, "alone/p256.pub", NULL, EW_USAGE);
	sign_real(dir, "other.pub", &(struct ew_signer_opts){ .key = NULL }, EW_REFUSED,
		"other: not the private half of this key; give --key FILE");
	for (size_t i = 0; i < sizeof locked / sizeof locked[0]; i++) {
		const struct ew_signer_opts o = { .key = NULL };

		sign_real(dir, locked[i], &o, EW_USAGE, ": ssh-keygen: Load key ");
		sign_real(dir, locked[i], &o, EW_USAGE, "; add it to ssh-agent with ssh-add");
		snprintf(name, sizeof name, "%s/ask", dir);
		setenv("SSH_ASKPASS", name, 1);
		sign_real(dir, locked[i], &o, EW_OK, "");
		snprintf(name, sizeof name, "%s.pub", locked[i]);
		sign_real(dir, name, &o, EW_OK, "");
		setenv("SSH_ASKPASS", "false", 1);
	}
	ew_buf_release(&text);
	ew_buf_release(&path);
}

/* ssh-agent in the foreground of a child; 0 if it does not come up. */
static pid_t
start_ssh_agent(const char *socket_path)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		alarm(60);
		if (freopen("/dev/null", "w", stdout))
			execlp("ssh-agent", "ssh-agent", "-D", "-a", socket_path, (char *)NULL);
		_exit(127);
	}
	for (int i = 0; i < 100; i++) {
		if (sample_run("/", "SSH_AUTH_SOCK=%s ssh-add -l; test $? -ne 2", socket_path) == 0)
			return pid;
		usleep(10000);
	}
	stop(pid);
	return 0;
}

static void
test_real_agent(const char *dir)
{
	struct ew_buf literal = { 0 };
	struct ew_err err = { 0 };
	char socket_path[100], path[100];
	pid_t pid = 0;

	snprintf(socket_path, sizeof socket_path, "%s/ssh-agent", dir);
	if (sample_have("ssh-agent") && sample_have("ssh-add"))
		pid = start_ssh_agent(socket_path);
	if (!pid) {
		tap_skip("no ssh-agent");
		return;
	}
	test_real_key(dir, "alone/locked.pub", socket_path, EW_USAGE);
	test_real_key(dir, "locked", socket_path, EW_USAGE);
	is_int(sample_run(dir, "SSH_AUTH_SOCK=%s SSH_ASKPASS=./ask ssh-add locked locked2 locked3 locked4",
		       socket_path),
		0, "ssh-add takes the locked keys");
	test_real_key(dir, "locked", socket_path, EW_OK);
	test_real_key(dir, "locked2", socket_path, EW_OK);
	test_real_key(dir, "locked3", socket_path, EW_OK);
	test_real_key(dir, "locked4", socket_path, EW_OK);
	test_real_key(dir, "alone/locked.pub", socket_path, EW_OK);
	is_int(sample_run(dir, "SSH_AUTH_SOCK=%s ssh-add p256 p384 p521 rsa2048", socket_path), 0,
		"and keys of the other types");
	test_real_key(dir, "alone/p256.pub", socket_path, EW_OK);
	test_real_key(dir, "p384.pub", socket_path, EW_OK);
	test_real_key(dir, "p521.pub", socket_path, EW_OK);
	test_real_key(dir, "rsa2048.pub", socket_path, EW_OK);
	snprintf(path, sizeof path, "%s/p521.pub", dir);
	ew_buf_adds(&literal, "key::");
	ok(ew_file_read(&literal, path, 0, &err) == EW_OK, "a line");
	sign_real(dir, "a public key that is no file",
		&(struct ew_signer_opts){ .key = literal.p, .agent_socket = socket_path }, EW_OK, "");
	test_real_key(dir, "plain1.pub", socket_path, EW_OK);
	test_real_key(dir, "plain1", socket_path, EW_OK);
	is_int(sample_run(dir, "SSH_AUTH_SOCK=%s ssh-add -D", socket_path), 0, "ssh-add forgets");
	test_real_key(dir, "locked", socket_path, EW_USAGE);
	test_real_key(dir, "alone/p256.pub", socket_path, EW_USAGE);
	stop(pid);
	ew_buf_release(&literal);
}

/* --- programs --- */

/* A program that does this with ssh-keygen's arguments. */
static void
by_program(const char *dir, const char *key, const char *script, enum ew_code want, const char *message)
{
	struct ew_buf path = { 0 }, text = { 0 };

	ew_buf_addf(&text, "#!/bin/sh\nfor message; do :; done\n%s\n", script);
	sample_file(&path, dir, "program", ew_buf_str(&text));
	soft_must(sample_run(dir, "chmod +x program") == 0);
	sign_real(dir, key, &(struct ew_signer_opts){ .program = path.p }, want, message);
	ew_buf_release(&path);
	ew_buf_release(&text);
}

static void
test_programs(const char *dir)
{
	static const char good[] = "ssh-keygen \"$@\"";
	struct ew_buf literal = { 0 };
	struct ew_err err = { 0 };
	char path[100];

	by_program(dir, "plain1", good, EW_OK, "");
	by_program(dir, "plain1.pub", good, EW_OK, "");
	by_program(dir, "p384", good, EW_OK, "");
	by_program(dir, "rsa2048", good, EW_OK, "");
	by_program(dir, "plain1", "echo talk; echo more >&2; ssh-keygen \"$@\" && sed -i 's/$/\r/' \"$message.sig\"",
		EW_OK, "");
	by_program(dir, "plain1", "test \"$*\" = \"-Y sign -n git -f $6 $message\" && ssh-keygen \"$@\"", EW_OK, "");
	by_program(dir, "plain1", "ssh-keygen -O hashalg=sha256 \"$@\"", EW_OK, "");
	by_program(dir, "plain1", "printf 'Signing file x\\n one\\r\\n\\ntwo\\n' >&2; exit 1", EW_IO,
		"/program: one; two");
	by_program(dir, "plain1", "exit 3", EW_IO, "/program: it failed with status 3 and no word");
	by_program(dir, "plain1", "kill -9 $$", EW_IO, "/program: it failed with status 137 and no word");
	by_program(dir, "plain1", "exit 0", EW_IO, "/program: it left no signature: ");
	by_program(dir, "plain1", "echo nonsense >\"$message.sig\"", EW_NO,
		"/program: it made no good signature: signature: not one whole SSH signature");
	by_program(dir, "plain1", "ssh-keygen -Y sign -n git -f plain22 \"$message\"", EW_IO, "");
	by_program(dir, "plain1", "cd ${message%/*}; ssh-keygen -Y sign -n git -f plain22 \"$message\"", EW_NO,
		"/program: it signed with another key than was asked for");
	by_program(dir, "plain1", "cd ${message%/*}; ssh-keygen -Y sign -n file -f plain1 \"$message\"", EW_NO,
		"namespace 'file', not 'git'");
	by_program(dir, "plain1", "cd ${message%/*}; echo x >\"$message.x\"; "
		"ssh-keygen -Y sign -n git -f plain1 \"$message.x\"; mv \"$message.x.sig\" \"$message.sig\"; "
		"rm \"$message.x\"", EW_NO, "the signature does not verify");
	by_program(dir, "plain1", "head -c 100000 /dev/zero", EW_IO, "it prints more than 65536 bytes");
	by_program(dir, "plain1", "head -c 100000 /dev/zero >\"$message.sig\"", EW_IO, "it left no signature: ");
	by_program(dir, "plain1", "kill -15 $$", EW_INTERRUPTED, "interrupted; nothing was written");
	sign_real(dir, "plain1", &(struct ew_signer_opts){ .program = "/nonexistent/program" }, EW_IO,
		"plain1: /nonexistent/program: cannot run it: No such file or directory");
	snprintf(path, sizeof path, "%s/plain1.pub", dir);
	ew_buf_adds(&literal, "key::");
	ok(ew_file_read(&literal, path, 0, &err) == EW_OK, "a line");
	snprintf(path, sizeof path, "%s/program", dir);
	by_program(dir, "plain1", "shift 6; test $1 = -U || exit; cd ${message%/*}; "
		"ssh-keygen -Y sign -n git -f plain1 \"$message\"", EW_IO, "");
	sign_real(dir, "a public key that is no file",
		&(struct ew_signer_opts){ .key = literal.p, .program = path }, EW_OK, "");
	ew_buf_release(&literal);
}

int
main(void)
{
	static const size_t type[] = { SOFT_P256, SOFT_P384, SOFT_P521, SOFT_RSA };
	struct ew_err err = { 0 };
	char dir[64];

	/* Nobody is asked on the terminal. */
	setenv("SSH_ASKPASS", "false", 1);
	setenv("SSH_ASKPASS_REQUIRE", "force", 1);
	unsetenv("SSH_AUTH_SOCK");
	if (!ok(ew_hash_open(&hash, &err) == EW_OK && sample_dir(dir), "start: %s", err.msg))
		return tap_done();
	test_sign(dir);
	test_twisted_files(dir);
	test_cut_files(dir);
	test_bad_files(dir);
	test_pretended_agents(dir);
	test_interrupt(dir);
	test_no_agent(dir);
	for (size_t i = 0; i < sizeof type / sizeof type[0]; i++)
		test_halves(dir, &softtypes[type[i]]);
	if (make_real_keys(dir)) {
		test_real_keys(dir);
		test_real_agent(dir);
		test_programs(dir);
	} else {
		tap_skip("no ssh-keygen");
	}
	sample_remove_dir(dir);
	ew_hash_free(hash);
	return tap_done();
}
