#ifndef LIB_XALLOC_H
#define LIB_XALLOC_H

#include <stddef.h>

/*
 * Allocation that never returns NULL: out of memory ends the process with a log line. All state is
 * in the database and recovered from there, so callers need no error path. Free with free().
 */
void *xmalloc(size_t bytes);
void *xcalloc(size_t count, size_t bytes);
/* Resizes to count * bytes. */
void *xreallocarray(void *p, size_t count, size_t bytes);
char *xstrdup(const char *s);
/* Copies the first len bytes of s, which hold no NUL, and adds a NUL. */
char *xstrndup(const char *s, size_t len);
/*
 * Call once in main, before threads: two arenas however many threads there are, and large blocks
 * that go back to the system when they are freed. What stays is then what is in use.
 */
void xalloc_start(void);
/* Gives free memory back to the system; takes up to a millisecond. */
void xalloc_trim(void);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
