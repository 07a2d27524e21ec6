/* The transport against a misbehaving server: what was sent, how often, and what is known about it.
 */
#include "worker/http/transport.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/addr.h"
#include "lib/clock.h"
#include "lib/xalloc.h"
#include "tests/tap.h"
#include "worker/frame/loop.h"

/* Timeouts for requests that must time out, and for those that must not even on a busy machine. */
#define TIMEOUT_MS 1000
#define PATIENT_MS 30000

static struct {
	int fd, port;
	unsigned requests; /* complete requests on all connections; read while none is in flight */
	pthread_mutex_t lock;
} server = { .lock = PTHREAD_MUTEX_INITIALIZER };

static const struct {
	const char *path, *answer; /* NULL: none */
	bool keep;                 /* the connection stays open */
} scripts[] = {
	{ "/ok", "HTTP/1.1 201 Created\r\nContent-Length: 2\r\nx-pinterest-rid: 7\r\n\r\n{}",
	    true },
	{ "/die", NULL, false },
	{ "/cut", "HTTP/1.1 201 Created\r\nContent-Length: 9\r\n\r\n{\"id\"", false },
	{ "/half", "HTTP/1.1 20", false },
	{ "/move", "HTTP/1.1 307 Temporary\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n", true },
	{ "/hang", NULL, true },
	{ "/early", "HTTP/1.1 103 Early Hints\r\n\r\n", false },
};

/* Reads one request into `buf`; its body is 4 bytes long. Returns 0 at the end of the connection.
 */
static int
read_request(int fd, char *buf, size_t room)
{
	size_t len = 0;
	const char *end;

	for (;;) {
		ssize_t n = read(fd, buf + len, room - 1 - len);

		if (n <= 0)
			return 0;
		len += (size_t)n;
		buf[len] = '\0';
		end = strstr(buf, "\r\n\r\n");
		if (end != NULL && (size_t)(end + 4 - buf) + 4 <= len)
			return 1;
	}
}

static bool
serve_one(int fd, const char *request)
{
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		const char *answer = scripts[i].answer;
		size_t len = strlen(scripts[i].path);

		if (strncmp(request + strlen("POST "), scripts[i].path, len) != 0)
			continue;
		pthread_mutex_lock(&server.lock);
		server.requests++;
		pthread_mutex_unlock(&server.lock);
		if (answer != NULL && write(fd, answer, strlen(answer)) == -1)
			return false;
		return scripts[i].keep;
	}
	return false;
}

static void *
serve_connection(void *arg)
{
	int fd = *(int *)arg;
	char request[4096];

	free(arg);
	while (read_request(fd, request, sizeof(request)) && serve_one(fd, request))
		;
	close(fd);
	return NULL;
}

static void *
serve(void *arg)
{
	pthread_t thread;
	int fd, *to;

	(void)arg;
	while ((fd = accept(server.fd, NULL, NULL)) != -1) {
		to = xmalloc(sizeof(*to));
		*to = fd;
		pthread_create(&thread, NULL, serve_connection, to);
		pthread_detach(thread);
	}
	return NULL;
}

static int
listen_here(int *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (bind(fd, (struct sockaddr *)&a, len) == -1 || listen(fd, 16) == -1 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) == -1)
		exit(99);
	*port = ntohs(a.sin_port);
	return fd;
}

/* One request on the loop. */
struct ask {
	struct loop *loop;
	struct transport *t;
	const char *path;
	int port;
	bool fresh, started;
	int64_t gate_from_us;
	size_t max_body;
	struct outcome o; /* shallow: pointers are not valid later */
	bool rid;
};

static void
on_done(void *arg, const struct outcome *o)
{
	struct ask *a = arg;

	a->o = *o;
	a->rid = o->request_id != NULL && strcmp(o->request_id, "7") == 0;
	loop_stop(a->loop);
}

static int64_t
tick(void *arg, int64_t mono_us)
{
	struct ask *a = *(struct ask **)arg;
	char url[64];
	struct transport_request r = { .method = "POST",
		.url = url,
		.type = "text/plain",
		.body = "body",
		.body_len = 4,
		.timeout_ms = strcmp(a->path, "/hang") == 0 ? TIMEOUT_MS : PATIENT_MS,
		.max_body = a->max_body,
		.fresh = a->fresh,
		.gate_from_boot_us = a->gate_from_us,
		.max_send_delay_ms = 2000 };

	(void)mono_us;
	snprintf(url, sizeof(url), "http://127.0.0.1:%d%s", a->port, a->path);
	if (!a->started)
		transport_start(a->t, &r, on_done, a);
	a->started = true;
	return LOOP_NEVER;
}

static void
on_signal(void *arg, enum loop_signal s)
{
	(void)arg;
	(void)s;
}

static struct ask *current;
static struct loop *loop;

static unsigned
requests(void)
{
	unsigned n;

	pthread_mutex_lock(&server.lock);
	n = server.requests;
	pthread_mutex_unlock(&server.lock);
	return n;
}

