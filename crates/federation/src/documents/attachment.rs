//! Files attached to objects of other servers.

use pouet_model::status::{MediaType, Size};
use pouet_service::statuses::RemoteMedia;

use super::truncate;
use crate::{json::Object, origin::domain_of};

/// Attachments shown, as on Mastodon.
const MAX_SHOWN: usize = 4;
/// Attachments read to find them.
const MAX_READ: usize = 16;
/// Characters of an alternative text.
const MAX_DESCRIPTION: usize = 10_000;
/// Pixels of a side that can be true.
const MAX_SIDE: i64 = 65_535;
/// Characters that the base-83 digits of a blurhash are made of.
const BASE83: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~";

/// The files attached to `object`.
pub(super) fn read(object: Object<'_>) -> Vec<RemoteMedia> {
    object
        .objects("attachment")
        .take(MAX_READ)
        .filter_map(file)
        .take(MAX_SHOWN)
        .collect()
}

/// A file, if the object is one that we understand.
pub(super) fn file(file: Object<'_>) -> Option<RemoteMedia> {
    let is_file = ["Document", "Image", "Video", "Audio"]
        .iter()
        .any(|kind| file.is(kind));
    if !is_file {
        return None;
    }
    let (remote_url, content_type) = address(file)?;
    let description = file
        .text("summary")
        .filter(|text| !text.is_empty())
        .or_else(|| file.text("name").filter(|text| !text.is_empty()))
        .map(|text| truncate(text, MAX_DESCRIPTION).to_owned());
    Some(RemoteMedia {
        media_type: media_type(file, &content_type, &remote_url),
        remote_url,
        content_type,
        description,
        blurhash: file
            .text("blurhash")
            .filter(|hash| is_blurhash(hash))
            .map(str::to_owned),
        focus: focus(file),
        size: size(file),
    })
}

/// Address and MIME type: of the first link to something we can show, else of the first.
fn address(file: Object<'_>) -> Option<(String, String)> {
    let declared = |object: Object<'_>| {
        let kind = object.text("mediaType").or_else(|| object.text("mimeType"));
        kind.map(str::to_ascii_lowercase)
    };
    let of_file = declared(file).unwrap_or_default();
    let links: Vec<(String, String)> = file
        .many("url")
        .iter()
        .filter_map(|value| match Object::of(value) {
            Some(link) => Some((
                link.text("href")?.to_owned(),
                declared(link).unwrap_or_else(|| of_file.clone()),
            )),
            None => Some((value.as_str()?.to_owned(), of_file.clone())),
        })
        .filter(|(url, _)| domain_of(url).is_some())
        .collect();
    let shown = links.iter().position(|(_, kind)| kind_of(kind).is_some());
    links.into_iter().nth(shown.unwrap_or(0))
}

fn media_type(file: Object<'_>, content_type: &str, url: &str) -> MediaType {
    if let Some(kind) = kind_of(content_type) {
        return kind;
    }
    if !content_type.is_empty() {
        return MediaType::Unknown;
    }
    // Without a MIME type, the type of the object is all there is, or the name of the file.
    match file.types().next() {
        Some("Image") => MediaType::Image,
        Some("Video") => MediaType::Video,
        Some("Audio") => MediaType::Audio,
        _ => kind_of_name(url),
    }
}

/// What the name of a file says it is: BookWyrm says no more. What is shown is decided by the file itself.
fn kind_of_name(url: &str) -> MediaType {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    match ending.to_ascii_lowercase().as_str() {
        "jpg" | "jpeg" | "png" | "gif" | "webp" | "avif" => MediaType::Image,
        "mp4" | "webm" | "mov" => MediaType::Video,
        "mp3" | "ogg" | "flac" | "opus" | "wav" | "m4a" => MediaType::Audio,
        _ => MediaType::Unknown,
    }
}

/// What we can show. Drawings and documents that carry scripts are not among it.
fn kind_of(content_type: &str) -> Option<MediaType> {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    match essence {
        "image/jpeg" | "image/png" | "image/gif" | "image/webp" | "image/avif" | "image/heic"
        | "image/heif" => Some(MediaType::Image),
        "video/mp4" | "video/webm" | "video/quicktime" | "video/ogg" => Some(MediaType::Video),
        "audio/mpeg" | "audio/mp3" | "audio/ogg" | "audio/wav" | "audio/x-wav" | "audio/webm"
        | "audio/flac" | "audio/opus" | "audio/aac" | "audio/m4a" | "audio/x-m4a" | "audio/mp4" => {
            Some(MediaType::Audio)
        }
        _ => None,
    }
}

