//! What those who run the instance tell everybody.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use pouet_model::{
    ids::{AccountId, AnnouncementId, RelationId, StatusId},
    time::from_millis,
};

use crate::{
    conn::{Conn, each_backend},
    error::{Error, Result, one_row},
    ids::{among, chunks},
    json,
    schema::{announcement_reactions, announcement_reads, announcements},
    tags::TagRow,
};

/// Something that everybody is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Announcement {
    /// Our id.
    pub id: AnnouncementId,
    /// As typed.
    pub text: String,
    /// Safe HTML.
    pub content: String,
    /// Accounts that the text names.
    pub mentions: Vec<AccountId>,
    /// Its hashtags.
    pub tags: Vec<TagRow>,
    /// Statuses that it links to.
    pub statuses: Vec<StatusId>,
    /// Of the times below only the days count.
    pub all_day: bool,
    /// When what is announced begins.
    pub starts_at: Option<DateTime<Utc>>,
    /// When it ends; it is not shown afterwards.
    pub ends_at: Option<DateTime<Utc>>,
    /// When it was published; `None`: a draft.
    pub published_at: Option<DateTime<Utc>>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = announcements)]
#[diesel(treat_none_as_null = true)]
struct Row {
    id: i64,
    text: String,
    content: String,
    mentions: String,
    tags: String,
    statuses: String,
    all_day: bool,
    starts_at: Option<i64>,
    ends_at: Option<i64>,
    published_at: Option<i64>,
    created_at: i64,
    updated_at: i64,
}

impl TryFrom<Row> for Announcement {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let unreadable = |column| Error::Inconsistent {
            table: "announcements",
            column,
            id: row.id,
        };
        let tags: Vec<(String, String)> = json::read(&row.tags).ok_or_else(|| unreadable("tags"))?;
        Ok(Self {
            id: AnnouncementId(row.id),
            mentions: json::read(&row.mentions).ok_or_else(|| unreadable("mentions"))?,
            tags: tags
                .into_iter()
                .map(|(name, display_name)| TagRow { name, display_name })
                .collect(),
            statuses: json::read(&row.statuses).ok_or_else(|| unreadable("statuses"))?,
            text: row.text,
            content: row.content,
            all_day: row.all_day,
            starts_at: row.starts_at.map(from_millis),
            ends_at: row.ends_at.map(from_millis),
            published_at: row.published_at.map(from_millis),
            created_at: from_millis(row.created_at),
            updated_at: from_millis(row.updated_at),
        })
    }
}

impl From<&Announcement> for Row {
    fn from(announcement: &Announcement) -> Self {
        let tags: Vec<(&str, &str)> = announcement
            .tags
            .iter()
            .map(|tag| (tag.name.as_str(), tag.display_name.as_str()))
            .collect();
        let millis = |time: Option<DateTime<Utc>>| time.map(|time| time.timestamp_millis());
        Self {
            id: announcement.id.0,
            text: announcement.text.clone(),
            content: announcement.content.clone(),
            mentions: json::write(&announcement.mentions),
            tags: json::write(&tags),
            statuses: json::write(&announcement.statuses),
            all_day: announcement.all_day,
            starts_at: millis(announcement.starts_at),
            ends_at: millis(announcement.ends_at),
            published_at: millis(announcement.published_at),
            created_at: announcement.created_at.timestamp_millis(),
            updated_at: announcement.updated_at.timestamp_millis(),
        }
    }
}

