#ifndef LIB_JSON_SCAN_H
#define LIB_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/attr.h"

/*
 * Strict RFC 8259 scanner, run before json-c, which alone accepts duplicate keys, NaN, single
 * quotes, raw control characters and overlong UTF-8 and turns 3 MiB of `{}` into 822 MB. Refuses
 * all of these, \u0000, lone surrogates, numbers over 32 characters, nesting over max_depth, more
 * than max_values values, more than 200 keys in one object, duplicate keys (compared after
 * unescaping), integers beyond 64 bits, a top-level scalar, and text after the value.
 */
struct json_limits {
	unsigned max_depth;
	unsigned max_values;
};

struct json_fault {
	size_t offset;      /* position of the fault in bytes */
	const char *reason; /* static text: "duplicate key", "invalid UTF-8", ... */
};

/* 0, or -1 and *fault. */
MUST_CHECK int json_scan(
    const char *text, size_t len, const struct json_limits *limits, struct json_fault *fault);
/*
 * Like json_scan(), for answers of other systems: accepts a lone surrogate escape (json-c makes it
 * U+FFFD), since one cut emoji must not make a whole listing unreadable.
 */
MUST_CHECK int json_scan_answer(
    const char *text, size_t len, const struct json_limits *limits, struct json_fault *fault);

/* Of a text that json_scan() has passed, and that a NUL ends: whether it is an array. */
MUST_CHECK bool json_is_array(const char *text, size_t len);
/*
 * The text of the next value of an array that json_scan() has passed, so that it can be parsed
 * alone; NULL: no more. *at: 0 at first.
 */
const char *json_array_next(const char *text, size_t len, size_t *at, size_t *one_len);
/* How many values it has. */
size_t json_array_count(const char *text, size_t len);

#endif
