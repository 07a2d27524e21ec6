#include "lib/webhook_secret.h"

#include <stdlib.h>
#include <string.h>

#include "lib/arena.h"

void
webhook_secrets_read(char *text, int64_t now_us, struct webhook_secrets *out)
{
	char *next = strchr(text, '\n'), *line, *secret;
	int64_t until_us;

	*out = (struct webhook_secrets){ .text = { text }, .len = 1 };
	while (next != NULL && out->len < WEBHOOK_SECRETS_MAX) {
		*next = '\0';
		line = next + 1;
		next = strchr(line, '\n');
		until_us = strtoll(line, &secret, 10);
		if (*secret != ' ' || until_us <= now_us)
			continue;
		out->text[out->len] = secret + 1;
		out->until_us[out->len++] = until_us;
	}
	if (next != NULL)
		*next = '\0';
}

const char *
webhook_secrets_rotate(const struct webhook_secrets *now, const char *fresh, int64_t until_us,
    int64_t now_us, struct arena *mem)
{
	const char *text = fresh;
	int64_t end_us;
	size_t i;

	if (until_us <= now_us)
		return fresh;
	if (now->len == WEBHOOK_SECRETS_MAX)
		return NULL;
	for (i = 0; i < now->len; i++) {
		end_us = i == 0 || now->until_us[i] > until_us ? until_us : now->until_us[i];
		text = arena_printf(mem, "%s\n%lld %s", text, (long long)end_us, now->text[i]);
	}
	return text;
}
