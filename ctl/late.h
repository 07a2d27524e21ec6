#ifndef CTL_LATE_H
#define CTL_LATE_H

#include "lib/attr.h"

struct ctl;

/* `pintempo late [--since 8h] [--by 60s]` */
MUST_CHECK int late_run(struct ctl *c, int argc, char **argv);

#endif
