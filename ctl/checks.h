#ifndef CTL_CHECKS_H
#define CTL_CHECKS_H

#include "lib/attr.h"

struct ctl;

/* `config check [--offline]`. 0: all is well; 1: warnings; 2: faults; 3: wrong usage. */
MUST_CHECK int checks_run(struct ctl *c, int argc, char **argv);

#endif
