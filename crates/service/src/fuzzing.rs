//! Parsers of foreign bytes that are no part of the interface, opened for the fuzz targets only.

use pouet_model::status::Size;

use crate::{cards::charset, media::image};

/// The text of a page as the reader of link previews decodes it. `content_type` is that of the answer.
pub fn page_text(bytes: &[u8], content_type: Option<&str>) -> String {
    charset::decode(bytes, content_type)
}

/// Decodes a picture of at most `max_pixels` pixels and writes it anew, as for an attachment. Gives the size of what is
/// written and its bytes, of the whole picture and of its small copy; nothing if it is refused.
pub fn picture(bytes: &[u8], max_pixels: u64) -> Option<[(Size, Vec<u8>); 2]> {
    let made = image::process_here(bytes, max_pixels, image::Purpose::Attachment).ok()?;
    Some([made.original, made.small].map(|file| (file.size, file.bytes.to_vec())))
}
