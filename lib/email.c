/* Like clients, checks the look of an address only: whether it works shows when mail is sent. */
#include "lib/email.h"

#include <stdint.h>
#include <string.h>

#include "lib/arena.h"
#include "lib/text.h"
#include "lib/utf8.h"

const char *
email_clean(const char *text, size_t len, struct arena *mem, const char **fault)
{
	const char *at, *dot, *clean = text_clean(TEXT_KEY, text, len, mem, fault);
	char *email;
	uint32_t c;
	size_t where;

	if (clean == NULL)
		return NULL;
	len = strlen(clean);
	at = strchr(clean, '@');
	dot = at != NULL ? strrchr(at, '.') : NULL;
	*fault = "must be an e-mail address";
	if (at == NULL || at == clean || strchr(at + 1, '@') != NULL || dot == NULL ||
	    dot == at + 1 || dot[1] == '\0' || utf8_length(clean, len) > EMAIL_MAX ||
	    strpbrk(clean, "<>\"") != NULL || text_find_unseen(clean, len, &c, &where))
		return NULL;
	email = arena_strdup(mem, clean);
	for (char *p = email; *p != '\0'; p++)
		*p = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
	return email;
}
