#ifndef APP_SANDBOX_MEDIA_H
#define APP_SANDBOX_MEDIA_H

#include <stdbool.h>

struct call;
struct json_object;

/*
 * media_source of POST /pins (contract/pinterest-v5.md 1.2). media_check(): shape and limits alone,
 * without the network. media_take(): fetches or decodes the pictures; the pin's `media` as JSON
 * text in the arena. False and NULL: the reply is set.
 */
bool media_check(struct call *c, struct json_object *source);
const char *media_take(struct call *c, struct json_object *source);

#endif
