use super::{URL_CHARS, character_count};

#[test]
fn what_counts_for_how_much() {
    let table = [
        ("", 0),
        ("hello", 5),
        ("héllo", 5),
        ("he\u{301}llo", 5),
        ("猫", 1),
        ("👩‍👩‍👧‍👦", 1),
        ("🇫🇷🇩🇪", 2),
        ("👍🏽", 1),
        ("நி", 1),
        ("각", 1),
        ("a\nb", 3),
        ("a\r\nb", 3),
        (":blobcat:", 9),
        ("#cat", 4),
        ("@alice", 6),
        ("@bob@far.example", 4),
        ("@bob@far.example @alice", 11),
        ("@bob@localhost:8082", 4),
        ("bob@far.example", 15),
        ("https://far.example", URL_CHARS),
        (
            "https://far.example/a/very/long/path/that/goes/on/and/on",
            URL_CHARS,
        ),
        ("see https://far.example.", URL_CHARS + 5),
        ("https://a.example https://b.example", 2 * URL_CHARS + 1),
        ("http://far", 10),
    ];
    for (text, count) in table {
        assert_eq!(character_count(text, ""), count, "{text:?}");
    }
}

#[test]
fn the_content_warning_counts_as_it_is() {
    assert_eq!(character_count("hello", "food"), 9);
    assert_eq!(character_count("", "👩‍👩‍👧‍👦"), 1);
    assert_eq!(character_count("", "https://far.example"), 19);
    assert_eq!(character_count("", "@bob@far.example"), 16);
}
