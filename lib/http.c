/*
 * One blocking, guarded HTTP call on a fresh connection. The numeric address is checked twice:
 * before the socket is created and before the request is written. The second check also aborts a
 * transfer that libcurl would silently repeat, so a request leaves at most once.
 */
#include "lib/http.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "lib/arena.h"
#include "lib/buf.h"
#include "lib/certs.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/pinterest.h"
#include "lib/rfc3339.h"

#define USER_AGENT "pintempo"
#define HEADERS_MAX 65536
#define VALUE_MAX 2048

struct call {
	const struct http_request *request;
	struct arena *mem;
	struct http_answer *answer;
	CURL *easy;
	struct curl_slist *headers;
	struct buf body;
	size_t header_bytes;
	bool sent; /* the second check has passed: the request may have left */
	bool blocked, own;
	const char *reset, *retry_after, *date; /* as sent */
	char error[CURL_ERROR_SIZE];
};

void
http_start(void)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		panic("event=curl_start_failed");
}

static bool
connect_allowed(const struct call *c, const struct addr *a)
{
	return c->request->policy == NULL || addr_allowed(c->request->policy, a);
}

static int
addr_from_sockaddr(struct addr *to, const struct sockaddr *from)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	memset(to, 0, sizeof *to);
	if (from->sa_family == AF_INET) {
		memcpy(&v4, from, sizeof v4);
		to->family = ADDR_V4;
		to->port = ntohs(v4.sin_port);
		memcpy(to->b, &v4.sin_addr, sizeof v4.sin_addr);
		return 0;
	}
	if (from->sa_family == AF_INET6) {
		memcpy(&v6, from, sizeof v6);
		to->family = ADDR_V6;
		to->port = ntohs(v6.sin6_port);
		memcpy(to->b, &v6.sin6_addr, sizeof v6.sin6_addr);
		return 0;
	}
	return -1;
}

static curl_socket_t
open_socket(void *cookie, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct call *c = cookie;
	struct addr a;

	if (purpose != CURLSOCKTYPE_IPCXN || addr_from_sockaddr(&a, &to->addr) == -1) {
		c->blocked = true;
		return CURL_SOCKET_BAD;
	}
	if (!connect_allowed(c, &a)) {
		c->blocked = true;
		c->own = addr_is_own(c->request->policy, &a);
		return CURL_SOCKET_BAD;
	}
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static int
on_prereq(void *cookie, char *ip, char *own_ip, int port, int own_port)
{
	struct call *c = cookie;
	struct addr a;

	(void)own_ip;
	(void)own_port;
	if (c->sent)
		return CURL_PREREQFUNC_ABORT;
	if (c->request->policy != NULL &&
	    (addr_parse(ip, (uint16_t)port, &a) == -1 || !connect_allowed(c, &a))) {
		c->blocked = true;
		return CURL_PREREQFUNC_ABORT;
	}
	c->sent = true;
	return CURL_PREREQFUNC_OK;
}

static size_t
take_body(char *bytes, size_t size, size_t count, void *cookie)
{
	struct call *c = cookie;

	return buf_add(&c->body, bytes, size * count) == 0 ? size * count : 0;
}

/* The value of header `name` in this line; NULL: another header, or too long. */
static const char *
header_value(struct call *c, const char *line, size_t len, const char *name)
{
	size_t n = strlen(name);

	if (len <= n || strncasecmp(line, name, n) != 0 || line[n] != ':')
		return NULL;
	line += n + 1;
	len -= n + 1;
	while (len > 0 && (*line == ' ' || *line == '\t')) {
		line++;
		len--;
	}
	while (len > 0 && strchr(" \t\r\n", line[len - 1]) != NULL)
		len--;
	return len <= VALUE_MAX ? arena_strndup(c->mem, line, len) : NULL;
}

static void
keep_header(const char **to, const char *value)
{
	if (value != NULL)
		*to = value;
}

static size_t
take_header(char *line, size_t size, size_t count, void *cookie)
{
	struct call *c = cookie;
	size_t len = size * count;

	c->header_bytes += len;
	if (c->header_bytes > HEADERS_MAX)
		return 0;
	keep_header(&c->answer->content_type, header_value(c, line, len, "content-type"));
	keep_header(&c->answer->content_length, header_value(c, line, len, "content-length"));
	keep_header(&c->answer->content_range, header_value(c, line, len, "content-range"));
	keep_header(&c->answer->content_encoding, header_value(c, line, len, "content-encoding"));
	keep_header(&c->answer->location, header_value(c, line, len, "location"));
	keep_header(&c->answer->request_id, header_value(c, line, len, "x-pinterest-rid"));
	keep_header(&c->reset, header_value(c, line, len, "x-ratelimit-reset"));
	keep_header(&c->retry_after, header_value(c, line, len, "retry-after"));
	keep_header(&c->date, header_value(c, line, len, "date"));
	return len;
}

static void
add_header(struct call *c, const char *line)
{
	struct curl_slist *more = curl_slist_append(c->headers, line);

	if (more == NULL)
		panic("event=curl_memory");
	c->headers = more;
}

/* libcurl writes header text verbatim: a line end inside would inject another header. */
static bool
is_header_text(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7F)
			return false;
	return true;
}

