DROP TABLE interaction_requests;
