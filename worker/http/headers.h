#ifndef WORKER_HTTP_HEADERS_H
#define WORKER_HTTP_HEADERS_H

#include <stddef.h>

#include "worker/http/outcome.h"

/* The few response headers that verdicts need. Pure; values are copies. */
enum headers_name {
	HEADERS_LIMIT,
	HEADERS_REMAINING,
	HEADERS_RESET,
	HEADERS_RETRY_AFTER,
	HEADERS_DATE,
	HEADERS_RID,
	HEADERS_TYPE,
	HEADERS_LOCATION,
	HEADERS_LENGTH,
	HEADERS_RANGE,
	HEADERS_ENCODING,
	HEADERS__COUNT
};

struct headers {
	char *value[HEADERS__COUNT]; /* NULL: absent */
};

/*
 * Takes one raw line, with its line end. A status line drops the headers before it (those of a 1xx
 * response). Unknown names and values over 2048 bytes or with a NUL are ignored.
 */
void headers_line(struct headers *h, const char *line, size_t len);
/* Lends the values to an outcome. */
void headers_lend(const struct headers *h, struct outcome *o);
void headers_free(struct headers *h);

#endif
