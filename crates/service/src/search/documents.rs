//! Keeping the index of words in step with statuses. Whatever writes a status writes its document in the same
//! transaction.

use pouet_model::{
    html::{has_web_link, to_plain_text},
    ids::{PollId, StatusId},
    search::{Document, Property, Source},
    status::{MediaType, Poll, Status},
};
use pouet_storage::{Conn, media, polls, search_index as rows, settings, statuses, tags};

use crate::{
    error::Result,
    instance::Instance,
    jobs::{self, Job},
    view::TagView,
};

/// Setting that holds the id below which statuses are not in the index yet; there is none when all are.
const INDEX_BELOW: &str = "search.index_below";
/// Statuses that one run of the job adds, in transactions of [`PART`].
const BATCH: i64 = 5000;
/// Statuses that one transaction adds: other writes wait that long.
const PART: i64 = 250;

/// An attachment, as far as the index is concerned: what it is and how it is described.
pub(crate) type Attached<'a> = (MediaType, Option<&'a str>);

/// Takes a status apart that is no boost.
pub(crate) fn document(
    status: &Status,
    poll: Option<&Poll>,
    attached: &[Attached<'_>],
    tags: &[TagView],
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
        properties: properties(status, poll.is_some(), attached),
    })
}

fn properties(status: &Status, has_poll: bool, attached: &[Attached<'_>]) -> Vec<Property> {
    let has = |wanted: &[MediaType]| attached.iter().any(|(kind, _)| wanted.contains(kind));
    let answers = status.in_reply_to_id.is_some() || status.in_reply_to_uri.is_some();
    let table = [
        (Property::Media, !attached.is_empty()),
        (Property::Image, has(&[MediaType::Image])),
        (Property::Video, has(&[MediaType::Video, MediaType::Gifv])),
        (Property::Audio, has(&[MediaType::Audio])),
        (Property::Poll, has_poll),
        (Property::Link, has_web_link(&status.content)),
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
    let documents = found.iter().map(|status| {
        let files = media.get(&status.id).map(Vec::as_slice).unwrap_or_default();
        let attached: Vec<Attached<'_>> = files
            .iter()
            .map(|file| (file.media_type, file.description.as_deref()))
            .collect();
        let poll = status.poll_id.and_then(|id| polls.get(&id));
        let tags = tags.get(&status.id).map(Vec::as_slice).unwrap_or_default();
        (status.id, document(status, poll, &attached, tags))
    });
    Ok(documents.collect())
}

/// Writes anew what the index has of a status that changed.
pub(crate) fn refresh(tx: &mut Conn, id: StatusId) -> Result<()> {
    let documents = load_documents(tx, &[id])?;
    Ok(rows::replace_documents(tx, &documents)?)
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
