/*
 * CURLOPT_CAINFO and its blob replace libcurl's own bundle instead of adding to it, so that is read
 * here too. A directory of authorities (CURLOPT_CAPATH) stays in force beside either.
 */
#include "lib/certs.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/arena.h"
#include "lib/xalloc.h"

#define FILE_MAX (1024 * 1024)
#define BEGIN "-----BEGIN CERTIFICATE-----"

/* On the heap. NULL: errno says why, 0 that the file is too long or not text. */
static char *
pem_read(const char *path)
{
	FILE *in = fopen(path, "re");
	char *text;
	size_t len;
	int error;

	if (in == NULL)
		return NULL;
	text = xmalloc(FILE_MAX + 2);
	errno = 0;
	len = fread(text, 1, FILE_MAX + 1, in);
	error = ferror(in) != 0 ? errno : 0;
	fclose(in);
	text[len] = '\0';
	if (error == 0 && len <= FILE_MAX && strlen(text) == len)
		return text;
	free(text);
	errno = error;
	return NULL;
}

static char *
libcurl_bundle(void)
{
	CURL *easy = curl_easy_init();
	char *path = NULL, *text = NULL;

	if (easy != NULL && curl_easy_getinfo(easy, CURLINFO_CAINFO, &path) == CURLE_OK &&
	    path != NULL)
		text = pem_read(path);
	curl_easy_cleanup(easy);
	return text;
}

char *
certs_read(const char *path, struct arena *mem, const char **fault)
{
	char *own = pem_read(path), *bundle = NULL, *all = NULL;

	if (own == NULL) {
		*fault = arena_printf(mem, "%s: %s", path,
		    errno != 0 ? strerror(errno) : "is not PEM, or over 1 MiB");
	} else if (strstr(own, BEGIN) == NULL) {
		*fault = arena_printf(mem, "%s: holds no certificate (" BEGIN ")", path);
	} else {
		bundle = libcurl_bundle();
		all = arena_printf(mem, "%s\n%s", bundle != NULL ? bundle : "", own);
	}
	free(bundle);
	free(own);
	return all;
}

void
certs_trust(void *easy, char *pem)
{
	struct curl_blob blob = { .data = pem, .flags = CURL_BLOB_NOCOPY };

	if (pem == NULL)
		return;
	blob.len = strlen(pem);
	curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &blob);
}
