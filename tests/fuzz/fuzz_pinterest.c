/* Pinterest's answers and headers: whatever the input, decoded values are within their documented
 * limits. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "lib/arena.h"
#include "lib/json.h"
#include "lib/origin.h"
#include "lib/pinterest.h"
#include "lib/pinterest_reports.h"
#include "lib/scopes.h"
#include "lib/utf8.h"

#define NOW_US (1772352000LL * US_PER_S)

static void
check_id(const char *id)
{
	MUST(id != NULL && id[0] != '\0' && strlen(id) <= 64);
	MUST(id[strspn(id, "0123456789")] == '\0');
}

static void
check_text(const char *text)
{
	MUST(text == NULL || utf8_valid(text, strlen(text)));
}

static void
check_scopes(const char *list, struct arena *mem)
{
	if (list == NULL)
		return;
	MUST(strlen(list) <= SCOPES_LIST_MAX && strcmp(scopes_list(list, mem), list) == 0);
	MUST(*scopes_missing(list, list, mem) == '\0');
}

static void
check_pins(const char *body, size_t len, struct arena *mem)
{
	struct pinterest_error e;
	struct pinterest_page page;
	struct pinterest_pin pin;
	size_t i;

	pinterest_error_parse(&e, body, len, mem);
	MUST(strlen(e.message) <= 500 && utf8_valid(e.message, strlen(e.message)));
	check_scopes(scopes_refused(e.message, mem), mem);
	if (pinterest_pin_parse(&pin, body, len, mem) == 0) {
		check_id(pin.id);
		check_text(pin.title);
	}
	if (pinterest_page_parse(&page, body, len, mem) == 0) {
		MUST(page.bookmark == NULL || page.bookmark[0] != '\0');
		for (i = 0; i < page.len; i++)
			check_id(page.pins[i].id);
	}
}

static void
check_reports(const char *body, size_t len, struct arena *mem)
{
	struct pinterest_terms t;

	json_object_put(pinterest_report_parse(body, len));
	json_object_put(pinterest_top_pins_parse(body, len));
	if (pinterest_terms_parse(&t, body, len, mem) != 0)
		return;
	check_text(t.id);
	for (size_t i = 0; i < t.len; i++) {
		MUST(t.groups[i].term != NULL);
		for (size_t k = 0; k < t.groups[i].len; k++)
			check_text(t.groups[i].related[k]);
	}
}

static void
check_accounts(const char *body, size_t len, struct arena *mem)
{
	struct pinterest_boards boards;
	struct pinterest_board board;
	struct pinterest_token token;
	struct pinterest_user user;
	size_t i;

	if (pinterest_board_parse(&board, body, len, mem) == 0)
		check_id(board.id);
	if (pinterest_boards_parse(&boards, body, len, mem) == 0)
		for (i = 0; i < boards.len; i++)
			check_id(boards.boards[i].id);
	if (pinterest_token_parse(&token, body, len, mem) == 0) {
		MUST(token.expires_in_s > 0 && token.refresh_expires_in_s >= 0);
		MUST(strpbrk(token.access_token, " \r\n") == NULL);
		check_scopes(token.scope, mem);
	}
	if (pinterest_user_parse(&user, body, len, mem) == 0)
		MUST(user.id != NULL || user.username != NULL);
}

static void
check_snapshot(const char *text, struct arena *mem)
{
	struct pinterest_create c, again;
	const char *body;

	if (pinterest_create_parse(&c, text, mem) == -1)
		return;
	body = pinterest_create_body(&c, mem);
	MUST(pinterest_create_parse(&again, body, mem) == 0);
	MUST(strcmp(pinterest_create_body(&again, mem), body) == 0);
}

static void
check_headers(const char *text, struct arena *mem)
{
	int64_t wait = pinterest_wait_s(text, NULL, NOW_US);

	MUST(wait >= 0 && wait <= 86400);
	MUST(pinterest_wait_s(NULL, text, NOW_US) == wait);
	MUST(pinterest_window_s(text) >= 0);
	if (strlen(text) < 4000)
		MUST(scopes_missing(text, text, mem)[0] == '\0');
	check_scopes(scopes_list(text, mem), mem);
}

/* What answered is told in plain ASCII, and no text is both Pinterest's and a page. */
static void
check_origin(const char *body, size_t len, const char *text, struct arena *mem)
{
	for (long status = 200; status < 600; status += 101) {
		const struct origin_answer a = { .status = status,
			.type = text,
			.location = text,
			.body = body,
			.body_len = len,
			.complete = (len & 1) != 0 };
		const char *told = origin_text(&a, mem);
		struct pinterest_error e;

		MUST(strlen(told) <= ORIGIN_TEXT_MAX);
		for (; *told != '\0'; told++)
			MUST(*told >= ' ' && *told <= '~' && *told != '"' && *told != '\\');
		pinterest_error_parse(&e, body, len, mem);
		if (status >= 300 && origin_of(&a, &e, false) == ORIGIN_PINTEREST)
			MUST(e.whole);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *mem = arena_new();
	char *text = fuzz_text(data, size);

	check_pins((const char *)data, size, mem);
	check_reports((const char *)data, size, mem);
	check_accounts((const char *)data, size, mem);
	check_snapshot(text, mem);
	check_headers(text, mem);
	check_origin((const char *)data, size, text, mem);
	free(text);
	arena_free(mem);
	return 0;
}
