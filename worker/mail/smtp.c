/* SMTP by libcurl. Invariant: a mail's callback runs once, outside libcurl's. */
#include "worker/mail/smtp.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "lib/certs.h"
#include "lib/crypto.h"
#include "lib/log.h"
#include "lib/mail_conf.h"
#include "lib/xalloc.h"
#include "worker/http/curl_loop.h"

struct smtp_mail {
	struct smtp *s;
	CURL *easy;
	struct curl_slist *to;
	char *letter;
	size_t len, at;
	char error[CURL_ERROR_SIZE];
	smtp_done done;
	void *arg;
	CURLcode rc;
	bool finished;
	LIST_ENTRY(smtp_mail) link;
};

struct smtp {
	struct curl_loop *loop;
	LIST_HEAD(, smtp_mail) mails;
};

static size_t
on_read_letter(char *to, size_t size, size_t n, void *arg)
{
	struct smtp_mail *m = arg;
	size_t room = size * n, left = m->len - m->at;

	if (room > left)
		room = left;
	memcpy(to, m->letter + m->at, room);
	m->at += room;
	return room;
}

/* libcurl begins again on a new connection when a kept one turns out to be dead. */
static int
on_seek_letter(void *arg, curl_off_t offset, int origin)
{
	struct smtp_mail *m = arg;

	if (origin != SEEK_SET || offset < 0 || (size_t)offset > m->len)
		return CURL_SEEKFUNC_FAIL;
	m->at = (size_t)offset;
	return CURL_SEEKFUNC_OK;
}

static void
on_mail_finished(void *transfer, int result)
{
	struct smtp_mail *m = transfer;

	m->rc = (CURLcode)result;
	m->finished = true;
}

static void
smtp_mail_free(struct smtp_mail *m)
{
	LIST_REMOVE(m, link);
	curl_loop_remove(m->s->loop, m->easy);
	curl_easy_cleanup(m->easy);
	curl_slist_free_all(m->to);
	crypto_wipe(m->letter, m->len);
	free(m->letter);
	free(m);
}

/* "No such mailbox" (RFC 5321, 4.2.3) in answer to RCPT. Other refusals may be the operator's. */
static bool
is_no_mailbox(const struct smtp_mail *m, long code)
{
	return (code == 550 || code == 551 || code == 553) && strstr(m->error, "RCPT") != NULL;
}

static void
on_deliver_mails(void *arg)
{
	struct smtp *s = arg;
	struct smtp_mail *m, *next;

	for (m = LIST_FIRST(&s->mails); m != NULL; m = next) {
		struct smtp_outcome o = { .sent = m->rc == CURLE_OK, .error = "" };
		long code = 0;

		next = LIST_NEXT(m, link);
		if (!m->finished)
			continue;
		curl_easy_getinfo(m->easy, CURLINFO_RESPONSE_CODE, &code);
		if (!o.sent) {
			o.no_mailbox = is_no_mailbox(m, code);
			o.error = m->error[0] != '\0' ? m->error : curl_easy_strerror(m->rc);
		}
		m->done(m->arg, &o);
		smtp_mail_free(m);
	}
}

static void
set_smtp_server(CURL *e, const struct mail_conf *conf)
{
	certs_trust(e, conf->ca);
	curl_easy_setopt(e, CURLOPT_URL, conf->url);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(e, CURLOPT_PROXY, "");
	curl_easy_setopt(
	    e, CURLOPT_USE_SSL, (long)(conf->require_tls ? CURLUSESSL_ALL : CURLUSESSL_TRY));
	curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)conf->timeout_ms);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)conf->timeout_ms);
	curl_easy_setopt(e, CURLOPT_MAXAGE_CONN, 5L);
	if (conf->user != NULL) {
		curl_easy_setopt(e, CURLOPT_USERNAME, conf->user);
		curl_easy_setopt(e, CURLOPT_PASSWORD, conf->password != NULL ? conf->password : "");
	}
	curl_easy_setopt(e, CURLOPT_MAIL_FROM, conf->from);
}

void
smtp_send(struct smtp *s, const struct mail_conf *conf, const char *to, const char *letter,
    size_t len, smtp_done done, void *arg)
{
	struct smtp_mail *m = xcalloc(1, sizeof(*m));

	m->s = s;
	m->done = done;
	m->arg = arg;
	m->letter = xcalloc(1, len + 1);
	m->len = len;
	memcpy(m->letter, letter, len);
	m->easy = curl_easy_init();
	m->to = curl_slist_append(NULL, to);
	if (m->easy == NULL || m->to == NULL)
		panic("event=out_of_memory what=mail");
	set_smtp_server(m->easy, conf);
	curl_easy_setopt(m->easy, CURLOPT_PRIVATE, m);
	curl_easy_setopt(m->easy, CURLOPT_ERRORBUFFER, m->error);
	curl_easy_setopt(m->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(m->easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(m->easy, CURLOPT_MAIL_RCPT, m->to);
	curl_easy_setopt(m->easy, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(m->easy, CURLOPT_READFUNCTION, on_read_letter);
	curl_easy_setopt(m->easy, CURLOPT_READDATA, m);
	curl_easy_setopt(m->easy, CURLOPT_SEEKFUNCTION, on_seek_letter);
	curl_easy_setopt(m->easy, CURLOPT_SEEKDATA, m);
	LIST_INSERT_HEAD(&s->mails, m, link);
	curl_loop_add(s->loop, m->easy);
}

struct smtp *
smtp_new(struct event_base *base)
{
	struct smtp *s = xcalloc(1, sizeof(*s));
	const struct curl_loop_hooks hooks = { on_mail_finished, on_deliver_mails, s };

	s->loop = curl_loop_new(base, &hooks);
	return s;
}

void
smtp_free(struct smtp *s)
{
	struct smtp_mail *m, *next;

	if (s == NULL)
		return;
	for (m = LIST_FIRST(&s->mails); m != NULL; m = next) {
		next = LIST_NEXT(m, link);
		smtp_mail_free(m);
	}
	curl_loop_free(s->loop);
	free(s);
}
