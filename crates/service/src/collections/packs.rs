//! Starter packs: collections that those who run the instance make from a file, for newcomers to begin with.
//!
//! Other than in collections that are made by apps, accounts of other servers may be in them, if they want to be found:
//! their servers are not asked, and do not learn of it.

use std::{collections::HashSet, sync::Arc};

use pouet_model::{
    account::Account,
    collection::MAX_ITEMS,
    ids::{AccountId, CollectionId},
};
use pouet_storage::{accounts as account_rows, collections as rows, users};
use serde::Deserialize;

use super::{
    CollectionView,
    change::{CollectionChange, create_in, too_many_items},
    load_apart, load_views,
};
use crate::{
    accounts,
    error::{Error, Result},
    instance::Instance,
};

/// Starter packs whose members are suggested to everybody, at most.
pub const MAX_SUGGESTED: i64 = 4;

/// What a file says of a starter pack.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Pack {
    /// Its name and the like. It is listed unless the file says otherwise.
    pub change: CollectionChange,
    /// `user` or `user@domain`, with or without a leading `@`.
    pub handles: Vec<String>,
}

/// Why a file is no starter pack.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PackError {
    /// The text form has a line that is neither a setting nor a handle; lines count from 1.
    #[error("line {line}: {text:?} is neither a setting nor a handle")]
    Line {
        /// Which.
        line: usize,
        /// What it says.
        text: String,
    },
    /// A setting that is on or off is neither; lines count from 1.
    #[error("line {line}: {text:?} is neither yes nor no")]
    Flag {
        /// Which.
        line: usize,
        /// What it says.
        text: String,
    },
    /// It begins like JSON and is not what is asked for.
    #[error("{0}")]
    Json(String),
}

/// The JSON form.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PackJson {
    name: String,
    #[serde(default)]
    description: String,
    language: Option<String>,
    tag: Option<String>,
    #[serde(default)]
    sensitive: bool,
    #[serde(default = "yes")]
    discoverable: bool,
    handles: Vec<String>,
}

fn yes() -> bool {
    true
}

/// A setting of the text form that is on or off.
fn flag(line: usize, value: &str) -> Result<bool, PackError> {
    match value.to_ascii_lowercase().as_str() {
        "yes" | "true" | "on" => Ok(true),
        "no" | "false" | "off" => Ok(false),
        _ => Err(PackError::Flag {
            line,
            text: value.to_owned(),
        }),
    }
}

impl Pack {
    /// Reads a file: JSON if it begins with a brace; else lines that are settings (`name: Welcome`), handles, comments
    /// (`# ...`) or empty.
    pub fn parse(text: &str) -> Result<Self, PackError> {
        let text = text.trim_start_matches('\u{FEFF}');
        if text.trim_start().starts_with('{') {
            return Self::parse_json(text);
        }
        let mut pack = Self {
            change: CollectionChange {
                discoverable: Some(true),
                ..CollectionChange::default()
            },
            handles: Vec::new(),
        };
        for (index, line) in text.lines().enumerate() {
            pack.take_line(index + 1, line.trim())?;
        }
        Ok(pack)
    }

    fn take_line(&mut self, number: usize, text: &str) -> Result<(), PackError> {
        if text.is_empty() || text.starts_with('#') {
            return Ok(());
        }
        let change = &mut self.change;
        let setting = text
            .split_once(':')
            .map(|(key, value)| (key.trim_end().to_ascii_lowercase(), value.trim()));
        let text_of = |value: &str| Some(value.to_owned());
        match setting.as_ref().map(|(key, value)| (key.as_str(), *value)) {
            Some(("name", value)) => change.name = text_of(value),
            Some(("description", value)) => change.description = text_of(value),
            Some(("language", value)) => change.language = text_of(value),
            Some(("tag", value)) => change.tag_name = text_of(value),
            Some(("sensitive", value)) => change.sensitive = Some(flag(number, value)?),
            Some(("discoverable", value)) => change.discoverable = Some(flag(number, value)?),
            _ if text.contains(char::is_whitespace) => {
                return Err(PackError::Line {
                    line: number,
                    text: text.to_owned(),
                });
            }
            _ => self.handles.push(text.to_owned()),
        }
        Ok(())
    }

    fn parse_json(text: &str) -> Result<Self, PackError> {
        let pack: PackJson =
            serde_json::from_str(text).map_err(|error| PackError::Json(error.to_string()))?;
        Ok(Self {
            change: CollectionChange {
                name: Some(pack.name),
                description: Some(pack.description),
                language: pack.language,
                sensitive: Some(pack.sensitive),
                discoverable: Some(pack.discoverable),
                tag_name: pack.tag,
            },
            handles: pack.handles,
        })
    }
}

