//! <https://docs.joinmastodon.org/entities/MediaAttachment/>

use pouet_model::{
    ids::MediaId,
    status::{MediaAttachment as Model, MediaType, Size, Timing},
    urls::Urls,
};
use serde::Serialize;

/// A file attached to a status. Files of other servers are shown through the media proxy.
#[derive(Serialize)]
pub(crate) struct MediaAttachment<'a> {
    id: MediaId,
    #[serde(rename = "type")]
    kind: &'static str,
    url: Option<String>,
    preview_url: Option<String>,
    remote_url: Option<&'a str>,
    preview_remote_url: Option<&'a str>,
    text_url: Option<&'a str>,
    meta: Meta,
    description: Option<&'a str>,
    blurhash: Option<&'a str>,
}

/// What is known of the file's content.
#[derive(Serialize)]
struct Meta {
    #[serde(skip_serializing_if = "Option::is_none")]
    focus: Option<Focus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    original: Option<Original>,
    #[serde(skip_serializing_if = "Option::is_none")]
    small: Option<Details>,
}

/// The file as it was published.
#[derive(Serialize)]
struct Original {
    #[serde(flatten)]
    details: Option<Details>,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<f64>,
    /// Pictures in a second, as a fraction.
    #[serde(skip_serializing_if = "Option::is_none")]
    frame_rate: Option<String>,
    /// Bits in a second.
    #[serde(skip_serializing_if = "Option::is_none")]
    bitrate: Option<i64>,
}

impl Original {
    /// `None` if nothing is known.
    fn of(size: Option<Size>, timing: Timing) -> Option<Self> {
        let known = size.is_some() || timing != Timing::default();
        known.then(|| Self {
            details: size.map(Details::of),
            duration: timing
                .duration_ms
                .and_then(|milliseconds| u32::try_from(milliseconds).ok())
                .map(|milliseconds| f64::from(milliseconds) / 1000.0),
            frame_rate: timing.frame_rate.map(|rate| format!("{rate}/1")),
            bitrate: timing.bitrate,
        })
    }
}

/// The point to keep visible when cropping.
#[derive(Serialize)]
struct Focus {
    x: f64,
    y: f64,
}

/// Size of a variant.
#[derive(Serialize)]
struct Details {
    width: u32,
    height: u32,
    size: String,
    aspect: f64,
}

impl Details {
    fn of(size: Size) -> Self {
        Self {
            width: size.width,
            height: size.height,
            size: format!("{}x{}", size.width, size.height),
            aspect: f64::from(size.width) / f64::from(size.height.max(1)),
        }
    }
}

impl<'a> MediaAttachment<'a> {
    /// `media` with its addresses.
    pub(crate) fn from_model(media: &'a Model, urls: &Urls) -> Self {
        let proxy = |variant| urls.path(&format!("/media_proxy/{}/{variant}", media.id));
        let remote_url = media.remote_url.as_deref();
        let url = match (&media.file, remote_url) {
            (Some(key), _) => Some(urls.media(key)),
            // What we cannot show is linked to.
            (None, Some(remote)) if media.media_type == MediaType::Unknown => Some(remote.to_owned()),
            (None, Some(_)) => Some(proxy("original")),
            (None, None) => None,
        };
        let preview_url = match (&media.thumbnail, remote_url) {
            (Some(key), _) => Some(urls.media(key)),
            (None, Some(_)) if media.media_type == MediaType::Image => Some(proxy("small")),
            (None, _) if media.media_type == MediaType::Image => url.clone(),
            (None, _) => media.preview_remote_url.as_ref().map(|_| proxy("small")),
        };
        Self {
            id: media.id,
            kind: media.media_type.as_str(),
            url,
            preview_url,
            remote_url,
            preview_remote_url: media.preview_remote_url.as_deref(),
            text_url: None,
            meta: Meta {
                focus: media.focus.map(|(x, y)| Focus { x, y }),
                original: Original::of(media.size, media.timing),
                small: media.small_size.map(Details::of),
            },
            description: media.description.as_deref(),
            blurhash: media.blurhash.as_deref(),
        }
    }

    /// Each of `media`, in order.
    pub(crate) fn list(media: &'a [Model], urls: &Urls) -> Vec<Self> {
        media.iter().map(|media| Self::from_model(media, urls)).collect()
    }
}
