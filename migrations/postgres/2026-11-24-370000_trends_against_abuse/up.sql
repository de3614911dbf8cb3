-- Whether a subject was taken up by somebody here, or by people of two owners of domains: what one hand alone pushes need not be
-- looked at. It is not taken back; the look at trends decides. Of what was there before, nothing is known.
ALTER TABLE trend_scores ADD COLUMN broad BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE trend_scores SET broad = TRUE;
DROP INDEX trend_scores_rank;
CREATE INDEX trend_scores_rank ON trend_scores (kind, broad, potential);

-- The last who took something up, without sorting all of them.
CREATE INDEX trend_marks_subject ON trend_marks (kind, subject_id, at);
