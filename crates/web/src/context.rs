//! What a handler knows of its request: who asks, in which language, and how to answer.

use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::cookie::Cookie;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_DISPOSITION, COOKIE, HeaderValue, LOCATION, USER_AGENT,
};
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use askama::Template;
use pouet_model::ids::AccountId;
use pouet_model::urls::Urls;
use pouet_service::analytics::Reader;
use pouet_service::instance_info::{self, InstanceInfo};
use pouet_service::sessions::{self, Session};
use pouet_service::settings::RegistrationMode;
use pouet_service::{Error, Instance};
use url::form_urlencoded;

use crate::convert::account_card;
use crate::failure::Failure;
use crate::locale::Locale;
use crate::security::{Cookies, FormToken, is_from_here, protect, safe_return_to};
use crate::view::{Page, SignUp, Site, Viewer};

/// Finds the address of a client; the client API has the rules about proxies, and both must count alike.
pub(crate) type ClientIp = dyn Fn(&HttpRequest) -> IpAddr + Send + Sync;

/// What all pages share.
pub(crate) struct Shared {
    pub(crate) instance: Instance,
    pub(crate) client_ip: Box<ClientIp>,
}

/// One request.
pub(crate) struct Context {
    shared: Arc<Shared>,
    request: HttpRequest,
    cookies: Cookies,
    form_token: Option<FormToken>,
    set_cookies: Vec<Cookie<'static>>,
    form_target: String,
    /// Who is signed in.
    pub(crate) session: Option<Session>,
    /// The context of the page to be rendered.
    pub(crate) page: Page,
}

impl Context {
    async fn load(shared: Arc<Shared>, request: HttpRequest) -> Result<Self, Failure> {
        let cookies = Cookies::new(shared.instance.urls().is_secure());
        let mut page = bare_page(&shared.instance, &request, language(&request, cookies));
        page.site.title = instance_info::title(&shared.instance)
            .await
            .map_err(|error| Failure::new(&page, &error))?;
        let session = match cookies.session_of(&request) {
            Some(token) => sessions::find(&shared.instance, &token)
                .await
                .map_err(|error| Failure::new(&page, &error))?,
            None => None,
        };
        page.viewer = session.as_ref().map(|s| Viewer {
            account: account_card(&s.account, shared.instance.urls()),
        });
        let secret = match &session {
            Some(session) => Some(session.csrf.clone()),
            None => cookies.form_of(&request),
        };
        let form_token = secret.as_deref().map(FormToken::derive);
        if let Some(token) = &form_token {
            token.as_str().clone_into(&mut page.form_token);
        }
        let (set_cookies, form_target) = (Vec::new(), String::new());
        Ok(Self {
            shared,
            request,
            cookies,
            form_token,
            set_cookies,
            form_target,
            session,
            page,
        })
    }

    /// The instance.
    pub(crate) fn instance(&self) -> &Instance {
        &self.shared.instance
    }

    /// Addresses of the instance.
    pub(crate) fn urls(&self) -> &Urls {
        self.shared.instance.urls()
    }

    /// The account of whoever is signed in.
    pub(crate) fn viewer_id(&self) -> Option<AccountId> {
        self.session.as_ref().map(|session| session.account.id)
    }

    /// Who reads, as far as that has to be known to count them once.
    pub(crate) fn reader(&self) -> Option<Reader> {
        if let Some(session) = &self.session {
            return Reader::account_of(&session.account);
        }
        let agent = self.request.headers().get(USER_AGENT);
        Reader::visitor(self.ip(), agent.and_then(|agent| agent.to_str().ok()))
    }

    /// What the instance says of itself.
    ///
    /// # Errors
    /// The page for what went wrong.
    pub(crate) async fn info(&self) -> Result<InstanceInfo, Failure> {
        instance_info::info(self.instance())
            .await
            .map_err(|error| self.fail(&error))
    }

    /// Where the request comes from.
    pub(crate) fn ip(&self) -> IpAddr {
        (self.shared.client_ip)(&self.request)
    }

    /// The session's secret in the browser's cookie.
    pub(crate) fn session_token(&self) -> Option<String> {
        self.cookies.session_of(&self.request)
    }

    /// The page for a refused or failed operation.
    pub(crate) fn fail(&self, error: &Error) -> Failure {
        Failure::new(&self.page, error)
    }

