#ifndef CTL_SECRETS_H
#define CTL_SECRETS_H

#include "lib/attr.h"

struct ctl;

/*
 * To be called before the configuration is loaded: creates the missing files that its [database]
 * *_password_file settings name, each with a random password and mode 0600. -1 after a line on
 * stderr.
 */
MUST_CHECK int secrets_create(struct ctl *c);

#endif
