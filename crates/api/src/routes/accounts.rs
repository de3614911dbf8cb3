//! <https://docs.joinmastodon.org/methods/accounts/>

use actix_web::HttpResponse;
use pouet_model::{page::Page, status::Visibility};
use pouet_service::{
    accounts, follows,
    notifications::policy,
    oauth,
    profile::{self, PictureChange, ProfileChange},
    registration::{self, Registration},
    search,
    timelines::{self, AccountFilter},
    upkeep,
};

use crate::{
    call::Call,
    entities::{
        account::{Account, CredentialAccount},
        token::Token,
    },
    error::{ApiError, Result},
    extract::{
        page::{self, ACCOUNTS, STATUSES},
        params::Params,
    },
    reply,
    routes::{notification_policy::correspondents, timelines::status_page},
};

/// Most accounts asked for by id at once.
const MAX_IDS: usize = 40;
/// Most follow requests that clients show the number of.
const COUNTED_REQUESTS: i64 = 40;

/// Registers a user and gives the application a token of theirs.
pub(crate) async fn create(call: Call) -> Result<HttpResponse> {
    let params = &call.params;
    let auth = call.auth.as_ref().ok_or(ApiError::InvalidToken)?;
    let text = |name| params.text(name).unwrap_or_default();
    let registration = Registration {
        username: text("username"),
        email: text("email"),
        password: text("password"),
        agreement: params.is_set("agreement"),
        locale: text("locale"),
        reason: params.text("reason"),
        ip: call.ip,
    };
    let (user, _) = registration::register(&call.instance, registration).await?;
    let token = oauth::issue_for_app(&call.instance, auth.app.id, user.id, auth.scopes.clone()).await?;
    reply::json(&Token::from_model(&token))
}

/// Several accounts by id. Unknown ones are left out.
pub(crate) async fn index(call: Call) -> Result<HttpResponse> {
    let mut ids = call.params.ids("id");
    ids.truncate(MAX_IDS);
    let found = accounts::load(&call.instance, &ids).await?;
    let active = found
        .iter()
        .map(AsRef::as_ref)
        .filter(|account| account.deleted_at.is_none());
    reply::json(&Account::list(active, call.urls()))
}

/// One account.
pub(crate) async fn show(call: Call) -> Result<HttpResponse> {
    let account = accounts::find(&call.instance, call.id("id")?).await?;
    if call.viewer().is_some() {
        upkeep::account_seen(&call.instance, &account).await;
    }
    let target: Vec<_> = account.moved_to.into_iter().collect();
    let moved = accounts::load(&call.instance, &target).await?;
    let shown =
        Account::from_model(&account, call.urls()).moved_to(moved.first().map(AsRef::as_ref), call.urls());
    reply::json(&shown)
}

/// The account with a handle, if we know it.
pub(crate) async fn lookup(call: Call) -> Result<HttpResponse> {
    let acct = call.params.required("acct")?;
    let account = accounts::lookup(&call.instance, &acct).await?;
    reply::json(&Account::from_model(&account, call.urls()))
}

/// Accounts whose name or handle fits.
pub(crate) async fn search(call: Call) -> Result<HttpResponse> {
    let params = &call.params;
    let found = search::accounts(
        &call.instance,
        call.me()?,
        &params.text("q").unwrap_or_default(),
        page::limit(params, ACCOUNTS),
        params.int("offset").unwrap_or(0).max(0),
        params.is_set("resolve"),
        params.is_set("following"),
    )
    .await?;
    reply::json(&Account::list(found.iter().map(AsRef::as_ref), call.urls()))
}

