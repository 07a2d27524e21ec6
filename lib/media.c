/*
 * Signatures of files, in the order in which they are asked: the more specific first. Invariant:
 * every read is preceded by its bounds check, because the bytes come from anywhere.
 */
#include "config.h"

#include "lib/media.h"

#include <string.h>
#include <strings.h>

struct bytes {
	const unsigned char *p;
	size_t len;
};

static const struct {
	const char *name;
	enum media_use use;
} types[MEDIA__COUNT] = {
	[MEDIA_UNKNOWN] = { "bytes of an unknown kind", MEDIA_REFUSED },
	[MEDIA_JPEG] = { "a JPEG image", MEDIA_ACCEPTED },
	[MEDIA_PNG] = { "a PNG image", MEDIA_ACCEPTED },
	[MEDIA_GIF] = { "a GIF image", MEDIA_UNCONFIRMED },
	[MEDIA_WEBP] = { "a WebP image", MEDIA_UNCONFIRMED },
	[MEDIA_AVIF] = { "an AVIF image", MEDIA_REFUSED },
	[MEDIA_HEIC] = { "a HEIC image", MEDIA_REFUSED },
	[MEDIA_JXL] = { "a JPEG XL image", MEDIA_REFUSED },
	[MEDIA_JP2] = { "a JPEG 2000 image", MEDIA_REFUSED },
	[MEDIA_BMP] = { "a BMP image", MEDIA_REFUSED },
	[MEDIA_TIFF] = { "a TIFF image", MEDIA_REFUSED },
	[MEDIA_ICO] = { "an icon (ICO)", MEDIA_REFUSED },
	[MEDIA_PSD] = { "a Photoshop file", MEDIA_REFUSED },
	[MEDIA_SVG] = { "an SVG drawing", MEDIA_REFUSED },
	[MEDIA_MP4] = { "an MP4 or MOV video", MEDIA_REFUSED },
	[MEDIA_WEBM] = { "a WebM or Matroska video", MEDIA_REFUSED },
	[MEDIA_PDF] = { "a PDF document", MEDIA_REFUSED },
	[MEDIA_HTML] = { "an HTML page", MEDIA_REFUSED },
	[MEDIA_XML] = { "an XML document", MEDIA_REFUSED },
	[MEDIA_JSON] = { "JSON", MEDIA_REFUSED },
	[MEDIA_GZIP] = { "gzip-compressed data", MEDIA_REFUSED },
	[MEDIA_ZIP] = { "a ZIP archive", MEDIA_REFUSED },
	[MEDIA_TEXT] = { "plain text", MEDIA_REFUSED },
};

const char *
media_name(enum media_type t)
{
	return types[t].name;
}

enum media_use
media_use(enum media_type t)
{
	return types[t].use;
}

static bool
has_at(struct bytes b, size_t at, const char *text, size_t n)
{
	return at <= b.len && b.len - at >= n && memcmp(b.p + at, text, n) == 0;
}
#define HAS(b, at, literal) has_at(b, at, literal, sizeof(literal) - 1)

/* Little and big endian numbers of up to four bytes; 0 beyond the end. */
static int64_t
number_le(struct bytes b, size_t at, size_t n)
{
	int64_t v = 0;

	if (at > b.len || b.len - at < n)
		return 0;
	for (size_t i = n; i-- > 0;)
		v = v << 8 | b.p[at + i];
	return v;
}

static int64_t
number_be(struct bytes b, size_t at, size_t n)
{
	int64_t v = 0;

	if (at > b.len || b.len - at < n)
		return 0;
	for (size_t i = 0; i < n; i++)
		v = v << 8 | b.p[at + i];
	return v;
}

static void
size_set(struct media_head *h, int64_t width, int64_t height)
{
	h->width = width;
	h->height = height;
	h->measured = true;
}

static void
png_measure(struct bytes b, struct media_head *h)
{
	if (b.len >= 24 && HAS(b, 12, "IHDR"))
		size_set(h, number_be(b, 16, 4), number_be(b, 20, 4));
	h->ends = memmem(b.p, b.len, "IEND", 4) != NULL;
}

