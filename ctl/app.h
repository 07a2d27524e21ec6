#ifndef CTL_APP_H
#define CTL_APP_H

#include "lib/attr.h"

struct ctl;

/* `pintempo resume app ENVIRONMENT`: tries a stopped Pinterest app at once and tells the outcome.
 */
MUST_CHECK int app_try_again(struct ctl *c, int argc, char **argv);

#endif
