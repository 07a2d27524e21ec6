#ifndef LIB_CHARS_H
#define LIB_CHARS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"

/* Which code points a text may hold, show or lose: what lib/text.h and lib/escape.h stand on. */

/* White_Space, and the empty braille pattern, which looks like it. */
MUST_CHECK bool chars_white(uint32_t c);
/* Default_Ignorable_Code_Point: shows nothing. */
MUST_CHECK bool chars_ignorable(uint32_t c);
/* Ignorable, and a direction mark: U+061C, U+200E, U+200F. */
MUST_CHECK bool chars_mark(uint32_t c);
/* Ignorable, but part of the character before or after it, such as a variation selector. */
MUST_CHECK bool chars_joined(uint32_t c);
/* A tag of an emoji flag. */
MUST_CHECK bool chars_tag(uint32_t c);
/* Why no text may hold it ("a control character"), but for line ends and tabs; NULL: it may. */
const char *chars_fault(uint32_t c);
/* White, ignorable, or refused by chars_fault(). */
MUST_CHECK bool chars_unseen(uint32_t c);

#endif
