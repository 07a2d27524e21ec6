#ifndef CTL_INIT_KEY_H
#define CTL_INIT_KEY_H

#include <stdbool.h>

#include "lib/attr.h"

struct ctl;

/*
 * `init`, once the schema is there: creates the instance key if nothing was sealed yet, and notes
 * its fingerprint in the database. Never makes a key over sealed values, unless `replace`: then the
 * right one is lost, and what only it opened is given up. CTL_OK, or CTL_FAILED after a message.
 */
MUST_CHECK int init_key_settle(struct ctl *c, bool replace);

#endif
