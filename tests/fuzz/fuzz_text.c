/* Text: what is cleaned holds the rule, and what is escaped is safe to show. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "lib/arena.h"
#include "lib/email.h"
#include "lib/escape.h"
#include "lib/nearest.h"
#include "lib/text.h"
#include "lib/utf8.h"

static void
check_clean(enum text_kind kind, const char *data, size_t size, struct arena *mem)
{
	const char *fault = NULL, *again, *text = text_clean(kind, data, size, mem, &fault);
	size_t len;

	MUST((text == NULL) == (fault != NULL));
	if (text == NULL)
		return;
	len = strlen(text);
	MUST(len <= size && utf8_valid(text, len));
	MUST(strpbrk(text, kind == TEXT_PROSE ? "\r\v\f\x1b\x7f" : "\n\t\r\v\f\x1b\x7f") == NULL);
	again = text_clean(kind, text, len, mem, &fault);
	MUST(again != NULL && strcmp(again, text) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "account_id", "board_id", "q", NULL };
	const char *s = (const char *)data, *fault, *near[2];
	struct arena *mem = arena_new();
	char *out = malloc(4 * size + 1), *text = fuzz_text(data, size);
	size_t left = 1, n, len = size;

	MUST(out != NULL);
	for (enum text_kind kind = TEXT_PROSE; kind <= TEXT_KEY; kind++)
		check_clean(kind, s, size, mem);
	n = escape_append(out, 0, 4 * size, s, size, &left);
	MUST(left == 0 && utf8_valid(out, n));
	for (size_t i = 0; i < n; i++)
		MUST((unsigned char)out[i] >= 0x20 && out[i] != 0x7f);
	n = escape_append(out, 0, size / 2, s, size, &left);
	MUST(n <= size / 2 && left <= size);
	(void)text_trim(s, &len);
	MUST(len <= size);
	(void)email_clean(s, size, mem, &fault);
	(void)nearest_name(text, names);
	MUST(nearest_names(text, names, 3, near, 2) == 2);
	free(out);
	free(text);
	arena_free(mem);
	return 0;
}
