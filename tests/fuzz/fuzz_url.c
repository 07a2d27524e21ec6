/* URLs: the three checks agree with each other, and no literal address passes the address guard. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "lib/arena.h"
#include "lib/url.h"
#include "lib/utf8.h"

static void
check_url(const char *text, struct arena *mem)
{
	bool good = url_fault(text, mem) == NULL;
	const char *host = url_host(text, mem);
	struct addr a;

	MUST(good == (host != NULL));
	if (url_target_fault(text, false, NULL) == NULL)
		MUST(url_target_fault(text, true, NULL) == NULL);
	if (url_target_fault(text, true, NULL) != NULL)
		return;
	MUST(good && utf8_length(text, strlen(text)) <= URL_MAX);
	MUST(host[0] != '\0' && strcmp(host, "localhost") != 0);
	if (addr_parse(host, 443, &a) == 0)
		MUST(addr_allowed(NULL, &a));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *mem = arena_new();
	char *text = fuzz_text(data, size);
	const char *coded, *plain = url_decode((const char *)data, size, size % 2 == 0, mem);

	check_url(text, mem);
	if (plain != NULL)
		MUST(utf8_valid(plain, strlen(plain)) && strlen(plain) <= size);
	coded = url_encode(text, mem);
	plain = url_decode(coded, strlen(coded), true, mem);
	if (utf8_valid(text, strlen(text)))
		MUST(plain != NULL && strcmp(plain, text) == 0);
	else
		MUST(plain == NULL);
	MUST(strpbrk(coded, " /?#&+=\"'<>\\\r\n") == NULL);
	free(text);
	arena_free(mem);
	return 0;
}
