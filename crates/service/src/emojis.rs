//! Custom emoji of this instance.

use std::collections::HashMap;

use bytes::Bytes;
use chrono::DateTime;
use pouet_model::{
    emoji::{CustomEmoji, is_shortcode},
    html::strip_bidi_controls,
};
use pouet_storage::{Conn, emojis as rows, media::insert_trash};

use crate::{
    error::{Error, Result},
    instance::Instance,
    media,
};

pub use pouet_storage::emojis::PickerEmoji;

/// Longest heading in the picker, in characters.
const MAX_CATEGORY_CHARS: usize = 100;
/// Emoji of one domain that are known: far more than the largest servers have. Further ones stay text.
const MAX_OF_DOMAIN: i64 = 20_000;

/// All own emoji, by shortcode.
///
/// Source: <https://docs.joinmastodon.org/methods/custom_emojis/#get>
pub async fn list(instance: &Instance) -> Result<Vec<PickerEmoji>> {
    instance.read(|conn| Ok(rows::list_local_emojis(conn)?)).await
}

/// An emoji to add.
#[derive(Clone, Debug)]
pub struct NewEmoji {
    /// Name between the colons: 2 to 100 letters, digits and underscores.
    pub shortcode: String,
    /// Heading in the picker.
    pub category: Option<String>,
    /// Offered in the picker.
    pub visible: bool,
    /// A PNG, GIF or WebP of at most 256 KiB and 512 x 512 pixels.
    pub picture: Bytes,
    /// Take the place of the one that has this name.
    pub replace: bool,
}

/// What became of an emoji to add.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Added {
    /// There was none of this name.
    New,
    /// It took the place of another. Posts from before keep their picture.
    Replaced,
    /// There is one of this name, which stays.
    Kept,
}

/// Adds an own emoji.
///
/// # Errors
/// `Invalid` if the name or the picture is not as [`NewEmoji`] wants them.
pub async fn add(instance: &Instance, new: NewEmoji) -> Result<Added> {
    if !is_shortcode(&new.shortcode) {
        let reason = "Shortcode must be 2 to 100 letters, digits and underscores";
        return Err(Error::invalid("shortcode", "ERR_INVALID", reason));
    }
    let category = new
        .category
        .as_deref()
        .map(|text| strip_bidi_controls(text.trim()));
    let category = category.filter(|text| !text.is_empty());
    if category
        .as_ref()
        .is_some_and(|text| text.chars().count() > MAX_CATEGORY_CHARS || text.contains(char::is_control))
    {
        let reason = format!("Category must be one line of at most {MAX_CATEGORY_CHARS} characters");
        return Err(Error::invalid("category", "ERR_TOO_LONG", reason));
    }
    let shortcode = new.shortcode.clone();
    let known = instance
        .read(move |conn| Ok(rows::load_local_emojis(conn, &[shortcode])?))
        .await?;
    let is_known = !known.is_empty();
    if is_known && !new.replace {
        return Ok(Added::Kept);
    }
    let row = PickerEmoji {
        emoji: CustomEmoji {
            shortcode: new.shortcode,
            domain: None,
            image: media::store_emoji(instance, new.picture).await?,
            uri: None,
            updated_at: None,
        },
        category,
        visible: new.visible,
    };
    let (id, now): (i64, _) = (instance.next_id(), instance.now());
    instance
        .write(move |tx| Ok(rows::upsert_local_emoji(tx, id, &row, now)?))
        .await?;
    Ok(if is_known { Added::Replaced } else { Added::New })
}

/// Removes an own emoji. Posts that use it keep it.
///
/// # Errors
/// `NotFound` if there is none of this name.
pub async fn remove(instance: &Instance, shortcode: &str) -> Result<()> {
    let shortcode = shortcode.trim_matches(':').to_owned();
    instance
        .write(move |tx| {
            if rows::delete_local_emoji(tx, &shortcode)? {
                Ok(())
            } else {
                Err(Error::NotFound)
            }
        })
        .await
}

/// Takes in what a document says of emoji of its author's domain, by which the media proxy finds their pictures. An
/// emoji that its server changed loses the copy of its picture. Ours are left alone.
///
/// All are of one domain. A picture at another address counts as changed unless `updated` says that it is the older
/// one; one at the same address if `updated` is newer.
///
/// Source: <https://docs.joinmastodon.org/spec/activitypub/#Emoji>
pub(crate) fn remember(tx: &mut Conn, instance: &Instance, emojis: &[CustomEmoji]) -> Result<()> {
    let Some(domain) = emojis.iter().find_map(|emoji| emoji.domain.as_deref()) else {
        return Ok(());
    };
    let now = instance.now();
    // In one order, so that writers never wait for each other in a circle.
    let mut named: Vec<CustomEmoji> = emojis
        .iter()
        .filter(|emoji| emoji.domain.as_deref() == Some(domain) && !emoji.image.is_empty())
        .cloned()
        .collect();
    named.sort_by(|a, b| a.shortcode.cmp(&b.shortcode));
    let shortcodes: Vec<String> = named.iter().map(|emoji| emoji.shortcode.clone()).collect();
    let known: HashMap<String, rows::RemoteEmoji> = rows::load_remote_emojis(tx, domain, &shortcodes)?
        .into_iter()
        .map(|row| (row.emoji.shortcode.clone(), row))
        .collect();
    let mut room = None;
    for mut emoji in named {
        // A time that lies ahead would keep every later picture out.
        emoji.updated_at = emoji.updated_at.map(|at| at.min(now));
        match known.get(&emoji.shortcode) {
            Some(row) if is_changed(&row.emoji, &emoji) => {
                for file in [&row.file, &row.still_file].into_iter().flatten() {
                    insert_trash(tx, file, now)?;
                }
                rows::replace_remote_emoji(tx, row.id, &emoji)?;
            }
            Some(_) => {}
            None => {
                let left = match room {
                    Some(left) => left,
                    None => MAX_OF_DOMAIN - rows::count_emojis_of(tx, domain)?,
                };
                if left > 0 {
                    rows::insert_remote_emoji(tx, instance.next_id(), &emoji)?;
                }
                room = Some(left - 1);
            }
        }
    }
    Ok(())
}

fn is_changed(known: &CustomEmoji, said: &CustomEmoji) -> bool {
    let at = |emoji: &CustomEmoji| emoji.updated_at.unwrap_or(DateTime::UNIX_EPOCH);
    if known.image == said.image {
        at(said) > at(known)
    } else {
        said.updated_at.is_none() || at(said) >= at(known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fed_039_an_emoji_changes_with_its_address_or_its_time() {
        let emoji = |image: &str, updated_at: Option<i64>| CustomEmoji {
            shortcode: "blob".to_owned(),
            domain: Some("far.test".to_owned()),
            image: image.to_owned(),
            uri: None,
            updated_at: updated_at.map(pouet_model::time::from_millis),
        };
        let known = emoji("1", Some(10));
        for (said, expected) in [
            (emoji("1", None), false),
            (emoji("1", Some(10)), false),
            (emoji("1", Some(9)), false),
            (emoji("1", Some(11)), true),
            (emoji("2", None), true),
            (emoji("2", Some(10)), true),
            (emoji("2", Some(9)), false),
        ] {
            assert_eq!(is_changed(&known, &said), expected, "{said:?}");
        }
        let timeless = emoji("1", None);
        assert!(!is_changed(&timeless, &emoji("1", Some(0))));
        assert!(is_changed(&timeless, &emoji("1", Some(1))));
        assert!(is_changed(&timeless, &emoji("2", Some(0))));
    }
}
