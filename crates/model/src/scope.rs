//! OAuth scopes.
//!
//! Source: <https://docs.joinmastodon.org/api/oauth-scopes/>

use std::{collections::BTreeSet, fmt};

/// Every scope that an application may ask for.
pub const KNOWN: &[&str] = &[
    "profile",
    "read",
    "write",
    "push",
    "follow",
    "admin:read",
    "admin:write",
    "read:accounts",
    "read:blocks",
    "read:bookmarks",
    "read:collections",
    "read:favourites",
    "read:filters",
    "read:follows",
    "read:lists",
    "read:mutes",
    "read:notifications",
    "read:search",
    "read:statuses",
    "write:accounts",
    "write:blocks",
    "write:bookmarks",
    "write:collections",
    "write:conversations",
    "write:favourites",
    "write:filters",
    "write:follows",
    "write:lists",
    "write:media",
    "write:mutes",
    "write:notifications",
    "write:reports",
    "write:statuses",
    "admin:read:accounts",
    "admin:read:canonical_email_blocks",
    "admin:read:domain_allows",
    "admin:read:domain_blocks",
    "admin:read:email_domain_blocks",
    "admin:read:ip_blocks",
    "admin:read:reports",
    "admin:write:accounts",
    "admin:write:canonical_email_blocks",
    "admin:write:domain_allows",
    "admin:write:domain_blocks",
    "admin:write:email_domain_blocks",
    "admin:write:ip_blocks",
    "admin:write:reports",
];

/// What the legacy scope `follow` stands for.
const FOLLOW: &[&str] = &[
    "read:blocks",
    "read:follows",
    "read:mutes",
    "write:blocks",
    "write:follows",
    "write:mutes",
];

/// A set of scopes, written space-separated in alphabetical order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Scopes(BTreeSet<&'static str>);

/// A scope that does not exist.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("unknown scope {0:?}")]
pub struct UnknownScope(pub String);

impl Scopes {
    /// Reads scopes separated by white space; empty text is the default, `read`.
    pub fn parse(text: &str) -> Result<Self, UnknownScope> {
        let scopes = text
            .split_ascii_whitespace()
            .map(|name| {
                KNOWN
                    .iter()
                    .find(|known| **known == name)
                    .copied()
                    .ok_or_else(|| UnknownScope(name.to_owned()))
            })
            .collect::<Result<BTreeSet<_>, _>>()?;
        Ok(if scopes.is_empty() {
            Self(BTreeSet::from(["read"]))
        } else {
            Self(scopes)
        })
    }

    /// Whether these scopes allow what `scope` allows: it is there itself, or one of its parents is.
    pub fn allow(&self, scope: &str) -> bool {
        self.0.contains(scope)
            || scope
                .match_indices(':')
                .any(|(at, _)| self.0.contains(&scope[..at]))
            || (self.0.contains("follow") && FOLLOW.contains(&scope))
    }

    /// Whether these scopes allow at least one of `scopes`.
    pub fn allow_any(&self, scopes: &[&str]) -> bool {
        scopes.iter().any(|scope| self.allow(scope))
    }

    /// Whether everything in `other` is allowed by these scopes.
    pub fn cover(&self, other: &Self) -> bool {
        other.0.iter().all(|scope| self.allow(scope))
    }

    /// Whether an `admin:` scope is among them.
    pub fn has_admin(&self) -> bool {
        self.0.iter().any(|scope| scope.starts_with("admin:"))
    }

    /// These scopes but for those of administration.
    #[must_use]
    pub fn without_admin(&self) -> Self {
        Self(self.iter().filter(|scope| !scope.starts_with("admin:")).collect())
    }

    /// The scopes, in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().copied()
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, scope) in self.iter().enumerate() {
            if n > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents_allow_children_only() {
        let scopes = Scopes::parse("read write:statuses").expect("known");
        assert!(scopes.allow("read:accounts"));
        assert!(scopes.allow("read"));
        assert!(scopes.allow("write:statuses"));
        assert!(!scopes.allow("write"));
        assert!(!scopes.allow("write:media"));
        assert!(!scopes.allow("admin:read"));
    }

    #[test]
    fn admin_read_is_not_below_read() {
        let admin = Scopes::parse("admin:read").expect("known");
        assert!(admin.allow("admin:read:accounts"));
        assert!(!admin.allow("read:accounts"));
        assert!(
            !Scopes::parse("read write follow push")
                .expect("known")
                .allow("admin:read:accounts")
        );
    }

    #[test]
    fn administration_can_be_left_out() {
        let scopes = Scopes::parse("read admin:read admin:write:accounts push").expect("known");
        assert_eq!(scopes.without_admin().to_string(), "push read");
        let none = Scopes::parse("admin:read").expect("known").without_admin();
        assert_eq!(none.to_string(), "");
        assert!(!none.allow("read:accounts") && !none.allow("admin:read"));
    }

    #[test]
    fn follow_covers_relations() {
        let follow = Scopes::parse("follow").expect("known");
        assert!(follow.allow("write:follows"));
        assert!(follow.allow("read:mutes"));
        assert!(!follow.allow("read:accounts"));
        assert!(!follow.allow("write:statuses"));
    }

    #[test]
    fn unknown_scopes_are_refused_and_nothing_means_read() {
        assert_eq!(Scopes::parse("read fly"), Err(UnknownScope("fly".into())));
        assert_eq!(Scopes::parse("").expect("default").to_string(), "read");
        assert_eq!(
            Scopes::parse("write  read\npush").expect("known").to_string(),
            "push read write"
        );
    }

    #[test]
    fn covering_is_about_what_is_allowed() {
        let app = Scopes::parse("read write:statuses").expect("known");
        assert!(app.cover(&Scopes::parse("read:accounts write:statuses").expect("known")));
        assert!(!app.cover(&Scopes::parse("write").expect("known")));
    }
}
