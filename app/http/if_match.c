/* Changes that depend on what was seen. */
#include "app/http/if_match.h"

#include <string.h>

#include "app/http/call.h"
#include "app/http/etag.h"
#include "lib/problem.h"

bool
if_match_wanted(const struct call *c)
{
	const char *method = c->req->method;

	return c->req->if_match != NULL && !c->reads && !c->part && strcmp(method, "GET") != 0 &&
	       strcmp(method, "HEAD") != 0;
}

static bool
if_match_refuse(struct call *c, const char *message, const char *remediation)
{
	struct problem why = { 0 };

	problem_set(&why, 412, "precondition_failed", message);
	why.remediation = remediation;
	reply_problem(&c->reply, &why);
	return false;
}

bool
if_match_routed(struct call *c)
{
	static const char *const tagged[] = { "/v1/api-keys/{}", "/v1/pins/{}", "/v1/schedules/{}",
		"/v1/webhooks/{}" };
	size_t i, len;

	if (!if_match_wanted(c))
		return true;
	for (i = 0; i < sizeof(tagged) / sizeof(tagged[0]); i++) {
		len = strlen(tagged[i]);
		if (strncmp(c->route, tagged[i], len) == 0 &&
		    (c->route[len] == '\0' || c->route[len] == '/'))
			return true;
	}
	return if_match_refuse(c, "What this changes has no ETag that If-Match could name.",
	    "Send If-Match only with changes of one pin, schedule, webhook or API key.");
}

bool
if_match_holds(struct call *c, const char *etag)
{
	bool weak = c->req->if_match != NULL && strstr(c->req->if_match, "W/") != NULL;

	if (!if_match_wanted(c))
		return true;
	c->compared = true;
	if (etag_meant(c->req->if_match, etag))
		return true;
	return if_match_refuse(c, "It has changed since the ETag in If-Match was answered.",
	    weak ? "Weak tags (W/) never match: have what stands in between, such as a proxy that "
		   "compresses, leave ETag as it is."
		 : "Read it again, and decide again.");
}

bool
if_match_compared(struct call *c)
{
	if (!if_match_wanted(c) || c->compared)
		return true;
	return if_match_refuse(
	    c, "This does not compare If-Match; nothing was changed.", "Send it without If-Match.");
}
