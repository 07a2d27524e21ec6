/* What lighttpd refused and handed over. */
#include "app/http/refused.h"

#include <string.h>

#include "lib/num.h"
#include "lib/problem.h"

/* The path named in etc/lighttpd/pintempo.conf. */
#define HANDLER "/.refused"
#define SIMULATOR "/sandbox/"

int
refused_status(const char *redirect_uri, const char *redirect_status)
{
	int64_t status = 0;

	if (redirect_uri == NULL || strcmp(redirect_uri, HANDLER) != 0 || redirect_status == NULL)
		return 0;
	return num_parse(redirect_status, 400, 599, &status) == 0 ? (int)status : 0;
}

bool
refused_bare_post(int status, const char *target)
{
	return status == 411 && strncmp(target, SIMULATOR, strlen(SIMULATOR)) != 0;
}

void
refused_problem(struct problem *p, int status)
{
	static const struct {
		int status;
		const char *code;
		const char *message;
	} refusals[] = {
		{ 405, "method_not_allowed", "The web server does not take this method here." },
		{ 411, "length_required", "A POST needs a Content-Length here: 0 without a body." },
		{ 413, "payload_too_large",
		    "The request body is larger than the web server takes." },
		{ 414, "uri_too_long", "The address is too long." },
		{ 417, "expectation_failed", "The Expect header cannot be met." },
		{ 431, "headers_too_large", "The request headers are too large." },
		{ 501, "method_not_allowed",
		    "The web server does not know this method or encoding." },
		{ 505, "bad_request", "This HTTP version is not spoken here." },
	};
	size_t i;

	for (i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
		if (refusals[i].status == status) {
			problem_set(p, status, refusals[i].code, refusals[i].message);
			return;
		}
	}
	problem_set(p, 400, "bad_request", "The request is not valid HTTP.");
}
