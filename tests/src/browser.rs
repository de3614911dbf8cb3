//! A browser without JavaScript: pages, forms, cookies.

use std::collections::BTreeMap;

use scraper::{ElementRef, Html, Selector};
use url::{Url, form_urlencoded};

use crate::http::{Reply, http};

/// Redirects that one visit may follow.
const MAX_REDIRECTS: usize = 8;

/// Pages that may lie between an authorize address and its code.
const MAX_PAGES: usize = 6;

/// What the button of the consent page may say.
pub const CONSENT: [&str; 2] = ["Authorize", "Autoriser"];

/// A browser window with its own cookies.
#[derive(Debug, Default)]
pub struct Browser {
    cookies: BTreeMap<String, String>,
}

/// What a visit ended at.
#[derive(Debug)]
pub struct Page {
    /// The address after redirects.
    pub url: Url,
    /// Status and body. A redirect here leads away from the server, or to an app.
    pub reply: Reply,
}

/// A form as a browser would send it.
#[derive(Debug, Clone)]
pub struct Form {
    /// Where it goes.
    pub action: Url,
    /// `get` or `post`.
    pub method: String,
    /// Every field that has a name, with its type and present value, buttons left out.
    pub fields: Vec<Field>,
    /// The buttons: name, value, label.
    pub buttons: Vec<(String, String, String)>,
}

/// A named input of a form.
#[derive(Debug, Clone)]
pub struct Field {
    /// Name.
    pub name: String,
    /// `text`, `password`, `hidden`, `email`..., or `textarea` and `select`.
    pub kind: String,
    /// Value to be sent.
    pub value: String,
}

impl Form {
    /// Fills a field.
    pub fn fill(&mut self, name: &str, value: &str) -> &mut Self {
        let field = self.fields.iter_mut().find(|field| field.name == name);
        let field = field.unwrap_or_else(|| panic!("the form has no field {name}"));
        value.clone_into(&mut field.value);
        self
    }

    /// Fills every field of that type.
    pub fn fill_kind(&mut self, kind: &str, value: &str) -> &mut Self {
        let mut filled = false;
        for field in self.fields.iter_mut().filter(|field| field.kind == kind) {
            value.clone_into(&mut field.value);
            filled = true;
        }
        assert!(filled, "the form has no field of type {kind}");
        self
    }

    /// Whether it has a field of that type.
    pub fn has_kind(&self, kind: &str) -> bool {
        self.fields.iter().any(|field| field.kind == kind)
    }

    /// The button with one of those labels, as name and value.
    pub fn button(&self, labels: &[&str]) -> Option<(&str, &str)> {
        let wanted = |label: &str| labels.iter().any(|wanted| wanted.eq_ignore_ascii_case(label));
        let found = self.buttons.iter().find(|(_, _, label)| wanted(label.trim()));
        found.map(|(name, value, _)| (name.as_str(), value.as_str()))
    }
}

impl Page {
    /// The text that a person reads, without tags.
    pub fn words(&self) -> String {
        let document = Html::parse_document(&self.reply.text());
        let words: Vec<&str> = document
            .root_element()
            .text()
            .flat_map(str::split_whitespace)
            .collect();
        words.join(" ")
    }

    /// All forms.
    pub fn forms(&self) -> Vec<Form> {
        let document = Html::parse_document(&self.reply.text());
        document
            .select(&selector("form"))
            .map(|form| self.form(form))
            .collect()
    }

    /// The form that asks for a password, if there is one.
    pub fn sign_in_form(&self) -> Option<Form> {
        self.forms().into_iter().find(|form| form.has_kind("password"))
    }

    /// The form that has a button with one of those labels, and the button's name and value.
    pub fn form_with(&self, labels: &[&str]) -> Option<(Form, (String, String))> {
        self.forms().into_iter().find_map(|form| {
            let (name, value) = form.button(labels)?;
            let button = (name.to_owned(), value.to_owned());
            Some((form, button))
        })
    }

