//! Sound and films of other servers, passed on as they come: nothing of them is kept here, and no reader's browser or app
//! asks the other server (rule R062).

use std::{
    io,
    sync::{Arc, LazyLock},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{
        ACCEPT_ENCODING, ACCEPT_RANGES, CONTENT_RANGE, ETAG, HeaderName, IF_RANGE, LAST_MODIFIED, RANGE,
    },
};
use pouet_model::{ids::MediaId, status::MediaType};
use pouet_storage::media as rows;
use tokio::{
    sync::{Semaphore, mpsc},
    time::timeout,
};

use super::remote::check_owner;
use crate::{
    error::{Error, Result},
    instance::Instance,
    net::{GetRequest, Purpose, Stream},
};

/// Longest answer that is passed on, in bytes.
const MAX_BYTES: usize = 1024 * 1024 * 1024;
/// How long one answer may take; a player asks for the rest again.
const MAX_TIME: Duration = Duration::from_mins(10);
/// How long a reader may take to hear that the time is over.
const GRACE: Duration = Duration::from_secs(30);
/// Files passed on at the same time.
const MAX_STREAMS: usize = 64;
/// Parts that wait for a slow reader, each of some kilobytes.
const MAX_WAITING: usize = 4;

static STREAMS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(MAX_STREAMS)));

/// Which part of a file a player asks for, in the words of its request.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Wanted {
    /// `Range`: several ranges, and what is none in bytes, count as the whole.
    pub range: Option<String>,
    /// `If-Range`.
    pub if_range: Option<String>,
}

/// A file, or a part of it, that is on its way.
#[derive(Debug)]
pub struct Playing {
    /// 200 for the whole, 206 for a part, 416 if there is no such part.
    pub status: StatusCode,
    /// MIME type, from a closed list.
    pub content_type: &'static str,
    /// Bytes that follow, if that is known.
    pub length: Option<u64>,
    /// `Accept-Ranges`, `Content-Range`, `ETag` and `Last-Modified` of the other server, where they are there.
    pub headers: HeaderMap,
    parts: mpsc::Receiver<io::Result<Bytes>>,
}

impl Playing {
    /// The next part, for bodies of answers; an error if the other server breaks off.
    pub fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        self.parts.poll_recv(context)
    }

    /// The next part.
    pub async fn next(&mut self) -> Option<io::Result<Bytes>> {
        self.parts.recv().await
    }
}

/// Whether this is sound or a film of another server, of which there is no copy here.
///
/// # Errors
/// `NotFound` if we know no such file.
pub async fn is_played(instance: &Instance, id: MediaId) -> Result<bool> {
    let media = instance
        .read(move |conn| Ok(rows::find_media(conn, id)?))
        .await?
        .ok_or(Error::NotFound)?;
    Ok(media.file.is_none() && media.remote_url.is_some() && plays(media.media_type))
}

fn plays(kind: MediaType) -> bool {
    matches!(kind, MediaType::Video | MediaType::Gifv | MediaType::Audio)
}

/// Passes on sound or a film of another server.
///
/// # Errors
/// `NotFound` if we know no such file, its owner is gone or suspended, or the media of their domain are refused;
/// `RemoteUnavailable` if its server does not answer as it should; `Busy` if too many are under way.
pub async fn play(instance: &Instance, id: MediaId, wanted: Wanted) -> Result<Playing> {
    let media = instance
        .read(move |conn| Ok(rows::find_media(conn, id)?))
        .await?
        .filter(|media| plays(media.media_type))
        .ok_or(Error::NotFound)?;
    check_owner(instance, media.account_id).await?;
    let url = media.remote_url.ok_or(Error::NotFound)?;
    let permit = Arc::clone(&STREAMS)
        .try_acquire_owned()
        .map_err(|_| Error::Busy)?;
    let request = GetRequest {
        url: &url,
        accept: "video/*, audio/*",
        max_bytes: MAX_BYTES,
        purpose: Purpose::Media,
        headers: asked(&wanted),
    };
    let is_part = request.headers.contains_key(RANGE);
    let mut stream = instance.net.open(&request).await.map_err(|error| {
        tracing::debug!(%error, %url, "a remote file cannot be played");
        Error::RemoteUnavailable
    })?;
    let is_answer = match stream.status {
        StatusCode::OK => true,
        StatusCode::PARTIAL_CONTENT => is_part && stream.headers.contains_key(CONTENT_RANGE),
        StatusCode::RANGE_NOT_SATISFIABLE => is_part,
        _ => false,
    };
    if !is_answer {
        return Err(Error::RemoteUnavailable);
    }
    let has_body = stream.status.is_success();
    let content_type = playable(stream.content_type.as_deref(), &media.content_type);
    let content_type = match content_type {
        Some(known) => known,
        None if has_body => return Err(Error::RemoteUnavailable),
        None => "application/octet-stream",
    };
    let (sender, parts) = mpsc::channel(MAX_WAITING);
    let playing = Playing {
        status: stream.status,
        content_type,
        length: if has_body { stream.length } else { Some(0) },
        headers: told(&stream),
        parts,
    };
    if has_body {
        // A task of its own, so that a reader who stops reading does not hold the place for ever.
        tokio::spawn(async move {
            let _permit = permit;
            if timeout(MAX_TIME, pump(&mut stream, &sender)).await.is_err() {
                // An end without an error would look like that of the file.
                let error = Err(io::ErrorKind::TimedOut.into());
                let _ = timeout(GRACE, sender.send(error)).await;
            }
        });
    }
    Ok(playing)
}

