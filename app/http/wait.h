#ifndef APP_HTTP_WAIT_H
#define APP_HTTP_WAIT_H

#include <stdbool.h>
#include <stdint.h>

/* Where one thread waits for its next connection, or for the stop. A plain value. */
struct wait {
	int listen_fd;
	int stop_fd; /* readable or hung up: stop */
	int epoll_fd;
	int64_t stop_us; /* monotonic: when the stop was seen; 0: not yet */
};

void wait_start(struct wait *w, int listen_fd, int stop_fd);
void wait_end(struct wait *w);
/*
 * True when a connection (or, with `kept_fd` >= 0, a request on that one) may be there; false: end
 * the thread. After a stop nothing is waited for, but what is in the queue already is still taken,
 * for a short while.
 */
bool wait_next(struct wait *w, int kept_fd);

#endif
