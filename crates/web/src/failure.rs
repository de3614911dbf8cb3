//! What did not work, as a page or as complaints about a form. Causes go to the log, never to the page.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpResponse, ResponseError};
use askama::Template;
use pouet_service::Error;

use crate::security::protect;
use crate::templates::ErrorPage;
use crate::view::{FieldError, FormErrors, Page};

/// An error page, ready to be shown.
pub(crate) struct Failure {
    status: StatusCode,
    title: &'static str,
    text: &'static str,
    retry_after: Option<u64>,
    page: Box<Page>,
}

impl Failure {
    /// The page for a refused or failed operation; what is not the visitor's doing is logged here.
    pub(crate) fn new(page: &Page, error: &Error) -> Self {
        let status = match error {
            Error::NotFound => StatusCode::NOT_FOUND,
            Error::Forbidden(_) | Error::Unauthorized(_) | Error::Quarantined { .. } => StatusCode::FORBIDDEN,
            Error::Invalid { .. }
            | Error::Validation(_)
            | Error::UnexpectedMentions(_)
            | Error::Conflict(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Error::LimitReached { .. } => StatusCode::TOO_MANY_REQUESTS,
            Error::Gone => StatusCode::GONE,
            Error::RemoteUnavailable | Error::Busy | Error::Full => StatusCode::SERVICE_UNAVAILABLE,
            Error::Internal(cause) => {
                tracing::error!(%cause, path = page.path, "a page could not be made");
                StatusCode::INTERNAL_SERVER_ERROR
            }
        };
        let mut failure = Self::status(page, status);
        if let Error::LimitReached { retry_after } = error {
            failure.retry_after = Some(*retry_after);
        }
        failure
    }

    /// The page for a status code, with its general words.
    pub(crate) fn status(page: &Page, status: StatusCode) -> Self {
        let (title, text) = words(status);
        Self {
            status,
            title,
            text,
            retry_after: None,
            page: Box::new(page.clone()),
        }
    }

    /// The same with a title of its own (a locale key).
    pub(crate) fn titled(mut self, title: &'static str) -> Self {
        self.title = title;
        self
    }

    /// The same with a text of its own (a locale key).
    pub(crate) fn saying(mut self, text: &'static str) -> Self {
        self.text = text;
        self
    }
}

/// The locale keys of title and text for a status code.
fn words(status: StatusCode) -> (&'static str, &'static str) {
    match status.as_u16() {
        400 => ("error-400-title", "error-400-text"),
        403 => ("error-403-title", "error-403-text"),
        404 => ("error-404-title", "error-404-text"),
        410 => ("error-410-title", "error-410-text"),
        429 => ("error-429-title", "error-429-text"),
        503 => ("error-503-title", "error-503-text"),
        401..=499 => ("error-422-title", "error-422-text"),
        _ => ("error-500-title", "error-500-text"),
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failure")
            .field("status", &self.status)
            .field("text", &self.text)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "page answered with {}", self.status)
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        protect(&mut response, &self.page.site.base_url, "");
        if let Some(seconds) = self.retry_after {
            response.insert_header((RETRY_AFTER, seconds.to_string()));
        }
        let page = ErrorPage {
            p: &self.page,
            code: self.status.as_u16(),
            title: self.title,
            text: self.text,
        };
        match page.render() {
            Ok(body) => response.content_type("text/html; charset=utf-8").body(body),
            Err(error) => {
                tracing::error!(%error, "the error page could not be rendered");
                response.finish()
            }
        }
    }
}

/// What to say about a form whose operation was refused; `None` if it is not the form's fault.
pub(crate) fn complaints(error: &Error) -> Option<FormErrors> {
    match error {
        Error::Invalid { field, code, .. } => Some(FormErrors(vec![complaint(field, code)])),
        Error::Validation(errors) => Some(FormErrors(
            errors.iter().map(|e| complaint(e.field, e.code)).collect(),
        )),
        Error::LimitReached { .. } => Some(FormErrors::one("", "wrong-too-many")),
        Error::NotFound
        | Error::Forbidden(_)
        | Error::Unauthorized(_)
        | Error::UnexpectedMentions(_)
        | Error::Conflict(_)
        | Error::Quarantined { .. }
        | Error::Gone
        | Error::RemoteUnavailable
        | Error::Busy
        | Error::Full
        | Error::Internal(_) => None,
    }
}

fn complaint(field: &'static str, code: &'static str) -> FieldError {
    let key = match (field, code) {
        ("username", "ERR_TAKEN") => "wrong-username-taken",
        ("username", "ERR_RESERVED") => "wrong-username-reserved",
        ("username", _) => "wrong-username",
        ("email", "ERR_TAKEN" | "ERR_BLOCKED") => "wrong-email-taken",
        ("email", _) => "wrong-email",
        ("password", "ERR_BLANK" | "ERR_TOO_SHORT") => "wrong-password-short",
        ("password", "ERR_TOO_LONG") => "wrong-password-long",
        ("password", _) => "wrong-password-weak",
        ("reason", _) => "wrong-reason",
        ("agreement", _) => "wrong-agreement",
        ("title", _) => "wrong-title",
        _ => {
            return FieldError {
                field: "",
                key: "wrong-other",
            };
        }
    };
    FieldError { field, key }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints_stand_beside_their_field() {
        let table = [
            ("username", "ERR_TAKEN", "username", "wrong-username-taken"),
            ("username", "ERR_INVALID", "username", "wrong-username"),
            ("email", "ERR_INVALID", "email", "wrong-email"),
            ("password", "ERR_TOO_SHORT", "password", "wrong-password-short"),
            ("locale", "ERR_INVALID", "", "wrong-other"),
        ];
        for (field, code, shown, key) in table {
            let errors = complaints(&Error::invalid(field, code, "")).expect("a complaint");
            assert_eq!(errors.about(shown), Some(key), "{field} {code}");
        }
        assert_eq!(complaints(&Error::NotFound), None);
    }
}
