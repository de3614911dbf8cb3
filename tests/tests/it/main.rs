//! Black-box suites: each test starts real servers and looks at them only as their users and peers can.
//!
//! They run in parallel, in threads or in processes: no test shares a server, a folder or a port with another.
#![expect(non_snake_case, reason = "security rules are named by their number, R0nn")]

mod cli;
mod clients;
mod crash;
mod downtime;
mod federation;
mod fedify;
mod first_start;
mod fleet;
mod full_disk;
mod moderation_cli;
mod oauth;
mod queue_cli;
mod rush;
mod streaming;
mod walk;
