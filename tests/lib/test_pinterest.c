/* Requests as Pinterest expects them; answers of any shape are read without harm. */
#include "lib/pinterest.h"

#include "lib/arena.h"
#include "tests/tap.h"

#define TEXT(s) s, sizeof(s) - 1

#define NOW (1772352000LL * US_PER_S)

static void
test_create(struct arena *mem)
{
	const struct pinterest_create full = { .board_id = "1",
		.title = "T \"x\" / \xC3\xA9",
		.description = "D",
		.link_url = "https://l/",
		.alt_text = "A",
		.dominant_color = "#000000",
		.image_url = "https://i/" };
	const struct pinterest_create least = {
		.board_id = "1", .title = "T", .image_url = "https://i/"
	};
	struct pinterest_create back;
	const char *body = pinterest_create_body(&full, mem);
	int rc;

	is_str(body,
	    "{\"board_id\":\"1\",\"title\":\"T \\\"x\\\" / \xC3\xA9\",\"description\":\"D\","
	    "\"link\":\"https://l/\",\"alt_text\":\"A\",\"dominant_color\":\"#000000\","
	    "\"media_source\":{\"source_type\":\"image_url\",\"url\":\"https://i/\"}}",
	    "a full create body has the expected text");
	rc = pinterest_create_parse(&back, body, mem);
	is_int(rc, 0, "a create body can be read back");
	is_str(back.title, full.title, "the title is read back");
	is_str(back.alt_text, full.alt_text, "the alt text is read back");
	is_str(back.image_url, full.image_url, "the image URL is read back");
	is_str(pinterest_create_body(&least, mem),
	    "{\"board_id\":\"1\",\"title\":\"T\",\"media_source\":{\"source_type\":\"image_url\","
	    "\"url\":\"https://i/\"}}",
	    "fields that are NULL are left out");
	is_int(pinterest_create_parse(&back, "{\"board_id\":\"1\"}", mem), -1,
	    "a body without an image is refused");
	is_int(pinterest_create_parse(&back, "{\"board_id\"", mem), -1,
	    "a body that is not JSON is refused");
	is_int(pinterest_create_parse(&back, "", mem), -1, "an empty body is refused");
}

static void
test_error(struct arena *mem)
{
	static const struct {
		const char *body;
		int64_t code;
		const char *message;
	} cases[] = {
		{ "{\"code\":8,\"message\":\"slow\"}", 8, "slow" },
		{ "{\"code\":9,\"message\":\"no\",\"message_detail\":\"spam\"}", 9, "no (spam)" },
		{ "{\"code\":9,\"message\":\"no\",\"message_detail\":\"no\"}", 9, "no" },
		{ "{\"code\":9,\"message_detail\":\"spam\"}", 9, "spam" },
		{ "{\"code\":\"8\",\"message\":[\"slow\"]}", 0, "" },
		{ "{\"code\":1.5}", 0, "" },
		{ "[]", 0, "" },
		{ "<html>", 0, "" },
		{ "", 0, "" },
	};
	struct pinterest_error e;
	char body[3000] = "{\"message\":\"x";
	size_t i;

	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		pinterest_error_parse(&e, cases[i].body, strlen(cases[i].body), mem);
		is_int(e.code, cases[i].code, cases[i].body);
		is_str(e.message, cases[i].message, cases[i].body);
	}
	for (i = 13; i < 2000; i += 2)
		memcpy(body + i, "\xC3\xA9", 2);
	memcpy(body + i, "\"}", 3);
	pinterest_error_parse(&e, body, strlen(body), mem);
	is_int((int64_t)strlen(e.message), 499, "a long message is truncated between characters");
}

