//! From an event to the messages that one connection gets.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use pouet_model::{
    ids::{AccountId, AnnouncementId, NotificationId, StatusId},
    page::Page,
    status::Visibility,
};
use pouet_service::{
    Error, Instance,
    announcements::{self, AnnouncementView},
    conversations,
    events::Event,
    lists, notifications, saved_searches, statuses,
    timelines::{self, PublicFilter, TagFilter},
    view::StatusView,
};
use serde::Serialize;
use tokio::sync::broadcast;

use super::{
    auth::Listener,
    channel::{Channel, Origin},
};
use crate::entities::{
    announcement::{Announcement, ReactionCount},
    conversation::Conversation,
    notification::Notification,
    status::Status,
};

/// Statuses of [`Fitting`], at most.
const MAX_FITTING: usize = 500;

/// A message on one stream.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(super) struct Message {
    /// The stream, as [`Channel::name`] tells it.
    pub(super) stream: Vec<String>,
    /// What happened.
    pub(super) event: &'static str,
    /// JSON as text, or a bare id; absent where there is nothing to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) payload: Option<Arc<str>>,
}

/// What became of a connection by an event.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It goes on, with these messages.
    Send(Vec<Message>),
    /// Its token is no longer valid.
    End,
}

/// What one connection listens to.
pub(super) struct Feed {
    instance: Instance,
    listener: Listener,
    viewer: AccountId,
    /// In the order of subscription.
    pub(super) channels: Vec<Channel>,
    /// What was shown lately because it fits a saved search.
    fitting: Fitting,
}

/// Statuses that a connection was shown because they fit its saved searches, the latest ones. Who is told of the end
/// of a status that is not public has to have seen it.
#[derive(Default)]
struct Fitting(Mutex<VecDeque<StatusId>>);

impl Fitting {
    fn add(&self, id: StatusId) {
        let mut ids = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !ids.contains(&id) {
            ids.push_back(id);
        }
        if ids.len() > MAX_FITTING {
            ids.pop_front();
        }
    }

    fn contains(&self, id: StatusId) -> bool {
        let ids = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ids.contains(&id)
    }
}

impl Feed {
    /// A connection that listens to nothing yet; `None` if its token is no user's.
    pub(super) fn new(instance: Instance, listener: Listener) -> Option<Self> {
        let viewer = listener.authentication.account.as_ref()?.id;
        Some(Self {
            instance,
            listener,
            viewer,
            channels: Vec::new(),
            fitting: Fitting::default(),
        })
    }

    /// Whose connection it is.
    pub(super) fn viewer(&self) -> AccountId {
        self.viewer
    }

    /// Everything that happens from now on.
    pub(super) fn subscribe(&self) -> broadcast::Receiver<Arc<Event>> {
        self.instance.hub.subscribe()
    }

    /// Whether the token allows `channel`.
    pub(super) fn allows(&self, channel: &Channel) -> bool {
        self.listener.authentication.scopes.allow_any(channel.scopes())
    }

    /// Whether what the stream shows is the viewer's.
    ///
    /// # Errors
    /// `NotFound` for the list or saved search of somebody else.
    pub(super) async fn check_owner(&self, channel: &Channel) -> Result<(), Error> {
        match channel {
            Channel::List(id) => lists::find(&self.instance, self.viewer, *id).await.map(drop),
            Channel::SavedSearch(id) => saved_searches::find(&self.instance, self.viewer, *id)
                .await
                .map(drop),
            _ => Ok(()),
        }
    }

    /// What the connection gets of an event. Failures of the database lose the event for this connection: clients
    /// read their timelines again when they miss something.
    pub(super) async fn outcome(&self, event: &Event) -> Outcome {
        match self.messages(event).await {
            Ok(outcome) => outcome,
            Err(error) => {
                tracing::warn!(%error, "an event could not be streamed");
                Outcome::Send(Vec::new())
            }
        }
    }

