DROP TABLE interaction_defaults;
