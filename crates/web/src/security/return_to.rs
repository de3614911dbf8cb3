//! Where a form may send its visitor next (security rule R083).

use url::Url;

/// A path on this instance to go to, with its query: `wanted` if it is one, `/` otherwise.
///
/// `base` is the instance's own address. Whatever a browser could read as another host (`//`, `\`, control characters,
/// encoded slashes in the path) is refused rather than repaired.
pub fn safe_return_to(base: &str, wanted: &str) -> String {
    parse(base, wanted).unwrap_or_else(|| "/".to_owned())
}

fn parse(base: &str, wanted: &str) -> Option<String> {
    if !wanted.starts_with('/') || wanted.starts_with("//") || wanted.len() > 4096 {
        return None;
    }
    if wanted
        .chars()
        .any(|c| c == '\\' || c.is_control() || c.is_whitespace())
    {
        return None;
    }
    let base = Url::parse(base).ok()?;
    let target = base.join(wanted).ok()?;
    if target.origin() != base.origin() || target.path().starts_with("//") {
        return None;
    }
    let path = target.path().to_ascii_lowercase();
    if path.contains("%2f") || path.contains("%5c") {
        return None;
    }
    // A fragment is the browser's business; without it the address cannot point into somebody else's script state.
    Some(match target.query() {
        Some(query) => format!("{}?{query}", target.path()),
        None => target.path().to_owned(),
    })
}

#[cfg(test)]
#[expect(non_snake_case, reason = "security tests carry the number of their rule")]
mod tests {
    use super::*;

    #[test]
    fn sec_R083_only_own_paths_are_returned_to() {
        let table = [
            ("/", "/"),
            ("/@ada/12", "/@ada/12"),
            ("/public/local?max_id=4", "/public/local?max_id=4"),
            (
                "/oauth/authorize?redirect_uri=https%3A%2F%2Fapp.test%2F&x=1",
                "/oauth/authorize?redirect_uri=https%3A%2F%2Fapp.test%2F&x=1",
            ),
            ("/a#b", "/a"),
            ("/a/../b", "/b"),
            ("", "/"),
            ("about", "/"),
            ("//evil.test", "/"),
            ("///evil.test", "/"),
            ("/\\evil.test", "/"),
            ("\\\\evil.test", "/"),
            ("/\t/evil.test", "/"),
            ("/\n/evil.test", "/"),
            ("/.//evil.test", "/"),
            ("/a/..//evil.test", "/"),
            ("/web/%2F%2Fevil.test", "/"),
            ("/%5cevil.test", "/"),
            ("https://evil.test/", "/"),
            ("https://here.test.evil.test/", "/"),
            ("https://here.test/x", "/"),
            ("javascript:alert(1)", "/"),
            ("data:text/html,x", "/"),
            (" /x", "/"),
        ];
        for (wanted, expected) in table {
            assert_eq!(
                safe_return_to("https://here.test", wanted),
                expected,
                "{wanted:?}"
            );
        }
    }
}
