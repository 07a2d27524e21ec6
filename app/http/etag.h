#ifndef APP_HTTP_ETAG_H
#define APP_HTTP_ETAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"

struct arena;
struct json_object;

/* Strong entity tags (RFC 9110, 8.8.3): a hash of the body and of what else tells two states apart.
 */

/* "\"<32 hex>\"", in the arena; `version` 0: the body alone. */
const char *etag_make(struct arena *mem, const void *body, size_t len, int64_t version);
/* The same of a body that is still an object, which is freed. */
const char *etag_json(struct arena *mem, struct json_object *body, int64_t version);
/* Does If-None-Match (a list of tags, or '*') name it, by weak comparison? NULL: no. Pure. */
MUST_CHECK bool etag_known(const char *if_none_match, const char *etag);
/* Does If-Match name it, by strong comparison: never a weak tag? Pure. */
MUST_CHECK bool etag_meant(const char *if_match, const char *etag);

#endif
