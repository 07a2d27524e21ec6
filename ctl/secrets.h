#ifndef CTL_SECRETS_H
#define CTL_SECRETS_H

#include "lib/attr.h"

struct ctl;

/*
 * Before the configuration can be loaded: creates the files that its [database] *_password_file
 * settings name and that are not there, each with a random password and mode 0600. 0 or -1 after a
 * line on stderr.
 */
MUST_CHECK int secrets_create(struct ctl *c);

#endif
