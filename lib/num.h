#ifndef LIB_NUM_H
#define LIB_NUM_H

#include <stdint.h>

#include "lib/attr.h"

/*
 * Decimal text -> integer within [min, max]. An optional '-', then digits only: no blanks, no '+',
 * no other base, no trailing text. 0 and *out; -1 when it is not such a number or out of range.
 */
MUST_CHECK int num_parse(const char *text, int64_t min, int64_t max, int64_t *out);

/* "true" or "1", "false" or "0", in any case -> 0 and *out 1 or 0; anything else -> -1. */
MUST_CHECK int num_parse_bool(const char *text, int *out);

#endif
