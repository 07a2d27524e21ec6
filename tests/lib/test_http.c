/* The guarded HTTP call against a test server: what was answered, what was sent, and what was not.
 */
#include "lib/http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/addr.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "tests/tap.h"

enum manner { ANSWER, CLOSE, STALL };

/* Serves one connection at a time. The main thread writes only while no call is in flight. */
struct server {
	pthread_t thread;
	int listener;
	int port;
	enum manner manner;
	const char *text; /* the answer to send */
	char seen[8192];  /* the last request */
	int connections;
};

static void
read_request(struct server *s, int fd)
{
	size_t len = 0;
	ssize_t n;
	const char *body, *length;

	memset(s->seen, 0, sizeof s->seen);
	while (len < sizeof s->seen - 1 &&
	       (n = recv(fd, s->seen + len, sizeof s->seen - 1 - len, 0)) > 0) {
		len += (size_t)n;
		body = strstr(s->seen, "\r\n\r\n");
		length = strstr(s->seen, "Content-Length: ");
		if (body != NULL &&
		    (length == NULL || strtol(length + 16, NULL, 10) <= (long)strlen(body + 4)))
			return;
	}
}

static void
serve(struct server *s, int fd)
{
	char ignored[100];

	s->connections++;
	read_request(s, fd);
	if (s->manner == ANSWER && send(fd, s->text, strlen(s->text), MSG_NOSIGNAL) > 0)
		shutdown(fd, SHUT_WR);
	while (s->manner != CLOSE && recv(fd, ignored, sizeof ignored, 0) > 0)
		continue;
	close(fd);
}

static void *
run(void *cookie)
{
	struct server *s = cookie;
	int fd;

	while ((fd = accept(s->listener, NULL, NULL)) != -1)
		serve(s, fd);
	return NULL;
}

static void
start(struct server *s)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof a;

	memset(s, 0, sizeof *s);
	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(s->listener, (struct sockaddr *)&a, sizeof a) == -1 ||
	    listen(s->listener, 16) == -1 ||
	    getsockname(s->listener, (struct sockaddr *)&a, &len) == -1 ||
	    pthread_create(&s->thread, NULL, run, s) != 0)
		abort();
	s->port = ntohs(a.sin_port);
}

static void
stop(struct server *s)
{
	shutdown(s->listener, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->listener);
}

struct test {
	struct server server;
	struct arena *mem;
	struct http_request r;
	struct http_answer a;
};

static void
call(struct test *t, enum manner manner, const char *text)
{
	t->server.manner = manner;
	t->server.text = text;
	t->server.connections = 0;
	http_call(&t->r, t->mem, &t->a);
}

static void
reset(struct test *t)
{
	arena_reset(t->mem);
	t->r = (struct http_request){
		.method = "GET",
		.url = arena_printf(t->mem, "http://127.0.0.1:%d/v5/pins?x=1", t->server.port),
		.timeout_ms = 5000,
		.max_body = 1000,
	};
}

static bool
saw(const struct test *t, const char *text)
{
	return strstr(t->server.seen, text) != NULL;
}

static void
test_answered(struct test *t)
{
	reset(t);
	t->r.method = "POST";
	t->r.bearer = "pina_x";
	t->r.type = "application/json";
	t->r.body = "{\"a\":1}";
	t->r.body_len = 7;
	call(t, ANSWER,
	    "HTTP/1.1 201 Created\r\nContent-Length: 2\r\nX-Pinterest-RID: 77\r\n"
	    "Retry-After: 3\r\nx-ratelimit-reset: 5\r\nLocation:  /there \r\n\r\nok");
	is_int(t->a.outcome, HTTP_ANSWERED, "an answer is received");
	is_int(t->a.status, 201, "the status is read");
	is_str(t->a.body, "ok", "the body is read");
	is_int((int64_t)t->a.body_len, 2, "the body's length is read");
	is_str(t->a.request_id, "77", "the request id is read");
	is_str(t->a.location, "/there", "Location is read");
	is_int(t->a.retry_after_s, 5, "of two waits the longer is used");
	ok(t->a.error == NULL, "an answer has no error text");
	ok(saw(t, "POST /v5/pins?x=1 HTTP/1.1\r\n"), "the request line is sent");
	ok(saw(t, "\r\nAuthorization: Bearer pina_x\r\n"), "the bearer token is sent");
	ok(saw(t, "\r\nContent-Type: application/json\r\n"), "the content type is sent");
	ok(saw(t, "\r\n\r\n{\"a\":1}"), "the body is sent");
	ok(!saw(t, "Expect") && !saw(t, "Accept-Encoding") && !saw(t, "Cookie"),
	    "no unneeded header is sent");
}

