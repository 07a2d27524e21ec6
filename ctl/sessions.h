#ifndef CTL_SESSIONS_H
#define CTL_SESSIONS_H

#include "lib/attr.h"

struct ctl;

/* `session list`, `session revoke`. */
MUST_CHECK int sessions_list(struct ctl *c, int argc, char **argv);
MUST_CHECK int sessions_revoke(struct ctl *c, int argc, char **argv);

#endif
