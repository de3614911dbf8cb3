//! Two servers and what their people do to each other, seen through each side's client API.
//!
//! Every scenario runs twice: between two servers on SQLite, and with the second one on PostgreSQL. The first server
//! is Ada's, the second one Ben's.

mod accounts;
mod discovery;
mod follows;
mod interactions;
mod media_and_polls;
mod statuses;

use pouet_tests::Account;
use pouet_tests::account::uri_of;
use serde_json::json;

/// Makes a test of each scenario on both kinds of pair.
macro_rules! on_both_databases {
    ($($scenario:ident),+ $(,)?) => {
        mod sqlite_with_sqlite {
            $(#[tokio::test]
            async fn $scenario() {
                if let Some(pair) = pouet_tests::Pair::start(pouet_tests::database::Backend::Sqlite).await {
                    super::$scenario(pair).await;
                }
            })+
        }

        mod sqlite_with_postgres {
            $(#[tokio::test]
            async fn $scenario() {
                if let Some(pair) = pouet_tests::Pair::start(pouet_tests::database::Backend::Postgres).await {
                    super::$scenario(pair).await;
                }
            })+
        }
    };
}
pub(crate) use on_both_databases;

/// Waits until everything that `from` has sent before has had the time to reach `to`: a direct mention goes the same
/// way, and is waited for. What has not arrived by then was not sent.
pub(crate) async fn everything_delivered(from: &Account, to: &Account) {
    let text = format!(
        "@{} have you got everything? {}",
        to.handle,
        pouet_tests::chance::name()
    );
    to.let_anyone_write().await;
    let last = from
        .publish_with(json!({ "status": text, "visibility": "direct" }))
        .await;
    let uri = uri_of(&last);
    let what = format!("the last message of {} to reach {}", from.handle, to.handle);
    pouet_tests::eventually(&what, pouet_tests::wait::DELIVERED, async || {
        let notified = to.notifications().await;
        anyhow::ensure!(
            notified.iter().any(|it| it["status"]["uri"] == uri),
            "it is not in {notified:?}"
        );
        Ok(())
    })
    .await;
}
