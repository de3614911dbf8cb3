//! Domains, handles and hashtags as strangers write them: a normal form is its own normal form.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pouet_model::domain::{
    IpLiterals, display, is_public, matches_rule, normalise_with, parse_handle, without_port,
};
use pouet_model::keyword::KeywordMatcher;
use pouet_model::text::hashtag_name;

fn normal(host: &str) -> Result<String, pouet_model::domain::DomainError> {
    normalise_with(host, IpLiterals::Accept)
}

fuzz_target!(|text: &str| {
    if let Ok(domain) = normal(text) {
        assert_eq!(normal(&domain).as_ref(), Ok(&domain));
        assert!(
            matches_rule(&domain, without_port(&domain)),
            "a domain is under a rule on itself: {domain}"
        );
        let _ = (display(&domain), is_public(&domain));
    }
    if let Some(handle) = parse_handle(text) {
        assert!(
            handle
                .domain
                .as_deref()
                .is_none_or(|domain| normal(domain).as_deref() == Ok(domain))
        );
    }
    if let Some(name) = hashtag_name(text) {
        assert_eq!(hashtag_name(&name).as_ref(), Some(&name));
    }
    let (keyword, searched) = text.split_at(text.floor_char_boundary(text.len() / 3));
    let _ = KeywordMatcher::new(&[(keyword, true), (keyword, false)]).matches(searched);
});
