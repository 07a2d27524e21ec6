#ifndef LIB_TEXT_H
#define LIB_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"

struct arena;

/*
 * The one rule for text from outside, whatever the door. Pure. Refused are control characters,
 * characters that reorder text (U+202A to U+202E, U+2066 to U+2069), other formatting controls,
 * what Unicode says is no character, and tags outside of an emoji flag. Blanks at the edges are cut
 * off: White_Space, and what cannot be seen. ZWJ and ZWNJ inside stay, as emoji and Persian need
 * them; so do private-use characters.
 */
enum text_kind {
	TEXT_PROSE, /* several lines: every line end becomes "\n", vertical tab and form feed a
		       blank */
	TEXT_LINE,  /* one line: line ends and tabs become one blank each */
	TEXT_KEY /* compared exactly: line ends and tabs are refused, U+200E and U+200F cut off */
};

/*
 * The cleaned text, in the arena; "" when nothing of it can be seen. NULL and *fault (in the
 * arena): "must not contain U+001B (a control character), at character 4".
 */
const char *text_clean(
    enum text_kind kind, const char *s, size_t len, struct arena *mem, const char **fault);
/* The start of the text without blanks at its edges, as TEXT_KEY; *len becomes its length. */
const char *text_trim(const char *s, size_t *len);
/* Length in bytes of the blank (White_Space) that NUL-ended text begins with; 0: none. */
size_t text_blank(const char *s);
/*
 * Copies the text to `to` (room: strlen(s) + 1 bytes) without blanks at its edges and with each run
 * of them as one space. Returns `to`.
 */
char *text_squeeze(char *to, const char *s);
/* True: the first character, from 1, that cannot be seen or is refused in every text. */
MUST_CHECK bool text_find_unseen(const char *s, size_t len, uint32_t *c, size_t *at);

#endif
