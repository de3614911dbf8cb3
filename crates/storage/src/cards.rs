//! Preview cards of links, and which statuses show them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use pouet_model::{
    card::{CardImage, CardState, PreviewCard},
    ids::{AccountId, CardId, StatusId},
    status::Size,
    time::from_millis,
    trend::TrendKind,
};

use crate::{
    conn::{Conn, each_backend},
    error::{Error, Result},
    ids::{among, chunks},
    schema::{preview_cards, status_cards, trend_reviews},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = preview_cards)]
struct CardRow {
    id: i64,
    url: String,
    state: String,
    title: String,
    description: String,
    language: Option<String>,
    author_name: String,
    author_url: String,
    author_account_id: Option<i64>,
    provider_name: String,
    provider_url: String,
    page_host: String,
    image_file: Option<String>,
    image_url: Option<String>,
    image_description: String,
    image_width: Option<i64>,
    image_height: Option<i64>,
    blurhash: Option<String>,
    published_at: Option<i64>,
    checked_at: Option<i64>,
    failures: i64,
    created_at: i64,
    has_player: bool,
}

impl TryFrom<CardRow> for PreviewCard {
    type Error = Error;

    fn try_from(row: CardRow) -> Result<Self> {
        let unreadable = |column| Error::Inconsistent {
            table: "preview_cards",
            column,
            id: row.id,
        };
        let side = |length: Option<i64>| u32::try_from(length.unwrap_or_default()).ok();
        let image = match (row.image_file, row.image_url) {
            (Some(file), Some(url)) => Some(CardImage {
                file,
                url,
                size: Size {
                    width: side(row.image_width).ok_or_else(|| unreadable("image_width"))?,
                    height: side(row.image_height).ok_or_else(|| unreadable("image_height"))?,
                },
                blurhash: row.blurhash.unwrap_or_default(),
            }),
            _ => None,
        };
        Ok(Self {
            id: CardId(row.id),
            state: CardState::parse(&row.state).ok_or_else(|| unreadable("state"))?,
            url: row.url,
            title: row.title,
            description: row.description,
            language: row.language,
            author_name: row.author_name,
            author_url: row.author_url,
            author_account_id: row.author_account_id.map(AccountId),
            provider_name: row.provider_name,
            provider_url: row.provider_url,
            page_host: row.page_host,
            image,
            image_description: row.image_description,
            has_player: row.has_player,
            published_at: row.published_at.map(from_millis),
            checked_at: row.checked_at.map(from_millis),
            failures: row.failures,
            created_at: from_millis(row.created_at),
        })
    }
}

/// The card of an address, which is added (with `id`) if it is new. It is there at least until the end of the
/// transaction.
pub fn find_or_insert_card(
    conn: &mut Conn,
    id: CardId,
    url: &str,
    now: DateTime<Utc>,
) -> Result<PreviewCard> {
    // Twice: the card may be removed as unused between the two statements.
    for _ in 0..2 {
        let values = (
            preview_cards::id.eq(id.0),
            preview_cards::url.eq(url),
            preview_cards::state.eq(CardState::Waiting.as_str()),
            preview_cards::created_at.eq(now.timestamp_millis()),
        );
        each_backend!(conn, conn => diesel::insert_into(preview_cards::table)
            .values(values)
            .on_conflict(preview_cards::url)
            .do_nothing()
            .execute(conn)?);
        macro_rules! card {
            () => {
                preview_cards::table
                    .filter(preview_cards::url.eq(url))
                    .select(CardRow::as_select())
            };
        }
        let row: Option<CardRow> = match conn {
            Conn::Sqlite(c) => card!().first(c).optional()?,
            Conn::Postgres(c) => card!().for_key_share().first(c).optional()?,
        };
        if let Some(row) = row {
            return row.try_into();
        }
    }
    Err(Error::Busy)
}

/// The card with this id.
pub fn find_card(conn: &mut Conn, id: CardId) -> Result<Option<PreviewCard>> {
    let row: Option<CardRow> = preview_cards::table
        .find(id.0)
        .select(CardRow::as_select())
        .first(conn)
        .optional()?;
    row.map(TryInto::try_into).transpose()
}

