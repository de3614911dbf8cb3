DROP INDEX trend_marks_subject;
DROP INDEX trend_scores_rank;
CREATE INDEX trend_scores_rank ON trend_scores (kind, potential);
ALTER TABLE trend_scores DROP COLUMN broad;
