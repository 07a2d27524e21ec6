/*
 * Headers of an answer, line by line: what is kept is a value of a line behind the last status
 * line, without line ends, and times and numbers in it are read without harm.
 */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "lib/num.h"
#include "lib/rfc3339.h"
#include "worker/http/headers.h"

#define VALUE_MAX 2048

static void
check_values(const struct headers *h, size_t size)
{
	struct outcome o = { .status = 200 };

	for (int i = 0; i < HEADERS__COUNT; i++) {
		const char *v = h->value[i];
		int64_t n;

		if (v == NULL)
			continue;
		MUST(strlen(v) <= VALUE_MAX && strlen(v) <= size);
		MUST(*v != ' ' && *v != '\t');
		(void)!num_parse(v, 0, INT64_MAX, &n);
		(void)!httpdate_parse(v, &n);
	}
	headers_lend(h, &o);
	MUST(o.retry_after == h->value[HEADERS_RETRY_AFTER]);
	MUST(o.request_id == h->value[HEADERS_RID]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct headers h = { 0 };
	size_t at = 0;

	while (at < size) {
		const uint8_t *end = memchr(data + at, '\n', size - at);
		size_t len = end != NULL ? (size_t)(end - data) + 1 - at : size - at;
		char *line = xmalloc(len);

		/* in a block of its own, so that reading on is seen */
		memcpy(line, data + at, len);
		headers_line(&h, line, len);
		if (len > 5 && memcmp(line, "HTTP/", 5) == 0)
			for (int i = 0; i < HEADERS__COUNT; i++)
				MUST(h.value[i] == NULL);
		free(line);
		at += len;
	}
	check_values(&h, size);
	headers_free(&h);
	return 0;
}
