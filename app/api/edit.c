/* Checks of an edit, shared by schedules and pins. */
#include "app/api/edit.h"

#include <string.h>

#include "app/api/accept.h"
#include "app/api/pin_view.h"
#include "app/pinterest/board.h"
#include "app/http/call.h"
#include "lib/clock.h"

bool
edit_read(struct call *c, enum pin_form form, struct edit *e)
{
	struct problem why = { 0 };

	return call_uuid(c, 0, &e->id) &&
	       (pin_patch_decode(&e->patch, form, c->json, c->now_us, c->mem, &why) == 0 ||
		   !call_refused(c, &why));
}

void
edit_check(struct call *c, const struct edit *e, const struct pin_view *r, struct problem *why)
{
	const struct pin_patch *p = &e->patch;
	int64_t run_at = p->set & PIN_F_RUN_AT ? p->to.run_at_us : r->run_at_us;

	if ((p->set & PIN_F_NOT_AFTER) && p->to.not_after_us != TIME_NONE &&
	    p->to.not_after_us <= run_at)
		problem_field(why, c->mem, "not_after", "must be after run_at");
	else if ((p->set & PIN_F_COVER) && !(p->set & PIN_F_IMAGE) &&
		 r->content.image_url != NULL &&
		 (p->to.content.cover_image_url != NULL ||
		     !uuid_is_nil(&p->to.content.cover_asset_id)))
		problem_field(why, c->mem, "cover_image_url", "only a video has a cover");
}

bool
edit_moves(const struct edit *e, const struct pin_view *r)
{
	return (e->patch.set & PIN_F_BOARD) &&
	       strcmp(e->patch.to.content.board_id, r->content.board_id) != 0;
}

bool
edit_accept(struct call *c, const struct edit *e, const struct pin_view *r)
{
	struct store_account account;

	if (!accept_media_found(c, &e->patch.to))
		return false;
	return !edit_moves(e, r) || (accept_account(c, &r->account_id, &account) &&
					board_accept(c, &account, e->patch.to.content.board_id));
}
