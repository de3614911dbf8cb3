//! Proof that a form comes from one of our own pages (security rule R082).
//!
//! Every page with a form carries a hidden `form_token`, derived from a secret in one of the visitor's cookies: the
//! session's, or before signing in that of a cookie made for this alone. A foreign page can neither read the cookie nor
//! compute the token. In addition the browser's own word about where a request comes from must not speak against it.

use actix_web::HttpRequest;
use actix_web::http::header::{HOST, ORIGIN};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The token of a visitor's forms.
#[derive(Clone, Debug)]
pub struct FormToken(String);

impl FormToken {
    /// Derives the token from the secret in a cookie.
    pub fn derive(secret: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"form token\0");
        hash.update(secret.as_bytes());
        Self(URL_SAFE_NO_PAD.encode(hash.finalize()))
    }

    /// The value for the hidden field.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the form sent this very token.
    pub fn accepts(&self, sent: &str) -> bool {
        self.0.as_bytes().ct_eq(sent.as_bytes()).into()
    }
}

/// What the browser says about where a request comes from does not contradict its coming from our own pages.
///
/// `Sec-Fetch-Site` and `Origin` are looked at where they are sent; a browser that sends neither is left to the token.
/// `base` is the instance's own address; the `Host` of the request counts too, since an instance on one machine is
/// reached as `localhost` and as `127.0.0.1`.
pub fn is_from_here(request: &HttpRequest, base: &str) -> bool {
    let header = |name: &str| {
        request
            .headers()
            .get(name)
            .map(|value| value.to_str().unwrap_or("\0"))
    };
    if header("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none") {
        return false;
    }
    let Some(origin) = header(ORIGIN.as_str()) else {
        return true;
    };
    let host = header(HOST.as_str()).unwrap_or_default();
    let same_host = origin
        .split_once("://")
        .is_some_and(|(_, authority)| !host.is_empty() && authority == host);
    origin.eq_ignore_ascii_case(base) || same_host
}

#[cfg(test)]
#[expect(non_snake_case, reason = "security tests carry the number of their rule")]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn sec_R082_tokens_belong_to_one_secret() {
        let token = FormToken::derive("secret");
        assert!(token.accepts(FormToken::derive("secret").as_str()));
        for wrong in [
            "",
            "secret",
            FormToken::derive("other").as_str(),
            &token.as_str()[1..],
        ] {
            assert!(!token.accepts(wrong), "{wrong}");
        }
        assert!(!token.as_str().contains("secret"));
    }

    #[test]
    fn sec_R082_foreign_origins_are_recognised() {
        const HERE: &str = "https://here.test";
        let table: [(&[(&str, &str)], bool); 11] = [
            (&[], true),
            (&[("origin", HERE)], true),
            (&[("origin", HERE), ("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "none")], true),
            (
                &[("origin", "http://127.0.0.1:8080"), ("host", "127.0.0.1:8080")],
                true,
            ),
            (&[("origin", "https://evil.test")], false),
            (
                &[("origin", "https://evil.test"), ("sec-fetch-site", "same-origin")],
                false,
            ),
            (
                &[("origin", "https://here.test.evil.test"), ("host", "here.test")],
                false,
            ),
            (&[("origin", "null")], false),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("origin", HERE), ("sec-fetch-site", "same-site")], false),
        ];
        for (headers, expected) in table {
            let mut request = TestRequest::post();
            for header in headers {
                request = request.insert_header(*header);
            }
            assert_eq!(
                is_from_here(&request.to_http_request(), HERE),
                expected,
                "{headers:?}"
            );
        }
    }
}
