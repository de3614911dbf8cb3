//! An invented instance with a few people, for looking at pages and for testing that they render.

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use pouet_web::assets::{DEFAULT_AVATAR, DEFAULT_HEADER};
use pouet_web::locale::Locale;
use pouet_web::view::{
    AccountCard, AccountNumbers, Bar, Chart, CollectionView, ConnectedApp, ConsentView, DayNumbers, Emojis,
    FieldView, FormErrors, InstanceView, LinkView, MediaKind, MediaView, NumberRow, Page, PollView,
    ProfileView, RuleView, SafeHtml, ScopeLine, SignUp, Site, StatusCard, StatusNumbers, TagLink,
    TrendingLink, TrendingStatus, TrendingTag, Viewer, VisibilityView,
};

pub(crate) const DOMAIN: &str = "quai.example";

pub(crate) fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 6, 18, 16, 40, 0)
        .single()
        .expect("a valid date")
}

pub(crate) fn page(locale: Locale, signed_in: bool, sign_up: SignUp, path: &str) -> Page {
    Page {
        locale,
        now: now(),
        site: Site {
            title: "Le Quai".to_owned(),
            domain: DOMAIN.to_owned(),
            server: DOMAIN.to_owned(),
            base_url: format!("https://{DOMAIN}"),
        },
        path: path.to_owned(),
        viewer: signed_in.then(|| Viewer { account: ada() }),
        sign_up,
        form_token: "sample-form-token".to_owned(),
    }
}

fn person(acct: &str, name: &str, avatar: &str) -> AccountCard {
    let url = match acct.split_once('@') {
        Some((user, domain)) => format!("https://{domain}/@{user}"),
        None => format!("/@{acct}"),
    };
    AccountCard::new(acct, DOMAIN, name, url, avatar.to_owned())
}

pub(crate) fn ada() -> AccountCard {
    person("ada", "Ada Keller", "/sample/face-1.svg")
}

pub(crate) fn noe() -> AccountCard {
    person("noe_m", "Noé Marchand", "/sample/face-2.svg")
}

pub(crate) fn ines() -> AccountCard {
    person(
        "ines@atelier.example",
        "Inès de la Tour-du-Pin 🌿",
        "/sample/face-3.svg",
    )
}

fn newcomer() -> AccountCard {
    person("b", "", DEFAULT_AVATAR)
}

fn bulletin() -> AccountCard {
    AccountCard {
        bot: true,
        ..person("marees", "Marées du port", "/sample/face-4.svg")
    }
}

/// A status of `account`, `minutes` old.
pub(crate) fn status(id: u64, account: AccountCard, minutes: i64, html: &str) -> StatusCard {
    StatusCard {
        id: id.to_string(),
        url: if account.remote {
            format!("{}/{id}", account.url)
        } else {
            format!("/@{}/{id}", account.acct)
        },
        account,
        reblogged_by: None,
        reply_to: None,
        created_at: now() - TimeDelta::minutes(minutes),
        edited_at: None,
        warning: String::new(),
        content: SafeHtml::sanitised(html),
        emojis: Emojis::default(),
        language: Some("fr".to_owned()),
        sensitive: false,
        visibility: VisibilityView::Public,
        media: Vec::new(),
        poll: None,
        replies: 0,
        reblogs: 0,
        favourites: 0,
        reactions: Vec::new(),
        pinned: false,
        link: None,
        quote: None,
    }
}

pub(crate) fn image(number: u8, description: &str) -> MediaView {
    MediaView {
        kind: MediaKind::Image,
        url: format!("/sample/photo-{number}.svg"),
        open: format!("/sample/photo-{number}.svg"),
        preview: Some(format!("/sample/photo-{number}.svg")),
        description: description.to_owned(),
        size: Some((1200, 800)),
        focus: (5, 5),
    }
}

pub(crate) fn file(kind: MediaKind) -> MediaView {
    MediaView {
        kind,
        url: "/sample/file".to_owned(),
        open: "/sample/file".to_owned(),
        preview: None,
        size: None,
        ..image(1, "La corne de brume, enregistrée ce matin")
    }
}

