#include "lib/webhook_target.h"

#include "lib/conf.h"
#include "lib/url.h"

const char *
webhook_target_fault(const struct conf *conf, const char *url)
{
	if (url_is_under(url, conf->public_url))
		return "must not point to this API itself, which takes no webhooks";
	return url_target_fault(url, conf->webhook.allow_http, &conf->outbound);
}
