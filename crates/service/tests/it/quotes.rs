//! Quotes: who may, who sees what of them, and what becomes of them.

use pouet_model::{
    account::User,
    ids::{AccountId, StatusId},
    notification::NotificationType,
    page::Page,
    quote::{Approval, Grant, QuoteChoice, QuotePolicy},
    status::{Mention, Visibility},
};
use pouet_service::{
    Error, blocks, domain_blocks,
    follows::{self, FollowOptions},
    mutes,
    notifications::{self, NotificationQuery},
    quotes::{self, QuoteView, QuoteViewState, RemoteQuote},
    statuses::{self, Arrival, NewStatus, RemoteStatus, StatusChange},
    timelines,
};

use crate::common::{
    World, on_each_database,
    people::{new_status, note, post},
};

async fn quote(world: &World, author: &User, quoted: StatusId) -> Result<StatusId, Error> {
    quote_as(world, author, quoted, Visibility::Public).await
}

async fn quote_as(
    world: &World,
    author: &User,
    quoted: StatusId,
    visibility: Visibility,
) -> Result<StatusId, Error> {
    let new = NewStatus {
        quoted_status_id: Some(quoted),
        ..new_status("so true", visibility)
    };
    statuses::post(world, author, new).await
}

async fn with_policy(world: &World, author: &User, choice: QuoteChoice, visibility: Visibility) -> StatusId {
    let new = NewStatus {
        quote_policy: Some(choice),
        ..new_status("wise words", visibility)
    };
    statuses::post(world, author, new).await.unwrap()
}

/// What a viewer is told of the quote in a status.
async fn seen(world: &World, viewer: Option<AccountId>, id: StatusId) -> QuoteView {
    let view = statuses::find(world, viewer, id).await.unwrap();
    view.quote.unwrap()
}

async fn follow(world: &World, follower: &User, target: &User) {
    let options = FollowOptions::default();
    follows::follow(world, follower.account_id, target.account_id, options)
        .await
        .unwrap();
}

async fn notified(world: &World, user: &User, kind: NotificationType) -> Vec<StatusId> {
    let query = NotificationQuery {
        types: Some(vec![kind]),
        ..NotificationQuery::default()
    };
    let found = notifications::list(world, user.account_id, query, Page::first(40))
        .await
        .unwrap();
    found
        .iter()
        .map(|view| view.status.as_ref().unwrap().status.id)
        .collect()
}

/// A quote between people of other servers, accepted because its status may be quoted by everybody: its id.
async fn foreign_quote(world: &World) -> (StatusId, StatusId) {
    let (bob, carl) = (
        world.remote("bob", "far.example").await,
        world.remote("carl", "quoted.example").await,
    );
    let quoted = RemoteStatus {
        quote_policy: QuotePolicy {
            automatic: vec![Grant::Public],
            manual: Vec::new(),
        },
        ..note(world, &carl, 1)
    };
    let quoted_uri = quoted.uri.clone();
    let quoted = statuses::receive(world, quoted, Arrival::Fetched).await.unwrap();
    let quoting = RemoteStatus {
        quote: Some(RemoteQuote {
            quoted_uri: Some(quoted_uri),
            legacy: true,
            stamp_uri: None,
            depth: 0,
        }),
        ..note(world, &bob, 2)
    };
    let quoting = statuses::receive(world, quoting, Arrival::Fetched).await.unwrap();
    (quoting.unwrap(), quoted.unwrap())
}

