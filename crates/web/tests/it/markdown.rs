//! Nobody writes markup here (rule R055): posts, profiles, rules and announcements are plain text, and no text becomes
//! a stylesheet.

#![expect(non_snake_case, reason = "rule numbers keep their upper-case R")]

use pouet_model::status::Visibility;
use pouet_service::announcements::{self, AnnouncementChange};
use pouet_service::instance_info::{self, InfoChange};
use pouet_service::profile::{self, ProfileChange};
use pouet_service::settings::RegistrationMode;
use scraper::{Html, Selector};

use crate::world::{Browser, Reply, World};

/// What Markdown passes through or turns into elements: the kinds of raw HTML of CommonMark (sections "HTML blocks" and
/// "Raw HTML"), and its own signs.
///
/// Source: <https://spec.commonmark.org/0.31.2/#raw-html>
const MARKUP: [&str; 34] = [
    "<table><tr><td>cell</td></tr></table>",
    "<div class=\"notice\">boxed</div>",
    "<DIV CLASS=\"foo\"> loud </DIV>",
    "</div> closed",
    "<a><bab><c2c>",
    "<a/><b2/>",
    "<a  /><b2 data=\"foo\" >",
    "<a foo=\"bar\" bam = 'baz <em>\"</em>' _boolean zoop:33=zoop:33 />",
    "Foo <responsive-image src=\"foo.jpg\" />",
    "<a href=\"javascript:alert(1)\">link</a>",
    "</a></foo >",
    "foo <!-- this is a comment --> bar",
    "foo <!--> foo -->",
    "foo <?php echo $a; ?>",
    "foo <!ELEMENT br EMPTY>",
    "foo <![CDATA[>&<]]>",
    "<script type=\"text/javascript\">alert(1)</script>",
    "<pre language=\"haskell\"><code>main</code></pre>",
    "<textarea>*foo*</textarea>",
    "<style type=\"text/css\">@import url(x); h1 {color:red;}</style>",
    "<del>*foo*</del>",
    "<iframe src=\"x\"></iframe>",
    "<title>x</title><noembed>x</noembed>",
    "<img src=x onerror=alert(1)>",
    "![picture](x.png \"title\")",
    "[link](javascript:alert(1))",
    "[link](data:text/html;base64,PHNjcmlwdD4=)",
    "[reference][1] and [1]: javascript:alert(1)",
    "note[^1] and [^1]: its text",
    "**bold** _it_ `code` ~~gone~~",
    "> quoted and - a list and 1. another",
    "| a | b | and --- and | 1 | 2 |",
    "&lt;script&gt;alert(1)&lt;/script&gt; &copy; &#35;",
    "$$\\href{javascript:alert(1)}{x}$$",
];

/// Elements that plain text with links may have.
const ELEMENTS: [&str; 4] = ["p", "br", "a", "span"];

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}

/// The names of all elements in what `selector` finds, and its text without spaces.
fn within(page: &Html, selector: &str) -> (Vec<String>, String) {
    let selector = Selector::parse(selector).expect("a selector");
    let (mut names, mut text) = (Vec::new(), String::new());
    for region in page.select(&selector) {
        let everything = Selector::parse("*").expect("a selector");
        names.extend(
            region
                .select(&everything)
                .map(|element| element.value().name().to_owned()),
        );
        text.push_str(&squeezed(&region.text().collect::<String>()));
        text.push('\n');
    }
    (names, text)
}

fn assert_plain(page: &Html, selector: &str, markup: &str) {
    let (names, text) = within(page, selector);
    for name in names {
        assert!(
            ELEMENTS.contains(&name.as_str()),
            "{name} in {selector} from {markup}"
        );
    }
    assert!(
        text.contains(&squeezed(markup)),
        "{selector}: {markup} became {text}"
    );
}

/// Elements of a page that our templates never have, or have from our own files only.
fn assert_ours(reply: &Reply, path: &str) {
    let foreign = [
        "style",
        "iframe",
        "object",
        "embed",
        "base",
        "[style]",
        "[onerror]",
        "script:not([src^='/'])",
        "link[rel=stylesheet]:not([href^='/assets/'])",
    ];
    for selector in foreign {
        assert_eq!(reply.count(selector), 0, "{selector} on {path}");
    }
}

#[actix_web::test]
async fn sec_R055_markup_is_text_wherever_people_write() {
    let world = World::new(RegistrationMode::Closed);
    let (ada, _) = world.user("ada").await;
    let site = world.site().await;
    let browser = Browser::new(&site);
    for markup in MARKUP {
        let id = world.post(&ada, markup, Visibility::Public).await;
        let change = ProfileChange {
            note: Some(markup.to_owned()),
            fields: Some(vec![("what".to_owned(), markup.to_owned())]),
            ..ProfileChange::default()
        };
        profile::update(&world.instance, &ada, change)
            .await
            .expect("a profile");
        let info = InfoChange {
            description: Some(markup.to_owned()),
            rules: Some(vec![markup.to_owned()]),
            ..InfoChange::default()
        };
        instance_info::update(&world.instance, info)
            .await
            .expect("a description");
        let announced = AnnouncementChange {
            text: Some(markup.to_owned()),
            published: Some(true),
            ..AnnouncementChange::default()
        };
        let announced = announcements::create(&world.instance, announced)
            .await
            .expect("an announcement");
        let region = Html::parse_fragment(&format!("<main>{}</main>", announced.content));
        assert_plain(&region, "main", markup);

        let path = format!("/@ada/{id}");
        let reply = browser.get(&path).await;
        assert_plain(&Html::parse_document(&reply.body), ".e-content", markup);
        assert_ours(&reply, &path);
        let reply = browser.get("/@ada").await;
        let page = Html::parse_document(&reply.body);
        assert_plain(&page, ".p-note", markup);
        assert_plain(&page, ".fields dd", markup);
        assert_ours(&reply, "/@ada");
        let reply = browser.get("/about").await;
        let page = Html::parse_document(&reply.body);
        assert_plain(&page, ".lede", markup);
        assert_plain(&page, ".rules li p", markup);
        assert_ours(&reply, "/about");
    }
}
