-- Boosts and answers note what they were counted for, as statuses do. What was counted before is found by who counts
-- for what.
INSERT INTO trend_uses (status_id, kind, subject_id, day, scored)
SELECT statuses.id, 'status', trend_marks.subject_id, trend_marks.at / 86400000, TRUE
FROM trend_marks
JOIN statuses ON statuses.reblog_of_id = trend_marks.subject_id AND statuses.account_id = trend_marks.account_id
WHERE trend_marks.kind = 'status' AND trend_marks.uses > 0 AND statuses.visibility IN ('public', 'unlisted');

INSERT INTO trend_uses (status_id, kind, subject_id, day, scored)
SELECT statuses.id, 'status', trend_marks.subject_id, trend_marks.at / 86400000, TRUE
FROM trend_marks
JOIN statuses ON statuses.in_reply_to_id = trend_marks.subject_id AND statuses.account_id = trend_marks.account_id
WHERE trend_marks.kind = 'status' AND trend_marks.uses > 0
    AND EXISTS (SELECT 1 FROM trend_uses used WHERE used.status_id = statuses.id AND used.kind = 'posts');
