/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/usage.h"

#include "repo/gitobject.h"

#include <stdlib.h>

struct used {
	struct ew_oid commit;
	uint32_t key;
};

struct ew_usage {
	struct ew_buf keys; /* struct ew_sshkey */
	struct ew_buf used; /* struct used, oldest first */
};

enum ew_code
ew_usage_open(struct ew_usage **out, struct ew_err *err)
{
	*out = calloc(1, sizeof **out);
	return *out ? EW_OK : ew_fail_nomem(err);
}

void
ew_usage_free(struct ew_usage *u)
{
	if (!u)
		return;
	ew_buf_release(&u->keys);
	ew_buf_release(&u->used);
	free(u);
}

static const struct ew_sshkey *
keys_of(const struct ew_usage *u, size_t *n)
{
	*n = u->keys.len / sizeof(struct ew_sshkey);
	return (const struct ew_sshkey *)(const void *)u->keys.p;
}

static const struct used *
used_of(const struct ew_usage *u, size_t *n)
{
	*n = u->used.len / sizeof(struct used);
	return (const struct used *)(const void *)u->used.p;
}

enum ew_code
ew_usage_add(struct ew_usage *u, const struct ew_oid *commit, const struct ew_sshkey *key,
	struct ew_err *err)
{
	struct used used = { .commit = *commit };
	size_t n;
	const struct ew_sshkey *known = keys_of(u, &n);

	while (used.key < n && !ew_sshkey_eq(&known[used.key], key))
		used.key++;
	if (used.key == n)
		ew_buf_addmem(&u->keys, key, sizeof *key);
	ew_buf_addmem(&u->used, &used, sizeof used);
	return u->keys.bad == EW_OK ? ew_buf_check(&u->used, err) : ew_buf_check(&u->keys, err);
}

size_t
ew_usage_count(const struct ew_usage *u)
{
	size_t n;

	used_of(u, &n);
	return n;
}

static bool
is_id(struct ew_str hex, const struct ew_oid *id)
{
	struct ew_oid other;

	return hex.p && ew_unhex(other.b, sizeof other.b, hex) && ew_oid_eq(&other, id);
}

static bool
is_vouched(const struct ew_policy_revoked *r, const struct ew_oid *id)
{
	for (size_t i = 0; i < r->vouches; i++)
		if (is_id(r->vouched[i], id))
			return true;
	return false;
}

/* NULL if the policy says nothing of the key. */
static enum ew_code
find_revoked(const struct ew_policy_revoked **out, struct ew_hash *hash, const struct ew_policy *policy,
	const struct ew_sshkey *key, struct ew_err *err)
{
	struct ew_buf print = { 0 };
	enum ew_code rc;

	ew_sshkey_fingerprint(&print, hash, key);
	rc = ew_buf_check(&print, err);
	*out = rc == EW_OK ? ew_policy_revoked(policy, ew_buf_str(&print)) : NULL;
	ew_buf_release(&print);
	return rc;
}

/* Where the part of the history begins in which the key is not believed. */
static size_t
first_doubtful(const struct used *used, size_t n, const struct ew_policy_revoked *r)
{
	for (size_t i = 0; r->through.p && i < n; i++)
		if (is_id(r->through, &used[i].commit))
			return i + 1;
	return 0;
}

static enum ew_code
check_key(const struct used *used, size_t n, size_t most, uint32_t key, const struct ew_policy_revoked *r,
	struct ew_err *err)
{
	char hex[EW_OID_HEX + 1];

	for (size_t i = first_doubtful(used, n, r); i < n && i < most; i++) {
		if (used[i].key != key || is_vouched(r, &used[i].commit))
			continue;
		ew_hex(hex, used[i].commit.b, sizeof used[i].commit.b);
		return ew_fail(err, EW_NO,
			"commit %s: signed with key %.*s, which policy.json revokes; have it vouched for, or "
			"go on from before it",
			hex, EW_FMT(r->key));
	}
	return EW_OK;
}

enum ew_code
ew_usage_check(const struct ew_usage *u, size_t most, struct ew_hash *hash,
	const struct ew_policy *policy, struct ew_err *err)
{
	const struct ew_policy_revoked *r;
	size_t keys, n;
	const struct ew_sshkey *key = keys_of(u, &keys);
	const struct used *used = used_of(u, &n);
	enum ew_code rc = EW_OK;

	for (uint32_t k = 0; policy->revokeds && k < keys && rc == EW_OK; k++)
		if ((rc = find_revoked(&r, hash, policy, &key[k], err)) == EW_OK && r)
			rc = check_key(used, n, most, k, r, err);
	return rc;
}

enum ew_code
ew_usage_check_tag(const struct ew_oid *tag, const struct ew_sshkey *key, struct ew_hash *hash,
	const struct ew_policy *policy, struct ew_err *err)
{
	const struct ew_policy_revoked *r = NULL;
	enum ew_code rc = policy->revokeds ? find_revoked(&r, hash, policy, key, err) : EW_OK;

	if (rc != EW_OK || !r || is_vouched(r, tag))
		return rc;
	return ew_fail(err, EW_NO,
		"signed with key %.*s, which policy.json revokes; have it vouched for, or release anew",
		EW_FMT(r->key));
}
