#ifndef WORKER_MAIL_MAIL_H
#define WORKER_MAIL_MAIL_H

#include <stdint.h>

struct worker;

/*
 * The outbox of mails (sql/store_mail.h): claims those that are due, sends them over SMTP and notes
 * what became of them. A mail may be sent twice when a worker dies, then with the same Message-ID.
 * Without [mail] url none is claimed, and what is too late is given up. Of several workers the one
 * with shard 0 sends.
 */
struct mail_stage;

struct mail_stage *mail_new(struct worker *w);
int64_t mail_tick(void *self, int64_t mono_us);
unsigned mail_busy(const void *self);
void mail_free(void *self);

#endif
