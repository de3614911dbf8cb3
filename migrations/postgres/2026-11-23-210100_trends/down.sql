DROP TABLE trend_exclusions;
DROP TABLE trend_reviews;
DROP TABLE trend_lists;
DROP TABLE trend_scores;
DROP TABLE trend_days;
DROP TABLE trend_marks;
DROP TABLE trend_uses;
