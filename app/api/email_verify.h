#ifndef APP_API_EMAIL_VERIFY_H
#define APP_API_EMAIL_VERIFY_H

#include "lib/db/db.h"

struct call;
struct uuid;

/*
 * Inside a transaction: mails a link that proves that the address is the user's. `project`: the
 * user's preferences there decide; NULL: the user asked for it.
 */
enum db_rc email_verify_send(
    struct call *c, const struct uuid *user, const char *email, const struct uuid *project);

#endif
