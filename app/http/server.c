/*
 * Invariants: signals are blocked in every thread and taken by the main thread alone; a thread
 * waits for connections in connection_wait() only, never in accept(), so that it sees the stop. A
 * new connection wakes one idle thread, not all of them (that cost a third of the processor time).
 * A connection carries one request, also where the web server would keep it: an idle one would
 * occupy a thread. Waits for clients are in conn.c and outlet.c.
 */
#include "config.h"

#include "app/http/server.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "app/http/conn.h"
#include "app/http/limiter.h"
#include "app/http/outlet.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/version.h"
#include "lib/wakeup.h"
#include "lib/xalloc.h"

#define ACCEPT_PAUSE_MS 100
/* After a stop: how long queued connections are still taken. */
#define DRAIN_US (2 * US_PER_S)
/* After a stop: a thread that hangs longer than any request may take is left behind. */
#define STOP_WAIT_US (60 * US_PER_S)
#define STOP_POLL_MS 5
/* Between two looks for a database that was away at the start. */
#define DATABASE_PAUSE_MS 250
#define COUNTS_PAUSE_S 5
/* A request of this size may have left many small free blocks behind. */
#define TRIM_FROM_BYTES (1024 * 1024)

struct server {
	const struct server_setup *setup;
	sigset_t signals;
	int listen_fd;
	int stop[2]; /* the write end is closed to stop */
	pthread_t *threads;
	struct outlet *outlet;
	struct limiter
	    *heads;  /* requests whose heads are incomplete: at most half of the threads */
	bool judged; /* the database was found fit */
};

/* Where one thread waits for its next connection, or for the stop. */
struct acceptor {
	int listen_fd;
	int stop_fd;
	int epoll_fd;
	int64_t stop_us; /* monotonic: when the stop was seen; 0: not yet */
};

static bool
signals_start(struct server *s)
{
	sigset_t blocked;

	(void)sigemptyset(&s->signals);
	(void)sigaddset(&s->signals, SIGTERM);
	(void)sigaddset(&s->signals, SIGINT);
	(void)sigaddset(&s->signals, SIGUSR1);
	(void)sigaddset(&s->signals, SIGHUP);
	blocked = s->signals;
	/* libfcgi installs its own signal handlers; blocked, they never run. */
	(void)sigaddset(&blocked, SIGPIPE);
	return pthread_sigmask(SIG_BLOCK, &blocked, NULL) == 0 && FCGX_Init() == 0;
}

static struct db *
database_open(const struct server_setup *setup, struct arena *mem)
{
	struct db *db =
	    db_open(setup->database, setup->statements, setup->statements_len, setup->user);

	db_use(db, mem);
	return db;
}

/* Connects once and checks whether the database fits. DB_DOWN when that is not known. */
static enum db_rc
database_judge(const struct server_setup *setup, bool loud)
{
	struct arena *mem = arena_new();
	struct db *db = database_open(setup, mem);
	const char *why = NULL;
	enum db_rc rc = db_check(db, setup->schema_version, &why);

	if (rc == DB_OK && setup->check != NULL)
		rc = setup->check(setup->arg, db, &why);
	if (rc != DB_OK && rc != DB_FAIL)
		rc = DB_DOWN;
	if (rc == DB_FAIL)
		log_error("event=database_refused why=\"%s\"", why != NULL ? why : "");
	else if (rc == DB_DOWN && loud)
		log_warn("event=database_away why=\"%s\" until_then=\"requests answer 503\"",
		    why != NULL ? why : "");
	db_close(db);
	arena_free(mem);
	return rc;
}

static bool
database_start(struct server *s)
{
	enum db_rc rc = database_judge(s->setup, true);

	s->judged = rc == DB_OK;
	return rc != DB_FAIL;
}

/* Removes the socket of an earlier run. -1 with errno: a process still listens there. */
static int
stale_socket_remove(const struct sockaddr_un *at)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), alive;
	struct stat st;

	if (fd == -1)
		return -1;
	alive = connect(fd, (const struct sockaddr *)at, sizeof(*at)) == 0;
	(void)close(fd);
	if (alive) {
		errno = EADDRINUSE;
		return -1;
	}
	if (lstat(at->sun_path, &st) == 0 && S_ISSOCK(st.st_mode))
		return unlink(at->sun_path);
	return 0;
}

