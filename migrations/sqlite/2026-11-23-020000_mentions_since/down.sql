ALTER TABLE mentions DROP COLUMN since;
