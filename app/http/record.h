#ifndef APP_HTTP_RECORD_H
#define APP_HTTP_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/attr.h"

/*
 * FastCGI records as a web server sends them (FastCGI specification 1.0, sections 3.3, 5 and 8):
 * what must be known of a request before libfcgi may look at it, and its body. Pure.
 */
__extension__ enum MUST_CHECK_TYPE record_rc {
	RECORD_GOOD,
	RECORD_MORE, /* the bytes so far are good, and not all */
	RECORD_END,  /* the body is complete */
	RECORD_BAD   /* no such request */
};

/* The request that a head began, and how far its body has come. */
struct record_body {
	unsigned id;
	unsigned content, padding; /* of the record under way: bytes still to come */
	bool ended;
};

/*
 * RECORD_GOOD: `bytes` begin with the whole head of one request (FCGI_BEGIN_REQUEST and all
 * FCGI_PARAMS), which is *head_len long, and `body` is at its beginning.
 */
enum record_rc record_head(
    const unsigned char *bytes, size_t len, size_t *head_len, struct record_body *body);
/*
 * Takes from the *len bytes at *at, moving both. RECORD_GOOD: *piece_len > 0 bytes of the body are
 * at *piece. RECORD_MORE: what is left at *at is not enough. RECORD_BAD also when the web server
 * aborts the request.
 */
enum record_rc record_piece(struct record_body *body, const unsigned char **at, size_t *len,
    const unsigned char **piece, size_t *piece_len);

#endif
