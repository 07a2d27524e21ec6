/* Peeks at images on the loop: one transfer after the other, within one time limit. */
#include "worker/publish/image_peek.h"

#include "lib/clock.h"
#include "lib/log.h"
#include "worker/http/transport.h"

static enum http_fault
fault_of_outcome(const struct outcome *o)
{
	if (o->cut_here)
		return HTTP_F_NONE;
	switch (o->fault) {
	case OUTCOME_F_NONE: return HTTP_F_NONE;
	case OUTCOME_F_DNS: return HTTP_F_DNS;
	case OUTCOME_F_CONNECT: return HTTP_F_CONNECT;
	case OUTCOME_F_TLS: return HTTP_F_TLS;
	case OUTCOME_F_TIMEOUT: return HTTP_F_TIMEOUT;
	case OUTCOME_F_BLOCKED: return HTTP_F_BLOCKED;
	case OUTCOME_F_CUT: return HTTP_F_CUT;
	case OUTCOME_F_GATE:
	case OUTCOME_F_OTHER: break;
	}
	return HTTP_F_OTHER;
}

static void image_fetch_next(struct image_peek *k, int64_t left_us);

static void
on_image_answer(void *arg, const struct outcome *o)
{
	struct image_peek *k = arg;
	int64_t left_us = k->end_us - clock_mono_us();
	const struct media_answer a = { .fault = fault_of_outcome(o),
		.own = o->blocked_own,
		.error = o->error,
		.ip = o->remote_ip,
		.status = o->status,
		.location = o->location,
		.type = o->type,
		.length = o->length,
		.range = o->range,
		.encoding = o->encoding,
		.body = o->body,
		.body_len = o->body_len,
		.complete = o->complete };
	const struct media_answer late = { .fault = HTTP_F_TIMEOUT };
	bool more = media_peek_take(&k->peek, &a);
	struct media_finding found;

	if (more && left_us > 0) {
		image_fetch_next(k, left_us);
		return;
	}
	if (more)
		(void)media_peek_take(&k->peek, &late);
	found = media_peek_report(&k->peek);
	k->done(k->arg, &found);
}

static void
image_fetch_next(struct image_peek *k, int64_t left_us)
{
	static const char *const headers[] = { "Accept: " MEDIA_PEEK_ACCEPT,
		"Range: " MEDIA_PEEK_RANGE };
	const struct transport_request r = { .method = "GET",
		.url = k->peek.url,
		.headers = headers,
		.headers_len = k->peek.ranged ? 2 : 1,
		.timeout_ms = left_us / US_PER_MS + 1,
		.max_body = MEDIA_PEEK_BYTES,
		.fresh = true };

	transport_start(k->transport, &r, on_image_answer, k);
}

bool
image_peek_start(
    struct image_peek *k, const char *url, int64_t timeout_ms, struct media_finding *found)
{
	k->end_us = clock_mono_us() + timeout_ms * US_PER_MS;
	if (media_peek_begin(&k->peek, url, 0, TIME_NONE)) {
		image_fetch_next(k, timeout_ms * US_PER_MS);
		return true;
	}
	*found = media_peek_report(&k->peek);
	return false;
}