    /// Makes sure that a form on this page will be accepted: visitors without a session get a secret of their own.
    ///
    /// # Errors
    /// The page for 500, where no randomness can be had.
    pub(crate) fn offer_form(&mut self) -> Result<(), Failure> {
        if self.form_token.is_none() {
            let secret = sessions::form_secret().map_err(|error| self.fail(&error))?;
            let token = FormToken::derive(&secret);
            token.as_str().clone_into(&mut self.page.form_token);
            self.form_token = Some(token);
            self.set_cookies.push(self.cookies.form(secret));
        }
        Ok(())
    }

    /// Refuses a form that does not come from one of our own pages (security rule R082).
    ///
    /// # Errors
    /// The page for 403.
    pub(crate) fn check_form(&self, sent: &str) -> Result<(), Failure> {
        let genuine = self.form_token.as_ref().is_some_and(|token| token.accepts(sent));
        if genuine && self.is_from_here() {
            return Ok(());
        }
        Err(Failure::status(&self.page, StatusCode::FORBIDDEN))
    }

    /// The browser does not say that the request comes from elsewhere.
    pub(crate) fn is_from_here(&self) -> bool {
        is_from_here(&self.request, self.urls().base())
    }

    /// The request was made by a link on one of our own pages, as far as the browser tells: old ones do not.
    pub(crate) fn is_from_own_page(&self) -> bool {
        let site = self.request.headers().get("sec-fetch-site");
        site.is_none_or(|site| site == "same-origin")
    }

    /// Allows the form of this page to end at `source`, a source of a Content-Security-Policy.
    pub(crate) fn allow_form_target(&mut self, source: String) {
        self.form_target = source;
    }

    /// Begins a session in this browser.
    pub(crate) fn begin_session(&mut self, token: String) {
        self.set_cookies.extend(self.cookies.clear());
        self.set_cookies
            .retain(|cookie| cookie.name() != self.cookies.session(String::new()).name());
        self.set_cookies.push(self.cookies.session(token));
    }

    /// Ends whatever this browser remembers of the visitor.
    pub(crate) fn end_session(&mut self) {
        self.set_cookies.extend(self.cookies.clear());
    }

    /// Remembers a language.
    pub(crate) fn remember_language(&mut self, locale: Locale) {
        self.set_cookies.push(self.cookies.language(locale));
    }

    /// A path on this instance to go to, `/` if `wanted` is not one.
    pub(crate) fn return_to(&self, wanted: &str) -> String {
        safe_return_to(self.urls().base(), wanted)
    }

    /// Answers with a page.
    pub(crate) fn render(self, template: &impl Template) -> Result<HttpResponse, Failure> {
        self.render_as(StatusCode::OK, template)
    }

    /// Answers with a page that is the same for all strangers: caches may keep it for three minutes, so that a post that is
    /// read by thousands at once is rendered for few (rule R099). Whoever sends a cookie gets a page of their own. What its links
    /// count says nothing about for whom it was rendered; a profile is counted once for all who get it.
    pub(crate) fn render_for_strangers(self, template: &impl Template) -> Result<HttpResponse, Failure> {
        let is_stranger = !self.request.headers().contains_key(COOKIE) && self.set_cookies.is_empty();
        let mut response = self.render(template)?;
        if is_stranger {
            let kept = HeaderValue::from_static("max-age=180, public");
            response.headers_mut().insert(CACHE_CONTROL, kept);
        }
        Ok(response)
    }

    /// Answers with a page and a status code.
    pub(crate) fn render_as(
        mut self,
        status: StatusCode,
        template: &impl Template,
    ) -> Result<HttpResponse, Failure> {
        let body = template
            .render()
            .map_err(|error| self.fail(&Error::internal(error)))?;
        let mut response = HttpResponse::build(status);
        protect(&mut response, self.urls().base(), &self.form_target);
        for cookie in self.set_cookies.drain(..) {
            response.cookie(cookie);
        }
        Ok(response.content_type("text/html; charset=utf-8").body(body))
    }

    /// Answers with a file to keep, which no cache does.
    pub(crate) fn attachment(mut self, content_type: &str, name: &str, body: String) -> HttpResponse {
        let mut response = HttpResponse::Ok();
        protect(&mut response, self.urls().base(), &self.form_target);
        for cookie in self.set_cookies.drain(..) {
            response.cookie(cookie);
        }
        response
            .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
            .content_type(content_type)
            .body(body)
    }