/// An account of a file that is not in the collection.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PassedOver {
    /// As the file names it.
    pub handle: String,
    /// Why.
    pub reason: String,
}

/// What became of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Imported {
    /// The collection.
    pub view: CollectionView,
    /// Who is not in it.
    pub passed_over: Vec<PassedOver>,
}

/// Whose starter packs are: the local account of this name, or that of the instance's owner.
///
/// # Errors
/// `NotFound` if there is no such account.
pub async fn owner(instance: &Instance, name: Option<&str>) -> Result<Arc<Account>> {
    let found = match name {
        Some(name) => accounts::find_local(instance, name).await?,
        None => {
            instance
                .read(|conn| match users::find_owner(conn)? {
                    Some(user) => Ok(account_rows::find_account(conn, user.account_id)?),
                    None => Ok(None),
                })
                .await?
        }
    };
    found
        .filter(Account::is_active)
        .map(Arc::new)
        .ok_or(Error::NotFound)
}

/// Whether an account may be in a starter pack: one that is here or elsewhere and wants to be found.
fn may_be_packed(account: &Account) -> bool {
    account.discoverable && account.is_active()
}

/// Makes a collection of `owner` from a file. Accounts that we do not know are fetched; those that cannot be found or
/// may not be in it are passed over. `suggested`: its members are suggested to everybody from now on.
///
/// # Errors
/// As [`create`](super::create); `Invalid` if nobody is left, or as many are suggested as may be.
pub async fn import(instance: &Instance, owner: AccountId, pack: Pack, suggested: bool) -> Result<Imported> {
    if pack.handles.len() > MAX_ITEMS {
        return Err(too_many_items());
    }
    let mut passed_over = Vec::new();
    let mut found: Vec<(String, Arc<Account>)> = Vec::new();
    for handle in pack.handles {
        match accounts::find_or_fetch(instance, &handle).await {
            Ok(account) if !may_be_packed(&account) => passed_over.push(PassedOver {
                handle,
                reason: "does not want to be found, or is suspended or gone".to_owned(),
            }),
            Ok(account) => found.push((handle, account)),
            Err(Error::NotFound) => passed_over.push(PassedOver {
                handle,
                reason: "there is no such account".to_owned(),
            }),
            Err(error) => passed_over.push(PassedOver {
                handle,
                reason: error.to_string(),
            }),
        }
    }
    let handle = instance.clone();
    instance
        .write(move |tx| {
            let ids: Vec<AccountId> = found.iter().map(|(_, account)| account.id).collect();
            let apart = load_apart(tx, owner, &ids)?;
            let (kept, blocked): (Vec<_>, Vec<_>) = found
                .into_iter()
                .partition(|(_, account)| !apart.contains(&account.id));
            passed_over.extend(blocked.into_iter().map(|(handle, _)| PassedOver {
                handle,
                reason: "a block stands between it and the owner".to_owned(),
            }));
            if kept.is_empty() {
                let reason = "None of the accounts can be in the collection";
                return Err(Error::invalid("handles", "ERR_BLANK", reason));
            }
            if suggested && rows::count_suggested(tx)? >= MAX_SUGGESTED {
                let reason = format!("There are {MAX_SUGGESTED} suggested collections already");
                return Err(Error::invalid("suggested", "ERR_TOO_MANY", reason));
            }
            let mut seen = HashSet::new();
            let members: Vec<AccountId> = kept
                .iter()
                .map(|(_, account)| account.id)
                .filter(|id| seen.insert(*id))
                .collect();
            let view = create_in(
                tx,
                &handle,
                owner,
                pack.change,
                &members,
                suggested,
                may_be_packed,
            )?;
            Ok(Imported { view, passed_over })
        })
        .await
}

/// All collections of people here as everybody sees them, oldest first.
pub async fn list(instance: &Instance) -> Result<Vec<CollectionView>> {
    instance
        .read(|conn| {
            let found = rows::list_all_collections(conn)?;
            load_views(conn, None, found)
        })
        .await
}

/// Removes a collection, whosever it is.
///
/// # Errors
/// `NotFound` if there is none.
pub async fn delete(instance: &Instance, id: CollectionId) -> Result<()> {
    let deleted = instance
        .write(move |tx| Ok(rows::delete_collection(tx, id)?))
        .await?;
    if deleted { Ok(()) } else { Err(Error::NotFound) }
}
