/*
 * Mails: claimed, opened, sent, saved. Invariant: a mail under way is in one mail_flight, which is
 * submitted until the database has taken what became of it.
 */
#include "worker/mail/mail.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "lib/arena.h"
#include "lib/backoff.h"
#include "lib/clock.h"
#include "lib/conf.h"
#include "lib/crash.h"
#include "lib/crypto.h"
#include "lib/escape.h"
#include "lib/keyring.h"
#include "lib/log.h"
#include "lib/mail.h"
#include "lib/url.h"
#include "lib/xalloc.h"
#include "sql/store_mail.h"
#include "worker/frame/dbq.h"
#include "worker/frame/loop.h"
#include "worker/frame/periodic.h"
#include "worker/frame/shards.h"
#include "worker/frame/worker.h"
#include "worker/mail/mail_db.h"
#include "worker/mail/smtp.h"

#define POLL_US (5 * US_PER_S)
#define RETRY_US US_PER_S
#define LEASE_MORE_S 15 /* beyond the time that sending may take */
#define WAIT_BASE_MS 30000
#define WAIT_CAP_MS 1800000
#define TRIES_MAX 12
#define SAVE_AGAIN_US (500 * US_PER_MS)

struct mail_stage {
	struct periodic claiming;
	struct smtp *smtp;
	LIST_HEAD(, mail_flight) flights;
	unsigned in_flight;
};

struct mail_flight {
	struct mail_stage *stage;
	struct mail_result result;
	int64_t kind;
	int64_t save_at_us; /* monotonic; LOOP_NEVER: under way, or being saved */
	LIST_ENTRY(mail_flight) link;
};

/* ---- saving ---- */

static enum db_rc
mail_save_run(struct db *db, void *arg)
{
	const struct mail_flight *f = arg;

	return mail_save(db, &f->result);
}

static void
mail_save_done(void *arg, enum db_rc rc)
{
	struct mail_flight *f = arg;
	struct worker *w = f->stage->claiming.w;
	char id[UUID_TEXT_SIZE];

	if (rc == DB_OK || rc == DB_NONE || rc == DB_FAIL) {
		if (rc == DB_FAIL)
			log_warn("event=mail_not_saved mail=%s", uuid_format(&f->result.id, id));
		LIST_REMOVE(f, link);
		f->stage->in_flight--;
		free(f);
	} else {
		f->save_at_us = clock_mono_us() + SAVE_AGAIN_US;
	}
	loop_poke(w->loop);
}

static void
flight_save(struct mail_flight *f)
{
	f->save_at_us = LOOP_NEVER;
	dbq_submit(f->stage->claiming.w->dbq, DBQ_SAVE, mail_save_run, mail_save_done, f);
}

/* What the database did not take. When to look again. */
static int64_t
save_again(const struct mail_stage *s, int64_t mono_us)
{
	int64_t next = LOOP_NEVER;

	for (struct mail_flight *f = LIST_FIRST(&s->flights); f != NULL; f = LIST_NEXT(f, link)) {
		if (f->save_at_us <= mono_us)
			flight_save(f);
		next = f->save_at_us < next ? f->save_at_us : next;
	}
	return next;
}

/* ---- sending ---- */

static void
note_failure(struct mail_flight *f, const struct smtp_outcome *o)
{
	struct mail_result *r = &f->result;
	bool last = o->no_mailbox || r->attempts >= TRIES_MAX;
	enum mail_state ended = o->no_mailbox ? MAIL_REFUSED : MAIL_FAILED;
	char id[UUID_TEXT_SIZE];
	size_t left, len;

	len = escape_append(r->error, 0, sizeof(r->error) - 1, o->error, strlen(o->error), &left);
	r->error[len] = '\0';
	r->state = last ? ended : MAIL_WAITING;
	r->wait_ms =
	    backoff_ms((unsigned)r->attempts, WAIT_BASE_MS, WAIT_CAP_MS, crypto_random32());
	if (last)
		log_warn("event=mail_given_up mail=%s kind=%s attempts=%lld why=\"%s\"",
		    uuid_format(&r->id, id), mail_code(f->kind), (long long)r->attempts, r->error);
	else
		log_warn("event=mail_not_sent mail=%s kind=%s attempts=%lld why=\"%s\"",
		    uuid_format(&r->id, id), mail_code(f->kind), (long long)r->attempts, r->error);
}

