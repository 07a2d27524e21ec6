#ifndef LIB_PIN_H
#define LIB_PIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/uuid.h"

struct arena;
struct json_object;
struct problem;

/*
 * States of pins and schedules, stored in pins.state and schedules.state. lib/pin.c has the table
 * of transitions, docs/design.md draws it.
 */
enum pin_state {
	PIN_PLANNED = 0, /* schedule only */
	PIN_WAITING = 1,
	PIN_SENDING = 2,
	PIN_VERIFYING = 3,
	PIN_PUBLISHED = 4,
	PIN_FAILED = 5,
	PIN_CANCELED = 6, /* schedule only */
	PIN_STATE__COUNT
};

/* True when `to` may follow `from`. */
MUST_CHECK bool pin_may_follow(enum pin_state from, enum pin_state to);
/* Internal name, for logs: "waiting". */
const char *pin_state_name(enum pin_state s);
/* Wire names; `deferred`: the pin waits for its lane, account, project or app. */
const char *pin_wire(enum pin_state s, bool deferred); /* planned and canceled have none: NULL */
const char *schedule_wire(enum pin_state s, bool deferred);

/* How one attempt to create a pin ended: attempts.outcome; NULL while it is open. */
enum attempt_outcome {
	ATTEMPT_PUBLISHED = 1, /* answered with an id */
	ATTEMPT_REFUSED = 2,   /* answered with an error: nothing was created */
	ATTEMPT_UNKNOWN = 3,   /* it may have been created */
	ATTEMPT_NOT_SENT = 4   /* the request never left */
};
/* "published", "refused", "unknown", "not_sent"; "open" for any other number. */
const char *attempt_wire(int64_t outcome);

/*
 * What a pin says and shows, the same for its schedule. Its columns are those of
 * sql/group/pin_content.sql. Text lives in the arena; NULL is absent. The nil UUID: no file.
 */
struct pin_content {
	const char *board_id;
	const char *title;
	const char *description;
	const char *link_url;
	const char *alt_text;
	const char *related_terms;  /* canonical JSON array text */
	const char *dominant_color; /* "#E88A2D" */
	const char *image_url;
	struct uuid asset_id; /* an uploaded file, in place of image_url */
	const char *cover_image_url;
	struct uuid cover_asset_id;
	const char *external_id; /* <= 255 */
	const char *campaign;    /* <= 255 */
};

/* The checked content of a new pin, schedule or import row. Text is in the arena; NULL: absent. */
struct pin_new {
	struct uuid account_id;
	struct pin_content content;
	const char *idempotency_key;
	int64_t run_at_us;    /* TIME_NONE: at once */
	int64_t not_after_us; /* TIME_NONE: the default */
};

enum pin_form { PIN_FORM_PIN, PIN_FORM_SCHEDULE, PIN_FORM_ROW };

/*
 * JSON -> checked record, with the limits of docs/api.md. Pure. Adds each wrong field to `why`.
 * idempotency_key: required in PIN_FORM_PIN and PIN_FORM_ROW, optional in PIN_FORM_SCHEDULE.
 * run_at: required in PIN_FORM_SCHEDULE, refused in PIN_FORM_PIN, optional in PIN_FORM_ROW, always
 * after now_us (for rows: the time of the import). not_after must be after run_at and now; both
 * within the next 100 years. Unknown fields are refused.
 * 0 or -1.
 */
MUST_CHECK int pin_new_decode(struct pin_new *out, enum pin_form form, struct json_object *in,
    int64_t now_us, struct arena *mem, struct problem *why);
/* NULL if it may be the id of a board on Pinterest, or why not (static). */
const char *pin_board_fault(const char *text);
/* 2.17583E+17 or 217582604819265000.0: what a spreadsheet makes of an id. */
MUST_CHECK bool pin_id_rounded(const char *text);
#define PIN_ID_ROUNDED "is a number as a spreadsheet shows it, rounded: format the column as text"
/* The fields that it knows, also the columns of a CSV import. NULL: there is no i-th one. */
#define PIN_FIELDS_MAX 32
#define PIN_TERMS_MAX 30 /* related_terms of one pin */
const char *pin_field_name(size_t i);

/* Fields named by a PATCH, as bits of `set`. A field that is set and NULL is cleared. */
enum pin_field {
	PIN_F_RUN_AT = 1 << 0,
	PIN_F_BOARD = 1 << 1,
	PIN_F_TITLE = 1 << 2,
	PIN_F_DESCRIPTION = 1 << 3,
	PIN_F_LINK = 1 << 4,
	PIN_F_ALT = 1 << 5,
	PIN_F_IMAGE = 1 << 6, /* image_url or asset_id: setting one drops the other */
	PIN_F_COVER = 1 << 7,
	PIN_F_TERMS = 1 << 8,
	PIN_F_COLOR = 1 << 9,
	PIN_F_NOT_AFTER = 1 << 10,
	PIN_F_EXTERNAL_ID = 1 << 11,
	PIN_F_CAMPAIGN = 1 << 12
};
struct pin_patch {
	unsigned set; /* PIN_F_* */
	struct pin_new to;
};
/* Like pin_new_decode(), for the PATCH of a schedule or pin: at least one field. 0 or -1. */
MUST_CHECK int pin_patch_decode(struct pin_patch *out, enum pin_form form, struct json_object *in,
    int64_t now_us, struct arena *mem, struct problem *why);
/* The content after the patch. */
void pin_patch_apply(const struct pin_patch *p, struct pin_content *c);
/* Adds the texts, and the labels, as clients see them. */
void pin_put_texts(struct json_object *o, const struct pin_content *c);
void pin_put_labels(struct json_object *o, const struct pin_content *c);

/* SHA-256 of the canonical form: equal for equivalent requests. */
void pin_new_hash(const struct pin_new *p, unsigned char out[32]);
/* SHA-256 of board, title, description and link, runs of blanks as one: tells "same text on the
 * same board". */
void pin_text_hash(const char *board_id, const char *title, const char *description,
    const char *link_url, unsigned char out[32]);

#endif