#[tokio::test]
async fn fed_088_neighbours_are_quoted_by_the_same_rules() {
    on_each_database(async |world| {
        let (ada, ben) = (world.local("ada").await, world.local("ben").await);
        let open = with_policy(&world, &ada, QuoteChoice::Public, Visibility::Public).await;
        let quoting = quote(&world, &ben, open).await.unwrap();
        let view = seen(&world, None, quoting).await;
        assert_eq!(view.state, QuoteViewState::Accepted);
        assert_eq!(view.quoted.unwrap().status.id, open);
        assert_eq!(notified(&world, &ada, NotificationType::Quote).await, [quoting]);
        let shown = statuses::find(&world, None, open).await.unwrap();
        assert_eq!(shown.quote_approval.count, 1);

        let closed = with_policy(&world, &ada, QuoteChoice::Nobody, Visibility::Public).await;
        let few = with_policy(&world, &ada, QuoteChoice::Followers, Visibility::Unlisted).await;
        for refused in [closed, few] {
            assert!(matches!(quote(&world, &ben, refused).await, Err(Error::NotFound)));
        }
        follow(&world, &ben, &ada).await;
        quote(&world, &ben, few).await.unwrap();
        assert!(matches!(quote(&world, &ben, closed).await, Err(Error::NotFound)));
        let viewer = Some(ben.account_id);
        for (id, approval) in [
            (open, Approval::Automatic),
            (few, Approval::Automatic),
            (closed, Approval::Denied),
        ] {
            let view = statuses::find(&world, viewer, id).await.unwrap();
            assert_eq!(view.quote_approval.viewer, approval);
        }
        // The author always may; a boost stands for what it boosts.
        quote(&world, &ada, closed).await.unwrap();
        let boost = statuses::reblog(&world, ben.account_id, open, None)
            .await
            .unwrap();
        let again = quote(&world, &ben, boost).await.unwrap();
        assert_eq!(seen(&world, None, again).await.quoted_id, Some(open));
        blocks::block(&world, ada.account_id, ben.account_id)
            .await
            .unwrap();
        assert!(matches!(quote(&world, &ben, open).await, Err(Error::NotFound)));
    })
    .await;
}

#[tokio::test]
async fn fed_088_those_whom_the_author_follows_may_be_let_in() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let bob = world.remote("bob", "far.example").await;
        let id = with_policy(&world, &ada, QuoteChoice::Nobody, Visibility::Public).await;
        let policy = QuotePolicy {
            automatic: vec![Grant::Following],
            manual: Vec::new(),
        };
        world
            .store()
            .write(move |tx| pouet_storage::quote_policies::replace_policy(tx, id, &policy))
            .await
            .unwrap();
        let row = statuses::find_raw(&world, id).await.unwrap().unwrap();
        let uri = world.urls().status_uri(&row);
        let allowed = async || quotes::decide(&world, bob.id, &uri).await.unwrap().unwrap().1;
        assert!(!allowed().await);
        let options = FollowOptions::default();
        follows::follow(&world, ada.account_id, bob.id, options)
            .await
            .unwrap();
        assert!(!allowed().await, "a request is not enough");
        let follower = ada.account_id;
        follows::receive_accept(&world, bob.id, follows::Selector::Pair { follower })
            .await
            .unwrap();
        assert!(allowed().await);
    })
    .await;
}

#[tokio::test]
async fn sec_R035_quotes_reach_no_further_than_what_they_quote() {
    on_each_database(async |world| {
        let (ada, ben) = (world.local("ada").await, world.local("ben").await);
        follow(&world, &ben, &ada).await;
        let private = with_policy(&world, &ada, QuoteChoice::Public, Visibility::Private).await;
        assert!(
            matches!(quote(&world, &ben, private).await, Err(Error::NotFound)),
            "no policy opens it"
        );
        let own = quote(&world, &ada, private).await.unwrap();
        let row = statuses::find_raw(&world, own).await.unwrap().unwrap();
        assert_eq!(row.visibility, Visibility::Private);
        let letter = post(&world, &ada, "to myself", Visibility::Direct).await;
        assert!(quote(&world, &ada, letter).await.is_err());

        let open = post(&world, &ada, "wise words", Visibility::Public).await;
        let refused = quote_as(&world, &ben, open, Visibility::Direct).await;
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
        let named = NewStatus {
            quoted_status_id: Some(open),
            ..new_status("@ada so true", Visibility::Direct)
        };
        statuses::post(&world, &ben, named).await.unwrap();
        let missing = quote(&world, &ben, StatusId(1)).await;
        assert!(matches!(missing, Err(Error::NotFound)));
    })
    .await;
}

