//! `pouet admin collection`: collections of accounts, and starter packs from files.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use pouet_model::{html::strip_bidi_controls, ids::CollectionId, urls::Urls};
use pouet_service::{
    Error, Instance,
    collections::{
        CollectionView,
        packs::{self, Imported, Pack, PassedOver},
    },
};
use serde::Serialize;

use super::print_json;
use crate::{
    cli::{CollectionCommand, Exit},
    output::Failure,
};

/// Bytes of a file that are read: many times what 25 handles take.
const MAX_FILE_BYTES: u64 = 64 * 1024;

/// Runs a command of this group.
pub(super) async fn run(instance: &Instance, command: CollectionCommand, json: bool) -> Result<(), Failure> {
    match command {
        CollectionCommand::Import { file, owner, suggest } => {
            let pack = read(&file)?;
            let owner = packs::owner(instance, owner.as_deref()).await.map_err(no_owner)?;
            let made = packs::import(instance, owner.id, pack, suggest).await?;
            report(&made, instance.urls(), json)
        }
        CollectionCommand::List => {
            let found = packs::list(instance).await?;
            let lines: Vec<Line<'_>> = found
                .iter()
                .map(|view| Line::new(view, instance.urls()))
                .collect();
            if json {
                return print_json(&lines);
            }
            lines.iter().for_each(print);
            Ok(())
        }
        CollectionCommand::Delete { id } => {
            let id = CollectionId(id);
            packs::delete(instance, id).await.map_err(|error| match error {
                Error::NotFound => Failure::new(Exit::NotFound, format!("there is no collection {id}")),
                other => other.into(),
            })?;
            if json {
                return print_json(&serde_json::json!({ "deleted": id }));
            }
            println!("collection {id} is deleted");
            Ok(())
        }
    }
}

fn no_owner(error: Error) -> Failure {
    match error {
        Error::NotFound => Failure::new(Exit::NotFound, "there is no such local account to own it"),
        other => other.into(),
    }
}

fn read(file: &Path) -> Result<Pack, Failure> {
    let unreadable =
        |error: io::Error| Failure::new(Exit::NotFound, format!("cannot read {}: {error}", file.display()));
    let source: Box<dyn Read> = if file == Path::new("-") {
        Box::new(io::stdin())
    } else {
        Box::new(File::open(file).map_err(unreadable)?)
    };
    let mut text = String::new();
    source
        .take(MAX_FILE_BYTES + 1)
        .read_to_string(&mut text)
        .map_err(unreadable)?;
    if text.len() as u64 > MAX_FILE_BYTES {
        let reason = format!("{} is too large for a starter pack", file.display());
        return Err(Failure::new(Exit::Refused, reason));
    }
    Pack::parse(&text).map_err(|error| Failure::new(Exit::Refused, format!("{}: {error}", file.display())))
}

/// What is printed of a collection.
#[derive(Serialize)]
struct Line<'a> {
    id: CollectionId,
    owner: &'a str,
    name: &'a str,
    description: &'a str,
    accounts: Vec<String>,
    discoverable: bool,
    suggested: bool,
    url: String,
}

impl<'a> Line<'a> {
    fn new(view: &'a CollectionView, urls: &Urls) -> Self {
        let collection = &view.collection;
        Self {
            id: collection.id,
            owner: &view.owner.username,
            name: &collection.name,
            description: &collection.description,
            accounts: view.members.iter().map(|account| account.acct()).collect(),
            discoverable: collection.discoverable,
            suggested: collection.suggested,
            url: urls.collection(collection.id),
        }
    }
}

fn print(line: &Line<'_>) {
    let suggested = if line.suggested { "suggested" } else { "-" };
    // Everybody names their collections as they like.
    let name = strip_bidi_controls(line.name).replace(char::is_control, " ");
    println!(
        "{}\t{}\t{}\t{suggested}\t{name}\t{}",
        line.id,
        line.owner,
        line.accounts.len(),
        line.url,
    );
}

/// What is printed of an import.
#[derive(Serialize)]
struct Report<'a> {
    collection: Line<'a>,
    passed_over: Vec<PassedOverLine<'a>>,
}

#[derive(Serialize)]
struct PassedOverLine<'a> {
    handle: &'a str,
    reason: &'a str,
}

fn report(made: &Imported, urls: &Urls, json: bool) -> Result<(), Failure> {
    let line = Line::new(&made.view, urls);
    if json {
        return print_json(&Report {
            collection: line,
            passed_over: made
                .passed_over
                .iter()
                .map(|PassedOver { handle, reason }| PassedOverLine { handle, reason })
                .collect(),
        });
    }
    print(&line);
    for account in &line.accounts {
        println!("added\t{account}");
    }
    for PassedOver { handle, reason } in &made.passed_over {
        println!("passed over\t{handle}\t{reason}");
    }
    Ok(())
}