async fn pump(stream: &mut Stream, sender: &mpsc::Sender<io::Result<Bytes>>) {
    loop {
        let part = match stream.chunk().await {
            Ok(Some(part)) => Ok(part),
            Ok(None) => return,
            Err(error) => Err(io::Error::other(error)),
        };
        let is_last = part.is_err();
        // Who does not listen any more has seen enough.
        if sender.send(part).await.is_err() || is_last {
            return;
        }
    }
}

/// What the other server is asked for: nothing of the reader but the range.
fn asked(wanted: &Wanted) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    let value = |text: &Option<String>| HeaderValue::from_str(text.as_deref()?).ok();
    let range = wanted.range.as_deref().filter(|range| is_one_range(range));
    if range.is_some()
        && let Some(range) = value(&wanted.range)
    {
        headers.insert(RANGE, range);
        if let Some(condition) = value(&wanted.if_range) {
            headers.insert(IF_RANGE, condition);
        }
    }
    headers
}

/// `bytes=0-`, `bytes=5-9` or `bytes=-100`.
fn is_one_range(range: &str) -> bool {
    let Some((first, last)) = range
        .strip_prefix("bytes=")
        .and_then(|range| range.split_once('-'))
    else {
        return false;
    };
    let is_number = |text: &str| text.len() <= 19 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number(first) && is_number(last) && !(first.is_empty() && last.is_empty())
}

fn told(stream: &Stream) -> HeaderMap {
    let names: &[HeaderName] = if stream.status == StatusCode::OK {
        &[ACCEPT_RANGES, ETAG, LAST_MODIFIED]
    } else {
        &[ACCEPT_RANGES, CONTENT_RANGE, ETAG, LAST_MODIFIED]
    };
    let found = names.iter().filter_map(|name| {
        let value = stream.headers.get(name)?;
        Some((name.clone(), value.clone()))
    });
    found.collect()
}

/// The type that a file is passed on with: what its server says now, else what it said when the status came.
fn playable(now: Option<&str>, before: &str) -> Option<&'static str> {
    let essence = |text: &str| {
        let text = text.split(';').next().unwrap_or_default();
        text.trim().to_ascii_lowercase()
    };
    match now.map(essence).as_deref() {
        None | Some("" | "application/octet-stream" | "binary/octet-stream") => known_type(&essence(before)),
        Some(said) => known_type(said),
    }
}

fn known_type(essence: &str) -> Option<&'static str> {
    Some(match essence {
        "video/mp4" | "video/x-m4v" => "video/mp4",
        "video/webm" => "video/webm",
        "video/ogg" | "application/ogg" => "video/ogg",
        "video/quicktime" => "video/quicktime",
        "audio/mpeg" | "audio/mp3" => "audio/mpeg",
        "audio/mp4" | "audio/m4a" | "audio/x-m4a" => "audio/mp4",
        "audio/aac" => "audio/aac",
        "audio/ogg" | "audio/opus" => "audio/ogg",
        "audio/webm" => "audio/webm",
        "audio/flac" | "audio/x-flac" => "audio/flac",
        "audio/wav" | "audio/wave" | "audio/x-wav" | "audio/vnd.wave" => "audio/wav",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    #![expect(non_snake_case, reason = "security rules are named by their number, R0nn")]

    use super::*;

    #[test]
    fn sec_R062_one_range_is_passed_on_and_nothing_else_of_the_reader() {
        for (range, passed) in [
            ("bytes=0-", true),
            ("bytes=5-9", true),
            ("bytes=-100", true),
            ("bytes=-", false),
            ("bytes=0-1,5-6", false),
            ("bytes=a-b", false),
            ("lines=0-1", false),
            ("bytes=0-99999999999999999999", false),
            ("", false),
        ] {
            let wanted = Wanted {
                range: Some(range.to_owned()),
                if_range: Some("\"x\"".to_owned()),
            };
            let headers = asked(&wanted);
            assert_eq!(headers.contains_key(RANGE), passed, "{range}");
            assert_eq!(headers.contains_key(IF_RANGE), passed, "{range}");
        }
        assert_eq!(asked(&Wanted::default()).len(), 1);
    }

    #[test]
    fn sec_R059_only_sound_and_films_are_played() {
        assert_eq!(playable(Some("Video/MP4; codecs=x"), ""), Some("video/mp4"));
        assert_eq!(
            playable(Some("application/octet-stream"), "audio/mp3"),
            Some("audio/mpeg")
        );
        assert_eq!(playable(None, "video/webm"), Some("video/webm"));
        for said in ["text/html", "image/svg+xml", "application/activity+json"] {
            assert_eq!(playable(Some(said), "video/mp4"), None, "{said}");
            assert_eq!(playable(None, said), None, "{said}");
        }
    }
}
