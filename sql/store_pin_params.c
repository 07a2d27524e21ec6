/* The words and the place of new work, once for pins and schedules. */
#include "sql/store_pin_params.h"

#include <string.h>

size_t
store_new_params(const struct uuid *id, const struct store_account *account,
    const struct pin_new *p, struct db_param *out)
{
	const struct db_param in[STORE_NEW_PARAMS] = {
		db_uuid(id),
		db_uuid(&account->project_id),
		db_uuid(&account->id),
		db_uuid(&account->lane_id),
		db_int(account->shard),
		db_text(p->board_id),
		db_text(p->title),
		db_text(p->description),
		db_text(p->link_url),
		db_text(p->alt_text),
		db_text(p->related_terms),
		db_text(p->dominant_color),
		db_text(p->image_url),
		db_uuid(p->has_asset ? &p->asset_id : NULL),
		db_text(p->cover_image_url),
		db_uuid(p->has_cover_asset ? &p->cover_asset_id : NULL),
		db_text(p->idempotency_key),
		db_text(p->external_id),
		db_text(p->campaign),
	};

	memcpy(out, in, sizeof(in));
	return STORE_NEW_PARAMS;
}
