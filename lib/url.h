#ifndef LIB_URL_H
#define LIB_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/addr.h"
#include "lib/attr.h"

struct arena;

/* libcurl is the only URL parser: the checks see the same host that is connected to. */

#define URL_MAX 2048

/*
 * NULL when `url` is an http or https URL of at most 2048 characters with a host, no userinfo, and
 * nothing that cannot be seen: no blanks of any kind, no control or default-ignorable characters.
 * Else why not; with an arena it names the character and its place.
 */
const char *url_fault(const char *url, struct arena *mem);
/* A copy without ASCII blanks at its edges, as browsers read addresses; others are refused. */
const char *url_trim(const char *text, size_t len, struct arena *mem);
/* The host of a valid URL: lower case, no brackets, no trailing dot; in the arena. Or NULL. */
const char *url_host(const char *url, struct arena *mem);
/*
 * Like url_fault(), for a URL that we connect to: https unless allow_http; a literal address in any
 * spelling must pass the guard, a `localhost` name like 127.0.0.1; ASCII hosts only; port 443, 80
 * with allow_http, 1024 and above except well-known database ports and the like, or one named by an
 * allow rule. Names are checked again, by address, when connecting.
 */
const char *url_target_fault(const char *url, bool allow_http, const struct addr_policy *policy);
/* Does `url` lead to the host and port of the URL `base`, and to its path or below? */
MUST_CHECK bool url_is_under(const char *url, const char *base);
/* Is the host a literal address in any spelling, or `localhost`, that the guard refuses? */
MUST_CHECK bool url_is_private(const char *url, const struct addr_policy *policy);
/*
 * `to` seen from the URL `base` (NULL: `to` is absolute), with blanks and bytes beyond ASCII
 * percent-encoded in path and query. NULL: no http or https URL, or longer than URL_MAX.
 */
char *url_join(const char *base, const char *to, struct arena *mem);
/* Percent-encodes a query value or path segment. */
char *url_encode(const char *text, struct arena *mem);
/* Percent-decodes `len` bytes; `form`: '+' is a space. NULL: bad escape, NUL or invalid UTF-8. */
char *url_decode(const char *text, size_t len, bool form, struct arena *mem);

#endif
