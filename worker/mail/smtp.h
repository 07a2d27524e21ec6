#ifndef WORKER_MAIL_SMTP_H
#define WORKER_MAIL_SMTP_H

#include <stdbool.h>
#include <stddef.h>

struct event_base;
struct mail_conf;

/* One mail to one receiver over SMTP, by libcurl on the loop. Loop thread only. */
struct smtp;

struct smtp *smtp_new(struct event_base *base);
/* Mails under way are dropped without a callback. NULL is harmless. */
void smtp_free(struct smtp *s);

struct smtp_outcome {
	bool sent;         /* the server has taken it */
	bool no_mailbox;   /* the server says for good that there is no such receiver */
	const char *error; /* "" when sent; never with what the mail says */
};
typedef void (*smtp_done)(void *arg, const struct smtp_outcome *o);

/*
 * Everything is copied but conf->ca, which must outlive the mail. `done` is called once, later, on
 * the loop thread; the outcome is borrowed until it returns. Without TLS nothing is sent unless the
 * configuration says so; a server's certificate is always checked.
 */
void smtp_send(struct smtp *s, const struct mail_conf *conf, const char *to, const char *letter,
    size_t len, smtp_done done, void *arg);

#endif
