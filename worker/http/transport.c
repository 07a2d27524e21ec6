/*
 * HTTP by libcurl. Invariants: a transfer passes the gate at most once, although libcurl
 * repeats a POST by itself when a connection dies; its callback runs once, outside libcurl's.
 */
#include "config.h"

#include "worker/http/transport.h"

#include <curl/curl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "lib/buf.h"
#include "lib/certs.h"
#include "lib/clock.h"
#include "lib/crash.h"
#include "lib/log.h"
#include "lib/xalloc.h"
#include "worker/http/addr_guard.h"
#include "worker/http/curl_loop.h"
#include "worker/http/headers.h"

#define HEADER_BYTES_MAX 65536

LIST_HEAD(transfer_list, transfer);

struct transfer {
	struct transport *t;
	CURL *easy;
	struct curl_slist *lines;
	struct buf body;
	struct headers headers;
	char error[CURL_ERROR_SIZE];
	transport_done done;
	void *arg;
	size_t header_bytes;
	int64_t started_us, gate_mono_us, gate_from_boot_us, max_send_delay_ms;
	unsigned gate_calls;
	bool gate_late, blocked, blocked_own, create;
	CURLcode rc;
	LIST_ENTRY(transfer) link; /* on t->active or t->finished */
};

struct transport {
	struct curl_loop *loop;
	const struct addr_policy *guard;
	char *ca;
	struct transfer_list active, finished;
	unsigned in_flight;
};

/* ---- what libcurl calls ---- */

static size_t
on_body_part(char *data, size_t size, size_t n, void *arg)
{
	struct transfer *x = arg;

	/* 0 ends the transfer; the buffer's overflow mark says why. */
	return buf_add(&x->body, data, size * n) == 0 ? size * n : 0;
}

static size_t
on_header_line(char *data, size_t size, size_t n, void *arg)
{
	struct transfer *x = arg;
	size_t len = size * n;

	if ((x->header_bytes += len) > HEADER_BYTES_MAX)
		return 0;
	headers_line(&x->headers, data, len);
	return len;
}

/* The last gate: right before the request's first byte. */
static int
on_gate(void *arg, char *ip, char *local_ip, int port, int local_port)
{
	struct transfer *x = arg;

	(void)local_ip;
	(void)local_port;
	CRASH_POINT(x->create ? "gate.before" : "request.before");
	if (++x->gate_calls > 1)
		return CURL_PREREQFUNC_ABORT;
	if (!addr_guard_text(x->t->guard, ip, port)) {
		x->blocked = true;
		return CURL_PREREQFUNC_ABORT;
	}
	if (x->gate_from_boot_us != 0 &&
	    clock_boot_us() - x->gate_from_boot_us > x->max_send_delay_ms * US_PER_MS) {
		x->gate_late = true;
		return CURL_PREREQFUNC_ABORT;
	}
	x->gate_mono_us = clock_mono_us();
	CRASH_POINT(x->create ? "gate.after" : "request.after");
	return CURL_PREREQFUNC_OK;
}

static curl_socket_t
on_open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct transfer *x = arg;
	/* struct curl_sockaddr ends with space for the longest address. */
	const void *to = (const char *)address + offsetof(struct curl_sockaddr, addr);

	(void)purpose;
	if (!addr_guard_sockaddr(x->t->guard, to, address->addrlen)) {
		x->blocked = true;
		x->blocked_own = addr_guard_own(x->t->guard, to, address->addrlen);
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static void
on_finished(void *transfer, int result)
{
	struct transfer *x = transfer;

	x->rc = (CURLcode)result;
	LIST_REMOVE(x, link);
	LIST_INSERT_HEAD(&x->t->finished, x, link);
}

/* ---- from transfer to outcome ---- */

static enum outcome_fault
transfer_fault(const struct transfer *x)
{
	if (x->rc == CURLE_OK)
		return OUTCOME_F_NONE;
	if (x->blocked)
		return OUTCOME_F_BLOCKED;
	if (x->gate_late || x->gate_calls > 1)
		return OUTCOME_F_GATE;
	if (x->rc == CURLE_OPERATION_TIMEDOUT)
		return OUTCOME_F_TIMEOUT;
	if (x->rc == CURLE_COULDNT_RESOLVE_HOST || x->rc == CURLE_COULDNT_RESOLVE_PROXY)
		return OUTCOME_F_DNS;
	if (x->rc == CURLE_COULDNT_CONNECT)
		return OUTCOME_F_CONNECT;
	if (x->rc == CURLE_SSL_CONNECT_ERROR || x->rc == CURLE_PEER_FAILED_VERIFICATION)
		return OUTCOME_F_TLS;
	return x->gate_mono_us != 0 ? OUTCOME_F_CUT : OUTCOME_F_OTHER;
}

static void
transfer_outcome(const struct transfer *x, struct outcome *o)
{
	char *ip = NULL;

	memset(o, 0, sizeof(*o));
	curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &o->status);
	if (o->status < 200)
		o->status = 0;
	if (x->gate_mono_us == 0)
		o->result = OUTCOME_NOT_SENT;
	else
		o->result = o->status != 0 ? OUTCOME_ANSWERED : OUTCOME_UNKNOWN;
	curl_easy_getinfo(x->easy, CURLINFO_PRIMARY_IP, &ip);
	o->fault = transfer_fault(x);
	o->blocked_own = x->blocked_own;
	o->gate_calls = x->gate_calls;
	o->gate_late = x->gate_late;
	o->gate_mono_us = x->gate_mono_us;
	o->complete = x->rc == CURLE_OK;
	o->cut_here = x->body.overflow != 0;
	o->body = buf_str(&x->body);
	o->body_len = x->body.len;
	headers_lend(&x->headers, o);
	o->duration_us = clock_mono_us() - x->started_us;
	o->remote_ip = ip != NULL ? ip : "";
	o->error = x->rc == CURLE_OK     ? ""
		   : x->blocked          ? TRANSPORT_BLOCKED
		   : x->error[0] != '\0' ? x->error
					 : curl_easy_strerror(x->rc);
}