static void
test_pin(struct arena *mem)
{
	static const struct {
		const char *body;
		int rc;
		const char *id;
		int64_t created_us;
		bool is_owner;
	} cases[] = {
		{ "{\"id\":\"813744226420795884\",\"created_at\":\"2026-03-01T08:00:00\"}", 0,
		    "813744226420795884", NOW, true },
		{ "{\"id\":\"7\",\"created_at\":\"2026-03-01T09:00:00+01:00\",\"is_owner\":false}",
		    0, "7", NOW, false },
		{ "{\"id\":7,\"created_at\":5,\"is_owner\":\"no\"}", 0, "7", TIME_NONE, true },
		{ "{\"id\":\"7a\"}", -1, NULL, TIME_NONE, true },
		{ "{\"id\":\"\"}", -1, NULL, TIME_NONE, true },
		{ "{\"id\":-7}", -1, NULL, TIME_NONE, true },
		{ "{\"id\":null}", -1, NULL, TIME_NONE, true },
		{ "{\"id\":{\"id\":\"7\"}}", -1, NULL, TIME_NONE, true },
		{ "{}", -1, NULL, TIME_NONE, true },
		{ "[{\"id\":\"7\"}]", -1, NULL, TIME_NONE, true },
		{ "{\"id\":\"12345678901234567890123456789012345678901234567890123456789012345\"}",
		    -1, NULL, TIME_NONE, true },
		{ "gone", -1, NULL, TIME_NONE, true },
	};
	struct pinterest_pin p;
	size_t i;

	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int rc = pinterest_pin_parse(&p, cases[i].body, strlen(cases[i].body), mem);

		is_int(rc, cases[i].rc, cases[i].body);
		is_str(p.id, cases[i].id, cases[i].body);
		ok(p.created_us == cases[i].created_us, "created_at of %s", cases[i].body);
		ok(p.is_owner == cases[i].is_owner, "is_owner of %s", cases[i].body);
	}
}

static int
page(struct pinterest_page *p, const char *body, struct arena *mem)
{
	return pinterest_page_parse(p, body, strlen(body), mem);
}

static void
test_page(struct arena *mem)
{
	struct pinterest_page p;

	is_int(page(&p,
		   "{\"items\":[{\"id\":\"1\",\"title\":\"a\\ud83d\"},{\"id\":\"2\","
		   "\"title\":null,\"board_id\":\"9\"}],\"bookmark\":\"b==\"}",
		   mem),
	    0, "a page of pins is read");
	is_int((int64_t)p.len, 2, "a page with two pins is read");
	is_str(p.pins[0].title, "a\xEF\xBF\xBD", "a truncated emoji in a title becomes U+FFFD");
	ok(p.pins[1].title == NULL, "a missing title is NULL");
	is_str(p.pins[1].board_id, "9", "a pin's board is read");
	is_str(p.bookmark, "b==", "a page with a bookmark is not the last");
	is_int(page(&p, "{\"items\":[],\"bookmark\":null}", mem), 0, "an empty last page is read");
	ok(p.len == 0 && p.bookmark == NULL, "an empty last page has no pin and no bookmark");
	is_int(page(&p, "{\"items\":[],\"bookmark\":\"\"}", mem), 0,
	    "a page with an empty bookmark is read");
	ok(p.bookmark == NULL, "an empty bookmark means the last page");
	is_int(page(&p, "{\"items\":[{\"id\":\"1\"},null]}", mem), -1,
	    "a page with a null entry is refused");
	is_int(page(&p, "{\"items\":[{\"id\":\"1\"},{\"title\":\"x\"}]}", mem), -1,
	    "a page with an entry without id is refused");
	is_int(page(&p, "{\"items\":{}}", mem), -1, "items of another type are refused");
	is_int(page(&p, "{}", mem), -1, "a page without items is refused");
	is_int(page(&p, "<html>", mem), -1, "a page that is not JSON is refused");
}

