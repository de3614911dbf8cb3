//! <https://docs.joinmastodon.org/entities/Status/>

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use pouet_model::{
    account::Account as ModelAccount,
    ids::{AccountId, StatusId},
    status::StatusEdit as ModelEdit,
    urls::Urls,
};
use pouet_service::view::{StatusView, ViewerState};
use serde::Serialize;

use super::{
    account::Account,
    card::PreviewCard,
    collection::Collection,
    emoji::CustomEmoji,
    filter::FilterResult,
    interaction_policy::InteractionPolicy,
    media::MediaAttachment,
    poll::Poll,
    quote::{Quote, QuoteApproval},
    reaction::{PleromaStatus, Reaction},
    tag::StatusTag,
    time::Iso,
};
use crate::call::Call;

/// A status or boost. What depends on the viewer is absent for anonymous readers.
#[derive(Serialize)]
pub(crate) struct Status<'a> {
    id: StatusId,
    created_at: Iso,
    in_reply_to_id: Option<StatusId>,
    in_reply_to_account_id: Option<AccountId>,
    sensitive: bool,
    spoiler_text: &'a str,
    visibility: &'static str,
    language: Option<&'a str>,
    uri: String,
    url: String,
    replies_count: i64,
    reblogs_count: i64,
    favourites_count: i64,
    quotes_count: i64,
    edited_at: Option<Iso>,
    /// Of this program and some others: it stays on this instance.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    local_only: bool,
    /// Of this program and some others: when it is removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Iso>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    reblog: Option<Box<Status<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    application: Option<Application<'a>>,
    account: Account<'a>,
    media_attachments: Vec<MediaAttachment<'a>>,
    mentions: Vec<StatusMention<'a>>,
    tags: Vec<StatusTag<'a>>,
    emojis: Vec<CustomEmoji<'a>>,
    /// Collections of this instance that the text links to.
    tagged_collections: Vec<Collection<'a>>,
    quote: Option<Quote<'a>>,
    quote_approval: QuoteApproval<'a>,
    /// Of GoToSocial: who may answer, favourite and boost it.
    interaction_policy: InteractionPolicy<'a>,
    card: Option<PreviewCard<'a>>,
    poll: Option<Poll<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reactions: Vec<Reaction<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pleroma: Option<PleromaStatus<'a>>,
    #[serde(flatten)]
    viewer: Option<Interaction>,
    #[serde(skip_serializing_if = "Option::is_none")]
    filtered: Option<Vec<FilterResult<'a>>>,
}

/// What the viewer did with a status.
#[derive(Clone, Copy, Serialize)]
struct Interaction {
    favourited: bool,
    reblogged: bool,
    muted: bool,
    bookmarked: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pinned: Option<bool>,
}

impl Interaction {
    fn of(state: &ViewerState) -> Self {
        Self {
            favourited: state.favourited,
            reblogged: state.reblogged,
            muted: state.muted,
            bookmarked: state.bookmarked,
            pinned: state.pinned,
        }
    }
}

/// The application that a status was written with.
#[derive(Serialize)]
struct Application<'a> {
    name: &'a str,
    website: Option<&'a str>,
}

/// Somebody named in a status. Clients find the link in the text by `url`: the page, not the ActivityPub id.
#[derive(Serialize)]
pub(crate) struct StatusMention<'a> {
    id: AccountId,
    username: &'a str,
    url: String,
    acct: Cow<'a, str>,
}

impl<'a> StatusMention<'a> {
    pub(crate) fn from_model(account: &'a ModelAccount, urls: &Urls) -> Self {
        Self {
            id: account.id,
            username: &account.username,
            url: urls.account_url(account),
            acct: if account.is_local() {
                Cow::Borrowed(&account.username)
            } else {
                Cow::Owned(account.acct())
            },
        }
    }
}

