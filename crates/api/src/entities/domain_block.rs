//! <https://docs.joinmastodon.org/entities/DomainBlock/>

use pouet_service::policy::ShownRule;
use serde::Serialize;

/// A domain that the instance limits or suspends.
#[derive(Serialize)]
pub(crate) struct DomainBlock<'a> {
    domain: &'a str,
    digest: &'a str,
    severity: &'static str,
    comment: Option<&'a str>,
}

impl<'a> DomainBlock<'a> {
    /// Each of `rules`.
    pub(crate) fn list(rules: &'a [ShownRule]) -> Vec<Self> {
        let shown = rules.iter().map(|rule| Self {
            domain: &rule.domain,
            digest: &rule.digest,
            severity: rule.severity.as_str(),
            comment: rule.comment.as_deref(),
        });
        shown.collect()
    }
}
