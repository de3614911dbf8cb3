//! Custom emoji.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use pouet_model::emoji::CustomEmoji;

use crate::{
    conn::{Conn, each_backend},
    error::Result,
    ids::chunks,
    schema::custom_emojis,
};

type Columns = (String, String, Option<String>, String);

fn emoji_of((shortcode, domain, uri, image): Columns) -> CustomEmoji {
    CustomEmoji {
        shortcode,
        domain: Some(domain).filter(|domain| !domain.is_empty()),
        image,
        uri,
    }
}

macro_rules! columns {
    () => {
        (
            custom_emojis::shortcode,
            custom_emojis::domain,
            custom_emojis::uri,
            custom_emojis::image,
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
