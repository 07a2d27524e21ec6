-- The names that a client gave a pin, which its events repeat. C: struct pin_content (lib/pin.h).
external_id text
campaign text
