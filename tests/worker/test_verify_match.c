/* Which listed pin may be adopted, when a pin is absent, and when neither is certain. */
#include "worker/verify/verify_match.h"

#include "lib/clock.h"
#include "tests/tap.h"

#define OPENED 1700000000000000LL
#define BUSY (OPENED + 35 * US_PER_S)

static const struct pinterest_create sent = { .board_id = "7",
	.title = "A title",
	.description = "Words",
	.link_url = "https://example.com/a" };

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

	ok(verify_match(&sent, seen, 0, &found) == MATCH_ABSENT, "an empty board: absent");
	ok(verify_match(&sent, seen, 1, &found) == MATCH_FOUND && found == 0, "one match is found");
	ok(verify_match(&sent, seen, 2, &found) == MATCH_UNCLEAR, "two matches are unclear");
	seen[2].pin.id = "1";
	seen[1].tied = true;
	ok(verify_match(&sent, seen, 3, &found) == MATCH_FOUND && found == 0,
	    "a match listed on two pages counts once");
	ok(verify_match_since(&sent, seen, 3, &found) == MATCH_FOUND && found == 0,
	    "restored: a match listed on two pages counts once");
	seen[1].tied = false;
	seen[2].pin.id = "3";
	seen[0].tied = true;
	ok(verify_match(&sent, seen, 2, &found) == MATCH_FOUND && found == 1,
	    "a pin recorded for another is not a match");
	ok(verify_match(&sent, seen, 1, &found) == MATCH_ABSENT,
	    "a pin recorded for another alone: absent");
	seen[2].pin.title = "Something else";
	ok(verify_match(&sent, seen, 3, &found) == MATCH_FOUND && found == 1,
	    "a different pin nearby does not matter");
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
	ok(verify_match(&little, &s, 1, &found) == MATCH_UNCLEAR,
	    "a link that was not sent is unclear");
	s.pin.description = "Words";
	s.pin.link = NULL;
	ok(verify_match(&little, &s, 1, &found) == MATCH_UNCLEAR,
	    "a description that was not sent is unclear");
	s.pin.description = "";
	ok(verify_match(&little, &s, 1, &found) == MATCH_FOUND,
	    "an alt text that was not sent does not matter");
	s.pin.title = "  A title \n";
	ok(verify_match(&little, &s, 1, &found) == MATCH_FOUND,
	    "blanks around a text are not compared");
	s.pin.title = "a title";
	ok(verify_match(&little, &s, 1, &found) == MATCH_UNCLEAR, "case is compared");
	s.pin.title = little.title;
	s.pin.board_id = "8";
	ok(verify_match(&little, &s, 1, &found) == MATCH_UNCLEAR,
	    "a match on another board is unclear");
	s.pin.board_id = "7";
	s.pin.created_us = TIME_NONE;
	ok(verify_match(&little, &s, 1, &found) == MATCH_UNCLEAR,
	    "a match without creation time is unclear");
}

/* Pinterest trims texts and makes one blank of a run, line breaks included. */
static void
test_blanks(void)
{
	static const struct {
		const char *sent, *shown;
		bool same;
	} texts[] = {
		{ "One.\n\nTwo.", "One. Two.", true },
		{ "One. Two.", "One.\r\n Two.", true },
		{ "a\tb\v\fc", "a b c", true },
		{ "a\xc2\xa0\xc2\xa0"
		  "b",
		    "a b", true },
		{ "\xe3\x80\x80"
		  "a\xe2\x80\xa9"
		  "b",
		    "a b\n", true },
		{ "a b", "ab", false },
		{ "ab", "a b", false },
		{ "a b", "a b c", false },
		{ "a b c", "a b", false },
		{ "\n\n", "a", false },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const char *one = texts[i].sent, *other = texts[i].shown;
		const struct pinterest_create was = {
			.board_id = "7", .title = one, .description = one, .alt_text = one
		};
		struct match_seen s = shown("1");
		size_t found;

		s.pin.title = s.pin.description = s.pin.alt_text = other;
		s.pin.link = NULL;
		ok((verify_match(&was, &s, 1, &found) == MATCH_FOUND) == texts[i].same &&
			(verify_match_since(&was, &s, 1, &found) == MATCH_FOUND) == texts[i].same,
		    "blanks %zu", i);
	}
	ok(verify_match_like(&(const struct pinterest_create){ .title = "Oak\xc2\xa0shelf" },
	       &(const struct pinterest_pin){ .title = "oak shelf, brown" }),
	    "restored: a blank of any kind is not compared");
}

