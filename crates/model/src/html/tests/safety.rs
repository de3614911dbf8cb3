use proptest::prelude::*;
use scraper::{Html, Node};

use super::corpus::ATTEMPTS;
use super::sanitise;
use crate::html::build;

/// Whether a document holds nothing but what the allow-list has; says what else it found.
fn forbidden(html: &str) -> Vec<String> {
    let document = Html::parse_fragment(html);
    let nodes = document.tree.nodes().filter_map(|node| match node.value() {
        // The parser makes the outermost two itself.
        Node::Element(element)
            if matches!(element.name(), "html" | "body") && node.ancestors().count() <= 2 =>
        {
            None
        }
        Node::Document | Node::Fragment | Node::Text(_) => None,
        Node::Element(element) => {
            let attributes: Vec<(&str, &str)> = element.attrs().collect();
            let bad: Vec<&(&str, &str)> = attributes
                .iter()
                .filter(|(name, value)| !is_attribute_allowed(element.name(), name, value))
                .collect();
            let link_is_safe = element.name() != "a"
                || (attributes.contains(&("target", "_blank"))
                    && attributes.iter().any(|(name, _)| *name == "href")
                    && attributes.iter().any(|(name, value)| {
                        *name == "rel" && value.ends_with("nofollow noopener noreferrer")
                    }));
            let allowed = ELEMENTS.contains(&element.name()) && bad.is_empty() && link_is_safe;
            (!allowed).then(|| format!("<{}> with {attributes:?}", element.name()))
        }
        other => Some(format!("{other:?}")),
    });
    nodes.collect()
}

const ELEMENTS: [&str; 20] = [
    "p",
    "br",
    "span",
    "a",
    "del",
    "s",
    "pre",
    "blockquote",
    "code",
    "b",
    "strong",
    "u",
    "i",
    "em",
    "ul",
    "ol",
    "li",
    "ruby",
    "rt",
    "rp",
];

const SCHEMES: [&str; 11] = [
    "http", "https", "dat", "dweb", "ipfs", "ipns", "ssb", "gopher", "xmpp", "magnet", "gemini",
];

fn is_attribute_allowed(element: &str, name: &str, value: &str) -> bool {
    match (element, name) {
        ("a", "href") => url::Url::parse(value)
            .is_ok_and(|url| SCHEMES.contains(&url.scheme()) && url.username().is_empty()),
        ("a", "target") => value == "_blank",
        ("a", "rel") => value
            .split(' ')
            .all(|token| ["tag", "me", "nofollow", "noopener", "noreferrer"].contains(&token)),
        ("a" | "span" | "p", "class") => value.split(' ').all(|class| {
            ["mention", "hashtag", "ellipsis", "invisible", "quote-inline"].contains(&class)
                || ["h-", "p-", "u-", "dt-", "e-"]
                    .iter()
                    .any(|prefix| class.starts_with(prefix))
                    && class
                        .bytes()
                        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        }),
        ("a" | "span", "translate") => value == "no",
        ("ol", "start") | ("li", "value") => value.parse::<i32>().is_ok(),
        ("ol", "reversed") => value.is_empty(),
        (_, "lang") => value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'),
        _ => false,
    }
}

#[test]
fn the_check_itself_finds_what_is_forbidden() {
    let bad = [
        "<script>x</script>",
        "<p onclick=x>a</p>",
        "<p style=x>a</p>",
        "<p class=evil>a</p>",
        "<a href='javascript:x' rel='nofollow noopener noreferrer' target=_blank>a</a>",
        "<a href='https://far.example'>a</a>",
        "<!-- x -->",
        "<img src=x>",
    ];
    for html in bad {
        assert!(!forbidden(html).is_empty(), "{html}");
    }
    assert_eq!(forbidden("<p class=\"h-card\">a<br>b</p>"), Vec::<String>::new());
}

/// The corpus, and every kind of event handler on elements that stay and on some that go.
fn all_attempts() -> Vec<String> {
    let events = [
        "abort",
        "animationend",
        "auxclick",
        "beforeinput",
        "beforetoggle",
        "blur",
        "canplay",
        "change",
        "click",
        "close",
        "contextmenu",
        "copy",
        "cut",
        "dblclick",
        "drag",
        "drop",
        "error",
        "focusin",
        "formdata",
        "gotpointercapture",
        "hashchange",
        "input",
        "keydown",
        "load",
        "message",
        "mouseenter",
        "paste",
        "pointerover",
        "resize",
        "scroll",
        "scrollend",
        "securitypolicyviolation",
        "submit",
        "toggle",
        "touchstart",
        "transitionend",
        "unload",
        "wheel",
    ];
    let elements = [
        "p",
        "a href=https://far.example",
        "li",
        "h2",
        "img src=https://far.example/a.png alt=x",
        "x-y",
    ];
    let handlers = events.iter().flat_map(|event| {
        elements
            .iter()
            .map(move |element| format!("<{element} on{event}=alert(1)>x"))
    });
    ATTEMPTS
        .iter()
        .map(|attempt| (*attempt).to_owned())
        .chain(handlers)
        .collect()
}

