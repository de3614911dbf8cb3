//! Hostile markup and what becomes of it, row by row (GHSA-qrgq-9fx2-vf2r).

use std::time::{Duration, Instant};

use super::{anchor, check, sanitise};

/// No payload takes longer than this in a build for tests.
const BUDGET: Duration = Duration::from_secs(3);

/// Payload and safe output.
const TABLE: [(&str, &str); 64] = [
    // Scripts and styles go with their content, however they are spelt or left open.
    ("a<script>alert(1)</script>b", "ab"),
    ("a<SCRIPT SRC=//evil.test/x.js></SCRIPT>b", "ab"),
    ("a<script>alert(1)", "a"),
    ("a<script/x>alert(1)</script >b", "ab"),
    (
        "<scr<script>ipt>alert(1)</scr</script>ipt>",
        "ipt&gt;alert(1)ipt&gt;",
    ),
    ("a<style>p{position:fixed}</style>b", "ab"),
    ("a<style>@import '//evil.test'", "a"),
    ("<style><img src='</style><b>x</b>'>", "<b>x</b>'&gt;"),
    ("<noscript><p title='</noscript><b>x</b>'></p></noscript>", ""),
    ("<xmp><b>x</b></xmp>", ""),
    // Handlers and other attributes.
    ("<p onclick=alert(1)>a</p>", "<p>a</p>"),
    ("<p ONMOUSEOVER='alert(1)'>a</p>", "<p>a</p>"),
    ("<b/onload=alert(1)//>a</b>", "<b>a</b>"),
    ("<p style='position:fixed;top:0'>a</p>", "<p>a</p>"),
    ("<p id=main name=x data-x=1>a</p>", "<p>a</p>"),
    ("<p hx-get=/api/v1/accounts hx-trigger=load>a</p>", "<p>a</p>"),
    ("<p data-hx-get=/x>a</p>", "<p>a</p>"),
    ("<p\u{c}onclick=alert(1)>a</p>", "<p>a</p>"),
    ("<p title=\"'>\"onclick=alert(1)>a</p>", "<p>a</p>"),
    ("<span class='x\" onclick=\"alert(1)'>a</span>", "<span>a</span>"),
    // Links.
    ("<a href='javascript:alert(1)'>a</a>", "a"),
    ("<a href='JaVaScRiPt:alert(1)'>a</a>", "a"),
    ("<a href='java\nscript:alert(1)'>a</a>", "a"),
    ("<a href='&#106;avascript:alert(1)'>a</a>", "a"),
    ("<a href=' \u{1}javascript:alert(1)'>a</a>", "a"),
    ("<a href='data:text/html,<b>x</b>'>a</a>", "a"),
    ("<a href='vbscript:x'>a</a>", "a"),
    ("<a href='file:///etc/passwd'>a</a>", "a"),
    ("<a href='//evil.test/'>a</a>", "a"),
    ("<a href='/settings/delete'>a</a>", "a"),
    ("<a href='blob:https://far.example/1'>a</a>", "a"),
    (
        "<a href='https://far.example' onclick=alert(1) target=_top>a</a>",
        concat!(anchor!("https://far.example"), "a</a>"),
    ),
    (
        "<a href='https://bank.example@evil.test/'>a</a>",
        concat!(anchor!("https://evil.test/"), "a</a>"),
    ),
    (
        "<a href='https://evil.test/'>bank.example</a>",
        concat!(anchor!("https://evil.test/"), "bank.example [evil.test]</a>"),
    ),
    // Pictures never load.
    ("<img src=x onerror=alert(1)>", ""),
    ("<img src='javascript:alert(1)' alt=a>", "a"),
    ("<img src='data:image/svg+xml,x' alt=a>", "a"),
    (
        "<img src='https://far.example/1.png' alt='a <b>'>",
        concat!(anchor!("https://far.example/1.png"), "a &lt;b&gt;</a>"),
    ),
    ("<picture><source srcset=//evil.test/x><img alt=a></picture>", "a"),
    // Drawings, formulas, and what hides in them.
    ("a<svg onload=alert(1)>b</svg>c", "ac"),
    ("a<svg><script>alert(1)</script></svg>c", "ac"),
    ("a<svg><foreignObject><b>x</b></foreignObject></svg>c", "ac"),
    ("a<svg><a xlink:href='javascript:alert(1)'>b</a></svg>c", "ac"),
    ("a<svg></p><style><a title='</style><b>x'>", "a"),
    ("<math><mtext><b>x</b></mtext></math>y", "y"),
    (
        "<math><annotation encoding='application/x-tex'>x<y</annotation></math>",
        "$x$",
    ),
    (
        "<math><mi href='javascript:alert(1)'>x</mi><annotation encoding='text/plain'>y</annotation></math>",
        "y",
    ),
    // Other documents and forms.
    ("a<iframe src=//evil.test></iframe>b", "ab"),
    ("a<iframe srcdoc='<script>alert(1)</script>'>", "a"),
    ("a<object data=//evil.test><embed src=x></object>b", "ab"),
    ("a<form action=//evil.test><input name=password></form>b", "ab"),
    ("a<button formaction='javascript:alert(1)'>b</button>", "ab"),
    ("a<meta http-equiv=refresh content='0;url=//evil.test'>b", "ab"),
    (
        "a<base href=//evil.test><link rel=stylesheet href=//evil.test>b",
        "ab",
    ),
    ("a<template><b>x</b></template>c", "ac"),
    ("a<video src=x onerror=alert(1)>b</video>c", "ac"),
    ("a<marquee onstart=alert(1)>b</marquee>", "ab"),
    // Comments, declarations, and markup that is cut off.
    ("a<!--><b>b</b>-->c", "a<b>b</b>--&gt;c"),
    ("a<!-- <script>alert(1)</script> -->b", "ab"),
    ("a<![CDATA[<b>x</b>]]>b", "ax]]&gt;b"),
    ("a<?php echo 1 ?>b", "ab"),
    ("<p>a<b", "<p>a</p>"),
    ("<p>a<a href='https://far.example", "<p>a</p>"),
    (
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
    ),
];

