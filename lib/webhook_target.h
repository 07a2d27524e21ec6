#ifndef LIB_WEBHOOK_TARGET_H
#define LIB_WEBHOOK_TARGET_H

struct conf;

/*
 * NULL, or why events may not be posted to this URL: url_target_fault(), or it is our own API.
 * Asked when a webhook is made or changed, and before each delivery.
 */
const char *webhook_target_fault(const struct conf *conf, const char *url);

#endif