/* A moment is turned into a wait by the clock of the side that named it, even if that clock is
 * wrong. */
static void
test_wait_until(struct test *t)
{
	reset(t);
	call(t, ANSWER,
	    "HTTP/1.1 429 Too Many\r\nContent-Length: 0\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
	    "Retry-After: Sun, 06 Nov 1994 08:49:57 GMT\r\n\r\n");
	is_int(t->a.retry_after_s, 20, "Retry-After as a moment counts from the answer's Date");
	reset(t);
	call(t, ANSWER,
	    "HTTP/1.1 429 Too Many\r\nContent-Length: 0\r\n"
	    "Retry-After: Sun, 06 Nov 1994 08:49:57 GMT\r\n\r\n");
	is_int(t->a.retry_after_s, 0, "Retry-After as a moment without Date counts from our clock");
}

static void
test_methods(struct test *t)
{
	reset(t);
	call(t, ANSWER, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	ok(t->a.outcome == HTTP_ANSWERED && saw(t, "GET ") && !saw(t, "Content-"),
	    "a GET is sent without body");
	reset(t);
	t->r.method = "DELETE";
	call(t, ANSWER, "HTTP/1.1 204 No Content\r\n\r\n");
	ok(t->a.status == 204 && saw(t, "DELETE /v5") && t->a.body_len == 0, "a DELETE is sent");
	reset(t);
	t->r.method = "PATCH";
	t->r.body = "x";
	t->r.body_len = 1;
	call(t, ANSWER, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	ok(saw(t, "PATCH /v5") && saw(t, "\r\n\r\nx"), "a PATCH is sent with its body");
	reset(t);
	t->r.method = "POST";
	t->r.basic = "id:se:cret";
	call(t, ANSWER, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	ok(saw(t, "\r\nAuthorization: Basic aWQ6c2U6Y3JldA==\r\n"), "Basic credentials are sent");
	ok(saw(t, "\r\nContent-Length: 0\r\n"), "a POST without body has Content-Length 0");
}

static void
test_redirect(struct test *t)
{
	reset(t);
	call(t, ANSWER,
	    arena_printf(t->mem,
		"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%d/\r\nContent-Length: 0\r\n\r\n",
		t->server.port));
	ok(t->a.outcome == HTTP_ANSWERED && t->a.status == 302, "a redirect counts as answer");
	is_int(t->server.connections, 1, "a redirect is not followed");
}

static void
test_unknown(struct test *t)
{
	int64_t began;

	reset(t);
	t->r.method = "POST";
	t->r.body = "x";
	t->r.body_len = 1;
	call(t, CLOSE, NULL);
	is_int(
	    t->a.outcome, HTTP_UNKNOWN, "a connection closed after the request gives HTTP_UNKNOWN");
	is_int(t->server.connections, 1, "a request with unknown outcome is not sent again");
	ok(t->a.error != NULL && t->a.body == NULL,
	    "an unknown outcome has an error text and no body");
	call(t, ANSWER, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort");
	is_int(t->a.outcome, HTTP_UNKNOWN, "a truncated body gives HTTP_UNKNOWN");
	call(t, ANSWER, "what?\r\n");
	is_int(t->a.outcome, HTTP_UNKNOWN, "an answer that is not HTTP gives HTTP_UNKNOWN");
	t->r.timeout_ms = 200;
	began = clock_mono_us();
	call(t, STALL, NULL);
	is_int(t->a.outcome, HTTP_UNKNOWN, "no answer in time gives HTTP_UNKNOWN");
	ok(clock_mono_us() - began < 4 * US_PER_S, "the call ends at its timeout");
}

static void
test_caps(struct test *t)
{
	char text[3000];
	int head = snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");

	memset(text + head, 'x', 1001);
	text[head + 1001] = '\0';
	reset(t);
	call(t, ANSWER, text);
	is_int(t->a.outcome, HTTP_UNKNOWN, "a body over the limit gives HTTP_UNKNOWN");
	is_str(t->a.error, "the answer is too long", "a body over the limit has a reason");
	text[head + 1000] = '\0';
	call(t, ANSWER, text);
	ok(t->a.outcome == HTTP_ANSWERED && t->a.body_len == 1000,
	    "a body of exactly the limit is accepted");
}

static void
not_sent(struct test *t, const char *name)
{
	call(t, ANSWER, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	is_int(t->a.outcome, HTTP_NOT_SENT, name);
	is_int(t->server.connections, 0, name);
	ok(t->a.error != NULL, "%s: the error text is set", name);
}

static void
test_guard(struct test *t)
{
	struct addr_policy policy = { 0 };
	struct addr_rule rule;

	reset(t);
	t->r.policy = &policy;
	not_sent(t, "a blocked address");
	is_str(t->a.error, "the address is not allowed", "a blocked address has a reason");
	t->r.url = arena_printf(t->mem, "http://2130706433:%d/", t->server.port);
	not_sent(t, "a blocked address in decimal");
	t->r.url = arena_printf(t->mem, "http://localhost:%d/", t->server.port);
	not_sent(t, "a name that resolves to a blocked address");
	if (addr_rule_parse("127.0.0.1", &rule) == -1)
		abort();
	policy = (struct addr_policy){ .allow = &rule, .allow_len = 1 };
	t->r.url = arena_printf(t->mem, "http://127.0.0.1:%d/", t->server.port);
	call(t, ANSWER, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	is_int(t->a.outcome, HTTP_ANSWERED, "an address allowed by the operator is called");
}

/* A port of this machine that nothing listens on: *fd is bound to it without listening. */
static int
deaf_port(int *fd)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof a;

	*fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(*fd, (struct sockaddr *)&a, sizeof a) == -1 ||
	    getsockname(*fd, (struct sockaddr *)&a, &len) == -1)
		abort();
	return ntohs(a.sin_port);
}

static void
test_not_sent(struct test *t)
{
	int fd;

	reset(t);
	t->r.url = arena_printf(t->mem, "http://127.0.0.1:%d/", deaf_port(&fd));
	not_sent(t, "refused");
	close(fd);
	t->r.url = arena_printf(t->mem, "ftp://127.0.0.1:%d/", t->server.port);
	not_sent(t, "another scheme");
	t->r.url = arena_printf(t->mem, "http://u:p@127.0.0.1:%d/", t->server.port);
	not_sent(t, "a user name in the URL");
	t->r.url = "http://no.such.name.invalid/";
	not_sent(t, "an unknown host name");
	reset(t);
	t->r.bearer = "a\r\nX: y";
	not_sent(t, "a bearer token with a line break");
}

static void
test_environment(struct test *t)
{
	int fd;

	reset(t);
	setenv("http_proxy", arena_printf(t->mem, "http://127.0.0.1:%d", deaf_port(&fd)), 1);
	call(t, ANSWER, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	is_int(t->a.outcome, HTTP_ANSWERED, "a proxy in the environment is not used");
	unsetenv("http_proxy");
	close(fd);
}

int
main(void)
{
	struct test t;

	http_start();
	start(&t.server);
	t.mem = arena_new();
	test_answered(&t);
	test_wait_until(&t);
	test_methods(&t);
	test_redirect(&t);
	test_unknown(&t);
	test_caps(&t);
	test_guard(&t);
	test_not_sent(&t);
	test_environment(&t);
	stop(&t.server);
	arena_free(t.mem);
	return tap_done();
}
