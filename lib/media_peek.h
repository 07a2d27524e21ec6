#ifndef LIB_MEDIA_PEEK_H
#define LIB_MEDIA_PEEK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/http.h"
#include "lib/media.h"

struct addr_policy;
struct arena;

/*
 * A peek: fetching the head of a pin's image to tell what Pinterest's fetcher will meet. This is
 * the pure part, shared by programs with different transports: it says what to fetch next, takes
 * the answer, and judges. Bounded: MEDIA_PEEK_BYTES of the last answer, MEDIA_PEEK_REDIRECTS, and
 * the time that the caller gives to all of it. Never with credentials or cookies, and never where
 * url_target_fault() with `policy` objects; names are checked by address when connecting.
 */
#define MEDIA_PEEK_BYTES 65536
#define MEDIA_PEEK_RANGE "bytes=0-65535" /* these */
#define MEDIA_PEEK_REDIRECTS 3
#define MEDIA_PEEK_ACCEPT "image/*,*/*;q=0.8"

enum media_grade {
	MEDIA_FINE,
	MEDIA_DOUBT, /* it may fail, or passes by itself */
	MEDIA_WRONG  /* it cannot work as it is */
};
struct media_finding {
	enum media_grade grade;
	const char *code;    /* of docs/api.md */
	const char *message; /* whole sentences */
	const char *remedy;  /* or NULL */
};

/* What one GET brought. Borrowed until media_peek_take() returns. */
struct media_answer {
	enum http_fault fault;
	bool own;          /* HTTP_F_BLOCKED: only as an address of this host */
	const char *error; /* transport error in words, or NULL */
	const char *ip;    /* of the peer; "" or NULL: none */
	long status;       /* 0: none */
	const char *location, *type, *length, *range, *encoding; /* headers, or NULL */
	const void *body;
	size_t body_len;
	bool complete; /* the body arrived whole, not cut by us or by a fault */
};

struct media_peek {
	/* in */
	struct arena *mem;
	const struct addr_policy *policy;
	bool public_only; /* Pinterest itself fetches: what only we may reach is a doubt */
	/* the next fetch */
	const char *url;
	bool ranged; /* ask for the first MEDIA_PEEK_BYTES only */
	/* what was seen */
	long status;      /* of the last answer; 0: none */
	const char *type; /* its Content-Type, without parameters; NULL: none that can be shown */
	struct media_head head;
	bool sniffed;   /* head is known */
	int64_t size;   /* bytes of the whole file; -1: not told */
	size_t fetched; /* of them here */
	const char *visited[MEDIA_PEEK_REDIRECTS + 1];
	size_t redirects; /* followed: visited[1..] */
	struct media_finding findings[12];
	size_t findings_len;
};

/*
 * What the URL alone tells. due_us: when it will be fetched; TIME_NONE: signatures are not looked
 * at. True: fetch p->url, then media_peek_take().
 */
MUST_CHECK bool media_peek_begin(
    struct media_peek *p, const char *url, int64_t now_us, int64_t due_us);
/* True: fetch p->url, too. */
MUST_CHECK bool media_peek_take(struct media_peek *p, const struct media_answer *a);
/* All findings as one, with the worst grade and its code. MEDIA_FINE: message says what was seen.
 */
struct media_finding media_peek_report(const struct media_peek *p);

#endif
