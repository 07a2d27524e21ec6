#ifndef CTL_PASSWORD_H
#define CTL_PASSWORD_H

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/crypto.h"

/*
 * Reads a new password and hashes it. On a terminal it is asked for twice, without echo. Otherwise
 * it is the first line of stdin, or of `file` if that is not NULL ("-": stdin). False after a line
 * on stderr, also when the user of that address should not have it (lib/password.h).
 */
MUST_CHECK bool password_new(const char *file, const char *email, char hash[PASSWORD_HASH_SIZE]);

#endif
