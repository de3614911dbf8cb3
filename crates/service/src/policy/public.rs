//! The rules as they are shown to others, where the configuration shows them at all.
//!
//! Source: <https://docs.joinmastodon.org/methods/instance/#domain_blocks>,
//! <https://docs.joinmastodon.org/entities/DomainBlock/>

use sha2::{Digest as _, Sha256};

use super::{Severity, list_rules};
use crate::{error::Result, instance::Instance, settings::Audience};

/// A rule as it is shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShownRule {
    /// The domain, half covered by stars if the rule says so.
    pub domain: String,
    /// SHA-256 of the whole domain in hexadecimal digits, by which lists can be compared.
    pub digest: String,
    /// How far the rule goes.
    pub severity: Severity,
    /// The public comment, for those who may read it.
    pub comment: Option<String>,
}

/// The rules that limit or suspend a domain, for a reader who is or is not signed in; `None` if they are not for them.
pub async fn shown(instance: &Instance, is_user: bool) -> Result<Option<Vec<ShownRule>>> {
    let settings = &instance.settings.federation;
    let may = |audience| match audience {
        Audience::Nobody => false,
        Audience::Users => is_user,
        Audience::Everybody => true,
    };
    if !may(settings.show_domain_blocks) {
        return Ok(None);
    }
    let with_reasons = may(settings.show_domain_block_reasons);
    let mut rules = list_rules(instance).await?;
    rules.retain(|rule| rule.rule.severity != Severity::Noop);
    // Stable: within a severity they stay in the order of their domains.
    rules.sort_by_key(|rule| rule.rule.severity == Severity::Suspend);
    let shown = rules.into_iter().map(|rule| ShownRule {
        digest: hex::encode(Sha256::digest(&rule.rule.domain)),
        domain: if rule.rule.obfuscate {
            obfuscated(&rule.rule.domain)
        } else {
            rule.rule.domain
        },
        severity: rule.rule.severity,
        comment: rule.rule.public_comment.filter(|_| with_reasons),
    });
    Ok(Some(shown.collect()))
}

/// A domain with stars over its middle half, dots left as they are: what Mastodon shows.
fn obfuscated(domain: &str) -> String {
    let length = domain.chars().count();
    let visible = length / 4;
    let cover = |(at, letter)| {
        if at > visible && at < length - visible && letter != '.' {
            '*'
        } else {
            letter
        }
    };
    domain.chars().enumerate().map(cover).collect()
}

#[cfg(test)]
mod tests {
    use super::obfuscated;

    #[test]
    fn the_middle_half_is_covered() {
        let table = [
            ("evil.example", "evil.****ple"),
            ("x.example.com", "x.ex*****.com"),
            ("a.b", "a.*"),
            ("", ""),
        ];
        for (domain, expected) in table {
            assert_eq!(obfuscated(domain), expected, "{domain}");
        }
    }
}
