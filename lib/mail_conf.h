#ifndef LIB_MAIL_CONF_H
#define LIB_MAIL_CONF_H

#include <stdbool.h>
#include <stdint.h>

/* [mail]: who mails go through. Part of struct conf. */
struct mail_conf {
	const char *url; /* "smtp://host:587"; NULL: none are sent */
	const char *user;
	const char *password;
	const char *from; /* address of the sender, */
	const char *from_name;
	bool require_tls;
	char *ca; /* certs_read() of ca_file */
	int64_t timeout_ms;
};

#endif
