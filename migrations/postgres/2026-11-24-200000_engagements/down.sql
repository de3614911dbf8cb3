ALTER TABLE users DROP COLUMN count_link_clicks;
ALTER TABLE status_reads DROP COLUMN link_clicks;
ALTER TABLE status_reads DROP COLUMN profile_clicks;
ALTER TABLE status_reads DROP COLUMN media_engagements;
