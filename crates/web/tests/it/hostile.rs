//! Security rules R048 and R050: hostile text in every field of every page stays text.

#![expect(non_snake_case, reason = "security tests carry the number of their rule")]

use askama::Template;
use pouet_web::locale::Locale;
use pouet_web::templates::{
    About, Applications, Collection, Consent, Landing, Profile, Search, Setup, SignIn, SignUpPage,
    StatusPage, Tag,
};
use pouet_web::view::{
    AccountCard, CollectionView, ConnectedApp, ConsentView, Cursor, FieldView, FormErrors, InstanceView,
    LinkView, MediaKind, Page, PollView, RuleView, SetupForm, SignUp, SignUpForm, StatusCard, TagLink, Turns,
};
use scraper::{Html, Selector};

use crate::sample;

const CORPUS: [&str; 14] = [
    "<script>alert(1)</script>",
    "\"><script>alert(1)</script>",
    "'><img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "\" onmouseover=\"alert(1)",
    "' onfocus='alert(1)' autofocus='",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "--><script>alert(1)</script><!--",
    "<a href=\"javascript:alert(1)\">x</a>",
    "{{ 7 * 7 }}<iframe src=//evil.test>",
    "<form action=//evil.test><input type=password>",
    "<b hx-get=\"/x\" data-hx-post=\"/y\">x</b>",
    "<style>*{display:none}</style><link rel=stylesheet href=//evil.test>",
];

/// Every page with `text` in each field that a stranger can choose.
fn pages(text: &str) -> Vec<String> {
    let rendered = reading_pages(text).into_iter().chain(form_pages(text));
    rendered.map(|page| page.expect("the page renders")).collect()
}

fn reading_pages(text: &str) -> Vec<askama::Result<String>> {
    let p = &hostile_page(text);
    let account = AccountCard::new(text, sample::DOMAIN, text, "/@x".into(), "/a.png".into());
    let status = hostile_status(text, &account);
    let statuses = &[status.clone()][..];
    let (cursor, focused) = (&Cursor::default(), false);
    let instance = &hostile_instance(text, &account);
    let mut profile = sample::profile();
    profile.account = account;
    profile.fields.push(FieldView {
        name: text.into(),
        ..profile.fields[0].clone()
    });
    let thread = StatusPage {
        p,
        main: &status,
        ancestors: statuses,
        replies: &[],
        reply_count: &0,
        numbers: None,
        object_uri: text,
        summary: text,
        picture: text,
        indexable: true,
        oembed: Some(text.to_owned()),
    };
    let collection = &CollectionView {
        name: text.to_owned(),
        description: text.to_owned(),
        owner: profile.account.clone(),
        tag: Some(TagLink {
            url: "/tags/x".to_owned(),
            name: text.to_owned(),
        }),
        members: vec![profile.account.clone()],
        ..sample::collection(false)
    };
    vec![
        Landing {
            p,
            instance,
            thumbnail: text,
            statuses,
            cursor,
            focused,
        }
        .render(),
        About { p, instance }.render(),
        Tag {
            p,
            name: text,
            address: text,
            statuses,
            cursor,
            focused,
        }
        .render(),
        Collection { p, collection }.render(),
        Search {
            p,
            query: text,
            people: std::slice::from_ref(&profile.account),
            tags: &[TagLink {
                url: "/tags/x".to_owned(),
                name: text.to_owned(),
            }],
            by_newest: "/search?q=x&sort=newest",
            by_relevance: "/search?q=x&sort=relevance",
            is_by_relevance: true,
            statuses,
            cursor,
            turns: &Turns::default(),
            focused,
        }
        .render(),
        Profile {
            p,
            profile: &profile,
            summary: text,
            statuses,
            cursor,
            focused,
        }
        .render(),
        thread.render(),
    ]
}

fn form_pages(text: &str) -> Vec<askama::Result<String>> {
    let p = &hostile_page(text);
    let (errors, app) = (&FormErrors::default(), text.to_owned());
    let rules = &[RuleView {
        text: text.into(),
        hint: text.into(),
    }][..];
    let sign_up = &SignUpForm {
        username: text.into(),
        email: text.into(),
        reason: text.into(),
        agreed: false,
    };
    let set_up = &SetupForm {
        username: text.into(),
        email: text.into(),
        title: text.into(),
    };
    vec![
        SignIn {
            p,
            login: text,
            return_to: text,
            app: Some(&app),
            errors,
        }
        .render(),
        SignUpPage {
            p,
            form: sign_up,
            rules,
            errors,
        }
        .render(),
        Setup {
            p,
            action: text,
            form: set_up,
            errors,
        }
        .render(),
        Consent {
            p,
            consent: &hostile_consent(text),
        }
        .render(),
        Applications {
            p,
            apps: &[hostile_app(text)],
        }
        .render(),
    ]
}