/// Statuses of an account.
pub(crate) async fn statuses(call: Call) -> Result<HttpResponse> {
    let params = &call.params;
    let filter = AccountFilter {
        only_media: params.is_set("only_media"),
        exclude_replies: params.is_set("exclude_replies"),
        exclude_reblogs: params.is_set("exclude_reblogs"),
        pinned: params.is_set("pinned"),
        tagged: params.text("tagged").filter(|tag| !tag.is_empty()),
    };
    let page = call.page(STATUSES)?;
    let id = call.id("id")?;
    let found = timelines::account(&call.instance, call.viewer(), id, filter, page).await?;
    if call.viewer().is_some() {
        upkeep::profile_opened(&call.instance, id).await?;
    }
    status_page(&call, &found)
}

/// The user's own account.
pub(crate) async fn verify_credentials(call: Call) -> Result<HttpResponse> {
    own_account(&call).await
}

/// The own account as it is now, which is newer than what the token remembers.
async fn own_account(call: &Call) -> Result<HttpResponse> {
    let (known, _) = call.user()?;
    let (user, account) = pouet_service::users::find(&call.instance, known.id)
        .await?
        .ok_or(ApiError::InvalidToken)?;
    let waiting = follows::requests(&call.instance, account.id, Page::first(COUNTED_REQUESTS)).await?;
    let direct_messages = policy::find(&call.instance, account.id)
        .await?
        .policy
        .direct_messages;
    reply::json(&CredentialAccount::new(
        &user,
        &account,
        waiting.len(),
        direct_messages,
        call.urls(),
    ))
}

/// Changes the profile and the defaults of new statuses. What is absent stays as it is.
pub(crate) async fn update_credentials(call: Call) -> Result<HttpResponse> {
    let params = &call.params;
    let source = params.group("source").unwrap_or_default();
    let change = ProfileChange {
        display_name: params.text("display_name"),
        note: params.text("note"),
        fields: params.groups("fields_attributes").map(|rows| fields(&rows)),
        avatar: picture(&call, "avatar"),
        header: picture(&call, "header"),
        avatar_description: params.text("avatar_description"),
        header_description: params.text("header_description"),
        locked: params.flag("locked"),
        bot: params.flag("bot"),
        discoverable: params.flag("discoverable"),
        indexable: params.flag("indexable"),
        hide_collections: params.flag("hide_collections"),
        attribution_domains: params.list("attribution_domains"),
        visibility: privacy(&source)?,
        sensitive: source.flag("sensitive"),
        language: source.text("language"),
        quote_policy: super::quotes::choice(&source, "quote_policy")?,
        direct_messages: correspondents(&source, "direct_messages")?,
    };
    profile::update(&call.instance, call.user()?.0, change).await?;
    own_account(&call).await
}

fn fields(rows: &[Params]) -> Vec<(String, String)> {
    rows.iter()
        .map(|row| {
            let text = |name| row.text(name).unwrap_or_default();
            (text("name"), text("value"))
        })
        .collect()
}

fn picture(call: &Call, field: &str) -> Option<PictureChange> {
    call.file(field)
        .filter(|file| !file.bytes.is_empty())
        .map(|file| PictureChange::Set(file.bytes.clone()))
}

fn privacy(source: &Params) -> Result<Option<Visibility>> {
    source
        .text("privacy")
        .filter(|name| !name.is_empty())
        .map(|name| {
            Visibility::parse_client(&name).ok_or_else(|| {
                ApiError::invalid("privacy", "ERR_INCLUSION", "Privacy is not included in the list")
            })
        })
        .transpose()
}

/// Goes back to the default avatar.
pub(crate) async fn delete_avatar(call: Call) -> Result<HttpResponse> {
    let change = ProfileChange {
        avatar: Some(PictureChange::Remove),
        ..ProfileChange::default()
    };
    profile::update(&call.instance, call.user()?.0, change).await?;
    own_account(&call).await
}

/// Goes back to the default header.
pub(crate) async fn delete_header(call: Call) -> Result<HttpResponse> {
    let change = ProfileChange {
        header: Some(PictureChange::Remove),
        ..ProfileChange::default()
    };
    profile::update(&call.instance, call.user()?.0, change).await?;
    own_account(&call).await
}
