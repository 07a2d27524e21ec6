/* Webhook bodies and signatures. A body is built once and its bytes are stored. */
#include "lib/event.h"

#include <stdio.h>
#include <string.h>

#include "lib/arena.h"
#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "lib/log.h"
#include "lib/utf8.h"

#define ERROR_MESSAGE_BYTES 900
#define STANDARD_PREFIX "whsec_"
#define STANDARD_KEY_MAX 192 /* a secret has at most 255 bytes */

const char *
event_type_name(enum event_type t)
{
#define EVENT_TYPE_NAME(type, number, name)                                                        \
	case type: return name;
	switch (t) {
		EVENT_TYPES(EVENT_TYPE_NAME)
	case EVENT_TYPE__END: break;
	}
	panic("event=unknown_event_type type=%d", (int)t);
}

bool
event_type_known(int64_t number)
{
	return number >= EVENT_PIN_PUBLISHED && number < EVENT_TYPE__END;
}

static void
put_error_message(struct json_object *o, const char *text)
{
	size_t len;

	if (text == NULL) {
		json_put_text(o, "error_message", NULL);
		return;
	}
	len = utf8_cut(text, strlen(text), ERROR_MESSAGE_BYTES);
	json_put(o, "error_message", json_object_new_string_len(text, (int)len));
}

void
event_put_pin(struct json_object *o, const void *event_pin)
{
	const struct event_pin *e = event_pin;

	json_put_uuid(o, "pin_id", &e->pin_id);
	json_put_uuid(o, "schedule_id", &e->schedule_id);
	json_put_uuid(o, "account_id", &e->account_id);
	json_put_text(o, "board_id", e->content.board_id);
	json_put_text(o, "status", e->status);
	json_put_text(o, "pinterest_pin_id", e->pinterest_pin_id);
	json_put_text(o, "error_code", e->error_code);
	put_error_message(o, e->error_message);
	pin_put_labels(o, &e->content);
	json_put_time(o, "run_at", e->run_at_us);
	json_put_time(o, "published_at", e->published_at_us);
}

static void
put_facts(struct json_object *o, const struct event *e)
{
	json_put_text(o, "environment", e->environment);
	json_put_project(o, "workspace_id", &e->project_id);
	e->put(o, e->facts);
	json_put_int(o, "version", e->version);
}

const char *
event_body(const struct event *e, struct arena *mem, size_t *len)
{
	struct json_object *o = json_object_new_object(), *data = json_object_new_object();
	const char *text;

	json_put_text(o, "event", event_type_name(e->type));
	json_put_text(o, "type", event_type_name(e->type));
	json_put_uuid(o, "event_id", &e->id);
	json_put_time(o, "timestamp", e->at_us);
	put_facts(o, e);
	put_facts(data, e);
	json_put(o, "data", data);
	text = json_dump(o, len);
	if (*len > EVENT_BODY_MAX)
		panic("event=event_body_too_long bytes=%zu", *len);
	text = arena_strndup(mem, text, *len);
	json_object_put(o);
	return text;
}

void
event_sign_pinbridge(const char *secret, const void *body, size_t len, char out[SHA256_HEX_SIZE])
{
	unsigned char mac[SHA256_SIZE];

	crypto_hmac_sha256(secret, strlen(secret), body, len, mac);
	crypto_hex(mac, sizeof mac, out);
}

/* Bytes in key; 0 when the secret is not `whsec_` and base64. */
static size_t
decode_standard_key(const char *secret, unsigned char key[STANDARD_KEY_MAX])
{
	int n;

	if (strncmp(secret, STANDARD_PREFIX, strlen(STANDARD_PREFIX)) != 0)
		return 0;
	n = crypto_base64_decode(secret + strlen(STANDARD_PREFIX), false, key, STANDARD_KEY_MAX);
	return n > 0 ? (size_t)n : 0;
}

bool
event_secret_usable(const char *secret)
{
	unsigned char key[STANDARD_KEY_MAX];
	bool standard = strncmp(secret, STANDARD_PREFIX, strlen(STANDARD_PREFIX)) == 0;
	bool usable = !standard || decode_standard_key(secret, key) > 0;

	crypto_wipe(key, sizeof key);
	return usable;
}

void
event_sign_standard(const char *secret, const char *id, int64_t timestamp_s, const void *body,
    size_t len, char out[EVENT_SIGNATURE_SIZE])
{
	unsigned char key[STANDARD_KEY_MAX], mac[SHA256_SIZE];
	size_t key_len = decode_standard_key(secret, key);
	struct buf text;

	buf_init(&text, len + strlen(id) + 32);
	buf_printf(&text, "%s.%lld.", id, (long long)timestamp_s);
	buf_add(&text, body, len);
	if (key_len > 0)
		crypto_hmac_sha256(key, key_len, text.data, text.len, mac);
	else
		crypto_hmac_sha256(secret, strlen(secret), text.data, text.len, mac);
	memcpy(out, "v1,", 3);
	crypto_base64(mac, sizeof mac, out + 3);
	crypto_wipe(key, sizeof key);
	buf_free(&text);
}

const char *
deliver_wire(int64_t state)
{
	static const char *const names[] = {
		[DELIVER_PENDING] = "pending",
		[DELIVER_DELIVERED] = "delivered",
		[DELIVER_GIVEN_UP] = "given_up",
		[DELIVER_SKIPPED] = "skipped",
		[DELIVER_CANCELED] = "canceled",
	};

	return state >= 0 && state <= DELIVER_CANCELED ? names[state] : NULL;
}
