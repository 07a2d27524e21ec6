#ifndef CTL_LOGINS_H
#define CTL_LOGINS_H

#include "lib/attr.h"

struct ctl;

/* Who may log in: `user password`, `user list`, `user disable`, `user enable`, `session revoke`. */
MUST_CHECK int logins_password(struct ctl *c, int argc, char **argv);
MUST_CHECK int logins_list(struct ctl *c, int argc, char **argv);
MUST_CHECK int logins_disable(struct ctl *c, int argc, char **argv);
MUST_CHECK int logins_enable(struct ctl *c, int argc, char **argv);
MUST_CHECK int logins_end_sessions(struct ctl *c, int argc, char **argv);

#endif
