//! What clients are told when something fails: Mastodon's `{"error": "..."}`.
//!
//! Source: <https://docs.joinmastodon.org/entities/Error/>

use std::collections::BTreeMap;

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::{
        StatusCode,
        header::{RETRY_AFTER, WWW_AUTHENTICATE},
    },
};
use pouet_model::account::Inactive;
use pouet_service::{Error as ServiceError, users::inactive_text};
use serde::Serialize;

/// Result of everything between a request and its answer.
pub(crate) type Result<T, E = ApiError> = std::result::Result<T, E>;

/// Why a request was refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    /// No such path.
    #[error("not found")]
    NoRoute,
    /// The path exists, the method does not.
    #[error("method not allowed")]
    NoMethod,
    /// The request is not well-formed.
    #[error("{0}")]
    Malformed(&'static str),
    /// The body is larger than the route takes.
    #[error("the request is too large")]
    TooLarge,
    /// The address is longer than any of ours.
    #[error("the address is too long")]
    UriTooLong,
    /// A required parameter lacks.
    #[error("param is missing or the value is empty or invalid: {0}")]
    MissingParameter(&'static str),
    /// A parameter has a value that the operation does not know.
    #[error("{0}")]
    BadParameter(String),
    /// A required parameter lacks where Mastodon answers so.
    #[error("{0}")]
    Unprocessable(&'static str),
    /// Input that breaks a rule, told as Mastodon's collections do: the whole error is the member `error` of the body.
    #[error(transparent)]
    Nested(ServiceError),
    /// There is no token, or not one that is valid.
    #[error("the access token is invalid")]
    InvalidToken,
    /// An application's own token where a user's is needed.
    #[error("this method requires an authenticated user")]
    UserRequired,
    /// The token has none of the scopes that the route asks for.
    #[error("this action is outside the authorized scopes")]
    ScopeTooNarrow,
    /// The user may not use their account at the moment.
    #[error("{}", inactive_text(*.0))]
    Inactive(Inactive),
    /// Too many requests; try again after this many seconds.
    #[error("too many requests")]
    Throttled(u64),
    /// Somebody else moved the marker first.
    #[error("conflict during update, please try again")]
    Raced,
    /// An operation refused or failed.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// The body of an error.
#[derive(Serialize)]
struct Body<'a> {
    error: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<BTreeMap<&'a str, Vec<Detail<'a>>>>,
}

/// The body of an error that Mastodon wraps once more.
#[derive(Serialize)]
struct Wrapped<'a> {
    error: Body<'a>,
}

/// What is wrong with one field.
#[derive(Serialize)]
struct Detail<'a> {
    error: &'a str,
    description: &'a str,
}

impl ApiError {
    /// The record named in the path does not exist.
    pub(crate) fn not_found() -> Self {
        Self::Service(ServiceError::NotFound)
    }

    /// Input that breaks a rule; see [`ServiceError::Invalid`].
    pub(crate) fn invalid(field: &'static str, code: &'static str, reason: impl Into<String>) -> Self {
        Self::Service(ServiceError::invalid(field, code, reason))
    }

    /// `error` with input that breaks a rule nested; see [`ApiError::Nested`].
    pub(crate) fn nested(error: ServiceError) -> Self {
        match error {
            ServiceError::Invalid { .. } | ServiceError::Validation(_) => Self::Nested(error),
            other => Self::Service(other),
        }
    }

    /// The HTTP status of the answer.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::NoRoute => StatusCode::NOT_FOUND,
            Self::NoMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::Malformed(_) | Self::MissingParameter(_) | Self::BadParameter(_) => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UriTooLong => StatusCode::URI_TOO_LONG,
            Self::InvalidToken => StatusCode::UNAUTHORIZED,
            Self::UserRequired | Self::Unprocessable(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::ScopeTooNarrow | Self::Inactive(_) => StatusCode::FORBIDDEN,
            Self::Throttled(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Raced => StatusCode::CONFLICT,
            Self::Service(error) | Self::Nested(error) => service_status(error),
        }
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Throttled(seconds) | Self::Service(ServiceError::LimitReached { retry_after: seconds }) => {
                Some(*seconds)
            }
            _ => None,
        }
    }

    /// The answer. Causes of failures of ours are logged here and shown to nobody.
    pub(crate) fn into_response(self) -> HttpResponse {
        if let Self::Service(ServiceError::Internal(cause)) = &self {
            tracing::error!(error = %cause, "a request failed");
        }
        let mut answer = HttpResponse::build(self.status());
        if let Some(seconds) = self.retry_after() {
            answer.insert_header((RETRY_AFTER, seconds.to_string()));
        }
        if matches!(self, Self::InvalidToken) {
            answer.insert_header((
                WWW_AUTHENTICATE,
                r#"Bearer realm="Pouet", error="invalid_token", error_description="The access token is invalid""#,
            ));
        }
        self.write_body(&mut answer)
    }

    fn write_body(&self, answer: &mut HttpResponseBuilder) -> HttpResponse {
        let error = sentence(&self.to_string());
        let details = match self {
            Self::Service(error) | Self::Nested(error) => details(error),
            _ => None,
        };
        let body = Body {
            error: &error,
            details,
        };
        match self {
            Self::Nested(_) => answer.json(Wrapped { error: body }),
            _ => answer.json(body),
        }
    }
}