    async fn messages(&self, event: &Event) -> Result<Outcome, Error> {
        let messages = match event {
            Event::StatusCreated {
                status_id,
                home,
                lists,
            } => {
                let at_home = home.contains(&self.viewer);
                self.status(*status_id, "update", |channel| match channel {
                    Channel::User => at_home,
                    Channel::List(id) => lists.contains(id),
                    _ => true,
                })
                .await?
            }
            Event::StatusEntered {
                status_id,
                home,
                lists,
            } => {
                let at_home = home.contains(&self.viewer);
                self.status(*status_id, "update", |channel| match channel {
                    Channel::User => at_home,
                    Channel::List(id) => lists.contains(id),
                    _ => false,
                })
                .await?
            }
            Event::StatusEdited { status_id } => self.status(*status_id, "status.update", |_| true).await?,
            Event::StatusDeleted { status_id, .. } => self.deletion(*status_id, event),
            Event::Notified {
                account_id,
                notification_id,
            } if *account_id == self.viewer => self.notification(*notification_id).await?,
            Event::NotificationsMerged { account_id } if *account_id == self.viewer => self.merged(),
            Event::ConversationChanged { account_id, view_id } if *account_id == self.viewer => {
                self.conversation(*view_id).await?
            }
            Event::FiltersChanged { account_id } if *account_id == self.viewer => {
                self.on(&[Channel::User], "filters_changed", None)
            }
            Event::TokensRevoked { token_ids } => {
                if token_ids.contains(&self.listener.authentication.token_id) {
                    return Ok(Outcome::End);
                }
                Vec::new()
            }
            Event::AccountChanged { account_id } if *account_id == self.viewer => {
                if !self.listener.is_still_valid(&self.instance).await {
                    return Ok(Outcome::End);
                }
                Vec::new()
            }
            Event::AnnouncementChanged { announcement_id } => self.announcement(*announcement_id).await?,
            Event::AnnouncementReaction {
                announcement_id,
                name,
            } => self.announcement_reaction(*announcement_id, name).await?,
            Event::AnnouncementDeleted { announcement_id } => {
                let id: Arc<str> = announcement_id.to_string().into();
                self.on(&[Channel::User], "announcement.delete", Some(&id))
            }
            Event::Notified { .. }
            | Event::NotificationsMerged { .. }
            | Event::ConversationChanged { .. }
            | Event::FiltersChanged { .. }
            | Event::SavedSearchChanged { .. }
            | Event::AccountChanged { .. }
            | Event::SettingsChanged
            | Event::DeliveriesDue { .. } => Vec::new(),
        };
        Ok(Outcome::Send(messages))
    }

    /// One message on each of the subscribed streams among `channels`.
    fn on(&self, channels: &[Channel], event: &'static str, payload: Option<&Arc<str>>) -> Vec<Message> {
        self.channels
            .iter()
            .filter(|channel| channels.contains(channel))
            .map(|channel| Message {
                stream: channel.name(),
                event,
                payload: payload.cloned(),
            })
            .collect()
    }

    /// A new or edited status, on each stream that `concerns` and in whose timeline the viewer finds it.
    async fn status(
        &self,
        id: StatusId,
        event: &'static str,
        concerns: impl Fn(&Channel) -> bool,
    ) -> Result<Vec<Message>, Error> {
        let mut messages = Vec::new();
        for channel in self.channels.iter().filter(|channel| concerns(channel)) {
            let Some(view) = self.find_in(channel, id, event).await? else {
                continue;
            };
            if matches!(channel, Channel::SavedSearch(_)) && view.status.visibility != Visibility::Public {
                self.fitting.add(id);
            }
            let shown = Status::from_view(&view, self.instance.now(), self.instance.urls());
            messages.push(Message {
                stream: channel.name(),
                event,
                payload: Some(payload(&shown)?),
            });
        }
        Ok(messages)
    }

