#include "lib/password.h"

#include <stdbool.h>

#include "tests/tap.h"

#define EMAIL "anne.miller@example.com"

static void
test_refused(void)
{
	static const char *const bad[] = { "12345678", "123456789", "1234567890", "87654321",
		"abcdefgh", "password", "Password", "PASSWORD", "password1", "Password123",
		"Password1234", "Password1!", "p@ssw0rd", "P4ssw0rd!", "passw0rd", "qwertyuiop",
		"qwerty123", "qwerty12", "Qwertz12", "iloveyou", "ILoveYou2", "letmein1",
		"Letmein!!", "welcome1", "Welcome2024", "Summer2026", "admin123", "Admin1234",
		"sunshine", "football", "trustno1", "1q2w3e4r", "1qaz2wsx", "changeme", "11111111",
		"00000000", "        ", "aaaaaaaa", "abababab", "12121212", "11223344",
		"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4", "Pinterest1",
		EMAIL, "Anne.Miller@Example.com", "anne.miller", "Anne.Miller1", EMAIL "1" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(password_fault(bad[i], EMAIL) != NULL, "refused: \"%s\"", bad[i]);
	is_str(password_fault(EMAIL, EMAIL), "must not be the own e-mail address",
	    "the own address is refused as that");
	is_str(password_fault("password", EMAIL),
	    "is one of those that are tried first; choose another one", "a common one as that");
	is_str(password_fault("aaabbbcc", EMAIL), "must have at least 4 different characters",
	    "three different characters are too few");
}

static void
test_taken(void)
{
	char longest[PASSWORD_MAX + 1];
	static const char *const good[] = { "correct horse battery", "password of my cat",
		"Password 12345", "aaabbbcd", "12345679", "abcdefgi", "k7#mQ2vX", "anne and miller",
		"bob@example.com", "sunshine and rain", "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f x1yz" };

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ok(password_fault(good[i], EMAIL) == NULL, "taken: \"%s\"", good[i]);
	for (size_t i = 0; i < PASSWORD_MAX; i++)
		longest[i] = (char)('a' + i * 7 % 26);
	longest[PASSWORD_MAX] = '\0';
	ok(password_fault(longest, EMAIL) == NULL, "the longest is taken");
	ok(password_fault("some words", "@") == NULL, "an address without a name is no reason");
}

int
main(void)
{
	static const char *const words[] = {
#define WORD(word) word,
#include "lib/password_words.def"
#undef WORD
	};
	bool sorted = true;

	test_refused();
	test_taken();
	for (size_t i = 1; i < sizeof(words) / sizeof(words[0]); i++)
		sorted = sorted && strcmp(words[i - 1], words[i]) < 0;
	ok(sorted, "the words are sorted, each once");
	return tap_done();
}
