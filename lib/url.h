#ifndef LIB_URL_H
#define LIB_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/addr.h"

struct arena;

/* The project's only URL parser is libcurl's: what is checked here is what is connected to. */

#define URL_MAX 2048

/*
 * NULL when `url` is an http or https URL of at most 2048 bytes with a host, no userinfo, no
 * control characters or blanks; else why not (static text).
 */
const char *url_fault(const char *url);
/* Host of a valid URL in lower case, no brackets, no dot at its end; in the arena. Or NULL. */
const char *url_host(const char *url, struct arena *mem);
/*
 * As url_fault(), and for a place that we connect to: https unless allow_http; a literal address
 * (in whatever spelling) must pass the guard, and a `localhost` name as 127.0.0.1 would; hosts in
 * ASCII only; port 443, 80 with allow_http, from 1024 up but for well-known databases and the like
 * (S16), or one that an allow rule names. Names are checked again, by address, at connect.
 */
const char *url_target_fault(const char *url, bool allow_http, const struct addr_policy *policy);
/* Percent-encode for a query value or path segment. */
char *url_encode(const char *text, struct arena *mem);
/*
 * Percent-decode `len` bytes (no '+' rule unless `form`). NULL on a bad escape, NUL or invalid
 * UTF-8.
 */
char *url_decode(const char *text, size_t len, bool form, struct arena *mem);

#endif
