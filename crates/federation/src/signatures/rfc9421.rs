//! Verifying HTTP Message Signatures (RFC 9421).

use sfv::{BareItem, FieldType, InnerList, Item, KeyRef, List, ListEntry, Parser};

use super::digest::check_content_digest;
use super::request::{IncomingRequest, check_key_id, check_window, from_seconds};
use super::{Declared, ParsedSignature, Scheme, SignatureError};

/// The longest `Signature-Input` or `Signature` header, in bytes.
const MAX_FIELD_LENGTH: usize = 8192;
/// How many components one signature covers at most.
const MAX_COVERED: usize = 32;

/// Reads and checks everything of an RFC 9421 signature that needs no key.
pub(super) fn parse(request: &IncomingRequest<'_>) -> Result<ParsedSignature, SignatureError> {
    let (label, input) = parse_input(field(request, "signature-input")?)?;
    let signature = parse_signature(field(request, "signature")?, label)?;
    let covered = covered_components(&input)?;
    let authority = request.authority()?;

    let parameter = |name: &str| input.params.get(name);
    let key_id = parameter("keyid")
        .and_then(BareItem::as_string)
        .ok_or(SignatureError::Refused("no keyid"))?
        .as_str();
    check_key_id(key_id)?;
    let created = seconds(parameter("created"))?.ok_or(SignatureError::Refused("no created"))?;
    let expires = seconds(parameter("expires"))?;
    check_window(request.received_at, created, expires)?;
    check_strength(request, &covered)?;
    if covered.contains(&"content-digest") {
        check_content_digest(request.single("content-digest")?, request.body)?;
    }
    Ok(ParsedSignature {
        key_id: key_id.to_owned(),
        scheme: Scheme::Rfc9421,
        declared: declared(parameter("alg"))?,
        bases: vec![signature_base(request, &authority, &covered, &input)?.into_bytes()],
        signature,
    })
}

/// The one value of a signature field.
fn field<'a>(request: &'a IncomingRequest<'_>, name: &str) -> Result<&'a str, SignatureError> {
    let values = request.headers.values(name);
    match values.len() {
        0 => Err(SignatureError::Malformed("a signature field is absent")),
        1 => request
            .single(name)
            .ok()
            .filter(|text| text.len() <= MAX_FIELD_LENGTH)
            .ok_or(SignatureError::Malformed("a signature field is not text")),
        _ => Err(SignatureError::Ambiguous("two signature fields")),
    }
}

/// Reads `Signature-Input`, which must hold exactly one label.
///
/// The label is split off by hand and the rest read as a list of one member: a dictionary parser would let a second use
/// of the same label replace the first in silence.
fn parse_input(text: &str) -> Result<(&KeyRef, InnerList), SignatureError> {
    let (label, rest) = split_label(text)?;
    let members: List = Parser::new(rest)
        .parse()
        .map_err(|_| SignatureError::Malformed("signature-input is not one inner list"))?;
    match <[ListEntry; 1]>::try_from(members) {
        Ok([ListEntry::InnerList(input)]) => Ok((label, input)),
        Ok([ListEntry::Item(_)]) | Err(_) => {
            Err(SignatureError::Malformed("signature-input is not one inner list"))
        }
    }
}

/// Reads the bytes under `label` in `Signature`, which must hold nothing else.
fn parse_signature(text: &str, label: &KeyRef) -> Result<Vec<u8>, SignatureError> {
    let (found, rest) = split_label(text)?;
    if found != label {
        return Err(SignatureError::Malformed("labels differ"));
    }
    let item: Item = Parser::new(rest)
        .parse()
        .map_err(|_| SignatureError::Malformed("signature is not bytes"))?;
    match item.bare_item {
        BareItem::ByteSequence(bytes) => Ok(bytes),
        _ => Err(SignatureError::Malformed("signature is not bytes")),
    }
}

fn split_label(text: &str) -> Result<(&KeyRef, &str), SignatureError> {
    let malformed = SignatureError::Malformed("no label");
    let (label, rest) = text.split_once('=').ok_or_else(|| malformed.clone())?;
    let label = KeyRef::from_str(label).map_err(|_| malformed)?;
    Ok((label, rest))
}

