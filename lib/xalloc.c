/* Allocation that ends the process instead of failing; the only user of malloc(). */
#include "lib/xalloc.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "lib/log.h"

#define ARENAS 2
#define TRIM_BYTES (256 * 1024) /* free at the top of an arena */
#define MMAP_BYTES (128 * 1024) /* set, so that it does not grow with what is freed */

static _Noreturn void
die_of_memory(size_t bytes)
{
	log_error("event=out_of_memory bytes=%zu", bytes);
	_exit(EXIT_FAILURE);
}

void *
xmalloc(size_t bytes)
{
	void *p = malloc(bytes > 0 ? bytes : 1);

	if (p == NULL)
		die_of_memory(bytes);
	return p;
}

void *
xcalloc(size_t count, size_t bytes)
{
	void *p = count > 0 && bytes > 0 ? calloc(count, bytes) : calloc(1, 1);

	if (p == NULL)
		die_of_memory(bytes > 0 && count > SIZE_MAX / bytes ? SIZE_MAX : count * bytes);
	return p;
}

void *
xreallocarray(void *p, size_t count, size_t bytes)
{
	size_t total;
	void *grown;

	if (__builtin_mul_overflow(count, bytes, &total))
		die_of_memory(SIZE_MAX);
	grown = realloc(p, total > 0 ? total : 1);
	if (grown == NULL)
		die_of_memory(total);
	return grown;
}

char *
xstrdup(const char *s)
{
	return xstrndup(s, strlen(s));
}

char *
xstrndup(const char *s, size_t len)
{
	char *copy = xmalloc(len + 1);

	memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

char *
xasprintf(const char *fmt, ...)
{
	va_list ap, again;
	char *text;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n < 0)
		panic("xasprintf: bad format %s", fmt);
	text = xmalloc((size_t)n + 1);
	vsnprintf(text, (size_t)n + 1, fmt, again);
	va_end(again);
	va_end(ap);
	return text;
}

void
xalloc_start(void)
{
#ifdef __GLIBC__
	(void)mallopt(M_ARENA_MAX, ARENAS);
	(void)mallopt(M_TRIM_THRESHOLD, TRIM_BYTES);
	(void)mallopt(M_MMAP_THRESHOLD, MMAP_BYTES);
#endif
}

void
xalloc_trim(void)
{
#ifdef __GLIBC__
	(void)malloc_trim(TRIM_BYTES);
#endif
}
