#ifndef CTL_LIMITS_H
#define CTL_LIMITS_H

#include "lib/attr.h"

struct ctl;

/* `pintempo limits`: what a project may have, and limits of its own. */
MUST_CHECK int limits_run(struct ctl *c, int argc, char **argv);

#endif
