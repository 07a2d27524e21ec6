/* What may be adopted, what is absent, and what nobody can tell. */
#include "worker/verify/verify_match.h"

#include "lib/clock.h"
#include "tests/tap.h"

#define OPENED 1700000000000000LL
#define BUSY (OPENED + 35 * US_PER_S)

static const struct pinterest_create sent = {
	.board_id = "7", .title = "A title", .description = "Words", .link = "https://example.com/a"
};

static struct match_seen
shown(const char *id)
{
	struct match_seen s = { .pin = { .id = id,
				    .board_id = "7",
				    .title = "A title",
				    .description = "Words",
				    .link = "https://example.com/a",
				    .alt_text = "whatever it has",
				    .created_us = OPENED + US_PER_S,
				    .is_owner = true } };

	return s;
}

static void
test_match(void)
{
	struct match_seen seen[3] = { shown("1"), shown("2"), shown("3") };
	size_t found = 9;

	ok(verify_match(&sent, seen, 0, &found) == MATCH_ABSENT, "an empty board");
	ok(verify_match(&sent, seen, 1, &found) == MATCH_FOUND && found == 0,
	    "the one that matches");
	ok(verify_match(&sent, seen, 2, &found) == MATCH_UNCLEAR, "two that match");
	seen[2].pin.id = "1";
	seen[1].tied = true;
	ok(verify_match(&sent, seen, 3, &found) == MATCH_FOUND && found == 0,
	    "one that is shown on two pages counts once");
	ok(verify_match_since(&sent, seen, 3, &found) == MATCH_FOUND && found == 0,
	    "restored: the same");
	seen[1].tied = false;
	seen[2].pin.id = "3";
	seen[0].tied = true;
	ok(verify_match(&sent, seen, 2, &found) == MATCH_FOUND && found == 1,
	    "a tied one is another pin");
	ok(verify_match(&sent, seen, 1, &found) == MATCH_ABSENT, "tied alone is absent");
	seen[2].pin.title = "Something else";
	ok(verify_match(&sent, seen, 3, &found) == MATCH_FOUND && found == 1, "another pin nearby");
	seen[1].pin.link = NULL;
	ok(verify_match(&sent, seen, 2, &found) == MATCH_UNCLEAR,
	    "a field that was sent is missing");
	seen[1].pin.link = "https://example.com/b";
	ok(verify_match(&sent, seen, 2, &found) == MATCH_UNCLEAR, "a field that was sent differs");
}

static void
test_fields(void)
{
	static const struct pinterest_create little = { .board_id = "7", .title = "A title" };
	struct match_seen s = shown("1");
	size_t found;

	s.pin.description = NULL;
	ok(verify_match(&little, &s, 1, &found) == MATCH_UNCLEAR, "a link that was not sent");
	s.pin.description = "Words";
	s.pin.link = NULL;
	ok(verify_match(&little, &s, 1, &found) == MATCH_UNCLEAR, "words that were not sent");
	s.pin.description = "";
	ok(verify_match(&little, &s, 1, &found) == MATCH_FOUND,
	    "an alt text that was not sent says nothing");
	s.pin.title = "  A title \n";
	ok(verify_match(&little, &s, 1, &found) == MATCH_FOUND, "blanks around are not compared");
	s.pin.title = "a title";
	ok(verify_match(&little, &s, 1, &found) == MATCH_UNCLEAR, "case is");
	s.pin.title = little.title;
	s.pin.board_id = "8";
	ok(verify_match(&little, &s, 1, &found) == MATCH_UNCLEAR, "another board");
	s.pin.board_id = "7";
	s.pin.created_us = TIME_NONE;
	ok(verify_match(&little, &s, 1, &found) == MATCH_UNCLEAR,
	    "without its time nothing is sure");
}

static void
test_window(void)
{
	static const struct match_skew no_skew = { 0 };
	static const struct match_skew constant = { 300 * US_PER_S, 0, 300 * US_PER_S,
		300 * US_PER_S };
	struct match_window w = verify_match_window(OPENED, BUSY, &no_skew);
	struct match_seen s = shown("1");

	ok(verify_match_near(&s.pin, &w), "created while it was under way");
	s.pin.created_us = OPENED - 60 * US_PER_S;
	ok(verify_match_near(&s.pin, &w), "60 s before is near");
	s.pin.created_us--;
	ok(!verify_match_near(&s.pin, &w), "more is not");
	s.pin.created_us = BUSY + 60 * US_PER_S;
	ok(verify_match_near(&s.pin, &w), "60 s after is near");
	s.pin.created_us++;
	ok(!verify_match_near(&s.pin, &w), "more is not");
	w = verify_match_window(OPENED, BUSY, &constant);
	s.pin.created_us = OPENED + 301 * US_PER_S;
	ok(verify_match_near(&s.pin, &w), "the window goes with Pinterest's clock");
	s.pin.created_us = OPENED;
	ok(!verify_match_near(&s.pin, &w), "at both ends");
	s.pin.is_owner = false;
	ok(!verify_match_near(&s.pin, &w), "somebody else's pin");
	s.pin.is_owner = true;
	s.pin.created_us = TIME_NONE;
	ok(verify_match_near(&s.pin, &w), "a pin of unknown time may be it");
}

