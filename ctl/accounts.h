#ifndef CTL_ACCOUNTS_H
#define CTL_ACCOUNTS_H

#include "lib/attr.h"

struct ctl;

/* `account list`: the ids that other commands take, and which accounts need their owner. */
MUST_CHECK int accounts_list(struct ctl *c, int argc, char **argv);

#endif
