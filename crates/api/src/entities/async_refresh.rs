//! <https://docs.joinmastodon.org/entities/AsyncRefresh/>

use serde::Serialize;

/// Something that is fetched while nobody has to wait for it.
#[derive(Serialize)]
pub(crate) struct AsyncRefresh {
    pub(crate) id: String,
    /// `running` or `finished`.
    pub(crate) status: &'static str,
    /// What was new so far.
    pub(crate) result_count: i64,
}

/// The answer, which wraps it.
#[derive(Serialize)]
pub(crate) struct AsyncRefreshAnswer {
    pub(crate) async_refresh: AsyncRefresh,
}
