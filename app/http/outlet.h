#ifndef APP_HTTP_OUTLET_H
#define APP_HTTP_OUTLET_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/attr.h"
#include "lib/uuid.h"

/*
 * One thread that does the waiting for all others once a request is answered: it sends what a slow
 * client has not taken yet, and reads away what a client still sends, since a web server whose
 * writes fail does not pass on the answer.
 */
struct outlet;

/* How slow a client may be: so long, and so much longer for each part that it has sent or taken. */
struct client_pace {
	int64_t patience_us;
	int64_t bytes_per_s;
};

/* When a client that began then and has sent or taken so much is given up. Pure. */
int64_t client_pace_end(const struct client_pace *pace, int64_t began_us, int64_t bytes);

/* What is left of a connection. */
struct outlet_rest {
	int fd;            /* non-blocking socket */
	int file;          /* holds the answer; -1: all of it is sent */
	off_t at;          /* sent so far, */
	off_t end;         /* and up to here */
	off_t began;       /* where the answer begins */
	int64_t began_us;  /* when the answer may go: in the future, if it is parked */
	struct uuid owner; /* whose request it was; nil: not known */
};

/* Answers that may wait for their time at once: of all, and of one owner. */
#define OUTLET_PARKED 256
#define OUTLET_PARKED_EACH 16

/* Bytes of answers that wait at most, and what one connection counts beside its answer. */
#define OUTLET_WEIGHT_MAX ((int64_t)32 * 1024 * 1024)
#define OUTLET_WEIGHT_EACH ((int64_t)128 * 1024)

/* Starts the thread. `pace` must live as long. */
struct outlet *outlet_new(const struct client_pace *pace);
/* Ends the thread after what is still to be sent was sent, but gives it only some seconds. */
void outlet_free(struct outlet *o);
/*
 * Takes over both descriptors. When too much is waiting already, the oldest of the owner who has
 * most is cut off.
 */
void outlet_take(struct outlet *o, const struct outlet_rest *rest);
/*
 * Takes over both descriptors of an answer whose time is still to come, unless too many wait for
 * theirs; then false. When the web server hangs up first, it is dropped at once. At the end of the
 * program it is sent early.
 */
MUST_CHECK bool outlet_park(struct outlet *o, const struct outlet_rest *rest);
/* Sends as much as the socket takes now, and moves `at`. False: the connection is lost. */
MUST_CHECK bool outlet_send(int fd, int file, off_t *at, off_t end);

#endif
