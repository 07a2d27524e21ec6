#ifndef LIB_EVENT_H
#define LIB_EVENT_H

#include <stddef.h>
#include <stdint.h>

#include "lib/crypto.h"
#include "lib/uuid.h"

struct arena;

/* Terminal transitions that webhooks report. Stored in events.type. */
enum event_type { EVENT_PIN_PUBLISHED = 1, EVENT_PIN_FAILED = 2 };
const char *event_type_name(enum event_type t); /* "pin.published" */
/* Bit of a webhook's `events` set. */
#define EVENT_BIT(t) (1u << ((t)-1))

struct event_pin {
	enum event_type type;
	struct uuid id; /* the event */
	int64_t at_us;
	struct uuid project_id, account_id;
	struct uuid pin_id;      /* nil: the schedule never became a pin */
	struct uuid schedule_id; /* nil: none */
	const char *environment; /* "production" | "sandbox" */
	const char *status;      /* wire status */
	const char *board_id;
	const char *pinterest_pin_id;
	const char *error_code;
	const char *error_message;
	const char *external_id;
	const char *campaign;
	int64_t run_at_us;
	int64_t published_at_us;
	int64_t version; /* of the pin; receivers ignore older or equal ones */
};

#define EVENT_BODY_MAX 20000

/*
 * The body, stored once as bytes: one flat JSON object that serves PinBridge receivers (`event`,
 * `pin_id`, `status`, `board_id`) and Standard Webhooks (`type`, `timestamp`, the same under
 * `data`). In the arena.
 */
const char *event_body(const struct event_pin *e, struct arena *mem, size_t *len);

/*
 * Signatures of one delivery attempt, as header values. PinBridge: lower-case hex HMAC-SHA256 of
 * the body, keyed with the secret's UTF-8 bytes. Standard Webhooks 1.0.0: "v1," and base64
 * HMAC-SHA256 of "id.timestamp.body", keyed with the decoded `whsec_` part when the secret has that
 * form (of any length, as receivers' libraries decode it), else with the secret's UTF-8 bytes.
 */
void event_sign_pinbridge(
    const char *secret, const void *body, size_t len, char out[SHA256_HEX_SIZE]);
#define EVENT_SIGNATURE_SIZE 48
void event_sign_standard(const char *secret, const char *id, int64_t timestamp_s, const void *body,
    size_t len, char out[EVENT_SIGNATURE_SIZE]);

#endif