impl<'a> Status<'a> {
    /// `view` as its viewer sees it at `now`.
    pub(crate) fn from_view(view: &'a StatusView, now: DateTime<Utc>, urls: &Urls) -> Self {
        let status = &view.status;
        let reactions = Reaction::list(&view.reactions, urls);
        Self {
            id: status.id,
            created_at: Iso(status.created_at),
            in_reply_to_id: status.in_reply_to_id,
            in_reply_to_account_id: status.in_reply_to_account_id,
            sensitive: status.sensitive,
            spoiler_text: &status.spoiler_text,
            visibility: status.visibility.client_name(),
            language: status.language.as_deref(),
            uri: urls.status_uri(status),
            url: urls.status_url(status, &view.author),
            replies_count: status.replies_count,
            reblogs_count: status.reblogs_count,
            favourites_count: status.favourites_count,
            quotes_count: view.quote_approval.count,
            edited_at: status.edited_at.map(Iso),
            local_only: status.local_only,
            expires_at: status.expires_at.map(Iso),
            content: Some(&status.content),
            text: None,
            reblog: view
                .reblog
                .as_ref()
                .map(|reblog| Box::new(Self::from_view(reblog, now, urls))),
            application: view.application.as_ref().map(|application| Application {
                name: &application.name,
                website: application.website.as_deref(),
            }),
            account: Account::from_model(&view.author, urls),
            media_attachments: MediaAttachment::list(&view.media, urls),
            mentions: view
                .mentions
                .iter()
                .map(|account| StatusMention::from_model(account, urls))
                .collect(),
            tags: view
                .tags
                .iter()
                .map(|tag| StatusTag::from_view(tag, urls))
                .collect(),
            emojis: CustomEmoji::list(&status.emojis, urls),
            tagged_collections: view
                .collections
                .iter()
                .map(|collection| Collection::from_view(collection, urls))
                .collect(),
            quote: view.quote.as_ref().map(|quote| Quote::whole(quote, now, urls)),
            quote_approval: QuoteApproval::of(&view.quote_approval),
            interaction_policy: InteractionPolicy::of_status(view, urls),
            card: view.card.as_ref().map(|card| PreviewCard::from_view(card, urls)),
            poll: view
                .poll
                .as_ref()
                .map(|poll| Poll::from_view(poll, &status.emojis, now, urls)),
            pleroma: PleromaStatus::of(&reactions),
            reactions,
            viewer: view.viewer.as_ref().map(Interaction::of),
            filtered: view
                .viewer
                .as_ref()
                .map(|_| view.filtered.iter().map(FilterResult::from_model).collect()),
        }
    }

    /// `view` as the quote of another status: of what it quotes in turn, only the id is told.
    pub(crate) fn as_quote(view: &'a StatusView, now: DateTime<Utc>, urls: &Urls) -> Self {
        Self {
            quote: view.quote.as_ref().map(Quote::shallow),
            ..Self::from_view(view, now, urls)
        }
    }

    /// A deleted status: what its author typed, to be drafted again, and not what became of it.
    pub(crate) fn with_source(view: &'a StatusView, now: DateTime<Utc>, urls: &Urls) -> Self {
        Self {
            content: None,
            text: Some(&view.status.text),
            ..Self::from_view(view, now, urls)
        }
    }

    /// Each of `views`, in order, as whoever asks gets them. It counts as having been shown to them: what lists
    /// statuses for readers makes the list here.
    pub(crate) fn list(call: &'a Call, views: impl IntoIterator<Item = &'a StatusView>) -> Vec<Self> {
        let (now, urls) = (call.instance.now(), call.urls());
        let views: Vec<&StatusView> = views.into_iter().collect();
        call.note_shown(views.iter().copied());
        views
            .into_iter()
            .map(|view| Self::from_view(view, now, urls))
            .collect()
    }
}

/// What the author of a status typed: <https://docs.joinmastodon.org/entities/StatusSource/>
#[derive(Serialize)]
pub(crate) struct StatusSource<'a> {
    pub(crate) id: StatusId,
    pub(crate) text: &'a str,
    pub(crate) spoiler_text: &'a str,
}

/// A version of a status: <https://docs.joinmastodon.org/entities/StatusEdit/>
#[derive(Serialize)]
pub(crate) struct StatusEdit<'a> {
    content: &'a str,
    spoiler_text: &'a str,
    sensitive: bool,
    created_at: Iso,
    account: Account<'a>,
    media_attachments: Vec<MediaAttachment<'a>>,
    emojis: [(); 0],
    #[serde(skip_serializing_if = "Option::is_none")]
    poll: Option<EditedPoll<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quote: Option<Quote<'a>>,
}

/// The answers of a poll in a version.
#[derive(Serialize)]
struct EditedPoll<'a> {
    options: Vec<EditedOption<'a>>,
}

#[derive(Serialize)]
struct EditedOption<'a> {
    title: &'a str,
}

impl<'a> StatusEdit<'a> {
    /// A version of the status `view`, which quotes the same in all its versions.
    pub(crate) fn from_model(
        edit: &'a ModelEdit,
        author: &'a ModelAccount,
        view: &'a StatusView,
        now: DateTime<Utc>,
        urls: &Urls,
    ) -> Self {
        Self {
            content: &edit.content,
            spoiler_text: &edit.spoiler_text,
            sensitive: edit.sensitive,
            created_at: Iso(edit.created_at),
            account: Account::from_model(author, urls),
            media_attachments: MediaAttachment::list(&edit.media, urls),
            emojis: [],
            poll: edit.poll_options.as_ref().map(|titles| EditedPoll {
                options: titles.iter().map(|title| EditedOption { title }).collect(),
            }),
            quote: view.quote.as_ref().map(|quote| Quote::whole(quote, now, urls)),
        }
    }
}
