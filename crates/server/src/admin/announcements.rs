//! `pouet admin announcement`: what everybody is told.

use pouet_model::{ids::AnnouncementId, time::iso};
use pouet_service::{
    Instance,
    announcements::{self, Announcement, AnnouncementChange},
};
use serde::Serialize;

use super::print_json;
use crate::{
    cli::{AnnouncementCommand, AnnouncementTimes, AnnouncementUpdate, Exit},
    output::Failure,
};

/// Runs a command of this group.
pub(super) async fn run(
    instance: &Instance,
    command: AnnouncementCommand,
    json: bool,
) -> Result<(), Failure> {
    let shown = match command {
        AnnouncementCommand::List => {
            let found = announcements::list_all(instance).await?;
            if json {
                return print_json(&found.iter().map(Line::new).collect::<Vec<_>>());
            }
            found.iter().for_each(print);
            return Ok(());
        }
        AnnouncementCommand::Create { text, times, draft } => {
            let change = AnnouncementChange {
                text: Some(text),
                published: Some(!draft),
                ..change_of(&times)
            };
            announcements::create(instance, change).await?
        }
        AnnouncementCommand::Update(update) => {
            let id = id(&update.id)?;
            let change = AnnouncementChange::from(update);
            if change == AnnouncementChange::default() {
                return Err(Failure::new(Exit::Refused, "nothing to change was named"));
            }
            announcements::update(instance, id, change).await?
        }
        AnnouncementCommand::Delete { id: number } => {
            let id = id(&number)?;
            announcements::delete(instance, id).await?;
            if json {
                return print_json(&serde_json::json!({ "id": id.to_string() }));
            }
            println!("announcement {id} is deleted");
            return Ok(());
        }
    };
    if json {
        return print_json(&Line::new(&shown));
    }
    print(&shown);
    Ok(())
}

fn id(number: &str) -> Result<AnnouncementId, Failure> {
    let missing = |_| Failure::new(Exit::NotFound, format!("there is no announcement {number:?}"));
    number.parse().map_err(missing)
}

fn change_of(times: &AnnouncementTimes) -> AnnouncementChange {
    AnnouncementChange {
        starts_at: times.starts_at.map(Some),
        ends_at: times.ends_at.map(Some),
        all_day: times.all_day.then_some(true),
        ..AnnouncementChange::default()
    }
}

impl From<AnnouncementUpdate> for AnnouncementChange {
    fn from(update: AnnouncementUpdate) -> Self {
        let published = update.publish.then_some(true).or(update.draft.then_some(false));
        let mut change = Self {
            text: update.text,
            published,
            ..change_of(&update.times)
        };
        if update.no_times {
            change.starts_at = Some(None);
            change.ends_at = Some(None);
            change.all_day = Some(false);
        }
        change
    }
}

/// What is printed of an announcement.
#[derive(Serialize)]
struct Line<'a> {
    id: String,
    text: &'a str,
    all_day: bool,
    starts_at: Option<String>,
    ends_at: Option<String>,
    published_at: Option<String>,
}

impl<'a> Line<'a> {
    fn new(announcement: &'a Announcement) -> Self {
        Self {
            id: announcement.id.to_string(),
            text: &announcement.text,
            all_day: announcement.all_day,
            starts_at: announcement.starts_at.map(iso),
            ends_at: announcement.ends_at.map(iso),
            published_at: announcement.published_at.map(iso),
        }
    }
}

fn print(announcement: &Announcement) {
    let line = Line::new(announcement);
    let state = line.published_at.as_deref().unwrap_or("draft");
    let times = [line.starts_at.as_deref(), line.ends_at.as_deref()].map(|time| time.unwrap_or("-"));
    let text = announcement.text.replace(char::is_control, " ");
    println!("{}\t{state}\t{}\t{}\t{text}", line.id, times[0], times[1]);
}
