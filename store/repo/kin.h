/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kin: objects that are alike, as labels are, and commits.  Of each kind one is a base, and
 * those that follow are stored as what differs from it: half as large, made and read in
 * less time than a deflated stream.  None is a delta of a delta.  Where nothing is alike,
 * as in long texts, it is seldom tried.
 */
#ifndef EW_REPO_KIN_H
#define EW_REPO_KIN_H

#include "base/buf.h"

struct ew_kin;

EW_MUST_USE enum ew_code ew_kin_open(struct ew_kin **out, struct ew_err *err);
void ew_kin_free(struct ew_kin *);
/*
 * What to store of the object with this number, of a type of git's: a delta, good until the
 * next call, and in *base the number of its base; or `bytes`, which may become a base, and
 * *base is as it was.
 */
struct ew_str ew_kin_add(size_t *base, struct ew_kin *, unsigned type, size_t number,
	struct ew_str bytes);

#endif
