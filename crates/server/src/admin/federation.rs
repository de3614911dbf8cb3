//! `pouet admin federation`: the queues to and from other instances.

use pouet_model::time::iso;
use pouet_service::{
    Instance,
    delivery::overview::{self, HostStatus},
    quarantine::{self, Quarantined},
};
use serde::Serialize;

use super::print_json;
use crate::{
    cli::{Exit, FederationCommand, QuarantineCommand},
    output::Failure,
};

/// Runs a command of this group.
pub(super) async fn run(instance: &Instance, command: FederationCommand, json: bool) -> Result<(), Failure> {
    match command {
        FederationCommand::Status { host: None } => {
            let hosts = overview::hosts(instance).await?;
            if json {
                let lines: Vec<HostLine> = hosts.iter().map(HostLine::new).collect();
                return print_json(&lines);
            }
            hosts.iter().for_each(print_host);
            Ok(())
        }
        FederationCommand::Status { host: Some(name) } => {
            let host = overview::host(instance, &name)
                .await
                .map_err(|error| unknown(error, &name))?;
            if json {
                return print_json(&HostLine::new(&host));
            }
            print_host(&host);
            Ok(())
        }
        FederationCommand::Retry { host } => {
            let queued = overview::retry(instance, &host)
                .await
                .map_err(|error| unknown(error, &host))?;
            if json {
                return print_json(&serde_json::json!({ "host": host, "queued": queued }));
            }
            println!("{queued} deliveries to {host} are due");
            Ok(())
        }
        FederationCommand::Quarantine(command) => quarantined(instance, command, json).await,
        FederationCommand::Purge { host } => {
            let removed = overview::purge(instance, &host).await?;
            if json {
                return print_json(&serde_json::json!({ "host": host, "removed": removed }));
            }
            println!("{removed} deliveries to {host} are forgotten");
            Ok(())
        }
    }
}

async fn quarantined(instance: &Instance, command: QuarantineCommand, json: bool) -> Result<(), Failure> {
    let missing = |error, host: &str| match error {
        pouet_service::Error::NotFound => {
            Failure::new(Exit::NotFound, format!("{host:?} is not in quarantine"))
        }
        other => Failure::from(other),
    };
    match command {
        QuarantineCommand::List => {
            let hosts = quarantine::list(instance).await?;
            if json {
                let lines: Vec<QuarantineLine> = hosts.iter().map(QuarantineLine::new).collect();
                return print_json(&lines);
            }
            for host in &hosts {
                println!(
                    "{}\tsince {}\t{} strangers named\t{} waiting",
                    host.host,
                    iso(host.since),
                    host.strangers,
                    host.waiting
                );
            }
            Ok(())
        }
        QuarantineCommand::Release { host } => {
            let released = quarantine::release(instance, &host)
                .await
                .map_err(|error| missing(error, &host))?;
            if json {
                return print_json(&serde_json::json!({ "host": host, "released": released }));
            }
            println!("{host} is let in; {released} activities are taken in now");
            Ok(())
        }
        QuarantineCommand::Discard { host } => {
            let discarded = quarantine::discard(instance, &host)
                .await
                .map_err(|error| missing(error, &host))?;
            if json {
                return print_json(&serde_json::json!({ "host": host, "discarded": discarded }));
            }
            println!("{discarded} activities of {host} are thrown away");
            Ok(())
        }
    }
}

/// What is printed of a host in quarantine.
#[derive(Serialize)]
struct QuarantineLine<'a> {
    host: &'a str,
    since: String,
    strangers: i64,
    waiting: i64,
    oldest: Option<String>,
}

impl<'a> QuarantineLine<'a> {
    fn new(host: &'a Quarantined) -> Self {
        Self {
            host: &host.host,
            since: iso(host.since),
            strangers: host.strangers,
            waiting: host.waiting,
            oldest: host.oldest.map(iso),
        }
    }
}

fn unknown(error: pouet_service::Error, host: &str) -> Failure {
    match error {
        pouet_service::Error::NotFound => Failure::new(
            Exit::NotFound,
            format!("nothing waits for or is known of {host:?}"),
        ),
        other => other.into(),
    }
}

/// What is printed of a host.
#[derive(Serialize)]
struct HostLine<'a> {
    host: &'a str,
    state: &'static str,
    queued: i64,
    oldest_seconds: Option<i64>,
    given_up: i64,
    last_error: Option<&'a str>,
    paused_until: Option<String>,
}

impl<'a> HostLine<'a> {
    fn new(host: &'a HostStatus) -> Self {
        Self {
            host: &host.host,
            state: host.state.as_str(),
            queued: host.queued,
            oldest_seconds: host.oldest_seconds,
            given_up: host.given_up,
            last_error: host.last_error.as_deref(),
            paused_until: host.paused_until.map(iso),
        }
    }
}

fn print_host(host: &HostStatus) {
    let oldest = host
        .oldest_seconds
        .map_or_else(|| "-".to_owned(), |seconds| format!("{seconds} s"));
    // Others' servers are quoted in it: nothing may steer the terminal.
    let error = host.last_error.as_deref().unwrap_or("-");
    let error = error.replace(char::is_control, " ");
    println!(
        "{}\t{}\t{} queued\toldest {oldest}\t{} given up\t{error}",
        host.host,
        host.state.as_str(),
        host.queued,
        host.given_up
    );
}
