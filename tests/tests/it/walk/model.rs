//! Who follows whom, who wrote what, and who must, may or must not see it: the truth that the servers are compared with.

use std::collections::BTreeSet;

/// A person, by number.
pub(super) type User = usize;

/// A server, by number.
pub(super) type Place = usize;

/// How many servers there are; people are dealt out to them in turn.
pub(super) const PLACES: usize = 3;

/// How many people there are.
pub(super) const USERS: usize = 12;

/// On which server somebody is at home.
pub(super) fn place(user: User) -> Place {
    user % PLACES
}

/// Who a status is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Visibility {
    Public,
    Unlisted,
    Private,
    Direct,
}

impl Visibility {
    /// As the client API writes it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Unlisted => "unlisted",
            Self::Private => "private",
            Self::Direct => "direct",
        }
    }

    pub(super) fn is_open(self) -> bool {
        matches!(self, Self::Public | Self::Unlisted)
    }
}

/// Whether somebody sees something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sight {
    Must,
    May,
    MustNot,
}

/// A status.
#[derive(Debug, Clone)]
pub(super) struct Status {
    pub(super) author: User,
    pub(super) visibility: Visibility,
    pub(super) mentioned: BTreeSet<User>,
    /// How often it was edited.
    pub(super) version: u32,
    pub(super) deleted: bool,
    pub(super) favourites: BTreeSet<User>,
    pub(super) boosts: BTreeSet<User>,
    /// The status that it answers.
    parent: Option<usize>,
    /// Servers that were sent it.
    pub(super) told: BTreeSet<Place>,
    /// Servers that were not told of an edit or of the deletion, because nobody there counts as a reader any more.
    pub(super) stale: BTreeSet<Place>,
    /// In whose home timeline it must stand.
    pub(super) homes: BTreeSet<User>,
}

/// Everything.
#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) locked: BTreeSet<User>,
    /// Pairs of who does it, and to whom.
    pub(super) follows: BTreeSet<(User, User)>,
    pub(super) requests: BTreeSet<(User, User)>,
    pub(super) blocks: BTreeSet<(User, User)>,
    pub(super) mutes: BTreeSet<(User, User)>,
    pub(super) statuses: Vec<Status>,
}

impl Model {
    pub(super) fn followers(&self, user: User) -> impl Iterator<Item = User> {
        self.follows
            .iter()
            .filter(move |(_, followed)| *followed == user)
            .map(|(follower, _)| *follower)
    }

    /// Whether one of the two blocks the other.
    pub(super) fn apart(&self, one: User, other: User) -> bool {
        self.blocks.contains(&(one, other)) || self.blocks.contains(&(other, one))
    }

    /// Whether the rules let `user` see a status, wherever it is known.
    pub(super) fn allows(&self, user: User, number: usize) -> bool {
        let status = &self.statuses[number];
        if status.author == user {
            return true;
        }
        if place(user) == place(status.author) && self.blocks.contains(&(status.author, user)) {
            return false;
        }
        match status.visibility {
            Visibility::Public | Visibility::Unlisted => true,
            Visibility::Private => {
                self.follows.contains(&(user, status.author)) || status.mentioned.contains(&user)
            }
            Visibility::Direct => status.mentioned.contains(&user),
        }
    }

    /// Whether `user` sees a status on their server.
    pub(super) fn sight(&self, user: User, number: usize) -> Sight {
        let status = &self.statuses[number];
        if !self.allows(user, number) {
            return Sight::MustNot;
        }
        if status.deleted {
            return if status.stale.contains(&place(user)) {
                Sight::May
            } else {
                Sight::MustNot
            };
        }
        // A block on one server is not told to others, and what it hides on the other side is a matter of taste.
        if self.apart(user, status.author) || !status.told.contains(&place(user)) {
            return Sight::May;
        }
        Sight::Must
    }

    /// Whether a status stands in the home timeline of `user`.
    pub(super) fn at_home(&self, user: User, number: usize) -> Sight {
        let status = &self.statuses[number];
        let sight = self.sight(user, number);
        let close = status.author == user || self.follows.contains(&(user, status.author));
        if sight == Sight::MustNot || !close || self.hides(user, status.author) {
            Sight::MustNot
        } else if status.homes.contains(&user) && sight == Sight::Must {
            Sight::Must
        } else {
            Sight::May
        }
    }

    /// Whether `user` wants nothing of `other` in timelines.
    pub(super) fn hides(&self, user: User, other: User) -> bool {
        self.mutes.contains(&(user, other)) || self.blocks.contains(&(user, other))
    }

    /// Enters a status; returns its number.
    pub(super) fn add(
        &mut self,
        author: User,
        visibility: Visibility,
        mentioned: BTreeSet<User>,
        parent: Option<usize>,
    ) -> usize {
        let mut readers = mentioned.clone();
        readers.insert(author);
        let mut homes = BTreeSet::new();
        if visibility != Visibility::Direct {
            homes.insert(author);
            let followers: Vec<User> = self.followers(author).collect();
            readers.extend(&followers);
            // Answers to others are for those who follow both, and that is left open here. What answers something that
            // a server does not know counts as an answer to others there.
            homes.extend(followers.into_iter().filter(|follower| {
                let goes_on = parent.is_none_or(|parent| {
                    let parent = &self.statuses[parent];
                    parent.author == author && parent.told.contains(&place(*follower))
                });
                goes_on && !self.hides(*follower, author)
            }));
        }
        self.statuses.push(Status {
            author,
            visibility,
            mentioned,
            version: 0,
            deleted: false,
            favourites: BTreeSet::new(),
            boosts: BTreeSet::new(),
            parent,
            told: readers.into_iter().map(place).collect(),
            stale: BTreeSet::new(),
            homes,
        });
        self.statuses.len() - 1
    }

    /// Servers that are told of an edit or of the deletion.
    fn informed(&self, number: usize) -> BTreeSet<Place> {
        let status = &self.statuses[number];
        let mut people: BTreeSet<User> = [status.author].into();
        if status.visibility != Visibility::Direct {
            people.extend(self.followers(status.author));
        }
        for more in [&status.mentioned, &status.favourites, &status.boosts] {
            people.extend(more);
        }
        // Who took an answer back is no reader on that account any more.
        let answers = self
            .statuses
            .iter()
            .filter(|it| it.parent == Some(number) && !it.deleted);
        people.extend(answers.map(|answer| answer.author));
        people.into_iter().map(place).collect()
    }

    fn changed(&mut self, number: usize) {
        let informed = self.informed(number);
        let status = &mut self.statuses[number];
        for place in 0..PLACES {
            if !informed.contains(&place) {
                status.stale.insert(place);
            }
        }
    }

    pub(super) fn edit(&mut self, number: usize) {
        self.changed(number);
        self.statuses[number].version += 1;
    }

    pub(super) fn delete(&mut self, number: usize) {
        self.changed(number);
        self.statuses[number].deleted = true;
    }

    /// The end of a follow, whatever ended it: what came by it is not promised to be there any more.
    pub(super) fn part(&mut self, follower: User, leader: User) {
        self.follows.remove(&(follower, leader));
        self.requests.remove(&(follower, leader));
        self.unsettle(follower, leader);
    }

    /// What `of` wrote is not promised to stand in the home timeline of `user` any more.
    pub(super) fn unsettle(&mut self, user: User, of: User) {
        for status in self.statuses.iter_mut().filter(|status| status.author == of) {
            status.homes.remove(&user);
        }
    }
}