/* Ours was set between the create and the look-up: Pinterest's clock says when it was created. */
static void
test_clock_set(void)
{
	static const struct {
		const char *what;
		struct match_skew skew; /* seconds */
		int64_t created_s, out_s;
	} cases[] = {
		{ "ours was right and leapt an hour ahead", { -3600, 3600, 0, 3600 }, 0, -7200 },
		{ "the same, nothing noted", { -3600, 0, 0, 0 }, 0, -7200 },
		{ "ours was an hour ahead and was put right", { 0, -3600, -3600, 0 }, -3600,
		    -7200 },
		{ "the same, only noted", { 0, -3600, 0, 0 }, -3600, -7200 },
		{ "the same, only told by others", { 0, 0, -3600, 0 }, -3600, 3600 },
		{ "ours was an hour behind and was put right", { 0, 3600, 0, 0 }, 3600, -3600 },
		{ "ours was right and went an hour back", { 3600, -3600, 0, 0 }, 0, 7200 },
		{ "wrong before and after", { 100, 3600, 0, 0 }, 3700, -3600 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct match_skew skew = { cases[i].skew.now_us * US_PER_S,
			cases[i].skew.own_us * US_PER_S, cases[i].skew.lo_us * US_PER_S,
			cases[i].skew.hi_us * US_PER_S };
		struct match_window w = verify_match_window(OPENED, BUSY, &skew);
		struct match_seen s = shown("1");

		s.pin.created_us = OPENED + cases[i].created_s * US_PER_S + US_PER_S;
		ok(verify_match_near(&s.pin, &w), "%s: seen", cases[i].what);
		s.pin.created_us = OPENED + cases[i].out_s * US_PER_S;
		ok(!verify_match_near(&s.pin, &w), "%s: not everything is", cases[i].what);
	}
}

static void
test_like(void)
{
	static const struct {
		const char *title, *link, *about;
		bool like;
	} row[] = {
		{ "A title", NULL, "the same title", true },
		{ "a TITLE!", NULL, "case and signs apart", true },
		{ NULL, "https://example.com/a", "the same link", true },
		{ NULL, "https://EXAMPLE.com/a/", "the same link, tidied", true },
		{ "A title of its own", "https://example.com/abc", "other title, longer link",
		    false },
		{ NULL, NULL, "no text", false },
		{ "A tit", NULL, "too little of it", false },
	};
	static const struct pinterest_create bare = { .board_id = "7" };
	struct match_seen s;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		s = shown("1");
		s.pin.title = row[i].title;
		s.pin.link = row[i].link;
		s.pin.description = NULL;
		is_int(verify_match_like(&sent, &s.pin), row[i].like, row[i].about);
	}
	s.pin.description = "Words that go on";
	ok(!verify_match_like(&sent, &s.pin), "a short text must be whole");
	ok(verify_match_like(&bare, &s.pin), "where nothing was sent, anything is like it");
}

/* Restored: a long window, full of pins that the database does not know. */
static void
test_since(void)
{
	static const struct pinterest_create bare = { .board_id = "7" };
	struct match_seen seen[3] = { shown("1"), shown("2"), shown("3") };
	size_t found = 9;

	ok(verify_match_since(&sent, seen, 0, &found) == MATCH_ABSENT, "restored: an empty board");
	ok(verify_match_since(&sent, seen, 1, &found) == MATCH_FOUND && found == 0,
	    "restored: the one that matches");
	seen[1].pin.created_us -= US_PER_S;
	ok(verify_match_since(&sent, seen, 3, &found) == MATCH_FOUND && found == 1,
	    "restored: of copies the oldest");
	seen[1].tied = true;
	ok(verify_match_since(&sent, seen, 3, &found) == MATCH_FOUND && found == 0,
	    "restored: of copies the oldest untied");
	seen[2].pin.alt_text = "another";
	ok(verify_match_since(&sent, seen, 3, &found) == MATCH_UNCLEAR,
	    "restored: two that match and differ");
	seen[2] = shown("3");
	seen[2].pin.title = seen[2].pin.description = "Something else";
	seen[2].pin.link = NULL;
	ok(verify_match_since(&sent, seen + 2, 1, &found) == MATCH_ABSENT,
	    "restored: what is not like it is another pin");
	ok(verify_match_since(&bare, seen + 2, 1, &found) == MATCH_UNCLEAR,
	    "restored: without texts nothing is sure");
	seen[2].pin.link = sent.link;
	ok(verify_match_since(&sent, seen + 2, 1, &found) == MATCH_UNCLEAR,
	    "restored: a little like it may be it");
	ok(verify_match_since(&sent, seen, 3, &found) == MATCH_FOUND && found == 0,
	    "restored: next to the one that matches it is not");
}

