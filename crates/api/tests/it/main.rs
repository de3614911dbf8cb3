//! The client API, asked through its real routes.

mod access;
mod answers;
mod applications;
mod collections;
mod discovery;
mod domain_blocks;
mod featured;
mod hidden;
mod interactions;
mod matrix;
mod own;
mod quotes;
mod reach;
mod readings;
mod refreshes;
mod reports;
mod scheduled;
mod search;
mod streams;
mod trends;