    /// A status as it stands in the timeline of a stream, read from there: blocks, mutes and visibility apply as
    /// they do when the timeline is read.
    async fn find_in(
        &self,
        channel: &Channel,
        id: StatusId,
        event: &str,
    ) -> Result<Option<StatusView>, Error> {
        let (instance, viewer) = (&self.instance, Some(self.viewer));
        let only_it = Page {
            max_id: Some(id.0 + 1),
            since_id: Some(id.0 - 1),
            min_id: None,
            limit: 1,
        };
        let found = match channel {
            // The event has told already whose home and lists a new status entered.
            Channel::User | Channel::List(_) if event == "update" => {
                statuses::view(instance, viewer, &[id]).await?
            }
            Channel::User => timelines::home(instance, self.viewer, only_it).await?,
            Channel::List(list) => timelines::list(instance, self.viewer, *list, only_it).await?,
            Channel::Public { origin, only_media } => {
                let filter = PublicFilter {
                    local: *origin == Origin::Local,
                    remote: *origin == Origin::Remote,
                    only_media: *only_media,
                };
                timelines::public(instance, viewer, filter, only_it).await?
            }
            Channel::Hashtag { tag, local } => {
                let filter = TagFilter {
                    name: tag.clone(),
                    which: PublicFilter {
                        local: *local,
                        ..PublicFilter::default()
                    },
                    ..TagFilter::default()
                };
                timelines::tag(instance, viewer, filter, only_it).await?
            }
            Channel::SavedSearch(search) => {
                let fits = saved_searches::arrived(instance, self.viewer, *search, id).await?;
                fits.into_iter().collect()
            }
            Channel::UserNotification | Channel::Direct => Vec::new(),
        };
        Ok(found.into_iter().next())
    }

    fn deletion(&self, id: StatusId, event: &Event) -> Vec<Message> {
        let payload: Arc<str> = id.to_string().into();
        let was_shown = |channel: &Channel| {
            was_in(channel, self.viewer, event)
                || (matches!(channel, Channel::SavedSearch(_)) && self.fitting.contains(id))
        };
        self.channels
            .iter()
            .filter(|channel| was_shown(channel))
            .map(|channel| Message {
                stream: channel.name(),
                event: "delete",
                payload: Some(Arc::clone(&payload)),
            })
            .collect()
    }

    async fn notification(&self, id: NotificationId) -> Result<Vec<Message>, Error> {
        if !self.listener.authentication.scopes.allow("read:notifications") {
            return Ok(Vec::new());
        }
        let view = match notifications::find(&self.instance, self.viewer, id).await {
            Err(Error::NotFound) => return Ok(Vec::new()),
            found => found?,
        };
        // A stream has no place to name the types that one understands.
        if view.notification.kind.is_on_request() {
            return Ok(Vec::new());
        }
        let shown = Notification::from_view(&view, self.instance.now(), self.instance.urls());
        let payload = payload(&shown)?;
        Ok(self.on(
            &[Channel::User, Channel::UserNotification],
            "notification",
            Some(&payload),
        ))
    }

    /// What was held back is there: clients read their notifications again.
    fn merged(&self) -> Vec<Message> {
        if !self.listener.authentication.scopes.allow("read:notifications") {
            return Vec::new();
        }
        let payload: Arc<str> = "1".into();
        self.on(
            &[Channel::User, Channel::UserNotification],
            "notifications_merged",
            Some(&payload),
        )
    }

    async fn announcement(&self, id: AnnouncementId) -> Result<Vec<Message>, Error> {
        let Some(view) = self.find_announcement(id).await? else {
            return Ok(Vec::new());
        };
        let payload = payload(&Announcement::from_view(&view, self.instance.urls()))?;
        Ok(self.on(&[Channel::User], "announcement", Some(&payload)))
    }

    async fn announcement_reaction(&self, id: AnnouncementId, name: &str) -> Result<Vec<Message>, Error> {
        let Some(view) = self.find_announcement(id).await? else {
            return Ok(Vec::new());
        };
        let payload = payload(&ReactionCount::of(&view, name, self.instance.urls()))?;
        Ok(self.on(&[Channel::User], "announcement.reaction", Some(&payload)))
    }

