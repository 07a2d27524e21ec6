#ifndef LIB_WAKEUP_H
#define LIB_WAKEUP_H

#include "lib/attr.h"

/*
 * The wake-up hint: one unix datagram from whoever committed new work to the worker. It only
 * shortens the wait; lost, the worker's poll finds the work. It carries nothing.
 */

/* Receiver: non-blocking socket bound to `path` (an old one is replaced); -1 after a log line. */
MUST_CHECK int wakeup_listen(const char *path);
/* Empty the receiver's queue. */
void wakeup_drain(int fd);
/* Sender: never blocks, never fails loudly. `path` NULL: nothing. Thread-safe. */
void wakeup_send(const char *path);

#endif
