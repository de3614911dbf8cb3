//! The client API, asked through its real routes.

mod access;
mod answers;
mod applications;
mod domain_blocks;
mod featured;
mod hidden;
mod matrix;
mod quotes;
mod refreshes;
mod reports;
mod scheduled;
mod search;
mod streams;
