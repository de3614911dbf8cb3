//! The cookies that pages set (security rule R075).

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};

use crate::locale::Locale;

/// How long browsers keep the cookie of a session. The server ends a session that is not used, much earlier.
pub const SESSION_LIFETIME: Duration = Duration::days(365);

const LANGUAGE: &str = "lang";

/// Makes and reads cookies. On https their names begin with `__Host-`, which browsers accept only from this very host
/// and only over TLS; plain http (development) has plain names.
#[derive(Clone, Copy, Debug)]
pub struct Cookies {
    secure: bool,
}

impl Cookies {
    /// For an instance that is reached by https, or not.
    pub fn new(secure: bool) -> Self {
        Self { secure }
    }

    fn session_name(self) -> &'static str {
        if self.secure { "__Host-session" } else { "session" }
    }

    fn form_name(self) -> &'static str {
        if self.secure { "__Host-form" } else { "form" }
    }

    fn make(self, name: &'static str, value: String) -> Cookie<'static> {
        Cookie::build(name, value)
            .path("/")
            .secure(self.secure)
            .http_only(true)
            .same_site(SameSite::Lax)
            .finish()
    }

    /// The secret of the session that a browser presents.
    pub fn session_of(self, request: &HttpRequest) -> Option<String> {
        secret_of(request, self.session_name())
    }

    /// Carries the secret of a session.
    pub fn session(self, secret: String) -> Cookie<'static> {
        let mut cookie = self.make(self.session_name(), secret);
        cookie.set_max_age(SESSION_LIFETIME);
        cookie
    }

    /// The secret from which tokens of forms before signing in are derived.
    pub fn form_of(self, request: &HttpRequest) -> Option<String> {
        secret_of(request, self.form_name())
    }

    /// Carries that secret until the browser is closed.
    pub fn form(self, secret: String) -> Cookie<'static> {
        self.make(self.form_name(), secret)
    }

    /// Ends both.
    pub fn clear(self) -> [Cookie<'static>; 2] {
        [self.session_name(), self.form_name()].map(|name| {
            let mut cookie = self.make(name, String::new());
            cookie.set_max_age(Duration::ZERO);
            cookie
        })
    }

    /// The language that a visitor chose.
    pub fn language_of(self, request: &HttpRequest) -> Option<Locale> {
        Locale::from_tag(request.cookie(LANGUAGE)?.value())
    }

    /// Remembers it for a year.
    pub fn language(self, locale: Locale) -> Cookie<'static> {
        let mut cookie = self.make(LANGUAGE, locale.tag().to_owned());
        cookie.set_max_age(Duration::days(365));
        cookie
    }
}

/// A secret cookie's value, unless it is empty or absurdly long.
fn secret_of(request: &HttpRequest, name: &str) -> Option<String> {
    let value = request.cookie(name)?.value().to_owned();
    (!value.is_empty() && value.len() <= 256).then_some(value)
}

#[cfg(test)]
#[expect(non_snake_case, reason = "security tests carry the number of their rule")]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn sec_R075_session_cookies_are_bound_to_host_and_hidden_from_scripts() {
        assert_eq!(
            Cookies::new(true).session("s".into()).to_string(),
            "__Host-session=s; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=31536000"
        );
        assert_eq!(
            Cookies::new(false).session("s".into()).to_string(),
            "session=s; HttpOnly; SameSite=Lax; Path=/; Max-Age=31536000"
        );
        let cleared: Vec<_> = Cookies::new(true)
            .clear()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(cleared.len(), 2);
        assert!(
            cleared
                .iter()
                .all(|c| c.contains("=;") && c.contains("Max-Age=0")),
            "{cleared:?}"
        );
    }

    #[test]
    fn sec_R075_a_plain_cookie_is_not_a_session_on_https() {
        let request = TestRequest::get()
            .cookie(Cookie::new("session", "planted"))
            .to_http_request();
        assert_eq!(Cookies::new(true).session_of(&request), None);
        assert_eq!(
            Cookies::new(false).session_of(&request).as_deref(),
            Some("planted")
        );
        let empty = TestRequest::get()
            .cookie(Cookie::new("session", ""))
            .to_http_request();
        assert_eq!(Cookies::new(false).session_of(&empty), None);
    }
}
