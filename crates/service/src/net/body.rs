//! Reading a response body without trusting its length, its pace or its compression.
//!
//! The client does not inflate by itself: counting the bytes before and after inflation is the only way to recognise a
//! bomb (rule R007).

use std::io::Write;

use flate2::write::MultiGzDecoder;
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use tokio::time::{Duration, timeout};

use super::{NetError, Phase};

/// Text deflates to a tenth, rarely to a thirtieth; beyond this it is a bomb.
const MAX_RATIO: usize = 100;
/// Bytes that may be inflated before the ratio counts: short documents full of repetition are honest.
const RATIO_FLOOR: usize = 64 * 1024;

/// What to do with a body longer than its cap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Overflow {
    /// Fail with `TooLarge`: half a document is worth nothing.
    Refuse,
    /// Keep what fits and stop reading.
    Truncate,
}

/// How much of a body is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cap {
    /// Bytes after inflation.
    pub(super) limit: usize,
    pub(super) overflow: Overflow,
}

/// A body, and whether it was cut at its cap.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) bytes: Vec<u8>,
    pub(super) truncated: bool,
}

/// Reads the body of `response` up to `cap`, waiting at most `idle` for each part.
pub(super) async fn read(
    mut response: reqwest::Response,
    host: &str,
    cap: Cap,
    idle: Duration,
) -> Result<Body, NetError> {
    let mut collector = Collector::new(response.headers(), host, cap)?;
    loop {
        let chunk = timeout(idle, response.chunk())
            .await
            .map_err(|_| NetError::Timeout {
                host: host.to_owned(),
                phase: Phase::Idle,
            })?
            .map_err(|error| super::client::classify(host, &error))?;
        let Some(chunk) = chunk else {
            return collector.finish();
        };
        if collector.push(&chunk)? == Progress::Full {
            return Ok(collector.into_truncated());
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Progress {
    More,
    Full,
}

/// A body as it comes in.
struct Collector<'a> {
    host: &'a str,
    cap: Cap,
    received: usize,
    decoder: Decoder,
}

enum Decoder {
    Identity(Capped),
    Gzip(Box<MultiGzDecoder<Capped>>),
}

impl Decoder {
    fn sink(&self) -> &Capped {
        match self {
            Self::Identity(sink) => sink,
            Self::Gzip(decoder) => decoder.get_ref(),
        }
    }
}

impl<'a> Collector<'a> {
    fn new(headers: &HeaderMap, host: &'a str, cap: Cap) -> Result<Self, NetError> {
        let sink = Capped::new(cap.limit);
        let mut encodings = headers.get_all(CONTENT_ENCODING).iter();
        let encoding = encodings.next().map(|value| value.to_str().unwrap_or("?"));
        let decoder = match (encoding, encodings.next()) {
            (None | Some("identity" | ""), None) => {
                refuse_announced_length(headers, host, cap)?;
                Decoder::Identity(sink)
            }
            (Some("gzip" | "x-gzip"), None) => Decoder::Gzip(Box::new(MultiGzDecoder::new(sink))),
            _ => {
                return Err(NetError::Http {
                    host: host.to_owned(),
                    reason: "content encoding that was not asked for".to_owned(),
                });
            }
        };
        Ok(Self {
            host,
            cap,
            received: 0,
            decoder,
        })
    }

    fn push(&mut self, chunk: &[u8]) -> Result<Progress, NetError> {
        self.received += chunk.len();
        let written = match &mut self.decoder {
            Decoder::Identity(sink) => sink.write_all(chunk),
            Decoder::Gzip(decoder) => decoder.write_all(chunk).and_then(|()| decoder.flush()),
        };
        let sink = self.decoder.sink();
        if sink.bytes.len() > RATIO_FLOOR && sink.bytes.len() / MAX_RATIO > self.received {
            return Err(self.too_large());
        }
        match (written, sink.overflowed, self.cap.overflow) {
            (_, true, Overflow::Refuse) => Err(self.too_large()),
            (_, true, Overflow::Truncate) => Ok(Progress::Full),
            (Ok(()), false, _) => Ok(Progress::More),
            (Err(error), false, _) => Err(self.broken(&error)),
        }
    }

    fn finish(mut self) -> Result<Body, NetError> {
        let finished = match &mut self.decoder {
            Decoder::Identity(_) => Ok(()),
            // An empty body has no gzip header and needs none.
            Decoder::Gzip(_) if self.received == 0 => Ok(()),
            Decoder::Gzip(decoder) => decoder.try_finish(),
        };
        match (finished, self.decoder.sink().overflowed) {
            (Ok(()), false) => Ok(Body {
                bytes: self.take_bytes(),
                truncated: false,
            }),
            (_, true) if self.cap.overflow == Overflow::Refuse => Err(self.too_large()),
            (_, true) => Ok(self.into_truncated()),
            (Err(error), false) => Err(self.broken(&error)),
        }
    }

    fn into_truncated(mut self) -> Body {
        Body {
            bytes: self.take_bytes(),
            truncated: true,
        }
    }

    fn take_bytes(&mut self) -> Vec<u8> {
        let sink = match &mut self.decoder {
            Decoder::Identity(sink) => sink,
            Decoder::Gzip(decoder) => decoder.get_mut(),
        };
        std::mem::take(&mut sink.bytes)
    }

    fn too_large(&self) -> NetError {
        NetError::TooLarge {
            host: self.host.to_owned(),
            limit: self.cap.limit,
        }
    }

    fn broken(&self, error: &std::io::Error) -> NetError {
        NetError::Http {
            host: self.host.to_owned(),
            reason: format!("broken gzip stream: {error}"),
        }
    }
}

/// Refuses a body whose announced length is over the cap before reading any of it.
fn refuse_announced_length(headers: &HeaderMap, host: &str, cap: Cap) -> Result<(), NetError> {
    let announced = headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse::<u64>().ok());
    match announced {
        Some(length) if cap.overflow == Overflow::Refuse && length > cap.limit as u64 => {
            Err(NetError::TooLarge {
                host: host.to_owned(),
                limit: cap.limit,
            })
        }
        _ => Ok(()),
    }
}

/// A byte buffer that takes `limit` bytes and not one more.
struct Capped {
    bytes: Vec<u8>,
    limit: usize,
    overflowed: bool,
}

impl Capped {
    fn new(limit: usize) -> Self {
        Self {
            bytes: Vec::new(),
            limit,
            overflowed: false,
        }
    }
}

impl Write for Capped {
    fn write(&mut self, part: &[u8]) -> std::io::Result<usize> {
        let room = self.limit - self.bytes.len();
        if part.len() > room {
            self.overflowed = true;
        }
        if room == 0 && !part.is_empty() {
            return Err(std::io::Error::other("body over its cap"));
        }
        let taken = part.len().min(room);
        self.bytes.extend_from_slice(&part[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![expect(non_snake_case, reason = "rule numbers keep their upper-case R")]

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    fn collect(
        pairs: &[(&'static str, &str)],
        parts: &[&[u8]],
        limit: usize,
        overflow: Overflow,
    ) -> Result<Body, NetError> {
        let mut collector = Collector::new(&headers(pairs), "a.test", Cap { limit, overflow })?;
        for part in parts {
            if collector.push(part)? == Progress::Full {
                return Ok(collector.into_truncated());
            }
        }
        collector.finish()
    }

    #[test]
    fn bodies_up_to_the_cap_arrive_whole() {
        let plain = b"hello, world".repeat(100);
        let packed = gzip(&plain);
        let encoded: &[(&'static str, &str)] = &[("content-encoding", "gzip")];
        let (first, second) = packed.split_at(7);
        for (pairs, parts) in [
            (&[][..], vec![&plain[..]]),
            (encoded, vec![&packed[..]]),
            (encoded, vec![first, second]),
        ] {
            let body = collect(pairs, &parts, plain.len(), Overflow::Refuse).unwrap();
            assert_eq!(body.bytes, plain);
            assert!(!body.truncated);
            let over = collect(pairs, &parts, plain.len() - 1, Overflow::Refuse);
            assert!(matches!(over, Err(NetError::TooLarge { .. })));
            let cut = collect(pairs, &parts, plain.len() - 1, Overflow::Truncate).unwrap();
            assert_eq!(cut.bytes, plain[..plain.len() - 1]);
            assert!(cut.truncated);
        }
    }

    #[test]
    fn sec_R007_an_announced_length_over_the_cap_is_refused_unread() {
        let over = collect(&[("content-length", "1025")], &[], 1024, Overflow::Refuse);
        assert!(matches!(over, Err(NetError::TooLarge { .. })));
        assert!(collect(&[("content-length", "1025")], &[], 1024, Overflow::Truncate).is_ok());
    }

    #[test]
    fn sec_R007_a_bomb_stops_by_its_ratio() {
        let bomb = gzip(&vec![0; 16 * 1024 * 1024]);
        let limit = 64 * 1024 * 1024;
        let mut collector = Collector::new(
            &headers(&[("content-encoding", "gzip")]),
            "a.test",
            Cap {
                limit,
                overflow: Overflow::Refuse,
            },
        )
        .unwrap();
        let stopped = bomb
            .chunks(512)
            .find_map(|part| collector.push(part).err())
            .unwrap();
        assert!(matches!(stopped, NetError::TooLarge { .. }));
        assert!(collector.decoder.sink().bytes.len() < 1024 * 1024);
    }

    #[test]
    fn broken_or_foreign_encodings_are_refused() {
        let packed = gzip(b"hello");
        for (pairs, part) in [
            (vec![("content-encoding", "br")], &packed[..]),
            (vec![("content-encoding", "gzip, gzip")], &packed[..]),
            (
                vec![("content-encoding", "gzip"), ("content-encoding", "gzip")],
                &packed[..],
            ),
            (vec![("content-encoding", "gzip")], &packed[..packed.len() - 3]),
            (vec![("content-encoding", "gzip")], b"not gzip at all"),
        ] {
            let refused = collect(&pairs, &[part], 1024, Overflow::Refuse);
            assert!(matches!(refused, Err(NetError::Http { .. })), "{pairs:?}");
        }
        let empty = collect(&[("content-encoding", "gzip")], &[], 10, Overflow::Refuse);
        assert!(empty.unwrap().bytes.is_empty());
    }
}
