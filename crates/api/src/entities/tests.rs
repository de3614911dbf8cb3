//! Golden JSON of the entities: every member, with and without a viewer.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    account::{Account as ModelAccount, Field, Picture, RemoteActor},
    emoji::CustomEmoji,
    filter::{Filter, FilterAction, FilterContext, FilterMatch},
    ids::{AccountId, ConversationId, FilterId, MediaId, NotificationId, PollId, StatusId},
    notification::{Notification as ModelNotification, NotificationType},
    status::{MediaAttachment, MediaType, Poll, PollOption, Size, Status as ModelStatus, Timing, Visibility},
    urls::Urls,
};
use pouet_service::{
    interactions::InteractionsView,
    notifications::{GroupedNotifications as GroupedView, NotificationGroup, NotificationView},
    quotes::QuoteApprovalView,
    view::{ApplicationView, PollView, StatusView, TagView, ViewerState},
};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    account::Account, notification::Notification, notification_group::GroupedNotifications, status::Status,
};

fn urls() -> Urls {
    Urls::new(&"https://pouet.example".parse().unwrap(), None)
}

fn now() -> DateTime<Utc> {
    "2026-11-23T10:00:00Z".parse().unwrap()
}

fn json_of(entity: &impl Serialize) -> Value {
    serde_json::to_value(entity).unwrap()
}

fn account(id: i64, username: &str) -> ModelAccount {
    ModelAccount {
        id: AccountId(id),
        username: username.to_owned(),
        domain: None,
        uri: None,
        url: None,
        actor_type: pouet_model::account::ActorType::Person,
        display_name: String::new(),
        note: String::new(),
        note_source: String::new(),
        fields: Vec::new(),
        avatar: None,
        header: None,
        avatar_description: String::new(),
        header_description: String::new(),
        emojis: Vec::new(),
        locked: false,
        discoverable: true,
        indexable: true,
        hide_collections: false,
        memorial: false,
        also_known_as: Vec::new(),
        attribution_domains: Vec::new(),
        moved_to: None,
        statuses_count: 3,
        followers_count: 2,
        following_count: 1,
        last_status_at: None,
        created_at: now(),
        suspended_at: None,
        silenced_at: None,
        deleted_at: None,
        remote: None,
    }
}

fn remote(id: i64, username: &str) -> ModelAccount {
    ModelAccount {
        domain: Some("far.example".to_owned()),
        uri: Some(format!("https://far.example/users/{username}")),
        url: Some(format!("https://far.example/@{username}")),
        remote: Some(RemoteActor::default()),
        ..account(id, username)
    }
}

fn status(id: i64, author: &ModelAccount) -> StatusView {
    StatusView {
        status: ModelStatus {
            id: StatusId(id),
            account_id: author.id,
            uri: author.uri.as_ref().map(|uri| format!("{uri}/statuses/{id}")),
            url: author.url.as_ref().map(|url| format!("{url}/{id}")),
            in_reply_to_id: None,
            in_reply_to_account_id: None,
            in_reply_to_uri: None,
            reblog_of_id: None,
            conversation_id: ConversationId(1),
            text: "Hello".to_owned(),
            content: "<p>Hello</p>".to_owned(),
            spoiler_text: String::new(),
            sensitive: false,
            visibility: Visibility::Public,
            language: Some("en".to_owned()),
            poll_id: None,
            application_id: None,
            emojis: Vec::new(),
            replies_count: 1,
            reblogs_count: 2,
            favourites_count: 3,
            created_at: now(),
            edited_at: None,
            local_only: false,
            expires_at: None,
        },
        author: Arc::new(author.clone()),
        mentions: Vec::new(),
        tags: Vec::new(),
        media: Vec::new(),
        poll: None,
        card: None,
        collections: Vec::new(),
        reblog: None,
        application: None,
        viewer: None,
        reactions: Vec::new(),
        filtered: Vec::new(),
        reply_author: None,
        quote: None,
        quote_approval: QuoteApprovalView::default(),
        interactions: InteractionsView::default(),
    }
}

