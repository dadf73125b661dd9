/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/sshkey.h"
#include "codec/agent.h"
#include "tests/lib/sshsample.h"
#include "tests/lib/tap.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static void
refused(enum ew_code got, enum ew_code want, struct ew_err *err, const char *message,
	const char *text)
{
	is_int(got, want, "%s: refused", text);
	ok(strstr(err->msg, message) != NULL, "%s: says '%s'", text, err->msg);
	ew_err_clear(err);
}

static void
test_public(struct ew_hash *h)
{
	struct ew_buf line = { 0 }, out = { 0 };
	struct ew_err err = { 0 };
	struct ew_sshkey key, same, other;

	sample_public(&line, 1);
	ok(ew_sshkey_read(&key, ew_buf_str(&line), &err) == EW_OK, "a public key is read");
	ew_sshkey_write(&out, &key);
	ok(ew_str_eq(ew_buf_str(&out), ew_buf_str(&line)), "and written as it was");
	ew_buf_adds(&line, " a comment\twith = and a tab");
	ok(ew_sshkey_read(&same, ew_buf_str(&line), &err) == EW_OK && ew_sshkey_eq(&key, &same),
		"a comment does not matter");
	ok(ew_sshkey_parse(&same, ew_sshkey_blob(&key), &err) == EW_OK &&
			ew_sshkey_eq(&key, &same),
		"the wire form is read");
	ew_buf_clear(&line);
	sample_public(&line, 2);
	ok(ew_sshkey_read(&other, ew_buf_str(&line), &err) == EW_OK && !ew_sshkey_eq(&key, &other),
		"another key is not equal");
	ew_buf_clear(&out);
	ew_sshkey_read(&key,
		EW_LIT("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHmBkrYzTOkXzYq7uAKdJQWBHrDVLUZ87hYiL9ojiI2/"),
		&err) == EW_OK
		? ew_sshkey_fingerprint(&out, h, &key)
		: (void)0;
	is_str(ew_buf_str(&out), "SHA256:qdQ3liTBcvkS8ER2outvm+SiKuFEaRtZTGN0KF6tTrU",
		"the fingerprint is ssh-keygen's");
	ew_buf_release(&line);
	ew_buf_release(&out);
}

static void
test_public_refusals(void)
{
#define KEY "AAAAC3NzaC1lZDI1NTE5AAAAIHmBkrYzTOkXzYq7uAKdJQWBHrDVLUZ87hYiL9ojiI2/"
	static const struct {
		const char *line, *message;
	} bad[] = {
		{ "", "no key; copy a line from a .pub file" },
		{ "ssh-ed25519", "malformed key" },
		{ "ssh-ed25519 ", "malformed key" },
		{ "ssh-rsa " KEY, "a key of another type than its line says" },
		{ "ssh-dss AAAA", "unknown key type 'ssh-dss'; use an ssh-ed25519 key" },
		{ "rsa-sha2-512 " KEY, "unknown key type 'rsa-sha2-512'" },
		{ "ssh-ed25519-cert-v01@openssh.com " KEY, "unknown key type 'ssh-ed25519-cert" },
		{ "SSH-ED25519 " KEY, "unknown key type 'SSH-ED25519'" },
		{ " ssh-ed25519 " KEY, "unknown key type ''" },
		{ "ssh-ed25519  " KEY, "malformed key" },
		{ "ssh-ed25519 " KEY "=", "not whole base64" },
		{ "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHmBkrYzTOkXzYq7", "malformed ssh-ed25519" },
		{ "ssh-ed25519 " KEY "AAAA", "malformed ssh-ed25519" },
		{ "ssh-ed25519 AAAAB3NzaC1yc2E=", "malformed ssh-rsa key" },
		{ "ssh-ed25519 " KEY "\nssh-ed25519 " KEY, "control bytes in a key" },
		{ "ssh-ed25519 " KEY "\r", "control bytes in a key" },
	};
	struct ew_err err = { 0 };
	struct ew_sshkey key;
	struct ew_buf big = { 0 };

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		refused(ew_sshkey_read(&key, ew_str(bad[i].line), &err), EW_REFUSED, &err,
			bad[i].message, bad[i].message);
		is_int(key.len, 0, "and no key is left");
	}
	for (int i = 0; i < EW_SSHKEY_BLOB_MAX + 1; i++)
		ew_buf_addc(&big, '\0');
	refused(ew_sshkey_parse(&key, ew_buf_str(&big), &err), EW_REFUSED, &err, "malformed key",
		"a wire form that is too long");
	ew_buf_release(&big);
