//! Registration of applications.
//!
//! Source: <https://docs.joinmastodon.org/methods/apps/#create>

use std::net::IpAddr;

use pouet_model::{html::strip_bidi_controls, ids::AppId, oauth::App, scope::Scopes};
use pouet_storage::oauth as rows;
use url::Url;

use super::redirect;
use crate::{
    error::{Error, FieldError, Result},
    instance::Instance,
    secrets,
    throttle::Bucket,
};

/// Longest name, characters.
const MAX_NAME_CHARS: usize = 60;
/// Longest address of a page, bytes.
const MAX_WEBSITE_BYTES: usize = 2000;
/// Most redirect addresses of one application.
const MAX_REDIRECT_URIS: usize = 30;

/// What an application says of itself when it registers.
#[derive(Clone, Debug)]
pub struct NewApp {
    /// Name for people.
    pub name: String,
    /// Its page; blank counts as none.
    pub website: Option<String>,
    /// Where codes may be sent.
    pub redirect_uris: Vec<String>,
    /// The most that its tokens may do.
    pub scopes: Scopes,
    /// Where the client is, as trusted proxies tell it.
    pub ip: IpAddr,
}

/// An application that just registered. The secret is told here and nowhere else.
#[derive(Clone)]
pub struct RegisteredApp {
    /// The application.
    pub app: App,
    /// Its secret.
    pub client_secret: String,
}

/// Registers an application.
///
/// # Errors
/// `LimitReached` beyond 5 in 30 minutes from one address (R070); `Validation` with everything that is wrong.
pub async fn register_app(instance: &Instance, new: NewApp) -> Result<RegisteredApp> {
    let now = instance.now();
    instance.throttles.check(Bucket::AppRegistration, new.ip, now)?;
    let name = shown_name(&new.name);
    let website = new.website.filter(|website| !website.trim().is_empty());
    let errors: Vec<FieldError> = check_name(&name)
        .into_iter()
        .chain(website.as_deref().and_then(check_website))
        .chain(check_redirect_uris(&new.redirect_uris))
        .collect();
    if !errors.is_empty() {
        return Err(Error::Validation(errors));
    }
    let app = App {
        id: instance.next_id(),
        client_id: secrets::random_token()?,
        name,
        website,
        redirect_uris: new.redirect_uris,
        scopes: new.scopes,
        created_at: now,
    };
    let client_secret = secrets::random_token()?;
    let (row, hash) = (app.clone(), secrets::stored_form(&client_secret));
    instance
        .write(move |tx| Ok(rows::insert_app(tx, &row, &hash)?))
        .await?;
    Ok(RegisteredApp { app, client_secret })
}

/// A name on one line, without characters that make it look like something else (R069).
fn shown_name(name: &str) -> String {
    let is_invisible = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}');
    let one_line: Vec<&str> = name
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    strip_bidi_controls(&one_line.join(" ")).replace(is_invisible, "")
}

fn check_name(name: &str) -> Option<FieldError> {
    let (code, description) = if name.is_empty() {
        ("ERR_BLANK", "can't be blank")
    } else if name.chars().count() > MAX_NAME_CHARS {
        ("ERR_TOO_LONG", "is too long (maximum is 60 characters)")
    } else {
        return None;
    };
    Some(FieldError::new("client_name", code, description))
}

fn check_website(website: &str) -> Option<FieldError> {
    let is_page = |url: Url| matches!(url.scheme(), "http" | "https");
    let is_fine = website.len() <= MAX_WEBSITE_BYTES && Url::parse(website).is_ok_and(is_page);
    (!is_fine).then(|| FieldError::new("website", "ERR_INVALID", "is not a valid URL"))
}

fn check_redirect_uris(uris: &[String]) -> Option<FieldError> {
    let (code, description) = if uris.is_empty() {
        ("ERR_BLANK", "can't be blank")
    } else if uris.len() > MAX_REDIRECT_URIS {
        ("ERR_TOO_LONG", "is too long (maximum is 30 addresses)")
    } else if !uris.iter().all(|uri| redirect::may_register(uri)) {
        ("ERR_INVALID", "must be an absolute URI.")
    } else {
        return None;
    };
    Some(FieldError::new("redirect_uri", code, description))
}

/// The application with this client id.
pub async fn find_app(instance: &Instance, client_id: &str) -> Result<Option<App>> {
    let client_id = client_id.to_owned();
    instance
        .read(move |conn| Ok(rows::find_app(conn, &client_id)?.map(|(app, _)| app)))
        .await
}

/// The application with this id.
///
/// # Errors
/// `NotFound`.
pub async fn app(instance: &Instance, id: AppId) -> Result<App> {
    instance
        .read(move |conn| rows::load_apps(conn, &[id])?.pop().ok_or(Error::NotFound))
        .await
}

#[cfg(test)]
mod tests {
    #![expect(non_snake_case, reason = "security rules are named by their number, R0nn")]

    use super::*;

    #[test]
    fn sec_R069_names_are_one_visible_line() {
        for (name, shown) in [
            ("Spyglass <2>", "Spyglass <2>"),
            ("  two\nlines\r\n ", "two lines"),
            ("Offi\u{202e}laic", "Offilaic"),
            ("Sup\u{200b}port\u{feff}", "Support"),
            ("a\u{2028}b\u{2066}c\u{0}d", "a bc d"),
            ("\u{202e}\n", ""),
        ] {
            assert_eq!(shown_name(name), shown, "{name:?}");
        }
    }
}
