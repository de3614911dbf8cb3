-- What moderators say of a hashtag. usable: members may write it. listable: searches and suggestions name it. Whether
-- it may trend is in trend_reviews. reviewed_at: when they said any of it last.
ALTER TABLE tags ADD COLUMN usable BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE tags ADD COLUMN listable BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE tags ADD COLUMN reviewed_at INTEGER;
UPDATE tags
SET reviewed_at = (
    SELECT said.reviewed_at FROM trend_reviews said WHERE said.kind = 'tag' AND said.subject_id = tags.id
)
WHERE id IN (SELECT subject_id FROM trend_reviews WHERE kind = 'tag');
