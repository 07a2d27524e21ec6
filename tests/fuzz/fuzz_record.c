/* FastCGI records: no byte outside the input is taken, and pieces do not depend on how it was cut.
 */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "app/http/record.h"

/* Hands the body over in parts of `part` bytes; returns a hash of its pieces. */
static uint64_t
body_hash(struct record_body body, const unsigned char *bytes, size_t len, size_t part, int *rc)
{
	const unsigned char *at = bytes, *piece;
	size_t piece_len, have = 0, given = 0;
	uint64_t hash = 1;

	for (;;) {
		*rc = record_piece(&body, &at, &have, &piece, &piece_len);
		if (*rc == RECORD_GOOD) {
			MUST(piece_len > 0 && piece >= bytes && piece + piece_len <= bytes + given);
			for (size_t i = 0; i < piece_len; i++)
				hash = hash * 31 + piece[i];
			continue;
		}
		MUST(at + have == bytes + given);
		if (*rc != RECORD_MORE || given == len)
			return hash;
		if (part > len - given)
			part = len - given;
		given += part;
		have += part;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char *bytes = xmalloc(size > 0 ? size : 1);
	struct record_body body, cut;
	size_t len, cut_len;
	int whole, parts;

	memcpy(bytes, data, size);
	if (record_head(bytes, size, &len, &body) == RECORD_GOOD) {
		MUST(len <= size && body.id != 0);
		MUST(record_head(bytes, len, &cut_len, &cut) == RECORD_GOOD && cut_len == len);
		MUST(record_head(bytes, len - 1, &cut_len, &cut) == RECORD_MORE);
		MUST(body_hash(body, bytes + len, size - len, size + 1, &whole) ==
		     body_hash(body, bytes + len, size - len, 1, &parts));
		MUST(whole == parts);
	}
	free(bytes);
	return 0;
}
