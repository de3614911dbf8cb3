//! Domains that we do not speak with, over the wire.

use pouet_federation::routes::FetchAuth;
use pouet_service::{
    delivery::{self, Outgoing},
    follows,
    media::{self, PictureKind, RemoteSource, Variant},
    policy::{self, NewRule, Severity},
    settings::FederationMode,
    statuses::{self, NewStatus},
};
use serde_json::json;

use crate::common::{Remote, Site, clock};

fn suspend(domain: &str) -> NewRule {
    NewRule {
        domain: domain.to_owned(),
        severity: Severity::Suspend,
        ..NewRule::default()
    }
}

#[actix_web::test]
async fn fed_142_a_suspended_domain_hears_that_its_follows_ended_and_nothing_else() {
    let clock = clock();
    let mut site = Site::start(&clock).await;
    let far = Remote::start_as("sub.far.test", &clock);
    let (user, ada) = site.user("ada").await;
    let bob = far.actor("bob");
    let follow = bob.activity("Follow", "follow", &json!(site.uri(&ada)));
    let inbox = format!("{}/ap/inbox", site.url);
    assert_eq!(far.send(&bob, &inbox, &follow).await, 202);
    site.settle().await;
    assert_eq!(far.received().len(), 1, "the Accept");
    let post = |text: &str| NewStatus {
        text: text.to_owned(),
        ..NewStatus::default()
    };
    // Queued, but not sent.
    site.post(&user, post("before")).await;

    policy::set(&site.instance, suspend("far.test")).await.unwrap();
    site.post(&user, post("after")).await;
    far.asked();
    site.settle().await;
    let received = far.received();
    assert_eq!(received.len(), 1, "{received:?}");
    assert_eq!(received[0]["type"], "Reject");
    assert_eq!(received[0]["object"]["id"], follow["id"]);
    assert_eq!(far.asked(), ["POST /users/bob/inbox"]);
    let again = bob.activity("Follow", "again", &json!(site.uri(&ada)));
    assert_eq!(far.send(&bob, &inbox, &again).await, 403);
    assert!(
        follows::followers(&site.instance, None, ada.id, pouet_model::page::Page::first(10))
            .await
            .unwrap()
            .is_empty()
    );
}

#[actix_web::test]
async fn fed_144_refused_media_are_never_asked_for() {
    let clock = clock();
    let site = Site::start(&clock).await;
    let far = Remote::start_as("far.test", &clock);
    let mut bob = far.actor("bob");
    let image = |name: &str| {
        let url = format!("{}/{name}.png", far.url);
        json!({"type": "Image", "mediaType": "image/png", "url": url})
    };
    bob.document["icon"] = image("bob");
    bob.document["tag"] = json!([{"type": "Emoji", "name": ":blob:", "icon": image("blob")}]);
    far.publish(&bob.document);
    let account = site.resolve("bob", &far.domain).await.unwrap();
    let mut note = far.note(&bob, "sea", "<p>look</p>");
    note["attachment"] = json!([image("sea")]);
    note["tag"] = json!([{"type": "Emoji", "name": ":wave:", "icon": image("wave")}]);
    far.publish(&note);
    let resolver = site.instance.resolver().unwrap();
    let status = resolver
        .status_by_uri(note["id"].as_str().unwrap())
        .await
        .unwrap();
    let shown = statuses::find(&site.instance, None, status.id).await.unwrap();
    let emoji = |shortcode: &str| RemoteSource::Emoji {
        domain: account.domain.clone().unwrap(),
        shortcode: shortcode.to_owned(),
        still: false,
    };
    let sources = [
        (
            RemoteSource::Picture(account.id, PictureKind::Avatar),
            "GET /bob.png",
        ),
        (emoji("blob"), "GET /blob.png"),
        (emoji("wave"), "GET /wave.png"),
        (
            RemoteSource::Attachment(shown.media[0].id, Variant::Original),
            "GET /sea.png",
        ),
        (
            RemoteSource::Attachment(shown.media[0].id, Variant::Small),
            "GET /sea.png",
        ),
    ];
    far.asked();
    for (source, asked) in &sources {
        assert!(media::remote(&site.instance, source.clone()).await.is_err());
        assert_eq!(far.asked(), [*asked], "without a rule it is asked for");
    }
    let rule = NewRule {
        severity: Severity::Noop,
        reject_media: true,
        ..suspend("far.test")
    };
    policy::set(&site.instance, rule).await.unwrap();
    for (source, asked) in sources {
        assert!(media::remote(&site.instance, source).await.is_err());
        assert_eq!(far.asked(), [""; 0], "{asked}");
    }
}

#[actix_web::test]
async fn fed_145_in_allow_list_mode_strangers_are_denied_in_all_directions() {
    let clock = clock();
    let listed = |settings: &mut pouet_service::settings::Settings| {
        settings.federation.mode = FederationMode::AllowList;
    };
    let mut site = Site::start_as(&clock, FetchAuth::Off, listed).await;
    let (friend, stranger) = (
        Remote::start_as("friend.test", &clock),
        Remote::start_as("stranger.test", &clock),
    );
    policy::allow(&site.instance, &["friend.test".to_owned()], None)
        .await
        .unwrap();
    let (_, ada) = site.user("ada").await;
    let inbox = format!("{}/ap/inbox", site.url);
    let document = site.uri(&ada);
    for (remote, posts, reads, is_allowed) in [(&friend, 202, 200, true), (&stranger, 403, 403, false)] {
        let bob = remote.actor("bob");
        // It asks nothing of them: out, by fetch.
        assert_eq!(site.resolve("bob", &remote.domain).await.is_ok(), is_allowed);
        assert_eq!(!remote.asked().is_empty(), is_allowed);
        // In, by POST and GET.
        let follow = bob.activity("Follow", "follow", &json!(document));
        assert_eq!(remote.send(&bob, &inbox, &follow).await, posts);
        assert_eq!(remote.get(&bob, &document).await.status, reads);
        // Out, by delivery: not even a farewell.
        let outgoing = Outgoing {
            id: site.instance.next_id(),
            account_id: Some(ada.id),
            retired_key_id: None,
            body: "{}".to_owned(),
            object_uri: "x".to_owned(),
            inboxes: vec![format!("{}/inbox", bob.id)],
        };
        let queued = delivery::enqueue_farewell(&site.instance, outgoing)
            .await
            .unwrap();
        assert_eq!(queued, usize::from(is_allowed));
        site.settle().await;
        let paths = remote.asked();
        assert_eq!(
            paths.iter().any(|path| path.starts_with("POST")),
            is_allowed,
            "{paths:?}"
        );
    }
    // Who does not sign may be anybody.
    let path = document.strip_prefix(&site.url).unwrap();
    assert_eq!(site.get(path).await.status, 401);
}
