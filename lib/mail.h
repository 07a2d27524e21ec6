#ifndef LIB_MAIL_H
#define LIB_MAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/uuid.h"

struct arena;
struct keyring;

/* The mails that are sent: their texts (mail.def), and how they look on the wire. Pure. */

enum mail_class {
	MAIL_CLASS_SECURITY,
	MAIL_CLASS_TRANSACTIONAL,
	MAIL_CLASS_ALERT,
	MAIL_CLASS_VERIFICATION
};

enum mail_kind {
#define MAIL(NAME, number, code, CLASS, subject, body) MAIL_##NAME = (number),
#include "lib/mail.def"
#undef MAIL
	MAIL__END
};

/* mails.state */
enum mail_state {
	MAIL_WAITING = 1,
	MAIL_SENT = 2,
	MAIL_FAILED = 3,
	MAIL_DECOY = 4,  /* never sent */
	MAIL_REFUSED = 5 /* there is no such mailbox */
};

/* What a text may speak of; NULL reads as nothing. */
struct mail_facts {
	const char *address, *organization, *by, *link, *until;
};

/* One that is to be written, for store_mail(). */
struct mail_note {
	enum mail_kind kind;
	struct uuid user_id;    /* whose preferences count; nil: nobody who has an account */
	struct uuid project_id; /* and in which project; nil: none */
	const char *to;         /* an address that email_clean() took */
	int64_t life_s;         /* it is not worth sending later than this */
	struct mail_facts facts;
	bool decoy; /* never sent: what is written then tells nobody that there is no such user */
};

/* "password_reset"; NULL: there is no such kind. */
const char *mail_code(int64_t kind);
enum mail_class mail_class(enum mail_kind kind);
/* Subject, an empty line and the body, in the arena. */
const char *mail_text(enum mail_kind kind, const struct mail_facts *facts, struct arena *mem);

/* What goes to the mail server. */
struct mail_letter {
	struct uuid id; /* makes the Message-ID: the same whenever it is sent again */
	int64_t created_us;
	const char *host;        /* of the instance, for the Message-ID */
	const char *from, *name; /* the sender */
	const char *to;
	const char *text;        /* mail_text() */
	const char *unsubscribe; /* URL; NULL: none */
};
/*
 * As RFC 5322 wants it, lines ended by CRLF, in the arena: headers in ASCII (RFC 2047), no line
 * over 998 bytes, nothing of a text in the headers but the subject. Addresses are written as they
 * are.
 */
const char *mail_letter(const struct mail_letter *l, struct arena *mem, size_t *len);

/* The address that ends such mails for a user in a project. It never changes. */
const char *mail_unsubscribe_url(const struct keyring *keys, const char *public_url,
    const struct uuid *project, const struct uuid *user, struct arena *mem);
/* Is that its token? */
MUST_CHECK bool mail_unsubscribe_right(const struct keyring *keys, const struct uuid *project,
    const struct uuid *user, const char *token);

#endif
