#ifndef LIB_ARENA_H
#define LIB_ARENA_H

#include <stddef.h>

/*
 * Memory with one owner and one end: everything decoded or built for one request, or for one
 * worker job, is allocated here and freed by one call. Never returns NULL. Not thread-safe.
 */
struct arena;

struct arena *arena_new(void);
/* Wipes what was handed out (tokens may be among it), then frees it. NULL is harmless. */
void arena_free(struct arena *a);
/* As arena_free() and arena_new() in one, keeping one block: for a thread's next request. */
void arena_reset(struct arena *a);
/* Zeroed, aligned for any type. */
void *arena_alloc(struct arena *a, size_t bytes);
char *arena_strdup(struct arena *a, const char *s); /* NULL gives NULL */
char *arena_strndup(struct arena *a, const char *s, size_t len);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
