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
MUST_CHECK int users_first_owner(struct ctl *c, const char *email, const char *password_file);

/* The address in lower case, in the arena; NULL after a line on stderr. */
MUST_CHECK const char *users_email(struct ctl *c, const char *text);

#endif