/// The names of the covered components. Parameters of components are refused: we implement none.
fn covered_components(input: &InnerList) -> Result<Vec<&str>, SignatureError> {
    let mut names = Vec::with_capacity(input.items.len());
    for item in &input.items {
        let name = item
            .bare_item
            .as_string()
            .ok_or(SignatureError::Malformed("a component is not a string"))?
            .as_str();
        if !item.params.is_empty() {
            return Err(SignatureError::Refused("component parameters"));
        }
        if names.contains(&name) {
            return Err(SignatureError::Ambiguous("a component is signed twice"));
        }
        names.push(name);
    }
    if names.len() > MAX_COVERED {
        return Err(SignatureError::Refused("too many signed components"));
    }
    Ok(names)
}

/// The components without which a signature protects nothing.
fn check_strength(request: &IncomingRequest<'_>, covered: &[&str]) -> Result<(), SignatureError> {
    let digested = covered.contains(&"content-digest") || !request.needs_digest();
    if covered.contains(&"@method") && covered.contains(&"@target-uri") && digested {
        Ok(())
    } else {
        Err(SignatureError::Refused("a required component is not signed"))
    }
}

fn seconds(parameter: Option<&BareItem>) -> Result<Option<chrono::DateTime<chrono::Utc>>, SignatureError> {
    let Some(item) = parameter else {
        return Ok(None);
    };
    let seconds = item
        .as_integer()
        .ok_or(SignatureError::Malformed("a time is not an integer"))?;
    from_seconds(seconds.into()).map(Some)
}

fn declared(algorithm: Option<&BareItem>) -> Result<Declared, SignatureError> {
    let Some(item) = algorithm else {
        return Ok(Declared::Nothing);
    };
    match item.as_string().map(sfv::StringRef::as_str) {
        Some("rsa-v1_5-sha256") => Ok(Declared::Rsa),
        Some("ed25519") => Ok(Declared::Ed25519),
        Some(_) => Err(SignatureError::Refused("algorithm not accepted")),
        None => Err(SignatureError::Malformed("alg is not a string")),
    }
}

/// The signature base of RFC 9421, section 2.5.
fn signature_base(
    request: &IncomingRequest<'_>,
    authority: &str,
    covered: &[&str],
    input: &InnerList,
) -> Result<String, SignatureError> {
    let parameters = vec![ListEntry::InnerList(input.clone())]
        .serialize()
        .ok_or(SignatureError::Malformed("signature-input is empty"))?;
    let mut lines = Vec::with_capacity(covered.len() + 1);
    for name in covered {
        let value = component(request, authority, name)?;
        lines.push(format!("\"{name}\": {value}"));
    }
    lines.push(format!("\"@signature-params\": {parameters}"));
    Ok(lines.join("\n"))
}

/// The signature base that a `Signature-Input` asks for, without any of the checks: for published examples.
#[cfg(test)]
pub(super) fn base_of(
    request: &IncomingRequest<'_>,
    authority: &str,
    input: &str,
) -> Result<String, SignatureError> {
    let (_, input) = parse_input(input)?;
    signature_base(request, authority, &covered_components(&input)?, &input)
}

/// The value of one component (RFC 9421, section 2), rebuilt from what we know, never from what a proxy says.
fn component(request: &IncomingRequest<'_>, authority: &str, name: &str) -> Result<String, SignatureError> {
    let target = request.path_and_query;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    Ok(match name {
        "@method" => request.method.to_owned(),
        "@target-uri" => format!("{}://{authority}{target}", request.scheme),
        "@authority" => authority.to_owned(),
        "@scheme" => request.scheme.to_owned(),
        "@request-target" => target.to_owned(),
        "@path" => path.to_owned(),
        "@query" => format!("?{query}"),
        _ if name.starts_with('@') => {
            return Err(SignatureError::Refused("unknown derived component"));
        }
        _ if name.bytes().any(|byte| byte.is_ascii_uppercase()) => {
            return Err(SignatureError::Refused("component name not in lower case"));
        }
        header => request.single(header)?.to_owned(),
    })
}
