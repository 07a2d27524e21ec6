#ifndef LIB_CERTS_H
#define LIB_CERTS_H

#include "lib/attr.h"

struct arena;

/*
 * Authorities to trust, as PEM text in the arena: those in the file, and those that libcurl trusts
 * anyway. NULL and *fault (in the arena) when the file cannot be read or holds no certificate.
 */
MUST_CHECK char *certs_read(const char *path, struct arena *mem, const char **fault);
/* Makes a transfer (CURL *) trust them; `pem` must outlive it, NULL: libcurl's own. */
void certs_trust(void *easy, char *pem);

#endif