static void
test_window(void)
{
	static const struct match_skew no_skew = { 0 };
	static const struct match_skew constant = { 300 * US_PER_S, 0, 300 * US_PER_S,
		300 * US_PER_S };
	struct match_window w = verify_match_window(OPENED, BUSY, &no_skew);
	struct match_seen s = shown("1");

	ok(verify_match_near(&s.pin, &w), "a pin created while the request was in flight is near");
	s.pin.created_us = OPENED - 60 * US_PER_S;
	ok(verify_match_near(&s.pin, &w), "60 s before is near");
	s.pin.created_us--;
	ok(!verify_match_near(&s.pin, &w), "more than 60 s before is not near");
	s.pin.created_us = BUSY + 60 * US_PER_S;
	ok(verify_match_near(&s.pin, &w), "60 s after is near");
	s.pin.created_us++;
	ok(!verify_match_near(&s.pin, &w), "more than 60 s after is not near");
	w = verify_match_window(OPENED, BUSY, &constant);
	s.pin.created_us = OPENED + 301 * US_PER_S;
	ok(verify_match_near(&s.pin, &w), "the window follows Pinterest's clock");
	s.pin.created_us = OPENED;
	ok(!verify_match_near(&s.pin, &w), "the window has an end by Pinterest's clock");
	s.pin.is_owner = false;
	ok(!verify_match_near(&s.pin, &w), "a pin of another owner is not near");
	s.pin.is_owner = true;
	s.pin.created_us = TIME_NONE;
	ok(verify_match_near(&s.pin, &w), "a pin of unknown time is near");
}

/* Our clock was set between create and look-up: Pinterest's clock says when the pin was created. */
static void
test_clock_set(void)
{
	static const struct {
		const char *what;
		struct match_skew skew; /* seconds */
		int64_t created_s, out_s;
	} cases[] = {
		{ "ours was right and leapt an hour ahead", { -3600, 3600, 0, 3600 }, 0, -7200 },
		{ "ours leapt an hour ahead, not recorded", { -3600, 0, 0, 0 }, 0, -7200 },
		{ "ours was an hour ahead and was corrected", { 0, -3600, -3600, 0 }, -3600,
		    -7200 },
		{ "ours was corrected, only recorded", { 0, -3600, 0, 0 }, -3600, -7200 },
		{ "ours was corrected, only reported by others", { 0, 0, -3600, 0 }, -3600, 3600 },
		{ "ours was an hour behind and was corrected", { 0, 3600, 0, 0 }, 3600, -3600 },
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
		ok(verify_match_near(&s.pin, &w), "%s: a pin in the window is near", cases[i].what);
		s.pin.created_us = OPENED + cases[i].out_s * US_PER_S;
		ok(!verify_match_near(&s.pin, &w), "%s: the window is limited", cases[i].what);
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
		{ "a TITLE!", NULL, "case and punctuation ignored", true },
		{ NULL, "https://example.com/a", "the same link", true },
		{ NULL, "https://EXAMPLE.com/a/", "the same link, normalized", true },
		{ "A title of its own", "https://example.com/abc", "another title, a longer link",
		    false },
		{ NULL, NULL, "no text", false },
		{ "A tit", NULL, "too little of the title", false },
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
	ok(!verify_match_like(&sent, &s.pin), "a short text must match as a whole");
	ok(verify_match_like(&bare, &s.pin), "if no text was sent, every pin is similar");
}

/* Restored: a long window, full of pins that the database does not know. */
static void
test_since(void)
{
	static const struct pinterest_create bare = { .board_id = "7" };
	struct match_seen seen[3] = { shown("1"), shown("2"), shown("3") };
	size_t found = 9;

	ok(verify_match_since(&sent, seen, 0, &found) == MATCH_ABSENT,
	    "restored: an empty board: absent");
	ok(verify_match_since(&sent, seen, 1, &found) == MATCH_FOUND && found == 0,
	    "restored: one match is found");
	seen[1].pin.created_us -= US_PER_S;
	ok(verify_match_since(&sent, seen, 3, &found) == MATCH_FOUND && found == 1,
	    "restored: of equal matches the oldest is found");
	seen[1].tied = true;
	ok(verify_match_since(&sent, seen, 3, &found) == MATCH_FOUND && found == 0,
	    "restored: of equal matches the oldest not recorded for another is found");
	seen[2].pin.alt_text = "another";
	ok(verify_match_since(&sent, seen, 3, &found) == MATCH_UNCLEAR,
	    "restored: two different matches are unclear");
	seen[2] = shown("3");
	seen[2].pin.title = seen[2].pin.description = "Something else";
	seen[2].pin.link = NULL;
	ok(verify_match_since(&sent, seen + 2, 1, &found) == MATCH_ABSENT,
	    "restored: a pin that is not similar does not matter");
	ok(verify_match_since(&bare, seen + 2, 1, &found) == MATCH_UNCLEAR,
	    "restored: without sent texts every pin is unclear");
	seen[2].pin.link = sent.link_url;
	ok(verify_match_since(&sent, seen + 2, 1, &found) == MATCH_UNCLEAR,
	    "restored: a similar pin is unclear");
	ok(verify_match_since(&sent, seen, 3, &found) == MATCH_FOUND && found == 0,
	    "restored: beside a match a similar pin does not matter");
}

/* Another pin of the lane whose outcome is unknown too, as Pinterest may list it. */
static void
test_theirs(void)
{
	static const struct pinterest_create theirs = { .board_id = "7",
		.title = "Another  title",
		.description = "More words\tthan ours",
		.link_url = "https://example.com/b" };
	static const struct pinterest_create bare = { .board_id = "7" };
	static const struct {
		const char *title, *description, *link, *about;
		bool is;
	} row[] = {
		{ "Another  title", "More words\tthan ours", "https://example.com/b",
		    "exactly what it sent", true },
		{ "Another title", "More words than ours", "https://example.com/b?from=pinterest",
		    "other blanks, a longer link", true },
		{ "Another title", "More words", "https://example.com/b", "truncated", true },
		{ "Another title", "More words than ours", "https://example.com/a",
		    "the link is ours", false },
		{ "A title!", "More words than ours", "https://example.com/b",
		    "the title is similar to ours", false },
		{ "Another title", "Others", "https://example.com/b", "a text of neither", false },
		{ "Another title", NULL, "https://example.com/b", "a text is missing", false },
		{ "A title", "Words", "https://example.com/a", "exactly what ours sent", false },
	};
	struct match_seen s = shown("1");

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		s.pin.title = row[i].title;
		s.pin.description = row[i].description;
		s.pin.link = row[i].link;
		is_int(verify_match_theirs(&theirs, &sent, &s.pin), row[i].is, row[i].about);
	}
	s.pin.title = "Another title";
	s.pin.description = "More words, than ours!";
	s.pin.link = theirs.link_url;
	ok(verify_match_theirs(&theirs, &sent, &s.pin), "similar to what the other pin sent");
	ok(!verify_match_theirs(&theirs, &bare, &s.pin),
	    "if ours sent no text, the pin may be ours");
	ok(!verify_match_theirs(&bare, &sent, &s.pin),
	    "if the other sent no text, the pin may be ours");
	s.pin.board_id = "8";
	ok(!verify_match_theirs(&theirs, &sent, &s.pin), "on another board the pin may be ours");
	s.pin.board_id = "7";
	s.pin.created_us = TIME_NONE;
	ok(!verify_match_theirs(&theirs, &sent, &s.pin),
	    "without a creation time the pin may be ours");
}

