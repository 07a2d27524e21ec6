#ifndef CTL_STATUS_H
#define CTL_STATUS_H

#include "lib/attr.h"

struct ctl;

MUST_CHECK int status_run(struct ctl *c, int argc, char **argv);

#endif
