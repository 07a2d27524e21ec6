/* A growing buffer with a hard cap. Invariant: data is NULL or data[len] is NUL and len <= cap. */
#include "lib/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "lib/xalloc.h"

#define FIRST_ROOM 256
/*
 * From here on the room grows at once to as much as nearly all need: pages that nobody touches cost
 * nothing, and content that is copied is in memory twice.
 */
#define LARGE_ROOM (1024 * 1024)
#define LARGER_ROOM (16 * 1024 * 1024)

void
buf_init(struct buf *b, size_t cap_bytes)
{
	if (cap_bytes > SIZE_MAX / 4)
		panic("buf cap %zu", cap_bytes);
	*b = (struct buf){ .cap = cap_bytes };
}

/* Not realloc(): it would free the old block, which may hold secrets, without wiping it. */
static void
buf_grow(struct buf *b, size_t need)
{
	size_t room = b->room > 0 ? b->room : FIRST_ROOM;
	char *data;

	while (room < need)
		room *= room == LARGE_ROOM ? LARGER_ROOM / LARGE_ROOM : 2;
	if (room > b->cap + 1)
		room = b->cap + 1;
	data = xmalloc(room);
	if (b->data != NULL) {
		memcpy(data, b->data, b->len);
		explicit_bzero(b->data, b->len);
		free(b->data);
	}
	b->data = data;
	b->room = room;
}

/* After an overflow all appends fail: content with a gap is worse than none. */
static int
buf_reserve(struct buf *b, size_t len)
{
	if (b->overflow || len > b->cap - b->len) {
		b->overflow = 1;
		return -1;
	}
	if (b->len + len + 1 > b->room)
		buf_grow(b, b->len + len + 1);
	return 0;
}

int
buf_add(struct buf *b, const void *bytes, size_t len)
{
	if (buf_reserve(b, len) == -1)
		return -1;
	if (len > 0)
		memcpy(b->data + b->len, bytes, len);
	b->len += len;
	b->data[b->len] = '\0';
	return 0;
}

int
buf_puts(struct buf *b, const char *s)
{
	return buf_add(b, s, strlen(s));
}

int
buf_putc(struct buf *b, char c)
{
	return buf_add(b, &c, 1);
}

int
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap, again;
	int n, rc = -1;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n < 0)
		panic("buf_printf: bad format %s", fmt);
	if (buf_reserve(b, (size_t)n) == 0) {
		vsnprintf(b->data + b->len, b->room - b->len, fmt, again);
		b->len += (size_t)n;
		rc = 0;
	}
	va_end(again);
	va_end(ap);
	return rc;
}

int
buf_header(struct buf *b, const char *name, const char *value)
{
	if (value == NULL || strpbrk(value, "\r\n") != NULL)
		return 0;
	return buf_printf(b, "%s: %s\r\n", name, value);
}

const char *
buf_str(const struct buf *b)
{
	return b->data != NULL ? b->data : "";
}

void
buf_free(struct buf *b)
{
	if (b == NULL)
		return;
	if (b->data != NULL)
		explicit_bzero(b->data, b->len);
	free(b->data);
	*b = (struct buf){ 0 };
}
