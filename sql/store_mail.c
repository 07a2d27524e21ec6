/* The outbox of mails. Invariant: what a mail says is in the database only sealed. */
#include "sql/store_mail.h"

#include <string.h>

#include "lib/arena.h"
#include "lib/keyring.h"
#include "sql/stmt.h"

/* DB_NONE: its receiver does not want it. */
static enum db_rc
mail_wanted(struct db *db, const struct mail_note *n)
{
	const struct uuid project = uuid_project_shown(&n->project_id);
	int64_t transactional = 1, alerts = 1, verification = 1, wanted = 1;
	enum db_rc rc = db_row_any(db,
	    SQL_IN(
		email_preference_get, .user = db_uuid(&n->user_id), .project = db_uuid(&project)),
	    SQL_OUT(email_preference_get, .transactional = db_get_int(&transactional),
		.alerts = db_get_int(&alerts), .verification = db_get_int(&verification)));

	switch (mail_class(n->kind)) {
	case MAIL_CLASS_SECURITY: break;
	case MAIL_CLASS_TRANSACTIONAL: wanted = transactional; break;
	case MAIL_CLASS_ALERT: wanted = alerts; break;
	case MAIL_CLASS_VERIFICATION: wanted = verification; break;
	}
	return rc == DB_OK && !wanted ? DB_NONE : rc;
}

static enum db_rc
write_mail(struct db *db, const struct keyring *keys, const struct mail_note *n, int64_t now_us)
{
	const char *text = mail_text(n->kind, &n->facts, db_mem(db));
	const struct uuid id = uuid_v7(now_us), project = uuid_project_shown(&n->project_id);
	size_t len = strlen(text);
	unsigned char *sealed = arena_alloc(db_mem(db), len + KEYRING_OVERHEAD);

	len = keyring_seal(keys, MAIL_TEXT_LABEL, &id, text, len, sealed);
	return db_exec(db,
	    SQL_IN(mail_insert, .id = db_uuid(&id), .kind = db_int(n->kind),
		.state = db_int(n->decoy ? MAIL_DECOY : MAIL_WAITING),
		.user = db_uuid_or_null(&n->user_id), .project = db_uuid_or_null(&project),
		.recipient = db_text(n->to), .text = db_bytes(sealed, len),
		.life_s = db_int(n->life_s)),
	    NULL);
}

enum db_rc
store_mail(struct db *db, const struct keyring *keys, const struct mail_note *n, int64_t now_us)
{
	enum db_rc rc = DB_OK;

	if (mail_class(n->kind) != MAIL_CLASS_SECURITY)
		rc = mail_wanted(db, n);
	if (rc == DB_OK)
		rc = write_mail(db, keys, n, now_us);
	return rc == DB_NONE ? DB_OK : rc;
}
