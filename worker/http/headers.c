/* Response headers. Invariant: only those behind the last status line are kept. */
#include "worker/http/headers.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/xalloc.h"

#define VALUE_MAX 2048

static const char *const names[HEADERS__COUNT] = {
	[HEADERS_LIMIT] = "x-ratelimit-limit",
	[HEADERS_REMAINING] = "x-ratelimit-remaining",
	[HEADERS_RESET] = "x-ratelimit-reset",
	[HEADERS_RETRY_AFTER] = "retry-after",
	[HEADERS_DATE] = "date",
	[HEADERS_RID] = "x-pinterest-rid",
	[HEADERS_TYPE] = "content-type",
	[HEADERS_LOCATION] = "location",
	[HEADERS_LENGTH] = "content-length",
	[HEADERS_RANGE] = "content-range",
	[HEADERS_ENCODING] = "content-encoding",
};

static void
header_value_set(char **to, const char *v, const char *end)
{
	while (v < end && (*v == ' ' || *v == '\t'))
		v++;
	while (end > v && (end[-1] == '\r' || end[-1] == '\n' || end[-1] == ' '))
		end--;
	if (end - v > VALUE_MAX || memchr(v, '\0', (size_t)(end - v)) != NULL)
		return;
	free(*to);
	*to = xstrndup(v, (size_t)(end - v));
}

void
headers_line(struct headers *h, const char *line, size_t len)
{
	if (len > 5 && strncasecmp(line, "HTTP/", 5) == 0)
		headers_free(h);
	for (int i = 0; i < HEADERS__COUNT; i++) {
		size_t n = strlen(names[i]);

		if (len > n && line[n] == ':' && strncasecmp(line, names[i], n) == 0)
			header_value_set(&h->value[i], line + n + 1, line + len);
	}
}

void
headers_lend(const struct headers *h, struct outcome *o)
{
	o->ratelimit_limit = h->value[HEADERS_LIMIT];
	o->ratelimit_remaining = h->value[HEADERS_REMAINING];
	o->ratelimit_reset = h->value[HEADERS_RESET];
	o->retry_after = h->value[HEADERS_RETRY_AFTER];
	o->date = h->value[HEADERS_DATE];
	o->request_id = h->value[HEADERS_RID];
	o->type = h->value[HEADERS_TYPE];
	o->location = h->value[HEADERS_LOCATION];
	o->length = h->value[HEADERS_LENGTH];
	o->range = h->value[HEADERS_RANGE];
	o->encoding = h->value[HEADERS_ENCODING];
}

void
headers_free(struct headers *h)
{
	for (int i = 0; i < HEADERS__COUNT; i++) {
		free(h->value[i]);
		h->value[i] = NULL;
	}
}