#undef KEY
}

/* Open a key file of these bytes. */
static enum ew_code
open_text(struct ew_signer **out, const char *dir, struct ew_str text, const char *agent,
	struct ew_err *err)
{
	struct ew_buf path = { 0 };
	enum ew_code rc = ew_signer_open(out, sample_file(&path, dir, "key", text), agent, err);

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
	refused(ew_signer_open(&s, path, NULL, &err), EW_NOTFOUND, &err, "key: cannot open /tmp/",
		"no such file");
	refused(ew_signer_open(&s, path, NULL, &err), EW_NOTFOUND, &err, "absent; give --key FILE",
		"no such file");
	refused(ew_signer_open(&s, dir, NULL, &err), EW_IO, &err, "give --key FILE", "a directory");
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

/* How a pretended agent answers. */
enum trick { TRUE_KEY, OTHER_KEY, NO_KEYS, REFUSES, HANGS_UP, LONG_ANSWER, EMPTY_ANSWER,
	WRONG_ANSWER, SHORT_LIST, JUNK_AFTER, CUT_OFF, NO_LIST, SILENT };

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

/* The body of the answer to `request`; false to hang up. */
static bool
make_answer(struct ew_buf *body, struct ew_str request, struct ew_signer *s, enum trick trick)
{
	struct ew_err err = { 0 };
	struct ew_buf sig = { 0 };
	struct ew_str rest = ew_str_part(request, 1, request.len), blob, message;
	struct ew_buf line = { 0 };
	struct ew_sshkey held;

	if (request.p[0] == 11) {
		sample_public(&line, 1);
		if (ew_sshkey_read(&held, ew_buf_str(&line), &err) != EW_OK)
			return false;
		ew_buf_addc(body, 12);
		if (trick == NO_LIST)
			return true;
		ew_buf_addu32be(body, trick == NO_KEYS ? 0 : trick == SHORT_LIST ? 9 : 1);
		ew_sshbuf_add(body, trick == SHORT_LIST ? EW_LIT("x") : ew_sshkey_blob(&held));
		ew_sshbuf_add(body, EW_LIT("a comment"));
		ew_buf_release(&line);
		return true;
	}
	if (!ew_sshbuf_string(&blob, &rest) || !ew_sshbuf_string(&message, &rest) ||
		ew_signer_sign(&sig, s, message, &err) != EW_OK || trick == HANGS_UP)
		return false;
	ew_buf_addc(body, trick == REFUSES ? 5 : trick == WRONG_ANSWER ? 12 : 14);
	if (trick != EMPTY_ANSWER)
		ew_sshbuf_add(body, ew_buf_str(&sig));
	if (trick == JUNK_AFTER)
		ew_buf_addc(body, 0);
	ew_buf_release(&sig);
	return true;
}

static void
play_agent(int listener, struct ew_signer *s, enum trick trick)
{
	int fd = accept(listener, NULL, NULL);
	struct ew_buf request = { 0 }, body = { 0 }, answer = { 0 };

	while (read_request(fd, &request)) {
		if (trick == SILENT)
			continue;
		ew_buf_clear(&body);
		ew_buf_clear(&answer);
		if (!make_answer(&body, ew_buf_str(&request), s, trick))
			break;
		if (trick == LONG_ANSWER && body.p[0] == 14)
			ew_buf_addu32be(&answer, 0x7fffffff);
		else if (trick == CUT_OFF && body.p[0] == 14)
			ew_buf_adds(&answer, "\1\1");
		else
			ew_sshbuf_add(&answer, ew_buf_str(&body));
		if (send(fd, answer.p, answer.len, 0) != (ssize_t)answer.len || answer.len == 2)
			break;
	}
	close(fd);
}

/* Start a pretended agent at `path`, for one connection; its process id. */
static pid_t
start_agent(const char *path, const char *dir, enum trick trick)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	struct ew_buf text = { 0 };
	struct ew_err err = { 0 };
	struct ew_signer *s;
	pid_t pid;

	snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
	unlink(path);
	if (bind(listener, (const struct sockaddr *)&at, sizeof at) != 0 || listen(listener, 1) != 0)
		abort();
	sample_private(&text, trick == OTHER_KEY ? 2 : 1, &(struct sample_twist){ 0 });
	if (open_text(&s, dir, ew_buf_str(&text), NULL, &err) != EW_OK)
		abort();
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		alarm(60); /* should the test die first */
		play_agent(listener, s, trick);
		_exit(0);
	}
	close(listener);
	ew_signer_free(s);
	ew_buf_release(&text);
	return pid;
}

static void
test_one_agent(const char *dir, enum trick trick, enum ew_code want, const char *message)
{
	struct ew_buf line = { 0 }, sig = { 0 };
	struct ew_err err = { 0 };
	struct ew_signer *s;
	char socket_path[100];
	enum ew_code rc;
	pid_t pid;

	snprintf(socket_path, sizeof socket_path, "%s/agent", dir);
	pid = start_agent(socket_path, dir, trick);
	sample_public(&line, 1);
	ew_buf_adds(&line, " comment\n");
	rc = open_text(&s, dir, ew_buf_str(&line), socket_path, &err);
	if (rc == EW_OK)
		rc = ew_signer_sign(&sig, s, EW_LIT("hello"), &err);
	is_int(rc, want, "agent trick %d", (int)trick);
	ok(strstr(err.msg, message) != NULL, "says '%s'", err.msg);
	is_int(sig.len, want == EW_OK ? 83 : 0, "a signature only from a true agent");
	if (trick == HANGS_UP) {
		ew_err_clear(&err);
		refused(ew_signer_sign(&sig, s, EW_LIT("hello"), &err), EW_IO, &err,
			"agent: the connection was lost; try again", "afterwards");
	}
	ew_signer_free(s);
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
	ew_buf_release(&line);
	ew_buf_release(&sig);
}

static void
test_large_message(const char *dir)
{
	struct ew_buf line = { 0 }, sig = { 0 }, large = { 0 };
	struct ew_err err = { 0 };
	struct ew_signer *s;
	char socket_path[100];
	pid_t pid;

	snprintf(socket_path, sizeof socket_path, "%s/agent", dir);
	pid = start_agent(socket_path, dir, TRUE_KEY);
	sample_public(&line, 1);
	memset(ew_buf_room(&large, 300000), 'x', 300000);
	large.len = 300000;
	if (ok(open_text(&s, dir, ew_buf_str(&line), socket_path, &err) == EW_OK, "open")) {
		refused(ew_signer_sign(&sig, s, ew_buf_str(&large), &err), EW_REFUSED, &err,
			"agent: 300000 bytes are too many to sign", "a large message");
		ok(ew_signer_sign(&sig, s, EW_LIT("small"), &err) == EW_OK,
			"and the agent still serves");
	}
	ew_signer_free(s);
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
	ew_buf_release(&line);
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
	test_one_agent(dir, SILENT, EW_INTERRUPTED, "agent: interrupted; nothing was signed");
	setitimer(ITIMER_REAL, &never, NULL);
	sigaction(SIGALRM, &before, NULL);
}

