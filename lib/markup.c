/* Finds HTML where plain text belongs. Only names of HTML count, so that "<Name>" stays text. */
#include "lib/markup.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

static bool
is_listed(const char *name, size_t len, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(list[i]) == len && strncasecmp(list[i], name, len) == 0)
			return true;
	return false;
}

/* The length of the tag or comment that `at` begins with; 0: none. */
static size_t
tag_length(const char *at)
{
	static const char *const names[] = { "a", "abbr", "article", "b", "big", "blockquote",
		"body", "br", "button", "center", "code", "div", "em", "figure", "font", "form",
		"h1", "h2", "h3", "h4", "h5", "h6", "head", "hr", "html", "i", "iframe", "img",
		"input", "ins", "label", "li", "link", "mark", "meta", "ol", "p", "pre", "s",
		"script", "section", "small", "span", "strike", "strong", "style", "sub", "sup",
		"table", "tbody", "td", "th", "thead", "title", "tr", "u", "ul", "video" };
	const char *name, *end;
	size_t len;

	if (strncmp(at, "<!--", 4) == 0)
		return 4;
	if (*at != '<')
		return 0;
	name = at + 1 + (at[1] == '/');
	len = strspn(name, LETTERS DIGITS);
	if (len == 0 || !is_listed(name, len, names, sizeof(names) / sizeof(names[0])) ||
	    strchr(" \t\r\n/>", name[len]) == NULL || name[len] == '\0')
		return 0;
	end = name + len + strcspn(name + len, "<>");
	return *end == '>' ? (size_t)(end + 1 - at) : 0;
}

/* The length of the character reference that `at` begins with; 0: none. */
static size_t
reference_length(const char *at)
{
	static const char *const names[] = { "amp", "apos", "bull", "cent", "copy", "deg", "euro",
		"gt", "hellip", "laquo", "ldquo", "lsquo", "lt", "mdash", "middot", "nbsp", "ndash",
		"para", "pound", "quot", "raquo", "rdquo", "reg", "rsquo", "sect", "shy", "times",
		"trade", "yen" };
	size_t len;

	if (*at != '&')
		return 0;
	if (at[1] == '#') {
		bool hex = at[2] == 'x' || at[2] == 'X';
		size_t head = hex ? 3 : 2;

		len = strspn(at + head, hex ? DIGITS "abcdefABCDEF" : DIGITS);
		return len > 0 && len <= 7 && at[head + len] == ';' ? head + len + 1 : 0;
	}
	len = strspn(at + 1, LETTERS DIGITS);
	return at[1 + len] == ';' && is_listed(at + 1, len, names, sizeof(names) / sizeof(names[0]))
		   ? len + 2
		   : 0;
}

const char *
markup_find(const char *text, size_t *len)
{
	for (; *text != '\0'; text++) {
		*len = *text == '<' ? tag_length(text) : reference_length(text);
		if (*len > 0)
			return text;
	}
	return NULL;
}
