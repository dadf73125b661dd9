/* SPDX-License-Identifier: Apache-2.0 */
/* Changes: what happened to one label between two versions.  LABELS_FORMAT.md section 9. */
#ifndef EW_MODEL_CHANGE_H
#define EW_MODEL_CHANGE_H

#include "model/label.h"

/* In the order in which reports list them, most telling first; "same" last. */
#define EW_CLASSES(X)                                                          \
	X(EW_ADDED, "added", "added")                                          \
	X(EW_REMOVED, "removed", "removed")                                    \
	X(EW_ABSTAINED, "abstained", "abstained: now incomputable")            \
	X(EW_RESOLVED, "resolved", "resolved: was incomputable")               \
	X(EW_DISAMBIGUATED, "disambiguated", "disambiguated: was ambiguous")   \
	X(EW_MADE_AMBIGUOUS, "made-ambiguous", "made ambiguous")               \
	X(EW_BEYOND_BAND, "beyond-band", "value changed beyond the band")      \
	X(EW_WITHIN_BAND, "within-band", "value changed within the band")      \
	X(EW_FORM_ONLY, "form-only", "same value, written otherwise")          \
	X(EW_BAND_ONLY, "band-only", "same value, other band")                 \
	X(EW_READINGS, "readings", "other readings")                           \
	X(EW_INPUT_ONLY, "input-only", "same answer to a changed question")    \
	X(EW_METADATA_ONLY, "metadata-only", "nothing that scoring depends on") \
	X(EW_SAME, "same", "same")
enum ew_class {
#define X(name, word, text) name,
	EW_CLASSES(X)
#undef X
	EW_CLASS_COUNT
};
const char *ew_class_word(enum ew_class);
const char *ew_class_text(enum ew_class);
bool ew_class_read(enum ew_class *out, struct ew_str word);

/* Bits; in the alphabetical order in which they are written. */
#define EW_FACETS(X)                     \
	X(EW_FACET_BAND, 1, "band")             \
	X(EW_FACET_CONFIDENCE, 2, "confidence") \
	X(EW_FACET_INSTANCE, 4, "instance")     \
	X(EW_FACET_KIND, 8, "kind")             \
	X(EW_FACET_PROVENANCE, 16, "provenance") \
	X(EW_FACET_UNIT, 32, "unit")
enum ew_facet {
#define X(name, bit, word) name = bit,
	EW_FACETS(X)
#undef X
};
enum { EW_FACET_COUNT = 6 };
/* The word of the i-th facet, 0 <= i < EW_FACET_COUNT, whose bit is 1 << i. */
const char *ew_facet_word(unsigned i);

/*
 * The class and facets of a change; NULL for the side that has no such label (not
 * both).  `identical` says that the two records have the same bytes.
 */
enum ew_class ew_change_classify(unsigned *facets, const struct ew_label *before,
	const struct ew_label *after, bool identical);

/* Compatibility, LABELS_FORMAT.md section 9, and the version step a policy may demand for it. */
#define EW_LEVELS(X)                                    \
	X(EW_IDENTICAL, "identical")                   \
	X(EW_SCORE_COMPATIBLE, "score-compatible")     \
	X(EW_EXTENDED, "extended")                     \
	X(EW_SCORE_AFFECTING, "score-affecting")
enum ew_level {
#define X(name, word) name,
	EW_LEVELS(X)
#undef X
};
const char *ew_level_word(enum ew_level);
bool ew_level_read(enum ew_level *out, struct ew_str word);

#define EW_STEPS(X)            \
	X(EW_STEP_NONE, "none")   \
	X(EW_STEP_PATCH, "patch") \
	X(EW_STEP_MINOR, "minor") \
	X(EW_STEP_MAJOR, "major")
enum ew_step {
#define X(name, word) name,
	EW_STEPS(X)
#undef X
};
const char *ew_step_word(enum ew_step);
bool ew_step_read(enum ew_step *out, struct ew_str word);

/* The level from the counts by class and whether the pins are equal. */
enum ew_level ew_level_of(const uint64_t counts[EW_CLASS_COUNT], bool records_equal,
	bool answers_equal);

#endif
