//! `pouet admin relay`: servers that pass public statuses on.

use pouet_model::{relay::Relay, time::iso};
use pouet_service::{Instance, relays};
use serde::Serialize;

use super::print_json;
use crate::{cli::RelayCommand, output::Failure};

/// Runs a command of this group.
pub(super) async fn run(instance: &Instance, command: RelayCommand, json: bool) -> Result<(), Failure> {
    let relay = match command {
        RelayCommand::List => {
            let found = relays::list(instance).await?;
            if json {
                return print_json(&found.iter().map(RelayLine::new).collect::<Vec<_>>());
            }
            found.iter().for_each(print);
            return Ok(());
        }
        RelayCommand::Add { address, kind } => relays::add(instance, &address, kind.map(Into::into)).await?,
        RelayCommand::Enable { relay } => {
            let found = relays::named(instance, &relay).await?;
            relays::enable(instance, found.id).await?
        }
        RelayCommand::Disable { relay } => {
            let found = relays::named(instance, &relay).await?;
            relays::disable(instance, found.id).await?
        }
        RelayCommand::Remove { relay } => {
            let found = relays::named(instance, &relay).await?;
            relays::remove(instance, found.id).await?;
            found
        }
    };
    if json {
        return print_json(&RelayLine::new(&relay));
    }
    print(&relay);
    Ok(())
}

/// What is printed of a relay.
#[derive(Serialize)]
struct RelayLine<'a> {
    id: String,
    address: &'a str,
    kind: &'static str,
    state: &'static str,
    inbox: &'a str,
    created_at: String,
}

impl<'a> RelayLine<'a> {
    fn new(relay: &'a Relay) -> Self {
        Self {
            id: relay.id.to_string(),
            address: &relay.address,
            kind: relay.kind.as_str(),
            state: relay.state.as_str(),
            inbox: &relay.inbox,
            created_at: iso(relay.created_at),
        }
    }
}

fn print(relay: &Relay) {
    let (kind, state) = (relay.kind.as_str(), relay.state.as_str());
    println!("{}\t{kind}\t{state}\t{}", relay.id, relay.address);
}
