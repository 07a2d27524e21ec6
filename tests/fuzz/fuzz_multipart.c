/* Multipart bodies: every part lies inside the body, and a truncated body is never accepted. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "app/http/multipart.h"
#include "lib/arena.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* in a block of exactly this size, so that a read past the end is detected */
	char *body = xmalloc(size > 0 ? size : 1);
	struct arena *mem = arena_new();
	struct multipart_part part, cut;

	memcpy(body, data, size);
	if (multipart_find(body, size, "B", "file", mem, &part) == NULL) {
		MUST(part.data >= body && part.data + part.len <= body + size);
		MUST(part.filename == NULL || strlen(part.filename) <= 255);
		if (part.len > 0)
			MUST(multipart_find(body, (size_t)(part.data - body) + part.len - 1, "B",
				 "file", mem, &cut) != NULL);
	}
	arena_free(mem);
	free(body);
	return 0;
}
