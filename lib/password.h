#ifndef LIB_PASSWORD_H
#define LIB_PASSWORD_H

#include "lib/attr.h"

/* The one rule for new passwords, at every door. */

#define PASSWORD_MIN 8 /* characters */
#define PASSWORD_MAX 255

/*
 * Why nobody should have this password, to follow its name: NULL if it will do. Refused are those
 * that are tried first (lib/password_words.def, also in capitals, with digits for letters and with
 * up to four digits or marks behind), runs such as 12345678, few characters again and again, and
 * the user's own address. `email` is in lower case. Lengths are the caller's.
 */
const char *password_fault(const char *password, const char *email);

#endif
