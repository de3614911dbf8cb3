//! Followers that come all at once: bought ones do.

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    alert::{AlertAbout, AlertKind},
    ids::{AccountId, first_id_at},
};
use pouet_storage::{Conn, accounts, alerts as rows, follows};

use super::{NewAlert, raise};
use crate::{error::Result, instance::Instance, trends};

/// Time that new followers are counted in.
const WINDOW: TimeDelta = TimeDelta::hours(1);
/// Fewer new followers than this are nothing to look at.
const LEAST: i64 = 50;
/// How many times more than usual is unusual.
const FACTOR: f64 = 10.0;
/// Time before that tells an account's habit.
const HABIT: TimeDelta = TimeDelta::days(14);
/// Other accounts that gain followers in the same hour before they tell what happens to everybody.
const LEAST_OTHERS: usize = 5;
/// New followers that are looked at for what they have in common, the last ones.
const LOOKED_AT: i64 = 400;

/// Looks at who gained followers within the last hour, and tells those who look after the instance of accounts that gained far
/// more than they use to, and than others do now.
///
/// Its cost depends on how many people began to follow somebody within the hour.
pub async fn watch(instance: &Instance) -> Result<()> {
    let now = instance.now();
    let found = instance.read(move |conn| unusual(conn, now)).await?;
    if found.is_empty() {
        return Ok(());
    }
    let writer = instance.clone();
    instance
        .write(move |tx| {
            found
                .into_iter()
                .try_for_each(|alert| raise(tx, &writer, alert, now))
        })
        .await
}

fn unusual(conn: &mut Conn, now: DateTime<Utc>) -> Result<Vec<NewAlert>> {
    let gained = follows::count_new_followers(conn, first_id_at(now - WINDOW))?;
    let mut found = Vec::new();
    for (position, (target, count)) in gained.iter().enumerate() {
        if *count < LEAST {
            continue;
        }
        let others = gained
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != position)
            .map(|(_, (_, count))| *count);
        let expected = habit(conn, *target, now)?.max(median(others.collect()));
        let most_usual = FACTOR * (1.0 + expected);
        if *count as f64 >= most_usual {
            found.push(alert(conn, *target, *count, most_usual, now)?);
        }
    }
    Ok(found)
}

/// Followers that an account gains in an hour, on average of the two weeks before this hour, or since it exists, a day at least.
fn habit(conn: &mut Conn, target: AccountId, now: DateTime<Utc>) -> Result<f64> {
    let until = now - WINDOW;
    let since = match accounts::find_account(conn, target)? {
        Some(account) => account
            .created_at
            .max(until - HABIT)
            .min(until - TimeDelta::days(1)),
        None => until - HABIT,
    };
    let count = follows::count_followers_between(conn, target, first_id_at(since), first_id_at(until))?;
    Ok(count as f64 / ((until - since).num_minutes() as f64 / 60.0))
}

/// What others gained in the same hour, the one in the middle of them: half of them would have to be bought to hide one. Nothing
/// where they are few.
fn median(mut others: Vec<i64>) -> f64 {
    if others.len() < LEAST_OTHERS {
        return 0.0;
    }
    others.sort_unstable();
    others[others.len() / 2] as f64
}

fn alert(
    conn: &mut Conn,
    target: AccountId,
    count: i64,
    most_usual: f64,
    now: DateTime<Utc>,
) -> Result<NewAlert> {
    let followers = follows::list_new_followers(conn, target, first_id_at(now - WINDOW), LOOKED_AT)?;
    let (reason, suspects) = match trends::ring_among(conn, &followers, now)? {
        Some((reason, suspects)) => (reason, suspects),
        None if has_moved_here(conn, target)? => ("moved", 0),
        None => ("", 0),
    };
    Ok(NewAlert {
        kind: AlertKind::Followers,
        about: AlertAbout::Account,
        subject_id: target.0,
        reason: reason.to_owned(),
        people: count,
        suspects: suspects as i64,
        usual: most_usual as i64,
    })
}

/// Whether an account has moved to this one, which names it as an alias then: its followers come along.
fn has_moved_here(conn: &mut Conn, target: AccountId) -> Result<bool> {
    let account = accounts::find_account(conn, target)?;
    if account.is_none_or(|account| account.also_known_as.is_empty()) {
        return Ok(false);
    }
    Ok(rows::has_moved_here(conn, target)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_others_is_not_moved_by_a_few() {
        for (others, expected) in [
            (vec![], 0.0),
            (vec![1000, 1000, 1000, 1000], 0.0),
            (vec![1, 2, 3, 1000, 1000], 3.0),
            (vec![90, 80, 70, 60, 50, 40], 70.0),
        ] {
            assert!((median(others.clone()) - expected).abs() < 1e-9, "{others:?}");
        }
    }
}
