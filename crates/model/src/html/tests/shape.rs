use super::{anchor, check, sanitise};

#[test]
fn allowed_elements_stay() {
    let all = "<p>a<br>b</p><p><span>c</span> <del>d</del> <s>e</s> <code>f</code> <b>g</b> <strong>h</strong> <u>i</u> \
               <i>j</i> <em>k</em></p><pre>l</pre><blockquote>m</blockquote><ul><li>n</li></ul>\
               <ol start=\"3\" reversed=\"\"><li value=\"2\">o</li></ol><ruby>p<rp>(</rp><rt>q</rt><rp>)</rp></ruby>";
    assert_eq!(sanitise(all), all);
}

#[test]
fn other_elements() {
    check(
        sanitise,
        &[
            ("plain text", "plain text"),
            ("", ""),
            ("<h1>Title</h1><p>x</p>", "<p><strong>Title</strong></p><p>x</p>"),
            (
                "<h6 class=\"x\">T <em>i</em></h6>x",
                "<p><strong>T <em>i</em></strong></p>x",
            ),
            ("<p>a<h2>b</h2>c", "<p>a</p><p><strong>b</strong></p>c"),
            ("<div>a</div><div>b</div>", "a<br>b"),
            ("<div><p>a</p></div><div><p>b</p></div>", "<p>a</p><p>b</p>"),
            ("<section>a<article>b</article></section>c", "a<br>b<br>c"),
            (
                "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>",
                "a b<br>c",
            ),
            ("<dl><dt>a</dt><dd>b</dd></dl>", "a<br>b"),
            ("a<hr>b", "a<br>b"),
            ("<font color=red>a</font><small>b</small>", "ab"),
            ("a<script>b</script>c<style>d</style>e", "ace"),
            ("a<form>b<input>c</form>d", "ad"),
            ("a<svg><text>b</text></svg>c<svg/>d", "acd"),
            ("a<iframe>b</iframe>c", "ac"),
            ("a<object>b<object>c</object>d</object>e", "ae"),
            ("a<embed>b", "ab"),
            ("a<!-- b -->c", "ac"),
            ("<sub>a</sub>", "a"),
            ("a<br/>b<br />c</br>d", "a<br>b<br>c<br>d"),
        ],
    );
}

#[test]
fn elements_are_closed_and_nested_as_a_browser_does() {
    check(
        sanitise,
        &[
            ("<p>a<p>b", "<p>a</p><p>b</p>"),
            ("<b>a", "<b>a</b>"),
            ("a</b>", "a"),
            ("</p>a", "a"),
            ("<b><i>a</b>b</i>", "<b><i>a</i></b>b"),
            ("<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>"),
            (
                "<ul><li>a<ul><li>b</ul><li>c</ul>",
                "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>",
            ),
            ("<p>a<ul><li>b</ul>c", "<p>a</p><ul><li>b</li></ul>c"),
            (
                "<a href=https://a.example>a<a href=https://b.example>b",
                concat!(
                    anchor!("https://a.example"),
                    "a</a>",
                    anchor!("https://b.example"),
                    "b</a>"
                ),
            ),
            ("<ruby>a<rt>b<rt>c</ruby>", "<ruby>a<rt>b</rt><rt>c</rt></ruby>"),
            ("<span>a<p>b</span>c</p>", "<span>a<p>bc</p></span>"),
            ("<pre>\n\na\nb</pre>", "<pre>a\nb</pre>"),
            ("a\r\nb", "a\nb"),
        ],
    );
}

#[test]
fn attributes() {
    check(
        sanitise,
        &[
            ("<p lang=fr>a</p>", "<p lang=\"fr\">a</p>"),
            ("<p lang='not a language'>a</p>", "<p>a</p>"),
            ("<span translate=no>a</span>", "<span translate=\"no\">a</span>"),
            ("<span translate=yes>a</span>", "<span>a</span>"),
            (
                "<ol start=x><li value=-2>a</ol>",
                "<ol><li value=\"-2\">a</li></ol>",
            ),
            ("<p title=a id=b>c</p>", "<p>c</p>"),
        ],
    );
}