#[test]
fn sec_R048_nothing_of_the_corpus_gets_through() {
    let attempts = all_attempts();
    let unique: std::collections::HashSet<_> = attempts.iter().collect();
    assert!(
        unique.len() == attempts.len() && attempts.len() >= 300,
        "{} attempts",
        attempts.len()
    );
    // Each attempt alone, and inside what a status is made of.
    let around = [
        ("", ""),
        ("<p>", "</p>"),
        ("<p><a href=\"https://far.example\">", "</a></p>"),
        ("<ul><li><b>", "</b></li></ul>"),
        ("<table><tr><td>", "</td></tr></table>"),
        ("<svg><p>", "</p></svg>"),
        ("<p title=\"", "\">x</p>"),
        ("<!-- ", " -->"),
    ];
    for attempt in attempts {
        for (before, after) in around {
            let html = format!("{before}{attempt}{after}");
            let clean = sanitise(&html);
            assert_eq!(
                forbidden(&clean),
                Vec::<String>::new(),
                "{html:?} gives {clean:?}"
            );
            assert_eq!(sanitise(&clean), clean, "{html:?} changes when sanitised again");
        }
    }
}

/// Whether a parser that writes down what it has read reads the same again.
fn reads_as_written(html: &str) -> bool {
    let document = Html::parse_fragment(html);
    Html::parse_fragment(&document.root_element().inner_html()) == document
}

#[test]
fn sec_R049_what_is_written_is_what_a_parser_reads() {
    for attempt in ATTEMPTS {
        let clean = sanitise(attempt);
        assert!(reads_as_written(&clean), "{attempt:?} gives {clean:?}");
    }
}

#[test]
fn sec_R050_no_attribute_of_a_library_survives() {
    let names = [
        "boost",
        "get",
        "post",
        "put",
        "patch",
        "delete",
        "on",
        "on:click",
        "push-url",
        "replace-url",
        "select",
        "select-oob",
        "swap",
        "swap-oob",
        "target",
        "trigger",
        "vals",
        "vars",
        "confirm",
        "disable",
        "disabled-elt",
        "disinherit",
        "encoding",
        "ext",
        "headers",
        "history",
        "history-elt",
        "include",
        "indicator",
        "inherit",
        "params",
        "preserve",
        "prompt",
        "request",
        "sync",
        "validate",
        "ws",
        "sse",
    ];
    for name in names {
        for prefix in ["hx-", "data-hx-", "HX-", "Data-Hx-"] {
            for element in [
                "p",
                "span",
                "a href=https://far.example",
                "li",
                "ol",
                "br",
                "b",
                "h1",
                "div",
            ] {
                let clean = sanitise(&format!("<{element} {prefix}{name}=\"/settings\">x"));
                assert!(
                    !clean.to_lowercase().contains("hx-") && !clean.contains("settings"),
                    "{prefix}{name}: {clean}"
                );
            }
        }
    }
    for attribute in [
        "style", "id", "name", "title", "data-x", "onclick", "tabindex", "role", "form", "src", "is", "slot",
        "dir",
    ] {
        let clean = sanitise(&format!(
            "<p {attribute}=\"a\">x</p><a {attribute}=\"a\" href=\"https://far.example\">x</a>"
        ));
        assert!(!clean.contains(&format!("{attribute}=")), "{clean}");
    }
}

#[test]
fn sec_R050_forms_go_with_their_content() {
    let html = "<p>a</p><form action='https://evil.test'><p>password:</p><input name=password><button>send</button></form><p>b</p>";
    assert_eq!(sanitise(html), "<p>a</p><p>b</p>");
}

/// Markup made of the pieces that mean something to a parser.
fn markup() -> impl Strategy<Value = String> {
    let names = prop_oneof![
        proptest::sample::select(&ELEMENTS[..]).prop_map(str::to_owned),
        proptest::sample::select(
            &[
                "h1",
                "h3",
                "div",
                "td",
                "tr",
                "table",
                "img",
                "script",
                "style",
                "svg",
                "math",
                "annotation",
                "form",
                "title",
                "template",
                "iframe",
                "textarea",
                "noscript",
                "select",
                "option",
                "button",
                "center",
                "font",
                "nobr",
                "hr",
                "dd",
                "details",
                "section",
            ][..]
        )
        .prop_map(str::to_owned),
    ];
    let attribute = proptest::sample::select(
        &[
            "",
            " class=\"h-card evil\"",
            " class=invisible",
            " class='ellipsis'",
            " href=\"https://far.example/?a&amp;b\"",
            " href='javascript:x'",
            " href=https://evil.test rel=tag",
            " src=https://far.example/a.png alt='<b>'",
            " alt=x",
            " lang=fr",
            " translate=no",
            " start=3 reversed value=4",
            " encoding='application/x-tex'",
            " onclick=x",
            " title='>'",
            " /",
        ][..],
    );
    let piece = prop_oneof![
        4 => (names.clone(), attribute).prop_map(|(name, attribute)| format!("<{name}{attribute}>")),
        3 => names.prop_map(|name| format!("</{name}>")),
        2 => "[a-z \n&;<>\"']{0,6}",
        1 => Just("bank.example".to_owned()),
        1 => Just("https://far.example".to_owned()),
        1 => Just("&nbsp;\u{a0}&lt;&amp;&#13;&#0;".to_owned()),
        1 => Just("<!-- x -->".to_owned()),
        1 => "\\PC{0,3}",
    ];
    proptest::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn sec_R049_sanitising_twice_is_sanitising_once(html in markup()) {
        let clean = sanitise(&html);
        prop_assert_eq!(sanitise(&clean), clean.as_str());
        prop_assert_eq!(forbidden(&clean), Vec::<String>::new());
        prop_assert!(reads_as_written(&clean), "{}", clean);
    }

    #[test]
    fn the_gate_has_nothing_left_to_change(html in markup()) {
        let built = build::build(&html).unwrap();
        prop_assert_eq!(crate::html::gate::clean(&built), built);
    }

    #[test]
    fn no_input_panics(html in any::<String>()) {
        let clean = sanitise(&html);
        prop_assert_eq!(sanitise(&clean), clean);
    }
}
