#ifndef CTL_PAUSE_H
#define CTL_PAUSE_H

#include "lib/attr.h"

struct ctl;

/* `pause account|project ID`, `resume account|project ID`. Repeating one is no error. */
MUST_CHECK int pause_account(struct ctl *c, int argc, char **argv);
MUST_CHECK int pause_account_end(struct ctl *c, int argc, char **argv);
MUST_CHECK int pause_project(struct ctl *c, int argc, char **argv);
MUST_CHECK int pause_project_end(struct ctl *c, int argc, char **argv);

#endif