static void
on_mail_answered(void *arg, const struct smtp_outcome *o)
{
	struct mail_flight *f = arg;
	char id[UUID_TEXT_SIZE];

	CRASH_POINT("mail.sent");
	if (o->sent) {
		f->result.state = MAIL_SENT;
		log_info("event=mail_sent mail=%s kind=%s", uuid_format(&f->result.id, id),
		    mail_code(f->kind));
	} else {
		note_failure(f, o);
	}
	flight_save(f);
}

/* NULL: no key opens it. */
static const char *
claimed_letter(const struct worker *w, const struct mail_claimed *m, struct arena *mem, size_t *len)
{
	const struct mail_conf *conf = &w->conf->mail;
	const char *url = w->conf->public_url;
	enum mail_class class = mail_class((enum mail_kind)m->kind);
	struct mail_letter l = { .id = m->id,
		.created_us = m->created_us,
		.host = url_host(url, mem),
		.from = conf->from,
		.name = conf->from_name,
		.to = m->to };

	l.text =
	    keyring_open_text(w->keyring, MAIL_TEXT_LABEL, &m->id, m->sealed, m->sealed_len, mem);
	if ((class == MAIL_CLASS_TRANSACTIONAL || class == MAIL_CLASS_ALERT) &&
	    !uuid_is_nil(&m->user_id))
		l.unsubscribe =
		    mail_unsubscribe_url(w->keyring, url, &m->project_id, &m->user_id, mem);
	return l.text != NULL ? mail_letter(&l, mem, len) : NULL;
}

static void
start_mail(struct mail_stage *s, const struct mail_claimed *m, struct arena *mem)
{
	const struct worker *w = s->claiming.w;
	struct mail_flight *f = xcalloc(1, sizeof(*f));
	const char *letter;
	size_t len = 0;

	f->stage = s;
	f->kind = m->kind;
	f->result.id = m->id;
	f->result.attempts = m->attempts;
	f->save_at_us = LOOP_NEVER;
	LIST_INSERT_HEAD(&s->flights, f, link);
	s->in_flight++;
	letter = claimed_letter(w, m, mem, &len);
	if (letter != NULL) {
		smtp_send(s->smtp, &w->conf->mail, m->to, letter, len, on_mail_answered, f);
		return;
	}
	note_failure(f, &(struct smtp_outcome){ .error = "no instance key opens its text" });
	flight_save(f);
}

/* ---- claiming ---- */

static bool
may_claim_mails(const void *stage)
{
	const struct mail_stage *s = stage;
	const struct worker *w = s->claiming.w;

	return s->in_flight < MAIL_AT_ONCE && (shards_mask(w->shards) & FENCE_BIT(0)) != 0;
}

static void
mail_claim_prepare(void *stage, void *job)
{
	const struct mail_stage *s = stage;
	struct mail_claim *c = job;

	c->want = s->claiming.w->conf->mail.url != NULL ? MAIL_AT_ONCE - s->in_flight : 0;
	c->lease_s = s->claiming.w->conf->mail.timeout_ms / 1000 + LEASE_MORE_S;
}

static void
mail_claim_apply(void *stage, void *job, enum db_rc rc)
{
	struct mail_stage *s = stage;
	const struct mail_claim *c = job;
	struct arena *mem = arena_new();

	(void)rc;
	for (size_t i = 0; i < c->len; i++)
		start_mail(s, &c->mails[i], mem);
	arena_free(mem);
}

static const struct periodic_kind claiming = {
	.failed = "mails_not_claimed",
	.wake = WAKE_MAIL,
	.poll_us = POLL_US,
	.retry_us = RETRY_US,
	.stage_size = sizeof(struct mail_stage),
	.job_size = sizeof(struct mail_claim),
	.ready = may_claim_mails,
	.prepare = mail_claim_prepare,
	.run = mail_claim_run,
	.apply = mail_claim_apply,
};

int64_t
mail_tick(void *self, int64_t mono_us)
{
	int64_t next = periodic_tick(self, mono_us), again = save_again(self, mono_us);

	return again < next ? again : next;
}

struct mail_stage *
mail_new(struct worker *w)
{
	struct mail_stage *s = periodic_new(w, &claiming);

	LIST_INIT(&s->flights);
	s->smtp = smtp_new(loop_base(w->loop));
	return s;
}

unsigned
mail_busy(const void *self)
{
	const struct mail_stage *s = self;

	return periodic_busy(s) + s->in_flight;
}

void
mail_free(void *self)
{
	struct mail_stage *s = self;

	smtp_free(s->smtp);
	while (!LIST_EMPTY(&s->flights)) {
		struct mail_flight *f = LIST_FIRST(&s->flights);

		LIST_REMOVE(f, link);
		free(f);
	}
	free(s);
}
