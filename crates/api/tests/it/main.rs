//! The client API, asked through its real routes.

mod access;
mod answers;
mod applications;
mod hidden;
mod scheduled;
mod search;
mod streams;
