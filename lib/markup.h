#ifndef LIB_MARKUP_H
#define LIB_MARKUP_H

#include <stddef.h>

/*
 * HTML in a text that is shown as it is: a tag of a known element, a comment, or a character
 * reference ("&amp;", "&#8217;"). "<3", "a < b" and "AT&T" are none. Returns where it begins and
 * its length, or NULL. Pure.
 */
const char *markup_find(const char *text, size_t *len);

#endif
