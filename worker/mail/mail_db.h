#ifndef WORKER_MAIL_MAIL_DB_H
#define WORKER_MAIL_MAIL_DB_H

#include <stddef.h>
#include <stdint.h>

#include "lib/db/db.h"
#include "lib/mail.h"
#include "lib/uuid.h"
#include "worker/frame/batch.h"

#define MAIL_AT_ONCE 4

/* A mail that was claimed; texts lie in the database's arena. */
struct mail_claimed {
	struct uuid id, user_id, project_id;
	int64_t kind, attempts, created_us; /* attempts: with this one */
	const char *to;
	const void *sealed;
	size_t sealed_len;
};

struct mail_claim {
	struct batch batch;
	size_t want;     /* in: at most MAIL_AT_ONCE; 0: there is no mail server */
	int64_t lease_s; /* in */
	struct mail_claimed mails[MAIL_AT_ONCE];
	size_t len; /* out */
};
/* A periodic job: gives up what is too late, and claims what is due. */
enum db_rc mail_claim_run(struct db *db, void *job);

#define MAIL_ERROR_SIZE 256
struct mail_result {
	struct uuid id;
	enum mail_state state; /* MAIL_WAITING: try again after wait_ms */
	int64_t attempts, wait_ms;
	char error[MAIL_ERROR_SIZE]; /* "": none */
};
/* Not fenced: that a mail was sent is true whoever owns the shard by now. */
enum db_rc mail_save(struct db *db, const struct mail_result *r);

#endif
