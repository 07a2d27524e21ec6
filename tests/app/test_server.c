/* The FastCGI server loop: sockets it accepts or refuses, requests, wake-up, reload and stop. */
#include "app/http/server.h"

#include <fcgiapp.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/db/db.h"
#include "lib/log.h"
#include "lib/wakeup.h"
#include "tests/tap.h"

#define WAIT_MS 10000

static char dir[] = "/tmp/pintempo-server-XXXXXX";

/* One server in a child process; answer() and reload() tell the test what happens. */
struct fixture {
	char path[64];
	int listen_fd; /* the server's descriptor 0; -1: /dev/null */
	bool by_path;
	int gate[2];   /* "/gate" waits for one byte */
	int events[2]; /* one byte for each thing that happened in the server */
	pid_t pid;
};

static void
event_tell(const struct fixture *f, char what)
{
	if (write(f->events[1], &what, 1) != 1)
		_exit(9);
}

/* "/gate" replies once the gate is opened, "/wake" wakes the worker. Tells whether it must stop. */
static bool
answer(const void *arg, const struct server_thread *t, FCGX_Request *fcgi)
{
	const struct fixture *f = arg;
	const char *uri = FCGX_GetParam("REQUEST_URI", fcgi->envp);
	struct pollfd stop = { .fd = t->stop_fd, .events = POLLIN };
	char byte;

	if (strcmp(uri, "/gate") == 0) {
		event_tell(f, 'g');
		if (read(f->gate[0], &byte, 1) != 1)
			_exit(9);
	}
	FCGX_PutS(arena_printf(t->mem, "Status: 200\r\n\r\n%s stop=%d", uri, poll(&stop, 1, 0) > 0),
	    fcgi->out);
	return strcmp(uri, "/wake") == 0;
}

static void
reload(const void *arg)
{
	event_tell(arg, 'r');
}

static _Noreturn void
server_child(const struct fixture *f)
{
	static const struct db_conf nowhere = { .socket = "/nonexistent", .user = "x" };
	static const struct db_stmt none[1];
	char wakeup[64];
	int null = open("/dev/null", O_RDWR);
	struct server_setup setup = { .listen_path = f->by_path ? f->path : NULL,
		.backlog = 16,
		.threads = 1,
		.pace = { .patience_us = 10 * US_PER_S, .bytes_per_s = 65536 },
		.database = &nowhere,
		.statements = none,
		.user = DB_USER_APP,
		.schema_version = 1,
		.answer = answer,
		.reload = reload,
		.arg = f };

	snprintf(wakeup, sizeof(wakeup), "%s/wakeup", dir);
	setup.wakeup_socket = wakeup;
	dup2(f->listen_fd != -1 ? f->listen_fd : null, STDIN_FILENO);
	dup2(null, STDERR_FILENO);
	db_start();
	_exit(server_run(&setup));
}

static void
fixture_start(struct fixture *f, const char *name)
{
	snprintf(f->path, sizeof(f->path), "%s/%s", dir, name);
	if (pipe(f->gate) == -1 || pipe(f->events) == -1 || (f->pid = fork()) == -1)
		exit(99);
	if (f->pid == 0)
		server_child(f);
}