static void
transfer_free(struct transfer *x)
{
	if (x->easy != NULL) {
		curl_loop_remove(x->t->loop, x->easy);
		curl_easy_cleanup(x->easy);
	}
	curl_slist_free_all(x->lines);
	headers_free(&x->headers);
	buf_free(&x->body);
	x->t->in_flight--;
	free(x);
}

/* The order among finished transfers has no meaning. */
static void
on_deliver_outcomes(void *arg)
{
	struct transport *t = arg;
	struct transfer *x, *next;

	/* Callbacks may start transfers; those that finish meanwhile wait for the next event. */
	for (x = LIST_FIRST(&t->finished); x != NULL; x = next) {
		struct outcome o;

		next = LIST_NEXT(x, link);
		LIST_REMOVE(x, link);
		transfer_outcome(x, &o);
		x->done(x->arg, &o);
		transfer_free(x);
	}
}

/* ---- the request ---- */

static void
add_header_line(struct transfer *x, const char *name, const char *value)
{
	char *line = xasprintf("%s%s", name, value);
	struct curl_slist *more = curl_slist_append(x->lines, line);

	free(line);
	if (more == NULL)
		panic("event=out_of_memory what=header");
	x->lines = more;
}

static void
set_transfer_rules(CURL *e, struct transfer *x)
{
	certs_trust(e, x->t->ca);
	curl_easy_setopt(e, CURLOPT_PRIVATE, x);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, x->error);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(e, CURLOPT_PROXY, "");
	curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(e, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(e, CURLOPT_MAXAGE_CONN, 20L);
	curl_easy_setopt(e, CURLOPT_MAXLIFETIME_CONN, 300L);
	curl_easy_setopt(e, CURLOPT_USERAGENT, "pintempo/" VERSION);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body_part);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, x);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header_line);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, x);
	curl_easy_setopt(e, CURLOPT_PREREQFUNCTION, on_gate);
	curl_easy_setopt(e, CURLOPT_PREREQDATA, x);
	curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
	curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, x);
}

static void
set_transfer_request(CURL *e, struct transfer *x, const struct transport_request *r)
{
	bool post = strcmp(r->method, "POST") == 0;

	curl_easy_setopt(e, CURLOPT_URL, r->url);
	curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)r->timeout_ms);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS,
	    (long)(r->connect_timeout_ms > 0 ? r->connect_timeout_ms : r->timeout_ms));
	curl_easy_setopt(e, CURLOPT_FRESH_CONNECT, r->fresh ? 1L : 0L);
	curl_easy_setopt(e, CURLOPT_FORBID_REUSE, r->fresh ? 1L : 0L);
	if (post) {
		curl_easy_setopt(e, CURLOPT_POST, 1L);
		curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body_len);
		curl_easy_setopt(e, CURLOPT_COPYPOSTFIELDS, r->body != NULL ? r->body : "");
	}
	if (r->basic != NULL)
		curl_easy_setopt(e, CURLOPT_USERPWD, r->basic);
	if (r->bearer != NULL)
		add_header_line(x, "Authorization: Bearer ", r->bearer);
	if (r->type != NULL)
		add_header_line(x, "Content-Type: ", r->type);
	for (size_t i = 0; i < r->headers_len; i++)
		add_header_line(x, r->headers[i], "");
	add_header_line(x, "Expect:", "");
	curl_easy_setopt(e, CURLOPT_HTTPHEADER, x->lines);
}

void
transport_start(
    struct transport *t, const struct transport_request *r, transport_done done, void *arg)
{
	struct transfer *x = xcalloc(1, sizeof(*x));

	x->t = t;
	x->done = done;
	x->arg = arg;
	x->started_us = clock_mono_us();
	x->gate_from_boot_us = r->gate_from_boot_us;
	x->max_send_delay_ms = r->max_send_delay_ms;
	x->create = r->create;
	buf_init(&x->body, r->max_body);
	x->easy = curl_easy_init();
	if (x->easy == NULL)
		panic("event=out_of_memory what=transfer");
	set_transfer_rules(x->easy, x);
	set_transfer_request(x->easy, x, r);
	t->in_flight++;
	LIST_INSERT_HEAD(&t->active, x, link);
	curl_loop_add(t->loop, x->easy);
}

unsigned
transport_in_flight(const struct transport *t)
{
	return t->in_flight;
}

struct transport *
transport_new(struct event_base *base, const struct addr_policy *guard)
{
	struct transport *t = xcalloc(1, sizeof(*t));
	const struct curl_loop_hooks hooks = { on_finished, on_deliver_outcomes, t };

	t->loop = curl_loop_new(base, &hooks);
	t->guard = guard;
	return t;
}

void
transport_trust(struct transport *t, const struct addr_policy *guard, char *ca)
{
	t->guard = guard;
	t->ca = ca;
}

static void
transfers_drop(struct transfer_list *list)
{
	struct transfer *x;

	while ((x = LIST_FIRST(list)) != NULL) {
		LIST_REMOVE(x, link);
		transfer_free(x);
	}
}

void
transport_free(struct transport *t)
{
	if (t == NULL)
		return;
	transfers_drop(&t->finished);
	transfers_drop(&t->active);
	curl_loop_free(t->loop);
	free(t);
}

void
transport_global_start(void)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		panic("event=libcurl_init_failed");
}
