//! Consent: an app asks, its user answers.
//!
//! Source: <https://docs.joinmastodon.org/methods/oauth/#authorize>; client API 1.10; security rules R064 and R069.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use pouet_model::ids::AppId;
use pouet_service::oauth::{self, AuthorizeCheck, AuthorizeRefusal, AuthorizeRequest, OAuthError};
use pouet_service::sessions::Session;
use serde::Deserialize;
use url::{Url, form_urlencoded};

use super::Answer;
use super::auth::Token;
use crate::context::Context;
use crate::failure::Failure;
use crate::form::Form;
use crate::scopes;
use crate::templates::{Applications, Consent, Message, NativeCode};
use crate::text::plain_name;
use crate::view::{ConnectedApp, ConsentView, FormErrors};

/// What an app asks for, in the address of the page and again in its form.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    client_id: String,
    redirect_uri: String,
    response_type: String,
    scope: Option<String>,
    state: Option<String>,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
    force_login: Option<String>,
}

/// What was answered.
#[derive(Deserialize)]
pub(crate) struct Decision {
    #[serde(default)]
    form_token: String,
    #[serde(default, rename = "decision")]
    answer: String,
    #[serde(default)]
    confirm_admin: Option<String>,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    redirect_uri: String,
    #[serde(default)]
    response_type: String,
    scope: Option<String>,
    state: Option<String>,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
}

impl Asked {
    /// Reads the query of an authorize address.
    pub(super) fn from_query(query: &str) -> Option<Self> {
        web::Query::<Self>::from_query(query)
            .ok()
            .map(web::Query::into_inner)
    }

    /// The operation's form of it.
    pub(super) fn request(self) -> AuthorizeRequest {
        AuthorizeRequest {
            client_id: self.client_id,
            redirect_uri: self.redirect_uri,
            response_type: self.response_type,
            scope: self.scope,
            state: self.state,
            code_challenge: self.code_challenge,
            code_challenge_method: self.code_challenge_method,
        }
    }

    /// The parameters that are there, for hidden fields and addresses.
    fn parameters(&self) -> Vec<(&'static str, String)> {
        let required = [
            ("client_id", Some(&self.client_id)),
            ("redirect_uri", Some(&self.redirect_uri)),
            ("response_type", Some(&self.response_type)),
            ("scope", self.scope.as_ref()),
            ("state", self.state.as_ref()),
            ("code_challenge", self.code_challenge.as_ref()),
            ("code_challenge_method", self.code_challenge_method.as_ref()),
        ];
        required
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?.clone())))
            .collect()
    }

    /// The address of the page that asks this; signing in again is asked for once only.
    fn address(&self) -> String {
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(self.parameters())
            .finish();
        format!("/oauth/authorize?{query}")
    }

    /// The app wants the password asked, whoever is signed in. Some libraries write the word with a capital.
    fn forces_login(&self) -> bool {
        self.force_login
            .as_deref()
            .is_some_and(|value| value.eq_ignore_ascii_case("true") || value == "1")
    }
}

impl Decision {
    fn asked(&self) -> Asked {
        Asked {
            client_id: self.client_id.clone(),
            redirect_uri: self.redirect_uri.clone(),
            response_type: self.response_type.clone(),
            scope: self.scope.clone(),
            state: self.state.clone(),
            code_challenge: self.code_challenge.clone(),
            code_challenge_method: self.code_challenge_method.clone(),
            force_login: None,
        }
    }
}

/// `GET /oauth/authorize`
pub(crate) async fn authorize_page(cx: Context, asked: web::Query<Asked>) -> Answer {
    let asked = asked.into_inner();
    let check = match oauth::check_authorize(cx.instance(), asked.clone().request()).await {
        Ok(check) => check,
        Err(refusal) => return refuse(cx, refusal),
    };
    let Some(session) = cx.session.clone().filter(|_| !asked.forces_login()) else {
        let next = form_urlencoded::Serializer::new(String::new())
            .append_pair("return_to", &asked.address())
            .finish();
        let again = if asked.forces_login() { "&again=true" } else { "" };
        return Ok(cx.redirect(&format!("/auth/sign_in?{next}{again}")));
    };
    let known = oauth::existing_grant(cx.instance(), session.user.id, &check).await;
    if known.map_err(|error| cx.fail(&error))? {
        return give_code(cx, &session, &check).await;
    }
    ask(cx, StatusCode::OK, &asked, &check, FormErrors::default())
}