/* Runs the request to its end; returns how many requests arrived. */
static unsigned
run(struct transport *t, struct ask *a)
{
	unsigned before = requests();

	a->t = t;
	a->loop = loop;
	a->port = a->port ? a->port : server.port;
	a->max_body = a->max_body ? a->max_body : 1000;
	current = a;
	loop_poke(loop);
	loop_run(loop);
	return requests() - before;
}

static void
test_outcomes(struct transport *t)
{
	static const struct {
		const char *path;
		enum outcome_result result;
		enum outcome_fault fault;
		long status;
		bool complete;
	} rows[] = {
		{ "/ok", OUTCOME_ANSWERED, OUTCOME_F_NONE, 201, true },
		{ "/die", OUTCOME_UNKNOWN, OUTCOME_F_CUT, 0, false },
		{ "/cut", OUTCOME_ANSWERED, OUTCOME_F_CUT, 201, false },
		{ "/half", OUTCOME_UNKNOWN, OUTCOME_F_CUT, 0, false },
		{ "/move", OUTCOME_ANSWERED, OUTCOME_F_NONE, 307, true },
		{ "/hang", OUTCOME_UNKNOWN, OUTCOME_F_TIMEOUT, 0, false },
		{ "/early", OUTCOME_UNKNOWN, OUTCOME_F_CUT, 0, false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ask a = { .path = rows[i].path, .fresh = true };
		unsigned n = run(t, &a);

		ok(a.o.result == rows[i].result && a.o.fault == rows[i].fault, "%s: %d %d",
		    rows[i].path, (int)a.o.result, (int)a.o.fault);
		ok(a.o.status == rows[i].status && a.o.complete == rows[i].complete,
		    "%s: status %ld", rows[i].path, a.o.status);
		ok(n == 1 && a.o.gate_calls == 1 && a.o.gate_mono_us != 0, "%s: sent once",
		    rows[i].path);
		ok(a.rid == (i == 0), "%s: its request id", rows[i].path);
	}
}

static void
test_repeat(struct transport *t)
{
	struct ask first = { .path = "/ok" }, second = { .path = "/die" };
	unsigned n;

	run(t, &first);
	n = run(t, &second);
	is_int(
	    second.o.gate_calls, 2, "on a used connection that dies libcurl asks the gate again");
	is_int(n, 1, "the second call of the gate is refused: the request arrived once");
	is_int(second.o.result, OUTCOME_UNKNOWN,
	    "a request that lost its connection has an unknown outcome");
	is_int(second.o.fault, OUTCOME_F_GATE, "the gate ended it");
}

static void
test_not_sent(struct transport *t)
{
	const struct addr_policy nothing = { 0 };
	struct transport *guarded = transport_new(loop_base(loop), &nothing);
	struct ask late = {
		.path = "/ok", .fresh = true, .gate_from_us = clock_boot_us() - 2100 * US_PER_MS
	};
	struct ask soon = { .path = "/ok", .fresh = true, .gate_from_us = clock_boot_us() };
	struct ask blocked = { .path = "/ok" }, refused = { .path = "/ok" };
	int closed = listen_here(&refused.port);
	unsigned n = run(t, &late);

	ok(n == 0 && late.o.result == OUTCOME_NOT_SENT,
	    "a request that misses its gate is not sent");
	ok(late.o.gate_late && late.o.gate_mono_us == 0,
	    "a request that misses its gate is marked late");
	n = run(t, &soon);
	ok(n == 1 && soon.o.status == 201, "a request in time passes the gate");
	close(closed);
	n = run(t, &refused);
	ok(n == 0 && refused.o.result == OUTCOME_NOT_SENT,
	    "without a server the request is not sent");
	is_int(refused.o.fault, OUTCOME_F_CONNECT, "without a server the fault is the connection");
	n = run(guarded, &blocked);
	ok(n == 0 && blocked.o.result == OUTCOME_NOT_SENT,
	    "a request to a guarded address is not sent");
	is_int(
	    blocked.o.fault, OUTCOME_F_BLOCKED, "a request to a guarded address is marked blocked");
	transport_free(guarded);
}

static void
test_large(struct transport *t)
{
	struct ask a = { .path = "/ok", .fresh = true, .max_body = 1 };

	run(t, &a);
	ok(a.o.result == OUTCOME_ANSWERED && !a.o.complete,
	    "an answer over the limit counts as answered, but incomplete");
}

int
main(void)
{
	const struct loop_hooks hooks = { tick, on_signal, &current };
	struct transport *t;
	pthread_t thread;

	transport_global_start();
	server.fd = listen_here(&server.port);
	pthread_create(&thread, NULL, serve, NULL);
	loop = loop_new(&hooks);
	t = transport_new(loop_base(loop), NULL);
	test_outcomes(t);
	test_repeat(t);
	test_not_sent(t);
	test_large(t);
	is_int(transport_in_flight(t), 0, "no request is left in flight");
	transport_free(t);
	loop_free(loop);
	shutdown(server.fd, SHUT_RDWR);
	pthread_join(thread, NULL);
	close(server.fd);
	return tap_done();
}
