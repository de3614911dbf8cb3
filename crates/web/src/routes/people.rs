//! Profiles and statuses.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use pouet_model::account::Account;
use pouet_model::ids::StatusId;
use pouet_model::page::Page as Range;
use pouet_service::timelines::{self, AccountFilter};
use pouet_service::view::StatusView;
use pouet_service::{Error, accounts, analytics, statuses, threads};
use serde::Deserialize;

use super::Answer;
use super::public::{Older, PAGE_SIZE};
use crate::context::Context;
use crate::convert::{self, profile_summary, status_card, status_summary};
use crate::counting::Counting;
use crate::failure::Failure;
use crate::numbers::status_numbers;
use crate::templates::{Profile, StatusPage};
use crate::view::{Cursor, StatusCard, StatusNumbers};

/// The local account whose handle stands in the address.
///
/// # Errors
/// Pages for 404 and 410; other servers' accounts have their page there, and suspended ones have none.
async fn local_account(cx: &Context, handle: &str) -> Result<Arc<Account>, Failure> {
    let username = match handle.split_once('@') {
        Some((name, domain)) if cx.urls().is_own_domain(domain) => name,
        Some(_) => return Err(cx.fail(&Error::NotFound)),
        None => handle,
    };
    let found = accounts::find_local(cx.instance(), username)
        .await
        .map_err(|error| cx.fail(&error))?;
    match found {
        Some(account) if account.is_active() => Ok(Arc::new(account)),
        Some(_) => Err(cx.fail(&Error::Gone)),
        None => Err(cx.fail(&Error::NotFound)),
    }
}

/// Where a reader comes from.
#[derive(Deserialize)]
pub(crate) struct Source {
    /// A ticket of one of our pages.
    from: Option<String>,
}

impl Source {
    /// The ticket, good or not.
    pub(super) fn ticket(&self) -> Option<&str> {
        self.from.as_deref()
    }
}

/// `GET /@user`: a profile with its statuses. Who comes from a post on one of our pages is counted, and led on to the
/// address without that.
pub(crate) async fn profile(
    cx: Context,
    handle: web::Path<String>,
    older: web::Query<Older>,
    source: web::Query<Source>,
) -> Answer {
    let account = local_account(&cx, &handle).await?;
    if let Some(ticket) = source.ticket() {
        analytics::opened_profile(cx.instance(), cx.reader().as_ref(), ticket, account.id);
        return Ok(cx.redirect(&format!("/@{}", account.username)));
    }
    let (statuses, cursor) = statuses_of(&cx, &account, &older)
        .await
        .map_err(|error| cx.fail(&error))?;
    let profile = &convert::profile(&account, cx.urls());
    let (page, summary) = (cx.page.clone(), &profile_summary(profile));
    cx.render_for_strangers(&Profile {
        p: &page,
        profile,
        summary,
        statuses: &statuses,
        cursor: &cursor,
        focused: false,
    })
}

/// What an account said of itself and passed on, newest first; pinned statuses begin the first page.
async fn statuses_of(
    cx: &Context,
    account: &Account,
    older: &Older,
) -> Result<(Vec<StatusCard>, Cursor), Error> {
    let list = |pinned, range| {
        let filter = AccountFilter {
            pinned,
            exclude_replies: !pinned,
            ..AccountFilter::default()
        };
        timelines::account(cx.instance(), cx.viewer_id(), account.id, filter, range)
    };
    let views = list(false, older.range()).await?;
    let cursor = older.cursor(&format!("/@{}", account.username), &views);
    let pinned = if cursor.newest.is_none() {
        list(true, Range::first(PAGE_SIZE)).await?
    } else {
        Vec::new()
    };
    let counting = Counting::of(cx, pinned.iter().chain(&views)).await?;
    let mut cards = counting.cards(&pinned);
    for card in &mut cards {
        card.pinned = true;
    }
    let pinned: Vec<String> = cards.iter().map(|card| card.id.clone()).collect();
    let rest = counting.cards(&views).into_iter();
    cards.extend(rest.filter(|card| !pinned.contains(&card.id)));
    Ok((cards, cursor))
}

/// `GET /@user/ID`: a status with what it answers and what answers it.
pub(crate) async fn status(cx: Context, path: web::Path<(String, String)>) -> Answer {
    let (handle, id) = path.into_inner();
    let account = local_account(&cx, &handle).await?;
    let id: StatusId = id
        .parse()
        .map_err(|_| Failure::status(&cx.page, StatusCode::NOT_FOUND))?;
    let view = statuses::find(cx.instance(), cx.viewer_id(), id)
        .await
        .map_err(|error| cx.fail(&error))?;
    if view.status.account_id != account.id {
        return Err(cx.fail(&Error::NotFound));
    }
    let uri = cx.urls().status_uri(&view.content().status);
    if view.reblog.is_some() {
        // A reblog has no page of its own.
        return Ok(passed_on(cx, &view));
    }
    analytics::opened(cx.instance(), cx.reader().as_ref(), &view);
    let context = statuses::context(cx.instance(), cx.viewer_id(), id)
        .await
        .map_err(|error| cx.fail(&error))?;
    if let Some(viewer) = cx.viewer_id() {
        threads::open(cx.instance(), viewer, id)
            .await
            .map_err(|error| cx.fail(&error))?;
    }
    let all = context
        .ancestors
        .iter()
        .chain(&context.descendants)
        .chain([&view]);
    let counting = Counting::of(&cx, all).await.map_err(|error| cx.fail(&error))?;
    let (ancestors, replies) = (
        counting.cards(&context.ancestors),
        counting.cards(&context.descendants),
    );
    let main = counting.card(&view);
    let numbers = own_numbers(&cx, &view).await.map_err(|error| cx.fail(&error))?;
    let picture = main.media.first().map_or(&main.account.avatar, |file| {
        file.preview.as_ref().unwrap_or(&file.url)
    });
    let (page, summary) = (cx.page.clone(), status_summary(&main));
    let (address, oembed) = (
        cx.urls().status_url(&view.status, &view.author),
        cx.urls().path("/api/oembed"),
    );
    cx.render_for_strangers(&StatusPage {
        p: &page,
        main: &main,
        ancestors: &ancestors,
        replies: &replies,
        reply_count: &(replies.len() as i64),
        numbers: numbers.as_ref(),
        object_uri: &uri,
        summary: &summary,
        picture: if main.sensitive {
            &main.account.avatar
        } else {
            picture
        },
        indexable: account.indexable,
        oembed: main.visibility.is_public().then(|| {
            let address: String = url::form_urlencoded::byte_serialize(address.as_bytes()).collect();
            format!("{oembed}?url={address}")
        }),
    })
}

/// What became of a status, on the page that its author gets.
async fn own_numbers(cx: &Context, view: &StatusView) -> Result<Option<StatusNumbers>, Error> {
    let instance = cx.instance();
    let Some(viewer) = cx.viewer_id().filter(|viewer| *viewer == view.author.id) else {
        return Ok(None);
    };
    if !instance.settings.analytics_enabled {
        return Ok(None);
    }
    let found = analytics::of_status(instance, viewer, view.status.id).await?;
    let counts_links = analytics::counts_links(instance, viewer).await?;
    Ok(Some(status_numbers(&cx.page, &found, counts_links)))
}

/// Sends the reader of a reblog to what it passes on.
fn passed_on(cx: Context, view: &StatusView) -> HttpResponse {
    let original = status_card(view, cx.urls());
    cx.redirect(&original.url)
}
