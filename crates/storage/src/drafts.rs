//! What authors have not finished.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use pouet_model::{
    ids::{AccountId, DraftId, MediaId},
    page::Page,
    scheduled::{Draft, StoredDraft},
    time::from_millis,
};

use crate::{
    conn::{Conn, each_backend},
    error::{Error, Result},
    paging::relation_page,
    schema::{draft_media, drafts},
};

type Columns = (i64, i64, String, i64, i64);

fn draft_of((id, account_id, draft, created_at, updated_at): Columns) -> Result<StoredDraft> {
    Ok(StoredDraft {
        id: DraftId(id),
        account_id: AccountId(account_id),
        draft: serde_json::from_str(&draft).map_err(|_| unreadable(id))?,
        created_at: from_millis(created_at),
        updated_at: from_millis(updated_at),
    })
}

fn unreadable(id: i64) -> Error {
    Error::Inconsistent {
        table: "drafts",
        column: "draft",
        id,
    }
}

fn write(id: DraftId, draft: &Draft) -> Result<String> {
    serde_json::to_string(draft).map_err(|_| unreadable(id.0))
}

/// Adds a draft, and keeps its files for it.
pub fn insert_draft(conn: &mut Conn, new: &StoredDraft) -> Result<()> {
    diesel::insert_into(drafts::table)
        .values((
            drafts::id.eq(new.id.0),
            drafts::account_id.eq(new.account_id.0),
            drafts::draft.eq(write(new.id, &new.draft)?),
            drafts::created_at.eq(new.created_at.timestamp_millis()),
            drafts::updated_at.eq(new.updated_at.timestamp_millis()),
        ))
        .execute(conn)?;
    keep_files(conn, new.id, &new.draft.media_ids)
}

/// Writes what a draft has become; false if there is none such.
pub fn update_draft(conn: &mut Conn, id: DraftId, draft: &Draft, now: DateTime<Utc>) -> Result<bool> {
    let rows = diesel::update(drafts::table.find(id.0))
        .set((
            drafts::draft.eq(write(id, draft)?),
            drafts::updated_at.eq(now.timestamp_millis()),
        ))
        .execute(conn)?;
    if rows == 0 {
        return Ok(false);
    }
    diesel::delete(draft_media::table.filter(draft_media::draft_id.eq(id.0))).execute(conn)?;
    keep_files(conn, id, &draft.media_ids)?;
    Ok(true)
}

fn keep_files(conn: &mut Conn, id: DraftId, files: &[MediaId]) -> Result<()> {
    for media in files {
        diesel::insert_into(draft_media::table)
            .values((draft_media::draft_id.eq(id.0), draft_media::media_id.eq(media.0)))
            .execute(conn)?;
    }
    Ok(())
}

/// A draft of this owner.
pub fn find_draft(conn: &mut Conn, owner: AccountId, id: DraftId) -> Result<Option<StoredDraft>> {
    let row: Option<Columns> = drafts::table
        .find(id.0)
        .filter(drafts::account_id.eq(owner.0))
        .first(conn)
        .optional()?;
    row.map(draft_of).transpose()
}

/// Drafts of an account, last made first.
pub fn list_drafts(conn: &mut Conn, owner: AccountId, page: &Page) -> Result<Vec<StoredDraft>> {
    let query = drafts::table.filter(drafts::account_id.eq(owner.0)).into_boxed();
    let found: Vec<Columns> = relation_page!(conn, page, query, drafts::id);
    found.into_iter().map(draft_of).collect()
}

/// How many drafts an account has.
pub fn count_drafts(conn: &mut Conn, owner: AccountId) -> Result<i64> {
    Ok(drafts::table
        .filter(drafts::account_id.eq(owner.0))
        .count()
        .get_result(conn)?)
}

/// Removes a draft of this owner; false if there is none. Its files stay their owner's.
pub fn delete_draft(conn: &mut Conn, owner: AccountId, id: DraftId) -> Result<bool> {
    let own = drafts::table.find(id.0).filter(drafts::account_id.eq(owner.0));
    Ok(diesel::delete(own).execute(conn)? > 0)
}

/// Removes a draft of this owner and returns what it was at that moment, whatever was read of it before.
pub fn take_draft(conn: &mut Conn, owner: AccountId, id: DraftId) -> Result<Option<StoredDraft>> {
    let own = drafts::table.find(id.0).filter(drafts::account_id.eq(owner.0));
    let row: Option<Columns> = each_backend!(conn, c => diesel::delete(own)
        .returning(drafts::all_columns)
        .get_result(c)
        .optional())?;
    row.map(draft_of).transpose()
}
