#ifndef CTL_WHY_H
#define CTL_WHY_H

#include "lib/attr.h"

struct ctl;

MUST_CHECK int why_run(struct ctl *c, int argc, char **argv);

#endif
