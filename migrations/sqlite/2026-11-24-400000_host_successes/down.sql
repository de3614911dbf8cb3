ALTER TABLE hosts DROP COLUMN last_success_at;
