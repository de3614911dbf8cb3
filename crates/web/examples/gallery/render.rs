//! Each page by name.

use askama::Template;
use pouet_web::assets::{DEFAULT_AVATAR, DEFAULT_THUMBNAIL};
use pouet_web::locale::Locale;
use pouet_web::templates::{
    About, AnalyticsPage, Applications, Collection, Consent, Directory, ErrorPage, Explore, Home, Landing,
    Local, Message, NativeCode, Profile, SUGGESTED_APPS, Search, Setup, SignIn, SignUpPage, StatusPage, Tag,
};
use pouet_web::view::{Cursor, FormErrors, Page, SetupForm, SignUp, SignUpForm, SpanLink, Turns};

use crate::sample;

/// The pages of the gallery.
pub(crate) const NAMES: [&str; 33] = [
    "landing",
    "landing-empty",
    "home",
    "local",
    "tag",
    "explore",
    "explore-among",
    "explore-empty",
    "directory",
    "directory-empty",
    "search",
    "collection",
    "collection-sensitive",
    "profile",
    "profile-bare",
    "status",
    "status-alone",
    "status-own",
    "analytics",
    "analytics-empty",
    "about",
    "sign-in",
    "sign-in-wrong",
    "sign-up",
    "sign-up-closed",
    "setup",
    "consent",
    "consent-admin",
    "code",
    "apps",
    "apps-none",
    "message",
    "error",
];

/// Renders the page `name`; `None` for a name that is not in `NAMES`.
pub(crate) fn render(name: &str, locale: Locale) -> Option<askama::Result<String>> {
    timeline_page(name, locale)
        .or_else(|| form_page(name, locale))
        .or_else(|| app_page(name, locale))
}

fn timeline_page(name: &str, locale: Locale) -> Option<askama::Result<String>> {
    let p = &sample::page(locale, false, SignUp::Approval, "/?x=1&y");
    let (statuses, focused) = (&sample::timeline()[..], false);
    let cursor = &Cursor {
        older: Some("?max_id=5".to_owned()),
        newest: Some("?".to_owned()),
    };
    Some(match name {
        "landing" | "landing-empty" | "about" => return instance_page(name, p),
        "profile" | "profile-bare" => return profile_page(name, p),
        "explore" | "explore-among" | "explore-empty" => return Some(explore_page(name, p)),
        "directory" | "directory-empty" => return Some(directory_page(name, p.locale)),
        "status" | "status-alone" | "status-own" => return Some(status_page(name, p)),
        "analytics" | "analytics-empty" => return Some(analytics_page(name, p)),
        "home" => {
            let p = &sample::page(locale, true, SignUp::Open, "/");
            Home {
                p,
                apps: &SUGGESTED_APPS,
                analytics: true,
                alerts: 0,
                statuses,
                cursor,
                focused,
            }
            .render()
        }
        "local" => Local {
            p,
            statuses,
            cursor,
            focused,
        }
        .render(),
        "tag" => Tag {
            p,
            name: "matin",
            address: "https://quai.example/tags/matin",
            statuses: &statuses[..1],
            cursor: &Cursor::default(),
            focused,
        }
        .render(),
        "search" => {
            let p = &sample::page(locale, true, SignUp::Open, "/search?q=matin");
            Search {
                p,
                query: "matin",
                people: &[],
                tags: &[],
                by_newest: "/search?q=matin&sort=newest",
                by_relevance: "/search?q=matin&sort=relevance",
                is_by_relevance: false,
                statuses,
                cursor,
                turns: &Turns::default(),
                focused,
            }
            .render()
        }
        "collection" | "collection-sensitive" => {
            let collection = &sample::collection(name == "collection-sensitive");
            Collection { p, collection }.render()
        }
        _ => return None,
    })
}

fn explore_page(name: &str, p: &Page) -> askama::Result<String> {
    let among = name == "explore-among";
    let p = &sample::page(p.locale, among, SignUp::Open, "/explore");
    let (mut tags, mut statuses, mut links) = (Vec::new(), Vec::new(), Vec::new());
    if name != "explore-empty" {
        tags = sample::trending_tags(p, among);
        statuses = sample::trending_statuses(p, among);
        links = sample::trending_links(p, among);
    }
    Explore {
        p,
        among,
        tags: &tags,
        statuses: &statuses,
        links: &links,
        focused: false,
    }
    .render()
}

fn directory_page(name: &str, locale: Locale) -> askama::Result<String> {
    let p = &sample::page(locale, false, SignUp::Open, "/directory");
    let people = [sample::ada(), sample::noe(), sample::ines()];
    let is_empty = name == "directory-empty";
    Directory {
        p,
        newest: is_empty,
        people: if is_empty { &people[..0] } else { &people },
        first: None,
        next: (!is_empty).then_some("/directory?page=2"),
    }
    .render()
}

fn instance_page(name: &str, p: &Page) -> Option<askama::Result<String>> {
    let (statuses, instance) = (&sample::timeline()[..], &sample::instance());
    let (thumbnail, focused) = (DEFAULT_THUMBNAIL, false);
    Some(match name {
        "landing" => {
            let cursor = &Cursor {
                older: Some("/public/local?max_id=5".to_owned()),
                newest: None,
            };
            Landing {
                p,
                instance,
                thumbnail,
                statuses,
                cursor,
                focused,
            }
            .render()
        }
        "landing-empty" => {
            let p = &sample::page(p.locale, false, SignUp::Closed, "/");
            let mut instance = instance.clone();
            instance.description.clear();
            instance.rules.clear();
            instance.contact = None;
            Landing {
                p,
                instance: &instance,
                thumbnail,
                statuses: &[],
                cursor: &Cursor::default(),
                focused,
            }
            .render()
        }
        "about" => About { p, instance }.render(),
        _ => return None,
    })
}

