//! Custom emoji.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use pouet_model::{emoji::CustomEmoji, ids::EmojiId, time::from_millis};

use crate::{
    conn::{Conn, each_backend},
    error::Result,
    ids::chunks,
    schema::custom_emojis,
};

/// Shortcode, domain (empty: ours), id, picture, and when it was changed (0: unknown).
type Columns = (String, String, Option<String>, String, i64);

fn emoji_of((shortcode, domain, uri, image, updated_at): Columns) -> CustomEmoji {
    CustomEmoji {
        shortcode,
        domain: Some(domain).filter(|domain| !domain.is_empty()),
        image,
        uri,
        updated_at: Some(updated_at).filter(|at| *at > 0).map(from_millis),
    }
}

macro_rules! columns {
    () => {
        (
            custom_emojis::shortcode,
            custom_emojis::domain,
            custom_emojis::uri,
            custom_emojis::image,
            custom_emojis::updated_at,
        )
    };
}

/// This instance's own emoji among `shortcodes`.
pub fn load_local_emojis(conn: &mut Conn, shortcodes: &[String]) -> Result<Vec<CustomEmoji>> {
    let mut found = Vec::new();
    for chunk in chunks(shortcodes) {
        let rows: Vec<Columns> = custom_emojis::table
            .filter(custom_emojis::domain.eq(""))
            .filter(custom_emojis::shortcode.eq_any(chunk))
            .select(columns!())
            .load(conn)?;
        found.extend(rows.into_iter().map(emoji_of));
    }
    Ok(found)
}

/// An own emoji as the picker shows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PickerEmoji {
    /// The emoji.
    pub emoji: CustomEmoji,
    /// Heading in the picker.
    pub category: Option<String>,
    /// Offered in the picker.
    pub visible: bool,
}

/// All of this instance's own emoji, by shortcode.
pub fn list_local_emojis(conn: &mut Conn) -> Result<Vec<PickerEmoji>> {
    let rows: Vec<(Columns, Option<String>, bool)> = custom_emojis::table
        .filter(custom_emojis::domain.eq(""))
        .order(custom_emojis::shortcode)
        .select((
            columns!(),
            custom_emojis::category,
            custom_emojis::visible_in_picker,
        ))
        .load(conn)?;
    let picker = |(columns, category, visible)| PickerEmoji {
        emoji: emoji_of(columns),
        category,
        visible,
    };
    Ok(rows.into_iter().map(picker).collect())
}

/// Adds an own emoji, or gives the one of this shortcode another picture and place in the picker.
pub fn upsert_local_emoji(conn: &mut Conn, id: i64, new: &PickerEmoji, now: DateTime<Utc>) -> Result<()> {
    let place = (
        custom_emojis::image.eq(&new.emoji.image),
        custom_emojis::category.eq(&new.category),
        custom_emojis::visible_in_picker.eq(new.visible),
        custom_emojis::updated_at.eq(now.timestamp_millis()),
    );
    let values = (
        custom_emojis::id.eq(id),
        custom_emojis::shortcode.eq(&new.emoji.shortcode),
        custom_emojis::domain.eq(""),
        custom_emojis::image.eq(&new.emoji.image),
        custom_emojis::category.eq(&new.category),
        custom_emojis::visible_in_picker.eq(new.visible),
        custom_emojis::updated_at.eq(now.timestamp_millis()),
    );
    each_backend!(conn, conn => diesel::insert_into(custom_emojis::table)
        .values(values)
        .on_conflict((custom_emojis::shortcode, custom_emojis::domain))
        .do_update()
        .set(place)
        .execute(conn)?);
    Ok(())
}

/// Removes an own emoji; false if there was none.
pub fn delete_local_emoji(conn: &mut Conn, shortcode: &str) -> Result<bool> {
    let row = custom_emojis::table
        .filter(custom_emojis::domain.eq(""))
        .filter(custom_emojis::shortcode.eq(shortcode));
    Ok(diesel::delete(row).execute(conn)? > 0)
}

/// An emoji of another server, with the copies of its picture.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RemoteEmoji {
    /// Its id.
    pub id: EmojiId,
    /// What its server says of it.
    pub emoji: CustomEmoji,
    /// Key of the copy of its picture in the media store.
    pub file: Option<String>,
    /// Key of the copy of the first frame; the same where nothing moves.
    pub still_file: Option<String>,
}