static void
test_boards(struct arena *mem)
{
	static const char body[] =
	    "{\"items\":[{\"id\":\"1\",\"name\":\"N\",\"privacy\":\"PUBLIC\"},7,"
	    "{\"name\":\"no id\"},{\"id\":\"2\",\"name\":5}],\"bookmark\":\"x\"}";
	struct pinterest_boards b;
	struct pinterest_board one;

	is_int(pinterest_boards_parse(&b, body, strlen(body), mem), 0, "a list of boards is read");
	is_int((int64_t)b.len, 2, "unusable boards are left out");
	is_str(b.boards[0].privacy, "PUBLIC", "a board's privacy is read");
	is_str(b.boards[1].name, "", "a malformed board name is read as empty");
	is_str(b.bookmark, "x", "the bookmark is read");
	is_int(pinterest_boards_parse(&b, "[]", 2, mem), -1,
	    "a board list that is not an object is refused");
	is_int(pinterest_board_parse(&one, "{\"id\":\"3\",\"description\":\"d\"}", 28, mem), 0,
	    "a single board is read");
	is_str(one.description, "d", "a board's description is read");
	is_int(pinterest_board_parse(&one, "{}", 2, mem), -1, "a board without id is refused");
}

static int
token(struct pinterest_token *t, const char *body, struct arena *mem)
{
	return pinterest_token_parse(t, body, strlen(body), mem);
}

static void
test_token(struct arena *mem)
{
	struct pinterest_token t;

	is_int(token(&t,
		   "{\"access_token\":\"pina_x\",\"refresh_token\":\"pinr.y\",\"expires_in\":60,"
		   "\"refresh_token_expires_in\":120,\"scope\":\"a:read  b:read, c:read\"}",
		   mem),
	    0, "a token answer is read");
	is_str(t.access_token, "pina_x", "the access token is read");
	is_str(t.refresh_token, "pinr.y", "the refresh token is read");
	is_str(t.scope, "a:read,b:read,c:read", "scopes are stored comma-separated");
	is_int(t.expires_in_s, 60, "the access token's life is read");
	is_int(t.refresh_expires_in_s, 120, "the refresh token's life is read");
	is_int(token(&t, "{\"access_token\":\"x\",\"refresh_token\":7,\"expires_in\":\"60\"}", mem),
	    0, "a token answer with fields of wrong types is read");
	ok(t.refresh_token == NULL && t.scope == NULL && t.refresh_expires_in_s == 0,
	    "fields of wrong types count as missing");
	is_int(t.expires_in_s, 2592000, "a missing life is the documented one");
	is_int(token(&t, "{\"access_token\":\"x\",\"expires_in\":9000000000000000000}", mem), 0,
	    "an absurd life is read");
	is_int(t.expires_in_s, 10 * 366 * 86400, "a token's life is limited");
	is_int(token(&t, "{\"access_token\":\"a\\r\\nX: y\"}", mem), -1,
	    "a token with a line break is refused");
	is_int(token(&t, "{\"access_token\":\"\"}", mem), -1, "an empty token is refused");
	is_int(token(&t, "{}", mem), -1, "an answer without a token is refused");
	is_int(token(&t, "nope", mem), -1, "a token answer that is not JSON is refused");
	is_str(pinterest_code_form("a b&c", "https://x/cb", mem),
	    "grant_type=authorization_code&code=a%20b%26c&redirect_uri=https%3A%2F%2Fx%2Fcb"
	    "&continuous_refresh=true",
	    "the form for a code is encoded");
	is_str(pinterest_refresh_form("pinr.1+2", mem),
	    "grant_type=refresh_token&refresh_token=pinr.1%2B2",
	    "the form for a refresh is encoded");
}

static void
test_user(struct arena *mem)
{
	struct pinterest_user u;

	is_int(pinterest_user_parse(&u, "{\"id\":\"5\",\"username\":\"u\"}", 25, mem), 0,
	    "a user is read");
	is_str(u.id, "5", "the user's id is read");
	is_int(pinterest_user_parse(&u, "{\"username\":\"u\"}", 16, mem), 0,
	    "a user without id is read");
	ok(u.id == NULL && u.name == NULL, "a user without id has neither id nor name");
	is_int(pinterest_user_parse(&u,
		   TEXT("{\"id\":\"5\",\"username\":\"\\u202egnp\",\"business_name\":\" a\\nb \"}"),
		   mem),
	    0, "a user whose name turns text around is read");
	ok(u.username == NULL, "without that name");
	is_str(u.name, "a b", "a name is one line without blanks around it");
	is_int(pinterest_user_parse(&u, TEXT("{\"id\":\"5\",\"username\":\"  \"}"), mem), 0,
	    "a user with an invisible name is read");
	ok(u.username == NULL, "without it");
	is_int(pinterest_user_parse(&u, "{\"id\":[]}", 9, mem), -1,
	    "a user with a malformed id and no name is refused");
}

