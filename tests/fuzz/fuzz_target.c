/* Request targets and headers: any input from a web server is decoded once and bounded. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "app/http/query.h"
#include "app/http/target.h"
#include "lib/arena.h"
#include "lib/problem.h"
#include "lib/utf8.h"

static void
check_target(const char *uri, struct arena *mem)
{
	struct req r = { .method = "GET" };
	struct problem known = { 0 };
	const char *why;
	size_t i;

	if (target_parse(&r, uri, mem, &why) != TARGET_OK)
		return;
	MUST(r.segments <= REQ_MAX_SEGMENTS && r.query_len <= REQ_MAX_QUERY);
	for (i = 0; i < r.segments; i++)
		MUST(utf8_valid(r.segment[i], strlen(r.segment[i])) &&
		     strlen(r.segment[i]) <= strlen(uri));
	for (i = 0; i < r.query_len; i++)
		MUST(r.query[i].name != NULL && r.query[i].value != NULL);
	query_check(&r, "limit status q", mem, &known);
	for (i = 0; i < known.errors_len; i++)
		MUST(utf8_valid(known.errors[i].path, strlen(known.errors[i].path)));
	if (known.errors_len > 0)
		MUST(known.status == 422 && r.query_len > 0);
}

static void
check_headers(const char *text, struct arena *mem)
{
	const char *boundary, *type = target_content_type(text, mem, &boundary);
	const char *key = target_idempotency_key(text, mem);

	MUST(strpbrk(type, "; \tABCDEFGHIJKLMNOPQRSTUVWXYZ") == NULL);
	MUST(boundary == NULL || (boundary[0] != '\0' && strlen(boundary) <= 70));
	MUST(key == NULL || (key[0] != '\0' && strlen(key) <= 255 && strpbrk(key, " \t") == NULL));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *mem = arena_new();
	char *text = fuzz_text(data, size);

	check_target(text, mem);
	check_headers(text, mem);
	free(text);
	arena_free(mem);
	return 0;
}
