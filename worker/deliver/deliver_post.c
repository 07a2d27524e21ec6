/*
 * One attempt: the signatures over the stored bytes, one POST, the plan for its outcome.
 * Invariant: the secrets are only on this stack, and are wiped.
 */
#include "config.h"

#include "worker/deliver/deliver_post.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/conf.h"
#include "lib/crypto.h"
#include "lib/event.h"
#include "lib/keyring.h"
#include "lib/log.h"
#include "lib/webhook_secret.h"
#include "lib/webhook_target.h"
#include "lib/xalloc.h"
#include "worker/http/outcome.h"
#include "worker/http/transport.h"
#include "worker/frame/worker.h"

#define ANSWER_MAX 65536
#define HEADERS 7

struct post {
	struct worker *w;
	struct delivery *d;
	int64_t started_us; /* database time */
	bool fresh;         /* on a connection of its own, after an idle one turned out dead */
	deliver_post_done done;
	void *arg;
};

static void
post_headers(const struct post *f, const struct webhook_secrets *secrets, struct arena *mem,
    const char *line[HEADERS])
{
	const struct delivery *d = f->d;
	char hex[SHA256_HEX_SIZE], standard[EVENT_SIGNATURE_SIZE];
	const char *signatures = "";
	char id[UUID_TEXT_SIZE], event[UUID_TEXT_SIZE];
	int64_t now_s = f->started_us / US_PER_S;

	uuid_format(&d->id, id);
	uuid_format(&d->event_id, event);
	event_sign_pinbridge(secrets->text[0], d->body, d->body_len, hex);
	for (size_t i = 0; i < secrets->len; i++) {
		event_sign_standard(secrets->text[i], event, now_s, d->body, d->body_len, standard);
		signatures = arena_printf(mem, "%s%s%s", signatures, i > 0 ? " " : "", standard);
	}
	line[0] = arena_printf(mem, "X-PinBridge-Signature: %s", hex);
	line[1] =
	    arena_printf(mem, "X-PinBridge-Event: %s", event_type_name((enum event_type)d->type));
	line[2] = arena_printf(mem, "X-PinBridge-Delivery-ID: %s", id);
	line[3] = arena_printf(mem, "webhook-id: %s", event);
	line[4] = arena_printf(mem, "webhook-timestamp: %lld", (long long)now_s);
	line[5] = arena_printf(mem, "webhook-signature: %s", signatures);
	line[6] = "User-Agent: " EVENT_USER_AGENT VERSION;
}

static struct deliver_result *
post_result(const struct post *f, const struct outcome *o)
{
	const struct webhook_conf *conf = &f->w->conf->webhook;
	const struct deliver_try t = {
		.step = (unsigned)f->d->step,
		.now_us = f->started_us + o->duration_us,
		.deadline_us = f->d->deadline_us,
		.steps_ms = conf->steps_ms,
		.steps_len = conf->steps_len,
		.random_step = crypto_random32(),
		.random_after = crypto_random32(),
	};
	struct deliver_result *r = xcalloc(1, sizeof(*r));

	r->d = f->d;
	r->started_us = f->started_us;
	r->duration_ms = o->duration_us / US_PER_MS;
	deliver_plan(&t, o, &r->plan);
	if (o->result == OUTCOME_ANSWERED)
		r->status = o->status;
	if (o->fault == OUTCOME_F_BLOCKED)
		return r;
	snprintf(r->ip, sizeof(r->ip), "%s", o->remote_ip);
	r->excerpt_len = o->body_len < DELIVER_EXCERPT_MAX ? o->body_len : DELIVER_EXCERPT_MAX;
	if (r->excerpt_len > 0) {
		r->excerpt = xmalloc(r->excerpt_len);
		memcpy(r->excerpt, o->body, r->excerpt_len);
	}
	return r;
}

static struct deliver_result *post_send(struct post *f);

static void
on_post_answer(void *arg, const struct outcome *o)
{
	struct post *f = arg;
	struct deliver_result *r = NULL;

	/* The idle connection was dead: nothing was sent, so this was no attempt. */
	if (o->fault == OUTCOME_F_GATE && o->gate_calls > 1 && !f->fresh) {
		f->fresh = true;
		r = post_send(f);
		if (r == NULL)
			return;
	} else {
		r = post_result(f, o);
	}
	f->done(f->arg, r);
	free(f);
}

static struct deliver_result *
post_not_sent(const struct post *f, enum outcome_fault fault, const char *error)
{
	const struct outcome o = { .result = OUTCOME_NOT_SENT,
		.fault = fault,
		.body = "",
		.remote_ip = "",
		.error = error };

	return post_result(f, &o);
}

static struct deliver_result *
post_send(struct post *f)
{
	const struct webhook_conf *conf = &f->w->conf->webhook;
	const struct delivery *d = f->d;
	char secret[DELIVER_SECRET_SEALED_MAX], id[UUID_TEXT_SIZE];
	struct webhook_secrets secrets;
	const char *line[HEADERS];
	struct arena *mem;
	int len = keyring_open(f->w->keyring, WEBHOOK_SECRET_LABEL, &d->webhook_id, d->secret,
	    d->secret_len, secret, sizeof(secret) - 1);

	if (len < 0) {
		log_error("event=webhook_secret_unreadable webhook=%s "
			  "hint=\"is this the right key_file?\"",
		    uuid_format(&d->webhook_id, id));
		return post_not_sent(f, OUTCOME_F_OTHER,
		    "the operator's key file does not open the webhook's secret");
	}
	secret[len] = '\0';
	webhook_secrets_read(secret, f->started_us, &secrets);
	mem = arena_new();
	post_headers(f, &secrets, mem, line);
	crypto_wipe(secret, sizeof(secret));
	const struct transport_request request = {
		.method = "POST",
		.url = d->url,
		.type = "application/json",
		.body = d->body,
		.body_len = d->body_len,
		.headers = line,
		.headers_len = HEADERS,
		.timeout_ms = conf->timeout_ms,
		.connect_timeout_ms = conf->connect_timeout_ms,
		.max_body = ANSWER_MAX,
		.fresh = f->fresh,
	};

	transport_start(f->w->webhooks, &request, on_post_answer, f);
	arena_free(mem);
	return NULL;
}

struct deliver_result *
deliver_post(struct worker *w, struct delivery *d, deliver_post_done done, void *arg)
{
	struct post *f = xcalloc(1, sizeof(*f));
	const char *fault = webhook_target_fault(w->conf, d->url);
	struct deliver_result *r;

	f->w = w;
	f->d = d;
	f->started_us = worker_db_now(w, clock_mono_us());
	f->done = done;
	f->arg = arg;
	if (fault != NULL)
		r = post_not_sent(f, OUTCOME_F_BLOCKED, fault);
	else
		r = post_send(f);
	if (r != NULL)
		free(f);
	return r;
}

void
deliver_post_result_free(struct deliver_result *r)
{
	free(r->d);
	free(r->excerpt);
	free(r);
}
