/* What files are by their first bytes. */
#include "lib/media.h"

#include <stdlib.h>

#include "tests/tap.h"

#define BYTES(text) text, sizeof(text) - 1

static const struct {
	const char *bytes;
	size_t len;
	enum media_type type;
	int64_t width, height;
	bool ends;
} heads[] = {
	{ BYTES("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\3\xe8\0\0\5\xdc\10\2\0\0\0....IEND"), MEDIA_PNG,
	    1000, 1500, true },
	{ BYTES("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\3\xe8\0\0\5\xdc\10\2\0\0\0"), MEDIA_PNG, 1000,
	    1500, false },
	{ BYTES("\x89PNG\r\n\x1a\n"), MEDIA_PNG, 0, 0, false },
	/* the thumbnail inside APP1 has an end of its own */
	{ BYTES("\xff\xd8\xff\xe1\0\x08TH\xff\xd9MB\xff\xff\xc2\0\x0b\10\2\x58\1\x90\1\1\x11\0"
		"\xff\xda\0\2xx\xff\xd9"),
	    MEDIA_JPEG, 400, 600, true },
	{ BYTES("\xff\xd8\xff\xe1\0\x08TH\xff\xd9MB\xff\xc0\0\x0b\10\2\x58\1\x90\1\1\x11\0"
		"\xff\xda\0\2xx"),
	    MEDIA_JPEG, 400, 600, false },
	{ BYTES("\xff\xd8\xff"), MEDIA_JPEG, 0, 0, false },
	{ BYTES("GIF89a\x0a\0\x14\0\0"), MEDIA_GIF, 10, 20, true },
	{ BYTES("RIFF\x30\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xe7\3\0\xdb\5\0"), MEDIA_WEBP, 1000, 1500,
	    true },
	{ BYTES("RIFF\x30\0\0\0WEBPVP8L\x0a\0\0\0\x2f\xe7\xc3\x76\1"), MEDIA_WEBP, 1000, 1500,
	    true },
	{ BYTES("RIFF\x30\0\0\0WEBPVP8 \x0a\0\0\0...\x9d\1\x2a\xe8\3\xdc\5"), MEDIA_WEBP, 1000,
	    1500, true },
	{ BYTES("\0\0\0\x18"
		"ftypheic\0\0\0\0mif1heic"),
	    MEDIA_HEIC, 0, 0, true },
	{ BYTES("\0\0\0\x18"
		"ftypmif1\0\0\0\0heicmif1"),
	    MEDIA_HEIC, 0, 0, true },
	{ BYTES("\0\0\0\x18"
		"ftypavif\0\0\0\0mif1miaf"),
	    MEDIA_AVIF, 0, 0, true },
	{ BYTES("\0\0\0\x18"
		"ftypmif1\0\0\0\0miafavif"),
	    MEDIA_AVIF, 0, 0, true },
	{ BYTES("\0\0\0\x18"
		"ftypisom\0\0\0\0mp41avc1"),
	    MEDIA_MP4, 0, 0, true },
	{ BYTES("\0\0\0\x14"
		"ftypqt  \0\0\0\0qt  "),
	    MEDIA_MP4, 0, 0, true },
	{ BYTES("BM\x36\0\0\0\0\0\0\0\x36\0\0\0"), MEDIA_BMP, 0, 0, true },
	{ BYTES("BMW and other words"), MEDIA_TEXT, 0, 0, true },
	{ BYTES("II*\0\10\0\0\0"), MEDIA_TIFF, 0, 0, true },
	{ BYTES("MM\0*\0\0\0\10"), MEDIA_TIFF, 0, 0, true },
	{ BYTES("\0\0\1\0\1\0"), MEDIA_ICO, 0, 0, true },
	{ BYTES("8BPS\0\1"), MEDIA_PSD, 0, 0, true },
	{ BYTES("%PDF-1.7\n"), MEDIA_PDF, 0, 0, true },
	{ BYTES("\x1f\x8b\10\0"), MEDIA_GZIP, 0, 0, true },
	{ BYTES("PK\3\4"), MEDIA_ZIP, 0, 0, true },
	{ BYTES("\x1a\x45\xdf\xa3"), MEDIA_WEBM, 0, 0, true },
	{ BYTES("\xff\x0a\1"), MEDIA_JXL, 0, 0, true },
	{ BYTES("<svg xmlns='http://www.w3.org/2000/svg'/>"), MEDIA_SVG, 0, 0, true },
	{ BYTES(
	      "\xef\xbb\xbf<?xml version='1.0'?>\n<!-- a > b -->\n<!DOCTYPE svg PUBLIC 'x'><svg>"),
	    MEDIA_SVG, 0, 0, true },
	{ BYTES("\n <!DOCTYPE HTML><title>Log in</title>"), MEDIA_HTML, 0, 0, true },
	{ BYTES("<!-- x --><html>"), MEDIA_HTML, 0, 0, true },
	{ BYTES("<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>"), MEDIA_XML, 0, 0,
	    true },
	{ BYTES("<?xml version='1.0'"), MEDIA_XML, 0, 0, true },
	{ BYTES("{\"error\":1}"), MEDIA_JSON, 0, 0, true },
	{ BYTES("version https://git-lfs.github.com/spec/v1\n"), MEDIA_TEXT, 0, 0, true },
	{ BYTES("\1\2\3\4"), MEDIA_UNKNOWN, 0, 0, true },
	{ BYTES(""), MEDIA_UNKNOWN, 0, 0, true },
};

static void
test_heads(void)
{
	struct media_head h;

	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		const char *name = media_name(heads[i].type);

		media_sniff(heads[i].bytes, heads[i].len, &h);
		ok(h.type == heads[i].type, "head %zu is %s (%s)", i, name, media_name(h.type));
		ok(h.width == heads[i].width && h.height == heads[i].height,
		    "head %zu, %s: %lld x %lld", i, name, (long long)h.width, (long long)h.height);
		ok(h.ends == heads[i].ends, "head %zu, %s: %s", i, name,
		    heads[i].ends ? "whole" : "cut");
	}
}

/* Every prefix of every head: nothing is read beyond the end (seen by the sanitizers). */
static void
test_cuts(void)
{
	struct media_head h;
	size_t jpeg = 0, n = 0;

	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		for (size_t len = 0; len <= heads[i].len; len++, n++) {
			char *exact = malloc(len + 1);

			memcpy(exact, heads[i].bytes, len);
			media_sniff(exact, len, &h);
			jpeg += h.type == MEDIA_JPEG;
			free(exact);
		}
	ok(n > 500 && jpeg > 50, "every prefix can be looked at");
}

static void
test_uses(void)
{
	ok(media_use(MEDIA_JPEG) == MEDIA_ACCEPTED && media_use(MEDIA_PNG) == MEDIA_ACCEPTED,
	    "JPEG and PNG are accepted");
	ok(media_use(MEDIA_GIF) == MEDIA_UNCONFIRMED && media_use(MEDIA_WEBP) == MEDIA_UNCONFIRMED,
	    "GIF and WebP are unconfirmed");
	for (int t = MEDIA_UNKNOWN; t < MEDIA__COUNT; t++)
		if (t != MEDIA_JPEG && t != MEDIA_PNG && t != MEDIA_GIF && t != MEDIA_WEBP)
			ok(media_use((enum media_type)t) == MEDIA_REFUSED, "%s is refused",
			    media_name((enum media_type)t));
}

int
main(void)
{
	test_heads();
	test_cuts();
	test_uses();
	return tap_done();
}