/// Whether a placeholder is one: base 83, and no more than five by five components, which browsers choke on otherwise.
fn is_blurhash(hash: &str) -> bool {
    let mut digits = Vec::with_capacity(hash.len());
    for c in hash.chars() {
        match BASE83.find(c) {
            Some(digit) => digits.push(digit),
            None => return false,
        }
    }
    let Some(size) = digits.first() else { return false };
    let (x, y) = (size % 9 + 1, size / 9 + 1);
    x <= 5 && y <= 5 && digits.len() == 4 + 2 * x * y
}

fn focus(file: Object<'_>) -> Option<(f64, f64)> {
    let [x, y] = file.many("focalPoint") else {
        return None;
    };
    let (x, y) = (x.as_f64()?, y.as_f64()?);
    Some((x.clamp(-1.0, 1.0), y.clamp(-1.0, 1.0)))
}

fn size(file: Object<'_>) -> Option<Size> {
    let side = |name| {
        file.count(name)
            .filter(|pixels| (1..=MAX_SIDE).contains(pixels))
            .and_then(|pixels| u32::try_from(pixels).ok())
    };
    Some(Size {
        width: side("width")?,
        height: side("height")?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read_one(mut file: Value) -> Option<RemoteMedia> {
        file["type"].is_null().then(|| file["type"] = json!("Document"));
        let note = json!({"attachment": [file]});
        read(Object::of(&note).unwrap()).pop()
    }

    #[test]
    fn fed_040_alternative_text_comes_from_summary_then_name() {
        let url = "https://a.test/1.png";
        for (file, text) in [
            (json!({"url": url, "summary": "s", "name": "n"}), Some("s")),
            (json!({"url": url, "name": "n"}), Some("n")),
            (json!({"url": url, "summary": "", "name": "n"}), Some("n")),
            (json!({"url": url}), None),
        ] {
            let media = read_one(file.clone()).unwrap();
            assert_eq!(media.description.as_deref(), text, "{file}");
        }
    }

    #[test]
    fn fed_041_broken_blurhash_goes_and_focus_is_clamped() {
        let good = "LEHV6nWB2yk8pyo0adR*.7kCMdnj";
        for (hash, kept) in [
            (good, true),
            ("LEHV6nWB2yk8", false),
            ("", false),
            ("<script>", false),
            ("~EHV6nWB2yk8pyo0adR*.7kCMdnj", false),
        ] {
            let media = read_one(json!({"url": "https://a.test/1.png", "blurhash": hash})).unwrap();
            assert_eq!(media.blurhash.is_some(), kept, "{hash}");
        }
        let media = read_one(json!({"url": "https://a.test/1.png", "focalPoint": [7, -0.5]})).unwrap();
        assert_eq!(media.focus, Some((1.0, -0.5)));
    }

    #[test]
    fn fed_042_the_fifth_attachment_is_not_shown_and_unknown_types_are_links() {
        let files: Vec<Value> = (0..5)
            .map(|n| json!({"type": "Document", "mediaType": "image/png", "url": format!("https://a.test/{n}.png")}))
            .collect();
        let note = json!({"attachment": files});
        assert_eq!(read(Object::of(&note).unwrap()).len(), 4);
        for (kind, expected) in [
            ("image/png", MediaType::Image),
            ("image/svg+xml", MediaType::Unknown),
            ("text/html", MediaType::Unknown),
            ("application/pdf", MediaType::Unknown),
            ("video/mp4", MediaType::Video),
            ("audio/ogg; codecs=opus", MediaType::Audio),
        ] {
            let media = read_one(json!({"url": "https://a.test/x", "mediaType": kind})).unwrap();
            assert_eq!(media.media_type, expected, "{kind}");
        }
    }

    #[test]
    fn addresses_in_all_their_shapes() {
        let link = json!({"type": "Link", "href": "https://a.test/1.mp4", "mediaType": "video/mp4"});
        let playlist =
            json!({"type": "Link", "href": "https://a.test/1.m3u8", "mediaType": "application/x-mpegURL"});
        for url in [
            json!("https://a.test/1.mp4"),
            link.clone(),
            json!([playlist, link]),
        ] {
            let media = read_one(json!({"url": url, "mediaType": "video/mp4"})).unwrap();
            assert_eq!(media.remote_url, "https://a.test/1.mp4");
        }
        assert!(read_one(json!({"url": "javascript:alert(1)", "mediaType": "image/png"})).is_none());
        assert!(read_one(json!({"type": "Link", "href": "https://a.test/"})).is_none());
    }
}