#[test]
fn fed_035_classes() {
    check(
        sanitise,
        &[
            (
                "<p class='quote-inline'>RE</p>",
                "<p class=\"quote-inline\">RE</p>",
            ),
            (
                "<span class='h-card evil'>a</span>",
                "<span class=\"h-card\">a</span>",
            ),
            (
                "<span class='invisible'>a</span><span class='ellipsis'>b</span>",
                "<span class=\"invisible\">a</span><span class=\"ellipsis\">b</span>",
            ),
            (
                "<span class='p-name u-url dt-start e-content'>a</span>",
                "<span class=\"p-name u-url dt-start e-content\">a</span>",
            ),
            (
                "<span class='  mention \n hashtag '>a</span>",
                "<span class=\"mention hashtag\">a</span>",
            ),
            ("<span class='evil h- h-\" MENTION'>a</span>", "<span>a</span>"),
            ("<span class=''>a</span>", "<span>a</span>"),
            ("<em class='mention'>a</em>", "<em>a</em>"),
        ],
    );
}

#[test]
fn sec_R051_addresses_of_links() {
    check(
        sanitise,
        &[
            (
                "<a href='https://far.example/a?b=c&amp;d#e'>x</a>",
                concat!(anchor!("https://far.example/a?b=c&amp;d#e"), "x</a>"),
            ),
            (
                "<a href='HTTP://FAR.example'>x</a>",
                concat!(anchor!("HTTP://FAR.example"), "x</a>"),
            ),
            (
                "<a href=' https://far.example '>x</a>",
                concat!(anchor!("https://far.example"), "x</a>"),
            ),
            (
                "<a href='https://far.example/a\nb'>x</a>",
                concat!(anchor!("https://far.example/ab"), "x</a>"),
            ),
            (
                "<a href='https://far.example/é'>x</a>",
                concat!(anchor!("https://far.example/é"), "x</a>"),
            ),
            (
                "<a href='https://far.example/\u{202e}'>x</a>",
                concat!(anchor!("https://far.example/%E2%80%AE"), "x</a>"),
            ),
            (
                "<a href='https://a:b@evil.test/'>x</a>",
                concat!(anchor!("https://evil.test/"), "x</a>"),
            ),
            (
                "<a href='https:evil.test'>x</a>",
                concat!(anchor!("https://evil.test/"), "x</a>"),
            ),
            (
                "<a href='gemini://far.example/'>x</a>",
                concat!(anchor!("gemini://far.example/"), "x</a>"),
            ),
            (
                "<a href='xmpp:bob@far.example?join'>x</a>",
                concat!(anchor!("xmpp:bob@far.example?join"), "x</a>"),
            ),
            (
                "<a href='magnet:?xt=urn:btih:c12f'>x</a>",
                concat!(anchor!("magnet:?xt=urn:btih:c12f"), "x</a>"),
            ),
            ("<a href='javascript:alert(1)'>x</a>", "x"),
            ("<a href='java\tscript:alert(1)'>x</a>", "x"),
            ("<a href='data:text/html,x'>x</a>", "x"),
            ("<a href='vbscript:x'>x</a>", "x"),
            (
                "<a href='mailto:bob@far.example'>bob@far.example</a>",
                "bob@far.example",
            ),
            ("<a href='//evil.test'>x</a>", "x"),
            ("<a href='/settings'>x</a>", "x"),
            ("<a href='far.example'>x</a>", "x"),
            ("<a href='#x'>x</a>", "x"),
            ("<a>x</a>", "x"),
            (
                "<a href='https://[::1]/'>x</a>",
                concat!(anchor!("https://[::1]/"), "x</a>"),
            ),
            ("<a href='https://1.2.3.4.5/'>x</a>", "x"),
        ],
    );
    let long = format!("<a href='https://far.example/{}'>x</a>", "a".repeat(3000));
    assert_eq!(sanitise(&long), "x", "an address has at most 2048 bytes");
}