/// One status of every shape, newest first.
pub(crate) fn timeline() -> Vec<StatusCard> {
    vec![
        StatusCard {
            replies: 3,
            reblogs: 12,
            favourites: 41,
            media: vec![image(
                1,
                "La digue au lever du jour : une bande orange sous un ciel gris, deux silhouettes de pêcheurs.",
            )],
            ..status(
                11,
                ada(),
                4,
                "<p>Premier café sur la digue. Le vent est tombé d’un coup, on entend les drisses à trois cents mètres.</p><p><a href=\"/tags/matin\" class=\"mention hashtag\" rel=\"tag\">#<span>matin</span></a></p>",
            )
        },
        StatusCard {
            replies: 8,
            reblogs: 2,
            favourites: 5,
            poll: Some(PollView::new(
                vec![
                    ("Samedi matin, au marché".into(), Some(34)),
                    ("Dimanche après-midi".into(), Some(21)),
                    ("Je viendrai avec un gâteau, peu importe le jour".into(), Some(52)),
                ],
                107,
                Some(now() + TimeDelta::days(2)),
                false,
            )),
            edited_at: Some(now()),
            ..status(
                10,
                noe(),
                37,
                "<p>On fixe la date du prochain troc de plantes ?</p>",
            )
        },
        StatusCard {
            reblogged_by: Some(noe()),
            reblogs: 1204,
            favourites: 3310,
            replies: 96,
            ..status(
                9,
                ines(),
                180,
                "<p>Nouvelle série de gravures, tirée sur une presse de 1911. Tout est expliqué ici : <a href=\"https://atelier.example/carnet/presse\" target=\"_blank\" rel=\"nofollow noopener\"><span class=\"invisible\">https://</span><span class=\"ellipsis\">atelier.example/carnet/presse-</span><span class=\"invisible\">a-bras-de-1911</span></a></p>",
            )
        },
        StatusCard {
            warning: "Fin du film de la semaine dernière".to_owned(),
            reply_to: Some("noe_m".to_owned()),
            favourites: 2,
            ..status(
                8,
                newcomer(),
                320,
                "<p>Je n’avais pas compris que le facteur était <em>le même</em> dans les deux histoires.</p>",
            )
        },
        StatusCard {
            media: vec![
                image(2, ""),
                image(3, "Un chat endormi dans une brouette."),
                image(4, "Semis de tomates."),
            ],
            favourites: 17,
            visibility: VisibilityView::Unlisted,
            ..status(7, noe(), 1_500, "<p>Le jardin partagé cette semaine.</p>")
        },
        StatusCard {
            sensitive: true,
            media: vec![image(4, "Une araignée sur une fenêtre."), image(1, "")],
            ..status(6, ada(), 4_000, "")
        },
        StatusCard {
            media: vec![file(MediaKind::Audio)],
            ..status(
                5,
                bulletin(),
                12_000,
                "<p>Pleine mer 18 h 12, coefficient 88.</p>",
            )
        },
    ]
}

fn link() -> LinkView {
    LinkView {
        url: "https://port.example/brume".to_owned(),
        target: None,
        title: "La brume se lève sur le port".to_owned(),
        description: "Trois jours sans voir la digue : ce que disent celles et ceux qui y travaillent."
            .to_owned(),
        site: "Le Port".to_owned(),
        language: Some("fr".to_owned()),
        author_name: "Ada".to_owned(),
        author: Some(ada()),
        picture: Some(("/sample/photo-2.svg".to_owned(), 1200, 800)),
        picture_description: "Le port dans la brume".to_owned(),
    }
}

pub(crate) fn pinned() -> StatusCard {
    StatusCard {
        pinned: true,
        link: Some(link()),
        favourites: 88,
        replies: 4,
        reblogs: 9,
        ..status(
            2,
            ada(),
            90_000,
            "<p>Bonjour ! Je répare des vélos, je photographie le port et je réponds lentement.</p>",
        )
    }
}

pub(crate) fn thread() -> (Vec<StatusCard>, StatusCard, Vec<StatusCard>) {
    let mut all = timeline();
    let main = all.remove(0);
    let before = status(
        1,
        noe(),
        30,
        "<p><span class=\"h-card\" translate=\"no\"><a href=\"/@ada\" class=\"u-url mention\">@<span>ada</span></a></span> tu es déjà levée ?</p>",
    );
    let replies = vec![
        StatusCard {
            reply_to: Some("ada".into()),
            favourites: 3,
            ..status(12, noe(), 3, "<p>Je t’apporte un croissant.</p>")
        },
        StatusCard {
            reply_to: Some("noe_m".into()),
            ..status(13, ada(), 2, "<p>Deux, alors.</p>")
        },
        StatusCard {
            reply_to: Some("ada".into()),
            language: Some("ar".into()),
            ..status(14, ines(), 1, "<p>صباح الخير من المدينة</p>")
        },
    ];
    (
        vec![before],
        StatusCard {
            reply_to: Some("noe_m".into()),
            ..main
        },
        replies,
    )
}