#[test]
fn a_local_account_has_every_member() {
    let ada = ModelAccount {
        display_name: "Ada :boat:".to_owned(),
        note: "<p>Hi</p>".to_owned(),
        fields: vec![Field {
            name: "Site".to_owned(),
            value: "<a href=\"https://ada.example\">ada.example</a>".to_owned(),
            source: "https://ada.example".to_owned(),
            verified_at: Some(now().timestamp_millis()),
        }],
        avatar: Some(Picture::Stored("avatars/1.png".to_owned())),
        avatar_description: "a boat".to_owned(),
        emojis: vec![CustomEmoji {
            shortcode: "boat".to_owned(),
            domain: None,
            image: "emoji/boat.png".to_owned(),
            uri: None,
            updated_at: None,
        }],
        last_status_at: Some(now()),
        ..account(1, "ada")
    };
    let avatar = "https://pouet.example/media/avatars/1.png";
    let header = "https://pouet.example/assets/header-default.png";
    let boat = "https://pouet.example/media/emoji/boat.png";
    assert_eq!(
        json_of(&Account::from_model(&ada, &urls())),
        json!({
            "id": "1",
            "username": "ada",
            "acct": "ada",
            "display_name": "Ada :boat:",
            "locked": false,
            "bot": false,
            "discoverable": true,
            "indexable": true,
            "group": false,
            "created_at": "2026-11-23T00:00:00.000Z",
            "note": "<p>Hi</p>",
            "url": "https://pouet.example/@ada",
            "uri": "https://pouet.example/ap/users/1",
            "avatar": avatar,
            "avatar_static": avatar,
            "avatar_description": "a boat",
            "header": header,
            "header_static": header,
            "header_description": "",
            "followers_count": 2,
            "following_count": 1,
            "statuses_count": 3,
            "last_status_at": "2026-11-23",
            "hide_collections": false,
            "show_media": true,
            "show_media_replies": true,
            "show_featured": true,
            "feature_approval": {"automatic": ["public"], "manual": [], "current_user": "automatic"},
            "noindex": false,
            "roles": [],
            "emojis": [{"shortcode": "boat", "url": boat, "static_url": boat, "visible_in_picker": true}],
            "fields": [{
                "name": "Site",
                "value": "<a href=\"https://ada.example\">ada.example</a>",
                "verified_at": "2026-11-23T10:00:00.000Z",
            }],
        })
    );
}

#[test]
fn a_remote_account_is_shown_through_the_proxy() {
    let bob = ModelAccount {
        avatar: Some(Picture::Remote("https://far.example/bob.png".to_owned())),
        silenced_at: Some(now()),
        ..remote(2, "bob")
    };
    let shown = json_of(&Account::from_model(&bob, &urls()));
    assert_eq!(shown["acct"], "bob@far.example");
    assert_eq!(shown["url"], "https://far.example/@bob");
    assert_eq!(shown["uri"], "https://far.example/users/bob");
    assert_eq!(
        shown["avatar"],
        "https://pouet.example/media_proxy/accounts/2/avatar"
    );
    assert_eq!(shown["limited"], true);
    assert_eq!(shown["last_status_at"], Value::Null);
    for local_only in ["roles", "noindex", "suspended", "memorial", "moved"] {
        assert!(shown.get(local_only).is_none(), "{local_only}");
    }
}

#[test]
fn of_a_suspended_account_only_the_name_is_shown() {
    let gone = ModelAccount {
        display_name: "Gone".to_owned(),
        note: "<p>Buy</p>".to_owned(),
        avatar: Some(Picture::Stored("avatars/2.png".to_owned())),
        suspended_at: Some(now()),
        ..account(2, "gone")
    };
    let shown = json_of(&Account::from_model(&gone, &urls()));
    assert_eq!(shown["suspended"], true);
    assert_eq!((&shown["display_name"], &shown["note"]), (&json!(""), &json!("")));
    assert_eq!(shown["avatar"], "https://pouet.example/assets/avatar-default.png");
}

