#ifndef APP_HTTP_LISTEN_H
#define APP_HTTP_LISTEN_H

/*
 * A listening unix socket at `path` (mode 0660, close-on-exec). A socket that nobody answers any
 * more is replaced; one that is alive is not. -1 after a log line.
 */
int listen_open(const char *path, int backlog);
/* True when `fd` is a listening socket, as a process manager hands one over on descriptor 0. */
int listen_is(int fd);
/* Non-blocking, so that a thread that lost the race for a connection does not hang in accept. */
int listen_prepare(int fd);

#endif
