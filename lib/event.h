#ifndef LIB_EVENT_H
#define LIB_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/crypto.h"
#include "lib/pin.h"
#include "lib/uuid.h"

struct arena;
struct json_object;

/*
 * Every type of event: its constant, its number (events.type, and a bit of webhooks.events), its
 * name on the wire. A new type is a line here and a call of store_events() where it happens.
 */
#define EVENT_TYPES(X)                                                                             \
	X(EVENT_PIN_PUBLISHED, 1, "pin.published")                                                 \
	X(EVENT_PIN_FAILED, 2, "pin.failed")
#define EVENT_TYPE_ENUM(type, number, name) type = (number),
enum event_type { EVENT_TYPES(EVENT_TYPE_ENUM) EVENT_TYPE__END };
#define EVENT_USER_AGENT "Pintempo/" /* of deliveries; the version follows */
bool event_type_known(int64_t number);
const char *event_type_name(enum event_type t); /* "pin.published" */
/* Bit of a webhook's `events` set. */
#define EVENT_BIT(t) (1u << ((t)-1))

/* What an event is about. Stored in events.subject_type. */
enum event_subject {
	EVENT_OF_PIN = 1,
	EVENT_OF_SCHEDULE = 2,
	EVENT_OF_ACCOUNT = 3,
	EVENT_OF_IMPORT = 4,
	EVENT_OF_WEBHOOK = 5
};

/* Stored in deliveries.state. */
enum deliver_state {
	DELIVER_PENDING = 0,
	DELIVER_DELIVERED = 1,
	DELIVER_GIVEN_UP = 2,
	DELIVER_SKIPPED = 3, /* the endpoint was disabled */
	DELIVER_CANCELED = 4 /* the endpoint was deleted or is gone */
};
/* "pending", "delivered", "given_up", "skipped", "canceled"; NULL: no such state. */
const char *deliver_wire(int64_t state);

struct event {
	enum event_type type;
	struct uuid id;
	int64_t at_us;
	struct uuid project_id;
	const char *environment; /* "production" | "sandbox" */
	enum event_subject subject;
	struct uuid subject_id;
	struct uuid account_id; /* the Pinterest account it speaks of; nil: of none alone */
	int64_t version;        /* of the subject: receivers ignore what is not newer */
	/* Adds the fields of the type, from `facts`; the common ones stand around them. */
	void (*put)(struct json_object *o, const void *facts);
	const void *facts;
};

/* The facts of pin.published and pin.failed, for event_put_pin(). */
struct event_pin {
	struct uuid account_id;
	struct uuid pin_id;         /* nil: a schedule that never became a pin */
	struct uuid schedule_id;    /* nil: none */
	const char *status;         /* wire status */
	struct pin_content content; /* board_id and labels */
	const char *pinterest_pin_id;
	const char *error_code;
	const char *error_message;
	int64_t run_at_us;
	int64_t published_at_us;
};
void event_put_pin(struct json_object *o, const void *event_pin);

#define EVENT_BODY_MAX 20000

/*
 * The body, stored once as bytes: one flat JSON object that serves PinBridge receivers (`event`,
 * `pin_id`, `status`, `board_id`) and Standard Webhooks (`type`, `timestamp`, the same under
 * `data`). In the arena.
 */
const char *event_body(const struct event *e, struct arena *mem, size_t *len);

/*
 * Signatures of one delivery attempt, as header values. PinBridge: lower-case hex HMAC-SHA256 of
 * the body, keyed with the secret's UTF-8 bytes. Standard Webhooks 1.0.0: "v1," and base64
 * HMAC-SHA256 of "id.timestamp.body", keyed with the decoded `whsec_` part when the secret has that
 * form (of any length, as receivers' libraries decode it), else with the secret's UTF-8 bytes.
 */
void event_sign_pinbridge(
    const char *secret, const void *body, size_t len, char out[SHA256_HEX_SIZE]);
/* False: begins with `whsec_`, but receivers' libraries cannot decode the rest as base64. */
MUST_CHECK bool event_secret_usable(const char *secret);
#define EVENT_SIGNATURE_SIZE 48
void event_sign_standard(const char *secret, const char *id, int64_t timestamp_s, const void *body,
    size_t len, char out[EVENT_SIGNATURE_SIZE]);

#endif
