DROP TABLE status_reads;
