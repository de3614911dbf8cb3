//! What became of an account's statuses, by day.

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    ids::{AccountId, ConversationId, RelationId, StatusId, first_id_at},
    status::{Status, Visibility},
};
use pouet_storage::{
    Conn,
    accounts::{NewLocalAccount, insert_local_account},
    analytics::{DayRow, NewReads, ReadSums, Reads, add_reads, list_days, list_reads},
    conversations::insert_conversation,
    interactions::insert_favourite,
    migrate,
    statuses::insert_status,
};

use crate::on_each_connection;

/// The migration that notes whose statuses were read, favourited and boosted.
const AUTHORS: &str = "20261124350000";
const ADA: AccountId = AccountId(1);
const BEN: AccountId = AccountId(2);

/// Noon of a day.
fn noon(day: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(day) + TimeDelta::hours(12)
}

fn people(conn: &mut Conn) {
    for (id, username) in [(ADA, "ada"), (BEN, "ben")] {
        let new = NewLocalAccount {
            id,
            username: username.to_owned(),
            created_at: noon(0),
            locked: false,
            discoverable: false,
            indexable: false,
        };
        insert_local_account(conn, &new).unwrap();
    }
}

/// Adds a status of a day; `about`: the status that it boosts.
fn status(
    conn: &mut Conn,
    day: i64,
    author: AccountId,
    visibility: Visibility,
    about: Option<StatusId>,
) -> Status {
    // Several of one day have ids of their own.
    let variant = visibility as i64 + if about.is_some() { 10 } else { 0 };
    let id = first_id_at(noon(day)) + variant + author.0 * 100;
    insert_conversation(conn, ConversationId(id), None).unwrap();
    let status = Status {
        id: StatusId(id),
        account_id: author,
        uri: None,
        url: None,
        in_reply_to_id: None,
        in_reply_to_account_id: None,
        in_reply_to_uri: None,
        reblog_of_id: about,
        conversation_id: ConversationId(id),
        text: String::new(),
        content: String::new(),
        spoiler_text: String::new(),
        sensitive: false,
        visibility,
        language: None,
        poll_id: None,
        application_id: None,
        emojis: Vec::new(),
        replies_count: 0,
        reblogs_count: 0,
        favourites_count: 0,
        created_at: noon(day),
        edited_at: None,
        local_only: false,
        expires_at: None,
    };
    insert_status(conn, &status, false).unwrap();
    status
}

fn favourite(conn: &mut Conn, id: i64, status: StatusId, day: i64) {
    assert!(insert_favourite(conn, RelationId(id), BEN, status, None, noon(day)).unwrap());
}

fn shown(status: StatusId, day: i64, impressions: i64) -> NewReads {
    let reads = Reads {
        impressions,
        link_clicks: 1,
        ..Reads::default()
    };
    NewReads { status, day, reads }
}

#[test]
fn numbers_of_days_are_of_these_days_and_this_author() {
    on_each_connection(|conn| {
        migrate::run(conn).unwrap();
        people(conn);
        let mine: Vec<StatusId> = (10..15)
            .map(|day| status(conn, day, ADA, Visibility::Public, None).id)
            .collect();
        let other = status(conn, 11, BEN, Visibility::Public, None).id;
        status(conn, 12, ADA, Visibility::Public, Some(other));
        status(conn, 13, BEN, Visibility::Public, Some(mine[0]));
        let answer = Status {
            in_reply_to_account_id: Some(ADA),
            in_reply_to_id: Some(mine[1]),
            id: StatusId(first_id_at(noon(13)) + 7),
            ..status(conn, 13, BEN, Visibility::Unlisted, None)
        };
        insert_status(conn, &answer, false).unwrap();
        favourite(conn, 1, mine[0], 13);
        favourite(conn, 2, mine[1], 13);
        favourite(conn, 3, mine[2], 15);
        favourite(conn, 4, other, 13);
        let mut new = vec![
            shown(other, 13, 50),
            shown(StatusId(99), 13, 50),
            shown(mine[4], 15, 50),
        ];
        for (id, impressions) in mine.iter().zip([4, 5, 3, 9, 1]) {
            new.push(shown(*id, 13, impressions));
        }
        add_reads(conn, &new).unwrap();
        add_reads(conn, &[shown(mine[4], 13, 1)]).unwrap();
        assert_eq!(
            list_reads(conn, mine[4])
                .unwrap()
                .iter()
                .map(|(day, reads)| (*day, reads.impressions))
                .collect::<Vec<_>>(),
            [(13, 2), (15, 50)],
            "reads are added to what is there"
        );
        let found = list_days(conn, ADA, 13, 14).unwrap();
        let [(13, day), (14, next)] = found.into_iter().collect::<Vec<_>>()[..] else {
            panic!("two days");
        };
        let reads = |impressions, link_clicks| Reads {
            impressions,
            link_clicks,
            ..Reads::default()
        };
        let expected = DayRow {
            reads: ReadSums {
                enough: reads(14, 0),
                few: reads(9, 6),
            },
            statuses: 1,
            favourites: 2,
            reblogs: 1,
            replies: 1,
        };
        assert_eq!(day, expected);
        assert_eq!((next.statuses, next.reads), (1, ReadSums::default()));
        assert!(list_days(conn, ADA, i64::from(i32::MIN), 9).unwrap().is_empty());
    });
}

#[test]
fn what_was_there_before_has_its_authors() {
    on_each_connection(|conn| {
        migrate::run(conn).unwrap();
        people(conn);
        let mine = status(conn, 10, ADA, Visibility::Unlisted, None).id;
        let quiet = status(conn, 10, ADA, Visibility::Private, None).id;
        status(conn, 11, BEN, Visibility::Public, Some(mine));
        favourite(conn, 1, mine, 11);
        add_reads(conn, &[shown(mine, 11, 6), shown(quiet, 11, 7)]).unwrap();
        let before = list_days(conn, ADA, 11, 11).unwrap();
        assert_eq!((before[&11].favourites, before[&11].reblogs), (1, 1));
        assert_eq!(before[&11].reads.enough.impressions, 13);
        while !migrate::status(conn)
            .unwrap()
            .pending
            .iter()
            .any(|version| version == AUTHORS)
        {
            migrate::revert_last(conn).unwrap();
        }
        migrate::run(conn).unwrap();
        let after = list_days(conn, ADA, 11, 11).unwrap();
        assert_eq!((after[&11].favourites, after[&11].reblogs), (1, 1));
        assert_eq!(
            after[&11].reads.enough.impressions, 6,
            "of what is for followers, nothing is kept"
        );
    });
}
