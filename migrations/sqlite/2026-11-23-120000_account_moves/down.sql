DROP TABLE account_moves;