/* Creates a listening socket with mode 0660. -1 with errno. */
static int
socket_create(const char *path, int backlog)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = -1, error;
	mode_t old;

	if (strlen(path) >= sizeof(at.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(at.sun_path, path, strlen(path) + 1);
	old = umask(0117);
	if (stale_socket_remove(&at) == 0)
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd != -1 && (bind(fd, (const struct sockaddr *)&at, sizeof(at)) == -1 ||
			    listen(fd, backlog) == -1)) {
		error = errno;
		(void)close(fd);
		fd = -1;
		errno = error;
	}
	(void)umask(old);
	return fd;
}

/* Is it a listening socket, as a process manager hands one over? */
static bool
socket_listens(int fd)
{
	socklen_t len = sizeof(int);
	int listening = 0;

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) == 0 && listening;
}

static bool
socket_start(struct server *s)
{
	const char *path = s->setup->listen_path;
	int flags;

	if (path == NULL && !socket_listens(STDIN_FILENO)) {
		log_error(
		    "event=listen error=\"descriptor 0 is no listening socket\" do=\"start this "
		    "from a web server, spawn-fcgi or a systemd socket, or give --listen PATH\"");
		return false;
	}
	s->listen_fd = path != NULL ? socket_create(path, s->setup->backlog) : STDIN_FILENO;
	/* Non-blocking: a thread that lost the race for a connection must not hang in accept. */
	flags = s->listen_fd != -1 ? fcntl(s->listen_fd, F_GETFL) : -1;
	if (flags != -1 && fcntl(s->listen_fd, F_SETFL, flags | O_NONBLOCK) != -1)
		return true;
	log_error("event=listen path=%s error=\"%s\"", path != NULL ? path : "-", strerror(errno));
	return false;
}

static void
epoll_watch(int epoll_fd, int fd, uint32_t events)
{
	struct epoll_event e = { .events = events, .data = { .fd = fd } };

	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &e) == -1)
		panic("epoll_ctl: %s", strerror(errno));
}

static void
acceptor_start(struct acceptor *a, const struct server *s)
{
	*a = (struct acceptor){ .listen_fd = s->listen_fd, .stop_fd = s->stop[0] };
	a->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (a->epoll_fd == -1)
		panic("epoll_create1: %s", strerror(errno));
	epoll_watch(a->epoll_fd, a->listen_fd, EPOLLIN | EPOLLEXCLUSIVE);
	epoll_watch(a->epoll_fd, a->stop_fd, EPOLLIN);
}

/* Waits for a new connection. False: stop. */
static bool
new_connection_wait(const struct acceptor *a)
{
	struct epoll_event e[2];
	int n, i;

	do {
		n = epoll_wait(a->epoll_fd, e, 2, -1);
	} while (n <= 0);
	for (i = 0; i < n; i++) {
		if (e[i].data.fd == a->stop_fd)
			return false;
	}
	return true;
}

/*
 * True: a connection may be there. False: end the thread. After a stop it does not wait, but what
 * is queued is still taken until DRAIN_US.
 */
static bool
connection_wait(struct acceptor *a)
{
	struct pollfd p = { .fd = a->listen_fd, .events = POLLIN };

	if (a->stop_us == 0) {
		if (new_connection_wait(a))
			return true;
		a->stop_us = clock_mono_us();
	}
	return poll(&p, 1, 0) > 0 && clock_mono_us() - a->stop_us < DRAIN_US;
}

/* Usually another thread took the connection. A shortage, as of descriptors, passes: pause. */
static void
accept_failed(int error)
{
	if (error == EAGAIN || error == ECONNABORTED || error == EINTR)
		return;
	log_error("event=accept error=\"%s\"", strerror(error));
	(void)poll(NULL, 0, ACCEPT_PAUSE_MS);
}

static void
connection_serve(const struct server *s, const struct server_thread *t, int fd)
{
	const struct server_setup *setup = s->setup;
	FCGX_Request fcgi;
	bool wake;

	if (!conn_accept(t->conn, fd, s->heads, &fcgi))
		return;
	wake = setup->answer(setup->arg, t, &fcgi);
	conn_finish(t->conn, &fcgi);
	if (wake)
		wakeup_send(setup->wakeup_socket);
}

