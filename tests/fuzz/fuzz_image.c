/*
 * The image probe: any bytes have a kind, sizes that are not negative, and the same answer each
 * time; nothing beyond the bytes is read, and more of a known file does not make it another kind.
 */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "lib/media.h"

#define SURE_FROM 64 /* bytes that suffice for every signature but those of texts */

static void
sniff_copy(const uint8_t *data, size_t size, struct media_head *out)
{
	uint8_t *block = xmalloc(size > 0 ? size : 1);

	memcpy(block, data, size);
	media_sniff(block, size, out);
	free(block);
	MUST(out->type < MEDIA__COUNT && media_name(out->type) != NULL);
	MUST(out->width >= 0 && out->height >= 0);
	MUST(out->measured || (out->width == 0 && out->height == 0));
	MUST(media_use(out->type) <= MEDIA_REFUSED);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct media_head whole, again, half;

	if (size == 0)
		return 0;
	sniff_copy(data, size, &whole);
	sniff_copy(data, size, &again);
	MUST(whole.type == again.type && whole.width == again.width &&
	     whole.height == again.height && whole.ends == again.ends);
	if (size < 2 * SURE_FROM)
		return 0;
	sniff_copy(data, size / 2, &half);
	if (half.type == MEDIA_JPEG || half.type == MEDIA_PNG || half.type == MEDIA_GIF ||
	    half.type == MEDIA_WEBP)
		MUST(half.type == whole.type);
	return 0;
}
