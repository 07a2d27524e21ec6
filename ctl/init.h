#ifndef CTL_INIT_H
#define CTL_INIT_H

#include "lib/attr.h"

struct ctl;

/* Creates what is missing, from the instance key to the first owner; may be run again. */
MUST_CHECK int init_run(struct ctl *c, int argc, char **argv);
/* Brings the schema of both databases up to date. */
MUST_CHECK int init_migrate(struct ctl *c, int argc, char **argv);

#endif
