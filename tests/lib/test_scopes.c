#include "lib/scopes.h"

#include <string.h>

#include "lib/arena.h"
#include "tests/tap.h"

#define ASKED SCOPES_PUBLISH "," SCOPES_USER

static void
test_lists(struct arena *mem)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "a:read,b:read", "a:read,b:read" },
		{ "a:read b:read", "a:read,b:read" },
		{ " a:read ,\t b:read,", "a:read,b:read" },
		{ "a:read+b:read", "a:read,b:read" },
		{ "a:read,a:read", "a:read" },
		{ "a:read,<b>,b:read", "a:read,b:read" },
		{ "a:read,b\xc3\xa9:read", "a:read" },
		{ "", "" },
		{ ", ,", "" },
		{ NULL, "" },
	};
	char *longest = arena_alloc(mem, SCOPES_LIST_MAX + 2);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is_str(scopes_list(cases[i].text, mem), cases[i].want,
		    cases[i].text != NULL ? cases[i].text : "no list");
	memset(longest, 'a', SCOPES_LIST_MAX + 1);
	is_str(scopes_list(longest, mem), "", "a name that is too long for its column is left out");
	is_str(scopes_spaced("a:read,b:read", mem), "a:read, b:read", "a list for reading");
}

static void
test_missing(struct arena *mem)
{
	is_str(scopes_missing("a:read,b:read", "b:read,a:read,c:read", mem), "",
	    "no scope is missing");
	is_str(scopes_missing("a:read,b:read,b:write", "b:read", mem), "a:read,b:write",
	    "two missing scopes are named");
	is_str(scopes_missing("a:read", "a:read_secret", mem), "a:read",
	    "part of a scope's name does not match");
	is_str(scopes_missing("a:read", NULL, mem), "a:read",
	    "without a grant all scopes are missing");
	is_str(scopes_missing("", "a:read", mem), "", "without wanted scopes none is missing");
}

static void
test_boards(struct arena *mem)
{
	is_str(scopes_board_lacks("SECRET", SCOPES_PUBLISH, mem), SCOPES_SECRET,
	    "a secret board needs the secret scopes");
	is_str(scopes_board_lacks("SECRET", SCOPES_SECRET, mem), "", "with them it lacks nothing");
	is_str(scopes_board_lacks("SECRET", "boards:read_secret pins:read_secret", mem),
	    "boards:write_secret,pins:write_secret", "reading is not enough");
	is_str(scopes_board_lacks("PROTECTED", SCOPES_PUBLISH, mem), "",
	    "a protected board needs no others than a public one");
	is_str(scopes_board_lacks("PUBLIC", "", mem), "", "nor does a public one");
	is_str(scopes_board_lacks(NULL, "", mem), "", "nor one of unknown privacy");
}

static void
test_refusals(struct arena *mem)
{
	is_str(scopes_refused("Your token ... Missing: ['boards:write', 'pins:write']", mem),
	    "boards:write,pins:write", "a refusal names the missing scopes");
	is_str(scopes_refused("missing: [\"pins:write_secret\"] (more)", mem), "pins:write_secret",
	    "in other quotes too");
	is_str(scopes_refused("Your token does not have sufficient permissions.", mem), "",
	    "a refusal need not name any");
	is_str(scopes_refused("Missing: [", mem), "", "a cut refusal names none");
	is_str(scopes_refused("Missing: ['a:read'<x>", mem), "a:read", "only names are read");
}

static void
test_grant(struct arena *mem)
{
	struct scopes_grant g;

	scopes_examine(
	    &g, ASKED, "pins:write pins:read,boards:read,boards:write user_accounts:read", mem);
	ok(g.publishes && *g.missing == '\0' && g.message == NULL, "a whole grant lacks nothing");
	scopes_examine(&g, ASKED, NULL, mem);
	is_str(g.granted, ASKED, "no scopes in the answer: what was asked for was granted");
	ok(g.publishes && g.message == NULL, "and nothing is missing");
	scopes_examine(&g, ASKED, "", mem);
	is_str(g.missing, ASKED, "an empty list grants nothing");
	scopes_examine(&g, ASKED, "boards:read,boards:write,pins:read,user_accounts:read", mem);
	ok(!g.publishes, "without pins:write nothing can be published");
	is_str(g.message,
	    "Permissions were not granted: pins:write. Without them no pin can be published. "
	    "Connect again and grant them.",
	    "the message names what is missing and what follows");
	scopes_examine(&g, ASKED "," SCOPES_SECRET, ASKED ",boards:read_secret", mem);
	ok(g.publishes, "without secret scopes public boards can be published to");
	is_str(g.message,
	    "Permissions were not granted: boards:write_secret, pins:read_secret, "
	    "pins:write_secret. Without them secret boards cannot be used. Connect again and grant "
	    "them.",
	    "the message says that it is about secret boards");
	scopes_examine(&g, "user_accounts:read", "user_accounts:read", mem);
	is_str(
	    g.missing, SCOPES_PUBLISH, "what nobody asked for is missing if publishing needs it");
	ok(!g.publishes, "and then nothing can be published");
}

static void
test_lost(struct arena *mem)
{
	struct scopes_grant g;

	scopes_examine(&g, ASKED, "boards:read,boards:write,pins:read,user_accounts:read", mem);
	is_str(scopes_lost(&g, ASKED, ASKED, mem), "pins:write", "a poorer grant loses a scope");
	is_str(scopes_lost(&g, ASKED, "boards:read", mem), "", "what was never there is not lost");
	scopes_examine(&g, ASKED, ASKED, mem);
	is_str(scopes_lost(&g, ASKED, ASKED "," SCOPES_SECRET, mem), "",
	    "what is not asked for any more is not lost");
	is_str(scopes_lost(&g, ASKED ",pins:read_secret", ASKED "," SCOPES_SECRET, mem),
	    "pins:read_secret", "an optional scope that is asked for and refused now is lost");
}

int
main(void)
{
	struct arena *mem = arena_new();

	test_lists(mem);
	test_missing(mem);
	test_boards(mem);
	test_refusals(mem);
	test_grant(mem);
	test_lost(mem);
	arena_free(mem);
	return tap_done();
}
