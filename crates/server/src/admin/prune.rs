//! `pouet admin prune`: old posts of other servers.

use pouet_service::{Instance, retention, settings::RetentionSettings};
use serde::Serialize;

use super::print_json;
use crate::{
    cli::{Exit, Prune},
    output::Failure,
};

/// What was removed, or would be.
#[derive(Serialize)]
struct Outcome {
    conversations: i64,
    posts: i64,
    dry_run: bool,
}

/// Runs the command.
pub(super) async fn run(instance: &Instance, options: &Prune, json: bool) -> Result<(), Failure> {
    let configured = instance.settings.retention;
    let settings = RetentionSettings {
        days: options.days.map_or(configured.days, i64::from),
        followed_days: options.followed_days.map_or(configured.followed_days, i64::from),
    };
    if settings.days == 0 {
        let message = "retention.days is 0, which keeps all posts: say how many days to keep with --days";
        return Err(Failure::new(Exit::Refused, message));
    }
    let found = if options.dry_run {
        retention::count(instance, settings).await?
    } else {
        retention::prune(instance, settings).await?
    };
    let outcome = Outcome {
        conversations: found.conversations,
        posts: found.statuses,
        dry_run: options.dry_run,
    };
    if json {
        return print_json(&outcome);
    }
    let verb = if outcome.dry_run {
        "would be removed"
    } else {
        "removed"
    };
    println!(
        "{} posts in {} conversations {verb}",
        outcome.posts, outcome.conversations
    );
    Ok(())
}
