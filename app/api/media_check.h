#ifndef APP_API_MEDIA_CHECK_H
#define APP_API_MEDIA_CHECK_H

#include <stdint.h>

#include "lib/media_peek.h"

struct call;
struct json_object;

/*
 * Fetches the head of an image while the client waits: [outbound] image_timeout_ms in all, at most
 * half of the threads less one at once, and a quarter for one project. Never call it in a
 * transaction.
 */
enum media_check_result {
	MEDIA_CHECK_FETCHED,
	MEDIA_CHECK_ADDRESS, /* the address alone was judged: it may not be fetched */
	MEDIA_CHECK_OFF,     /* likewise: the operator turned it off */
	MEDIA_CHECK_BUSY     /* likewise: too many are under way */
};
/* *p holds what was found. due_us: when Pinterest will fetch it. */
enum media_check_result media_check(
    struct call *c, const char *url, int64_t due_us, struct media_peek *p);
/* What was seen, for clients. */
struct json_object *media_check_json(const struct media_peek *p);

#endif
