#ifndef APP_API_MAIL_H
#define APP_API_MAIL_H

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/db/db.h"
#include "lib/mail.h"

struct call;

/* Mails that a request causes (sql/store_mail.h), and how often it may. */

/* Inside the transaction of the act: a mail that the worker sends after the commit. */
enum db_rc mail_write(struct call *c, const struct mail_note *n);
/* "<public_url><path>?token=<token>", in the arena. */
const char *mail_link(struct call *c, const char *path, const char *token);
/* Is there a server, so that a mail is on its way? Otherwise the operator shows its link. */
MUST_CHECK bool mail_goes_out(const struct call *c);
/*
 * Counts a mail that is asked for: by network, and by the address it goes to, whether anybody has
 * that address or not. False: too many, and the reply is a 429 (or 503). *again_s: seconds until
 * the next one for the address may be asked for; 0: now.
 */
MUST_CHECK bool mail_guard_enter(struct call *c, const char *email, int *again_s);

#endif
