//! Headers of every page (security rules R047, R056 and R084).

use actix_web::HttpResponseBuilder;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, VARY,
    X_CONTENT_TYPE_OPTIONS,
};

/// The Content-Security-Policy of a page: our own origin and nothing inline.
///
/// `media` and `form_target` are extra sources, possibly empty: where media files are served from, and where the form
/// of the page may end (browsers apply the rule to the redirect after a form too, so that a consent page must name the
/// app's address).
pub fn content_security_policy(media: &str, form_target: &str) -> String {
    let spaced = |source: &str| {
        if source.is_empty() {
            String::new()
        } else {
            format!(" {source}")
        }
    };
    let (media, form_target) = (spaced(media), spaced(form_target));
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'{media} blob: data:; \
         media-src 'self'{media}; connect-src 'self'; form-action 'self'{form_target}; frame-ancestors 'none'; \
         base-uri 'none'"
    )
}

/// Adds what every page of the instance at `base` carries; `form_target` as in [`content_security_policy`].
///
/// Pages depend on cookies, language and the kind of document asked for, and are not kept by shared caches unless they say so
/// themselves: a page for somebody signed in must not reach anybody else.
pub fn protect(response: &mut HttpResponseBuilder, base: &str, form_target: &str) {
    if base.starts_with("https:") {
        response.insert_header((STRICT_TRANSPORT_SECURITY, "max-age=31536000"));
    }
    response
        .insert_header((CONTENT_SECURITY_POLICY, content_security_policy("", form_target)))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((REFERRER_POLICY, "same-origin"))
        .insert_header(("cross-origin-opener-policy", "same-origin"))
        .insert_header((
            "permissions-policy",
            "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
        ))
        .insert_header(("x-frame-options", "DENY"))
        .insert_header((CACHE_CONTROL, "private, no-store"))
        .insert_header((VARY, "Accept, Accept-Language, Cookie"));
}

/// [`protect`] for the one kind of page that other sites may show in a frame: it reads no cookie, has no form and no
/// script.
///
/// Source: rule R084
pub fn protect_frame(response: &mut HttpResponseBuilder, base: &str) {
    if base.starts_with("https:") {
        response.insert_header((STRICT_TRANSPORT_SECURITY, "max-age=31536000"));
    }
    response
        .insert_header((
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; media-src 'self'; \
             form-action 'none'; frame-ancestors *; base-uri 'none'; \
             sandbox allow-popups allow-popups-to-escape-sandbox",
        ))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((REFERRER_POLICY, "same-origin"))
        .insert_header(("cross-origin-resource-policy", "cross-origin"))
        .insert_header((VARY, "Accept-Language"));
}

#[cfg(test)]
#[expect(non_snake_case, reason = "security tests carry the number of their rule")]
mod tests {
    use actix_web::HttpResponse;

    use super::*;

    #[test]
    fn sec_R056_policies_allow_nothing_inline_and_nothing_foreign() {
        let policy = content_security_policy("", "");
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(part), "{part}");
        }
        for part in ["unsafe", "*", "http:", "https:"] {
            assert!(!policy.contains(part), "{part}");
        }
        let wider = content_security_policy("https://media.test", "https://app.test");
        assert!(wider.contains("img-src 'self' https://media.test blob: data:"));
        assert!(wider.contains("form-action 'self' https://app.test;"));
    }

    #[test]
    fn sec_R047_pages_are_not_kept_by_shared_caches() {
        let mut response = HttpResponse::Ok();
        protect(&mut response, "https://here.test", "");
        let response = response.finish();
        let header = |name: &str| {
            response
                .headers()
                .get(name)
                .and_then(|v| v.to_str().ok())
                .unwrap_or_default()
        };
        assert_eq!(header("cache-control"), "private, no-store");
        assert_eq!(header("strict-transport-security"), "max-age=31536000");
        assert!(header("vary").contains("Cookie") && header("vary").contains("Accept"));
        assert_eq!(
            header("access-control-allow-origin"),
            "",
            "sec R084: pages with cookies have no CORS"
        );
    }
}
