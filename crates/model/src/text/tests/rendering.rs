use super::*;

fn resolve(mention: &MentionRef) -> Option<MentionTarget> {
    let url = match mention.domain.as_deref() {
        None if mention.username.eq_ignore_ascii_case("alice") => "https://pouet.example/@alice".to_owned(),
        Some("far.example") => format!("https://far.example/@{}", mention.username),
        _ => return None,
    };
    Some(MentionTarget {
        url,
        acct_username: mention.username.clone(),
    })
}

fn tag_url(name: &str) -> String {
    format!("https://pouet.example/tags/{name}")
}

pub(super) fn html(text: &str) -> String {
    render(text, &parse(text), resolve, tag_url)
}

#[test]
fn paragraphs_and_breaks() {
    let table = [
        ("", ""),
        (" \n\t\n", ""),
        ("a", "<p>a</p>"),
        ("a\nb", "<p>a<br />b</p>"),
        ("a\r\nb", "<p>a<br />b</p>"),
        ("a\rb", "<p>a<br />b</p>"),
        ("a\n\nb", "<p>a</p><p>b</p>"),
        ("a\r\n\r\nb", "<p>a</p><p>b</p>"),
        ("a\r\rb", "<p>a</p><p>b</p>"),
        ("a\n\n\n\nb", "<p>a</p><p>b</p>"),
        ("\n\na\n\n", "<p>a</p>"),
        ("a\n b", "<p>a<br /> b</p>"),
        ("a\nb\n\nc\nd", "<p>a<br />b</p><p>c<br />d</p>"),
        ("a\r", "<p>a</p>"),
    ];
    for (text, expected) in table {
        assert_eq!(html(text), expected, "{text:?}");
    }
}

#[test]
fn mentions_hashtags_and_links() {
    let table = [
        (
            "@alice hi",
            "<p><span class=\"h-card\" translate=\"no\"><a href=\"https://pouet.example/@alice\" class=\"u-url mention\">\
             @<span>alice</span></a></span> hi</p>",
        ),
        (
            "hi @bob@far.example!",
            "<p>hi <span class=\"h-card\" translate=\"no\"><a href=\"https://far.example/@bob\" class=\"u-url mention\">\
             @<span>bob</span></a></span>!</p>",
        ),
        ("@nobody @x@gone.example", "<p>@nobody @x@gone.example</p>"),
        (
            "#Été",
            "<p><a href=\"https://pouet.example/tags/ete\" class=\"mention hashtag\" rel=\"tag\">#<span>Été</span></a></p>",
        ),
        (
            "＃Cat",
            "<p><a href=\"https://pouet.example/tags/cat\" class=\"mention hashtag\" rel=\"tag\">#<span>Cat</span></a></p>",
        ),
        (
            "https://far.example/a",
            "<p><a href=\"https://far.example/a\" target=\"_blank\" rel=\"nofollow noopener\" translate=\"no\">\
             <span class=\"invisible\">https://</span><span class=\"\">far.example/a</span>\
             <span class=\"invisible\"></span></a></p>",
        ),
        (
            "HTTP://www.far.example/0123456789012345678901234567890?a=1&b=2",
            "<p><a href=\"http://www.far.example/0123456789012345678901234567890?a=1&amp;b=2\" target=\"_blank\" \
             rel=\"nofollow noopener\" translate=\"no\"><span class=\"invisible\">http://www.</span>\
             <span class=\"ellipsis\">far.example/012345678901234567</span>\
             <span class=\"invisible\">8901234567890?a=1&amp;b=2</span></a></p>",
        ),
        (":blobcat:", "<p>:blobcat:</p>"),
        (
            "a\n#b\nc",
            "<p>a<br /><a href=\"https://pouet.example/tags/b\" class=\"mention hashtag\" rel=\"tag\">#<span>b</span></a><br />c</p>",
        ),
        (
            "a\n\n#b",
            "<p>a</p><p><a href=\"https://pouet.example/tags/b\" class=\"mention hashtag\" rel=\"tag\">#<span>b</span></a></p>",
        ),
    ];
    for (text, expected) in table {
        assert_eq!(html(text), expected, "{text:?}");
    }
}

#[test]
fn sec_R048_a_local_text_is_text() {
    let table = [
        (
            "<script>alert('x')</script>",
            "<p>&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;</p>",
        ),
        (
            "<img src=\"x\" onerror=\"y\">",
            "<p>&lt;img src=&quot;x&quot; onerror=&quot;y&quot;&gt;</p>",
        ),
        ("a & b &amp; c", "<p>a &amp; b &amp;amp; c</p>"),
        ("a\u{0}b\u{7}c\u{1b}[31m\u{85}", "<p>abc[31m</p>"),
        ("1 < 2 > 0", "<p>1 &lt; 2 &gt; 0</p>"),
    ];
    for (text, expected) in table {
        assert_eq!(html(text), expected, "{text:?}");
    }
    let hostile = MentionTarget {
        url: "\"><script>".into(),
        acct_username: "<b>".into(),
    };
    let rendered = render(
        "@a #b",
        &parse("@a #b"),
        |_| Some(hostile.clone()),
        |_| "'\"><i>".into(),
    );
    assert!(
        !rendered.contains("<script>") && !rendered.contains("<b>") && !rendered.contains("<i>"),
        "{rendered}"
    );
}

#[test]
fn sec_R034_a_link_to_a_look_alike_host_shows_it() {
    let rendered = html("https://аpple.example/login");
    assert!(
        rendered.contains("href=\"https://xn--pple-43d.example/login\""),
        "{rendered}"
    );
    assert!(rendered.contains(">xn--pple-43d.example/login<"), "{rendered}");
    let rendered = html("https://münchen.example/");
    assert!(rendered.contains(">münchen.example/<"), "{rendered}");
}

#[test]
fn bios_and_fields_claim_their_links() {
    let text = "one https://far.example\ntwo #cat";
    let bio = render_as(Rendering::BIO, text, &parse(text), resolve, tag_url);
    assert!(
        bio.starts_with(
            "<p>one <a href=\"https://far.example\" target=\"_blank\" rel=\"me nofollow noopener\""
        ),
        "{bio}"
    );
    assert!(bio.contains("<br />two <a") && bio.ends_with("</p>"), "{bio}");
    let field = render_as(Rendering::FIELD, text, &parse(text), resolve, tag_url);
    assert!(
        field.starts_with("one <a") && field.contains("</a> two <a") && !field.contains("<p>"),
        "{field}"
    );
}
