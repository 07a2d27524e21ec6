#ifndef LIB_WEBHOOK_SECRET_H
#define LIB_WEBHOOK_SECRET_H

#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"

struct arena;

/*
 * The secrets of a webhook: the current one, and up to two earlier ones that still sign, too, so
 * that a receiver can change its own at any moment of the overlap. They are sealed as one text:
 * the current secret, then a line "<until, microseconds> <secret>" for each earlier one.
 */
#define WEBHOOK_SECRET_LABEL "webhooks.secret" /* of the keyring */
#define WEBHOOK_SECRETS_MAX 3
#define WEBHOOK_SECRET_CHARS_MIN 16
#define WEBHOOK_SECRET_CHARS_MAX 255
/* Of characters of four bytes, with the times and the line ends. */
#define WEBHOOK_SECRETS_SIZE (WEBHOOK_SECRETS_MAX * (4 * WEBHOOK_SECRET_CHARS_MAX + 24))

struct webhook_secrets {
	const char *text[WEBHOOK_SECRETS_MAX]; /* the first is the current one */
	int64_t until_us[WEBHOOK_SECRETS_MAX]; /* of the earlier ones: when they end */
	size_t len;
};

/* Takes the text apart, in place; leaves out what has ended by now. */
void webhook_secrets_read(char *text, int64_t now_us, struct webhook_secrets *out);
/*
 * The text after a rotation: `fresh` is the current secret, what was current signs until
 * `until_us`, earlier ones as long as before but no longer. NULL: as many live already as may.
 * With until_us <= now_us only `fresh` stays.
 */
MUST_CHECK const char *webhook_secrets_rotate(const struct webhook_secrets *now, const char *fresh,
    int64_t until_us, int64_t now_us, struct arena *mem);

#endif