#[test]
fn rel_and_target_are_forced() {
    check(
        sanitise,
        &[
            (
                "<a href='https://far.example' rel='tag opener' target=_self class='mention hashtag evil'>x</a>",
                "<a href=\"https://far.example\" rel=\"tag nofollow noopener noreferrer\" target=\"_blank\" class=\"mention hashtag\">x</a>",
            ),
            (
                "<a rel=ME href='https://far.example' translate=no>x</a>",
                "<a href=\"https://far.example\" rel=\"me nofollow noopener noreferrer\" target=\"_blank\" translate=\"no\">x</a>",
            ),
        ],
    );
}

#[test]
fn images_become_links() {
    check(
        sanitise,
        &[
            (
                "<img src='https://far.example/a.png' alt='a cat'>",
                concat!(anchor!("https://far.example/a.png"), "a cat</a>"),
            ),
            (
                "<img src='https://far.example/a.png'>",
                concat!(
                    anchor!("https://far.example/a.png"),
                    "https://far.example/a.png</a>"
                ),
            ),
            ("<img src='data:image/png;base64,AA' alt='a cat'>", "a cat"),
            ("<img alt='a cat'>", "a cat"),
            ("<img>", ""),
            (
                "<a href='https://far.example/'><img src='https://far.example/a.png' alt='a cat'></a>",
                concat!(anchor!("https://far.example/"), "a cat</a>"),
            ),
            (
                "<p>a <img src='https://far.example/a.png' alt='&lt;b&gt;'> b</p>",
                concat!(
                    "<p>a ",
                    anchor!("https://far.example/a.png"),
                    "&lt;b&gt;</a> b</p>"
                ),
            ),
        ],
    );
}

#[test]
fn formulas_become_their_source() {
    check(
        sanitise,
        &[
            (
                "<p>a <math><semantics><mi>x</mi><annotation encoding='application/x-tex'>x^2</annotation></semantics></math> b</p>",
                "<p>a $x^2$ b</p>",
            ),
            (
                "<math display='block'><semantics><mi>x</mi><annotation encoding='application/x-tex'>a &lt; b</annotation></semantics></math>",
                "$$a &lt; b$$",
            ),
            (
                "<math><semantics><mi>x</mi><annotation encoding='text/plain'>x squared</annotation></semantics></math>",
                "x squared",
            ),
            ("a<math><mi>x</mi></math>b", "ab"),
            ("a<math/>b", "ab"),
        ],
    );
}

#[test]
fn sec_R052_a_link_that_looks_like_another_host_names_the_real_one() {
    check(
        sanitise,
        &[
            (
                "<a href='https://evil.test/'>bank.example</a>",
                concat!(anchor!("https://evil.test/"), "bank.example [evil.test]</a>"),
            ),
            (
                "<a href='https://evil.test/'>https://bank.example/login</a>",
                concat!(
                    anchor!("https://evil.test/"),
                    "https://bank.example/login [evil.test]</a>"
                ),
            ),
            (
                "<a href='https://evil.test/'>www.bank.example now</a>",
                concat!(
                    anchor!("https://evil.test/"),
                    "www.bank.example now [evil.test]</a>"
                ),
            ),
            (
                "<a href='https://evil.test/'>bank.ex\u{202e}ample</a>",
                concat!(anchor!("https://evil.test/"), "bank.example [evil.test]</a>"),
            ),
            (
                "<a href='https://evil.test/'>bank\u{200b}.example</a>",
                concat!(
                    anchor!("https://evil.test/"),
                    "bank\u{200b}.example [evil.test]</a>"
                ),
            ),
            (
                "<a href='https://evil.test/'>ｂａｎｋ.example</a>",
                concat!(anchor!("https://evil.test/"), "ｂａｎｋ.example [evil.test]</a>"),
            ),
            (
                "<a href='https://evil.test/'><b>bank</b>.example</a>",
                concat!(
                    anchor!("https://evil.test/"),
                    "<b>bank</b>.example [evil.test]</a>"
                ),
            ),
            (
                "<a href='https://evil.test/'><span class='invisible'>https://evil.test/</span>bank.example</a>",
                concat!(
                    anchor!("https://evil.test/"),
                    "<span class=\"invisible\">https://evil.test/</span>bank.example [evil.test]</a>"
                ),
            ),
            (
                "<a href='https://bank.example.evil.test/'>bank.example</a>",
                concat!(
                    anchor!("https://bank.example.evil.test/"),
                    "bank.example [bank.example.evil.test]</a>"
                ),
            ),
            (
                "<a href='https://bank.example@evil.test/'>bank.example</a>",
                concat!(anchor!("https://evil.test/"), "bank.example [evil.test]</a>"),
            ),
            (
                "<a href='https://xn--pple-43d.example/'>apple.example</a>",
                concat!(
                    anchor!("https://xn--pple-43d.example/"),
                    "apple.example [xn--pple-43d.example]</a>"
                ),
            ),
        ],
    );
}

