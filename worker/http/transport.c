/*
 * libcurl multi on libevent. Invariants: a transfer passes the gate at most once, although libcurl
 * repeats a POST by itself when a connection dies; its callback runs once, outside libcurl's.
 */
#include "config.h"

#include "worker/http/transport.h"

#include <curl/curl.h>
#include <event2/event.h>
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
#include "worker/http/headers.h"
#include "worker/http/addr_guard.h"

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
	struct event_base *base;
	CURLM *multi;
	struct event *timer, *deliver;
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

/* ---- the multi loop ---- */

static void
collect_finished(struct transport *t)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(t->multi, &left)) != NULL) {
		struct transfer *x;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&x);
		x->rc = m->data.result;
		LIST_REMOVE(x, link);
		LIST_INSERT_HEAD(&t->finished, x, link);
		event_active(t->deliver, EV_TIMEOUT, 0);
	}
}

static void
on_socket_ready(evutil_socket_t fd, short what, void *arg)
{
	struct transport *t = arg;
	int running;
	int bits =
	    ((what & EV_READ) ? CURL_CSELECT_IN : 0) | ((what & EV_WRITE) ? CURL_CSELECT_OUT : 0);

	curl_multi_socket_action(t->multi, fd, bits, &running);
	collect_finished(t);
}

static void
on_curl_timeout(evutil_socket_t fd, short what, void *arg)
{
	struct transport *t = arg;
	int running;

	(void)fd;
	(void)what;
	curl_multi_socket_action(t->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	collect_finished(t);
}

static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *sock)
{
	struct transport *t = arg;
	struct event *e = sock;
	short bits = EV_PERSIST;

	(void)easy;
	if (e != NULL)
		event_free(e);
	if (what == CURL_POLL_REMOVE) {
		curl_multi_assign(t->multi, fd, NULL);
		return 0;
	}
	if (what & CURL_POLL_IN)
		bits |= EV_READ;
	if (what & CURL_POLL_OUT)
		bits |= EV_WRITE;
	e = event_new(t->base, fd, bits, on_socket_ready, t);
	if (e == NULL || event_add(e, NULL) == -1)
		panic("event=socket_watch_failed");
	curl_multi_assign(t->multi, fd, e);
	return 0;
}

static int
on_set_timer(CURLM *multi, long ms, void *arg)
{
	struct transport *t = arg;
	struct timeval tv = { .tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000 };

	(void)multi;
	if (ms < 0)
		evtimer_del(t->timer);
	else
		evtimer_add(t->timer, &tv);
	return 0;
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
		curl_multi_remove_handle(x->t->multi, x->easy);
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
on_deliver_outcomes(evutil_socket_t fd, short what, void *arg)
{
	struct transport *t = arg;
	struct transfer *x, *next;

	(void)fd;
	(void)what;
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
	if (curl_multi_add_handle(t->multi, x->easy) != CURLM_OK)
		panic("event=transfer_add_failed");
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

	t->base = base;
	t->guard = guard;
	t->multi = curl_multi_init();
	t->timer = evtimer_new(base, on_curl_timeout, t);
	t->deliver = evtimer_new(base, on_deliver_outcomes, t);
	if (t->multi == NULL || t->timer == NULL || t->deliver == NULL)
		panic("event=transport_failed");
	curl_multi_setopt(t->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(t->multi, CURLMOPT_SOCKETDATA, t);
	curl_multi_setopt(t->multi, CURLMOPT_TIMERFUNCTION, on_set_timer);
	curl_multi_setopt(t->multi, CURLMOPT_TIMERDATA, t);
	curl_multi_setopt(t->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
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
	curl_multi_cleanup(t->multi);
	event_free(t->timer);
	event_free(t->deliver);
	free(t);
}

void
transport_global_start(void)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		panic("event=libcurl_init_failed");
}
