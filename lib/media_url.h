#ifndef LIB_MEDIA_URL_H
#define LIB_MEDIA_URL_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"

struct arena;

/* What an image's URL alone tells. Pure; the URL is one that url_fault() accepts. */

/* A service whose page shows the image, but is not the image. */
struct media_viewer {
	const char *service; /* "Google Drive" */
	const char *instead; /* a sentence: what to give in its place */
};
/* NULL: no such page is known. */
const struct media_viewer *media_url_viewer(const char *url, struct arena *mem);

/*
 * When the URL stops working by its own words: a signature of S3 and the like (X-Amz-, X-Goog-,
 * X-Oss-Date and -Expires), Azure (se), CloudFront (Expires or Policy), S3 v2, Google and Alibaba
 * (Expires), Akamai (exp=), Facebook and Instagram (oe), Discord (ex), or a JSON Web Token (exp).
 * False: it names no end.
 */
struct media_signature {
	int64_t ends_us;
	const char *param; /* the parameter that says so: "X-Amz-Expires" */
};
MUST_CHECK bool media_url_signature(
    const char *url, struct arena *mem, struct media_signature *out);

#endif
