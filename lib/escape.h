#ifndef LIB_ESCAPE_H
#define LIB_ESCAPE_H

#include <stddef.h>

/*
 * For terminals and logs. Appends `len` bytes at out[at]; what could move a cursor, break or
 * reorder a line, or hide, is written byte by byte as \xNN. Stops before `room` would be exceeded;
 * *left becomes what did not fit. Returns the new end.
 */
size_t escape_append(char *out, size_t at, size_t room, const char *s, size_t len, size_t *left);

#endif
