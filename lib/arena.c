/*
 * Bump allocation from a chain of blocks. Invariant: a block's bytes from `used` on are zero, so
 * allocations need no clearing and only the used part must be wiped.
 */
#include "lib/arena.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "lib/xalloc.h"

#define BLOCK_BYTES (16 * 1024 - 64)
#define ALIGN _Alignof(max_align_t)

struct block {
	struct block *next;
	size_t used;
	size_t size;
	_Alignas(max_align_t) unsigned char bytes[];
};

struct arena {
	struct block *first; /* kept by arena_reset() */
	struct block *head;  /* the block being filled */
};

static struct block *
block_new(size_t size)
{
	struct block *b = xcalloc(1, sizeof *b + size);

	b->size = size;
	return b;
}

static void
block_free(struct block *b)
{
	explicit_bzero(b->bytes, b->used);
	free(b);
}

struct arena *
arena_new(void)
{
	struct arena *a = xmalloc(sizeof *a);

	a->first = block_new(BLOCK_BYTES);
	a->head = a->first;
	return a;
}

void
arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	arena_reset(a);
	free(a->first);
	free(a);
}

void
arena_reset(struct arena *a)
{
	struct block *next;

	for (struct block *b = a->head; b != NULL; b = next) {
		next = b->next;
		if (b != a->first)
			block_free(b);
	}
	explicit_bzero(a->first->bytes, a->first->used);
	a->first->used = 0;
	a->first->next = NULL;
	a->head = a->first;
}

void
arena_drop(struct arena *a, const void *p)
{
	struct block **at = &a->head, *b;

	while (*at != NULL && (const void *)(*at)->bytes != p)
		at = &(*at)->next;
	b = *at;
	if (p == NULL || b == NULL || b == a->first || b == a->head || b->size <= BLOCK_BYTES)
		return;
	*at = b->next;
	block_free(b);
}

size_t
arena_bytes(const struct arena *a)
{
	size_t n = 0;

	for (const struct block *b = a->head; b != NULL; b = b->next)
		n += b->size;
	return n;
}

void *
arena_alloc(struct arena *a, size_t bytes)
{
	struct block *b = a->head;
	size_t need;
	void *p;

	if (bytes > SIZE_MAX / 4)
		panic("arena_alloc of %zu bytes", bytes);
	need = (bytes + ALIGN - 1) / ALIGN * ALIGN;
	if (need == 0)
		need = ALIGN;
	if (need > BLOCK_BYTES / 4 && need > b->size - b->used) {
		/* A separate block after the head, so that the head stays open for small
		 * allocations. */
		struct block *big = block_new(need);

		big->next = b->next;
		b->next = big;
		b = big;
	} else if (need > b->size - b->used) {
		b = block_new(BLOCK_BYTES);
		b->next = a->head;
		a->head = b;
	}
	p = b->bytes + b->used;
	b->used += need;
	return p;
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return s != NULL ? arena_strndup(a, s, strlen(s)) : NULL;
}

char *
arena_strndup(struct arena *a, const char *s, size_t len)
{
	char *copy = arena_alloc(a, len + 1);

	if (len > 0)
		memcpy(copy, s, len);
	return copy;
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap, again;
	char *text;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n < 0)
		panic("arena_printf: bad format %s", fmt);
	text = arena_alloc(a, (size_t)n + 1);
	vsnprintf(text, (size_t)n + 1, fmt, again);
	va_end(again);
	va_end(ap);
	return text;
}
