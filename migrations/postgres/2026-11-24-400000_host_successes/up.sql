-- When a host last took something from us, to the hour. In milliseconds since 1970.
ALTER TABLE hosts ADD COLUMN last_success_at BIGINT;