    fn form(&self, form: ElementRef<'_>) -> Form {
        let attribute =
            |element: ElementRef<'_>, name: &str| element.attr(name).unwrap_or_default().to_owned();
        let action = self
            .url
            .join(form.attr("action").unwrap_or_default())
            .expect("the action is an address");
        let method = form.attr("method").unwrap_or("get").to_ascii_lowercase();
        let (mut fields, mut buttons) = (Vec::new(), Vec::new());
        for element in form.select(&selector("input, textarea, select, button")) {
            let name = attribute(element, "name");
            let tag = element.value().name();
            let kind = match tag {
                "input" => element.attr("type").unwrap_or("text").to_ascii_lowercase(),
                "button" => element.attr("type").unwrap_or("submit").to_ascii_lowercase(),
                other => other.to_owned(),
            };
            let unchecked =
                matches!(kind.as_str(), "checkbox" | "radio") && element.attr("checked").is_none();
            if kind == "submit" {
                let label = if tag == "button" {
                    element.text().collect()
                } else {
                    attribute(element, "value")
                };
                buttons.push((name, attribute(element, "value"), label));
            } else if !name.is_empty() && !unchecked {
                let value = match tag {
                    "textarea" => element.text().collect(),
                    "select" => selected(element),
                    _ => attribute(element, "value"),
                };
                fields.push(Field { name, kind, value });
            }
        }
        Form {
            action,
            method,
            fields,
            buttons,
        }
    }
}

/// The value of the chosen option, or of the first.
fn selected(select: ElementRef<'_>) -> String {
    let chosen = select.select(&selector("option[selected]")).next();
    let option = chosen.or_else(|| select.select(&selector("option")).next());
    option
        .and_then(|option| option.attr("value"))
        .unwrap_or_default()
        .to_owned()
}

fn selector(css: &str) -> Selector {
    Selector::parse(css).unwrap_or_else(|error| panic!("{css} is no selector: {error}"))
}

impl Browser {
    /// A window without cookies.
    pub fn new() -> Self {
        Self::default()
    }

    /// Opens an address and follows the redirects that stay on its server.
    pub async fn open(&mut self, address: &str) -> Page {
        let url = Url::parse(address).unwrap_or_else(|error| panic!("{address} is no address: {error}"));
        self.visit(url, None).await
    }

