use super::{check, to_plain_text};

#[test]
fn from_html_to_text() {
    check(
        to_plain_text,
        &[
            ("", ""),
            ("plain", "plain"),
            ("<p>a</p><p>b</p>", "a\n\nb"),
            ("<p>a<br>b<br />c</p>", "a\nb\nc"),
            ("a<br><br><br>b", "a\n\nb"),
            ("<p>a</p>\n<p>b</p>", "a\n\nb"),
            ("<h1>a</h1>b", "a\n\nb"),
            ("<ul><li>a</li><li>b</li></ul>c", "a\nb\n\nc"),
            ("<div>a</div><div>b</div>", "a\nb"),
            ("<td>a</td><td>b</td>", "a b"),
            ("  a \n\t b  ", "a b"),
            ("<pre>a\n  b</pre>", "a\n  b"),
            ("a &amp; b &lt;c&gt; &#39;d&#39; &eacute;", "a & b <c> 'd' é"),
            ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
            ("I <3 you & me", "I <3 you & me"),
            ("a<script>b</script><style>c</style>d", "ad"),
            ("<img src=x alt='a cat'>", "a cat"),
            (
                "<span class='invisible'>https://</span><span>far.example</span>",
                "https://far.example",
            ),
            ("<p>@<span>bob</span> #<span>cat</span></p>", "@bob #cat"),
            ("<b>a</b><i>b</i>", "ab"),
            ("a\u{0}b\u{8}c", "abc"),
            ("<p>unclosed", "unclosed"),
            ("<p></p><p></p>a<p></p>", "a"),
        ],
    );
}

proptest::proptest! {
    #[test]
    fn no_input_panics(html in proptest::prelude::any::<String>()) {
        to_plain_text(&html);
    }

    #[test]
    fn escaped_text_comes_back(text in "[a-z<>&\"'é猫]{0,30}") {
        proptest::prop_assert_eq!(to_plain_text(&super::escape(&text)), text);
    }
}