fn hostile_instance(text: &str, account: &AccountCard) -> InstanceView {
    InstanceView {
        description: text.into(),
        contact_email: text.into(),
        contact: Some(account.clone()),
        rules: vec![RuleView {
            text: text.into(),
            hint: text.into(),
        }],
        version: text.into(),
        ..sample::instance()
    }
}

fn hostile_page(text: &str) -> Page {
    let mut page = sample::page(Locale::En, true, SignUp::Approval, text);
    page.site.title = text.into();
    page.form_token = text.into();
    page
}

fn hostile_status(text: &str, account: &AccountCard) -> StatusCard {
    let mut media = sample::image(1, text);
    media.url = "/m.png".into();
    media.open = "/m.png".into();
    let mut film = sample::file(MediaKind::Video);
    film.description = text.into();
    let mut other = sample::file(MediaKind::Other);
    other.description = text.into();
    StatusCard {
        warning: text.into(),
        language: Some(text.into()),
        reply_to: Some(text.into()),
        media: vec![media, film, other],
        link: Some(LinkView {
            url: "https://there.test/".into(),
            target: Some(text.into()),
            title: text.into(),
            description: text.into(),
            site: text.into(),
            language: Some(text.into()),
            author_name: text.into(),
            author: None,
            picture: Some(("/m.png".into(), 4, 2)),
            picture_description: text.into(),
        }),
        poll: Some(PollView::new(vec![(text.into(), Some(1))], 1, None, false)),
        reblogged_by: Some(account.clone()),
        quote: Some(Box::new(StatusCard {
            warning: text.into(),
            language: Some(text.into()),
            ..sample::status(2, account.clone(), 6, "<p>clean</p>")
        })),
        ..sample::status(1, account.clone(), 5, "<p>clean</p>")
    }
}

fn hostile_consent(text: &str) -> ConsentView {
    ConsentView {
        app: text.into(),
        website: Some("https://app.test/".into()),
        destination: Some(text.into()),
        parameters: vec![("state", text.into())],
        ..sample::consent(false)
    }
}

fn hostile_app(text: &str) -> ConnectedApp {
    let mut app = sample::connected_apps().remove(0);
    app.name = text.into();
    app.scopes[0].scope = text.into();
    app
}

#[test]
fn sec_R048_hostile_text_stays_text_in_every_field() {
    // What a page of ours contains by itself, with harmless text in the same fields.
    let harmless: Vec<_> = pages("plain").iter().map(|html| outline(html)).collect();
    for text in CORPUS {
        for (page, html) in pages(text).iter().enumerate() {
            assert_eq!(
                outline(html),
                harmless[page],
                "page {page} changes its structure with {text}"
            );
        }
    }
}

/// The elements of a page and the names of their attributes, in document order.
fn outline(html: &str) -> Vec<String> {
    let everything = Selector::parse("*").expect("a valid selector");
    Html::parse_document(html)
        .select(&everything)
        .map(|element| {
            let mut names: Vec<_> = element.value().attrs().map(|(name, _)| name.to_owned()).collect();
            names.sort();
            format!("{} {}", element.value().name(), names.join(" "))
        })
        .collect()
}

#[test]
fn sec_R050_foreign_html_stands_inside_a_disabled_region() {
    let account = AccountCard::new("x", sample::DOMAIN, "x", "/@x".into(), "/a.png".into());
    let mut profile = sample::profile();
    profile.account = account;
    let p = &sample::page(Locale::En, false, SignUp::Closed, "/");
    let statuses = &sample::timeline()[..];
    let html = Profile {
        p,
        profile: &profile,
        summary: "",
        statuses,
        cursor: &Cursor::default(),
        focused: false,
    }
    .render()
    .expect("renders");
    let page = Html::parse_document(&html);
    for region in [".e-content", ".p-note", ".fields dd"] {
        let selector = Selector::parse(region).expect("valid");
        assert!(page.select(&selector).next().is_some(), "{region}");
        for element in page.select(&selector) {
            assert!(element.value().attr("hx-disable").is_some(), "{region}");
        }
    }
}
