DROP TABLE interaction_authorizations;
DROP TABLE status_approvals;
DROP TABLE status_policies;
