#ifndef LIB_XALLOC_H
#define LIB_XALLOC_H

#include <stddef.h>

/*
 * Allocate or die: out of memory ends the process with a log line. State is in the database and
 * leases recover it, so no caller carries that error. Free with free().
 */
void *xmalloc(size_t bytes);
void *xcalloc(size_t count, size_t bytes);
/* Resizes to count * bytes. */
void *xreallocarray(void *p, size_t count, size_t bytes);
char *xstrdup(const char *s);
/* Copy the first len bytes of s (no NUL inside) and end them with a NUL. */
char *xstrndup(const char *s, size_t len);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
