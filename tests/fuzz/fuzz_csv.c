/* CSV files: an accepted file is an array of 1 to 500 objects, and a refusal has a reason. */
#include "tests/fuzz/fuzz.h"

#include <json-c/json.h>
#include <stdlib.h>

#include "app/api/csv_rows.h"
#include "lib/arena.h"
#include "lib/problem.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = xmalloc(size > 0 ? size : 1);
	struct arena *mem = arena_new();
	struct problem why = { 0 };
	struct json_object *rows;

	memcpy(text, data, size);
	rows = csv_rows_parse(text, size, mem, &why);
	if (rows == NULL) {
		MUST(why.status == 422 && why.errors_len > 0);
	} else {
		size_t n = json_object_array_length(rows);

		MUST(n >= 1 && n <= CSV_ROWS_MAX && why.status == 0);
		for (size_t i = 0; i < n; i++)
			MUST(json_object_is_type(
			    json_object_array_get_idx(rows, i), json_type_object));
	}
	json_object_put(rows);
	arena_free(mem);
	free(text);
	return 0;
}
