#ifndef WORKER_DELIVER_DELIVER_POST_H
#define WORKER_DELIVER_DELIVER_POST_H

#include "worker/deliver/deliver_save_db.h"

struct worker;

/* One attempt over HTTP. Loop thread only. */

/* `done` is called once, later, with the result; it and r->d become the caller's. */
typedef void (*deliver_post_done)(void *arg, struct deliver_result *r);
/*
 * Signs and sends. NULL: under way. Else the result already: the secret cannot be opened, or the
 * address is not allowed.
 */
struct deliver_result *deliver_post(
    struct worker *w, struct delivery *d, deliver_post_done done, void *arg);
void deliver_post_result_free(struct deliver_result *r); /* with its delivery */

#endif
