/*
 * States of pins and schedules with the table of transitions and their names on the wire, the JSON
 * of a pin's texts, and the hashes that identify equivalent requests.
 */
#include "lib/pin.h"

#include <stdlib.h>
#include <string.h>

#include "lib/crypto.h"
#include "lib/json.h"
#include "lib/log.h"
#include "lib/text.h"
#include "lib/xalloc.h"

#define MOVE(s) (1u << (s))

static const unsigned moves[PIN_STATE__COUNT] = {
	[PIN_PLANNED] =
	    MOVE(PIN_WAITING) | MOVE(PIN_VERIFYING) | MOVE(PIN_CANCELED) | MOVE(PIN_FAILED),
	[PIN_WAITING] =
	    MOVE(PIN_SENDING) | MOVE(PIN_VERIFYING) | MOVE(PIN_FAILED) | MOVE(PIN_CANCELED),
	[PIN_SENDING] =
	    MOVE(PIN_WAITING) | MOVE(PIN_VERIFYING) | MOVE(PIN_PUBLISHED) | MOVE(PIN_FAILED),
	[PIN_VERIFYING] = MOVE(PIN_WAITING) | MOVE(PIN_PUBLISHED) | MOVE(PIN_FAILED),
	[PIN_FAILED] =
	    MOVE(PIN_WAITING) | MOVE(PIN_PLANNED) | MOVE(PIN_VERIFYING) | MOVE(PIN_PUBLISHED),
};

bool
pin_may_follow(enum pin_state from, enum pin_state to)
{
	return (unsigned)from < PIN_STATE__COUNT && (unsigned)to < PIN_STATE__COUNT &&
	       (moves[from] & MOVE(to)) != 0;
}

const char *
pin_state_name(enum pin_state s)
{
	switch (s) {
	case PIN_PLANNED: return "planned";
	case PIN_WAITING: return "waiting";
	case PIN_SENDING: return "sending";
	case PIN_VERIFYING: return "verifying";
	case PIN_PUBLISHED: return "published";
	case PIN_FAILED: return "failed";
	case PIN_CANCELED: return "canceled";
	case PIN_STATE__COUNT: break;
	}
	panic("event=unknown_pin_state state=%d", (int)s);
}

const char *
attempt_wire(int64_t outcome)
{
	static const char *const names[] = {
		"open",
		[ATTEMPT_PUBLISHED] = "published",
		[ATTEMPT_REFUSED] = "refused",
		[ATTEMPT_UNKNOWN] = "unknown",
		[ATTEMPT_NOT_SENT] = "not_sent",
	};

	return outcome > 0 && outcome <= ATTEMPT_NOT_SENT ? names[outcome] : names[0];
}

const char *
pin_wire(enum pin_state s, bool deferred)
{
	switch (s) {
	case PIN_WAITING: return deferred ? "deferred" : "queued";
	case PIN_SENDING:
	case PIN_VERIFYING: return "publishing";
	case PIN_PUBLISHED: return "published";
	case PIN_FAILED: return "failed";
	case PIN_PLANNED:
	case PIN_CANCELED:
	case PIN_STATE__COUNT: break;
	}
	return NULL;
}

const char *
schedule_wire(enum pin_state s, bool deferred)
{
	switch (s) {
	case PIN_PLANNED: return "scheduled";
	case PIN_WAITING: return deferred ? "deferred" : "queued";
	case PIN_SENDING:
	case PIN_VERIFYING: return "running";
	case PIN_PUBLISHED: return "done";
	case PIN_FAILED: return "failed";
	case PIN_CANCELED: return "canceled";
	case PIN_STATE__COUNT: break;
	}
	return NULL;
}

void
pin_put_texts(struct json_object *o, const struct pin_content *c)
{
	json_put_text(o, "board_id", c->board_id);
	json_put_text(o, "title", c->title);
	json_put_text(o, "description", c->description);
	json_put_text(o, "link_url", c->link_url);
	json_put_text(o, "alt_text", c->alt_text);
	json_put(o, "related_terms",
	    c->related_terms != NULL ? json_tokener_parse(c->related_terms) : NULL);
	json_put_text(o, "dominant_color", c->dominant_color);
}

void
pin_put_labels(struct json_object *o, const struct pin_content *c)
{
	json_put_text(o, "external_id", c->external_id);
	json_put_text(o, "campaign", c->campaign);
}

static void
hash_json(struct json_object *o, unsigned char out[32])
{
	size_t len;
	const char *text = json_dump(o, &len);

	crypto_sha256(text, len, out);
	json_object_put(o);
}

void
pin_new_hash(const struct pin_new *p, unsigned char out[32])
{
	struct json_object *o = json_object_new_object();

	json_put_uuid(o, "account_id", &p->account_id);
	pin_put_texts(o, &p->content);
	json_put_text(o, "image_url", p->content.image_url);
	json_put_text(o, "cover_image_url", p->content.cover_image_url);
	json_put_uuid(o, "asset_id", &p->content.asset_id);
	json_put_uuid(o, "cover_asset_id", &p->content.cover_asset_id);
	json_put_text(o, "idempotency_key", p->idempotency_key);
	pin_put_labels(o, &p->content);
	json_put_time(o, "run_at", p->run_at_us);
	json_put_time(o, "not_after", p->not_after_us);
	hash_json(o, out);
}

/* Texts that Pinterest shows alike are the same: see verify_match.c. */
static void
add_text(struct json_object *list, const char *text)
{
	char *shown = text != NULL ? text_squeeze(xmalloc(strlen(text) + 1), text) : NULL;
	bool none = shown == NULL || shown[0] == '\0';

	json_object_array_add(list, none ? NULL : json_object_new_string(shown));
	free(shown);
}

void
pin_text_hash(const char *board_id, const char *title, const char *description,
    const char *link_url, unsigned char out[32])
{
	struct json_object *list = json_object_new_array();

	add_text(list, board_id);
	add_text(list, title);
	add_text(list, description);
	add_text(list, link_url);
	hash_json(list, out);
}
