#ifndef CTL_SCREEN_H
#define CTL_SCREEN_H

#include "lib/attr.h"

/*
 * From here on stdout and stderr escape what they are given by escape_append(), all but line ends
 * and tabs: whatever a tenant, Pinterest or a file put into a text, the operator's terminal gets
 * none of it raw. Call it once, before anything is written.
 */
void screen_open(void);
/* Last in main: nothing may be written afterwards. 0, or -1: not all could be written. */
MUST_CHECK int screen_close(void);

#endif