static void
test_pretended_agents(const char *dir)
{
	test_one_agent(dir, TRUE_KEY, EW_OK, "");
	test_one_agent(dir, OTHER_KEY, EW_NO, "agent: it signed with another key");
	test_one_agent(dir, NO_KEYS, EW_USAGE, "agent: it does not hold this key; add it with ssh-add");
	test_one_agent(dir, REFUSES, EW_IO, "agent: it refused; unlock it");
	test_one_agent(dir, HANGS_UP, EW_IO, "agent: it closed the connection");
	test_one_agent(dir, LONG_ANSWER, EW_IO, "agent: its answer has an impossible length");
	test_one_agent(dir, EMPTY_ANSWER, EW_IO, "agent: its signature is malformed");
	test_one_agent(dir, WRONG_ANSWER, EW_IO, "agent: it gave another answer");
	test_one_agent(dir, SHORT_LIST, EW_IO, "agent: its list of keys is malformed");
	test_one_agent(dir, JUNK_AFTER, EW_IO, "agent: its signature is malformed");
	test_one_agent(dir, CUT_OFF, EW_IO, "agent: it closed the connection");
	test_one_agent(dir, NO_LIST, EW_IO, "agent: its list of keys is malformed");
	test_large_message(dir);
}

static void
test_no_agent(const char *dir)
{
	struct ew_buf line = { 0 }, locked = { 0 };
	struct ew_err err = { 0 };
	struct ew_signer *s;
	char longer[200];

	sample_public(&line, 1);
	sample_private(&locked, 1, &(struct sample_twist){ .cipher = "aes256-ctr", .kdf = "bcrypt" });
	refused(open_text(&s, dir, ew_buf_str(&line), NULL, &err), EW_USAGE, &err,
		"this is the public half only and there is no agent; add it to ssh-agent",
		"a public key");
	refused(open_text(&s, dir, ew_buf_str(&locked), NULL, &err), EW_USAGE, &err,
		"the key is encrypted and there is no agent; add it to ssh-agent",
		"an encrypted key");
	refused(open_text(&s, dir, ew_buf_str(&locked), "/nonexistent/socket", &err), EW_IO, &err,
		"agent: cannot reach /nonexistent/socket; start ssh-agent", "no socket");
	memset(longer, 'x', sizeof longer);
	longer[0] = '/';
	longer[sizeof longer - 1] = '\0';
	refused(open_text(&s, dir, ew_buf_str(&locked), longer, &err), EW_IO, &err,
		"too long for a socket", "a path of 199 bytes");
	ew_buf_release(&line);
	ew_buf_release(&locked);
}

/* Open DIR/NAME with ssh-agent's help (or none), and let ssh-keygen judge what it is. */
static void
test_real_key(const char *dir, const char *name, const char *agent, enum ew_code want)
{
	struct ew_err err = { 0 };
	struct ew_buf sig = { 0 };
	struct ew_signer *s;
	char path[128];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	is_int(ew_signer_open(&s, path, agent, &err), want, "%s %s: %s", name,
		agent ? "with ssh-agent" : "alone", err.msg);
	if (s) {
		ok(ew_signer_sign(&sig, s, EW_LIT("hello"), &err) == EW_OK &&
				ew_sshkey_verify(ew_signer_key(s), ew_buf_str(&sig),
					EW_LIT("hello"), &err) == EW_OK,
			"it signs: %s", err.msg);
		ew_signer_free(s);
	}
	ew_buf_release(&sig);
}