/* Created after the worker had stopped waiting. */
static void
test_late(void)
{
	static const struct pinterest_create nothing = { .board_id = "7" };
	static const struct match_skew none = { 0 };
	struct match_window w = verify_match_window(OPENED, BUSY, &none);
	struct match_seen seen[2] = { shown("1"), shown("2") };
	size_t found = 9;

	ok(!verify_match_late(&sent, &seen[0].pin, &w), "inside the window a pin is not late");
	seen[0].pin.created_us = w.to_us + 1;
	ok(verify_match_late(&sent, &seen[0].pin, &w), "just after the window a pin is late");
	ok(!verify_match_late(&nothing, &seen[0].pin, &w),
	    "if no text was sent, no pin is recognized as late");
	seen[0].late = true;
	ok(verify_match(&sent, seen, 1, &found) == MATCH_UNCLEAR,
	    "a late pin is neither adopted nor taken as absence");
	ok(verify_match(&sent, seen, 2, &found) == MATCH_FOUND && found == 1,
	    "a match inside the window is preferred to a late one");
	seen[0].tied = true;
	ok(verify_match(&sent, seen, 1, &found) == MATCH_ABSENT,
	    "a late pin recorded for another: absent");
	seen[0].pin.description = "Other";
	ok(!verify_match_late(&sent, &seen[0].pin, &w),
	    "a late pin with another text is a different pin");
	seen[0] = shown("1");
	seen[0].pin.created_us = w.to_us + 1;
	seen[0].pin.is_owner = false;
	ok(!verify_match_late(&sent, &seen[0].pin, &w),
	    "a late pin of another owner is a different pin");
	seen[0].pin.is_owner = true;
	seen[0].pin.created_us = w.from_us - 1;
	ok(!verify_match_late(&sent, &seen[0].pin, &w),
	    "a pin created before the request is not late");
}

int
main(void)
{
	test_match();
	test_late();
	test_fields();
	test_blanks();
	test_window();
	test_clock_set();
	test_like();
	test_since();
	test_theirs();
	return tap_done();
}
