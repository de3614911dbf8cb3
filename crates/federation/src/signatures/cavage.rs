//! Verifying signatures of the draft that most of the network speaks (draft-cavage-http-signatures-12).
//!
//! The grammar, the required components, the time window and the digest are our own; the signing
//! string is put together by `http-signature-normalization-actix`, which sees nothing but the headers that were signed
//! and a header of our making (docs/decisions/activitypub-federation.md says what it must not be trusted with).

use std::time::Duration;

use actix_web::http::Method;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::http::uri::PathAndQuery;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, NaiveDateTime, Utc};
use http_signature_normalization_actix::Config;

use super::digest::check_digest;
use super::request::{IncomingRequest, check_key_id, check_window, from_seconds};
use super::{Declared, ParsedSignature, Scheme, SignatureError};

/// The longest `Signature` header, in bytes. An RSA-8192 signature takes 1.4 kB of it.
const MAX_HEADER_LENGTH: usize = 8192;
/// How many headers one signature covers at most.
const MAX_COVERED: usize = 32;
/// What the library is told about life spans, since ours was checked before: a hundred years.
const WIDE: Duration = Duration::from_hours(100 * 365 * 24);
/// The last second of the year 9999, given to the library in place of `expires`: it compares that one with the clock
/// of the machine and forgives nothing.
const STAND_IN_EXPIRES: &str = "253402300799";

const REQUEST_TARGET: &str = "(request-target)";
const CREATED: &str = "(created)";
const EXPIRES: &str = "(expires)";

/// The `Signature` header, taken apart.
#[derive(Debug, PartialEq, Eq)]
struct Header {
    key_id: String,
    algorithm: Algorithm,
    covered: Vec<String>,
    signature: Vec<u8>,
    created: Option<String>,
    expires: Option<String>,
}

/// What the `algorithm` parameter says. It never chooses the algorithm: the key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Algorithm {
    Absent,
    RsaSha256,
    Hs2019,
    Ed25519,
}

/// Reads and checks everything of a cavage signature that needs no key.
pub(super) fn parse(request: &IncomingRequest<'_>) -> Result<ParsedSignature, SignatureError> {
    let text = match request.headers.values("signature").as_slice() {
        [] => return Err(SignatureError::Missing),
        [_] => request.single("signature")?,
        _ => return Err(SignatureError::Ambiguous("two signature headers")),
    };
    let header = parse_header(text)?;
    check_key_id(&header.key_id)?;
    request.authority()?;
    check_strength(request, &header)?;
    check_time(request, &header)?;
    if header.covers("digest") {
        check_digest(request.single("digest")?, request.body)?;
    }
    Ok(ParsedSignature {
        key_id: header.key_id.clone(),
        scheme: Scheme::Cavage,
        declared: match header.algorithm {
            Algorithm::Absent | Algorithm::Hs2019 => Declared::Nothing,
            Algorithm::RsaSha256 => Declared::Rsa,
            Algorithm::Ed25519 => Declared::Ed25519,
        },
        bases: signing_strings(request, &header)?,
        signature: header.signature,
    })
}

impl Header {
    fn covers(&self, name: &str) -> bool {
        self.covered.iter().any(|covered| covered == name)
    }
}

/// The components without which a signature protects nothing.
fn check_strength(request: &IncomingRequest<'_>, header: &Header) -> Result<(), SignatureError> {
    let dated = header.covers("date") || header.covers(CREATED);
    let digested = header.covers("digest") || !request.needs_digest();
    if !(header.covers(REQUEST_TARGET) && header.covers("host") && dated && digested) {
        return Err(SignatureError::Refused("a required component is not signed"));
    }
    let timed = header.covers(CREATED) || header.covers(EXPIRES);
    if timed && header.algorithm != Algorithm::Hs2019 {
        return Err(SignatureError::Refused("(created) needs hs2019"));
    }
    Ok(())
}

fn check_time(request: &IncomingRequest<'_>, header: &Header) -> Result<(), SignatureError> {
    let seconds = |text: &Option<String>| text.as_deref().map(parse_seconds).transpose();
    let absent = SignatureError::Refused("a signed parameter is absent");
    let created = if header.covers(CREATED) {
        seconds(&header.created)?.ok_or_else(|| absent.clone())?
    } else {
        parse_http_date(request.single("date")?)?
    };
    let expires = seconds(&header.expires)?;
    if header.covers(EXPIRES) {
        check_window(request.received_at, created, Some(expires.ok_or(absent)?))
    } else {
        // An end that is not signed may shorten the life of a signature, never prolong it.
        check_window(request.received_at, created, None)?;
        expires.map_or(Ok(()), |end| {
            check_window(request.received_at, created, Some(end))
        })
    }
}

