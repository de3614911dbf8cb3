DROP TABLE user_weeks;
