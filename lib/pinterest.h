#ifndef LIB_PINTEREST_H
#define LIB_PINTEREST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/clock.h"

struct arena;

/*
 * Pinterest v5 requests and answers, pure: no I/O. Shapes by contract/pinterest-v5.md 1 and the
 * OpenAPI document 5.23.0; answers are untrusted (any type may be wrong, any field missing).
 */

/* What one create sends; also, as JSON, the snapshot kept in attempts.snapshot. */
struct pinterest_create {
	const char *board_id;
	const char *title;
	const char *description;
	const char *link;
	const char *alt_text;
	const char *dominant_color;
	const char *image_url;
};
/* Body of POST /pins, in the arena. NULL fields are left out. */
const char *pinterest_create_body(const struct pinterest_create *c, struct arena *mem);
/* Reads such a body (or snapshot) back. 0, or -1: damaged, or without board or image. */
MUST_CHECK int pinterest_create_parse(
    struct pinterest_create *c, const char *json, struct arena *mem);

/* An error body. Missing parts: code 0, message "". */
struct pinterest_error {
	int64_t code;
	const char *message; /* with message_detail behind it; at most 500 bytes, valid UTF-8 */
};
void pinterest_error_parse(
    struct pinterest_error *e, const char *body, size_t len, struct arena *mem);

/* A pin as Pinterest shows it. */
struct pinterest_pin {
	const char *id;
	const char *board_id;
	const char *title;
	const char *description;
	const char *link;
	const char *alt_text;
	int64_t created_us; /* TIME_NONE: absent */
	bool is_owner;      /* true when absent */
};
/* 0 when there is a usable (decimal) id, else -1. */
MUST_CHECK int pinterest_pin_parse(
    struct pinterest_pin *p, const char *body, size_t len, struct arena *mem);

struct pinterest_page {
	struct pinterest_pin *pins;
	size_t len;
	const char *bookmark; /* NULL: the last page */
};
/* -1 also when one entry has no usable id: such a page proves no absence. */
MUST_CHECK int pinterest_page_parse(
    struct pinterest_page *p, const char *body, size_t len, struct arena *mem);

struct pinterest_board {
	const char *id;
	const char *name;
	const char *description;
	const char *privacy;
};
struct pinterest_boards {
	struct pinterest_board *boards;
	size_t len;
	const char *bookmark;
};
MUST_CHECK int pinterest_board_parse(
    struct pinterest_board *b, const char *body, size_t len, struct arena *mem);
MUST_CHECK int pinterest_boards_parse(
    struct pinterest_boards *b, const char *body, size_t len, struct arena *mem);

/* Answer of POST /oauth/token. */
struct pinterest_token {
	const char *access_token;
	const char *refresh_token;    /* NULL: none came, the old one stays good */
	const char *scope;            /* as granted, separators made ','; NULL: not said */
	int64_t expires_in_s;         /* not said: the documented 30 days */
	int64_t refresh_expires_in_s; /* 0: not said */
};
MUST_CHECK int pinterest_token_parse(
    struct pinterest_token *t, const char *body, size_t len, struct arena *mem);
/* Form bodies for it. */
const char *pinterest_code_form(const char *code, const char *redirect_uri, struct arena *mem);
const char *pinterest_refresh_form(const char *refresh_token, struct arena *mem);

struct pinterest_user {
	const char *id;
	const char *username;
	const char *name; /* business_name, or NULL */
};
/* -1 when both id and username are missing; one of them may be NULL. */
MUST_CHECK int pinterest_user_parse(
    struct pinterest_user *u, const char *body, size_t len, struct arena *mem);

/*
 * Seconds to wait by x-ratelimit-reset and Retry-After (either may be NULL or nonsense): the larger
 * of the usable ones, at most 24 h; a value over 10^9 is an epoch (then now_us counts). 0: none.
 * contract/pinterest-v5.md 2.2.
 */
int64_t pinterest_wait_s(const char *ratelimit_reset, const char *retry_after, int64_t now_us);
/* The window in seconds of the policy nearest exhaustion ("100, 100;w=1, 1000;w=60"); 0 unknown. */
int64_t pinterest_window_s(const char *ratelimit_limit);
/* Scopes of `wanted` (comma-separated) that `granted` lacks, comma-separated in the arena, or "".
 */
const char *pinterest_missing_scopes(const char *wanted, const char *granted, struct arena *mem);

#endif