/* Walks the segments (ITU-T T.81, B.1) up to the frame's header, past thumbnails inside APPn. */
static void
jpeg_measure(struct bytes b, struct media_head *h)
{
	size_t at = 2;

	while (b.len >= 10 && at < b.len - 9 && b.p[at] == 0xff) {
		unsigned char marker = b.p[at + 1];

		if (marker == 0xff) {
			at++;
			continue;
		}
		/* SOF0 to SOF15 without DHT, JPG and DAC */
		if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 &&
		    marker != 0xcc && !h->measured)
			size_set(h, number_be(b, at + 7, 2), number_be(b, at + 5, 2));
		at += 2 + (size_t)number_be(b, at + 2, 2);
		if (marker == 0xda)
			break;
	}
	h->ends = at < b.len && memmem(b.p + at, b.len - at, "\xff\xd9", 2) != NULL;
}

/* https://developers.google.com/speed/webp/docs/riff_container */
static void
webp_measure(struct bytes b, struct media_head *h)
{
	int64_t bits = number_le(b, 21, 4);

	if (HAS(b, 12, "VP8X") && b.len >= 30)
		size_set(h, number_le(b, 24, 3) + 1, number_le(b, 27, 3) + 1);
	else if (HAS(b, 12, "VP8L") && b.len >= 25)
		size_set(h, (bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1);
	else if (HAS(b, 12, "VP8 ") && b.len >= 30)
		size_set(h, number_le(b, 26, 2) & 0x3fff, number_le(b, 28, 2) & 0x3fff);
}

static bool
is_brand(struct bytes b, size_t at, const char *const *brands)
{
	for (; *brands != NULL; brands++)
		if (has_at(b, at, *brands, 4))
			return true;
	return false;
}

/* An ISO BMFF file says in `ftyp` what it is: the major brand, or a compatible one of `mif1`. */
static enum media_type
bmff_type(struct bytes b)
{
	static const char *const avif[] = { "avif", "avis", NULL };
	static const char *const heic[] = { "heic", "heix", "heim", "heis", "hevc", "hevx", "hevm",
		"hevs", NULL };
	static const char *const image[] = { "mif1", "msf1", NULL };
	size_t end = (size_t)number_be(b, 0, 4);

	if (end > b.len)
		end = b.len;
	if (is_brand(b, 8, avif))
		return MEDIA_AVIF;
	if (is_brand(b, 8, heic))
		return MEDIA_HEIC;
	if (HAS(b, 8, "jp2 ") || HAS(b, 8, "jpx "))
		return MEDIA_JP2;
	if (!is_brand(b, 8, image))
		return MEDIA_MP4;
	for (size_t at = 16; at + 4 <= end; at += 4)
		if (is_brand(b, at, avif))
			return MEDIA_AVIF;
	return MEDIA_HEIC;
}

static enum media_type
binary_type(struct bytes b)
{
	static const struct {
		size_t at, n;
		const char *text;
		enum media_type type;
	} signatures[] = {
		{ 0, 3, "\xff\xd8\xff", MEDIA_JPEG },
		{ 0, 8, "\x89PNG\r\n\x1a\n", MEDIA_PNG },
		{ 0, 6, "GIF87a", MEDIA_GIF },
		{ 0, 6, "GIF89a", MEDIA_GIF },
		{ 0, 4, "II*\0", MEDIA_TIFF },
		{ 0, 4, "MM\0*", MEDIA_TIFF },
		{ 0, 4, "II+\0", MEDIA_TIFF },
		{ 0, 4, "8BPS", MEDIA_PSD },
		{ 0, 12, "\0\0\0\x0cJXL \r\n\x87\n", MEDIA_JXL },
		{ 0, 2, "\xff\x0a", MEDIA_JXL },
		{ 0, 12, "\0\0\0\x0cjP  \r\n\x87\n", MEDIA_JP2 },
		{ 0, 4, "\xff\x4f\xff\x51", MEDIA_JP2 },
		{ 0, 4, "\0\0\1\0", MEDIA_ICO },
		{ 0, 4, "\x1a\x45\xdf\xa3", MEDIA_WEBM },
		{ 0, 5, "%PDF-", MEDIA_PDF },
		{ 0, 2, "\x1f\x8b", MEDIA_GZIP },
		{ 0, 4, "PK\3\4", MEDIA_ZIP },
		{ 4, 4, "moov", MEDIA_MP4 },
		{ 4, 4, "mdat", MEDIA_MP4 },
		{ 4, 4, "wide", MEDIA_MP4 },
	};

	if (HAS(b, 0, "RIFF") && HAS(b, 8, "WEBP"))
		return MEDIA_WEBP;
	if (HAS(b, 4, "ftyp"))
		return bmff_type(b);
	/* "BM" begins words, too: the reserved fields must be zero. */
	if (HAS(b, 0, "BM") && HAS(b, 6, "\0\0\0\0"))
		return MEDIA_BMP;
	for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++)
		if (has_at(b, signatures[i].at, signatures[i].text, signatures[i].n))
			return signatures[i].type;
	return MEDIA_UNKNOWN;
}

