#ifndef LIB_ORIGIN_H
#define LIB_ORIGIN_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/attr.h"
#include "lib/pinterest.h"

struct arena;

/*
 * Who answered a request to Pinterest: Pinterest, or something in its place (a proxy, a firewall's
 * page, a captive portal, another server at a wrong base_url)? Pure. Only Pinterest's own word may
 * end a pin, an account or a board.
 *
 * Pinterest's marks: an error is a JSON object with an integer `code` and a text `message` (OpenAPI
 * document 5.23.0, Pinterest.Lib.Error); every answer has the header x-pinterest-rid, which
 * Pinterest's own clients log (pinterest/api-quickstart). It never redirects a call of its API.
 */
struct origin_answer {
	long status;
	const char *request_id, *type, *location; /* header values, or NULL */
	const char *body;
	size_t body_len;
	bool complete; /* the whole body arrived */
	bool secret;   /* it may hold tokens: its words are not told */
};

enum origin {
	ORIGIN_PINTEREST,
	ORIGIN_FOREIGN, /* not Pinterest: nothing it says is about the pin */
	ORIGIN_CUT      /* too little arrived to tell */
};

/*
 * 2xx: Pinterest's if it has the header or is `understood` (the body has what was asked for). 3xx:
 * never. Errors need their shape, and the header unless status and code are a pair that Pinterest
 * is known to send; a 5xx with the header may have any body.
 */
MUST_CHECK enum origin origin_of(
    const struct origin_answer *a, const struct pinterest_error *e, bool understood);

/*
 * What answered, for operators: status, where it leads to, type and first words, as in
 * 404, text/html: 'Not Found The requested URL'. Printable ASCII without double quotes or
 * backslashes, at most ORIGIN_TEXT_MAX bytes, in the arena.
 */
#define ORIGIN_TEXT_MAX 320
const char *origin_text(const struct origin_answer *a, struct arena *mem);

#endif
