#ifndef LIB_MEDIA_H
#define LIB_MEDIA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What a file is, by its first bytes. Pure; no decoder: signatures, the box brands of ISO BMFF
 * (ISO/IEC 14496-12), and the sizes that headers state. Never trusts a length that it reads.
 */
enum media_type {
	MEDIA_UNKNOWN,
	MEDIA_JPEG,
	MEDIA_PNG,
	MEDIA_GIF,
	MEDIA_WEBP,
	MEDIA_AVIF,
	MEDIA_HEIC,
	MEDIA_JXL,
	MEDIA_JP2,
	MEDIA_BMP,
	MEDIA_TIFF, /* raw photographs too */
	MEDIA_ICO,
	MEDIA_PSD,
	MEDIA_SVG,
	MEDIA_MP4,  /* and MOV */
	MEDIA_WEBM, /* and MKV */
	MEDIA_PDF,
	MEDIA_HTML,
	MEDIA_XML,
	MEDIA_JSON,
	MEDIA_GZIP,
	MEDIA_ZIP,
	MEDIA_TEXT,
	MEDIA__COUNT
};

/* Pinterest's documents name JPEG and PNG; its users report that GIF and WebP are taken by URL. */
enum media_use { MEDIA_ACCEPTED, MEDIA_UNCONFIRMED, MEDIA_REFUSED };

struct media_head {
	enum media_type type;
	int64_t width, height; /* pixels; 0: not stated in these bytes */
	bool measured;         /* width and height were read, so 0 is what the file says */
	bool ends;             /* the end marker of its kind is here, or its kind has none */
};

void media_sniff(const void *bytes, size_t len, struct media_head *out);
/* "a JPEG image"; for sentences. */
const char *media_name(enum media_type t);
enum media_use media_use(enum media_type t);

#endif
