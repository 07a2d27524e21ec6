/* Checks the form of an address only: whether it works shows when mail is sent. */
#include "lib/email.h"

#include <stdint.h>
#include <string.h>

#include "lib/arena.h"
#include "lib/text.h"
#include "lib/utf8.h"

#define MAILBOX_MAX 64 /* RFC 5321 */
#define LABEL_MAX 63   /* RFC 1035 */

static bool
is_alnum_or_utf8(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c >= 0x80;
}

/* One or more parts with a dot between them, each of 1 to `longest` characters. */
static bool
dotted_parts_fit(const char *text, size_t len, const char *others, size_t longest, size_t *parts)
{
	size_t part = 0;

	*parts = 0;
	for (size_t i = 0; i <= len; i++) {
		if (i < len && text[i] != '.') {
			if (!is_alnum_or_utf8((unsigned char)text[i]) &&
			    strchr(others, text[i]) == NULL)
				return false;
			continue;
		}
		if (i == part || utf8_length(text + part, i - part) > longest)
			return false;
		++*parts;
		part = i + 1;
	}
	return true;
}

static bool
mailbox_fits(const char *text, size_t len)
{
	size_t parts;

	return utf8_length(text, len) <= MAILBOX_MAX &&
	       dotted_parts_fit(text, len, "!#$%&'*+-/=?^_`{|}~", MAILBOX_MAX, &parts);
}

static bool
mail_host_fits(const char *host)
{
	const size_t len = strlen(host);
	size_t labels;

	if (!dotted_parts_fit(host, len, "-", LABEL_MAX, &labels) || labels < 2)
		return false;
	return host[0] != '-' && host[len - 1] != '-' && strstr(host, ".-") == NULL &&
	       strstr(host, "-.") == NULL;
}

const char *
email_clean(const char *text, size_t len, struct arena *mem, const char **fault)
{
	const char *at, *clean = text_clean(TEXT_KEY, text, len, mem, fault);
	char *email;
	uint32_t c;
	size_t where;

	if (clean == NULL)
		return NULL;
	len = strlen(clean);
	at = strchr(clean, '@');
	*fault = "must be an e-mail address";
	if (at == NULL || !mailbox_fits(clean, (size_t)(at - clean)) || !mail_host_fits(at + 1) ||
	    utf8_length(clean, len) > EMAIL_MAX || text_find_unseen(clean, len, &c, &where))
		return NULL;
	email = arena_strdup(mem, clean);
	for (char *p = email; *p != '\0'; p++)
		*p = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
	return email;
}
