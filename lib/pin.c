/*
 * States of pins and schedules with the table of transitions, wait codes, their names on the wire,
 * and the hashes that identify equivalent requests.
 */
#include "lib/pin.h"

#include <string.h>

#include "lib/crypto.h"
#include "lib/json.h"
#include "lib/log.h"

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

static const struct {
	const char *code;
	const char *message;
} waits[WAIT__COUNT] = {
	[WAIT_PACE] = { "rate_limited",
	    "Waiting for the next slot of the account's pace; it publishes on its own." },
	[WAIT_DAILY_CAP] = { "rate_limited",
	    "The account reached its daily number of pins; it publishes on its own." },
	[WAIT_COOL_DOWN] = { "rate_limited", "Pinterest asked the account or the operator's app to "
					     "slow down; it publishes on its own." },
	[WAIT_SPAM_BLOCK] = { "rate_limited",
	    "Pinterest blocked the account for a while against spam; it publishes on its own." },
	[WAIT_UPSTREAM_DOWN] = { "pinterest_unavailable",
	    "Pinterest does not answer; it publishes on its own." },
	[WAIT_ACCOUNT_PAUSED] = { "paused", "The account is paused." },
	[WAIT_PROJECT_PAUSED] = { "paused", "The workspace is paused." },
	[WAIT_RECONNECT] = { "token_revoked",
	    "The Pinterest account has to be connected again by its owner." },
	[WAIT_APP_STOPPED] = { "pinterest_not_permitted",
	    "Pinterest refuses the operator's app; the operator has to act." },
	[WAIT_RETRY] = { NULL, "A try failed; the next one is due later." },
	[WAIT_VERIFYING] = { "verification_pending",
	    "An earlier pin of the account is still being verified." },
	[WAIT_LINK_HOST] = { "rate_limited",
	    "Pins to this link's host are spaced out or held for a while." },
	[WAIT_SAME_TEXT] = { "verification_pending",
	    "A pin of the same text on the same board is being verified." },
	[WAIT_TOKEN] = { "token_expired",
	    "The account's access token expired and Pinterest has not given a new one yet; it is "
	    "asked again and again." },
	[WAIT_KEY_MISMATCH] = { "pinterest_not_permitted",
	    "The operator's key file does not open the account's token; the operator has to act." },
};

const char *
wait_wire_code(enum wait_code w)
{
	return (unsigned)w < WAIT__COUNT ? waits[w].code : NULL;
}

const char *
wait_message(enum wait_code w)
{
	return (unsigned)w < WAIT__COUNT ? waits[w].message : NULL;
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

static void
add_text(struct json_object *list, const char *text)
{
	bool none = text == NULL || text[0] == '\0';

	json_object_array_add(list, none ? NULL : json_object_new_string(text));
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
