//! `pouet admin suggestion`: accounts that are suggested to everybody.

use std::sync::Arc;

use pouet_model::{account::Account, domain::parse_handle};
use pouet_service::{Instance, accounts, discovery};

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
    let missing = || Failure::new(Exit::NotFound, format!("there is no account {handle:?}"));
    let parsed = parse_handle(handle).ok_or_else(missing)?;
    let domain = parsed
        .domain
        .as_deref()
        .filter(|domain| !instance.urls().is_own_domain(domain));
    if let Some(known) = accounts::find_by_handle(instance, &parsed.username, domain).await? {
        return Ok(Arc::new(known));
    }
    let Some(domain) = domain else {
        return Err(missing());
    };
    let found = instance
        .resolver()?
        .account_by_handle(&parsed.username, domain)
        .await;
    found.map(Arc::new).map_err(Failure::from)
}