/// The fields that a validation refuses, each with its reasons.
fn details(error: &ServiceError) -> Option<BTreeMap<&str, Vec<Detail<'_>>>> {
    match error {
        ServiceError::Invalid { field, code, reason } => {
            let detail = Detail {
                error: code,
                description: reason,
            };
            Some(BTreeMap::from([(*field, vec![detail])]))
        }
        ServiceError::Validation(errors) => {
            let mut fields = BTreeMap::<&str, Vec<Detail<'_>>>::new();
            for error in errors {
                fields.entry(error.field).or_default().push(Detail {
                    error: error.code,
                    description: &error.description,
                });
            }
            Some(fields)
        }
        _ => None,
    }
}

fn service_status(error: &ServiceError) -> StatusCode {
    match error {
        ServiceError::NotFound => StatusCode::NOT_FOUND,
        ServiceError::Forbidden(_) | ServiceError::Quarantined { .. } => StatusCode::FORBIDDEN,
        ServiceError::Unauthorized(_) => StatusCode::UNAUTHORIZED,
        // Mastodon answers a duplicate like any other input that breaks a rule.
        ServiceError::Invalid { .. }
        | ServiceError::Validation(_)
        | ServiceError::UnexpectedMentions(_)
        | ServiceError::Conflict(_) => StatusCode::UNPROCESSABLE_ENTITY,
        ServiceError::LimitReached { .. } => StatusCode::TOO_MANY_REQUESTS,
        ServiceError::Gone => StatusCode::GONE,
        ServiceError::RemoteUnavailable | ServiceError::Busy => StatusCode::SERVICE_UNAVAILABLE,
        ServiceError::Full => StatusCode::INSUFFICIENT_STORAGE,
        ServiceError::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Our error texts begin in lower case; those of the client API are sentences.
pub(crate) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
#[expect(non_snake_case, reason = "security rules are written with a capital R")]
mod tests {
    use actix_web::body::to_bytes;
    use serde_json::{Value, json};

    use super::*;

    async fn answer(error: ApiError) -> (u16, Value) {
        let response = error.into_response();
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body()).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap())
    }

    #[actix_web::test]
    async fn texts_and_codes_are_mastodons() {
        let table = [
            (ServiceError::Full.into(), 507, "This server has no space left"),
            (ApiError::not_found(), 404, "Record not found"),
            (ApiError::NoRoute, 404, "Not found"),
            (ApiError::InvalidToken, 401, "The access token is invalid"),
            (
                ApiError::UserRequired,
                422,
                "This method requires an authenticated user",
            ),
            (
                ApiError::ScopeTooNarrow,
                403,
                "This action is outside the authorized scopes",
            ),
            (
                ApiError::Inactive(Inactive::Suspended),
                403,
                "Your login is currently disabled",
            ),
            (
                ApiError::Inactive(Inactive::Unconfirmed),
                403,
                "Your login is missing a confirmed e-mail address",
            ),
            (
                ApiError::MissingParameter("q"),
                400,
                "Param is missing or the value is empty or invalid: q",
            ),
            (ApiError::Throttled(3), 429, "Too many requests"),
            (
                ServiceError::Conflict("duplicate record").into(),
                422,
                "Duplicate record",
            ),
            (ApiError::Raced, 409, "Conflict during update, please try again"),
            (ServiceError::Gone.into(), 410, "Gone"),
        ];
        for (error, status, text) in table {
            assert_eq!(answer(error).await, (status, json!({"error": text})));
        }
    }

    #[actix_web::test]
    async fn validation_tells_the_field() {
        let error = ApiError::invalid("username", "ERR_TAKEN", "Username has already been taken");
        assert_eq!(
            answer(error).await,
            (
                422,
                json!({
                    "error": "Validation failed: Username has already been taken",
                    "details": {"username": [
                        {"error": "ERR_TAKEN", "description": "Username has already been taken"}
                    ]}
                })
            )
        );
    }

    #[actix_web::test]
    async fn sec_R105_causes_stay_in_the_log() {
        let error = ServiceError::internal("SELECT secret FROM users").into();
        assert_eq!(answer(error).await, (500, json!({"error": "Internal error"})));
    }

    #[test]
    fn a_bad_token_and_a_throttle_say_so_in_headers() {
        let response = ApiError::InvalidToken.into_response();
        let header = response.headers().get(WWW_AUTHENTICATE).unwrap();
        assert!(header.to_str().unwrap().starts_with("Bearer "));
        let response = ApiError::Throttled(90).into_response();
        assert_eq!(response.headers().get(RETRY_AFTER).unwrap(), "90");
    }
}