#[test]
fn a_status_for_its_author_has_every_member() {
    let (ada, bob) = (account(1, "ada"), remote(2, "bob"));
    let mut view = status(10, &ada);
    view.mentions = vec![Arc::new(bob)];
    view.tags = vec![TagView {
        name: "boats".to_owned(),
        display_name: "Boats".to_owned(),
    }];
    view.application = Some(ApplicationView {
        name: "App".to_owned(),
        website: None,
    });
    view.viewer = Some(ViewerState {
        favourited: true,
        pinned: Some(false),
        ..ViewerState::default()
    });
    view.filtered = vec![FilterMatch {
        filter: Filter {
            id: FilterId(5),
            title: "No boats".to_owned(),
            contexts: vec![FilterContext::Home],
            action: FilterAction::Warn,
            expires_at: None,
            keywords: Vec::new(),
            statuses: Vec::new(),
        },
        keywords: vec!["boats".to_owned()],
        statuses: Vec::new(),
    }];
    let expected = r#"{
        "id": "10",
        "created_at": "2026-11-23T10:00:00.000Z",
        "in_reply_to_id": null,
        "in_reply_to_account_id": null,
        "sensitive": false,
        "spoiler_text": "",
        "visibility": "public",
        "language": "en",
        "uri": "https://pouet.example/ap/users/1/posts/10",
        "url": "https://pouet.example/@ada/10",
        "replies_count": 1,
        "reblogs_count": 2,
        "favourites_count": 3,
        "quotes_count": 0,
        "edited_at": null,
        "content": "<p>Hello</p>",
        "reblog": null,
        "application": {"name": "App", "website": null},
        "media_attachments": [],
        "mentions": [
            {"id": "2", "username": "bob", "url": "https://far.example/@bob", "acct": "bob@far.example"}
        ],
        "tags": [{"name": "boats", "url": "https://pouet.example/tags/boats"}],
        "emojis": [],
        "tagged_collections": [],
        "quote": null,
        "quote_approval": {"automatic": [], "manual": [], "current_user": "denied"},
        "card": null,
        "poll": null,
        "favourited": true,
        "reblogged": false,
        "muted": false,
        "bookmarked": false,
        "pinned": false,
        "filtered": [{
            "filter": {
                "id": "5",
                "title": "No boats",
                "context": ["home"],
                "expires_at": null,
                "filter_action": "warn"
            },
            "keyword_matches": ["boats"],
            "status_matches": null
        }]
    }"#;
    let mut expected: Value = serde_json::from_str(expected).unwrap();
    expected["account"] = json_of(&Account::from_model(&ada, &urls()));
    let everybody = json!({
        "automatic_approval": ["public"],
        "manual_approval": [],
        "always": ["public"],
        "with_approval": [],
    });
    expected["interaction_policy"] =
        json!({"can_favourite": everybody, "can_reply": everybody, "can_reblog": everybody});
    assert_eq!(json_of(&Status::from_view(&view, now(), &urls())), expected);
}

#[test]
fn anonymous_readers_get_no_member_of_a_viewer() {
    let view = status(10, &account(1, "ada"));
    let shown = json_of(&Status::from_view(&view, now(), &urls()));
    for member in [
        "favourited",
        "reblogged",
        "muted",
        "bookmarked",
        "pinned",
        "filtered",
        "application",
        "text",
    ] {
        assert!(shown.get(member).is_none(), "{member}");
    }
}

#[test]
fn a_deleted_status_gives_its_source_back() {
    let view = status(10, &account(1, "ada"));
    let shown = json_of(&Status::with_source(&view, now(), &urls()));
    assert_eq!(shown["text"], "Hello");
    assert!(shown.get("content").is_none());
}

#[test]
fn a_boost_carries_the_boosted_status() {
    let (ada, bob) = (account(1, "ada"), remote(2, "bob"));
    let mut boost = status(11, &ada);
    boost.status.reblog_of_id = Some(StatusId(10));
    boost.reblog = Some(Box::new(status(10, &bob)));
    let shown = json_of(&Status::from_view(&boost, now(), &urls()));
    assert_eq!(shown["uri"], "https://pouet.example/ap/users/1/posts/11/activity");
    assert_eq!(shown["reblog"]["id"], "10");
    assert_eq!(shown["reblog"]["url"], "https://far.example/@bob/10");
    assert_eq!(shown["reblog"]["reblog"], Value::Null);
}

