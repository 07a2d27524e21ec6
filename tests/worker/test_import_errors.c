/* What is stored about a row that failed. */
#include "worker/import/import_errors.h"

#include "lib/arena.h"
#include "lib/problem.h"
#include "tests/tap.h"

int
main(void)
{
	struct arena *mem = arena_new();
	struct problem why = { 0 };
	const char *text;

	import_errors_add(&why, mem, "board_not_found", "board_id", "There is no such board.");
	is_str(why.code, "board_not_found", "the code is that of the only fault");
	is_str(import_errors_message(&why, 0, mem), "There is no such board.",
	    "its sentence is whole");
	is_str(import_errors_message(&why, 7, mem), "There is no such board. (line 7)",
	    "the line of the file is named");
	is_str(import_errors_list(&why, mem),
	    "[{\"field\":\"board_id\",\"message\":\"There is no such board.\"}]",
	    "and it is listed");

	memset(&why, 0, sizeof(why));
	problem_field(&why, mem, "title", "must not be empty");
	import_errors_add(&why, mem, "not_found", "account_id", "Account not found.");
	is_str(why.code, "validation_error", "the code is that of the first of two");
	is_str(import_errors_message(&why, 3, mem),
	    "title: must not be empty; account_id: Account not found. (line 3)", "both are told");

	memset(&why, 0, sizeof(why));
	import_errors_add(&why, mem, "validation_error", "", "the line has 3 cells");
	is_str(import_errors_message(&why, 9, mem), "the line has 3 cells (line 9)",
	    "a fault of the whole row has no field");
	is_str(import_errors_list(&why, mem),
	    "[{\"field\":null,\"message\":\"the line has 3 cells\"}]", "nor in the list");

	memset(&why, 0, sizeof(why));
	for (int i = 0; i < 40; i++)
		problem_field(
		    &why, mem, arena_printf(mem, "field_%02d", i), "is wrong in some way");
	text = import_errors_message(&why, 4294967295u, mem);
	ok(strlen(text) <= IMPORT_MESSAGE_BYTES && strstr(text, "; and 27 more (line 4294967295)"),
	    "many faults: as many as fit, and how many more: %s", text);

	memset(&why, 0, sizeof(why));
	problem_field(&why, mem, "a", arena_printf(mem, "%0700d", 1));
	ok(strlen(import_errors_message(&why, 1, mem)) <= IMPORT_MESSAGE_BYTES,
	    "a long one is cut");
	arena_free(mem);
	return tap_done();
}