#[test]
fn fed_034_hostile_markup_has_its_safe_form_in_time() {
    check(in_time, &TABLE);
    // Nested ten thousand deep, and never closed.
    for (element, safe) in [
        ("<b>", "<p>x</p>"),
        ("<blockquote>", "<p>x</p>"),
        ("<ul><li>", "<p>x</p>"),
        ("<a href='https://far.example'>", ""),
        ("<div>", "x"),
        ("<svg>", ""),
        ("<table><tr><td>", "x"),
    ] {
        let clean = in_time(&format!("{}x", element.repeat(10_000)));
        let depth = clean.matches('<').count();
        if safe.is_empty() {
            assert!(depth < 50_000 && !clean.contains("<svg"), "{element}");
        } else {
            assert_eq!(clean, safe, "{element}");
        }
    }
}

/// [`sanitise`], within the budget: at one of three attempts, because the machine may be busy with something else.
fn in_time(html: &str) -> String {
    for _ in 0..3 {
        let start = Instant::now();
        let clean = sanitise(html);
        if start.elapsed() < BUDGET {
            return clean;
        }
    }
    panic!("{:?} takes too long", &html[..html.floor_char_boundary(40)]);
}

#[test]
fn fed_036_links_of_other_schemes_are_text_and_rel_is_forced() {
    for scheme in [
        "javascript",
        "data",
        "vbscript",
        "file",
        "blob",
        "ftp",
        "tel",
        "about",
        "view-source",
        "ws",
        "intent",
    ] {
        let html = format!("<a href=\"{scheme}:x\" rel=\"tag\">label</a>");
        assert_eq!(sanitise(&html), "label", "{scheme}");
    }
    for href in [
        "https://far.example/",
        "http://far.example/",
        "gemini://far.example/",
        "gopher://far.example/",
        "xmpp:room@far.example",
        "magnet:?xt=urn:btih:1",
        "ipfs://bafy/",
        "ipns://bafy/",
        "dat://x/",
        "dweb:/ipfs/x",
        "ssb://x",
    ] {
        for (rel, kept) in [
            ("", ""),
            ("opener", ""),
            ("noreferrer", ""),
            ("tag", "tag "),
            ("ME", "me "),
            ("me dofollow tag", "tag me "),
        ] {
            let html = format!("<a href=\"{href}\" rel=\"{rel}\" target=\"_parent\">label</a>");
            let safe = format!(
                "<a href=\"{href}\" rel=\"{kept}nofollow noopener noreferrer\" target=\"_blank\">label</a>"
            );
            assert_eq!(sanitise(&html), safe, "{html}");
        }
    }
}
