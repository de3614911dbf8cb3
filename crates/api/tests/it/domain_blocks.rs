//! The rules about other domains, for those who may read them.

#![expect(non_snake_case, reason = "rule numbers keep their upper-case R")]
#![expect(clippy::unwrap_used, reason = "tests state what they expect by unwrapping it")]

use actix_web::{
    App,
    http::header::AUTHORIZATION,
    test::{TestRequest, init_service},
};
use pouet_api::Api;
use pouet_model::account::Role;
use pouet_service::{
    policy::{self, NewRule, Severity},
    settings::Audience,
    users::{self, NewUser},
};
use pouet_test_support::{Answer, World, send};
use serde_json::{Value, json};

const PATH: &str = "/api/v1/instance/domain_blocks";

async fn world(blocks: Audience, reasons: Audience) -> World {
    let world = World::with(|settings| {
        settings.federation.show_domain_blocks = blocks;
        settings.federation.show_domain_block_reasons = reasons;
    });
    let rule = |domain: &str, severity| NewRule {
        domain: domain.to_owned(),
        severity,
        public_comment: Some("spam".to_owned()),
        private_comment: Some("told by a friend".to_owned()),
        ..NewRule::default()
    };
    let covered = NewRule {
        obfuscate: true,
        ..rule("covered.example", Severity::Suspend)
    };
    let rules = vec![
        rule("a.example", Severity::Suspend),
        rule("pictures.example", Severity::Noop),
        rule("loud.example", Severity::Silence),
        covered,
    ];
    policy::set_all(&world, rules).await.unwrap();
    world
}

async fn get(world: &World, token: Option<&str>) -> Answer {
    let api = Api::new(world.instance.clone(), Vec::new());
    let app = init_service(App::new().configure(|cfg| api.configure(cfg))).await;
    let mut request = TestRequest::get().uri(PATH);
    if let Some(token) = token {
        request = request.insert_header((AUTHORIZATION, format!("Bearer {token}")));
    }
    send(&app, request).await
}

/// SHA-256 of the names of the rules.
const LOUD: &str = "354b62204d7066cbec71a6a692bdad3f8ef6369bbac0401f8a2f7e75ee91ae9d";
const A: &str = "b8e7453371a024daae06f3164492c0afcde134c7747c155b3d83c20de341e855";
const COVERED: &str = "d65a8efa99d6d394c8aa121a8d87436c406d04eace294a7048998c5491d2b2d5";

#[actix_web::test]
async fn fed_147_the_public_list_is_closed_by_default_and_covers_names() {
    let default = pouet_service::settings::FederationSettings::default();
    assert_eq!(default.show_domain_blocks, Audience::Nobody);
    let closed = world(Audience::Nobody, Audience::Nobody).await;
    assert_eq!(get(&closed, None).await.status, 404);

    let open = world(Audience::Everybody, Audience::Everybody).await;
    let line = |shown: &str, digest: &str, severity: &str| json!({"domain": shown, "digest": digest, "severity": severity, "comment": "spam"});
    assert_eq!(
        get(&open, None).await.json(),
        json!([
            line("loud.example", LOUD, "silence"),
            line("a.example", A, "suspend"),
            line("cove***.****ple", COVERED, "suspend"),
        ])
    );
    let reticent = world(Audience::Everybody, Audience::Users).await;
    let shown = get(&reticent, None).await.json();
    assert_eq!(shown[0]["comment"], Value::Null);
}

#[actix_web::test]
async fn sec_R045_the_list_of_rules_is_for_its_audience_alone() {
    let world = world(Audience::Users, Audience::Users).await;
    let ada = world.person("ada").await;
    let new = |name: &str, confirmed, approved| NewUser {
        username: name.to_owned(),
        email: format!("{name}@mail.example"),
        password: None,
        role: Role::User,
        confirmed,
        approved,
        locale: "en".to_owned(),
        reason: Some("boats".to_owned()),
    };
    let mut readers = vec![("nobody", None, 404), ("a user", Some(ada.token.clone()), 200)];
    for (name, confirmed, approved) in [("unconfirmed", false, true), ("unapproved", true, false)] {
        let (user, _) = users::create(&world, new(name, confirmed, approved))
            .await
            .unwrap();
        readers.push((name, Some(world.token(&user, "read").await), 403));
    }
    for (name, token, expected) in readers {
        let answer = get(&world, token.as_deref()).await;
        assert_eq!(answer.status, expected, "{name}: {}", answer.text);
        assert_eq!(
            answer.text.contains("a.example"),
            expected == 200,
            "{name} learns nothing"
        );
        assert!(!answer.text.contains("told by a friend"), "{name}");
        assert!(!answer.text.contains("covered.example"), "{name}");
        if token.is_some() {
            assert_eq!(answer.header("cache-control"), "private, no-store", "{name}");
        }
    }
}