#[test]
fn a_link_that_says_where_it_leads_is_left_alone() {
    check(
        sanitise,
        &[
            (
                "<a href='https://far.example/a'>far.example</a>",
                concat!(anchor!("https://far.example/a"), "far.example</a>"),
            ),
            (
                "<a href='https://www.far.example/a'>far.example/a</a>",
                concat!(anchor!("https://www.far.example/a"), "far.example/a</a>"),
            ),
            (
                "<a href='https://far.example/a'>HTTPS://Far.Example/A</a>",
                concat!(anchor!("https://far.example/a"), "HTTPS://Far.Example/A</a>"),
            ),
            (
                "<a href='https://xn--mnchen-3ya.example/'>münchen.example</a>",
                concat!(anchor!("https://xn--mnchen-3ya.example/"), "münchen.example</a>"),
            ),
            (
                "<a href='https://far.example/@bob'>@bob@other.example</a>",
                concat!(anchor!("https://far.example/@bob"), "@bob@other.example</a>"),
            ),
            (
                "<a href='https://far.example/'>click here</a>",
                concat!(anchor!("https://far.example/"), "click here</a>"),
            ),
            (
                "<a href='https://far.example/'>index.html</a>",
                concat!(anchor!("https://far.example/"), "index.html</a>"),
            ),
            (
                "<a href='https://far.example/'>version 1.2</a>",
                concat!(anchor!("https://far.example/"), "version 1.2</a>"),
            ),
            (
                "<a href='https://a-very-long-name-of-a-host.far.example/x'><span class='invisible'>https://</span>\
                 <span class='ellipsis'>a-very-long-name-of-a-host.far</span><span class='invisible'>.example/x</span></a>",
                concat!(
                    anchor!("https://a-very-long-name-of-a-host.far.example/x"),
                    "<span class=\"invisible\">https://</span><span class=\"ellipsis\">a-very-long-name-of-a-host.far</span>\
                     <span class=\"invisible\">.example/x</span></a>"
                ),
            ),
        ],
    );
}

/// What Mastodon sends is kept as it is, but for the forced `rel` and `target`.
#[test]
fn a_status_of_a_peer() {
    check(
        sanitise,
        &[(
            "<p><span class=\"h-card\" translate=\"no\"><a href=\"https://far.example/@bob\" class=\"u-url mention\">@<span>bob</span></a></span> \
             <a href=\"https://far.example/tags/cats\" class=\"mention hashtag\" rel=\"tag\">#<span>cats</span></a><br />\
             <a href=\"https://news.example/a\" target=\"_blank\" rel=\"nofollow noopener\" translate=\"no\">\
             <span class=\"invisible\">https://</span><span class=\"\">news.example/a</span><span class=\"invisible\"></span></a></p>",
            "<p><span class=\"h-card\" translate=\"no\"><a href=\"https://far.example/@bob\" rel=\"nofollow noopener noreferrer\" \
             target=\"_blank\" class=\"u-url mention\">@<span>bob</span></a></span> \
             <a href=\"https://far.example/tags/cats\" rel=\"tag nofollow noopener noreferrer\" target=\"_blank\" \
             class=\"mention hashtag\">#<span>cats</span></a><br>\
             <a href=\"https://news.example/a\" rel=\"nofollow noopener noreferrer\" target=\"_blank\" translate=\"no\">\
             <span class=\"invisible\">https://</span><span>news.example/a</span><span class=\"invisible\"></span></a></p>",
        )],
    );
}
