#ifndef LIB_WAKEUP_H
#define LIB_WAKEUP_H

#include "lib/attr.h"

/*
 * The wake-up: an empty unix datagram to the worker from a program that committed new work. It only
 * shortens the wait; when it is lost, the worker's poll finds the work.
 */

/* Receiver: a non-blocking socket bound to `path`, replacing an old one; -1 after a log line. */
MUST_CHECK int wakeup_listen(const char *path);
/* Empties the receiver's queue. */
void wakeup_drain(int fd);
/* Sender: never blocks and ignores failures; `path` NULL sends nothing. Thread-safe. */
void wakeup_send(const char *path);

#endif