/// Reads the one form of date that HTTP senders may write, such as `Sun, 06 Nov 1994 08:49:37 GMT`.
fn parse_http_date(text: &str) -> Result<DateTime<Utc>, SignatureError> {
    NaiveDateTime::parse_from_str(text, "%a, %d %b %Y %H:%M:%S GMT")
        .map(|time| time.and_utc())
        .map_err(|_| SignatureError::Refused("date cannot be read"))
}

fn parse_seconds(text: &str) -> Result<DateTime<Utc>, SignatureError> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = digits.then(|| text.parse().ok()).flatten();
    from_seconds(seconds.ok_or(SignatureError::Refused("time is not a number"))?)
}

/// The strings that the signature may be over: with the query, and for GET without it, because old Mastodon and others
/// leave it out.
fn signing_strings(request: &IncomingRequest<'_>, header: &Header) -> Result<Vec<Vec<u8>>, SignatureError> {
    let full = request.path_and_query;
    let mut targets = vec![full];
    if let (Some((path, _)), false) = (full.split_once('?'), request.needs_digest()) {
        targets.push(path);
    }
    targets
        .into_iter()
        .map(|target| signing_string(request, header, target))
        .collect()
}

fn signing_string(
    request: &IncomingRequest<'_>,
    header: &Header,
    target: &str,
) -> Result<Vec<u8>, SignatureError> {
    let method = Method::from_bytes(request.method.as_bytes())
        .map_err(|_| SignatureError::Refused("method cannot be signed"))?;
    let target: PathAndQuery = target
        .parse()
        .map_err(|_| SignatureError::Refused("target cannot be signed"))?;
    let string = Config::new()
        .set_expiration(WIDE)
        .begin_verify(&method, Some(&target), signed_headers(request, header)?)
        .map_err(|_| SignatureError::Refused("signing string cannot be built"))?
        .signing_string()
        .to_owned();
    Ok(match &header.expires {
        Some(expires) if header.covers(EXPIRES) => restore_expires(&string, expires).into_bytes(),
        _ => string.into_bytes(),
    })
}