/// All announcements, drafts and ended ones too, in the order of writing.
pub fn list_announcements(conn: &mut Conn) -> Result<Vec<Announcement>> {
    let rows: Vec<Row> = announcements::table
        .order(announcements::id)
        .select(Row::as_select())
        .load(conn)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The announcement with this id.
pub fn find_announcement(conn: &mut Conn, id: AnnouncementId) -> Result<Option<Announcement>> {
    let row: Option<Row> = announcements::table
        .find(id.0)
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    row.map(TryInto::try_into).transpose()
}

/// Adds an announcement.
pub fn insert_announcement(conn: &mut Conn, announcement: &Announcement) -> Result<()> {
    diesel::insert_into(announcements::table)
        .values(Row::from(announcement))
        .execute(conn)?;
    Ok(())
}

/// Writes an announcement anew.
pub fn update_announcement(conn: &mut Conn, announcement: &Announcement) -> Result<()> {
    let rows = diesel::update(announcements::table.find(announcement.id.0))
        .set(Row::from(announcement))
        .execute(conn)?;
    one_row("update announcement", rows)
}

/// Removes an announcement; false if there was none.
pub fn delete_announcement(conn: &mut Conn, id: AnnouncementId) -> Result<bool> {
    let rows = diesel::delete(announcements::table.find(id.0)).execute(conn)?;
    Ok(rows > 0)
}

/// Notes that an account has read an announcement.
pub fn insert_read(conn: &mut Conn, account: AccountId, id: AnnouncementId) -> Result<()> {
    let values = (
        announcement_reads::account_id.eq(account.0),
        announcement_reads::announcement_id.eq(id.0),
    );
    each_backend!(conn, conn => diesel::insert_into(announcement_reads::table)
        .values(values)
        .on_conflict_do_nothing()
        .execute(conn)?);
    Ok(())
}

/// Which of these announcements an account has read.
pub fn load_read(conn: &mut Conn, account: AccountId, ids: &[AnnouncementId]) -> Result<Vec<AnnouncementId>> {
    let mut found = Vec::new();
    for chunk in chunks(ids) {
        let rows: Vec<i64> = announcement_reads::table
            .filter(announcement_reads::account_id.eq(account.0))
            .filter(among(announcement_reads::announcement_id, chunk))
            .select(announcement_reads::announcement_id)
            .load(conn)?;
        found.extend(rows.into_iter().map(AnnouncementId));
    }
    Ok(found)
}

/// An emoji on an announcement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AnnouncementReaction {
    /// The emoji, or the shortcode of one of this instance.
    pub name: String,
    /// How many people.
    pub count: i64,
    /// Whether the viewer is one of them.
    pub me: bool,
}

/// The emoji on each of these announcements, the one that came first leading.
pub fn load_reactions(
    conn: &mut Conn,
    viewer: AccountId,
    ids: &[AnnouncementId],
) -> Result<HashMap<AnnouncementId, Vec<AnnouncementReaction>>> {
    use announcement_reactions as rows;
    let mut found: HashMap<AnnouncementId, Vec<AnnouncementReaction>> = HashMap::new();
    for chunk in chunks(ids) {
        let counted: Vec<(i64, String, i64, Option<i64>)> = rows::table
            .filter(among(rows::announcement_id, chunk))
            .group_by((rows::announcement_id, rows::name))
            .order(diesel::dsl::min(rows::id).asc())
            .select((
                rows::announcement_id,
                rows::name,
                diesel::dsl::count_star(),
                diesel::dsl::min(rows::id),
            ))
            .load(conn)?;
        let own: Vec<(i64, String)> = rows::table
            .filter(among(rows::announcement_id, chunk))
            .filter(rows::account_id.eq(viewer.0))
            .select((rows::announcement_id, rows::name))
            .load(conn)?;
        for (id, name, count, _) in counted {
            let me = own.iter().any(|(of, mine)| *of == id && *mine == name);
            let reaction = AnnouncementReaction { name, count, me };
            found.entry(AnnouncementId(id)).or_default().push(reaction);
        }
    }
    Ok(found)
}

/// Puts an emoji on an announcement; false if the account had done so.
pub fn insert_reaction(
    conn: &mut Conn,
    id: RelationId,
    announcement: AnnouncementId,
    account: AccountId,
    name: &str,
) -> Result<bool> {
    let values = (
        announcement_reactions::id.eq(id.0),
        announcement_reactions::announcement_id.eq(announcement.0),
        announcement_reactions::account_id.eq(account.0),
        announcement_reactions::name.eq(name),
    );
    let rows = each_backend!(conn, conn => diesel::insert_into(announcement_reactions::table)
        .values(values)
        .on_conflict_do_nothing()
        .execute(conn)?);
    Ok(rows > 0)
}

/// Takes an emoji off an announcement; false if it was not there.
pub fn delete_reaction(
    conn: &mut Conn,
    announcement: AnnouncementId,
    account: AccountId,
    name: &str,
) -> Result<bool> {
    let row = announcement_reactions::table
        .filter(announcement_reactions::announcement_id.eq(announcement.0))
        .filter(announcement_reactions::account_id.eq(account.0))
        .filter(announcement_reactions::name.eq(name));
    Ok(diesel::delete(row).execute(conn)? > 0)
}
