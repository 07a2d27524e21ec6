/*
 * Images, their URLs and the headers of an answer. Input: status and flags, URL, Content-Type,
 * Content-Range and Location, each ended by a line feed, then the body.
 */
#include "tests/fuzz/fuzz.h"

#include <stdbool.h>
#include <stdlib.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/markup.h"
#include "lib/media_peek.h"
#include "lib/num.h"
#include "lib/url.h"
#include "lib/utf8.h"

struct input {
	const uint8_t *data;
	size_t size;
	struct arena *mem;
};

static char *
next_line(struct input *in)
{
	const uint8_t *end = in->size > 0 ? memchr(in->data, '\n', in->size) : NULL;
	size_t len = end != NULL ? (size_t)(end - in->data) : in->size;
	char *line = arena_strndup(in->mem, (const char *)in->data, len);

	len += end != NULL;
	in->data += len;
	in->size -= len;
	return line;
}

static void
check_report(const struct media_peek *p)
{
	struct media_finding f = media_peek_report(p);

	MUST((f.grade == MEDIA_FINE) == (f.code == NULL) && f.message != NULL);
	MUST(utf8_valid(f.message, strlen(f.message)));
	for (const char *c = f.message; *c != '\0'; c++)
		MUST((unsigned char)*c >= ' ' && *c != 0x7f);
	MUST(p->redirects <= MEDIA_PEEK_REDIRECTS);
	MUST(p->head.width >= 0 && p->head.height >= 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size, arena_new() };
	struct media_peek p = { .mem = in.mem, .public_only = true };
	char *first = next_line(&in), *url = next_line(&in);
	struct media_answer a = { .complete = strchr(first, 'c') != NULL };
	int64_t status = 0;
	size_t len;
	bool more = false;

	if (num_parse(arena_strndup(in.mem, first, strspn(first, "0123456789")), 0, 599, &status) ==
	    0)
		a.status = status;
	if (markup_find(url, &len) != NULL)
		MUST(len > 0 && len <= strlen(url));
	if (url_fault(url, in.mem) == NULL)
		more = media_peek_begin(&p, url, 1800000000 * US_PER_S, 1900000000 * US_PER_S);
	a.type = next_line(&in);
	a.range = next_line(&in);
	a.location = next_line(&in);
	a.body = in.data;
	a.body_len = in.size;
	for (int i = 0; more; i++) {
		MUST(i < MEDIA_PEEK_REDIRECTS + 3);
		MUST(url_target_fault(p.url, true, NULL) == NULL);
		more = media_peek_take(&p, &a);
	}
	if (url_fault(url, in.mem) == NULL)
		check_report(&p);
	arena_free(in.mem);
	return 0;
}
