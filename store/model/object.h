/* SPDX-License-Identifier: Apache-2.0 */
/* Objects that an import makes of a row: the input and the attributes of an instance. */
#ifndef EW_MODEL_OBJECT_H
#define EW_MODEL_OBJECT_H

#include "model/cell.h"

/*
 * Place the instance's input and attributes and its digest: what the row says, and
 * for what it lacks, what is stored; with neither, {}.
 */
EW_MUST_USE enum ew_code ew_object_place(struct ew_placing *);

#endif
