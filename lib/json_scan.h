#ifndef LIB_JSON_SCAN_H
#define LIB_JSON_SCAN_H

#include <stddef.h>

#include "lib/attr.h"

/*
 * Strict RFC 8259 scanner, run before json-c, which alone accepts duplicate keys, NaN, single
 * quotes, raw control characters and overlong UTF-8 and turns 3 MiB of `{}` into 822 MB
 * (design/reliability section 8). Refuses: any of these, \u0000, lone surrogates, numbers over 32
 * characters, nesting over max_depth, more than max_values values, more than 200 keys in one
 * object, duplicate keys (compared after unescaping), integers beyond 64 bits, a top-level scalar,
 * anything behind the value.
 */
struct json_limits {
	unsigned max_depth;
	unsigned max_values;
};

struct json_fault {
	size_t offset;      /* byte where the fault was seen */
	const char *reason; /* static text: "duplicate key", "invalid UTF-8", ... */
};

/* 0, or -1 and *fault. */
MUST_CHECK int json_scan(
    const char *text, size_t len, const struct json_limits *limits, struct json_fault *fault);
/*
 * As json_scan(), for answers of other systems: a lone surrogate escape passes (json-c makes it
 * U+FFFD), for one cut emoji must not make a whole listing unreadable.
 */
MUST_CHECK int json_scan_answer(
    const char *text, size_t len, const struct json_limits *limits, struct json_fault *fault);

#endif
