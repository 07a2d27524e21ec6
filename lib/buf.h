#ifndef LIB_BUF_H
#define LIB_BUF_H

#include <stddef.h>

/*
 * A growing byte buffer with a hard cap set at creation, used for everything that grows with
 * external data. An append that would exceed the cap appends nothing, marks the buffer as
 * overflowed (permanently) and returns -1; so does every later append. `data` ends with a NUL that
 * `len` does not count, and is NULL until something is appended (use buf_str()).
 */
struct buf {
	char *data;
	size_t len;
	size_t room; /* allocated bytes */
	size_t cap;  /* maximum of len */
	int overflow;
};

void buf_init(struct buf *b, size_t cap_bytes);
int buf_add(struct buf *b, const void *bytes, size_t len);
int buf_puts(struct buf *b, const char *s);
int buf_putc(struct buf *b, char c);
int buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Adds "name: value" and CRLF; nothing when `value` is NULL or contains a line break. */
int buf_header(struct buf *b, const char *name, const char *value);
/* The content as a C string; "" while empty. Borrowed: valid until the next change. */
const char *buf_str(const struct buf *b);
/* Wipes the content, which may be secret, and frees it. Harmless on a zeroed buffer and on NULL. */
void buf_free(struct buf *b);

#endif
