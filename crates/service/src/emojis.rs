//! Custom emoji of this instance.

use pouet_storage::emojis as rows;

use crate::{error::Result, instance::Instance};

pub use pouet_storage::emojis::PickerEmoji;

/// All own emoji, by shortcode.
///
/// Source: <https://docs.joinmastodon.org/methods/custom_emojis/#get>
pub async fn list(instance: &Instance) -> Result<Vec<PickerEmoji>> {
    instance.read(|conn| Ok(rows::list_local_emojis(conn)?)).await
}
