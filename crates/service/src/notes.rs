//! Private notes about accounts, read with the relationship.

use pouet_model::ids::AccountId;
use pouet_storage::notes as rows;

use crate::{
    error::{Error, Result},
    follows::find_present,
    instance::Instance,
};

/// Characters of a note, at most (R095).
const MAX_CHARS: usize = 2000;

/// Writes the note of `actor` about an account; an empty one removes it.
///
/// # Errors
/// `NotFound` if there is no such account; `Invalid` if the note is too long.
///
/// Source: <https://docs.joinmastodon.org/methods/accounts/#note>
pub async fn set(instance: &Instance, actor: AccountId, target: AccountId, comment: &str) -> Result<()> {
    if comment.chars().count() > MAX_CHARS {
        let reason = format!("Comment is too long (maximum is {MAX_CHARS} characters)");
        return Err(Error::invalid("comment", "ERR_TOO_LONG", reason));
    }
    let comment = comment.to_owned();
    instance
        .write(move |tx| {
            find_present(tx, target)?;
            Ok(rows::replace_note(tx, actor, target, comment.trim())?)
        })
        .await
}
