//! Digests of bodies: the `Digest` list of RFC 3230 and the `Content-Digest` dictionary of RFC 9530.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sfv::{BareItem, Dictionary, Item, ListEntry, Parser};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::SignatureError;

/// The SHA-256 of `body`.
pub(super) fn sha256(body: &[u8]) -> [u8; 32] {
    Sha256::digest(body).into()
}

/// The value of a `Digest` header for `body`.
pub fn digest_header(body: &[u8]) -> String {
    format!("SHA-256={}", STANDARD.encode(sha256(body)))
}

/// The value of a `Content-Digest` header for `body`.
pub fn content_digest_header(body: &[u8]) -> String {
    format!("sha-256=:{}:", STANDARD.encode(sha256(body)))
}

/// Checks a `Digest` header against `body`.
///
/// Every SHA-256 in the list must match and there must be one; other algorithms are passed over, as Mastodon does.
pub(super) fn check_digest(header: &str, body: &[u8]) -> Result<(), SignatureError> {
    let actual = sha256(body);
    let mut found = false;
    for entry in header.split(',') {
        let Some((name, value)) = entry.trim().split_once('=') else {
            return Err(SignatureError::Refused("digest cannot be read"));
        };
        if !name.eq_ignore_ascii_case("sha-256") {
            continue;
        }
        let claimed = STANDARD
            .decode(value)
            .map_err(|_| SignatureError::Refused("digest cannot be read"))?;
        compare(&claimed, &actual)?;
        found = true;
    }
    if found {
        Ok(())
    } else {
        Err(SignatureError::Refused("no sha-256 digest"))
    }
}

/// Checks a `Content-Digest` header against `body`.
pub(super) fn check_content_digest(header: &str, body: &[u8]) -> Result<(), SignatureError> {
    let digests: Dictionary = Parser::new(header)
        .parse()
        .map_err(|_| SignatureError::Malformed("content-digest is not a dictionary"))?;
    match digests.get("sha-256") {
        Some(ListEntry::Item(Item {
            bare_item: BareItem::ByteSequence(claimed),
            ..
        })) => compare(claimed, &sha256(body)),
        Some(_) => Err(SignatureError::Malformed("content-digest is not bytes")),
        None => Err(SignatureError::Refused("no sha-256 digest")),
    }
}

fn compare(claimed: &[u8], actual: &[u8; 32]) -> Result<(), SignatureError> {
    if bool::from(claimed.ct_eq(actual)) {
        Ok(())
    } else {
        Err(SignatureError::Refused("digest does not match the body"))
    }
}

#[cfg(test)]
mod tests {
    #![expect(non_snake_case, reason = "rule numbers keep their upper-case R")]

    use super::*;

    const BODY: &[u8] = br#"{"hello": "world"}"#;
    /// The SHA-256 of [`BODY`]; also in RFC 9421, section 2.5.
    const SHA256: &str = "X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=";
    const OTHER: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

    #[test]
    fn headers_for_outgoing_bodies() {
        assert_eq!(digest_header(BODY), format!("SHA-256={SHA256}"));
        assert_eq!(content_digest_header(BODY), format!("sha-256=:{SHA256}:"));
    }

    #[test]
    fn fed_111_digest_lists() {
        for accepted in [
            format!("SHA-256={SHA256}"),
            format!("sha-256={SHA256}"),
            format!("Sha-256={SHA256}"),
            format!("SHA-512=AAAA,SHA-256={SHA256}"),
            format!("SHA-512=AAAA, SHA-256={SHA256} "),
            format!("SHA-256={SHA256},unixsum=30637"),
            format!("SHA-256={SHA256},SHA-256={SHA256}"),
        ] {
            assert_eq!(check_digest(&accepted, BODY), Ok(()), "{accepted}");
        }
    }

    #[test]
    fn sec_R012_digests_that_do_not_hold() {
        for refused in [
            String::new(),
            "SHA-256".to_owned(),
            "SHA-256=".to_owned(),
            format!("SHA-256={OTHER}"),
            format!("SHA-256={SHA256},SHA-256={OTHER}"),
            format!("SHA-256={OTHER},SHA-256={SHA256}"),
            format!("SHA-256={SHA256},"),
            format!("SHA-256={}", SHA256.trim_end_matches('=')),
            format!("SHA-256={}", &SHA256[..40]),
            format!("SHA-256= {SHA256}"),
            format!("SHA-256=:{SHA256}:"),
            "SHA-512=AAAA".to_owned(),
            "MD5=HUXZLQLMuI/KZ5KDcJPcOA==".to_owned(),
            format!("SHA-1={SHA256}"),
            "SHA-256=é".to_owned(),
        ] {
            let error = check_digest(&refused, BODY).unwrap_err();
            assert_eq!(error.status(), 401, "{refused}");
        }
    }

    #[test]
    fn sec_R012_content_digests() {
        for (header, status) in [
            (format!("sha-256=:{SHA256}:"), None),
            (format!("sha-512=:AAAA:, sha-256=:{SHA256}:"), None),
            (format!("sha-256=:{SHA256}:;a=1"), None),
            (format!("sha-256=:{OTHER}:"), Some(401)),
            ("sha-512=:AAAA:".to_owned(), Some(401)),
            (String::new(), Some(401)),
            (format!("SHA-256=:{SHA256}:"), Some(400)),
            (format!("sha-256={SHA256}"), Some(400)),
            (format!("sha-256=\"{SHA256}\""), Some(400)),
            ("sha-256".to_owned(), Some(400)),
            ("sha-256=:AAAA:,".to_owned(), Some(400)),
        ] {
            let result = check_content_digest(&header, BODY);
            assert_eq!(result.err().map(|error| error.status()), status, "{header}");
        }
    }
}
