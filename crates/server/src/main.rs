//! Placeholder.

#[allow(dead_code, reason = "the program does not read its command line yet")]
mod cli;

fn main() {}