    /// Sends the browser to another address with a GET.
    pub(crate) fn redirect(mut self, address: &str) -> HttpResponse {
        let mut response = HttpResponse::SeeOther();
        protect(&mut response, self.urls().base(), &self.form_target);
        for cookie in self.set_cookies.drain(..) {
            response.cookie(cookie);
        }
        response.insert_header((LOCATION, address)).finish()
    }
}

impl FromRequest for Context {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Self::Error>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        let shared = request
            .app_data::<web::Data<Shared>>()
            .map(|data| Arc::clone(data));
        Box::pin(async move {
            let shared = shared.expect("Pages::configure registers what pages share");
            // No text of a person holds U+0000, and PostgreSQL does not store it.
            if request
                .uri()
                .path_and_query()
                .is_some_and(|whole| whole.as_str().contains("%00"))
            {
                let page = page_for_strangers(&shared.instance, &request).await;
                return Err(Failure::status(&page, StatusCode::BAD_REQUEST).into());
            }
            Ok(Self::load(shared, request).await?)
        })
    }
}

/// The context of a page that is the same for everybody: no cookie is read for it.
pub(crate) async fn page_for_strangers(instance: &Instance, request: &HttpRequest) -> Page {
    let header = request.headers().get(ACCEPT_LANGUAGE);
    let languages = header.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut page = bare_page(instance, request, Locale::negotiate(languages));
    // Without its name, the domain stands there.
    if let Ok(title) = instance_info::title(instance).await {
        page.site.title = title;
    }
    page
}

/// A page without anything that has to be loaded.
fn bare_page(instance: &Instance, request: &HttpRequest, locale: Locale) -> Page {
    let urls = instance.urls();
    Page {
        locale,
        now: instance.now(),
        site: Site {
            title: urls.handle_domain().to_owned(),
            domain: urls.handle_domain().to_owned(),
            server: urls.authority().to_owned(),
            base_url: urls.base().to_owned(),
        },
        path: path_without_language(request),
        viewer: None,
        sign_up: match instance.settings.registrations {
            RegistrationMode::Closed => SignUp::Closed,
            RegistrationMode::Open => SignUp::Open,
            RegistrationMode::Approval => SignUp::Approval,
        },
        form_token: String::new(),
    }
}

/// The language asked for in the address, remembered by a cookie, or liked best by the browser.
fn language(request: &HttpRequest, cookies: Cookies) -> Locale {
    let asked = form_urlencoded::parse(request.query_string().as_bytes())
        .find(|(name, _)| name == "lang")
        .and_then(|(_, tag)| Locale::from_tag(&tag));
    asked.or_else(|| cookies.language_of(request)).unwrap_or_else(|| {
        let header = request.headers().get(ACCEPT_LANGUAGE);
        Locale::negotiate(header.and_then(|value| value.to_str().ok()).unwrap_or_default())
    })
}

/// Path and query of the request; a choice of language in it would speak against the switch.
fn path_without_language(request: &HttpRequest) -> String {
    let query = request.query_string();
    let kept: Vec<_> = query
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("lang="))
        .collect();
    if kept.is_empty() {
        return request.path().to_owned();
    }
    format!("{}?{}", request.path(), kept.join("&"))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn address_cookie_and_browser_choose_the_language() {
        let choose = |uri: &str, cookie: Option<&str>, header: &str| {
            let mut request = TestRequest::get()
                .uri(uri)
                .insert_header((ACCEPT_LANGUAGE, header));
            if let Some(value) = cookie {
                request = request.cookie(Cookie::new("lang", value));
            }
            language(&request.to_http_request(), Cookies::new(true))
        };
        assert_eq!(choose("/?lang=fr", Some("en"), "en"), Locale::Fr);
        assert_eq!(choose("/?lang=None", Some("fr"), "en"), Locale::Fr);
        assert_eq!(choose("/", None, "fr-CH, en;q=0.5"), Locale::Fr);
        assert_eq!(choose("/", Some("rubbish"), "de"), Locale::En);
    }

    #[test]
    fn the_way_back_names_no_language() {
        let path = |uri: &str| path_without_language(&TestRequest::get().uri(uri).to_http_request());
        assert_eq!(path("/a?lang=fr"), "/a");
        assert_eq!(path("/a?x=1&lang=fr&y=%2F"), "/a?x=1&y=%2F");
        assert_eq!(path("/a?xlang=1"), "/a?xlang=1");
    }
}
