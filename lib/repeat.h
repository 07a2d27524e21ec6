#ifndef LIB_REPEAT_H
#define LIB_REPEAT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"

/*
 * Lines of one kind beyond a number in a minute are counted instead of written, so that what
 * repeats itself fills no disk. Kinds are of one family whose texts have the same first word and
 * tag: "event=name". A family has at most a part of the places, and beyond them a rest of its own,
 * so that however many kinds of one event there are, they hide no other event. Pure; the caller
 * locks. All zero: empty.
 */
#define REPEAT_KINDS 256
#define REPEAT_FAMILY_KINDS 64
#define REPEAT_RESTS 32 /* of families; those without one have that of their tag */
#define REPEAT_TEXT_SIZE 240
#define REPEAT_S 60
#define REPEAT_TAGS 4
#define REPEAT_REST_MOST 30 /* lines of the kinds without a place of their own */

struct repeat {
	uint64_t kind; /* hash of its text and tag; 0: free */
	uint64_t family;
	int64_t since_us;
	unsigned seen, more; /* more: not written */
	int tag;             /* the caller's: 0 to REPEAT_TAGS - 1 */
	char text[REPEAT_TEXT_SIZE];
};

struct repeat_table {
	struct repeat kinds[REPEAT_KINDS];
	struct repeat rests[REPEAT_RESTS];
	struct repeat others[REPEAT_TAGS];
};

/* False: do not write this line of the kind `text`, it is counted. `now_us` is monotonic. */
MUST_CHECK bool repeat_pass(
    struct repeat_table *t, const char *text, int tag, unsigned most, int64_t now_us);
/* Takes out a kind whose minute is over, if lines of it were not written. False: there is none. */
MUST_CHECK bool repeat_over(struct repeat_table *t, int64_t now_us, struct repeat *out);

#endif