/* The exit status; -1: killed, or it did not end in time. */
static int
fixture_end(struct fixture *f)
{
	int status = -1, waited = 0;

	while (waitpid(f->pid, &status, WNOHANG) == 0 && waited++ < WAIT_MS)
		(void)poll(NULL, 0, 1);
	if (waited > WAIT_MS) {
		kill(f->pid, SIGKILL);
		waitpid(f->pid, &status, 0);
	}
	close(f->gate[0]);
	close(f->gate[1]);
	close(f->events[0]);
	close(f->events[1]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int
fixture_stop(struct fixture *f, int signal)
{
	kill(f->pid, signal);
	return fixture_end(f);
}

/* The next event, or 0 when none comes. */
static char
event_read(const struct fixture *f)
{
	struct pollfd p = { .fd = f->events[0], .events = POLLIN };
	char what = 0;

	if (poll(&p, 1, WAIT_MS) > 0 && read(f->events[0], &what, 1) != 1)
		what = 0;
	return what;
}

/* A connection to the server, as soon as it listens; -1: never. */
static int
client_connect(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), tries = 0;

	memcpy(at.sun_path, path, strlen(path) + 1);
	while (connect(fd, (struct sockaddr *)&at, sizeof(at)) == -1) {
		if (tries++ == WAIT_MS) {
			close(fd);
			return -1;
		}
		(void)poll(NULL, 0, 1);
	}
	return fd;
}

static size_t
record_put(unsigned char *to, int type, const void *body, size_t len)
{
	const unsigned char head[8] = { 1, (unsigned char)type, 0, 1, 0, (unsigned char)len, 0, 0 };

	memcpy(to, head, sizeof(head));
	memcpy(to + sizeof(head), body, len);
	return sizeof(head) + len;
}

/* Sends one request without a body. `keep`: the web server would keep the connection. */
static void
client_send(int fd, const char *uri, bool keep)
{
	const unsigned char begin[8] = { 0, 1, keep };
	static const char name[] = "REQUEST_URI";
	unsigned char params[128] = { sizeof(name) - 1, (unsigned char)strlen(uri) };
	unsigned char all[256];
	size_t len;

	memcpy(params + 2, name, sizeof(name) - 1);
	memcpy(params + 2 + sizeof(name) - 1, uri, strlen(uri));
	len = record_put(all, 1, begin, sizeof(begin));
	len += record_put(all + len, 4, params, 2 + sizeof(name) - 1 + strlen(uri));
	len += record_put(all + len, 4, "", 0);
	len += record_put(all + len, 5, "", 0);
	if (write(fd, all, len) != (ssize_t)len)
		exit(99);
}

static bool
client_read(int fd, void *to, size_t len)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char *at = to;
	ssize_t n;

	for (; len > 0; at += n, len -= (size_t)n) {
		if (poll(&p, 1, WAIT_MS) <= 0 || (n = read(fd, at, len)) <= 0)
			return false;
	}
	return true;
}

/* Is the complete reply "<uri> stop=<stop>"? */
static bool
client_replied(int fd, const char *uri, bool stop)
{
	unsigned char head[8], body[1024];
	char got[512] = "", want[128];
	size_t len = 0, n;

	snprintf(want, sizeof(want), "Status: 200\r\n\r\n%s stop=%d", uri, stop);
	while (client_read(fd, head, sizeof(head))) {
		n = (size_t)(head[4] << 8 | head[5]);
		if (n + head[6] > sizeof(body) || !client_read(fd, body, n + head[6]))
			break;
		if (head[1] == 3) /* the request's end */
			return strcmp(got, want) == 0;
		if (head[1] == 6 && len + n < sizeof(got)) {
			memcpy(got + len, body, n);
			len += n;
			got[len] = '\0';
		}
	}
	return false;
}

/* Is this the end of the connection? */
static bool
client_closed(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char byte;

	return poll(&p, 1, WAIT_MS) > 0 && read(fd, &byte, 1) == 0;
}

static bool
request_works(const char *path, const char *uri)
{
	int fd = client_connect(path);
	bool good;

	if (fd == -1)
		return false;
	client_send(fd, uri, false);
	good = client_replied(fd, uri, false);
	close(fd);
	return good;
}

static int
socket_at(const char *name, int backlog)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%s/%s", dir, name);
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) == -1 ||
	    (backlog > 0 && listen(fd, backlog) == -1))
		exit(99);
	return fd;
}

static void
test_requests(void)
{
	struct fixture f = { .listen_fd = -1, .by_path = true };
	char wakeup[64];
	struct pollfd hint = { .events = POLLIN };
	struct stat st;
	bool all = true;
	int fd;

	snprintf(wakeup, sizeof(wakeup), "%s/wakeup", dir);
	hint.fd = wakeup_listen(wakeup);
	fixture_start(&f, "requests");
	ok(request_works(f.path, "/a"), "a request is answered while the database is away");
	ok(stat(f.path, &st) == 0 && (st.st_mode & 0777) == 0660, "the socket has mode 0660");
	for (int i = 0; i < 50; i++)
		all = request_works(f.path, "/many") && all;
	ok(all, "one connection after another is accepted");
	fd = client_connect(f.path);
	client_send(fd, "/first", true);
	ok(client_replied(fd, "/first", false), "a connection that is to be kept is answered");
	ok(client_closed(fd), "and closed: an idle one would occupy a thread");
	close(fd);
	is_int(poll(&hint, 1, 0), 0, "nobody was woken so far");
	ok(request_works(f.path, "/wake"), "a request that wakes the worker");
	is_int(poll(&hint, 1, WAIT_MS), 1, "wakes it");
	close(hint.fd);
	ok(request_works(f.path, "/wake"), "a worker that does not listen harms nothing");
	kill(f.pid, SIGHUP);
	is_int(event_read(&f), 'r', "SIGHUP calls reload");
	is_int(fixture_stop(&f, SIGTERM), EXIT_SUCCESS, "SIGTERM ends an idle server cleanly");
	ok(access(f.path, F_OK) == -1, "and its socket is removed");
}

