use std::time::{Duration, Instant};

use super::{MAX_INPUT_BYTES, MAX_OUTPUT_BYTES, sanitise, to_plain_text};

#[test]
fn nesting_beyond_a_hundred_becomes_plain_text() {
    let deep = |depth: usize| format!("{}x{}", "<b>".repeat(depth), "</b>".repeat(depth));
    assert_eq!(sanitise(&deep(100)), deep(100));
    assert_eq!(sanitise(&deep(101)), "<p>x</p>");
    assert_eq!(sanitise(&deep(10_000)), "<p>x</p>");
    assert!(!sanitise(&"<blockquote>a".repeat(10_000)).contains("blockquote"));
    assert_eq!(
        sanitise(&format!("{}x", "<div>".repeat(10_000))),
        "x",
        "what is dropped does not nest"
    );
    assert_eq!(
        sanitise(&format!("{}&lt;x", "<i>".repeat(200))),
        "<p>&amp;lt;x</p>",
        "the text is not decoded into markup"
    );
}

#[test]
fn long_documents_are_cut() {
    let documents = [
        "<p>a</p>".repeat(20_000),
        "&".repeat(40_000),
        "é".repeat(90_000),
        "<a href=\"https://far.example/&&&&&&&&&&&&&&&&&&&\">bank.example</a>".repeat(1_000),
        format!("<p>{}", "<b>".repeat(90) + &"x".repeat(MAX_OUTPUT_BYTES)),
        format!("{}{}", "<i>".repeat(101), "&amp;<>".repeat(60_000)),
        "<br>".repeat(40_000),
        "a<hr>".repeat(40_000),
    ];
    for html in documents {
        let start = &html[..html.floor_char_boundary(20)];
        let clean = sanitise(&html);
        assert!(
            clean.len() <= MAX_OUTPUT_BYTES,
            "{start:?} gives {} bytes",
            clean.len()
        );
        assert!(
            sanitise(&clean) == clean,
            "{start:?} changes when it is cut again"
        );
    }
    let just_fits = "a".repeat(MAX_OUTPUT_BYTES);
    assert_eq!(sanitise(&just_fits).len(), MAX_OUTPUT_BYTES);
}

/// The bound is far above what these take; a parser that they exhaust takes minutes and gigabytes.
#[test]
fn sec_R054_hostile_markup_takes_bounded_time() {
    let bytes = MAX_INPUT_BYTES;
    let attributes: Vec<String> = (0..bytes / 7).map(|n| format!("a{n}")).collect();
    let formatting: Vec<String> = (0..2_000)
        .map(|n| format!("<font size={n}><b class=h-{n}>"))
        .collect();
    let mut documents = vec![
        format!("<p {}>x", attributes.join(" ")),
        format!("<p {}", attributes.join("='>' ")),
        format!("{}{}", formatting.concat(), "<p>x".repeat(bytes / 4)),
        format!("<a href='{}'>x</a>", "https://far.example/".repeat(bytes / 20)),
        format!("<!--{}", "-".repeat(bytes)),
    ];
    let units = [
        "<",
        "</",
        "<b>",
        "</b>",
        "<p>",
        "<b><p>",
        "<a href=https://a.b>",
        "<table>",
        "<table><tr><td>",
        "<svg>",
        "<math>",
        "<math><mi>",
        "<select>",
        "<template>",
        "<script>",
        "<style>",
        "<li>",
        "<ul><li>",
        "<rt>",
        "<ruby><rt>",
        "<!--",
        "<![CDATA[",
        "&",
        "&#",
        "&amp",
        "&ngE",
        "<img alt=x src=https://a.b>",
        "<h1>",
        "<pre>\n",
        "\n",
        "<span class='h-a h-b'>x</span>",
        "<b></i>",
        "<b><i></b>",
        "<form>",
        "</form><form>",
        "<div>x",
        "<td>x",
        "<p title='",
        "<p title=\"'",
        "=",
        "'",
        "\u{0}",
        "\u{202e}",
        "<br>",
    ];
    documents.extend(units.iter().map(|unit| unit.repeat(50_000 / unit.len())));
    for html in documents {
        let start = Instant::now();
        let clean = sanitise(&html);
        to_plain_text(&html);
        let taken = start.elapsed();
        let head = &html[..html.floor_char_boundary(40)];
        assert!(taken < Duration::from_secs(20), "{head:?} took {taken:?}");
        assert!(
            clean.len() <= MAX_OUTPUT_BYTES,
            "{head:?} gives {} bytes",
            clean.len()
        );
    }
}
