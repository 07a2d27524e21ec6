#include "lib/webhook_secret.h"

#include <stdlib.h>

#include "lib/arena.h"
#include "tests/tap.h"

static struct webhook_secrets
secrets_of(struct arena *mem, const char *text, int64_t now_us)
{
	struct webhook_secrets s;

	webhook_secrets_read(arena_strdup(mem, text), now_us, &s);
	return s;
}

static void
test_read(struct arena *mem)
{
	struct webhook_secrets s = secrets_of(mem, "one secret", 5);

	ok(s.len == 1 && strcmp(s.text[0], "one secret") == 0, "a secret alone, blanks in it");
	s = secrets_of(mem, "new\n10 old one\n7 older", 6);
	ok(s.len == 3 && strcmp(s.text[0], "new") == 0 && strcmp(s.text[1], "old one") == 0 &&
		s.until_us[1] == 10 && strcmp(s.text[2], "older") == 0 && s.until_us[2] == 7,
	    "with two earlier ones");
	s = secrets_of(mem, "new\n10 old one\n7 older", 7);
	ok(s.len == 2 && strcmp(s.text[1], "old one") == 0, "at its end an earlier one is gone");
	s = secrets_of(mem, "new\n10 old one\n7 older", 10);
	ok(s.len == 1 && strcmp(s.text[0], "new") == 0, "and so are both");
	s = secrets_of(mem, "new\n10 a\n11 b\n12 c", 0);
	ok(s.len == 3 && strcmp(s.text[2], "b") == 0, "never more than three");
	s = secrets_of(mem, "new\nx\n", 0);
	ok(s.len == 1 && strcmp(s.text[0], "new") == 0, "damaged lines are left out");
}

static void
test_rotate(struct arena *mem)
{
	struct webhook_secrets s = secrets_of(mem, "first", 0);
	const char *text = webhook_secrets_rotate(&s, "second", 100, 0, mem);

	is_str(text, "second\n100 first", "the current one goes on for a while");
	s = secrets_of(mem, text, 50);
	text = webhook_secrets_rotate(&s, "third", 120, 50, mem);
	is_str(text, "third\n120 second\n100 first", "the one before as long as it would have");
	s = secrets_of(mem, text, 60);
	ok(webhook_secrets_rotate(&s, "fourth", 130, 60, mem) == NULL, "a fourth has no room");
	is_str(webhook_secrets_rotate(&s, "fourth", 60, 60, mem), "fourth", "but at once it has");
	s = secrets_of(mem, text, 100);
	is_str(webhook_secrets_rotate(&s, "fourth", 130, 100, mem), "fourth\n130 third\n120 second",
	    "or when one has ended");
	s = secrets_of(mem, "b\n500 a", 10);
	is_str(webhook_secrets_rotate(&s, "c", 20, 10, mem), "c\n20 b\n20 a",
	    "a shorter overlap shortens the earlier ones");
}

int
main(void)
{
	struct arena *mem = arena_new();

	test_read(mem);
	test_rotate(mem);
	arena_free(mem);
	return tap_done();
}
