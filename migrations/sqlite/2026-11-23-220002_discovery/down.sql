DROP INDEX accounts_directory;
DROP TABLE staff_picks;
DROP TABLE suggestion_dismissals;
DROP TABLE endorsements;