/// The headers that were signed, and a canonical `Signature` header that asks for them.
fn signed_headers(request: &IncomingRequest<'_>, header: &Header) -> Result<HeaderMap, SignatureError> {
    let mut parameters = vec![
        r#"keyId="k",signature="s""#.to_owned(),
        format!(r#"headers="{}""#, header.covered.join(" ")),
    ];
    if let Some(created) = header.created.as_ref().filter(|_| header.covers(CREATED)) {
        parameters.push(format!(r#"created="{created}""#));
    }
    if header.covers(EXPIRES) {
        parameters.push(format!(r#"expires="{STAND_IN_EXPIRES}""#));
    }

    let unusable = SignatureError::Refused("a signed header cannot be used");
    let value = |text: &str| HeaderValue::from_str(text).map_err(|_| unusable.clone());
    let mut headers = HeaderMap::new();
    for name in header.covered.iter().filter(|name| !name.starts_with('(')) {
        let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unusable.clone())?;
        headers.insert(key, value(request.single(name)?)?);
    }
    headers.insert(
        HeaderName::from_static("signature"),
        value(&parameters.join(","))?,
    );
    Ok(headers)
}

/// Puts the real `(expires)` line where the library wrote the stand-in.
fn restore_expires(string: &str, expires: &str) -> String {
    let stand_in = format!("{EXPIRES}: {STAND_IN_EXPIRES}");
    let real = format!("{EXPIRES}: {expires}");
    string
        .split('\n')
        .map(|line| if line == stand_in { &real } else { line })
        .collect::<Vec<_>>()
        .join("\n")
}

/// Reads `name="value"` pairs: any order, unknown names passed over, none twice.
fn parse_header(text: &str) -> Result<Header, SignatureError> {
    if text.len() > MAX_HEADER_LENGTH {
        return Err(SignatureError::Refused("signature header too long"));
    }
    let mut parameters: Vec<(String, String)> = Vec::new();
    for parameter in Parameters(Some(text)) {
        let (name, value) = parameter?;
        if parameters
            .iter()
            .any(|(known, _)| known.eq_ignore_ascii_case(&name))
        {
            return Err(SignatureError::Ambiguous("a parameter is there twice"));
        }
        parameters.push((name, value));
    }
    let mut take = |name: &str| {
        let index = parameters.iter().position(|(known, _)| known == name)?;
        Some(parameters.swap_remove(index).1)
    };
    let absent = SignatureError::Refused("a required parameter is absent");
    let algorithm = parse_algorithm(take("algorithm").as_deref())?;
    Ok(Header {
        key_id: take("keyId").ok_or_else(|| absent.clone())?,
        covered: parse_covered(take("headers").as_deref(), algorithm)?,
        algorithm,
        signature: STANDARD
            .decode(take("signature").ok_or(absent)?)
            .map_err(|_| SignatureError::Refused("signature is not base64"))?,
        created: take("created"),
        expires: take("expires"),
    })
}

fn parse_algorithm(name: Option<&str>) -> Result<Algorithm, SignatureError> {
    match name.map(str::to_ascii_lowercase).as_deref() {
        None => Ok(Algorithm::Absent),
        Some("rsa-sha256") => Ok(Algorithm::RsaSha256),
        Some("hs2019") => Ok(Algorithm::Hs2019),
        Some("ed25519") => Ok(Algorithm::Ed25519),
        Some(_) => Err(SignatureError::Refused("algorithm not accepted")),
    }
}

fn parse_covered(list: Option<&str>, algorithm: Algorithm) -> Result<Vec<String>, SignatureError> {
    let Some(list) = list else {
        let default = match algorithm {
            Algorithm::Hs2019 => CREATED,
            _ => "date",
        };
        return Ok(vec![default.to_owned()]);
    };
    let mut covered: Vec<String> = Vec::new();
    for name in list.split(' ') {
        let name = name.to_ascii_lowercase();
        let special = matches!(name.as_str(), REQUEST_TARGET | CREATED | EXPIRES);
        if !special && !is_token(&name) {
            return Err(SignatureError::Refused("a signed name is not a header"));
        }
        if covered.contains(&name) {
            return Err(SignatureError::Ambiguous("a header is signed twice"));
        }
        covered.push(name);
    }
    if covered.len() > MAX_COVERED {
        return Err(SignatureError::Refused("too many signed headers"));
    }
    Ok(covered)
}

/// Walks the comma-separated parameters of the header.
struct Parameters<'a>(Option<&'a str>);

impl Iterator for Parameters<'_> {
    type Item = Result<(String, String), SignatureError>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.0.take()?;
        match parse_parameter(rest) {
            Some((parameter, rest)) => {
                self.0 = rest;
                Some(Ok(parameter))
            }
            None => Some(Err(SignatureError::Refused("signature header cannot be read"))),
        }
    }
}

/// A parameter, and what follows the comma behind it.
type Step<'a> = ((String, String), Option<&'a str>);

fn parse_parameter(text: &str) -> Option<Step<'_>> {
    let (name, rest) = text.split_once('=')?;
    let name = name.trim_matches([' ', '\t']);
    if !is_token(name) {
        return None;
    }
    let rest = rest.trim_start_matches([' ', '\t']);
    let (value, rest) = if let Some(quoted) = rest.strip_prefix('"') {
        parse_quoted(quoted)?
    } else {
        let end = rest.find([',', ' ', '\t']).unwrap_or(rest.len());
        let (value, rest) = rest.split_at(end);
        is_token(value).then(|| (value.to_owned(), rest))?
    };
    let rest = rest.trim_start_matches([' ', '\t']);
    let rest = match rest.strip_prefix(',') {
        Some(following) => Some(following),
        None => rest.is_empty().then_some(None)?,
    };
    Some(((name.to_owned(), value), rest))
}

/// Reads a quoted string whose opening quote is gone; returns what follows the closing one.
fn parse_quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((index, character)) = characters.next() {
        match character {
            '"' => return Some((value, &text[index + 1..])),
            '\\' => value.push(characters.next()?.1),
            other => value.push(other),
        }
    }
    None
}

/// Whether `text` is a token of RFC 9110, such as a header name.
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}