/// `POST /oauth/authorize`
pub(crate) async fn authorize(cx: Context, form: Form<Decision>) -> Answer {
    cx.check_form(&form.form_token)?;
    let Some(session) = cx.session.clone() else {
        return Err(Failure::status(&cx.page, StatusCode::FORBIDDEN));
    };
    let asked = form.asked();
    let check = match oauth::check_authorize(cx.instance(), asked.clone().request()).await {
        Ok(check) => check,
        Err(refusal) => return refuse(cx, refusal),
    };
    if form.answer != "authorize" {
        if let Some(location) = check.denied_location() {
            return Ok(cx.redirect(&location));
        }
        let page = cx.page.clone();
        let (title, text) = ("consent-denied-title", "consent-denied-text");
        return cx.render(&Message {
            p: &page,
            title,
            text,
        });
    }
    if check.scopes.has_admin() && form.confirm_admin.is_none() {
        let errors = FormErrors::one("confirm_admin", "wrong-confirm-admin");
        return ask(cx, StatusCode::UNPROCESSABLE_ENTITY, &asked, &check, errors);
    }
    give_code(cx, &session, &check).await
}

/// Sends the app its code, or shows it where no app can be called.
async fn give_code(cx: Context, session: &Session, check: &AuthorizeCheck) -> Answer {
    let code = oauth::grant(cx.instance(), &session.user, check)
        .await
        .map_err(|error| cx.fail(&error))?;
    let own_page = || format!("/oauth/authorize/native?code={code}");
    let location = check.success_location(&code).unwrap_or_else(own_page);
    Ok(cx.redirect(&location))
}

/// Shows what is asked for.
fn ask(
    mut cx: Context,
    status: StatusCode,
    asked: &Asked,
    check: &AuthorizeCheck,
    errors: FormErrors,
) -> Answer {
    cx.page.path = asked.address();
    cx.allow_form_target(form_source(&check.redirect_uri));
    let consent = ConsentView {
        app: plain_name(&check.app.name),
        website: check.app.website.clone().filter(|address| is_web(address)),
        destination: check.redirect_host.clone(),
        scopes: scopes::lines(check.scopes.iter()),
        parameters: asked.parameters(),
        wants_admin: check.scopes.has_admin(),
        errors,
    };
    let page = cx.page.clone();
    cx.render_as(
        status,
        &Consent {
            p: &page,
            consent: &consent,
        },
    )
}

/// Tells the app, or the user where it is not clear that the address is the app's (R064).
fn refuse(cx: Context, refusal: AuthorizeRefusal) -> Answer {
    let bad = |text| Failure::status(&cx.page, StatusCode::BAD_REQUEST).saying(text);
    match refusal {
        AuthorizeRefusal::Returned { location, error: _ } => Ok(cx.redirect(&location)),
        AuthorizeRefusal::Shown(OAuthError::Service(error)) => Err(cx.fail(&error)),
        AuthorizeRefusal::Shown(OAuthError::InvalidClient) => Err(bad("error-400-client")),
        AuthorizeRefusal::Shown(OAuthError::InvalidRedirectUri) => Err(bad("error-400-redirect")),
        AuthorizeRefusal::Shown(OAuthError::InvalidScope) => Err(bad("error-400-scope")),
        AuthorizeRefusal::Shown(
            OAuthError::InvalidRequest(_)
            | OAuthError::InvalidGrant
            | OAuthError::UnauthorizedClient
            | OAuthError::UnsupportedGrantType
            | OAuthError::UnsupportedResponseType
            | OAuthError::AccessDenied,
        ) => Err(bad("error-400-text")),
    }
}

/// The code in the address of the page that shows it.
#[derive(Deserialize)]
pub(crate) struct Shown {
    #[serde(default)]
    code: String,
}

/// `GET /oauth/authorize/native?code=`
pub(crate) async fn native_code(cx: Context, shown: web::Query<Shown>) -> Answer {
    let page = cx.page.clone();
    cx.render(&NativeCode {
        p: &page,
        code: &shown.code,
    })
}

