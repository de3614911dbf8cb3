//! `pouet admin alert`, and `pouet admin account remove-followers`: what is done about bought attention.

use pouet_model::{alert::AlertKind, domain, ids::AlertId, time::iso};
use pouet_service::{
    Instance,
    alerts::{self, AlertView},
    follows::{self, FollowerChoice},
};
use serde::Serialize;

use super::{confirmed, named, print_json};
use crate::{
    cli::{AlertCommand, Exit, RemoveFollowers},
    output::Failure,
};

/// Alerts that a list shows, at most.
const MOST: i64 = 200;

/// Runs a command of this group.
pub(super) async fn run(instance: &Instance, command: AlertCommand, json: bool) -> Result<(), Failure> {
    match command {
        AlertCommand::List { all } => {
            let found = alerts::list(instance, all, MOST).await?;
            if json {
                return print_json(&found.iter().map(Line::new).collect::<Vec<_>>());
            }
            found.iter().for_each(print);
            Ok(())
        }
        AlertCommand::Resolve { id } => {
            let missing = |_| Failure::new(Exit::NotFound, format!("there is no alert {id:?}"));
            let number: AlertId = id.parse().map_err(missing)?;
            let view = alerts::resolve(instance, number).await?;
            if json {
                return print_json(&Line::new(&view));
            }
            print(&view);
            Ok(())
        }
    }
}

/// What is printed of an alert.
#[derive(Serialize)]
struct Line<'a> {
    id: String,
    state: &'static str,
    kind: &'static str,
    about: &'static str,
    /// `None`: it is gone.
    subject: Option<&'a str>,
    subject_id: String,
    people: i64,
    suspects: i64,
    reason: &'a str,
    /// Of followers: how many would have been usual.
    #[serde(skip_serializing_if = "Option::is_none")]
    usual: Option<i64>,
    created_at: String,
    resolved_at: Option<String>,
}

impl<'a> Line<'a> {
    fn new(view: &'a AlertView) -> Self {
        let alert = &view.alert;
        Self {
            id: alert.id.to_string(),
            state: if alert.resolved_at.is_some() {
                "resolved"
            } else {
                "open"
            },
            kind: alert.kind.as_str(),
            about: alert.about.as_str(),
            subject: view.subject.as_deref(),
            subject_id: alert.subject_id.to_string(),
            people: alert.people,
            suspects: alert.suspects,
            reason: &alert.reason,
            usual: (alert.kind == AlertKind::Followers).then_some(alert.usual),
            created_at: iso(alert.created_at),
            resolved_at: alert.resolved_at.map(iso),
        }
    }
}

fn print(view: &AlertView) {
    let line = Line::new(view);
    // Strangers name hashtags and pages: nothing in them may steer the terminal.
    let subject = line.subject.unwrap_or("(gone)").replace(char::is_control, " ");
    let what = match view.alert.kind {
        AlertKind::Ring => format!("kept out of trends: {} of {} people", line.suspects, line.people),
        AlertKind::Followers => format!(
            "{} new followers within an hour, up to {} would be usual; {} of them",
            line.people, view.alert.usual, line.suspects
        ),
    };
    let reason = match line.reason {
        "created" => "were created within two days",
        "domain" => "belong to one domain that is rare here",
        "follows" => "follow the very same accounts",
        "moved" => "look alike, and an account has moved to this one",
        _ => "look alike",
    };
    println!(
        "{}\t{}\t{}\t{subject}\t{what} {reason}\t{}",
        line.id, line.state, line.kind, line.created_at
    );
}

/// What is printed of followers that are removed, or would be.
#[derive(Serialize)]
struct Removed {
    followers: i64,
    removed: bool,
}

/// Removes followers of a local account.
pub(super) async fn remove_followers(
    instance: &Instance,
    args: RemoveFollowers,
    json: bool,
) -> Result<(), Failure> {
    let (_, account) = named(instance, &args.name).await?;
    let unreadable = |_| Failure::new(Exit::Refused, "the domain cannot be read");
    let choice = FollowerChoice {
        domain: args
            .domain
            .as_deref()
            .map(domain::normalise)
            .transpose()
            .map_err(unreadable)?,
        created_after: args.created_after,
        followed_after: args.followed_after,
    };
    let followers = follows::count_chosen_followers(instance, account.id, choice.clone()).await?;
    if args.dry_run {
        return tell(followers, false, json);
    }
    let question = format!(
        "Remove {followers} followers of {}? Their servers are told.",
        args.name
    );
    if followers > 0 && !args.yes && !confirmed(&question, &args.name)? {
        return Err(Failure::new(Exit::Failed, "nobody was removed"));
    }
    let followers = follows::remove_chosen_followers(instance, account.id, choice).await?;
    tell(followers, true, json)
}

fn tell(followers: i64, removed: bool, json: bool) -> Result<(), Failure> {
    if json {
        return print_json(&Removed { followers, removed });
    }
    if removed {
        println!("{followers} followers were removed");
    } else {
        println!("{followers} followers would be removed");
    }
    Ok(())
}
