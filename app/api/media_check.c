/* Peeks at images with the blocking client. Invariant: a share is held only while a call runs. */
#include "app/api/media_check.h"

#include "app/http/call.h"
#include "app/http/shares.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "lib/log.h"

static void
image_fetch_part(
    struct call *c, const struct media_peek *p, int64_t left_us, struct media_answer *to)
{
	const struct http_request r = { .method = "GET",
		.url = p->url,
		.accept = MEDIA_PEEK_ACCEPT,
		.range = p->ranged ? MEDIA_PEEK_RANGE : NULL,
		.timeout_ms = (int)(left_us / US_PER_MS) + 1,
		.max_body = MEDIA_PEEK_BYTES,
		.head = true,
		.policy = p->policy,
		/* Pinterest itself trusts no private authority. */
		.ca = p->public_only ? NULL : c->app->conf->outbound_ca };
	struct http_answer a;

	http_call(&r, c->mem, &a);
	*to = (struct media_answer){ .fault = a.fault,
		.own = a.own,
		.error = a.error,
		.ip = a.ip,
		.status = a.status,
		.location = a.location,
		.type = a.content_type,
		.length = a.content_length,
		.range = a.content_range,
		.encoding = a.content_encoding,
		.body = a.body,
		.body_len = a.body_len,
		.complete = a.complete };
}

static void
image_fetch_all(struct call *c, struct media_peek *p)
{
	int64_t end_us = clock_mono_us() + c->app->conf->image_timeout_ms * US_PER_MS;
	struct media_answer a;
	bool more;

	do {
		int64_t left_us = end_us - clock_mono_us();

		if (left_us > 0)
			image_fetch_part(c, p, left_us, &a);
		else
			a = (struct media_answer){ .fault = HTTP_F_TIMEOUT };
		more = media_peek_take(p, &a);
	} while (more && a.fault != HTTP_F_TIMEOUT);
}

enum media_check_result
media_check(struct call *c, const char *url, int64_t due_us, struct media_peek *p)
{
	*p = (struct media_peek){ .mem = c->mem,
		.policy = &c->app->conf->outbound,
		.public_only = c->who.environment == ENV_PRODUCTION };
	if (!media_peek_begin(p, url, c->now_us, due_us))
		return MEDIA_CHECK_ADDRESS;
	if (!c->app->conf->check_images)
		return MEDIA_CHECK_OFF;
	if (!shares_acquire(c->app->image_checks[c->who.environment], &c->who.organization_id))
		return MEDIA_CHECK_BUSY;
	image_fetch_all(c, p);
	shares_release(c->app->image_checks[c->who.environment], &c->who.organization_id);
	log_info("event=image_checked request=%s status=%ld redirects=%zu bytes=%zu", c->req->id,
	    p->status, p->redirects, p->fetched);
	return MEDIA_CHECK_FETCHED;
}

static struct json_object *
findings_json(const struct media_peek *p)
{
	struct json_object *all = json_object_new_array();

	for (size_t i = 0; i < p->findings_len; i++) {
		const struct media_finding *f = &p->findings[i];
		struct json_object *o = json_object_new_object();

		json_put_text(o, "status", f->grade == MEDIA_WRONG ? "failed" : "warning");
		json_put_text(o, "code", f->code);
		json_put_text(o, "message", f->message);
		json_object_array_add(all, o);
	}
	return all;
}

struct json_object *
media_check_json(const struct media_peek *p)
{
	struct json_object *o = json_object_new_object(), *to = json_object_new_array();

	json_put(o, "http_status", p->status != 0 ? json_object_new_int64(p->status) : NULL);
	json_put_text(o, "content_type", p->type);
	json_put_text(o, "seen_type", p->sniffed ? media_name(p->head.type) : NULL);
	json_put(o, "width", p->head.measured ? json_object_new_int64(p->head.width) : NULL);
	json_put(o, "height", p->head.measured ? json_object_new_int64(p->head.height) : NULL);
	json_put(o, "bytes", p->size >= 0 ? json_object_new_int64(p->size) : NULL);
	json_put_int(o, "bytes_fetched", (int64_t)p->fetched);
	for (size_t i = 1; i <= p->redirects; i++)
		json_object_array_add(to, json_object_new_string(p->visited[i]));
	json_put(o, "redirects", to);
	json_put(o, "findings", findings_json(p));
	return o;
}