static void
test_gone(struct arena *mem)
{
	static const struct {
		const char *name;
		long status;
		const char *body;
		bool gone;
	} cases[] = {
		{ "404 code 50", 404, "{\"code\":50,\"message\":\"Pin not found.\"}", true },
		{ "another status", 403, "{\"code\":50,\"message\":\"Pin not found.\"}", false },
		{ "a board's code", 404, "{\"code\":40,\"message\":\"Board not found.\"}", false },
		{ "no such path", 404, "{\"code\":0,\"message\":\"Resource not found.\"}", false },
		{ "code as text", 404, "{\"code\":\"50\"}", false },
		{ "a proxy's page", 404, "<html>404 Not Found</html>", false },
		{ "nothing", 404, "", false },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		ok(pinterest_pin_gone(cases[i].status, cases[i].body, strlen(cases[i].body), mem) ==
			cases[i].gone,
		    "%s", cases[i].name);
}

static void
test_wait(void)
{
	static const struct {
		const char *reset, *after;
		int64_t want;
	} cases[] = {
		{ NULL, NULL, 0 },
		{ "1", NULL, 1 },
		{ "5", "30", 30 },
		{ "30", "5", 30 },
		{ "0", "-4", 0 },
		{ "soon", "1.5", 0 },
		{ "", " 3", 0 },
		{ "86401", NULL, 86400 },
		{ "1772352060", NULL, 60 },
		{ "1772351000", "2", 2 },
		{ "9223372036854775807", NULL, 86400 },
		{ "9223372036854775808", NULL, 0 },
		{ NULL, "Sun, 01 Mar 2026 08:01:00 GMT", 60 },
		{ NULL, "Sun, 01 Mar 2026 07:59:00 GMT", 0 },
		{ NULL, "Sun, 01 Mar 2026", 0 },
	};
	size_t i;

	for (i = 0; i < sizeof cases / sizeof cases[0]; i++)
		is_int(pinterest_wait_s(cases[i].reset, cases[i].after, NOW), cases[i].want,
		    cases[i].reset != NULL ? cases[i].reset : "Retry-After");
}

static void
test_window(void)
{
	static const struct {
		const char *limit;
		int64_t want;
	} cases[] = {
		{ "100, 100;w=1, 1000;w=60", 1 },
		{ "1000, 100;w=1, 1000;w=60", 60 },
		{ "300, 300;w=60,300;w=86400", 86400 },
		{ "300,300;w=86400", 86400 },
		{ "7, 100;w=1", 0 },
		{ "100", 0 },
		{ "100, 100", 0 },
		{ "100, 100;w=x, 100;q=1,", 0 },
		{ "x, 100;w=1", 0 },
		{ "99999999999, 99999999999;w=1", 0 },
		{ "", 0 },
		{ NULL, 0 },
	};
	size_t i;

	for (i = 0; i < sizeof cases / sizeof cases[0]; i++)
		is_int(pinterest_window_s(cases[i].limit), cases[i].want,
		    cases[i].limit != NULL ? cases[i].limit : "no header");
}

int
main(void)
{
	struct arena *mem = arena_new();

	test_create(mem);
	test_error(mem);
	test_pin(mem);
	test_page(mem);
	test_boards(mem);
	test_token(mem);
	test_user(mem);
	test_gone(mem);
	test_wait();
	test_window();
	arena_free(mem);
	return tap_done();
}
