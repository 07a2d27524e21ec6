-- The texts of a pin. C: SIM_PIN_TEXTS (app/sandbox/sim_view.h).
title text
description text
link text
alt_text text
dominant_color text
