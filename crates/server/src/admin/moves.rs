//! `pouet admin account alias` and `pouet admin account move`.

use pouet_model::account::Account;
use pouet_service::{Instance, moves};
use serde_json::json;

use super::{confirmed, named, print_json};
use crate::{
    cli::{AliasCommand, Exit, MoveAccount},
    output::Failure,
};

/// Runs a command about aliases; all end with those that the account has then.
pub(super) async fn alias(instance: &Instance, command: AliasCommand, json: bool) -> Result<(), Failure> {
    let account = match command {
        AliasCommand::Add { name, other } => {
            let (_, account) = named(instance, &name).await?;
            moves::add_alias(instance, account.id, &other).await?;
            account
        }
        AliasCommand::Remove { name, other } => {
            let (_, account) = named(instance, &name).await?;
            moves::remove_alias(instance, account.id, &other).await?;
            account
        }
        AliasCommand::List { name } => named(instance, &name).await?.1,
    };
    let aliases = moves::aliases(instance, account.id).await?;
    if json {
        return print_json(&json!({ "username": account.username, "aliases": aliases }));
    }
    for alias in aliases {
        println!("{alias}");
    }
    Ok(())
}

/// Moves a local account.
pub(super) async fn start(instance: &Instance, args: MoveAccount, json: bool) -> Result<(), Failure> {
    let (_, account) = named(instance, &args.name).await?;
    if !args.yes && !confirmed(&question(&account, &args.target), &account.username)? {
        return Err(Failure::new(Exit::Failed, "nothing was moved"));
    }
    let target = moves::move_account(instance, account.id, &args.target).await?;
    let uri = instance.urls().account_uri(&target);
    if json {
        return print_json(&json!({
            "username": account.username,
            "moved_to": { "acct": target.acct(), "uri": uri },
        }));
    }
    println!("{} moves to {} <{uri}>", account.username, target.acct());
    Ok(())
}

fn question(account: &Account, target: &str) -> String {
    format!(
        "Move {} to {target} with all followers? It cannot move again for 30 days.",
        account.username
    )
}
