//! What holds for every page.

use pouet_web::locale::Locale;
use scraper::{ElementRef, Html, Selector};

use crate::render;

/// Calls `check` with each page in each language.
fn each_page(check: impl Fn(&str, Locale, &Html)) {
    for name in render::NAMES {
        for locale in Locale::ALL {
            let html = render::render(name, locale)
                .expect("the page exists")
                .expect("the page renders");
            assert!(
                !html.contains("Unknown localization key"),
                "{name}: a key is missing"
            );
            assert!(!html.contains("{$"), "{name}: a parameter is missing");
            check(name, locale, &Html::parse_document(&html));
        }
    }
}

fn all<'a>(page: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    page.select(&Selector::parse(selector).expect("a valid selector"))
        .collect()
}

#[test]
fn pages_are_whole_documents_with_one_heading() {
    each_page(|name, locale, page| {
        let html = all(page, "html");
        assert_eq!(html[0].value().attr("lang"), Some(locale.tag()), "{name}");
        assert_eq!(all(page, "h1").len(), 1, "{name}");
        assert_eq!(all(page, "main").len(), 1, "{name}");
        let title: String = all(page, "head > title")[0].text().collect();
        assert!(!title.trim().is_empty(), "{name}");
        assert_eq!(all(page, "meta[name=viewport]").len(), 1, "{name}");
    });
}

#[test]
fn pages_need_neither_inline_style_nor_script() {
    each_page(|name, _, page| {
        assert!(
            all(page, "[style], style, script:not([src])").is_empty(),
            "{name}"
        );
        for element in all(page, "*") {
            let handler = element.value().attrs().find(|(key, _)| key.starts_with("on"));
            assert!(handler.is_none(), "{name}: {handler:?}");
        }
    });
}

#[test]
fn pictures_have_alternatives_and_inputs_have_labels() {
    each_page(|name, _, page| {
        assert!(all(page, "img:not([alt])").is_empty(), "{name}");
        for input in all(page, "input:not([type=hidden]):not([type=checkbox]), textarea") {
            let id = input.value().attr("id").expect("an input has an id");
            assert_eq!(all(page, &format!("label[for={id}]")).len(), 1, "{name}: {id}");
        }
        for group in all(page, "[aria-labelledby], [aria-describedby]") {
            let ids = ["aria-labelledby", "aria-describedby"]
                .into_iter()
                .filter_map(|a| group.value().attr(a));
            for id in ids.flat_map(str::split_whitespace) {
                assert_eq!(all(page, &format!("#{id}")).len(), 1, "{name}: {id}");
            }
        }
    });
}

#[test]
fn ids_are_unique() {
    each_page(|name, _, page| {
        let mut ids: Vec<_> = all(page, "[id]")
            .iter()
            .filter_map(|e| e.value().attr("id"))
            .collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count, "{name}");
    });
}

#[test]
fn forms_that_change_something_carry_a_token() {
    each_page(|name, _, page| {
        for form in all(page, "form[method=post]") {
            if form.value().attr("action") == Some("/language") {
                continue;
            }
            let token = form
                .select(&Selector::parse("input[type=hidden][name=form_token]").expect("valid"))
                .count();
            assert_eq!(token, 1, "{name}");
        }
        // What is searched for may stand in the address: a search changes nothing, and its address can be kept.
        assert!(
            all(page, "form:not([method=post]):not([role=search])").is_empty(),
            "{name}: a form sends its fields in the address"
        );
    });
}

#[test]
fn microformats_and_activity_links_are_there() {
    let page = |name| {
        Html::parse_document(
            &render::render(name, Locale::En)
                .expect("exists")
                .expect("renders"),
        )
    };
    let profile = page("profile");
    let alternate = all(&profile, "link[rel=alternate][type='application/activity+json']");
    assert_eq!(
        alternate[0].value().attr("href"),
        Some("https://quai.example/users/ada")
    );
    assert_eq!(
        all(&profile, ".h-card .p-name")
            .first()
            .map(ElementRef::inner_html)
            .as_deref(),
        Some("Ada Keller")
    );
    let status = page("status");
    assert_eq!(
        all(&status, "link[rel=alternate][type='application/activity+json']").len(),
        1
    );
    let entries = all(&status, ".h-entry");
    assert_eq!(entries.len(), 5);
    for entry in entries {
        for part in [
            ".p-author.h-card",
            ".e-content",
            "a.u-url time.dt-published[datetime]",
        ] {
            assert!(
                entry
                    .select(&Selector::parse(part).expect("valid"))
                    .next()
                    .is_some(),
                "{part}"
            );
        }
    }
}

#[test]
fn the_gates_have_what_browsers_and_scripts_look_for() {
    for (locale, label) in [(Locale::En, "Authorize"), (Locale::Fr, "Autoriser")] {
        let consent = Html::parse_document(
            &render::render("consent", locale)
                .expect("exists")
                .expect("renders"),
        );
        let button = &all(&consent, "button[name=decision][value=authorize]")[0];
        assert_eq!(button.inner_html(), label);
        assert_eq!(
            all(&consent, ".consent-facts strong bdi")[0].inner_html(),
            "tusky.app"
        );
    }
    let sign_in = Html::parse_document(
        &render::render("sign-in", Locale::En)
            .expect("exists")
            .expect("renders"),
    );
    assert_eq!(
        all(&sign_in, "input[type=password][autocomplete=current-password]").len(),
        1
    );
    assert_eq!(
        all(&sign_in, "input[name=username][autocomplete=username]").len(),
        1
    );
}