static bool
begins_word(struct bytes b, const char *word)
{
	size_t n = strlen(word);

	return b.len >= n && strncasecmp((const char *)b.p, word, n) == 0;
}

/* The text behind a byte order mark, blanks, comments and an XML declaration. */
static struct bytes
skip_preamble(struct bytes b)
{
	if (HAS(b, 0, "\xef\xbb\xbf"))
		b = (struct bytes){ b.p + 3, b.len - 3 };
	for (;;) {
		const unsigned char *end = NULL;

		while (b.len > 0 && memchr(" \t\r\n\f", *b.p, 5) != NULL)
			b = (struct bytes){ b.p + 1, b.len - 1 };
		if (begins_word(b, "<?xml"))
			end = memmem(b.p, b.len, "?>", 2);
		else if (begins_word(b, "<!--"))
			end = memmem(b.p, b.len, "->", 2);
		else if (begins_word(b, "<!doctype svg"))
			end = memchr(b.p, '>', b.len);
		if (end == NULL)
			return b;
		end += *end == '>' ? 1 : 2;
		b = (struct bytes){ end, b.len - (size_t)(end - b.p) };
	}
}

static bool
is_text(struct bytes b)
{
	size_t n = b.len < 512 ? b.len : 512;

	for (size_t i = 0; i < n; i++)
		if (b.p[i] < ' ' && memchr("\t\r\n\f", b.p[i], 4) == NULL)
			return false;
	return n > 0;
}

static enum media_type
text_type(struct bytes whole)
{
	static const char *const html[] = { "<!doctype html", "<html", "<head", "<body", "<title",
		"<script", "<meta", "<div", "<p>", "<h1", "<iframe", "<style", "<br", "<table" };
	struct bytes b = skip_preamble(whole);

	if (begins_word(b, "<svg") || begins_word(b, "<!doctype svg"))
		return MEDIA_SVG;
	for (size_t i = 0; i < sizeof(html) / sizeof(html[0]); i++)
		if (begins_word(b, html[i]))
			return MEDIA_HTML;
	if (!is_text(whole))
		return MEDIA_UNKNOWN;
	if (b.p != whole.p && b.len > 0 && *b.p == '<')
		return MEDIA_XML;
	if (begins_word(b, "<?xml"))
		return MEDIA_XML;
	if (b.len > 0 && (*b.p == '{' || *b.p == '['))
		return MEDIA_JSON;
	return MEDIA_TEXT;
}

void
media_sniff(const void *bytes, size_t len, struct media_head *out)
{
	struct bytes b = { bytes, len };

	*out =
	    (struct media_head){ .type = len > 0 ? binary_type(b) : MEDIA_UNKNOWN, .ends = true };
	if (len > 0 && out->type == MEDIA_UNKNOWN)
		out->type = text_type(b);
	if (out->type == MEDIA_JPEG)
		jpeg_measure(b, out);
	else if (out->type == MEDIA_PNG)
		png_measure(b, out);
	else if (out->type == MEDIA_WEBP)
		webp_measure(b, out);
	else if (out->type == MEDIA_GIF && len >= 10)
		size_set(out, number_le(b, 6, 2), number_le(b, 8, 2));
}
