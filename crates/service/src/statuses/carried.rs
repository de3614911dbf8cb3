//! Who carried a status of another server to their own followers.

use pouet_model::{
    account::Account,
    ids::{AccountId, StatusId},
};
use pouet_storage::{Conn, accounts, quotes, sight, statuses as rows};

use crate::{error::Result, instance::Instance};

/// Boosts and quotes that are looked at, of each.
const MOST: i64 = 100;

/// Accounts here that boosted or quoted a status, the first booster leading: their followers have it from them. Who
/// keeps its author out is not among them.
pub async fn carriers(instance: &Instance, id: StatusId) -> Result<Vec<AccountId>> {
    instance.read(move |conn| load(conn, id)).await
}

fn load(conn: &mut Conn, id: StatusId) -> Result<Vec<AccountId>> {
    let author = match rows::find_status(conn, id)? {
        Some(status) => accounts::find_account(conn, status.account_id)?,
        None => None,
    };
    let Some(author) = author else {
        return Ok(Vec::new());
    };
    let mut carrying = rows::list_local_reblogs(conn, id, MOST)?;
    carrying.reverse();
    let quoting = quotes::list_local_quotes(conn, id, MOST)?;
    carrying.extend(quoting.into_iter().map(|quote| quote.status_id));
    let mut people = Vec::new();
    let found = rows::load_statuses(conn, &carrying)?;
    for id in carrying {
        let of_followers = found
            .iter()
            .find(|status| status.id == id && !status.local_only && !status.visibility.is_for_addressees());
        if let Some(status) = of_followers
            && !people.contains(&status.account_id)
        {
            people.push(status.account_id);
        }
    }
    let blocking = sight::load_blocking(conn, author.id, author.domain.as_deref(), &people)?;
    let known = accounts::load_accounts(conn, &people)?;
    let speaks = |id: &AccountId| {
        let account = known.iter().find(|account| account.id == *id);
        !blocking.contains(id) && account.is_some_and(Account::is_active)
    };
    people.retain(speaks);
    Ok(people)
}
