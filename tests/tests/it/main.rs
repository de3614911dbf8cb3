//! Black-box suites: each test starts real servers and looks at them only as their users and peers can.
//!
//! They run in parallel, in threads or in processes: no test shares a server, a folder or a port with another.

mod cli;
mod clients;
mod crash;
mod downtime;
mod federation;
mod fedify;
mod first_start;
mod fleet;
mod moderation_cli;
mod oauth;
mod streaming;
mod walk;