    /// An announcement, if anybody here listens for it and it is still shown.
    async fn find_announcement(&self, id: AnnouncementId) -> Result<Option<AnnouncementView>, Error> {
        if !self.channels.contains(&Channel::User) {
            return Ok(None);
        }
        match announcements::find(&self.instance, self.viewer, id).await {
            Err(Error::NotFound) => Ok(None),
            found => found.map(Some),
        }
    }

    async fn conversation(&self, id: i64) -> Result<Vec<Message>, Error> {
        if !self.channels.contains(&Channel::Direct) {
            return Ok(Vec::new());
        }
        let view = match conversations::find(&self.instance, self.viewer, id).await {
            Err(Error::NotFound) => return Ok(Vec::new()),
            found => found?,
        };
        let shown = Conversation::from_view(&view, self.instance.now(), self.instance.urls());
        let payload = payload(&shown)?;
        Ok(self.on(&[Channel::Direct], "conversation", Some(&payload)))
    }
}

/// An entity as the text that messages carry.
fn payload(entity: &impl Serialize) -> Result<Arc<str>, Error> {
    Ok(serde_json::to_string(entity).map_err(Error::internal)?.into())
}

/// Whether a deleted status was in the timeline of a stream.
fn was_in(channel: &Channel, viewer: AccountId, event: &Event) -> bool {
    let Event::StatusDeleted {
        home,
        lists,
        public,
        local,
        tags,
        ..
    } = event
    else {
        return false;
    };
    match channel {
        Channel::User => home.contains(&viewer),
        Channel::List(id) => lists.contains(id),
        Channel::Public { origin, .. } => match origin {
            Origin::Any => *public,
            Origin::Local => *public && *local,
            Origin::Remote => *public && !*local,
        },
        Channel::Hashtag {
            tag,
            local: local_only,
        } => {
            let tag = tag.to_lowercase();
            *public && (*local || !*local_only) && tags.contains(&tag)
        }
        // Which of the public ones fitted, nobody remembers.
        Channel::SavedSearch(_) => *public,
        Channel::UserNotification | Channel::Direct => false,
    }
}

#[cfg(test)]
mod tests {
    use pouet_model::ids::ListId;

    use super::{super::channel::Parameters, *};

    #[test]
    fn deletions_go_where_the_status_was() {
        let deleted = |public, local| Event::StatusDeleted {
            status_id: StatusId(9),
            home: vec![AccountId(1)],
            lists: vec![ListId(3)],
            public,
            local,
            tags: vec!["boats".to_owned()],
        };
        let parameters = Parameters {
            tag: Some("Boats"),
            list: Some("3"),
            id: Some("4"),
        };
        let channel = |name| Channel::parse(name, parameters).unwrap();
        let table = [
            ("user", true, true, true),
            ("list", true, true, true),
            ("public", true, false, true),
            ("public", false, true, false),
            ("public:local", true, true, true),
            ("public:local", true, false, false),
            ("public:remote", true, false, true),
            ("public:remote", true, true, false),
            ("hashtag", true, false, true),
            ("hashtag:local", true, false, false),
            ("user:notification", true, true, false),
            ("direct", true, true, false),
            ("saved_search", true, true, true),
            ("saved_search", false, true, false),
        ];
        for (name, public, local, expected) in table {
            let found = was_in(&channel(name), AccountId(1), &deleted(public, local));
            assert_eq!(found, expected, "{name} public={public} local={local}");
        }
        assert!(!was_in(&Channel::User, AccountId(2), &deleted(true, true)));
    }

    #[test]
    fn a_message_without_payload_has_no_such_member() {
        let message = Message {
            stream: Channel::User.name(),
            event: "filters_changed",
            payload: None,
        };
        assert_eq!(
            serde_json::to_string(&message).unwrap(),
            r#"{"stream":["user"],"event":"filters_changed"}"#
        );
    }
}
