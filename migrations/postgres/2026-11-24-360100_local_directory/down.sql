DROP INDEX accounts_local_newest;
DROP INDEX accounts_local_directory;
