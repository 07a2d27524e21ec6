#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "lib/log.h"
#include "lib/xalloc.h"

/* Shared by the fuzz targets. A target is tests/fuzz/fuzz_NAME.c with the function below and the
 * folder tests/fuzz/corpus/NAME; it is linked with replay.c, or with libFuzzer by `configure
 * --enable-fuzzing --enable-sanitizers CC=clang` (then run fuzz_NAME CORPUS_COPY).
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)                                                                            \
	do {                                                                                       \
		if (!(condition))                                                                  \
			panic("fuzz: %s:%d: %s", __FILE__, __LINE__, #condition);                  \
	} while (0)

/* Returns the input as a C string (up to its first NUL), in a block of exactly that size; free()
 * it. */
static inline char *
fuzz_text(const uint8_t *data, size_t size)
{
	const uint8_t *end = size > 0 ? memchr(data, 0, size) : NULL;

	return xstrndup((const char *)data, end != NULL ? (size_t)(end - data) : size);
}

#endif