/// The card of an address as `model::card::normalise_link` writes it.
pub fn find_card_by_url(conn: &mut Conn, url: &str) -> Result<Option<PreviewCard>> {
    let row: Option<CardRow> = preview_cards::table
        .filter(preview_cards::url.eq(url))
        .select(CardRow::as_select())
        .first(conn)
        .optional()?;
    row.map(TryInto::try_into).transpose()
}

/// The cards with these ids.
pub fn load_cards(conn: &mut Conn, ids: &[CardId]) -> Result<HashMap<CardId, PreviewCard>> {
    let mut found = HashMap::new();
    for chunk in chunks(ids) {
        let rows: Vec<CardRow> = preview_cards::table
            .filter(among(preview_cards::id, chunk))
            .select(CardRow::as_select())
            .load(conn)?;
        for row in rows {
            let card = PreviewCard::try_from(row)?;
            found.insert(card.id, card);
        }
    }
    Ok(found)
}

/// Writes all that a fetch tells of a card; one that is gone is left alone.
pub fn update_card(conn: &mut Conn, card: &PreviewCard) -> Result<()> {
    let image = card.image.as_ref();
    diesel::update(preview_cards::table.find(card.id.0))
        .set((
            preview_cards::state.eq(card.state.as_str()),
            preview_cards::title.eq(&card.title),
            preview_cards::description.eq(&card.description),
            preview_cards::language.eq(&card.language),
            preview_cards::author_name.eq(&card.author_name),
            preview_cards::author_url.eq(&card.author_url),
            preview_cards::author_account_id.eq(card.author_account_id.map(i64::from)),
            preview_cards::provider_name.eq(&card.provider_name),
            preview_cards::provider_url.eq(&card.provider_url),
            preview_cards::page_host.eq(&card.page_host),
            preview_cards::image_file.eq(image.map(|image| &image.file)),
            preview_cards::image_url.eq(image.map(|image| &image.url)),
            preview_cards::image_description.eq(&card.image_description),
            preview_cards::image_width.eq(image.map(|image| i64::from(image.size.width))),
            preview_cards::image_height.eq(image.map(|image| i64::from(image.size.height))),
            preview_cards::blurhash.eq(image.map(|image| &image.blurhash)),
            preview_cards::has_player.eq(card.has_player),
            preview_cards::published_at.eq(card.published_at.map(|at| at.timestamp_millis())),
            preview_cards::checked_at.eq(card.checked_at.map(|at| at.timestamp_millis())),
            preview_cards::failures.eq(card.failures),
        ))
        .execute(conn)?;
    Ok(())
}

/// Which card a status shows, whatever its state, and the address as the status has it.
pub fn find_status_card(conn: &mut Conn, status: StatusId) -> Result<Option<(CardId, String)>> {
    let row: Option<(i64, String)> = status_cards::table
        .find(status.0)
        .select((status_cards::card_id, status_cards::url))
        .first(conn)
        .optional()?;
    Ok(row.map(|(id, url)| (CardId(id), url)))
}

/// Has a status show a card in place of the one that it showed. `url`: the link as it is written.
pub fn insert_status_card(conn: &mut Conn, status: StatusId, card: CardId, url: &str) -> Result<()> {
    let values = (
        status_cards::status_id.eq(status.0),
        status_cards::card_id.eq(card.0),
        status_cards::url.eq(url),
    );
    let change = (status_cards::card_id.eq(card.0), status_cards::url.eq(url));
    each_backend!(conn, conn => diesel::insert_into(status_cards::table)
        .values(values)
        .on_conflict(status_cards::status_id)
        .do_update()
        .set(change)
        .execute(conn)?);
    Ok(())
}

/// Has a status show no card.
pub fn delete_status_card(conn: &mut Conn, status: StatusId) -> Result<()> {
    diesel::delete(status_cards::table.find(status.0)).execute(conn)?;
    Ok(())
}

