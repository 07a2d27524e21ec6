#ifndef LIB_NEAREST_H
#define LIB_NEAREST_H

#include <stddef.h>

/*
 * Which known name a text was meant to be, for "did you mean". Names are compared without case (in
 * ASCII), blanks and "_-.[]", so that deleteFromPinterest is delete_from_pinterest; what is left
 * differs by as many characters as must be added, dropped, changed or swapped. Only the first 64
 * characters count. Pure.
 */

/* The nearest of a NULL-ended list; NULL when none is near: a third of its characters differ. */
const char *nearest_name(const char *text, const char *const *names);
/* Up to `max` of `len` names, near or not, the nearest first; equally near ones keep their order.
 * Returns how many. */
size_t nearest_names(
    const char *text, const char *const *names, size_t len, const char **out, size_t max);

#endif
