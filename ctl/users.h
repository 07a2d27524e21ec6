#ifndef CTL_USERS_H
#define CTL_USERS_H

#include <stdbool.h>

#include "lib/attr.h"

struct ctl;

/* `user add`, `key add`, `invite`. */
MUST_CHECK int users_add(struct ctl *c, int argc, char **argv);
MUST_CHECK int users_key_add(struct ctl *c, int argc, char **argv);
MUST_CHECK int users_invite(struct ctl *c, int argc, char **argv);

/* `init --owner`: asks for a password and creates the first owner if there is no user. */
MUST_CHECK int users_first_owner(struct ctl *c, const char *email);

#endif
