#ifndef APP_HTTP_PLACES_H
#define APP_HTTP_PLACES_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/uuid.h"

/*
 * A slow thing that one thread does at a time, for which others wait in fair shares. All threads
 * inside, at work or waiting, are limited in number. When there is no room, whoever has two more
 * inside than the one who comes loses the newest that waits (one more, if `known` comes, and what
 * waits is not).
 */
struct places;

/* At most `most` threads inside, and at least one. */
struct places *places_new(int most);
void places_free(struct places *p);
/* Waits for the turn, `known` ones first. False: no room, or not in time; the caller answers 503.
 */
MUST_CHECK bool places_enter(struct places *p, const struct uuid *who, bool known, int64_t wait_ms);
/* How many have come in so far. */
uint64_t places_come(struct places *p);
/* Ends the work that places_enter() began. */
void places_leave(struct places *p);

#endif
