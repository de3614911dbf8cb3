//! Reading the address of WebFinger from a host-meta document.

/// The most `Link` elements looked at.
const MAX_LINKS: usize = 50;

/// The template of the `lrdd` link in an XRD document. One pass over the text, whatever it is.
pub(crate) fn lrdd_template(xrd: &str) -> Option<String> {
    let mut rest = xrd;
    for _ in 0..MAX_LINKS {
        let start = rest.find("<Link")?;
        let element = &rest[start + "<Link".len()..];
        let end = element.find('>')?;
        let (attributes, after) = element.split_at(end);
        if attribute(attributes, "rel") == Some("lrdd")
            && let Some(template) = attribute(attributes, "template")
        {
            return Some(template.replace("&amp;", "&"));
        }
        rest = after;
    }
    None
}

/// The value of an attribute in the inside of a tag.
fn attribute<'a>(attributes: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = attributes;
    while let Some((before, after)) = rest.split_once('=') {
        let found = before.trim().rsplit(char::is_whitespace).next()?;
        let after = after.trim_start();
        let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (value, next) = after[1..].split_once(quote)?;
        if found == name {
            return Some(value);
        }
        rest = next;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_found() {
        for (xrd, template) in [
            (
                r#"<?xml version="1.0"?><XRD xmlns="x"><Link rel="lrdd" template="https://a.test/wf?resource={uri}"/></XRD>"#,
                Some("https://a.test/wf?resource={uri}"),
            ),
            (
                "<XRD><Link rel='other' href='x'/><Link type='application/jrd+json'\n  template='https://a.test/?a=1&amp;r={uri}' rel='lrdd' /></XRD>",
                Some("https://a.test/?a=1&r={uri}"),
            ),
            (r#"<Link rel="lrdd"/>"#, None),
            (r#"<Link rel=lrdd template="x">"#, None),
            ("<Link", None),
            ("", None),
        ] {
            assert_eq!(lrdd_template(xrd).as_deref(), template, "{xrd}");
        }
    }
}