/// `GET /oauth/authorized_applications`
pub(crate) async fn authorized_apps(cx: Context) -> Answer {
    let Some(session) = &cx.session else {
        return Ok(cx.redirect("/auth/sign_in?return_to=%2Foauth%2Fauthorized_applications"));
    };
    let found = oauth::authorized_apps(cx.instance(), session.user.id)
        .await
        .map_err(|error| cx.fail(&error))?;
    let apps = found.into_iter().rev().map(|known| ConnectedApp {
        id: known.app.id.to_string(),
        name: plain_name(&known.app.name),
        website: known.app.website.filter(|address| is_web(address)),
        scopes: scopes::lines(known.scopes.iter()),
        created_at: known.created_at,
        last_used_at: known.last_used_at,
    });
    let (page, apps) = (cx.page.clone(), apps.collect::<Vec<_>>());
    cx.render(&Applications {
        p: &page,
        apps: &apps,
    })
}

/// `POST /oauth/authorized_applications/ID/revoke`
pub(crate) async fn revoke_app(cx: Context, id: web::Path<String>, form: Form<Token>) -> Answer {
    cx.check_form(&form.form_token)?;
    let Some(session) = &cx.session else {
        return Err(Failure::status(&cx.page, StatusCode::FORBIDDEN));
    };
    let id: AppId = id
        .parse()
        .map_err(|_| Failure::status(&cx.page, StatusCode::NOT_FOUND))?;
    oauth::revoke_app(cx.instance(), session.user.id, id)
        .await
        .map_err(|error| cx.fail(&error))?;
    let response: HttpResponse = cx.redirect("/oauth/authorized_applications");
    Ok(response)
}

/// A link to it leads to a web page.
fn is_web(address: &str) -> bool {
    Url::parse(address).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

/// The source of a Content-Security-Policy that covers a redirect address: its origin, or the scheme of an app on the
/// device. Browsers hold the redirect that follows a form against `form-action` too.
pub(super) fn form_source(redirect_uri: &str) -> String {
    let Ok(url) = Url::parse(redirect_uri) else {
        return String::new();
    };
    match (url.scheme(), url.host_str()) {
        // The code is shown on our own page.
        ("urn", _) => String::new(),
        // Policies cannot name an IPv6 address.
        ("http" | "https", Some(host)) if !host.starts_with('[') => url.origin().ascii_serialization(),
        (scheme, _) => format!("{scheme}:"),
    }
}

#[cfg(test)]
#[expect(non_snake_case, reason = "security tests carry the number of their rule")]
mod tests {
    use super::*;

    #[test]
    fn sec_R056_policies_name_the_redirect_address_and_no_more() {
        let table = [
            ("urn:ietf:wg:oauth:2.0:oob", ""),
            ("https://app.test/callback?x=1", "https://app.test"),
            ("https://app.test:8443/callback", "https://app.test:8443"),
            ("https://bücher.test/", "https://xn--bcher-kva.test"),
            ("http://127.0.0.1:9/callback", "http://127.0.0.1:9"),
            ("http://[::1]:9/callback", "http:"),
            (
                "com.tapbots.Ivory.10217:/request_token",
                "com.tapbots.ivory.10217:",
            ),
            ("icecubesapp://", "icecubesapp:"),
            ("not an address; script-src *", ""),
        ];
        for (redirect, source) in table {
            assert_eq!(form_source(redirect), source, "{redirect}");
        }
    }

    #[test]
    fn requests_survive_the_way_through_the_form() {
        let asked = Asked::from_query(
            "client_id=a&redirect_uri=app%3A%2F%2Fx&state=a%20b%26c%3D%C3%A9&lang=None&force_login=True",
        )
        .expect("readable");
        assert!(asked.forces_login());
        let again = Asked::from_query(asked.address().split_once('?').expect("a query").1).expect("readable");
        assert_eq!(again.state.as_deref(), Some("a b&c=é"));
        assert_eq!(again.redirect_uri, "app://x");
        assert_eq!(again.scope, None);
        assert!(!again.forces_login(), "once is enough");
    }
}
