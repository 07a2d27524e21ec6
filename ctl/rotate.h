#ifndef CTL_ROTATE_H
#define CTL_ROTATE_H

#include "lib/attr.h"

struct ctl;

/*
 * `rotate-key`: a new instance key, and everything sealed with it. Programs go on meanwhile. May be
 * ended at any point: nothing is lost, and the next run goes on.
 */
MUST_CHECK int rotate_run(struct ctl *c, int argc, char **argv);

#endif
