#ifndef CTL_MAIL_H
#define CTL_MAIL_H

#include "lib/attr.h"

struct ctl;

MUST_CHECK int mail_list(struct ctl *c, int argc, char **argv);
MUST_CHECK int mail_show(struct ctl *c, int argc, char **argv);
/* A link with which a user sets a new password. */
MUST_CHECK int mail_password_link(struct ctl *c, int argc, char **argv);

#endif