/// The cards that these statuses show, with the address as each has it. Cards with nothing to show are left out.
pub fn load_status_cards(
    conn: &mut Conn,
    ids: &[StatusId],
) -> Result<HashMap<StatusId, (String, PreviewCard)>> {
    let mut found = HashMap::new();
    for chunk in chunks(ids) {
        let rows: Vec<(i64, String, CardRow)> = status_cards::table
            .inner_join(preview_cards::table.on(preview_cards::id.eq(status_cards::card_id)))
            .filter(among(status_cards::status_id, chunk))
            .filter(preview_cards::state.eq(CardState::Ready.as_str()))
            .select((status_cards::status_id, status_cards::url, CardRow::as_select()))
            .load(conn)?;
        for (status, url, row) in rows {
            found.insert(StatusId(status), (url, row.try_into()?));
        }
    }
    Ok(found)
}

/// The statuses that show a card, newest first, below an id; at most `limit`.
pub fn list_statuses_with(
    conn: &mut Conn,
    card: CardId,
    below: StatusId,
    limit: i64,
) -> Result<Vec<StatusId>> {
    let ids: Vec<i64> = status_cards::table
        .filter(status_cards::card_id.eq(card.0))
        .filter(status_cards::status_id.lt(below.0))
        .order(status_cards::status_id.desc())
        .limit(limit)
        .select(status_cards::status_id)
        .load(conn)?;
    Ok(ids.into_iter().map(StatusId).collect())
}

/// Takes the pictures off the cards of pages of a domain and those below it, at most `limit`; returns their files.
pub fn uncache_card_images(conn: &mut Conn, domain: &str, limit: i64) -> Result<Vec<String>> {
    let escaped = domain
        .replace('\\', r"\\")
        .replace('%', r"\%")
        .replace('_', r"\_");
    let rows: Vec<(i64, Option<String>)> = preview_cards::table
        .filter(
            preview_cards::page_host
                .eq(domain)
                .or(preview_cards::page_host.like(format!("%.{escaped}")).escape('\\')),
        )
        .filter(preview_cards::image_file.is_not_null())
        .limit(limit)
        .select((preview_cards::id, preview_cards::image_file))
        .load(conn)?;
    let ids: Vec<CardId> = rows.iter().map(|(id, _)| CardId(*id)).collect();
    for chunk in chunks(&ids) {
        diesel::update(preview_cards::table.filter(among(preview_cards::id, chunk)))
            .set(preview_cards::image_file.eq(None::<String>))
            .execute(conn)?;
    }
    Ok(rows.into_iter().filter_map(|(_, file)| file).collect())
}

/// Removes cards that came before `before` and that no status shows, at most `limit`; returns how many were removed,
/// and the files that they had.
pub fn delete_unused_cards(
    conn: &mut Conn,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<(usize, Vec<String>)> {
    let shown = status_cards::table.filter(status_cards::card_id.eq(preview_cards::id));
    // What moderators said of a page holds when it is posted again.
    let reviewed = trend_reviews::table
        .filter(trend_reviews::kind.eq(TrendKind::Link.as_str()))
        .filter(trend_reviews::subject_id.eq(preview_cards::id));
    let unused = preview_cards::table
        .filter(preview_cards::created_at.lt(before.timestamp_millis()))
        .filter(diesel::dsl::not(diesel::dsl::exists(shown)))
        .filter(diesel::dsl::not(diesel::dsl::exists(reviewed)))
        .order(preview_cards::created_at)
        .limit(limit)
        .select(preview_cards::id);
    let ids: Vec<i64> = match conn {
        Conn::Sqlite(c) => unused.load(c)?,
        // What a status is about to show is passed over, and none gets a card from here on.
        Conn::Postgres(c) => unused.for_update().skip_locked().load(c)?,
    };
    let ids: Vec<CardId> = ids.into_iter().map(CardId).collect();
    let (mut removed, mut files) = (0, Vec::new());
    for chunk in chunks(&ids) {
        // Once more: a status may have got the card before it was locked. Only what is gone leaves its file behind.
        let shown = status_cards::table.filter(status_cards::card_id.eq(preview_cards::id));
        let still_unused = preview_cards::table
            .filter(among(preview_cards::id, chunk))
            .filter(diesel::dsl::not(diesel::dsl::exists(shown)));
        let gone: Vec<Option<String>> = each_backend!(conn, c => diesel::delete(still_unused)
            .returning(preview_cards::image_file)
            .get_results(c)?);
        removed += gone.len();
        files.extend(gone.into_iter().flatten());
    }
    Ok((removed, files))
}
