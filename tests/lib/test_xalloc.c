#include "lib/xalloc.h"

#include <stdint.h>
#include <stdlib.h>

#include "tests/child.h"
#include "tests/tap.h"

static volatile size_t huge = SIZE_MAX / 2 + 2; /* times 4 wraps to 4 */

static void
too_large(void)
{
	free(xmalloc(huge));
}

static void
product_overflows(void)
{
	free(xreallocarray(NULL, huge, 4));
}

static void
product_overflows_zeroed(void)
{
	free(xcalloc(huge, 4));
}

static bool
dies(void (*fn)(void))
{
	char err[4096];
	int status = child_run(fn, err, sizeof err);

	return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_FAILURE &&
	       strstr(err, "event=out_of_memory") != NULL;
}

int
main(void)
{
	unsigned char *zeroed = xcalloc(100, 3);
	char *text = xmalloc(4), *copy;
	bool clean = true;

	for (int i = 0; i < 300; i++)
		clean = clean && zeroed[i] == 0;
	ok(clean, "xcalloc returns zeroes");
	free(zeroed);
	memcpy(text, "abc", 4);
	text = xreallocarray(text, 500, 16);
	is_str(text, "abc", "xreallocarray keeps the content");
	copy = xstrdup(text);
	ok(copy != text && strcmp(copy, "abc") == 0, "xstrdup copies the text");
	free(copy);
	copy = xstrndup("abcdef", 2);
	is_str(copy, "ab", "xstrndup copies a prefix");
	free(copy);
	copy = xasprintf("%s-%d", "x", 7);
	is_str(copy, "x-7", "xasprintf formats the text");
	free(copy);
	free(text);
	text = xmalloc(0);
	copy = xcalloc(0, 0);
	ok(text != NULL && copy != NULL, "allocating 0 bytes does not return NULL");
	free(text);
	free(copy);
#if !defined(__SANITIZE_ADDRESS__)
	/* ASan ends the program itself before malloc() can return NULL. */
	ok(dies(too_large), "out of memory ends the process with a log line");
	ok(dies(product_overflows_zeroed), "an overflow in xcalloc ends the process");
#else
	(void)too_large;
	(void)product_overflows_zeroed;
#endif
	ok(dies(product_overflows), "an overflowing product ends the process");
	return tap_done();
}
