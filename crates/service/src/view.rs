//! Statuses as a viewer sees them, loaded by id set: a page of forty costs as many queries as a page of one.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use pouet_model::{
    account::Account,
    filter::FilterMatch,
    ids::{AccountId, AppId, ConversationId, PollId, StatusId},
    status::{MediaAttachment, Mention, Poll, Status},
};
use pouet_storage::{
    Conn, cards, filters, interactions,
    marks::{self, Marks},
    media, mentions, polls,
    reactions::{self, ReactionCount},
    statuses, tags,
};

use crate::{
    cards::{CardView, StatusCards},
    collections::{CollectionView, load_linked},
    error::Result,
    filtering::Matcher,
    interactions::{Interacting, InteractionsView},
    quotes::{QuoteApprovalView, QuoteView, Quoting},
    visibility::{Accounts, Sight, authors_of, load_accounts},
};

pub use pouet_storage::tags::TagRow as TagView;

/// A status with everything that is shown with it.
#[derive(Clone, Debug)]
pub struct StatusView {
    /// The status.
    pub status: Status,
    /// Who wrote or boosted it.
    pub author: Arc<Account>,
    /// Accounts named in it.
    pub mentions: Vec<Arc<Account>>,
    /// Its hashtags.
    pub tags: Vec<TagView>,
    /// Its attachments, in order.
    pub media: Vec<MediaAttachment>,
    /// Its poll.
    pub poll: Option<PollView>,
    /// What its first link says of itself.
    pub card: Option<CardView>,
    /// Collections of this instance that it links to and the viewer sees.
    pub collections: Vec<Arc<CollectionView>>,
    /// What it boosts; never a boost itself.
    pub reblog: Option<Box<StatusView>>,
    /// What it was written with; only of local statuses.
    pub application: Option<ApplicationView>,
    /// What the viewer did with it; `None` for anonymous viewers.
    pub viewer: Option<ViewerState>,
    /// The viewer's filters that match it.
    pub filtered: Vec<FilterMatch>,
    /// Emoji that people put on it, the one that came first leading.
    pub reactions: Vec<ReactionCount>,
    /// Author of the status that it answers, where known.
    pub reply_author: Option<Arc<Account>>,
    /// What it quotes.
    pub quote: Option<QuoteView>,
    /// Who may quote it.
    pub quote_approval: QuoteApprovalView,
    /// Who may answer, favourite and boost it.
    pub interactions: InteractionsView,
}

impl StatusView {
    /// The status with the content: what is boosted, or this one.
    pub fn content(&self) -> &Self {
        self.reblog.as_deref().unwrap_or(self)
    }
}

/// A poll as a viewer sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PollView {
    /// The poll.
    pub poll: Poll,
    /// Whether it takes no more votes.
    pub expired: bool,
    /// Whether the viewer voted or is its author; `None` for anonymous viewers.
    pub voted: Option<bool>,
    /// Positions that the viewer chose; `None` for anonymous viewers.
    pub own_votes: Option<Vec<i64>>,
}

/// The application a status was written with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApplicationView {
    /// Name.
    pub name: String,
    /// Page about it.
    pub website: Option<String>,
}

/// What a viewer did with a status.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ViewerState {
    /// Favourited it.
    pub favourited: bool,
    /// Boosted it.
    pub reblogged: bool,
    /// Bookmarked it.
    pub bookmarked: bool,
    /// Silenced its conversation.
    pub muted: bool,
    /// Pinned it; `None` where it cannot be pinned by the viewer.
    pub pinned: Option<bool>,
}

/// The statuses with these ids that `viewer` may see, in the given order.
pub(crate) fn load_views(
    conn: &mut Conn,
    viewer: Option<AccountId>,
    ids: &[StatusId],
    now: DateTime<Utc>,
) -> Result<Vec<StatusView>> {
    let outer = statuses::load_statuses(conn, ids)?;
    let wanted: Vec<StatusId> = outer.iter().filter_map(|status| status.reblog_of_id).collect();
    let originals = statuses::load_statuses(conn, &wanted)?;
    let shown: Vec<&Status> = outer.iter().chain(&originals).collect();
    let quoting = Quoting::find(conn, &shown)?;
    let loaded = Loaded::load(conn, viewer, &shown, quoting, now)?;
    let originals: HashMap<StatusId, &Status> = originals.iter().map(|status| (status.id, status)).collect();
    let outer: HashMap<StatusId, &Status> = outer.iter().map(|status| (status.id, status)).collect();
    Ok(ids
        .iter()
        .filter_map(|id| loaded.view(outer.get(id)?, &originals, Place::Shown))
        .collect())
}

