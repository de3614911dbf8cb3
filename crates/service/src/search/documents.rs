//! Keeping the index of words in step with statuses. Whatever writes a status writes its document in the same
//! transaction.

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    card::{CardState, PreviewCard},
    html::{has_web_link, to_plain_text},
    ids::{CardId, PollId, StatusId},
    search::{Document, Property, Source},
    status::{MediaType, Poll, Status},
};
use pouet_storage::{
    Conn, cards, media, polls, quotes,
    search_index::{self as rows, INDEX_BELOW},
    settings, statuses, tags,
};

use crate::{
    error::Result,
    instance::Instance,
    jobs::{self, Job},
    view::TagView,
};

/// Statuses that one run of the job adds, in transactions of [`PART`].
const BATCH: i64 = 5000;
/// Statuses that one transaction adds: other writes wait that long.
const PART: i64 = 250;

/// How long after something was learnt of a page the statuses with it are indexed anew: one that is being written then has
/// been written.
const CARD_DELAY: TimeDelta = TimeDelta::seconds(5);

/// An attachment, as far as the index is concerned: what it is and how it is described.
pub(crate) type Attached<'a> = (MediaType, Option<&'a str>);

/// What a status shows of others.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Shown<'a> {
    /// The card of its link.
    pub(crate) card: Option<&'a PreviewCard>,
    /// Whether it quotes another status, with consent or without.
    pub(crate) has_quote: bool,
}

/// Whether a card shows a page that brings a player.
pub(crate) fn is_embed(card: &PreviewCard) -> bool {
    card.state == CardState::Ready && card.has_player
}

/// Takes a status apart that is no boost.
pub(crate) fn document(
    status: &Status,
    poll: Option<&Poll>,
    attached: &[Attached<'_>],
    tags: &[TagView],
    shown: Shown<'_>,
) -> Document {
    let mut texts = vec![status.spoiler_text.clone(), to_plain_text(&status.content)];
    if let Some(poll) = poll {
        texts.extend(poll.options.iter().map(|option| option.title.clone()));
    }
    texts.extend(
        attached
            .iter()
            .filter_map(|(_, description)| description.map(str::to_owned)),
    );
    Document::new(&Source {
        author: status.account_id,
        texts,
        tags: tags.iter().map(|tag| tag.name.clone()).collect(),
        language: status.language.clone(),
        properties: properties(status, poll.is_some(), attached, shown),
    })
}

fn properties(status: &Status, has_poll: bool, attached: &[Attached<'_>], shown: Shown<'_>) -> Vec<Property> {
    let has = |wanted: &[MediaType]| attached.iter().any(|(kind, _)| wanted.contains(kind));
    let answers = status.in_reply_to_id.is_some() || status.in_reply_to_uri.is_some();
    let table = [
        (Property::Media, !attached.is_empty()),
        (Property::Image, has(&[MediaType::Image])),
        (Property::Video, has(&[MediaType::Video, MediaType::Gifv])),
        (Property::Audio, has(&[MediaType::Audio])),
        (Property::Poll, has_poll),
        (Property::Link, has_web_link(&status.content)),
        (Property::Embed, shown.card.is_some_and(is_embed)),
        (Property::Quote, shown.has_quote),
        (Property::Reply, answers),
        (Property::Sensitive, status.sensitive),
        (Property::Local, status.is_local()),
        (Property::Edited, status.edited_at.is_some()),
    ];
    table
        .into_iter()
        .filter(|(_, holds)| *holds)
        .map(|(property, _)| property)
        .collect()
}

/// The documents of these statuses as they are now, in no particular order. Boosts have none.
pub(crate) fn load_documents(conn: &mut Conn, ids: &[StatusId]) -> Result<Vec<(StatusId, Document)>> {
    let mut found = statuses::load_statuses(conn, ids)?;
    found.retain(|status| status.reblog_of_id.is_none());
    let ids: Vec<StatusId> = found.iter().map(|status| status.id).collect();
    let asked: Vec<PollId> = found.iter().filter_map(|status| status.poll_id).collect();
    let (polls, tags) = (polls::load_polls(conn, &asked)?, tags::load_tags(conn, &ids)?);
    let media = media::load_media_of(conn, &ids)?;
    let (cards, quotes) = (
        cards::load_status_cards(conn, &ids)?,
        quotes::load_quotes(conn, &ids)?,
    );
    let documents = found.iter().map(|status| {
        let files = media.get(&status.id).map(Vec::as_slice).unwrap_or_default();
        let attached: Vec<Attached<'_>> = files
            .iter()
            .map(|file| (file.media_type, file.description.as_deref()))
            .collect();
        let poll = status.poll_id.and_then(|id| polls.get(&id));
        let tags = tags.get(&status.id).map(Vec::as_slice).unwrap_or_default();
        let shown = Shown {
            card: cards.get(&status.id).map(|(_, card)| card),
            has_quote: quotes.contains_key(&status.id),
        };
        (status.id, document(status, poll, &attached, tags, shown))
    });
    Ok(documents.collect())
}

/// Writes anew what the index has of a status that changed.
pub(crate) fn refresh(tx: &mut Conn, id: StatusId) -> Result<()> {
    let documents = load_documents(tx, &[id])?;
    Ok(rows::replace_documents(tx, &documents)?)
}

/// Has the index follow what is known of the page behind a card.
pub(crate) fn schedule_card(
    tx: &mut Conn,
    instance: &Instance,
    card_id: CardId,
    now: DateTime<Utc>,
) -> Result<()> {
    let job = Job::IndexCard { card_id };
    jobs::enqueue(tx, instance.next_id(), &job, now + CARD_DELAY, now)
}

/// Writes anew what the index has of the statuses that show a card, newest first.
pub(crate) async fn index_card(instance: &Instance, card: CardId) -> Result<()> {
    let mut below = Some(StatusId(i64::MAX));
    while let Some(end) = below {
        below = instance
            .write(move |tx| {
                let ids = cards::list_statuses_with(tx, card, end, PART)?;
                let documents = load_documents(tx, &ids)?;
                rows::replace_documents(tx, &documents)?;
                Ok(ids.last().copied())
            })
            .await?;
    }
    Ok(())
}

/// Makes sure that statuses from before there was an index are added to it.
pub(crate) fn schedule(tx: &mut Conn, instance: &Instance) -> Result<()> {
    if settings::find_setting(tx, INDEX_BELOW)?.is_none() {
        return Ok(());
    }
    let now = instance.now();
    jobs::enqueue(tx, instance.next_id(), &Job::IndexStatuses, now, now)
}

/// Adds older statuses to the index, newest first, and goes on in another job until all are there. Where it was cut
/// off, it goes on from what was committed.
pub(crate) async fn index_older(instance: &Instance) -> Result<()> {
    for _ in 0..BATCH / PART {
        if instance.write(index_part).await? {
            return Ok(());
        }
    }
    let writer = instance.clone();
    instance.write(move |tx| schedule(tx, &writer)).await
}

/// Adds some statuses; whether there are no more.
fn index_part(tx: &mut Conn) -> Result<bool> {
    let below = settings::find_setting(tx, INDEX_BELOW)?;
    let Some(below) = below.and_then(|text| text.parse().ok()) else {
        return Ok(true);
    };
    let ids = rows::list_statuses_below(tx, below, PART)?;
    let Some(last) = ids.last() else {
        settings::delete_setting(tx, INDEX_BELOW)?;
        return Ok(true);
    };
    let documents = load_documents(tx, &ids)?;
    rows::replace_documents(tx, &documents)?;
    settings::upsert_setting(tx, INDEX_BELOW, &last.to_string())?;
    Ok(false)
}
