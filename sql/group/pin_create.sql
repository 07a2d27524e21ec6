-- What a create sends to Pinterest. C: struct pinterest_create (lib/pinterest.h).
board_id text
title text
description text
link_url text
alt_text text
dominant_color text
image_url text
