#include "lib/buf.h"

#include "tests/rng.h"
#include "tests/tap.h"

static void
test_basics(void)
{
	struct buf b;

	buf_init(&b, 1000);
	is_str(buf_str(&b), "", "an empty buffer is an empty string");
	ok(buf_add(&b, NULL, 0) == 0 && b.len == 0, "adding 0 bytes succeeds");
	ok(buf_puts(&b, "ab") == 0 && buf_putc(&b, 'c') == 0 && buf_add(&b, "\0d", 2) == 0,
	    "bytes are appended");
	ok(b.len == 5 && memcmp(b.data, "abc\0d", 6) == 0,
	    "bytes are appended, with a NUL at the end");
	ok(buf_printf(&b, "%d-%s", 42, "x") == 0 && b.len == 9, "buf_printf formats the text");
	ok(memcmp(b.data, "abc\0d42-x", 10) == 0, "buf_printf appends");
	buf_free(&b);
	buf_free(&b);
	buf_free(NULL);
}

static void
test_cap(void)
{
	struct buf b;

	buf_init(&b, 4);
	ok(buf_puts(&b, "abcd") == 0 && !b.overflow, "content up to the cap fits");
	ok(buf_putc(&b, 'e') == -1 && b.overflow && b.len == 4, "one byte over the cap is refused");
	is_str(buf_str(&b), "abcd", "a refused byte leaves the content unchanged");
	buf_free(&b);
	buf_init(&b, 4);
	ok(buf_puts(&b, "abc") == 0, "a buffer below its cap accepts bytes");
	ok(buf_printf(&b, "%s", "de") == -1 && b.overflow, "buf_printf over the cap is refused");
	is_str(buf_str(&b), "abc", "a refused buf_printf appends nothing");
	ok(buf_putc(&b, 'd') == -1 && b.len == 3, "after an overflow nothing is accepted");
	buf_free(&b);
	buf_init(&b, 0);
	ok(buf_puts(&b, "") == 0 && buf_putc(&b, 'x') == -1,
	    "a buffer with cap 0 accepts only the empty text");
	buf_free(&b);
}

static void
test_random(void)
{
	struct rng rng = rng_new();
	char model[5000];
	int wrong = 0;

	for (int round = 0; round < 300; round++) {
		size_t cap = (size_t)rng_range(&rng, 0, 4000), len = 0;
		bool over = false;
		struct buf b;

		buf_init(&b, cap);
		for (int i = 0; i < 40; i++) {
			char piece[700];
			size_t n = (size_t)rng_range(&rng, 0, 400);

			memset(piece, 'a' + i % 26, n);
			piece[n] = '\0';
			over = over || len + n > cap;
			if (!over)
				memcpy(model + len, piece, n);
			len += over ? 0 : n;
			wrong += (i % 2 ? buf_printf(&b, "%s", piece) : buf_add(&b, piece, n)) !=
				 (over ? -1 : 0);
		}
		wrong += b.len != len || memcmp(buf_str(&b), model, len) != 0 ||
			 buf_str(&b)[len] != '\0' || (b.overflow != 0) != over;
		buf_free(&b);
	}
	is_int(wrong, 0, "random appends agree with a plain array");
}

int
main(void)
{
	test_basics();
	test_cap();
	test_random();
	return tap_done();
}
