#ifndef SQL_STORE_MAIL_H
#define SQL_STORE_MAIL_H

#include <stdint.h>

#include "lib/db/db.h"
#include "lib/mail.h"

struct keyring;

#define MAIL_TEXT_LABEL "mails.text" /* for lib/keyring.h */

/*
 * The outbox of mails: writes one in the caller's transaction, its text sealed. Nothing is written,
 * and the result is DB_OK, when its receiver does not want such mails. The worker sends it.
 */
enum db_rc store_mail(
    struct db *db, const struct keyring *keys, const struct mail_note *n, int64_t now_us);

#endif