/// Where a status is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    /// On its own, or boosted.
    Shown,
    /// As the quote of another.
    Quoted,
}

/// Everything that the statuses of a page refer to.
struct Loaded {
    viewer: Option<AccountId>,
    now: DateTime<Utc>,
    sight: Sight,
    accounts: Accounts,
    mentions: HashMap<StatusId, Vec<Mention>>,
    tags: HashMap<StatusId, Vec<TagView>>,
    media: HashMap<StatusId, Vec<MediaAttachment>>,
    polls: HashMap<PollId, Poll>,
    cards: StatusCards,
    collections: HashMap<StatusId, Vec<Arc<CollectionView>>>,
    own_votes: HashMap<PollId, Vec<i64>>,
    applications: HashMap<AppId, (String, Option<String>)>,
    reactions: HashMap<StatusId, Vec<ReactionCount>>,
    marks: Marks,
    pinned: HashSet<StatusId>,
    matcher: Matcher,
    quoting: Quoting,
    interacting: Interacting,
}

impl Loaded {
    /// Loads what the `shown` statuses and those that they quote refer to.
    fn load(
        conn: &mut Conn,
        viewer: Option<AccountId>,
        shown: &[&Status],
        mut quoting: Quoting,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let quoted: Vec<Status> = quoting.statuses().cloned().collect();
        let all: Vec<&Status> = shown.iter().copied().chain(&quoted).collect();
        let all = all.as_slice();
        let ids: Vec<StatusId> = all.iter().map(|status| status.id).collect();
        let mentions = mentions::load_mentions(conn, &ids)?;
        let mut people: HashSet<AccountId> = authors_of(all).into_iter().collect();
        people.extend(mentions.values().flatten().map(|mention| mention.account_id));
        people.extend(all.iter().filter_map(|status| status.in_reply_to_account_id));
        let cards = cards::load_status_cards(conn, &ids)?;
        people.extend(cards.values().filter_map(|(_, card)| card.author_account_id));
        people.extend(viewer);
        let people: Vec<AccountId> = people.into_iter().collect();
        let poll_ids: Vec<PollId> = all.iter().filter_map(|status| status.poll_id).collect();
        let app_ids: Vec<AppId> = all.iter().filter_map(|status| status.application_id).collect();
        let accounts = load_accounts(conn, &people)?;
        quoting.load(conn, viewer, &ids, &authors_of(all), now)?;
        let watching = viewer.and_then(|viewer| accounts.get(&viewer));
        let mut loaded = Self {
            viewer,
            now,
            sight: Sight::of(conn, watching.map(AsRef::as_ref), all)?,
            accounts,
            mentions,
            tags: tags::load_tags(conn, &ids)?,
            media: media::load_media_of(conn, &ids)?,
            polls: polls::load_polls(conn, &poll_ids)?,
            cards,
            collections: load_linked(conn, viewer, &ids)?,
            own_votes: HashMap::new(),
            applications: statuses::load_application_names(conn, &app_ids)?,
            reactions: reactions::load_reactions(conn, viewer, &ids)?,
            marks: Marks::default(),
            pinned: HashSet::new(),
            matcher: Matcher::default(),
            quoting,
            interacting: Interacting::load(conn, viewer, &ids, &authors_of(all))?,
        };
        if let Some(viewer) = viewer {
            loaded.load_viewer(conn, viewer, all, &ids, &poll_ids)?;
        }
        Ok(loaded)
    }

    fn load_viewer(
        &mut self,
        conn: &mut Conn,
        viewer: AccountId,
        all: &[&Status],
        ids: &[StatusId],
        poll_ids: &[PollId],
    ) -> Result<()> {
        let conversations: HashSet<ConversationId> =
            all.iter().map(|status| status.conversation_id).collect();
        let conversations: Vec<ConversationId> = conversations.into_iter().collect();
        self.own_votes = polls::load_own_votes(conn, viewer, poll_ids)?;
        self.marks = marks::load_marks(conn, viewer, ids, &conversations)?;
        if all.iter().any(|status| status.account_id == viewer) {
            self.pinned = interactions::list_pins(conn, viewer)?.into_iter().collect();
        }
        self.matcher = Matcher::new(filters::load_active(conn, viewer, self.now)?);
        Ok(())
    }