#[tokio::test]
async fn sec_R035_each_viewer_sees_of_a_quote_what_they_may_see_of_the_quoted() {
    on_each_database(async |world| {
        let carl = world.remote("carl", "quoted.example").await;
        let (follower, mentioned, stranger, muting, blocking) = (
            world.local("follower").await,
            world.local("mentioned").await,
            world.local("stranger").await,
            world.local("muting").await,
            world.local("blocking").await,
        );
        for person in [&follower, &muting] {
            let options = FollowOptions::default();
            follows::follow(&world, person.account_id, carl.id, options)
                .await
                .unwrap();
            let follower = person.account_id;
            follows::receive_accept(&world, carl.id, follows::Selector::Pair { follower })
                .await
                .unwrap();
        }
        mutes::mute(&world, muting.account_id, carl.id, false, 0)
            .await
            .unwrap();
        blocks::block(&world, blocking.account_id, carl.id).await.unwrap();
        for (number, visibility) in [
            Visibility::Public,
            Visibility::Unlisted,
            Visibility::Private,
            Visibility::Direct,
        ]
        .into_iter()
        .enumerate()
        {
            let number = u32::try_from(number).unwrap();
            // Authors need nobody's consent to quote themselves, and may do so before others who see less.
            let quoted = RemoteStatus {
                visibility,
                mentions: vec![Mention {
                    account_id: mentioned.account_id,
                    silent: false,
                }],
                ..note(&world, &carl, 10 + number)
            };
            let quoting = RemoteStatus {
                quote: Some(RemoteQuote {
                    quoted_uri: Some(quoted.uri.clone()),
                    legacy: false,
                    stamp_uri: None,
                    depth: 0,
                }),
                ..note(&world, &carl, 20 + number)
            };
            statuses::receive(&world, quoted, Arrival::Fetched).await.unwrap();
            let quoting = statuses::receive(&world, quoting, Arrival::Fetched)
                .await
                .unwrap()
                .unwrap();
            let (open, private) = (visibility.is_open(), visibility == Visibility::Private);
            let when =
                |may: bool, state: QuoteViewState| if may { state } else { QuoteViewState::Unauthorized };
            for (viewer, expected) in [
                (None, when(open, QuoteViewState::Accepted)),
                (Some(&stranger), when(open, QuoteViewState::Accepted)),
                (Some(&follower), when(open || private, QuoteViewState::Accepted)),
                (Some(&mentioned), QuoteViewState::Accepted),
                (Some(&muting), when(open || private, QuoteViewState::MutedAccount)),
                (Some(&blocking), when(open, QuoteViewState::BlockedAccount)),
            ] {
                let view = seen(&world, viewer.map(|user| user.account_id), quoting).await;
                let who = viewer.map_or("anonymous", |user| user.email.as_str());
                assert_eq!(view.state, expected, "{who} {visibility:?}");
                let hidden = expected == QuoteViewState::Unauthorized;
                assert_eq!(view.quoted.is_none(), hidden, "{who} {visibility:?}");
                assert_eq!(view.quoted_id.is_none(), hidden, "{who} {visibility:?}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn sec_R035_the_quoted_author_who_blocks_a_viewer_is_not_shown_to_them() {
    on_each_database(async |world| {
        let (ada, ben, eve) = (
            world.local("ada").await,
            world.local("ben").await,
            world.local("eve").await,
        );
        let open = post(&world, &ada, "wise words", Visibility::Public).await;
        let quoting = quote(&world, &ben, open).await.unwrap();
        let nested = quote(&world, &ben, quoting).await.unwrap();
        blocks::block(&world, ada.account_id, eve.account_id)
            .await
            .unwrap();
        let view = seen(&world, Some(eve.account_id), quoting).await;
        assert_eq!(view.state, QuoteViewState::Unauthorized);
        assert!(view.quoted.is_none());
        let outer = seen(&world, Some(eve.account_id), nested).await;
        assert_eq!(outer.state, QuoteViewState::Accepted);
        let inner = outer.quoted.unwrap().quote.unwrap();
        assert_eq!(
            (inner.state, inner.quoted_id),
            (QuoteViewState::Unauthorized, None)
        );
    })
    .await;
}

#[tokio::test]
async fn domains_that_a_viewer_blocks_are_told_apart() {
    on_each_database(async |world| {
        let (quoting, quoted) = foreign_quote(&world).await;
        let ada = world.local("ada").await;
        let viewer = Some(ada.account_id);
        assert_eq!(
            seen(&world, viewer, quoting).await.state,
            QuoteViewState::Accepted
        );
        domain_blocks::block(&world, ada.account_id, "quoted.example")
            .await
            .unwrap();
        let view = seen(&world, viewer, quoting).await;
        assert_eq!(view.state, QuoteViewState::BlockedDomain);
        assert_eq!(view.quoted_id, Some(quoted));
    })
    .await;
}

#[tokio::test]
async fn revoked_quotes_show_nothing_and_are_not_counted() {
    on_each_database(async |world| {
        let (ada, ben) = (world.local("ada").await, world.local("ben").await);
        let open = post(&world, &ada, "wise words", Visibility::Public).await;
        let quoting = quote(&world, &ben, open).await.unwrap();
        let listed = async || {
            let page = Page::first(20);
            let found = quotes::list(&world, ben.account_id, open, page).await.unwrap();
            found.iter().map(|keyed| keyed.key).collect::<Vec<_>>()
        };
        assert_eq!(listed().await, [quoting.0]);
        let by_other = quotes::revoke(&world, ben.account_id, open, quoting).await;
        assert!(matches!(by_other, Err(Error::Forbidden(_))));
        let of_another = quotes::revoke(&world, ada.account_id, open, open).await;
        assert!(matches!(of_another, Err(Error::NotFound)));
        for _ in 0..2 {
            quotes::revoke(&world, ada.account_id, open, quoting)
                .await
                .unwrap();
        }
        let view = seen(&world, Some(ben.account_id), quoting).await;
        assert_eq!(view.state, QuoteViewState::Revoked);
        assert!(view.quoted.is_none() && view.quote.stamp_id.is_none());
        assert_eq!(listed().await, [0i64; 0]);
        let shown = statuses::find(&world, None, open).await.unwrap();
        assert_eq!(shown.quote_approval.count, 0);
    })
    .await;
}

#[tokio::test]
async fn whoever_is_blocked_loses_the_consent_to_their_quotes() {
    on_each_database(async |world| {
        let (ada, ben, cleo) = (
            world.local("ada").await,
            world.local("ben").await,
            world.local("cleo").await,
        );
        let open = post(&world, &ada, "wise words", Visibility::Public).await;
        let by_ben = quote(&world, &ben, open).await.unwrap();
        let by_cleo = quote(&world, &cleo, open).await.unwrap();
        pouet_service::blocks::block(&world, ada.account_id, ben.account_id)
            .await
            .unwrap();
        assert_eq!(seen(&world, None, by_ben).await.state, QuoteViewState::Revoked);
        assert_eq!(seen(&world, None, by_cleo).await.state, QuoteViewState::Accepted);
        pouet_service::blocks::unblock(&world, ada.account_id, ben.account_id)
            .await
            .unwrap();
        assert_eq!(
            seen(&world, None, by_ben).await.state,
            QuoteViewState::Revoked,
            "for good"
        );
    })
    .await;
}

#[tokio::test]
async fn what_is_quoted_and_deleted_is_said_to_be() {
    on_each_database(async |world| {
        let (ada, ben) = (world.local("ada").await, world.local("ben").await);
        let open = post(&world, &ada, "wise words", Visibility::Public).await;
        let quoting = quote(&world, &ben, open).await.unwrap();
        statuses::delete(&world, ada.account_id, open, false)
            .await
            .unwrap();
        let view = seen(&world, None, quoting).await;
        assert_eq!(view.state, QuoteViewState::Deleted);
        assert!(view.quoted.is_none());
    })
    .await;
}

#[tokio::test]
async fn edits_keep_the_link_and_tell_those_who_quote() {
    on_each_database(async |world| {
        let (ada, ben) = (world.local("ada").await, world.local("ben").await);
        let open = post(&world, &ada, "wise words", Visibility::Public).await;
        let quoting = quote(&world, &ben, open).await.unwrap();
        let content = async |id| {
            let view = statuses::find(&world, None, id).await.unwrap();
            view.status.content
        };
        let link = content(quoting).await;
        let (paragraph, _) = link.split_once("</p>").unwrap();
        assert!(paragraph.contains(&format!("/@ada/{open}")), "{link}");
        // Saying nothing more than the quote is enough.
        let change = StatusChange::default();
        statuses::edit(&world, ben.account_id, quoting, change)
            .await
            .unwrap();
        assert_eq!(content(quoting).await, format!("{paragraph}</p>"));
        let change = StatusChange {
            text: "wiser words".to_owned(),
            quote_policy: Some(QuoteChoice::Nobody),
            ..StatusChange::default()
        };
        statuses::edit(&world, ada.account_id, open, change)
            .await
            .unwrap();
        assert_eq!(
            notified(&world, &ben, NotificationType::QuotedUpdate).await,
            [quoting]
        );
        assert!(matches!(quote(&world, &ben, open).await, Err(Error::NotFound)));
        quotes::set_policy(&world, ada.account_id, open, Some(QuoteChoice::Public))
            .await
            .unwrap();
        quote(&world, &ben, open).await.unwrap();
        let not_theirs = quotes::set_policy(&world, ben.account_id, open, Some(QuoteChoice::Nobody)).await;
        assert!(matches!(not_theirs, Err(Error::NotFound)));
    })
    .await;
}

#[tokio::test]
async fn fed_086_a_request_that_nobody_answers_ends() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let carl = world.remote("carl", "quoted.example").await;
        let quoted = RemoteStatus {
            quote_policy: QuotePolicy {
                automatic: Vec::new(),
                manual: vec![Grant::Public],
            },
            ..note(&world, &carl, 1)
        };
        let quoted = statuses::receive(&world, quoted, Arrival::Fetched)
            .await
            .unwrap()
            .unwrap();
        let quoting = quote(&world, &ada, quoted).await.unwrap();
        assert_eq!(seen(&world, None, quoting).await.state, QuoteViewState::Pending);
        quotes::end_request(&world, quoting).await.unwrap();
        assert_eq!(seen(&world, None, quoting).await.state, QuoteViewState::Rejected);
        // A late answer is an answer.
        let request = seen(&world, None, quoting).await.quote.request_id;
        let request = request.map(|request| (ada.account_id, request));
        quotes::receive_accept(&world, carl.id, request, None, "https://quoted.example/stamp")
            .await
            .unwrap();
        assert_eq!(seen(&world, None, quoting).await.state, QuoteViewState::Accepted);
    })
    .await;
}

#[tokio::test]
async fn a_quote_of_a_local_status_concerns_somebody_here() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let bob = world.remote("bob", "far.example").await;
        let open = post(&world, &ada, "wise words", Visibility::Public).await;
        let row = statuses::find_raw(&world, open).await.unwrap().unwrap();
        let quote = |uri: String| RemoteQuote {
            quoted_uri: Some(uri),
            legacy: false,
            stamp_uri: None,
            depth: 0,
        };
        let pushed = Arrival::Pushed { recipient: None };
        let quoting = RemoteStatus {
            quote: Some(quote(world.urls().status_uri(&row))),
            ..note(&world, &bob, 1)
        };
        let kept = statuses::receive(&world, quoting, pushed).await.unwrap().unwrap();
        assert_eq!(seen(&world, None, kept).await.state, QuoteViewState::Pending);
        let missing = RemoteStatus {
            quote: Some(quote(format!("{}1", world.urls().status_uri(&row)))),
            ..note(&world, &bob, 2)
        };
        assert_eq!(statuses::receive(&world, missing, pushed).await.unwrap(), None);
        let mention = Mention {
            account_id: ada.account_id,
            silent: false,
        };
        let pretending = RemoteStatus {
            mentions: vec![mention],
            quote: Some(quote("https://pouet.example/ap/users/1/posts/1".to_owned())),
            ..note(&world, &bob, 3)
        };
        let kept = statuses::receive(&world, pretending, pushed)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(seen(&world, None, kept).await.state, QuoteViewState::Deleted);
    })
    .await;
}

#[tokio::test]
async fn pages_of_quotes_cost_as_much_as_one_quote() {
    on_each_database(async |mut world| {
        let (ada, ben) = (world.local("ada").await, world.local("ben").await);
        for n in 0..12 {
            let open = post(&world, &ada, &format!("wise words {n}"), Visibility::Public).await;
            let first = quote(&world, &ben, open).await.unwrap();
            quote(&world, &ben, first).await.unwrap();
        }
        let viewer = ada.account_id;
        let mut costs = Vec::new();
        // The first read may open a connection, which costs statements of its own.
        for limit in [1, 1, 8] {
            let page = Page::first(limit);
            let (found, cost) = world
                .statements_of(async |instance| {
                    timelines::account(
                        instance,
                        Some(viewer),
                        ben.account_id,
                        timelines::AccountFilter::default(),
                        page,
                    )
                    .await
                })
                .await;
            assert_eq!(found.unwrap().len(), usize::try_from(limit).unwrap());
            costs.push(cost);
        }
        assert_eq!(costs[1], costs[2]);
    })
    .await;
}
