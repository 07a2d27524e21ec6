#ifndef CTL_MEMBERS_H
#define CTL_MEMBERS_H

#include "lib/attr.h"

struct ctl;

/* Who is a member of which organization: `member list`, `member role`. */
MUST_CHECK int members_list(struct ctl *c, int argc, char **argv);
MUST_CHECK int members_role(struct ctl *c, int argc, char **argv);

#endif
