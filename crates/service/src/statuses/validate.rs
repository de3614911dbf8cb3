//! Rules on what a local author may post.

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    account::Account,
    ids::{MediaId, PollId, StatusId},
    status::{Poll, PollOption},
    text::{MAX_SOURCE_BYTES, character_count},
};

use super::post::NewPoll;
use crate::{
    error::{Error, Result},
    settings::Limits,
};

/// The shortest time after which a status may be removed.
const SHORTEST_LIFE: TimeDelta = TimeDelta::minutes(5);
/// The longest.
const LONGEST_LIFE: TimeDelta = TimeDelta::days(366);

/// A status needs text, media or a poll, and must not be longer than the limit.
pub(super) fn text(limits: &Limits, text: &str, spoiler_text: &str, has_more: bool) -> Result<()> {
    if text.trim().is_empty() && !has_more {
        return Err(Error::invalid("status", "ERR_BLANK", "Text can't be blank"));
    }
    let too_long = text.len() + spoiler_text.len() > MAX_SOURCE_BYTES
        || character_count(text, spoiler_text) > limits.status_chars;
    if too_long {
        let reason = format!("Text character limit of {} exceeded", limits.status_chars);
        return Err(Error::invalid("status", "ERR_TOO_LONG", reason));
    }
    Ok(())
}

/// When a status is removed whose author said so.
///
/// # Errors
/// `Invalid` if that is less than five minutes ahead, or more than a year.
pub(crate) fn end(
    expires_in: Option<i64>,
    expires_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>> {
    let end = match expires_in {
        Some(seconds) => Some(
            TimeDelta::try_seconds(seconds)
                .and_then(|span| now.checked_add_signed(span))
                .unwrap_or(DateTime::<Utc>::MAX_UTC),
        ),
        None => expires_at,
    };
    match end {
        Some(end) if end < now + SHORTEST_LIFE || end > now + LONGEST_LIFE => {
            let reason = "A post can be removed after five minutes at the earliest and a year at the latest";
            Err(Error::invalid("expires_at", "ERR_INVALID", reason))
        }
        end => Ok(end),
    }
}

/// At most so many attachments, each once, and none beside a poll.
pub(super) fn media(limits: &Limits, ids: &[MediaId], has_poll: bool) -> Result<()> {
    if ids.len() > limits.media_per_status || (has_poll && !ids.is_empty()) {
        let reason = format!(
            "Cannot attach more than {} files, nor files to a poll",
            limits.media_per_status
        );
        return Err(Error::invalid("media_ids", "ERR_INVALID", reason));
    }
    if ids.iter().enumerate().any(|(n, id)| ids[..n].contains(id)) {
        return Err(Error::invalid(
            "media_ids",
            "ERR_INVALID",
            "A file cannot be attached twice",
        ));
    }
    Ok(())
}

/// What can be chosen of what was typed for a poll: blanks are no options.
pub(super) fn options(typed: &[String]) -> impl Iterator<Item = &str> {
    typed
        .iter()
        .map(|option| option.trim())
        .filter(|option| !option.is_empty())
}

/// Checks a poll and puts it together.
pub(super) fn poll(
    limits: &Limits,
    new: &NewPoll,
    id: PollId,
    status_id: StatusId,
    author: &Account,
    now: DateTime<Utc>,
) -> Result<Poll> {
    let options: Vec<&str> = options(&new.options).collect();
    let refuse = |reason: String| Err(Error::invalid("poll", "ERR_INVALID", reason));
    if options.len() < 2 {
        return refuse("Poll options must have more than one item".to_owned());
    }
    if options.len() > limits.poll_options {
        return refuse(format!(
            "Poll options can't contain more than {} items",
            limits.poll_options
        ));
    }
    if options
        .iter()
        .any(|option| option.chars().count() > limits.poll_option_chars)
    {
        return refuse(format!(
            "Poll options can't be longer than {} characters each",
            limits.poll_option_chars
        ));
    }
    if options
        .iter()
        .enumerate()
        .any(|(n, option)| options[..n].contains(option))
    {
        return refuse("Poll options contain duplicate items".to_owned());
    }
    if new.expires_in < limits.poll_min_seconds {
        return refuse("Poll duration is too short".to_owned());
    }
    if new.expires_in > limits.poll_max_seconds {
        return refuse("Poll duration is too long".to_owned());
    }
    let options = options.into_iter().map(|title| PollOption {
        title: title.to_owned(),
        votes_count: 0,
    });
    Ok(Poll {
        id,
        status_id,
        account_id: author.id,
        options: options.collect(),
        multiple: new.multiple,
        hide_totals: new.hide_totals,
        expires_at: Some(now + TimeDelta::seconds(new.expires_in)),
        voters_count: Some(0),
    })
}

/// A language tag that apps and peers understand: its primary subtag in lower case, with a region if there is one.
pub(crate) fn language(tag: Option<&str>) -> Option<String> {
    let tag = tag?.trim();
    let primary = tag.split(['-', '_']).next()?.to_ascii_lowercase();
    let plausible = (2..=3).contains(&primary.len()) && primary.bytes().all(|b| b.is_ascii_lowercase());
    let rest_plausible = tag.len() <= 12
        && tag
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if !plausible || !rest_plausible {
        return None;
    }
    let regional = tag
        .split_once(['-', '_'])
        .map(|(_, region)| format!("{primary}-{region}"));
    Some(regional.unwrap_or(primary))
}
