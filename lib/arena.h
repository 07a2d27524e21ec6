#ifndef LIB_ARENA_H
#define LIB_ARENA_H

#include <stddef.h>

/*
 * Memory with one owner: everything decoded or built for one request or one worker job is allocated
 * here and freed by one call. Never returns NULL. Not thread-safe.
 */
struct arena;

struct arena *arena_new(void);
/* Wipes all allocations, since they may hold tokens, then frees them. NULL is harmless. */
void arena_free(struct arena *a);
/* Like arena_free() and arena_new(), but keeps one block for the thread's next request. */
void arena_reset(struct arena *a);
/* Wipes and frees a large allocation before its time; others, and NULL, stay as they are. */
void arena_drop(struct arena *a, const void *p);
/* Bytes in its blocks now. */
size_t arena_bytes(const struct arena *a);
/* Zeroed, aligned for any type. */
void *arena_alloc(struct arena *a, size_t bytes);
char *arena_strdup(struct arena *a, const char *s); /* NULL gives NULL */
char *arena_strndup(struct arena *a, const char *s, size_t len);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