pub(crate) fn profile() -> ProfileView {
    ProfileView {
        account: AccountCard {
            locked: true,
            ..ada()
        },
        header: "/sample/photo-1.svg".to_owned(),
        note: SafeHtml::sanitised("<p>Mécanicienne vélo, photographe du dimanche. Le matin surtout.</p>"),
        fields: vec![
            FieldView {
                name: "Atelier".into(),
                value: SafeHtml::sanitised(
                    "<a href=\"https://velos.example\" rel=\"me nofollow noopener\">velos.example</a>",
                ),
                verified_at: Some(now()),
            },
            FieldView {
                name: "Pronoms".into(),
                value: SafeHtml::sanitised("elle"),
                verified_at: None,
            },
            FieldView {
                name: "Port d’attache".into(),
                value: SafeHtml::sanitised("Douarnenez"),
                verified_at: None,
            },
        ],
        statuses: 12_408,
        following: 213,
        followers: 1_862,
        created_at: now() - TimeDelta::days(1_170),
        actor_uri: format!("https://{DOMAIN}/users/ada"),
        indexable: true,
    }
}

pub(crate) fn bare_profile() -> ProfileView {
    ProfileView {
        account: newcomer(),
        header: DEFAULT_HEADER.to_owned(),
        note: SafeHtml::default(),
        fields: Vec::new(),
        statuses: 0,
        following: 1,
        followers: 0,
        indexable: false,
        ..profile()
    }
}

pub(crate) fn instance() -> InstanceView {
    let rule = |text: &str, hint: &str| RuleView {
        text: text.to_owned(),
        hint: hint.to_owned(),
    };
    InstanceView {
        description: "Le serveur des gens du port : vélos, marées, jardins et nouvelles du quartier. Tenu par des bénévoles, ouvert à tout le fédivers.".to_owned(),
        rules: vec![
            rule("Parlez aux autres comme en face d’eux.", "Pas d’insultes, pas de harcèlement, ni ici ni ailleurs."),
            rule("Décrivez vos images.", ""),
            rule("Pas de publicité.", "Un mot sur votre atelier va très bien."),
        ],
        users: 214,
        active_month: 96,
        statuses: 48_213,
        peers: 3_902,
        contact_email: "quai@quai.example".to_owned(),
        contact: Some(noe()),
        version: "0.1.0".to_owned(),
    }
}

pub(crate) fn collection(sensitive: bool) -> CollectionView {
    CollectionView {
        url: "/collections/7".to_owned(),
        name: "Premiers pas".to_owned(),
        description: "Des gens qui répondent aux questions".to_owned(),
        sensitive,
        listed: !sensitive,
        owner: ada(),
        tag: Some(TagLink {
            url: "/tags/bienvenue".to_owned(),
            name: "Bienvenue".to_owned(),
        }),
        members: vec![noe(), ines()],
    }
}

pub(crate) fn consent(wants_admin: bool) -> ConsentView {
    let line = |scope: &str, key, grave| ScopeLine {
        scope: scope.to_owned(),
        key,
        grave,
    };
    let mut scopes = vec![
        line("read", "scope-read", false),
        line("write", "scope-write", false),
        line("follow", "scope-follow", false),
        line("push", "scope-push", false),
    ];
    if wants_admin {
        scopes.push(line("admin:write", "scope-admin-write", true));
    }
    ConsentView {
        app: "Tusky".to_owned(),
        website: Some("https://tusky.app".to_owned()),
        destination: (!wants_admin).then(|| "tusky.app".to_owned()),
        scopes,
        parameters: vec![("client_id", "sample".to_owned()), ("state", "<x>\"".to_owned())],
        wants_admin,
        errors: if wants_admin {
            FormErrors::one("confirm_admin", "wrong-confirm-admin")
        } else {
            FormErrors::default()
        },
    }
}

pub(crate) fn connected_apps() -> Vec<ConnectedApp> {
    let app = |id: &str, name: &str, website: Option<&str>, days| ConnectedApp {
        id: id.to_owned(),
        name: name.to_owned(),
        website: website.map(str::to_owned),
        scopes: consent(false).scopes,
        created_at: now() - TimeDelta::days(days),
        last_used_at: (days > 10).then(|| now() - TimeDelta::hours(2)),
    };
    vec![
        app("7", "Phanpy", Some("https://phanpy.social"), 3),
        app("4", "toot - a Mastodon CLI client", None, 80),
    ]
}

/// Hashtags that trend.
pub(crate) fn trending_tags(p: &Page, among: bool) -> Vec<TrendingTag> {
    let week = [
        ("PluieDÉtoiles", [0, 0, 0, 1, 4, 19, 38]),
        ("grève", [0, 2, 5, 9, 12, 21, 24]),
        ("Caturday", [3, 1, 0, 2, 1, 17, 4]),
        ("photographie", [6, 7, 5, 8, 6, 7, 6]),
        ("البحر", [0, 0, 1, 0, 2, 3, 3]),
    ];
    week.iter()
        .map(|(name, people)| TrendingTag {
            name: (*name).to_owned(),
            url: "/tags/x".to_owned(),
            reason: reason(p, people[6], among),
            days_label: p.named("explore-week", "0, 1"),
            bars: Bar::row(people),
        })
        .collect()
}