/* The one thread holds a request; another connection is queued on the socket. */
static void
test_stop(void)
{
	struct fixture f = { .listen_fd = -1, .by_path = true };
	int held, queued, tries = 0;

	fixture_start(&f, "stop");
	held = client_connect(f.path);
	client_send(held, "/gate", false);
	is_int(event_read(&f), 'g', "a request is under way");
	queued = client_connect(f.path);
	client_send(queued, "/queued", false);
	kill(f.pid, SIGTERM);
	while (access(f.path, F_OK) == 0 && tries++ < WAIT_MS)
		(void)poll(NULL, 0, 1);
	ok(tries < WAIT_MS, "a stop closes the way in first");
	ok(waitpid(f.pid, NULL, WNOHANG) == 0, "the server waits for the request under way");
	if (write(f.gate[1], "x", 1) != 1)
		exit(99);
	ok(client_replied(held, "/gate", true), "which sees the stop and is answered");
	ok(client_replied(queued, "/queued", true), "so is the queued connection");
	is_int(fixture_end(&f), EXIT_SUCCESS, "then the server ends cleanly");
	close(held);
	close(queued);
}

static void
test_inherited(void)
{
	struct fixture f = { .listen_fd = socket_at("inherited", 16) };

	fixture_start(&f, "inherited");
	ok(request_works(f.path, "/a"), "a listening socket on descriptor 0 is served");
	is_int(fixture_stop(&f, SIGUSR1), EXIT_SUCCESS, "SIGUSR1 ends the server, too");
	ok(access(f.path, F_OK) == 0, "an inherited socket is not removed");
	fixture_start(&f, "inherited");
	ok(request_works(f.path, "/a"), "and can be served again");
	is_int(fixture_stop(&f, SIGINT), EXIT_SUCCESS, "SIGINT ends the server, too");
	close(f.listen_fd);
}

static void
test_refused(void)
{
	struct fixture f = { .listen_fd = -1, .by_path = true }, g = f, none = { .listen_fd = -1 };
	char name[200];
	FILE *file;

	fixture_start(&none, "none");
	is_int(fixture_end(&none), EXIT_FAILURE, "descriptor 0 must be a listening socket");

	close(socket_at("stale", 0));
	fixture_start(&f, "stale");
	ok(request_works(f.path, "/a"), "a socket that nobody serves is replaced");
	fixture_start(&g, "stale");
	is_int(fixture_end(&g), EXIT_FAILURE, "one that is served is not");
	ok(request_works(f.path, "/a"), "and stays in service");
	is_int(fixture_stop(&f, SIGTERM), EXIT_SUCCESS, "its server ends cleanly");

	snprintf(name, sizeof(name), "%s/file", dir);
	file = fopen(name, "w");
	fclose(file);
	fixture_start(&f, "file");
	is_int(fixture_end(&f), EXIT_FAILURE, "a file in the way is refused");
	ok(access(name, F_OK) == 0, "and kept");
	(void)unlink(name);
}

int
main(void)
{
	char name[64];
	static const char *const left[] = { "wakeup", "inherited" };

	if (mkdtemp(dir) == NULL)
		return 99;
	(void)signal(SIGPIPE, SIG_IGN);
	log_open("test_server", LOG_LVL_ERROR);
	test_requests();
	test_stop();
	test_inherited();
	test_refused();
	for (size_t i = 0; i < 2; i++) {
		snprintf(name, sizeof(name), "%s/%s", dir, left[i]);
		(void)unlink(name);
	}
	ok(rmdir(dir) == 0, "nothing is left behind");
	return tap_done();
}