/// What is known of the emoji of `domain` (not empty) among `shortcodes`.
pub fn load_remote_emojis(conn: &mut Conn, domain: &str, shortcodes: &[String]) -> Result<Vec<RemoteEmoji>> {
    type Row = (i64, Columns, Option<String>, Option<String>);
    let mut found = Vec::new();
    for chunk in chunks(shortcodes) {
        let rows: Vec<Row> = custom_emojis::table
            .filter(custom_emojis::domain.eq(domain))
            .filter(custom_emojis::shortcode.eq_any(chunk))
            .select((
                custom_emojis::id,
                columns!(),
                custom_emojis::file,
                custom_emojis::still_file,
            ))
            .load(conn)?;
        found.extend(
            rows.into_iter()
                .map(|(id, columns, file, still_file)| RemoteEmoji {
                    id: EmojiId(id),
                    emoji: emoji_of(columns),
                    file,
                    still_file,
                }),
        );
    }
    Ok(found)
}

/// How many emoji of `domain` are known.
pub fn count_emojis_of(conn: &mut Conn, domain: &str) -> Result<i64> {
    Ok(custom_emojis::table
        .filter(custom_emojis::domain.eq(domain))
        .count()
        .get_result(conn)?)
}

/// Adds an emoji of another server; one of this name is left as it is.
pub fn insert_remote_emoji(conn: &mut Conn, id: EmojiId, emoji: &CustomEmoji) -> Result<()> {
    let values = (
        custom_emojis::id.eq(id.0),
        custom_emojis::shortcode.eq(&emoji.shortcode),
        custom_emojis::domain.eq(emoji.domain.as_deref().unwrap_or_default()),
        custom_emojis::uri.eq(&emoji.uri),
        custom_emojis::image.eq(&emoji.image),
        custom_emojis::visible_in_picker.eq(false),
        custom_emojis::updated_at.eq(millis(emoji)),
    );
    each_backend!(conn, conn => diesel::insert_into(custom_emojis::table)
        .values(values)
        .on_conflict_do_nothing()
        .execute(conn)?);
    Ok(())
}

/// Gives an emoji of another server another picture, of which there is no copy yet.
pub fn replace_remote_emoji(conn: &mut Conn, id: EmojiId, emoji: &CustomEmoji) -> Result<()> {
    diesel::update(custom_emojis::table.find(id.0))
        .set((
            custom_emojis::uri.eq(&emoji.uri),
            custom_emojis::image.eq(&emoji.image),
            custom_emojis::updated_at.eq(millis(emoji)),
            custom_emojis::file.eq(None::<String>),
            custom_emojis::still_file.eq(None::<String>),
        ))
        .execute(conn)?;
    Ok(())
}

fn millis(emoji: &CustomEmoji) -> i64 {
    emoji.updated_at.map_or(0, |at| at.timestamp_millis())
}

/// Notes the copies of the picture of `known`; false if the emoji has another picture by now, or is gone.
pub fn cache_emoji(conn: &mut Conn, known: &RemoteEmoji, file: &str, still_file: &str) -> Result<bool> {
    let row = custom_emojis::table
        .filter(custom_emojis::id.eq(known.id.0))
        .filter(custom_emojis::image.eq(&known.emoji.image))
        .filter(custom_emojis::updated_at.eq(millis(&known.emoji)));
    let rows = diesel::update(row)
        .set((
            custom_emojis::file.eq(file),
            custom_emojis::still_file.eq(still_file),
        ))
        .execute(conn)?;
    Ok(rows > 0)
}

/// Takes the copies of pictures of emoji of exactly this domain out of their rows, at most `limit` emoji at a time, and
/// returns the files.
pub fn uncache_emojis(conn: &mut Conn, domain: &str, limit: i64) -> Result<Vec<String>> {
    let rows: Vec<(i64, Option<String>, Option<String>)> = custom_emojis::table
        .filter(custom_emojis::domain.eq(domain))
        .filter(
            custom_emojis::file
                .is_not_null()
                .or(custom_emojis::still_file.is_not_null()),
        )
        .limit(limit)
        .select((custom_emojis::id, custom_emojis::file, custom_emojis::still_file))
        .load(conn)?;
    let mut files = Vec::new();
    for (id, file, still_file) in rows {
        diesel::update(custom_emojis::table.find(id))
            .set((
                custom_emojis::file.eq(None::<String>),
                custom_emojis::still_file.eq(None::<String>),
            ))
            .execute(conn)?;
        let still_file = still_file.filter(|still| file.as_ref() != Some(still));
        files.extend(file.into_iter().chain(still_file));
    }
    Ok(files)
}
