//! Files attached to objects of other servers.

use pouet_model::status::{MediaType, Size, Timing};
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
/// Milliseconds of a sound or video that can be true: ten days.
const MAX_DURATION_MS: i64 = 10 * 24 * 60 * 60 * 1000;
/// Pictures in a second that can be true.
const MAX_FRAME_RATE: i64 = 1_000;
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
    let media_type = media_type(file, &content_type, &remote_url);
    let timing = match media_type {
        MediaType::Video | MediaType::Audio | MediaType::Gifv => timing(file),
        MediaType::Image | MediaType::Unknown => Timing::default(),
    };
    Some(RemoteMedia {
        media_type,
        preview_url: preview(file).filter(|url| *url != remote_url),
        timing,
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

/// Where a picture is that stands for the file: the largest `icon`, or else `preview`. Either may be an object, an
/// address or many of them.
///
/// Source: <https://codeberg.org/fediverse/fep/src/branch/main/fep/1311/fep-1311.md>
fn preview(file: Object<'_>) -> Option<String> {
    ["icon", "preview", "image"].iter().find_map(|name| {
        let pictures = file
            .many(name)
            .iter()
            .filter_map(|value| match Object::of(value) {
                Some(picture) => {
                    let (url, kind) = address(picture).or_else(|| {
                        let href = picture.text("href")?;
                        Some((href.to_owned(), String::new()))
                    })?;
                    let is_picture = kind.is_empty() || kind_of(&kind) == Some(MediaType::Image);
                    is_picture.then(|| (url, size(picture).map_or(0, |size| size.width)))
                }
                None => Some((value.as_str()?.to_owned(), 0)),
            });
        pictures
            .filter(|(url, _)| domain_of(url).is_some())
            .max_by_key(|(_, width)| *width)
            .map(|(url, _)| url)
    })
}

/// How long it is, and how much of it there is in a second. `fps` and `size` (bytes) are of the file or of one of its
/// links.
fn timing(file: Object<'_>) -> Timing {
    let duration_ms = file
        .text("duration")
        .and_then(milliseconds)
        .or_else(|| {
            file.count("duration")
                .and_then(|seconds| seconds.checked_mul(1000))
        })
        .filter(|length| (1..=MAX_DURATION_MS).contains(length));
    let of_file = |name: &str| {
        let of_link = || file.objects("url").find_map(|link| link.count(name));
        file.count(name).or_else(of_link)
    };
    let by_size = || {
        let bits = of_file("size").filter(|bytes| *bytes > 0)?.checked_mul(8_000)?;
        bits.checked_div(duration_ms?)
    };
    Timing {
        duration_ms,
        frame_rate: of_file("fps").filter(|rate| (1..=MAX_FRAME_RATE).contains(rate)),
        bitrate: of_file("bitrate")
            .or_else(by_size)
            .filter(|rate| (1..=i64::from(i32::MAX)).contains(rate)),
    }
}

/// Milliseconds of a duration such as `PT1H2M3.5S`. Years and months have no length of their own and are not read.
///
/// Source: <https://www.w3.org/TR/xmlschema11-2/#duration>
fn milliseconds(text: &str) -> Option<i64> {
    let rest = text.strip_prefix('P')?;
    let (days, time) = rest.split_once('T').unwrap_or((rest, ""));
    let (mut total, mut digits) = (0.0, String::new());
    for (part, units) in [
        (days, &[('W', 604_800.0), ('D', 86_400.0)][..]),
        (time, &[('H', 3_600.0), ('M', 60.0), ('S', 1.0)]),
    ] {
        for c in part.chars() {
            if c.is_ascii_digit() || c == '.' {
                digits.push(c);
                continue;
            }
            let (_, seconds) = units.iter().find(|(unit, _)| *unit == c)?;
            let number: f64 = digits.parse().ok()?;
            total += number * seconds;
            digits.clear();
        }
    }
    let rounded = (total * 1000.0).round();
    let is_whole = digits.is_empty() && rounded.is_finite() && rounded <= 1e15;
    // What is below 10^15 and whole is exactly that as an integer.
    is_whole.then_some(rounded as i64)
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
    fn fed_042_sounds_and_videos_have_a_picture_and_a_length() {
        let video = |more: Value| {
            let mut file = json!({"type": "Video", "mediaType": "video/mp4", "url": "https://a.test/1.mp4"});
            for (name, value) in more.as_object().unwrap() {
                file[name] = value.clone();
            }
            read_one(file).unwrap()
        };
        let picture = |name: &str, width: i64| {
            let url = format!("https://a.test/{name}.jpg");
            json!({"type": "Image", "mediaType": "image/jpeg", "url": url, "width": width, "height": 9})
        };
        for (more, expected) in [
            (json!({}), None),
            (json!({"icon": picture("a", 1)}), Some("https://a.test/a.jpg")),
            (
                json!({"icon": [picture("a", 280), picture("b", 850)]}),
                Some("https://a.test/b.jpg"),
            ),
            (
                json!({"icon": "https://a.test/c.jpg"}),
                Some("https://a.test/c.jpg"),
            ),
            (
                json!({"preview": picture("d", 1), "icon": []}),
                Some("https://a.test/d.jpg"),
            ),
            (
                json!({"preview": {"type": "Link", "href": "https://a.test/e.jpg"}}),
                Some("https://a.test/e.jpg"),
            ),
            (json!({"icon": "javascript:alert(1)"}), None),
            (
                json!({"icon": {"type": "Video", "mediaType": "video/mp4", "url": "https://a.test/f.mp4"}}),
                None,
            ),
        ] {
            let found = video(more.clone()).preview_url;
            assert_eq!(found.as_deref(), expected, "{more}");
        }
        for (duration, expected) in [
            (json!("PT301S"), Some(301_000)),
            (json!("PT1H2M3.5S"), Some(3_723_500)),
            (json!("P1DT1S"), Some(86_401_000)),
            (json!(12), Some(12_000)),
            (json!("PT0S"), None),
            (json!("P1Y"), None),
            (json!("P99999D"), None),
            (json!("PT-1S"), None),
            (json!("PT5"), None),
            (json!("five"), None),
        ] {
            let found = video(json!({ "duration": duration })).timing.duration_ms;
            assert_eq!(found, expected, "{duration}");
        }
        let timing = video(json!({"duration": "PT2S", "fps": 30, "size": 1_000})).timing;
        assert_eq!((timing.frame_rate, timing.bitrate), (Some(30), Some(4_000)));
        let still = read_one(json!({"url": "https://a.test/1.png", "duration": "PT2S"})).unwrap();
        assert_eq!(still.timing, Timing::default());
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
