/* What is no password. Invariant: nothing here is looked up or sent anywhere. */
#include "lib/password.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "lib/crypto.h"
#include "lib/utf8.h"

#define TAIL_MAX 4      /* digits and marks behind a word that do not make it a better one */
#define DIFFERENT_MIN 4 /* characters */
#define FOLDED_ROOM (PASSWORD_MAX * 4 + 1)

static const char *const words[] = {
#define WORD(word) word,
#include "lib/password_words.def"
#undef WORD
};

static char
letter_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* The letter that a digit or mark often stands for. */
static char
letter_meant(char c)
{
	static const char from[] = "013457@$!", to[] = "oleastasi";
	const char *at = c != '\0' ? strchr(from, c) : NULL;

	return at != NULL ? to[at - from] : c;
}

/* Length without the digits and marks at its end, of which TAIL_MAX count. */
static size_t
length_without_tail(const char *text, size_t len, size_t most)
{
	size_t cut = 0;

	while (
	    cut < most && cut < len && strchr("0123456789!?.*#$@+-_", text[len - 1 - cut]) != NULL)
		cut++;
	return len - cut;
}

static bool
text_begins_as(const char *text, size_t len, const char *word, bool meant)
{
	size_t i;

	if (strlen(word) != len)
		return false;
	for (i = 0; i < len; i++)
		if (text[i] != word[i] && (!meant || letter_meant(text[i]) != word[i]))
			return false;
	return true;
}

/* Is the text `word`, with or without a tail of any length up to TAIL_MAX? */
static bool
text_is_word(const char *text, size_t len, const char *word)
{
	size_t least = length_without_tail(text, len, TAIL_MAX), n;

	for (n = least; n <= len; n++)
		if (n > 0 && text_begins_as(text, n, word, true))
			return true;
	return false;
}

static bool
text_is_common(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (text_is_word(text, len, words[i]))
			return true;
	return false;
}

/* 12345678, abcdefgh, 98765432. */
static bool
text_is_run(const char *text, size_t len)
{
	int step = len > 1 ? text[1] - text[0] : 0;
	size_t i;

	if (step != 1 && step != -1)
		return false;
	for (i = 1; i < len; i++)
		if (text[i] - text[i - 1] != step)
			return false;
	return true;
}

static bool
text_repeats(const char *text, size_t len)
{
	uint32_t seen[DIFFERENT_MIN] = { 0 }, c;
	size_t at = 0, n, known = 0, i;

	while (at < len && known < DIFFERENT_MIN) {
		n = utf8_decode(text + at, len - at, &c);
		if (n == 0)
			return false;
		at += n;
		for (i = 0; i < known && seen[i] != c; i++)
			;
		if (i == known)
			seen[known++] = c;
	}
	return known < DIFFERENT_MIN;
}

/* The address, or what is before its @. */
static bool
text_is_address(const char *text, size_t len, const char *email)
{
	char name[FOLDED_ROOM];
	size_t n = strcspn(email, "@");

	if (text_is_word(text, len, email))
		return true;
	if (n == 0 || n >= sizeof(name))
		return false;
	memcpy(name, email, n);
	name[n] = '\0';
	return text_is_word(text, len, name);
}

const char *
password_fault(const char *password, const char *email)
{
	char folded[FOLDED_ROOM];
	const char *fault = NULL;
	size_t len = strlen(password), i;

	if (len >= sizeof(folded))
		return NULL;
	for (i = 0; i <= len; i++)
		folded[i] = letter_lower(password[i]);
	if (text_is_address(folded, len, email))
		fault = "must not be the own e-mail address";
	else if (text_is_run(folded, len) || text_is_common(folded, len))
		fault = "is one of those that are tried first; choose another one";
	else if (text_repeats(folded, len))
		fault = "must have at least 4 different characters";
	crypto_wipe(folded, sizeof(folded));
	return fault;
}