/* Another pin of the lane that nobody knows about either, as Pinterest may show it. */
static void
test_theirs(void)
{
	static const struct pinterest_create theirs = { .board_id = "7",
		.title = "Another  title",
		.description = "More words\tthan ours",
		.link = "https://example.com/b" };
	static const struct pinterest_create bare = { .board_id = "7" };
	static const struct {
		const char *title, *description, *link, *about;
		bool is;
	} row[] = {
		{ "Another  title", "More words\tthan ours", "https://example.com/b",
		    "just what was sent of it", true },
		{ "Another title", "More words than ours", "https://example.com/b?from=pinterest",
		    "other blanks, something behind the link", true },
		{ "Another title", "More words", "https://example.com/b", "cut", true },
		{ "Another title", "More words than ours", "https://example.com/a",
		    "the link is ours", false },
		{ "A title!", "More words than ours", "https://example.com/b",
		    "the title is like ours", false },
		{ "Another title", "Others", "https://example.com/b", "a text of neither", false },
		{ "Another title", NULL, "https://example.com/b", "a text is missing", false },
		{ "A title", "Words", "https://example.com/a", "it is just what we sent", false },
	};
	struct match_seen s = shown("1");

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		s.pin.title = row[i].title;
		s.pin.description = row[i].description;
		s.pin.link = row[i].link;
		is_int(verify_match_theirs(&theirs, &sent, &s.pin), row[i].is, row[i].about);
	}
	s.pin.title = "Another title";
	s.pin.description = theirs.description;
	s.pin.link = theirs.link;
	ok(verify_match_theirs(&theirs, &sent, &s.pin), "like theirs");
	ok(!verify_match_theirs(&theirs, &bare, &s.pin), "of ours without texts it may be any");
	ok(!verify_match_theirs(&bare, &sent, &s.pin), "of theirs without texts, too");
	s.pin.board_id = "8";
	ok(!verify_match_theirs(&theirs, &sent, &s.pin), "on another board");
	s.pin.board_id = "7";
	s.pin.created_us = TIME_NONE;
	ok(!verify_match_theirs(&theirs, &sent, &s.pin), "of a time that nobody knows");
}

/* Made after nobody waited for it any more. */
static void
test_late(void)
{
	static const struct pinterest_create nothing = { .board_id = "7" };
	static const struct match_skew none = { 0 };
	struct match_window w = verify_match_window(OPENED, BUSY, &none);
	struct match_seen seen[2] = { shown("1"), shown("2") };
	size_t found = 9;

	ok(!verify_match_late(&sent, &seen[0].pin, &w), "in the window it is not late");
	seen[0].pin.created_us = w.to_us + 1;
	ok(verify_match_late(&sent, &seen[0].pin, &w), "a moment later it is");
	ok(!verify_match_late(&nothing, &seen[0].pin, &w), "without a text it could be any");
	seen[0].late = true;
	ok(verify_match(&sent, seen, 1, &found) == MATCH_UNCLEAR,
	    "it is neither adopted nor absent");
	ok(verify_match(&sent, seen, 2, &found) == MATCH_FOUND && found == 1,
	    "one of the window goes first");
	seen[0].tied = true;
	ok(verify_match(&sent, seen, 1, &found) == MATCH_ABSENT, "tied it is another's");
	seen[0].pin.description = "Other";
	ok(!verify_match_late(&sent, &seen[0].pin, &w), "late and different is another");
	seen[0] = shown("1");
	seen[0].pin.created_us = w.to_us + 1;
	seen[0].pin.is_owner = false;
	ok(!verify_match_late(&sent, &seen[0].pin, &w), "not ours");
	seen[0].pin.is_owner = true;
	seen[0].pin.created_us = w.from_us - 1;
	ok(!verify_match_late(&sent, &seen[0].pin, &w), "earlier than it was sent");
}

int
main(void)
{
	test_match();
	test_late();
	test_fields();
	test_window();
	test_clock_set();
	test_like();
	test_since();
	test_theirs();
	return tap_done();
}
