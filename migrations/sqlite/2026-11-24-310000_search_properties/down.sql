ALTER TABLE preview_cards DROP COLUMN has_player;