fn reason(p: &Page, people: i64, among: bool) -> String {
    let key = if among {
        "explore-followed"
    } else {
        "explore-people"
    };
    p.n(key, &people)
}

/// Statuses that trend.
pub(crate) fn trending_statuses(p: &Page, among: bool) -> Vec<TrendingStatus> {
    timeline()
        .into_iter()
        .zip([12, 5, 2, 2, 2, 2])
        .map(|(status, people)| TrendingStatus {
            status,
            reason: if among {
                reason(p, people, true)
            } else {
                String::new()
            },
        })
        .collect()
}

/// Links that trend.
pub(crate) fn trending_links(p: &Page, among: bool) -> Vec<TrendingLink> {
    let plain = LinkView {
        url: "https://tides.example/almanac".to_owned(),
        target: None,
        title: "The almanac of tides, by those who wait for them".to_owned(),
        description: String::new(),
        site: "tides.example".to_owned(),
        language: Some("en".to_owned()),
        author_name: String::new(),
        author: None,
        picture: None,
        picture_description: String::new(),
    };
    [(link(), 9), (plain, 4)]
        .into_iter()
        .map(|(link, people)| TrendingLink {
            link,
            reason: reason(p, people, among),
        })
        .collect()
}

fn number_rows(counts: [Option<i64>; 7]) -> Vec<NumberRow> {
    let keys = [
        "analytics-openings",
        "analytics-media",
        "analytics-profile",
        "analytics-followed",
        "analytics-favourites",
        "analytics-reblogs",
        "analytics-replies",
    ];
    keys.into_iter()
        .zip(counts)
        .map(|(key, count)| NumberRow {
            key,
            count,
            counted: key != "analytics-followed" || count.is_some(),
        })
        .collect()
}

/// Numbers of reads as they are told.
fn told(numbers: [i64; 28]) -> [Option<i64>; 28] {
    numbers.map(|number| Some(number).filter(|number| *number >= 5))
}

fn chart(p: &Page, title: &'static str, numbers: &[Option<i64>]) -> Option<Chart> {
    let first = now() - TimeDelta::days(numbers.len() as i64 - 1);
    let days = (0..).zip(numbers).map(|(index, number)| {
        let day = first + TimeDelta::days(index);
        let words = [("day", p.date(&day)), ("count", p.reads(number))];
        let words = words.each_ref().map(|(name, text)| (*name, text.as_str()));
        (day, *number, p.locale.text_with("analytics-bar", &words))
    });
    let words = [("what", p.t(title)), ("most", p.date(&now()))];
    let words = words.each_ref().map(|(name, text)| (*name, text.as_str()));
    let label = p.locale.text_with("analytics-chart", &words);
    Chart::new(title, label, days.collect())
}

/// A status that was read for a few days.
pub(crate) fn status_numbers(p: &Page) -> StatusNumbers {
    StatusNumbers {
        impressions: Some(1_312),
        engagements: 199,
        quotes: 2,
        rows: number_rows([Some(112), Some(31), None, None, Some(41), Some(12), Some(3)]),
        chart: chart(
            p,
            "analytics-impressions-days",
            &[Some(812), Some(304), Some(118), Some(41), None, Some(37)],
        ),
    }
}

/// Four weeks of an author, or four weeks of nothing.
pub(crate) fn account_numbers(p: &Page, is_empty: bool) -> AccountNumbers {
    let busy = [
        212, 180, 0, 45, 390, 612, 433, 120, 98, 77, 0, 0, 301, 288, 154, 96, 720, 1_310, 864, 402, 199, 143,
        88, 61, 240, 377, 512, 96,
    ];
    let shown = if is_empty { [0; 28] } else { busy };
    let done = shown.map(|number| number / 9 + number % 7);
    let rows: [i64; 7] = if is_empty {
        [0; 7]
    } else {
        [402, 118, 66, 92, 151, 40, 58]
    };
    let days = (0..)
        .zip(shown.iter().zip(done).rev())
        .map(|(age, (shown, done))| DayNumbers {
            day: now() - TimeDelta::days(age),
            statuses: i64::from(!is_empty) * (age % 4),
            impressions: Some(*shown).filter(|shown| *shown >= 5),
            engagements: done,
        });
    let charts = [
        chart(p, "analytics-impressions-days", &told(shown)),
        chart(p, "analytics-engagements-days", &done.map(Some)),
    ];
    AccountNumbers {
        statuses: if is_empty { 0 } else { 41 },
        impressions: Some(shown.iter().sum()).filter(|sum| *sum >= 5),
        engagements: rows.iter().sum(),
        rows: number_rows(rows.map(Some)),
        charts: charts.into_iter().flatten().collect(),
        days: days.collect(),
    }
}
