//! Earlier versions of statuses.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use pouet_model::{
    ids::{MediaId, StatusId},
    time::from_millis,
};

use crate::{
    conn::Conn,
    error::{Error, Result},
    json,
    schema::status_edits,
};

/// An attachment as an earlier version had it.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct EditedMedia {
    /// The attachment.
    pub id: MediaId,
    /// Its alternative text at that time.
    pub description: Option<String>,
}

/// An earlier version of a status.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EditRow {
    /// Safe HTML.
    pub content: String,
    /// What was typed.
    pub text: String,
    /// Content warning.
    pub spoiler_text: String,
    /// Media were hidden.
    pub sensitive: bool,
    /// Titles of the poll's options.
    pub poll_options: Option<Vec<String>>,
    /// Attachments in order.
    pub media: Vec<EditedMedia>,
    /// When this version was published.
    pub created_at: DateTime<Utc>,
}

/// Keeps an earlier version.
pub fn insert_edit(conn: &mut Conn, id: i64, status: StatusId, edit: &EditRow) -> Result<()> {
    diesel::insert_into(status_edits::table)
        .values((
            status_edits::id.eq(id),
            status_edits::status_id.eq(status.0),
            status_edits::content.eq(&edit.content),
            status_edits::text.eq(&edit.text),
            status_edits::spoiler_text.eq(&edit.spoiler_text),
            status_edits::sensitive.eq(edit.sensitive),
            status_edits::poll_options.eq(edit.poll_options.as_ref().map(json::write)),
            status_edits::media.eq(json::write(&edit.media)),
            status_edits::created_at.eq(edit.created_at.timestamp_millis()),
        ))
        .execute(conn)?;
    Ok(())
}

type EditColumns = (i64, String, String, String, bool, Option<String>, String, i64);

/// Earlier versions of a status, oldest first.
pub fn list_edits(conn: &mut Conn, status: StatusId) -> Result<Vec<EditRow>> {
    let rows: Vec<EditColumns> = status_edits::table
        .filter(status_edits::status_id.eq(status.0))
        .order(status_edits::id)
        .select((
            status_edits::id,
            status_edits::content,
            status_edits::text,
            status_edits::spoiler_text,
            status_edits::sensitive,
            status_edits::poll_options,
            status_edits::media,
            status_edits::created_at,
        ))
        .load(conn)?;
    rows.into_iter()
        .map(
            |(id, content, text, spoiler_text, sensitive, poll_options, media, created_at)| {
                let unreadable = |column| Error::Inconsistent {
                    table: "status_edits",
                    column,
                    id,
                };
                Ok(EditRow {
                    content,
                    text,
                    spoiler_text,
                    sensitive,
                    poll_options: poll_options
                        .map(|options| json::read(&options).ok_or_else(|| unreadable("poll_options")))
                        .transpose()?,
                    media: json::read(&media).ok_or_else(|| unreadable("media"))?,
                    created_at: from_millis(created_at),
                })
            },
        )
        .collect()
}