    /// `None` if the viewer may not see it, or not what it boosts.
    fn view(
        &self,
        status: &Status,
        originals: &HashMap<StatusId, &Status>,
        place: Place,
    ) -> Option<StatusView> {
        let author = self.accounts.get(&status.account_id)?.clone();
        if !self.sight.can_see(status, &author) {
            return None;
        }
        let reblog = match status.reblog_of_id {
            Some(original) => Some(Box::new(self.view(
                originals.get(&original)?,
                originals,
                place,
            )?)),
            None => None,
        };
        let account = |id: &AccountId| self.accounts.get(id).cloned();
        let named = self
            .mentions
            .get(&status.id)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let names_viewer = named
            .iter()
            .any(|mention| Some(mention.account_id) == self.viewer);
        let mut view = StatusView {
            author,
            mentions: named
                .iter()
                .filter(|m| !m.silent)
                .filter_map(|m| account(&m.account_id))
                .collect(),
            tags: self.tags.get(&status.id).cloned().unwrap_or_default(),
            media: self.media.get(&status.id).cloned().unwrap_or_default(),
            poll: status.poll_id.and_then(|id| self.poll(id)),
            card: self.card(status.id),
            collections: self.collections.get(&status.id).cloned().unwrap_or_default(),
            application: self.application(status),
            viewer: self.viewer.map(|viewer| self.state(viewer, status)),
            filtered: Vec::new(),
            reactions: self.reactions.get(&status.id).cloned().unwrap_or_default(),
            reply_author: status.in_reply_to_account_id.as_ref().and_then(account),
            reblog,
            quote: self.quote(status.id, originals, place),
            quote_approval: self.quoting.approval(status),
            interactions: self.interacting.view(self.viewer, status, names_viewer),
            status: status.clone(),
        };
        view.filtered = self.matcher.matches(view.content());
        Some(view)
    }

    /// What a status quotes. Of the quote of a quote only the id is told.
    fn quote(
        &self,
        status: StatusId,
        originals: &HashMap<StatusId, &Status>,
        place: Place,
    ) -> Option<QuoteView> {
        let quote = self.quoting.quote_of(status)?;
        let quoted = quote.quoted_id.and_then(|id| self.quoting.status(id));
        let visible = quoted.filter(|quoted| {
            let author = self.accounts.get(&quoted.account_id);
            author.is_some_and(|author| self.sight.can_see(quoted, author))
        });
        let state = self.quoting.state(quote, visible.is_some());
        Some(QuoteView {
            quoted_id: visible.map(|quoted| quoted.id),
            quoted: visible
                .filter(|_| place == Place::Shown)
                .and_then(|quoted| self.view(quoted, originals, Place::Quoted))
                .map(Box::new),
            state,
            quote: quote.clone(),
        })
    }

    fn poll(&self, id: PollId) -> Option<PollView> {
        let poll = self.polls.get(&id)?;
        let own = self.own_votes.get(&id).cloned().unwrap_or_default();
        Some(PollView {
            expired: poll.is_expired(self.now),
            voted: self
                .viewer
                .map(|viewer| !own.is_empty() || viewer == poll.account_id),
            own_votes: self.viewer.map(|_| own),
            poll: poll.clone(),
        })
    }

    fn card(&self, status: StatusId) -> Option<CardView> {
        let (url, card) = self.cards.get(&status)?.clone();
        Some(CardView::new(card, url, &self.accounts, self.viewer))
    }

    fn application(&self, status: &Status) -> Option<ApplicationView> {
        let (name, website) = self.applications.get(&status.application_id?)?.clone();
        Some(ApplicationView { name, website })
    }

    fn state(&self, viewer: AccountId, status: &Status) -> ViewerState {
        let acted_on = status.reblog_of_id.unwrap_or(status.id);
        let pinnable = status.account_id == viewer
            && status.reblog_of_id.is_none()
            && !status.visibility.is_for_addressees();
        ViewerState {
            favourited: self.marks.favourited.contains(&acted_on),
            reblogged: self.marks.reblogged.contains(&acted_on),
            bookmarked: self.marks.bookmarked.contains(&acted_on),
            muted: self.marks.muted.contains(&status.conversation_id),
            pinned: pinnable.then(|| self.pinned.contains(&status.id)),
        }
    }
}
