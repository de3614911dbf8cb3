//! `pouet admin suggestion`: accounts that are suggested to everybody.

use std::sync::Arc;

use pouet_model::account::Account;
use pouet_service::{Error, Instance, accounts, discovery};

use super::print_json;
use crate::{
    cli::{Exit, SuggestionCommand},
    output::Failure,
};

/// Runs a command of this group.
pub(super) async fn run(instance: &Instance, command: SuggestionCommand, json: bool) -> Result<(), Failure> {
    let shown = match command {
        SuggestionCommand::List => discovery::staff_picks(instance).await?,
        SuggestionCommand::Add { account } => {
            let found = named(instance, &account).await?;
            discovery::pick(instance, found.id).await?;
            vec![found]
        }
        SuggestionCommand::Remove { account } => {
            let found = named(instance, &account).await?;
            discovery::unpick(instance, found.id).await?;
            vec![found]
        }
    };
    if json {
        let lines: Vec<_> = shown
            .iter()
            .map(|account| serde_json::json!({ "id": account.id.to_string(), "acct": account.acct() }))
            .collect();
        return print_json(&lines);
    }
    for account in shown {
        println!("{}", account.acct());
    }
    Ok(())
}

/// The account of this handle, which is fetched if it is not known yet.
async fn named(instance: &Instance, handle: &str) -> Result<Arc<Account>, Failure> {
    match accounts::find_or_fetch(instance, handle).await {
        Err(Error::NotFound) => {
            let message = format!("there is no account {handle:?}");
            Err(Failure::new(Exit::NotFound, message))
        }
        found => found.map_err(Failure::from),
    }
}