static void
set_headers(struct call *c)
{
	const struct http_request *r = c->request;

	add_header(c,
	    arena_printf(c->mem, "Accept: %s", r->accept != NULL ? r->accept : "application/json"));
	if (r->range != NULL)
		add_header(c, arena_printf(c->mem, "Range: %s", r->range));
	add_header(c, "Expect:");
	add_header(c,
	    r->type != NULL ? arena_printf(c->mem, "Content-Type: %s", r->type) : "Content-Type:");
	if (r->bearer != NULL)
		add_header(c, arena_printf(c->mem, "Authorization: Bearer %s", r->bearer));
	curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, c->headers);
}

static void
set_guards(struct call *c)
{
	CURL *e = c->easy;

	curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, c);
	curl_easy_setopt(e, CURLOPT_PREREQFUNCTION, on_prereq);
	curl_easy_setopt(e, CURLOPT_PREREQDATA, c);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(e, CURLOPT_PROXY, "");
	curl_easy_setopt(e, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(e, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	curl_easy_setopt(e, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(e, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, c->error);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)c->request->timeout_ms);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)c->request->timeout_ms);
}

static void
set_http_request(struct call *c)
{
	const struct http_request *r = c->request;
	CURL *e = c->easy;

	certs_trust(e, r->ca);
	curl_easy_setopt(e, CURLOPT_URL, r->url);
	curl_easy_setopt(e, CURLOPT_USERAGENT, USER_AGENT);
	if (r->body != NULL || strcmp(r->method, "POST") == 0) {
		curl_easy_setopt(e, CURLOPT_POST, 1L);
		curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body_len);
		curl_easy_setopt(e, CURLOPT_POSTFIELDS, r->body != NULL ? r->body : "");
	}
	curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, r->method);
	if (r->basic != NULL) {
		curl_easy_setopt(e, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
		curl_easy_setopt(e, CURLOPT_USERPWD, r->basic);
	}
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, c);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, c);
}

static const char *
error_text(const struct call *c, CURLcode rc)
{
	if (c->blocked && !c->sent)
		return "the address is not allowed";
	if (c->body.overflow)
		return "the answer is too long";
	return c->error[0] != '\0' ? arena_strdup(c->mem, c->error) : curl_easy_strerror(rc);
}

static enum http_fault
fault_of_code(const struct call *c, CURLcode rc)
{
	if (rc == CURLE_OK)
		return HTTP_F_NONE;
	if (c->blocked && !c->sent)
		return HTTP_F_BLOCKED;
	if (rc == CURLE_OPERATION_TIMEDOUT)
		return HTTP_F_TIMEOUT;
	if (rc == CURLE_COULDNT_RESOLVE_HOST)
		return HTTP_F_DNS;
	if (rc == CURLE_COULDNT_CONNECT)
		return HTTP_F_CONNECT;
	if (rc == CURLE_SSL_CONNECT_ERROR || rc == CURLE_PEER_FAILED_VERIFICATION)
		return HTTP_F_TLS;
	return c->sent ? HTTP_F_CUT : HTTP_F_OTHER;
}

/* The answer's Date, since its waits may be relative to that clock; else our clock. */
static int64_t
answer_time(const struct call *c)
{
	int64_t date_us;

	return c->date != NULL && httpdate_parse(c->date, &date_us) == 0 ? date_us
									 : clock_wall_us();
}

static void
call_outcome(struct call *c, CURLcode rc)
{
	struct http_answer *a = c->answer;
	char *ip = NULL;

	curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &a->status);
	curl_easy_getinfo(c->easy, CURLINFO_PRIMARY_IP, &ip);
	a->ip = arena_strdup(c->mem, ip);
	a->complete = rc == CURLE_OK;
	if (c->request->head && c->body.overflow)
		rc = CURLE_OK;
	a->fault = fault_of_code(c, rc);
	a->own = c->own;
	if (c->request->head || rc == CURLE_OK) {
		a->body_len = c->body.len;
		a->body = arena_strndup(c->mem, buf_str(&c->body), c->body.len);
	}
	if (rc == CURLE_OK && a->status > 0) {
		a->outcome = HTTP_ANSWERED;
		a->date_us = c->date != NULL ? answer_time(c) : TIME_NONE;
		a->retry_after_s = pinterest_wait_s(c->reset, c->retry_after, answer_time(c));
		return;
	}
	a->outcome = c->sent ? HTTP_UNKNOWN : HTTP_NOT_SENT;
	a->error = error_text(c, rc);
}

void
http_call(const struct http_request *r, struct arena *mem, struct http_answer *a)
{
	struct call c = { .request = r, .mem = mem, .answer = a };

	memset(a, 0, sizeof *a);
	if ((r->bearer != NULL && !is_header_text(r->bearer)) ||
	    (r->type != NULL && !is_header_text(r->type))) {
		a->outcome = HTTP_NOT_SENT;
		a->error = "a header value holds control characters";
		return;
	}
	c.easy = curl_easy_init();
	if (c.easy == NULL)
		panic("event=curl_memory");
	buf_init(&c.body, r->max_body);
	set_guards(&c);
	set_http_request(&c);
	set_headers(&c);
	call_outcome(&c, curl_easy_perform(c.easy));
	curl_easy_cleanup(c.easy);
	curl_slist_free_all(c.headers);
	buf_free(&c.body);
}
