#ifndef APP_HTTP_TARGET_H
#define APP_HTTP_TARGET_H

#include "app/http/req.h"
#include "lib/attr.h"

struct arena;

__extension__ enum MUST_CHECK_TYPE target_rc {
	TARGET_OK,
	TARGET_NONE, /* more segments than any route has: no such path */
	TARGET_BAD   /* malformed: 400 */
};

/*
 * REQUEST_URI -> segments and query of `r`; nothing else in it changes. Accepts origin form, and
 * absolute form with http or https. The path is split at '/', then each segment is percent-decoded
 * once; "/" has no segments, and a trailing slash makes an empty last one. The query is
 * form-decoded ('+' is a space). Refused: bad escapes, NUL, invalid UTF-8, control characters, '#',
 * more than REQ_MAX_QUERY parameters. `*why` (static) says what is wrong. Pure.
 */
enum target_rc target_parse(struct req *r, const char *uri, struct arena *mem, const char **why);

/*
 * Content-Type header -> lowercase type without parameters ("" for NULL), and the unquoted boundary
 * parameter or NULL. Pure.
 */
const char *target_content_type(const char *header, struct arena *mem, const char **boundary);

/* Idempotency-Key header, bare or quoted -> 1..255 visible ASCII characters; NULL: malformed. */
const char *target_idempotency_key(const char *header, struct arena *mem);

#endif
