/* Times as text: accepted text is in range and survives a round trip; the readers agree. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "lib/rfc3339.h"

#define LAST_US 253402300799999999

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), out[RFC3339_SIZE], again[RFC3339_SIZE];
	int64_t us = -1, lenient = -1, date = -1, back = -1;

	if (rfc3339_fault(text, &us) == NULL) {
		MUST(us >= 0 && us <= LAST_US);
		if (rfc3339_parse_lenient(text, &lenient) == 0)
			MUST(lenient == us);
		MUST(rfc3339_fault(rfc3339_format(us, out), &back) == NULL && back == us);
		MUST(strcmp(rfc3339_format(back, again), out) == 0);
	} else {
		MUST(us == -1);
	}
	if (rfc3339_parse_lenient(text, &lenient) == 0)
		MUST(lenient >= 0 && lenient <= LAST_US);
	if (httpdate_parse(text, &date) == 0)
		MUST(date >= 0 && date <= LAST_US && date % 1000000 == 0);
	if (size >= sizeof us) {
		memcpy(&us, data, sizeof us);
		if (us >= 0 && us <= LAST_US)
			MUST(rfc3339_fault(rfc3339_format(us, out), &back) == NULL && back == us);
	}
	free(text);
	return 0;
}
