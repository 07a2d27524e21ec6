#ifndef WORKER_HTTP_TRANSPORT_H
#define WORKER_HTTP_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "worker/http/outcome.h"

struct addr_policy;
struct event_base;

/*
 * libcurl's multi interface on the loop: a request in, one callback out. Loop thread only. Each
 * transport has its own connection cache, so webhooks have a transport of their own, guarded.
 */
struct transport;

struct transport_request {
	const char *method; /* "GET" or "POST" */
	const char *url;
	const char *bearer; /* Authorization: Bearer; NULL: none */
	const char *basic;  /* "user:password"; NULL: none */
	const char *type;   /* Content-Type of the body; NULL: none */
	const char *body;   /* copied; NULL: none */
	size_t body_len;
	const char *const *headers; /* more header lines "Name: value", without CR, LF */
	size_t headers_len;
	int64_t timeout_ms;         /* in all: DNS, connect, TLS, body */
	int64_t connect_timeout_ms; /* 0: as timeout_ms */
	size_t max_body; /* bytes of response kept; more ends the transfer (not complete) */
	bool fresh;      /* own connection, closed afterwards: for creates */
	bool create;     /* its gate has crash points of its own */
	int64_t gate_from_boot_us; /* clock_boot_us() of the intent; 0: no time limit on the gate */
	int64_t max_send_delay_ms; /* the gate refuses when more than this has passed since */
};

/* What a blocked transfer says; never which address it was. */
#define TRANSPORT_BLOCKED                                                                          \
	"the host resolves to a private or reserved address, or one of this host, which the "      \
	"operator can permit in [outbound] allow"

/* guard NULL: the operator chose the addresses. *guard must outlive the transport. */
struct transport *transport_new(struct event_base *base, const struct addr_policy *guard);
/*
 * Which addresses transfers may reach and which authorities they trust (lib/certs.h; NULL: the
 * system's) from now on. Both must outlive the transport.
 */
void transport_trust(struct transport *t, const struct addr_policy *guard, char *ca);
/* Transfers still under way are dropped without a callback. */
void transport_free(struct transport *t);

/*
 * Starts a transfer; everything in `r` is copied. `done` is called exactly once, later, on the loop
 * thread, never from inside this call; the outcome is borrowed until it returns. The request is
 * never sent twice, whatever happens to connections.
 */
typedef void (*transport_done)(void *arg, const struct outcome *o);
void transport_start(
    struct transport *t, const struct transport_request *r, transport_done done, void *arg);
unsigned transport_in_flight(const struct transport *t);

/* Once in main, before threads. */
void transport_global_start(void);

#endif
