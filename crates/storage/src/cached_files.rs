//! Copies of other servers' files: how much room they take, and which were used last.

use chrono::{DateTime, Utc};
use diesel::{dsl::sql, prelude::*, sql_types::BigInt};
use pouet_model::{
    ids::{AccountId, CardId, EmojiId, MediaId},
    time::from_millis,
};

use crate::{
    conn::Conn,
    error::{Result, one_row},
    ids::chunks,
    media::insert_trash,
    schema::{accounts, cached_files, custom_emojis, media_attachments, preview_cards},
};

/// What a copy is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CopyOf {
    /// An attachment of a status.
    Media(MediaId),
    /// A picture of an account.
    Picture(AccountId),
    /// The picture of a link's page.
    Card(CardId),
    /// The picture of a custom emoji.
    Emoji(EmojiId),
    /// Something that has gone.
    Nothing,
}

/// A copy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CachedFile {
    /// Its key in the media store.
    pub file: String,
    /// What of.
    pub of: CopyOf,
    /// Its size.
    pub bytes: i64,
    /// When somebody last looked at it, within an hour or so.
    pub used_at: DateTime<Utc>,
}

/// Adds a copy.
pub fn insert_cached(conn: &mut Conn, cached: &CachedFile) -> Result<()> {
    let (mut media, mut account, mut card, mut emoji) = (None, None, None, None);
    match cached.of {
        CopyOf::Media(id) => media = Some(id.0),
        CopyOf::Picture(id) => account = Some(id.0),
        CopyOf::Card(id) => card = Some(id.0),
        CopyOf::Emoji(id) => emoji = Some(id.0),
        CopyOf::Nothing => {}
    }
    let rows = diesel::insert_into(cached_files::table)
        .values((
            cached_files::file.eq(&cached.file),
            cached_files::media_id.eq(media),
            cached_files::account_id.eq(account),
            cached_files::card_id.eq(card),
            cached_files::emoji_id.eq(emoji),
            cached_files::bytes.eq(cached.bytes),
            cached_files::used_at.eq(cached.used_at.timestamp_millis()),
        ))
        .execute(conn)?;
    one_row("insert cached file", rows)
}

/// Notes that copies were looked at; files that are none are left out.
pub fn touch_cached(conn: &mut Conn, files: &[String], now: DateTime<Utc>) -> Result<()> {
    for chunk in chunks(files) {
        diesel::update(cached_files::table.filter(cached_files::file.eq_any(chunk)))
            .set(cached_files::used_at.eq(now.timestamp_millis()))
            .execute(conn)?;
    }
    Ok(())
}

/// Bytes of all copies together.
pub fn sum_cached(conn: &mut Conn) -> Result<i64> {
    // The typed sum of a BIGINT is a NUMERIC on PostgreSQL, which no type here reads.
    let sum = sql::<BigInt>("CAST(COALESCE(SUM(bytes), 0) AS BIGINT)");
    Ok(cached_files::table.select(sum).first(conn)?)
}

/// The copies that nobody looked at for longest, at most `limit`.
pub fn list_stale_cached(conn: &mut Conn, limit: i64) -> Result<Vec<CachedFile>> {
    let rows: Vec<CachedRow> = cached_files::table
        .order((cached_files::used_at, cached_files::file))
        .limit(limit)
        .select(CachedRow::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = cached_files)]
struct CachedRow {
    file: String,
    media_id: Option<i64>,
    account_id: Option<i64>,
    card_id: Option<i64>,
    emoji_id: Option<i64>,
    bytes: i64,
    used_at: i64,
}

impl From<CachedRow> for CachedFile {
    fn from(row: CachedRow) -> Self {
        let media = row.media_id.map(|id| CopyOf::Media(MediaId(id)));
        let picture = row.account_id.map(|id| CopyOf::Picture(AccountId(id)));
        let card = row.card_id.map(|id| CopyOf::Card(CardId(id)));
        let emoji = row.emoji_id.map(|id| CopyOf::Emoji(EmojiId(id)));
        let of = media.or(picture).or(card).or(emoji).unwrap_or(CopyOf::Nothing);
        Self {
            file: row.file,
            of,
            bytes: row.bytes,
            used_at: from_millis(row.used_at),
        }
    }
}

/// Makes what a copy is of one that has to be fetched again, and notes the file for removal.
pub fn release_cached(conn: &mut Conn, cached: &CachedFile, now: DateTime<Utc>) -> Result<()> {
    let file = &cached.file;
    match cached.of {
        CopyOf::Media(id) => {
            let media = media_attachments::table.find(id.0);
            diesel::update(media.filter(media_attachments::file.eq(file)))
                .set(media_attachments::file.eq(None::<String>))
                .execute(conn)?;
            diesel::update(media.filter(media_attachments::thumbnail.eq(file)))
                .set(media_attachments::thumbnail.eq(None::<String>))
                .execute(conn)?;
        }
        CopyOf::Picture(id) => {
            let account = accounts::table.find(id.0);
            diesel::update(account.filter(accounts::avatar_file.eq(file)))
                .set(accounts::avatar_file.eq(None::<String>))
                .execute(conn)?;
            diesel::update(account.filter(accounts::header_file.eq(file)))
                .set(accounts::header_file.eq(None::<String>))
                .execute(conn)?;
        }
        CopyOf::Card(id) => {
            // Its page is read again when somebody links to it the next time.
            let card = preview_cards::table.find(id.0);
            diesel::update(card.filter(preview_cards::image_file.eq(file)))
                .set((
                    preview_cards::image_file.eq(None::<String>),
                    preview_cards::checked_at.eq(None::<i64>),
                ))
                .execute(conn)?;
        }
        CopyOf::Emoji(id) => {
            let emoji = custom_emojis::table.find(id.0);
            diesel::update(emoji.filter(custom_emojis::file.eq(file)))
                .set(custom_emojis::file.eq(None::<String>))
                .execute(conn)?;
            diesel::update(emoji.filter(custom_emojis::still_file.eq(file)))
                .set(custom_emojis::still_file.eq(None::<String>))
                .execute(conn)?;
        }
        CopyOf::Nothing => {}
    }
    insert_trash(conn, file, now)
}
