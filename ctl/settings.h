#ifndef CTL_SETTINGS_H
#define CTL_SETTINGS_H

#include "lib/attr.h"

struct ctl;

MUST_CHECK int settings_print(struct ctl *c, int argc, char **argv);

#endif
