/* Images as the simulator judges them, and that a truncated or damaged one is never read past its
 * end (the sanitizer build checks).
 */
#include "app/sandbox/sim_fetch.h"

#include <stdlib.h>
#include <string.h>

#include "lib/xalloc.h"
#include "tests/rng.h"
#include "tests/tap.h"

#define BYTES(text) text, sizeof(text) - 1
#define PNG_HEAD(w, h) "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0" w "\0\0\0" h "\x08\0\0\0\0\1\2\3\4"
#define JPEG_SOF(w, h) "\xff\xc0\0\x0b\x08\0" h "\0" w "\1\1\x11\0"
#define JPEG_THUMBNAIL "\xff\xe1\0\x06\xff\xd8\xff\xd9"
#define JPEG_SOS "\xff\xda\0\x08\1\1\0\0\x3f\0"

static const struct {
	const char *name;
	const char *bytes;
	size_t len;
	enum sim_fetch_verdict verdict;
	int64_t width, height;
} cases[] = {
	{ "nothing", BYTES(""), SIM_FETCH_BROKEN, 0, 0 },
	{ "text", BYTES("<html></html>"), SIM_FETCH_BROKEN, 0, 0 },
	{ "PNG", BYTES(PNG_HEAD("\x28", "\x3c") "\0\0\0\0IEND\1\2\3\4"), SIM_FETCH_GOOD, 40, 60 },
	{ "PNG of 1 x 9", BYTES(PNG_HEAD("\1", "\x09") "\0\0\0\0IEND\1\2\3\4"), SIM_FETCH_SMALL, 1,
	    9 },
	{ "PNG without its end", BYTES(PNG_HEAD("\x28", "\x3c") "\0\0\0\0"), SIM_FETCH_BROKEN, 40,
	    60 },
	{ "PNG's first bytes", BYTES("\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"), SIM_FETCH_BROKEN, 0, 0 },
	{ "JPEG", BYTES("\xff\xd8" JPEG_SOF("\x28", "\x3c") JPEG_SOS "\1\2\3\xff\xd9"),
	    SIM_FETCH_GOOD, 40, 60 },
	{ "JPEG, fill bytes",
	    BYTES("\xff\xd8\xff\xff" JPEG_SOF("\x28", "\x3c") JPEG_SOS "\xff\xd9"), SIM_FETCH_GOOD,
	    40, 60 },
	{ "JPEG of 9 x 1", BYTES("\xff\xd8" JPEG_SOF("\x09", "\1") JPEG_SOS "\1\xff\xd9"),
	    SIM_FETCH_SMALL, 9, 1 },
	{ "JPEG cut after its thumbnail",
	    BYTES("\xff\xd8" JPEG_THUMBNAIL JPEG_SOF("\x28", "\x3c") JPEG_SOS "\1\2\3"),
	    SIM_FETCH_BROKEN, 40, 60 },
	{ "JPEG without a size", BYTES("\xff\xd8" JPEG_SOS "\1\2\3\xff\xd9"), SIM_FETCH_BROKEN, 0,
	    0 },
	{ "GIF", BYTES("GIF89a\4\0\4\0\0\0\0;"), SIM_FETCH_GOOD, 0, 0 },
	{ "WebP", BYTES("RIFF\x20\0\0\0WEBPVP8 \0\0"), SIM_FETCH_GOOD, 0, 0 },
	{ "RIFF with sound", BYTES("RIFF\x20\0\0\0WAVEfmt \0\0"), SIM_FETCH_BROKEN, 0, 0 },
};

/* A copy of exactly that size, so that a read past the end is detected. */
static struct sim_fetch_image
judge(const void *bytes, size_t len)
{
	char *copy = xmalloc(len + 1);
	struct sim_fetch_image image;

	memcpy(copy + 1, bytes, len);
	image = sim_fetch_judge(copy + 1, len);
	free(copy);
	return image;
}

static void
damage(struct rng *rng)
{
	char bytes[128];
	int n = 0;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (size_t len = 0; len <= cases[i].len; len++, n++)
			(void)judge(cases[i].bytes, len);
		for (int turn = 0; cases[i].len > 0 && turn < 2000; turn++, n++) {
			memcpy(bytes, cases[i].bytes, cases[i].len);
			bytes[rng_range(rng, 0, (int64_t)cases[i].len - 1)] ^=
			    (char)rng_range(rng, 0, 255);
			bytes[rng_range(rng, 0, (int64_t)cases[i].len - 1)] ^=
			    (char)rng_range(rng, 0, 255);
			(void)judge(bytes, cases[i].len);
		}
	}
	ok(n > 5000, "%d truncated and damaged images judged", n);
}

int
main(void)
{
	struct rng rng = rng_new();

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sim_fetch_image image = judge(cases[i].bytes, cases[i].len);

		is_int(image.verdict, cases[i].verdict, cases[i].name);
		is_int(image.width, cases[i].width, "its width is read");
		is_int(image.height, cases[i].height, "its height is read");
	}
	damage(&rng);
	return tap_done();
}
