#ifndef LIB_EMAIL_H
#define LIB_EMAIL_H

#include <stddef.h>

struct arena;

#define EMAIL_MAX 320

/*
 * The address in lower case (ASCII) and without blanks at its edges, in the arena. NULL and *fault
 * (static or in the arena) unless it is a mailbox and the name of a host, which has a dot: at most
 * 64 characters, 63 for each label and 320 in all. Letters may be of any script (RFC 6531); quoted
 * mailboxes are not taken. Pure.
 */
const char *email_clean(const char *text, size_t len, struct arena *mem, const char **fault);

#endif
