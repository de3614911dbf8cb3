//! Telling people what they lost when a domain was blocked.

use chrono::{DateTime, Utc};
use pouet_model::{
    ids::AccountId,
    notification::{NotificationType, Severance, SeveranceKind},
};
use pouet_storage::{Conn, notifications, notifications::NewNotification, severances as rows};

use crate::{
    error::Result,
    events::{self, Event},
    instance::Instance,
};

/// Accounts that are told in one transaction.
const BATCH: i64 = 100;

/// Notes that a follow of `owner` ended. `outward`: theirs of somebody of the domain.
pub(crate) fn note(
    tx: &mut Conn,
    instance: &Instance,
    owner: AccountId,
    kind: SeveranceKind,
    domain: &str,
    outward: bool,
) -> Result<()> {
    let severance = Severance {
        id: instance.next_id(),
        account_id: owner,
        kind,
        target_name: domain.to_owned(),
        followers_count: i64::from(!outward),
        following_count: i64::from(outward),
        created_at: instance.now(),
    };
    Ok(rows::add_to_severance(tx, &severance)?)
}

/// Notifies people of what was noted about a domain, at most a hundred at a time. Returns how many there were.
pub(crate) fn tell(tx: &mut Conn, domain: &str, kind: SeveranceKind, now: DateTime<Utc>) -> Result<usize> {
    let untold = rows::list_untold(tx, domain, kind, BATCH)?;
    for severance in &untold {
        let new = NewNotification {
            account_id: severance.account_id,
            kind: NotificationType::SeveredRelationships,
            from_account_id: severance.account_id,
            status_id: None,
            group_key: None,
            created_at: now,
            filtered: false,
            collection_id: None,
        };
        let Some(notification_id) = notifications::insert_notification(tx, &new)? else {
            rows::delete_severance(tx, severance.id)?;
            continue;
        };
        rows::update_told(tx, severance.id, notification_id)?;
        let event = Event::Notified {
            account_id: severance.account_id,
            notification_id,
        };
        events::emit(tx, &event, now)?;
    }
    Ok(untold.len())
}
