-- What a pin says and shows, the same for its schedule. C: struct pin_content (lib/pin.h).
board_id text
title text
description text
link_url text
alt_text text
related_terms text
dominant_color text
image_url text
asset_id uuid
cover_image_url text
cover_asset_id uuid
external_id text
campaign text
