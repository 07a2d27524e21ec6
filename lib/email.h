#ifndef LIB_EMAIL_H
#define LIB_EMAIL_H

#include <stddef.h>

struct arena;

#define EMAIL_MAX 320

/*
 * The address in lower case (ASCII) and without blanks at its edges, in the arena. NULL and *fault
 * (static or in the arena) unless it looks like text '@' text '.' text of at most 320 characters
 * that can all be seen. Pure.
 */
const char *email_clean(const char *text, size_t len, struct arena *mem, const char **fault);

#endif
