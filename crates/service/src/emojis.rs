//! Custom emoji of this instance.

use bytes::Bytes;
use pouet_model::{
    emoji::{CustomEmoji, is_shortcode},
    html::strip_bidi_controls,
};
use pouet_storage::emojis as rows;

use crate::{
    error::{Error, Result},
    instance::Instance,
    media,
};

pub use pouet_storage::emojis::PickerEmoji;

/// Longest heading in the picker, in characters.
const MAX_CATEGORY_CHARS: usize = 100;

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
