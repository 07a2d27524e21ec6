#ifndef APP_HTTP_TARGET_H
#define APP_HTTP_TARGET_H

#include "app/http/req.h"
#include "lib/attr.h"

struct arena;

__extension__ enum MUST_CHECK_TYPE target_rc {
	TARGET_OK,
	TARGET_NONE, /* more segments than any route has: no such path */
	TARGET_BAD   /* not a request target that we read: 400 */
};

/*
 * REQUEST_URI -> segments and query of `r` (nothing else in it changes). Origin form, or absolute
 * form whose scheme is http or https. The path is split at '/' and then each segment is
 * percent-decoded once; "/" alone has no segments, and a slash behind makes an empty last one. The
 * query is form-decoded ('+' is a blank). Refused: bad escapes, NUL, invalid UTF-8, control
 * characters, '#', more than REQ_MAX_QUERY parameters. Pure. `*why` (static) says what is wrong.
 */
enum target_rc target_parse(struct req *r, const char *uri, struct arena *mem, const char **why);

/*
 * Content-Type header -> lower-case type without parameters, and the boundary parameter (quotes
 * stripped) or NULL. Pure. "" for NULL.
 */
const char *target_content_type(const char *header, struct arena *mem, const char **boundary);

/* Idempotency-Key as sent, bare or quoted -> 1..255 visible ASCII characters, or NULL when it is
 * not. */
const char *target_idempotency_key(const char *header, struct arena *mem);

#endif
