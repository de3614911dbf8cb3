//! Timeline rows.

use chrono::{DateTime, Utc};
use pouet_model::{
    ids::{AccountId, ConversationId, StatusId},
    page::Page,
    status::{Status, Visibility},
};
use pouet_storage::{
    Conn, Result, Store,
    accounts::{NewLocalAccount, insert_local_account},
    conversations::insert_conversation,
    statuses::insert_status,
    timelines::{self, PublicFilter},
};

use crate::on_each_store;

fn now() -> DateTime<Utc> {
    "2026-11-23T10:00:00Z".parse().unwrap()
}

pub(crate) fn account(conn: &mut Conn, id: i64, username: &str) -> Result<AccountId> {
    let new = NewLocalAccount {
        id: AccountId(id),
        username: username.to_owned(),
        created_at: now(),
        locked: false,
        discoverable: false,
        indexable: false,
    };
    insert_local_account(conn, &new)?;
    Ok(new.id)
}

pub(crate) fn status(conn: &mut Conn, id: i64, author: AccountId, reblog_of: Option<i64>) -> Result<Status> {
    insert_conversation(conn, ConversationId(id), None)?;
    let status = Status {
        id: StatusId(id),
        account_id: author,
        uri: None,
        url: None,
        in_reply_to_id: None,
        in_reply_to_account_id: None,
        in_reply_to_uri: None,
        reblog_of_id: reblog_of.map(StatusId),
        conversation_id: ConversationId(id),
        text: String::new(),
        content: String::new(),
        spoiler_text: String::new(),
        sensitive: false,
        visibility: Visibility::Public,
        language: None,
        poll_id: None,
        application_id: None,
        emojis: Vec::new(),
        replies_count: 0,
        reblogs_count: 0,
        favourites_count: 0,
        created_at: now(),
        edited_at: None,
        local_only: false,
        expires_at: None,
    };
    insert_status(conn, &status, false)?;
    Ok(status)
}

async fn home(store: &Store, owner: AccountId, page: Page) -> Vec<i64> {
    let ids = store
        .read(move |conn| timelines::list_home(conn, owner, &page))
        .await
        .unwrap();
    ids.into_iter().map(i64::from).collect()
}

#[tokio::test]
async fn a_boost_of_what_is_there_is_not_shown_twice() {
    on_each_store(async |store| {
        store
            .write(|tx| {
                let (ada, bob) = (account(tx, 1, "ada")?, account(tx, 2, "bob")?);
                let original = status(tx, 10, bob, None)?;
                assert_eq!(timelines::insert_home(tx, &original, &[ada, bob])?, [ada, bob]);
                let boost = status(tx, 11, ada, Some(10))?;
                assert_eq!(timelines::insert_home(tx, &boost, &[ada, bob])?, []);
                let unseen = status(tx, 12, bob, None)?;
                let boost = status(tx, 13, ada, Some(unseen.id.0))?;
                assert_eq!(timelines::insert_home(tx, &boost, &[bob])?, [bob]);
                let again = status(tx, 14, bob, Some(unseen.id.0))?;
                assert_eq!(timelines::insert_home(tx, &again, &[ada, bob])?, [ada]);
                Ok::<_, pouet_storage::Error>(())
            })
            .await
            .unwrap();
        assert_eq!(home(&store, AccountId(1), Page::first(9)).await, [14, 10]);
        assert_eq!(home(&store, AccountId(2), Page::first(9)).await, [13, 10]);
    })
    .await;
}

#[tokio::test]
async fn pages_of_home_and_public_follow_the_cursors() {
    on_each_store(async |store| {
        store
            .write(|tx| {
                let ada = account(tx, 1, "ada")?;
                for id in 1..=10 {
                    let one = status(tx, id, ada, None)?;
                    timelines::insert_home(tx, &one, &[ada])?;
                }
                Ok::<_, pouet_storage::Error>(())
            })
            .await
            .unwrap();
        let page = |max_id, since_id, min_id| Page {
            max_id,
            since_id,
            min_id,
            limit: 3,
        };
        for (page, expected) in [
            (page(None, None, None), vec![10, 9, 8]),
            (page(Some(5), None, None), vec![4, 3, 2]),
            (page(None, Some(5), None), vec![10, 9, 8]),
            (page(None, None, Some(5)), vec![8, 7, 6]),
            (page(Some(8), None, Some(5)), vec![7, 6]),
        ] {
            assert_eq!(home(&store, AccountId(1), page).await, expected, "{page:?}");
            let public = store
                .read(move |conn| timelines::list_public(conn, PublicFilter::default(), &page))
                .await
                .unwrap();
            assert_eq!(
                public.into_iter().map(i64::from).collect::<Vec<_>>(),
                expected,
                "{page:?}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_full_home_loses_its_oldest_rows() {
    on_each_store(async |store| {
        store
            .write(|tx| {
                let ada = account(tx, 1, "ada")?;
                for id in 1..=10 {
                    let one = status(tx, id, ada, None)?;
                    timelines::insert_home(tx, &one, &[ada])?;
                }
                timelines::trim_home(tx, ada, 4)
            })
            .await
            .unwrap();
        assert_eq!(home(&store, AccountId(1), Page::first(40)).await, [10, 9, 8, 7]);
    })
    .await;
}