    /// Sends a form, with a button's name and value if one is given, as a browser sends it from that page.
    pub async fn send(&mut self, page: &Page, form: &Form, button: Option<(&str, &str)>) -> Page {
        let fields = form
            .fields
            .iter()
            .map(|field| (field.name.as_str(), field.value.as_str()));
        let pressed = button.filter(|(name, _)| !name.is_empty());
        let data = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields.chain(pressed))
            .finish();
        let mut target = form.action.clone();
        if form.method == "get" {
            target.set_query(Some(&data));
            return self.visit(target, None).await;
        }
        self.visit(target, Some((&page.url, data))).await
    }

    async fn visit(&mut self, mut url: Url, mut form: Option<(&Url, String)>) -> Page {
        for _ in 0..MAX_REDIRECTS {
            let reply = self.request(&url, form.take()).await;
            let target = match reply.status {
                301..=303 | 307 | 308 => url
                    .join(reply.header("location"))
                    .expect("a redirect has an address"),
                _ => return Page { url, reply },
            };
            if target.origin() != url.origin() {
                return Page { url: target, reply };
            }
            url = target;
        }
        panic!("more than {MAX_REDIRECTS} redirects, the last to {url}");
    }

    async fn request(&mut self, url: &Url, form: Option<(&Url, String)>) -> Reply {
        let mut request = match form {
            None => http().get(url.clone()),
            Some((from, data)) => http()
                .post(url.clone())
                .header("origin", from.origin().ascii_serialization())
                .header("referer", from.as_str())
                .header(
                    "sec-fetch-site",
                    if from.origin() == url.origin() {
                        "same-origin"
                    } else {
                        "cross-site"
                    },
                )
                .header("content-type", "application/x-www-form-urlencoded")
                .body(data),
        };
        request = request
            .header("accept", "text/html,application/xhtml+xml,*/*;q=0.8")
            .header("accept-language", "en");
        if !self.cookies.is_empty() {
            let jar: Vec<String> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            request = request.header("cookie", jar.join("; "));
        }
        let reply = Reply::of(request)
            .await
            .unwrap_or_else(|error| panic!("no answer: {error:?}"));
        for cookie in reply.headers.get_all("set-cookie") {
            self.keep(cookie.to_str().expect("a cookie is ASCII"));
        }
        reply
    }

    fn keep(&mut self, cookie: &str) {
        let mut attributes = cookie.split(';').map(str::trim);
        let (name, value) = attributes
            .next()
            .and_then(|pair| pair.split_once('='))
            .expect("a cookie has a name");
        let ended = attributes.any(|attribute| attribute.eq_ignore_ascii_case("max-age=0"));
        if ended || value.is_empty() {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }

    /// Walks from an authorize address to its code: signs in where a password is asked for, and consents.
    ///
    /// Returns where that ends: the address to which the app was called back, the page that shows the code (out of
    /// band), or a page that refuses. [`code_of`] tells them apart.
    pub async fn authorize(&mut self, address: &str, email: &str, password: &str) -> Page {
        let mut page = self.open(address).await;
        for _ in 0..MAX_PAGES {
            page = match page.sign_in_form() {
                _ if code_of(&page).is_some() || page.reply.status != 200 => return page,
                Some(_) => self.sign_in(&page, email, password).await,
                None => match page.form_with(&CONSENT) {
                    Some((form, button)) => self.send(&page, &form, Some((&button.0, &button.1))).await,
                    None => return page,
                },
            };
        }
        panic!(
            "no end after {MAX_PAGES} pages, the last was {}: {}",
            page.url,
            page.words()
        );
    }

    /// Fills in and sends the sign-in form of a page.
    pub async fn sign_in(&mut self, page: &Page, email: &str, password: &str) -> Page {
        let form = page.sign_in_form();
        let mut form = form.unwrap_or_else(|| panic!("{} asks for no password: {}", page.url, page.words()));
        form.fill_kind("password", password);
        let login = form
            .fields
            .iter_mut()
            .find(|field| matches!(field.kind.as_str(), "email" | "text"));
        email.clone_into(&mut login.expect("a sign-in form asks who it is").value);
        self.send(page, &form, None).await
    }
}

/// The authorization code in the address of a page.
pub fn code_of(page: &Page) -> Option<String> {
    page.url
        .query_pairs()
        .find(|(name, _)| name == "code")
        .map(|(_, code)| code.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(html: &str) -> Page {
        let reply = Reply {
            asked: "GET /".into(),
            status: 200,
            headers: reqwest::header::HeaderMap::new(),
            bytes: html.into(),
        };
        Page {
            url: Url::parse("http://localhost:1/sign_in?next=a").expect("an address"),
            reply,
        }
    }

    #[test]
    fn forms_are_read_as_a_browser_sends_them() {
        let page = page(
            "<form method=post action=/go><input type=hidden name=csrf value='a&amp;b'><input name=login>
             <input type=checkbox name=no><input type=checkbox name=yes value=1 checked>
             <select name=lang><option value=en><option value=fr selected></select>
             <textarea name=why>because</textarea><button name=do value=allow> Authorize </button></form>",
        );
        let form = page.forms().remove(0);
        assert_eq!(
            (form.action.as_str(), form.method.as_str()),
            ("http://localhost:1/go", "post")
        );
        let sent: Vec<_> = form
            .fields
            .iter()
            .map(|field| (field.name.as_str(), field.value.as_str()))
            .collect();
        assert_eq!(
            sent,
            [
                ("csrf", "a&b"),
                ("login", ""),
                ("yes", "1"),
                ("lang", "fr"),
                ("why", "because")
            ]
        );
        assert_eq!(form.button(&["authorize"]), Some(("do", "allow")));
    }

    #[test]
    fn a_cookie_ends_when_it_is_emptied() {
        let mut browser = Browser::new();
        browser.keep("session=abc; Path=/; HttpOnly");
        assert_eq!(browser.cookies["session"], "abc");
        browser.keep("session=; Max-Age=0");
        assert!(browser.cookies.is_empty());
    }
}
