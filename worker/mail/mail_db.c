/*
 * Claiming mails and saving what became of them. Invariant: a claimed mail is due again after its
 * lease, so that it is sent at least once even if this worker dies.
 */
#include "worker/mail/mail_db.h"

#include "lib/clock.h"
#include "lib/crash.h"
#include "sql/stmt.h"
#include "worker/frame/fence_db.h"

struct mail_claiming {
	struct mail_claim *c;
	struct mail_claimed row; /* being read */
};

static void
on_due_mail(void *arg)
{
	struct mail_claiming *k = arg;

	if (k->c->len < k->c->want)
		k->c->mails[k->c->len++] = k->row;
}

static enum db_rc
read_due_mails(struct db *db, struct mail_claiming *k)
{
	struct mail_claimed *m = &k->row;

	k->c->len = 0;
	return db_each(db, SQL_IN(mail_due, .limit = db_int((int64_t)k->c->want)),
	    SQL_OUT(mail_due, .id = db_get_uuid(&m->id), .kind = db_get_int(&m->kind),
		.user_id = db_get_uuid(&m->user_id), .project_id = db_get_uuid(&m->project_id),
		.recipient = db_get_text(&m->to),
		.text_sealed = db_get_bytes(&m->sealed, &m->sealed_len),
		.attempts = db_get_int(&m->attempts), .created_at = db_get_time(&m->created_us)),
	    on_due_mail, k);
}

static enum db_rc
claim_mails(struct db *db, void *arg)
{
	struct mail_claiming *k = arg;
	struct mail_claim *c = k->c;
	struct fence fence;
	enum db_rc rc = fence_take(db, &c->batch.leases, FENCE_BIT(0), &fence);

	c->batch.lost = fence.lost;
	if (rc == DB_OK)
		rc = db_exec_any(db, SQL_IN(mail_give_up), NULL);
	if (rc == DB_OK)
		rc = read_due_mails(db, k);
	for (size_t i = 0; rc == DB_OK && i < c->len; i++) {
		rc = db_exec_any(db,
		    SQL_IN(
			mail_claim, .id = db_uuid(&c->mails[i].id), .lease_s = db_int(c->lease_s)),
		    NULL);
		c->mails[i].attempts++;
	}
	return rc;
}

enum db_rc
mail_claim_run(struct db *db, void *job)
{
	struct mail_claim *c = job;
	struct mail_claiming k = { .c = c };
	enum db_rc rc = db_transact(db, claim_mails, &k);

	if (rc != DB_OK) {
		c->len = 0;
		return rc;
	}
	if (c->len > 0)
		CRASH_POINT("mail.claimed");
	if (c->want == 0)
		return DB_OK;
	/* What is claimed stays so until its lease ends, whatever this says. */
	rc = db_row_any(db, SQL_IN(mail_next),
	    SQL_OUT(mail_next, .next_at = db_get_time(&c->batch.next_us),
		.now = db_get_time(&c->batch.sample.db_us)));
	c->batch.sample.mono_us = clock_mono_us();
	return c->len > 0 ? DB_OK : rc;
}

enum db_rc
mail_save(struct db *db, const struct mail_result *r)
{
	const struct db_param error = db_text(r->error[0] != '\0' ? r->error : NULL);
	enum db_rc rc;

	if (r->state == MAIL_WAITING)
		rc = db_exec_any(db,
		    SQL_IN(mail_postpone, .id = db_uuid(&r->id), .attempts = db_int(r->attempts),
			.wait_ms = db_int(r->wait_ms), .error = error),
		    NULL);
	else
		rc = db_exec_any(db,
		    SQL_IN(
			mail_end, .id = db_uuid(&r->id), .state = db_int(r->state), .error = error),
		    NULL);
	CRASH_POINT("mail.saved");
	return rc;
}
