//! Who makes a request, and whether they may use the route.
//!
//! Source: <https://docs.joinmastodon.org/client/authorized/>

use std::sync::Arc;

use actix_web::{HttpRequest, http::header::AUTHORIZATION};
use pouet_service::{
    Instance,
    oauth::{self, Authentication},
};

use crate::error::{ApiError, Result};

/// Who may use a route. Of the scopes listed any one is enough; the parents of a scope include it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Access {
    /// Everybody; a token is not looked at.
    Public,
    /// Everybody; a token that is there must be valid and have a scope.
    Optional(&'static [&'static str]),
    /// Any valid token with a scope: a user's, or an application's own.
    App(&'static [&'static str]),
    /// A user's token with a scope.
    User(&'static [&'static str]),
}

impl Access {
    /// The scopes, any of which is enough; none: any token.
    pub(crate) fn scopes(self) -> &'static [&'static str] {
        match self {
            Self::Public => &[],
            Self::Optional(scopes) | Self::App(scopes) | Self::User(scopes) => scopes,
        }
    }
}

/// The token in the `Authorization` header. `access_token` in the query counts on streaming only (R068).
pub(crate) fn bearer(request: &HttpRequest) -> Option<&str> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Finds who makes the request and checks that they may use the route.
///
/// # Errors
/// `InvalidToken`, `ScopeTooNarrow`, `UserRequired` or `Inactive`, as [`Access`] tells.
pub(crate) async fn authenticate(
    instance: &Instance,
    request: &HttpRequest,
    access: Access,
) -> Result<Option<Arc<Authentication>>> {
    let token = match (access, bearer(request)) {
        (Access::Public, _) | (Access::Optional(_), None) => return Ok(None),
        (Access::App(_) | Access::User(_), None) => return Err(ApiError::InvalidToken),
        (_, Some(token)) => token,
    };
    let authentication = oauth::authenticate(instance, token)
        .await?
        .ok_or(ApiError::InvalidToken)?;
    allow(&authentication, access)?;
    Ok(Some(authentication))
}

/// Whether the owner of a valid token may use a route.
///
/// # Errors
/// `ScopeTooNarrow`, `UserRequired` or `Inactive`.
pub(crate) fn allow(authentication: &Authentication, access: Access) -> Result<()> {
    let scopes = access.scopes();
    if !scopes.is_empty() && !authentication.scopes.allow_any(scopes) {
        return Err(ApiError::ScopeTooNarrow);
    }
    if let Some(reason) = authentication.inactive {
        return Err(ApiError::Inactive(reason));
    }
    if authentication.user.is_none() && matches!(access, Access::User(_)) {
        return Err(ApiError::UserRequired);
    }
    Ok(())
}

#[cfg(test)]
#[expect(non_snake_case, reason = "security rules are written with a capital R")]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn sec_R068_tokens_stand_in_the_header_alone() {
        let table = [
            (Some("Bearer abc"), Some("abc")),
            (Some("bearer abc"), Some("abc")),
            (Some("Basic abc"), None),
            (Some("Bearer"), None),
            (None, None),
        ];
        for (header, expected) in table {
            let mut request = TestRequest::with_uri("/api/v1/timelines/home?access_token=xyz");
            if let Some(header) = header {
                request = request.insert_header((AUTHORIZATION, header));
            }
            assert_eq!(bearer(&request.to_http_request()), expected, "{header:?}");
        }
    }
}
