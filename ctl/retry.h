#ifndef CTL_RETRY_H
#define CTL_RETRY_H

#include "lib/attr.h"

struct ctl;

/* `pintempo retry`: puts back pins that an operator's fault failed, after showing which. */
MUST_CHECK int retry_run(struct ctl *c, int argc, char **argv);

#endif