fn profile_page(name: &str, p: &Page) -> Option<askama::Result<String>> {
    let focused = false;
    Some(match name {
        "profile" => {
            let mut statuses = vec![sample::pinned()];
            statuses.extend(sample::timeline().into_iter().filter(|s| s.account.acct == "ada"));
            let cursor = &Cursor {
                older: Some("?max_id=5".to_owned()),
                newest: None,
            };
            let (profile, summary) = (&sample::profile(), "Mécanicienne vélo");
            Profile {
                p,
                profile,
                summary,
                statuses: &statuses,
                cursor,
                focused,
            }
            .render()
        }
        "profile-bare" => {
            let (profile, cursor) = (&sample::bare_profile(), &Cursor::default());
            Profile {
                p,
                profile,
                summary: "",
                statuses: &[],
                cursor,
                focused,
            }
            .render()
        }
        _ => return None,
    })
}

fn status_page(name: &str, p: &Page) -> askama::Result<String> {
    let is_own = name == "status-own";
    let p = &sample::page(p.locale, is_own, SignUp::Approval, "/@ada/11");
    let numbers = is_own.then(|| sample::status_numbers(p));
    let (ancestors, main, replies) = match name {
        "status" | "status-own" => sample::thread(),
        _ => (Vec::new(), sample::timeline().remove(1), Vec::new()),
    };
    StatusPage {
        p,
        main: &main,
        ancestors: &ancestors,
        replies: &replies,
        reply_count: &(replies.len() as i64),
        numbers: numbers.as_ref(),
        object_uri: "https://quai.example/ap/users/1/posts/11",
        summary: "Premier café",
        picture: DEFAULT_AVATAR,
        indexable: true,
        oembed: Some("https://quai.example/api/oembed?url=x".to_owned()),
    }
    .render()
}

fn analytics_page(name: &str, p: &Page) -> askama::Result<String> {
    let p = &sample::page(p.locale, true, SignUp::Open, "/settings/analytics");
    let spans = [7, 28, 90].map(|days| SpanLink {
        url: format!("/settings/analytics?days={days}"),
        days,
        current: days == 28,
    });
    let is_empty = name == "analytics-empty";
    AnalyticsPage {
        p,
        spans: &spans,
        file: "/settings/analytics.csv?days=28",
        numbers: &sample::account_numbers(p, is_empty),
        counts_links: !is_empty,
        saved: !is_empty,
    }
    .render()
}

fn form_page(name: &str, locale: Locale) -> Option<askama::Result<String>> {
    let p = &sample::page(locale, false, SignUp::Approval, "/auth/sign_in");
    let (none, rules) = (&FormErrors::default(), &sample::instance().rules[..]);
    let app = "Tusky".to_owned();
    Some(match name {
        "sign-in" => SignIn {
            p,
            login: "",
            return_to: "/",
            app: Some(&app),
            errors: none,
        }
        .render(),
        "sign-in-wrong" => SignIn {
            p,
            login: "ada",
            return_to: "/",
            app: None,
            errors: &FormErrors::one("", "wrong-login"),
        }
        .render(),
        "sign-up" => {
            let form = &SignUpForm {
                username: "ada".into(),
                email: "ada@example.org".into(),
                ..SignUpForm::default()
            };
            SignUpPage {
                p,
                form,
                rules,
                errors: &FormErrors::one("username", "wrong-username-taken"),
            }
            .render()
        }
        "sign-up-closed" => {
            let p = &sample::page(locale, false, SignUp::Closed, "/auth/sign_up");
            SignUpPage {
                p,
                form: &SignUpForm::default(),
                rules,
                errors: none,
            }
            .render()
        }
        "setup" => Setup {
            p: &sample::page(locale, false, SignUp::Closed, "/setup/x"),
            action: "/setup/x",
            form: &SetupForm::default(),
            errors: none,
        }
        .render(),
        _ => return None,
    })
}

fn app_page(name: &str, locale: Locale) -> Option<askama::Result<String>> {
    let p = &sample::page(locale, true, SignUp::Open, "/oauth/authorize?client_id=x&state=y");
    Some(match name {
        "consent" => Consent {
            p,
            consent: &sample::consent(false),
        }
        .render(),
        "consent-admin" => Consent {
            p,
            consent: &sample::consent(true),
        }
        .render(),
        "code" => NativeCode {
            p,
            code: "pOkbOEEDhjY9GCs0a2vYWnJpIc5rPpBxn3xXcqq0dTk",
        }
        .render(),
        "apps" => Applications {
            p,
            apps: &sample::connected_apps(),
        }
        .render(),
        "apps-none" => Applications { p, apps: &[] }.render(),
        "message" => Message {
            p,
            title: "sign-up-pending-title",
            text: "sign-up-pending-text",
        }
        .render(),
        "error" => ErrorPage {
            p,
            code: 404,
            title: "error-404-title",
            text: "error-404-text",
        }
        .render(),
        _ => return None,
    })
}
