/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errors: one code and one line of text, in a buffer that the caller owns.
 *
 * The rule: a function that can fail returns enum ew_code and takes a
 * struct ew_err * last; a function without it cannot fail.  There is no way to
 * return a code without a message: `return ew_fail(err, CODE, "where: what; fix")`.
 * The first failure wins, so that clean-up may fail too without hiding the
 * cause.  Nothing is allocated and nothing is static: an error can be reported
 * when memory is out, from any thread.
 */
#ifndef EW_BASE_ERR_H
#define EW_BASE_ERR_H

/* Name, number, exit status of the program, text.  Never renumbered. */
#define EW_CODES(X)                                                                  \
	X(EW_OK, 0, 0, "done")                                                       \
	X(EW_NO, 1, 1, "the answer is no")                                           \
	X(EW_USAGE, 2, 2, "wrong usage")                                             \
	X(EW_REFUSED, 3, 3, "input refused")                                         \
	X(EW_DENIED, 4, 4, "policy denies")                                          \
	X(EW_BUSY, 5, 5, "busy or in conflict, try again")                           \
	X(EW_IO, 6, 6, "input or output failed, nothing written")                    \
	X(EW_INDETERMINATE, 7, 7, "may have been written, see ellwand status")       \
	X(EW_CORRUPT, 8, 8, "repository corrupt")                                    \
	X(EW_UNSUPPORTED, 9, 9, "unsupported repository")                            \
	X(EW_NOTFOUND, 10, 3, "not found")                                           \
	X(EW_NOMEM, 11, 6, "out of memory")                                          \
	X(EW_INTERRUPTED, 130, 130, "interrupted")

enum ew_code {
#define X(name, number, status, text) name = number,
	EW_CODES(X)
#undef X
};

struct ew_err {
	enum ew_code code; /* EW_OK until the first failure */
	char msg[1024];    /* one line, no final newline */
};

#define EW_MUST_USE __attribute__((warn_unused_result))
#define EW_PRINTF(f, a) __attribute__((format(printf, f, a)))

/*
 * Record a failure and return `code`, which must not be EW_OK.  The first one
 * wins.  Control bytes in the text become '?', so that a message is one line
 * and cannot drive a terminal.
 */
enum ew_code ew_fail(struct ew_err *err, enum ew_code code, const char *fmt, ...) EW_PRINTF(3, 4);

/* ew_fail() with ": " and the text of errno value `eno` appended. */
enum ew_code ew_fail_errno(struct ew_err *err, enum ew_code code, int eno, const char *fmt, ...)
	EW_PRINTF(4, 5);

/* ew_fail() for memory: EW_NOMEM. */
enum ew_code ew_fail_nomem(struct ew_err *err);

/*
 * Put "text: " before the message of the failure that is recorded, for a caller
 * who knows the place (a file and line) that its callee did not.  Returns the
 * recorded code.
 */
enum ew_code ew_fail_at(struct ew_err *err, const char *fmt, ...) EW_PRINTF(2, 3);

/* Forget a failure that the caller expected and has handled. */
void ew_err_clear(struct ew_err *err);

/* The exit status and the text of a code; both total. */
int ew_code_status(enum ew_code code);
const char *ew_code_text(enum ew_code code);

#endif