static void *
thread_main(void *arg)
{
	const struct server *s = arg;
	struct server_thread t = { .mem = arena_new(), .stop_fd = s->stop[0] };
	struct acceptor acceptor;
	bool large;
	int fd;

	t.db = database_open(s->setup, t.mem);
	t.conn = conn_new(s->outlet, &s->setup->pace, t.stop_fd);
	acceptor_start(&acceptor, s);
	while (connection_wait(&acceptor)) {
		fd = accept4(s->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd == -1)
			accept_failed(errno);
		else
			connection_serve(s, &t, fd);
		large = arena_bytes(t.mem) > TRIM_FROM_BYTES;
		arena_reset(t.mem);
		if (large)
			xalloc_trim();
	}
	(void)close(acceptor.epoll_fd);
	conn_free(t.conn);
	db_close(t.db);
	arena_free(t.mem);
	return NULL;
}

static bool
threads_start(struct server *s)
{
	size_t i;

	if (pipe2(s->stop, O_CLOEXEC) == -1)
		return false;
	s->outlet = outlet_new(&s->setup->pace);
	s->heads = limiter_new((int)s->setup->threads / 2);
	s->threads = xcalloc(s->setup->threads, sizeof(*s->threads));
	for (i = 0; i < s->setup->threads; i++) {
		if (pthread_create(&s->threads[i], NULL, thread_main, s) != 0)
			panic("pthread_create failed");
	}
	return true;
}

/* The next signal; 0: none, but a database that was away may be there now, or a count be due. */
static int
signal_next(const struct server *s)
{
	const struct timespec away = { .tv_nsec = DATABASE_PAUSE_MS * 1000000L };
	const struct timespec idle = { .tv_sec = COUNTS_PAUSE_S };
	int number = sigtimedwait(&s->signals, NULL, s->judged ? &idle : &away);

	return number > 0 ? number : 0;
}

/* Waits for the stop. False: a database that came back does not fit. */
static bool
stop_signal_wait(struct server *s)
{
	enum db_rc rc;
	int number;

	for (;;) {
		number = signal_next(s);
		log_counts();
		if (number == SIGHUP && s->setup->reload != NULL)
			s->setup->reload(s->setup->arg);
		if (number != 0 && number != SIGHUP)
			break;
		if (s->judged || number != 0)
			continue;
		rc = database_judge(s->setup, false);
		s->judged = rc == DB_OK;
		if (rc == DB_FAIL)
			return false;
	}
	log_info("event=stop signal=%d", number);
	return true;
}

/* Uses the monotonic clock: a step of the wall clock must not cut a request or wait forever. */
static bool
thread_ended(pthread_t thread, int64_t until_us)
{
	while (pthread_tryjoin_np(thread, NULL) != 0) {
		if (clock_mono_us() >= until_us)
			return false;
		(void)poll(NULL, 0, STOP_POLL_MS);
	}
	return true;
}

/* True when every thread has ended. */
static bool
threads_stop(struct server *s)
{
	int64_t end_us = clock_mono_us() + STOP_WAIT_US;
	size_t i;

	if (s->setup->listen_path != NULL)
		(void)unlink(s->setup->listen_path);
	(void)close(s->stop[1]);
	for (i = 0; i < s->setup->threads; i++) {
		if (!thread_ended(s->threads[i], end_us))
			return false;
	}
	outlet_free(s->outlet);
	limiter_free(s->heads);
	(void)close(s->stop[0]);
	free(s->threads);
	return true;
}

int
server_run(const struct server_setup *setup)
{
	static const struct {
		const char *name;
		bool (*start)(struct server *s);
	} steps[] = {
		{ "signals", signals_start },
		{ "database", database_start },
		{ "listen", socket_start },
		{ "threads", threads_start },
	};
	struct server s = { .setup = setup, .listen_fd = -1 };
	bool fit;
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (!steps[i].start(&s)) {
			log_error("event=start_failed step=%s", steps[i].name);
			return EXIT_FAILURE;
		}
	}
	log_info("event=start version=%s threads=%zu", version_text(), setup->threads);
	fit = stop_signal_wait(&s);
	if (!threads_stop(&s)) {
		log_warn("event=stop_cut why=\"a request did not end in time\"");
		_exit(EXIT_FAILURE);
	}
	log_info("event=stopped");
	return fit ? EXIT_SUCCESS : EXIT_FAILURE;
}
