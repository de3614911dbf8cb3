//! Custom emoji.

use diesel::prelude::*;
use pouet_model::emoji::CustomEmoji;

use crate::{conn::Conn, error::Result, ids::chunks, schema::custom_emojis};

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