#[test]
fn totals_of_a_poll_stay_hidden_until_its_end() {
    let poll = PollView {
        poll: Poll {
            id: PollId(7),
            status_id: StatusId(10),
            account_id: AccountId(1),
            options: vec![PollOption {
                title: "yes".to_owned(),
                votes_count: 4,
            }],
            multiple: false,
            hide_totals: true,
            expires_at: Some(now() + TimeDelta::hours(1)),
            voters_count: Some(4),
        },
        expired: false,
        voted: Some(false),
        own_votes: Some(Vec::new()),
    };
    let mut view = status(10, &account(1, "ada"));
    view.poll = Some(poll);
    let at = |time| json_of(&Status::from_view(&view, time, &urls()))["poll"].clone();
    assert_eq!(
        at(now()),
        json!({
            "id": "7",
            "expires_at": "2026-11-23T11:00:00.000Z",
            "expired": false,
            "multiple": false,
            "votes_count": 4,
            "voters_count": 4,
            "options": [{"title": "yes", "votes_count": null}],
            "emojis": [],
            "voted": false,
            "own_votes": [],
        })
    );
    let ended = at(now() + TimeDelta::hours(2));
    assert_eq!(
        (&ended["expired"], &ended["options"][0]["votes_count"]),
        (&json!(true), &json!(4))
    );
}

fn picture() -> MediaAttachment {
    MediaAttachment {
        id: MediaId(3),
        account_id: AccountId(1),
        status_id: None,
        media_type: MediaType::Image,
        content_type: "image/png".to_owned(),
        file: Some("a.png".to_owned()),
        thumbnail: Some("a-small.png".to_owned()),
        remote_url: None,
        description: Some("a boat".to_owned()),
        blurhash: Some("UBL".to_owned()),
        focus: Some((0.5, -0.5)),
        size: Some(Size {
            width: 400,
            height: 200,
        }),
        small_size: None,
        preview_remote_url: None,
        timing: Timing::default(),
        created_at: now(),
    }
}

#[test]
fn an_attachment_has_addresses_and_sizes() {
    assert_eq!(
        json_of(&super::media::MediaAttachment::from_model(&picture(), &urls())),
        json!({
            "id": "3",
            "type": "image",
            "url": "https://pouet.example/media/a.png",
            "preview_url": "https://pouet.example/media/a-small.png",
            "remote_url": null,
            "preview_remote_url": null,
            "text_url": null,
            "meta": {
                "focus": {"x": 0.5, "y": -0.5},
                "original": {"width": 400, "height": 200, "size": "400x200", "aspect": 2.0},
            },
            "description": "a boat",
            "blurhash": "UBL",
        })
    );
}

#[test]
fn emoji_of_other_servers_come_through_the_proxy() {
    let emoji = CustomEmoji {
        shortcode: "blob".to_owned(),
        domain: Some("far.example".to_owned()),
        image: "https://cdn.far.example/blob.gif".to_owned(),
        uri: None,
        updated_at: None,
    };
    let proxy =
        |variant: &str| format!("https://pouet.example/media_proxy/emojis/far.example/blob/{variant}");
    assert_eq!(
        json_of(&super::emoji::CustomEmoji::from_model(&emoji, &urls())),
        json!({
            "shortcode": "blob",
            "url": proxy("original"),
            "static_url": proxy("static"),
            "visible_in_picker": false,
        })
    );
}

#[test]
fn files_of_other_servers_come_through_the_proxy() {
    let far = "https://far.example/a";
    let shown = |media_type| {
        let media = MediaAttachment {
            media_type,
            file: None,
            thumbnail: None,
            remote_url: Some(far.to_owned()),
            ..picture()
        };
        let shown = json_of(&super::media::MediaAttachment::from_model(&media, &urls()));
        (shown["url"].clone(), shown["preview_url"].clone())
    };
    let proxy = |variant: &str| json!(format!("https://pouet.example/media_proxy/3/{variant}"));
    assert_eq!(shown(MediaType::Image), (proxy("original"), proxy("small")));
    assert_eq!(shown(MediaType::Video), (proxy("original"), Value::Null));
    assert_eq!(shown(MediaType::Unknown), (json!(far), Value::Null));
}