static void
test_real_keys(const char *dir)
{
	static const struct {
		const char *option, *name;
	} kind[] = { { "ecdsa -b 256", "p256" }, { "ecdsa -b 384", "p384" }, { "ecdsa -b 521", "p521" },
		{ "rsa -b 2048", "rsa2048" }, { "rsa -b 3072", "rsa3072" } };
	struct ew_buf text = { 0 }, path = { 0 };

	if (!sample_have("ssh-keygen")) {
		tap_skip("no ssh-keygen");
		return;
	}
	sample_private(&text, 1, &(struct sample_twist){ 0 });
	sample_file(&path, dir, "sample", ew_buf_str(&text));
	is_int(sample_run(dir, "ssh-keygen -y -f sample"), 0, "ssh-keygen reads the sample key");
	for (int n = 0; n < 9; n++) { /* every length of padding */
		char name[16];

		snprintf(name, sizeof name, "plain%d", n);
		is_int(sample_run(dir, "ssh-keygen -q -t ed25519 -N '' -C %.*s -f %s", n + 1,
			       "comments", name),
			0, "ssh-keygen makes a key");
		test_real_key(dir, name, NULL, EW_OK);
	}
	is_int(sample_run(dir, "ssh-keygen -q -t ed25519 -a 1 -N secret -f locked"), 0, "a locked key");
	is_int(sample_run(dir, "ssh-keygen -q -t ed25519 -a 1 -Z chacha20-poly1305@openssh.com "
			       "-N secret -f locked2"),
		0, "a locked key of another cipher");
	test_real_key(dir, "locked", NULL, EW_USAGE);
	test_real_key(dir, "locked2", NULL, EW_USAGE);
	for (size_t i = 0; i < sizeof kind / sizeof kind[0]; i++) {
		is_int(sample_run(dir, "ssh-keygen -q -t %s -N '' -f %s", kind[i].option, kind[i].name),
			0, "a key of type %s", kind[i].option);
		test_real_key(dir, kind[i].name, NULL, EW_OK);
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
		if (access(socket_path, F_OK) == 0)
			return pid;
		usleep(10000);
	}
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
	return 0;
}

static void
test_real_agent(const char *dir)
{
	char socket_path[100];
	pid_t pid = 0;

	snprintf(socket_path, sizeof socket_path, "%s/ssh-agent", dir);
	if (sample_have("ssh-agent") && sample_have("ssh-add") && sample_have("ssh-keygen"))
		pid = start_ssh_agent(socket_path);
	if (!pid) {
		tap_skip("no ssh-agent");
		return;
	}
	test_real_key(dir, "locked.pub", socket_path, EW_USAGE);
	is_int(sample_run(dir, "printf '#!/bin/sh\\necho secret\\n' >ask && chmod +x ask && "
			       "SSH_AUTH_SOCK=%s SSH_ASKPASS=./ask SSH_ASKPASS_REQUIRE=force "
			       "ssh-add locked locked2",
		       socket_path),
		0, "ssh-add takes the locked keys");
	test_real_key(dir, "locked", socket_path, EW_OK);
	test_real_key(dir, "locked2", socket_path, EW_OK);
	test_real_key(dir, "locked.pub", socket_path, EW_OK);
	is_int(sample_run(dir, "SSH_AUTH_SOCK=%s ssh-add p256 p384 p521 rsa2048", socket_path), 0,
		"and keys of the other types");
	test_real_key(dir, "p256.pub", socket_path, EW_OK);
	test_real_key(dir, "p384.pub", socket_path, EW_OK);
	test_real_key(dir, "p521.pub", socket_path, EW_OK);
	test_real_key(dir, "rsa2048.pub", socket_path, EW_OK);
	test_real_key(dir, "plain0.pub", socket_path, EW_USAGE);
	test_real_key(dir, "plain0", socket_path, EW_OK);
	is_int(sample_run(dir, "SSH_AUTH_SOCK=%s ssh-add -D", socket_path), 0, "ssh-add forgets");
	test_real_key(dir, "locked", socket_path, EW_USAGE);
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
}

int
main(void)
{
	struct ew_err err = { 0 };
	struct ew_hash *h;
	char dir[64];

	if (!ok(ew_hash_open(&h, &err) == EW_OK && sample_dir(dir), "start: %s", err.msg))
		return tap_done();
	test_public(h);
	test_public_refusals();
	test_sign(dir);
	test_twisted_files(dir);
	test_cut_files(dir);
	test_bad_files(dir);
	test_pretended_agents(dir);
	test_interrupt(dir);
	test_no_agent(dir);
	test_real_keys(dir);
	test_real_agent(dir);
	sample_remove_dir(dir);
	ew_hash_free(h);
	return tap_done();
}
