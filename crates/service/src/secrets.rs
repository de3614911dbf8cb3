//! Random secrets, and what is stored of them. The one place of this crate that asks for randomness.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::error::{Error, Result};

/// Bytes of a token, code or cookie: 256 bits (rule R068).
const TOKEN_BYTES: usize = 32;

/// `N` bytes that nobody can guess.
pub(crate) fn random_bytes<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    openssl::rand::rand_bytes(&mut bytes).map_err(Error::internal)?;
    Ok(bytes)
}

/// A new token, code or cookie value: 43 characters that are safe in URLs.
pub(crate) fn random_token() -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(random_bytes::<TOKEN_BYTES>()?))
}

/// SHA-256 of a secret.
pub(crate) fn digest(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// What is stored of a secret: its SHA-256 in hex. Look-ups by it tell nothing about the secret by their time.
pub(crate) fn stored_form(secret: &str) -> String {
    hex::encode(digest(secret))
}

/// Whether a secret is the one behind a stored form, in constant time.
pub(crate) fn matches(secret: &str, stored: &str) -> bool {
    stored_form(secret).as_bytes().ct_eq(stored.as_bytes()).into()
}

/// The challenge that belongs to a PKCE verifier (S256).
///
/// Source: RFC 7636, section 4.2.
pub(crate) fn pkce_challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(verifier))
}

/// Whether two texts are equal, in constant time.
pub(crate) fn same(left: &str, right: &str) -> bool {
    left.as_bytes().ct_eq(right.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_those_of_the_specification() {
        // RFC 7636, appendix B.
        let challenge = pkce_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn tokens_are_long_and_differ() {
        let (one, two) = (random_token().unwrap(), random_token().unwrap());
        assert_eq!(one.len(), 43);
        assert_ne!(one, two);
        assert!(matches(&one, &stored_form(&one)) && !matches(&two, &stored_form(&one)));
        assert!(same("a", "a") && !same("a", "b") && !same("a", "ab"));
    }
}