#[test]
fn fed_042_videos_of_other_servers_have_a_picture_and_a_length() {
    let poster = "https://far.example/a.jpg";
    let media = MediaAttachment {
        media_type: MediaType::Video,
        content_type: "video/mp4".to_owned(),
        file: None,
        thumbnail: None,
        remote_url: Some("https://far.example/a.mp4".to_owned()),
        preview_remote_url: Some(poster.to_owned()),
        timing: Timing {
            duration_ms: Some(14_930),
            frame_rate: Some(30),
            bitrate: Some(572_590),
        },
        ..picture()
    };
    let shown = json_of(&super::media::MediaAttachment::from_model(&media, &urls()));
    assert_eq!(
        shown["preview_url"],
        json!("https://pouet.example/media_proxy/3/small")
    );
    assert_eq!(shown["preview_remote_url"], json!(poster));
    assert_eq!(
        shown["meta"]["original"],
        json!({
            "width": 400,
            "height": 200,
            "size": "400x200",
            "aspect": 2.0,
            "duration": 14.93,
            "frame_rate": "30/1",
            "bitrate": 572_590,
        })
    );
    let sound = MediaAttachment {
        media_type: MediaType::Audio,
        size: None,
        preview_remote_url: None,
        ..media
    };
    let shown = json_of(&super::media::MediaAttachment::from_model(&sound, &urls()));
    assert_eq!(
        (&shown["preview_url"], &shown["preview_remote_url"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(
        shown["meta"]["original"],
        json!({"duration": 14.93, "frame_rate": "30/1", "bitrate": 572_590})
    );
}

#[test]
fn notifications_are_numbers_only_where_clients_want_them() {
    let bob = Arc::new(remote(2, "bob"));
    let view = NotificationView {
        notification: ModelNotification {
            id: NotificationId(4),
            account_id: AccountId(1),
            kind: NotificationType::Follow,
            from_account_id: AccountId(2),
            status_id: None,
            group_key: "follow-9".to_owned(),
            created_at: now(),
            filtered: false,
            collection_id: None,
        },
        from: Arc::clone(&bob),
        status: None,
        reaction: None,
        severance: None,
        collection: None,
    };
    let account = json_of(&Account::from_model(&bob, &urls()));
    assert_eq!(
        json_of(&Notification::from_view(&view, now(), &urls())),
        json!({
            "id": "4",
            "type": "follow",
            "created_at": "2026-11-23T10:00:00.000Z",
            "group_key": "follow-9",
            "account": account,
        })
    );
    let grouped = GroupedView {
        groups: vec![NotificationGroup {
            group_key: "follow-9".to_owned(),
            kind: NotificationType::Follow,
            count: 1,
            most_recent_id: NotificationId(4),
            page_min_id: NotificationId(4),
            page_max_id: NotificationId(4),
            latest_page_at: now(),
            sample_account_ids: vec![AccountId(2)],
            status_id: None,
            severance: None,
            collection: None,
        }],
        accounts: vec![bob],
        statuses: Vec::new(),
    };
    assert_eq!(
        json_of(&GroupedNotifications::from_view(&grouped, false, now(), &urls())),
        json!({
            "accounts": [account],
            "statuses": [],
            "notification_groups": [{
                "group_key": "follow-9",
                "notifications_count": 1,
                "type": "follow",
                "most_recent_notification_id": 4,
                "page_min_id": "4",
                "page_max_id": "4",
                "latest_page_notification_at": "2026-11-23T10:00:00.000Z",
                "sample_account_ids": ["2"],
            }],
        })
    );
}

#[test]
fn who_may_be_featured_is_told() {
    let of =
        |account: &ModelAccount| json_of(&Account::from_model(account, &urls()))["feature_approval"].clone();
    let mut ada = account(1, "ada");
    ada.locked = true;
    assert_eq!(
        of(&ada),
        json!({"automatic": ["followers"], "manual": [], "current_user": "automatic"})
    );
    ada.suspended_at = Some(now());
    assert_eq!(
        of(&ada),
        json!({"automatic": [], "manual": [], "current_user": "denied"})
    );
    let unknown = json!({"automatic": [], "manual": [], "current_user": "missing"});
    assert_eq!(of(&remote(2, "bob")), unknown);
}
