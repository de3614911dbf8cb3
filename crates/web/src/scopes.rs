//! OAuth scopes in words, for the consent page and the list of authorized apps.

use crate::view::ScopeLine;

/// One line for each scope of a space-separated list, in the order given.
pub(crate) fn lines<'a>(scopes: impl IntoIterator<Item = &'a str>) -> Vec<ScopeLine> {
    scopes
        .into_iter()
        .map(|scope| ScopeLine {
            scope: scope.to_owned(),
            key: key(scope),
            grave: scope.starts_with("admin"),
        })
        .collect()
}

/// The locale key of what `scope` allows.
fn key(scope: &str) -> &'static str {
    match scope {
        "read" => "scope-read",
        "read:accounts" => "scope-read-accounts",
        "read:blocks" => "scope-read-blocks",
        "read:bookmarks" => "scope-read-bookmarks",
        "read:favourites" => "scope-read-favourites",
        "read:filters" => "scope-read-filters",
        "read:follows" => "scope-read-follows",
        "read:lists" => "scope-read-lists",
        "read:mutes" => "scope-read-mutes",
        "read:notifications" => "scope-read-notifications",
        "read:search" => "scope-read-search",
        "read:statuses" => "scope-read-statuses",
        "write" => "scope-write",
        "write:accounts" => "scope-write-accounts",
        "write:blocks" => "scope-write-blocks",
        "write:bookmarks" => "scope-write-bookmarks",
        "write:conversations" => "scope-write-conversations",
        "write:favourites" => "scope-write-favourites",
        "write:filters" => "scope-write-filters",
        "write:follows" => "scope-write-follows",
        "write:lists" => "scope-write-lists",
        "write:media" => "scope-write-media",
        "write:mutes" => "scope-write-mutes",
        "write:notifications" => "scope-write-notifications",
        "write:reports" => "scope-write-reports",
        "write:statuses" => "scope-write-statuses",
        "follow" => "scope-follow",
        "push" => "scope-push",
        "profile" => "scope-profile",
        _ if scope.starts_with("admin:read") => "scope-admin-read",
        _ if scope.starts_with("admin:write") => "scope-admin-write",
        _ if scope.starts_with("read:") => "scope-read-part",
        _ if scope.starts_with("write:") => "scope-write-part",
        _ => "scope-other",
    }
}

#[cfg(test)]
mod tests {
    use pouet_model::scope::KNOWN;

    use super::*;

    #[test]
    fn every_known_scope_has_words() {
        for line in lines(KNOWN.iter().copied()) {
            assert_ne!(line.key, "scope-other", "{}", line.scope);
            assert_eq!(line.grave, line.scope.starts_with("admin"), "{}", line.scope);
        }
        assert_eq!(lines(["future:thing"])[0].key, "scope-other");
    }
}
