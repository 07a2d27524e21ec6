#include "lib/arena.h"

#include <stdalign.h>
#include <stddef.h>

#include "tests/rng.h"
#include "tests/tap.h"

static void
test_strings(void)
{
	struct arena *a = arena_new();

	is_str(arena_strdup(a, "hello"), "hello", "strdup copies the text");
	ok(arena_strdup(a, NULL) == NULL, "strdup of NULL is NULL");
	is_str(arena_strndup(a, "hello", 2), "he", "strndup copies a prefix");
	is_str(arena_strndup(a, "", 0), "", "strndup of length 0 is an empty string");
	is_str(arena_printf(a, "%d %s", 5, "x"), "5 x", "printf formats the text");
	is_str(arena_printf(a, "%s", ""), "", "printf of an empty string is an empty string");
	ok(arena_alloc(a, 0) != arena_alloc(a, 0), "allocations of 0 bytes differ");
	arena_free(a);
	arena_free(NULL);
}

/* Zeroed, aligned and disjoint, also after resets that leave used memory behind. */
static void
test_random(void)
{
	struct rng rng = rng_new();
	struct arena *a = arena_new();
	int wrong = 0;

	for (int round = 0; round < 200; round++) {
		unsigned char *p[64];
		size_t len[64];

		for (size_t i = 0; i < 64; i++) {
			len[i] = (size_t)rng_range(&rng, 0, i % 16 == 0 ? 40000 : 600);
			p[i] = arena_alloc(a, len[i]);
			wrong += (uintptr_t)p[i] % alignof(max_align_t) != 0;
			for (size_t k = 0; k < len[i]; k++)
				wrong += p[i][k] != 0;
			memset(p[i], (int)i + 1, len[i]);
		}
		for (size_t i = 0; i < 64; i++) {
			for (size_t k = 0; k < len[i]; k++)
				wrong += p[i][k] != i + 1;
		}
		arena_reset(a);
	}
	arena_free(a);
	is_int(wrong, 0, "random allocations are zeroed, aligned and disjoint");
}

static void
test_reset_wipes(void)
{
	struct arena *a = arena_new();
	char *secret = arena_strdup(a, "secret");

	arena_reset(a);
	/* The first block is kept, so the old pointer may be read. */
	ok(arena_alloc(a, 7) == (void *)secret && memcmp(secret, "\0\0\0\0\0\0", 7) == 0,
	    "reset keeps one block and wipes it");
	arena_free(a);
}

int
main(void)
{
	test_strings();
	test_random();
	test_reset_wipes();
	return tap_done();
}
