#ifndef LIB_PINTEREST_H
#define LIB_PINTEREST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/clock.h"

struct arena;

/*
 * Requests and answers of the Pinterest API v5 (OpenAPI document 5.23.0); pure. Answers are
 * untrusted: any type may be wrong and any field missing.
 */

/* The content of one create. As JSON it is also the snapshot in attempts.snapshot. */
struct pinterest_create {
	const char *board_id;
	const char *title;
	const char *description;
	const char *link_url;
	const char *alt_text;
	const char *dominant_color;
	const char *image_url;
};
/* Body of POST /pins, in the arena, without the NULL fields. */
const char *pinterest_create_body(const struct pinterest_create *c, struct arena *mem);
/* Parses such a body or snapshot. 0, or -1: damaged, or without board or image. */
MUST_CHECK int pinterest_create_parse(
    struct pinterest_create *c, const char *json, struct arena *mem);

/* An error body. Missing parts: code 0, message "". */
struct pinterest_error {
	bool whole; /* an object with an integer code and a text message: Pinterest's own shape */
	int64_t code;
	const char *message; /* followed by message_detail; at most 500 bytes, valid UTF-8 */
};
void pinterest_error_parse(
    struct pinterest_error *e, const char *body, size_t len, struct arena *mem);

/*
 * Does this answer to a call for one pin say that the pin is not there? A 404 alone does not: a
 * proxy or a wrong address answers so, too.
 */
MUST_CHECK bool pinterest_pin_gone(long status, const char *body, size_t len, struct arena *mem);
/* Does a 404 with this code say that the board, its section or the pin is not there? */
MUST_CHECK bool pinterest_says_gone(const struct pinterest_error *e);
/* Is the body a JSON object? */
MUST_CHECK bool pinterest_is_object(const char *body, size_t len);

/* A pin in an answer of Pinterest. */
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
/* 0, or -1 without a usable (decimal) id. */
MUST_CHECK int pinterest_pin_parse(
    struct pinterest_pin *p, const char *body, size_t len, struct arena *mem);
/* A copy whose texts are in `mem`. */
struct pinterest_pin pinterest_pin_copy(const struct pinterest_pin *p, struct arena *mem);

struct pinterest_page {
	struct pinterest_pin *pins;
	size_t len;
	const char *bookmark; /* NULL: the last page */
};
/* -1 also when an entry has no usable id: such a page does not prove absence. */
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
	const char *refresh_token;    /* NULL: none sent, the old one stays valid */
	const char *scope;            /* scopes_list() of what was granted; NULL: not sent */
	int64_t expires_in_s;         /* the documented 30 days when not sent */
	int64_t refresh_expires_in_s; /* 0: not sent */
};
MUST_CHECK int pinterest_token_parse(
    struct pinterest_token *t, const char *body, size_t len, struct arena *mem);
/* Form bodies of POST /oauth/token. */
const char *pinterest_code_form(const char *code, const char *redirect_uri, struct arena *mem);
const char *pinterest_refresh_form(const char *refresh_token, struct arena *mem);

struct pinterest_user {
	const char *id;
	const char *username; /* at most 255 bytes, as the name */
	const char *name;     /* business_name, or NULL */
};
/* -1 when both id and username are missing; one of them may be NULL. */
MUST_CHECK int pinterest_user_parse(
    struct pinterest_user *u, const char *body, size_t len, struct arena *mem);

/*
 * Seconds to wait according to x-ratelimit-reset and Retry-After (either may be NULL or invalid):
 * the larger valid one, at most 24 h. A value over 10^9 is seconds since the epoch, compared with
 * now_us. 0: none.
 */
int64_t pinterest_wait_s(const char *ratelimit_reset, const char *retry_after, int64_t now_us);
/* The window in seconds of the policy nearest exhaustion ("100, 100;w=1, 1000;w=60"); 0 unknown. */
int64_t pinterest_window_s(const char *ratelimit_limit);

#endif
