//! Who may answer, favourite and boost a status, as its author says.
//!
//! Source: <https://docs.gotosocial.org/en/latest/federation/interaction_controls/>

use serde::{Deserialize, Serialize};

use crate::audience::{PUBLIC, is_public};

/// Something that is done with a status.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Interaction {
    /// An answer.
    Reply,
    /// A favourite or an emoji.
    Like,
    /// A boost.
    Announce,
}

impl Interaction {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Reply, Self::Like, Self::Announce];

    /// The name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::Like => "like",
            Self::Announce => "announce",
        }
    }

    /// Reads a name of the database.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// First part of the names of types that are about it: `ReplyRequest`, `ReplyAuthorization`.
    pub fn type_name(self) -> &'static str {
        match self {
            Self::Reply => "Reply",
            Self::Like => "Like",
            Self::Announce => "Announce",
        }
    }
}

/// What becomes of an interaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Nobody has to be asked.
    Allowed,
    /// The author has to approve it; or their server, where only it knows who follows whom.
    NeedsApproval,
    /// The author does not want it.
    Refused,
}

/// Who wants to do something with a status.
#[derive(Clone, Copy, Debug)]
pub struct Actor<'a> {
    /// Their id on the wire.
    pub uri: &'a str,
    /// They wrote it.
    pub is_author: bool,
    /// It names them, or answers them.
    pub is_addressed: bool,
    /// They follow its author.
    pub follows: bool,
    /// Its author follows them.
    pub is_followed: bool,
}

/// Collections of the author of a status, as far as they are known.
#[derive(Clone, Copy, Debug, Default)]
pub struct Collections<'a> {
    /// Their followers.
    pub followers: Option<&'a str>,
    /// Whom they follow.
    pub following: Option<&'a str>,
}

/// Who may do one thing: ids of actors and collections.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Rule {
    /// At once.
    pub automatic: Vec<String>,
    /// With the author's approval.
    pub manual: Vec<String>,
}

impl Rule {
    /// Whether this is what holds for a status without rules.
    pub fn is_for_everybody(&self) -> bool {
        self.automatic.iter().any(|id| is_public(id)) && self.manual.is_empty()
    }

    /// What becomes of it when `actor` does it. The more exact entry decides: an actor before a collection, that before
    /// everybody; of two alike, the one that allows more.
    fn verdict(&self, actor: Actor<'_>, collections: Collections<'_>) -> Verdict {
        if self.automatic.iter().any(|id| id == actor.uri) {
            return Verdict::Allowed;
        }
        if self.manual.iter().any(|id| id == actor.uri) {
            return Verdict::NeedsApproval;
        }
        let is_member = |id: &String| {
            let id = Some(id.as_str());
            (actor.follows && id == collections.followers)
                || (actor.is_followed && id == collections.following)
        };
        let public = |ids: &[String]| ids.iter().any(|id| is_public(id));
        if self.manual.iter().any(is_member) {
            return Verdict::NeedsApproval;
        }
        if public(&self.automatic) {
            return Verdict::Allowed;
        }
        if self.automatic.iter().any(is_member) || public(&self.manual) {
            return Verdict::NeedsApproval;
        }
        Verdict::Refused
    }
}

/// The rules of a status of another server. `None`: everybody may.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Rules {
    /// Who may answer.
    pub reply: Option<Rule>,
    /// Who may favourite.
    pub like: Option<Rule>,
    /// Who may boost.
    pub announce: Option<Rule>,
}

impl Rules {
    fn of(&self, kind: Interaction) -> Option<&Rule> {
        match kind {
            Interaction::Reply => self.reply.as_ref(),
            Interaction::Like => self.like.as_ref(),
            Interaction::Announce => self.announce.as_ref(),
        }
    }

    /// Whether everybody may do everything.
    pub fn is_for_everybody(&self) -> bool {
        Interaction::ALL
            .into_iter()
            .all(|kind| self.of(kind).is_none_or(Rule::is_for_everybody))
    }

    /// What becomes of an interaction. Authors may do everything, and who is addressed may answer.
    pub fn verdict(&self, kind: Interaction, actor: Actor<'_>, collections: Collections<'_>) -> Verdict {
        if actor.is_author || (kind == Interaction::Reply && actor.is_addressed) {
            return Verdict::Allowed;
        }
        match self.of(kind) {
            Some(rule) => rule.verdict(actor, collections),
            None => Verdict::Allowed,
        }
    }
}

/// Whom an author here lets do something, beside themselves and those whom the status names.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Who {
    /// Everybody who sees it.
    #[default]
    Public,
    /// Followers, and those whom the author follows.
    Known,
    /// Followers.
    Followers,
    /// Those whom the author follows.
    Following,
    /// Nobody else.
    Mentioned,
}

impl Who {
    /// Those who are in one of both.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Public, _) | (_, Self::Public) => Self::Public,
            (Self::Mentioned, who) | (who, Self::Mentioned) => who,
            (one, other) if one == other => one,
            _ => Self::Known,
        }
    }

    /// Whether it covers all whom `other` covers.
    pub fn covers(self, other: Self) -> bool {
        self.or(other) == self
    }

    fn includes(self, actor: Actor<'_>) -> bool {
        match self {
            Self::Public => true,
            Self::Known => actor.follows || actor.is_followed,
            Self::Followers => actor.follows,
            Self::Following => actor.is_followed,
            Self::Mentioned => false,
        }
    }

    /// Its collections, in GoToSocial's words.
    ///
    /// Source: <https://docs.gotosocial.org/en/latest/api/swagger/#operations-statuses-statusCreate>
    pub fn words(self) -> &'static [&'static str] {
        match self {
            Self::Public => &["public"],
            Self::Known => &["followers", "following"],
            Self::Followers => &["followers"],
            Self::Following => &["following"],
            Self::Mentioned => &[],
        }
    }
}

/// Whom the author decides about one by one; `None`: nobody.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Asking {
    /// Who may ask to answer.
    #[serde(default)]
    pub reply: Option<Who>,
    /// Who may ask to favourite.
    #[serde(default)]
    pub like: Option<Who>,
    /// Who may ask to boost.
    #[serde(default)]
    pub announce: Option<Who>,
}

/// What an author here chose for a status.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Choice {
    /// Who may answer.
    pub reply: Who,
    /// Who may favourite.
    pub like: Who,
    /// Who may boost.
    pub announce: Who,
    /// Of the others, who may ask.
    #[serde(default)]
    pub asking: Asking,
}

/// Ids by which those who may do something are named.
#[derive(Clone, Copy, Debug)]
pub struct Named<'a> {
    /// The author.
    pub author: &'a str,
    /// Their followers.
    pub followers: &'a str,
    /// Whom they follow.
    pub following: &'a str,
    /// Those whom the status names.
    pub mentioned: &'a [String],
}

impl Named<'_> {
    fn collections(self, who: Who) -> Vec<String> {
        let ids: &[&str] = match who {
            Who::Public => &[PUBLIC],
            Who::Known => &[self.followers, self.following],
            Who::Followers => &[self.followers],
            Who::Following => &[self.following],
            Who::Mentioned => &[],
        };
        ids.iter().map(|id| (*id).to_owned()).collect()
    }
}

impl Choice {
    /// For whom something is at once.
    pub fn of(self, kind: Interaction) -> Who {
        match kind {
            Interaction::Reply => self.reply,
            Interaction::Like => self.like,
            Interaction::Announce => self.announce,
        }
    }

    /// Who has to ask for it. Those who need not are left out where nobody else remains.
    pub fn asking_for(self, kind: Interaction) -> Option<Who> {
        let asking = match kind {
            Interaction::Reply => self.asking.reply,
            Interaction::Like => self.asking.like,
            Interaction::Announce => self.asking.announce,
        };
        asking.filter(|who| !self.of(kind).covers(*who))
    }

    /// What becomes of it when somebody does something.
    pub fn verdict(self, kind: Interaction, actor: Actor<'_>) -> Verdict {
        if actor.is_author || actor.is_addressed || self.of(kind).includes(actor) {
            Verdict::Allowed
        } else if self.asking_for(kind).is_some_and(|who| who.includes(actor)) {
            Verdict::NeedsApproval
        } else {
            Verdict::Refused
        }
    }

    /// Ids of those who may do something at once.
    pub fn automatic(self, kind: Interaction, named: Named<'_>) -> Vec<String> {
        let who = self.of(kind);
        let collections = named.collections(who);
        if who == Who::Public {
            return collections;
        }
        let mut ids = vec![named.author.to_owned()];
        ids.extend(collections);
        ids.extend(named.mentioned.iter().cloned());
        ids
    }

    /// Ids of those who may ask for it.
    pub fn manual(self, kind: Interaction, named: Named<'_>) -> Vec<String> {
        self.asking_for(kind)
            .map(|who| named.collections(who))
            .unwrap_or_default()
    }
}

/// The rules of a status where not everybody may do everything.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Policy {
    /// Of a status written here.
    Own(Choice),
    /// Of another server's.
    Remote(Rules),
}

#[cfg(test)]
mod tests {
    use super::*;

    const AUTHOR: &str = "https://far.example/users/author";
    const ADA: &str = "https://near.example/users/ada";
    const FOLLOWERS: &str = "https://far.example/users/author/followers";
    const FOLLOWING: &str = "https://far.example/users/author/following";

    fn verdict(automatic: &[&str], manual: &[&str], actor: Actor<'_>) -> Verdict {
        let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
        let rule = Some(Rule {
            automatic: ids(automatic),
            manual: ids(manual),
        });
        let rules = Rules {
            reply: rule,
            ..Rules::default()
        };
        let collections = Collections {
            followers: Some(FOLLOWERS),
            following: Some(FOLLOWING),
        };
        rules.verdict(Interaction::Reply, actor, collections)
    }

    fn stranger() -> Actor<'static> {
        Actor {
            uri: ADA,
            is_author: false,
            is_addressed: false,
            follows: false,
            is_followed: false,
        }
    }

    #[test]
    fn fed_094_the_more_exact_entry_decides() {
        use Verdict::{Allowed, NeedsApproval, Refused};
        let follower = Actor {
            follows: true,
            ..stranger()
        };
        let friend = Actor {
            is_followed: true,
            ..stranger()
        };
        for (automatic, manual, actor, expected) in [
            (&[PUBLIC][..], &[][..], stranger(), Allowed),
            (&["as:Public"], &[], stranger(), Allowed),
            (&[AUTHOR], &[PUBLIC], stranger(), NeedsApproval),
            (&[AUTHOR], &[], stranger(), Refused),
            (&[], &[], stranger(), Refused),
            (&[ADA], &[PUBLIC], stranger(), Allowed),
            (&[PUBLIC], &[ADA], stranger(), NeedsApproval),
            (&[ADA], &[ADA], stranger(), Allowed),
            (&[FOLLOWERS], &[], stranger(), Refused),
            (&[FOLLOWERS], &[], follower, NeedsApproval),
            (&[PUBLIC, FOLLOWERS], &[], follower, Allowed),
            (&[PUBLIC], &[FOLLOWERS], follower, NeedsApproval),
            (&[FOLLOWING], &[], follower, Refused),
            (&[FOLLOWING], &[], friend, NeedsApproval),
        ] {
            assert_eq!(
                verdict(automatic, manual, actor),
                expected,
                "{automatic:?} {manual:?} {actor:?}"
            );
        }
        let author = Actor {
            is_author: true,
            ..stranger()
        };
        let addressed = Actor {
            is_addressed: true,
            ..stranger()
        };
        assert_eq!(verdict(&[], &[], author), Allowed);
        assert_eq!(verdict(&[], &[], addressed), Allowed);
        let rules = Rules {
            like: Some(Rule::default()),
            ..Rules::default()
        };
        let none = Collections::default();
        assert_eq!(rules.verdict(Interaction::Like, addressed, none), Refused);
        assert_eq!(rules.verdict(Interaction::Announce, stranger(), none), Allowed);
    }

    #[test]
    fn fed_094_what_an_author_chose_is_told_and_kept() {
        use Verdict::{Allowed, NeedsApproval, Refused};
        let choice = Choice {
            reply: Who::Followers,
            like: Who::Public,
            announce: Who::Mentioned,
            asking: Asking {
                reply: Some(Who::Public),
                like: Some(Who::Followers),
                announce: Some(Who::Known),
            },
        };
        let mentioned = [ADA.to_owned()];
        let named = Named {
            author: AUTHOR,
            followers: FOLLOWERS,
            following: FOLLOWING,
            mentioned: &mentioned,
        };
        let told = |kind| (choice.automatic(kind, named), choice.manual(kind, named));
        let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            told(Interaction::Reply),
            (ids(&[AUTHOR, FOLLOWERS, ADA]), ids(&[PUBLIC]))
        );
        assert_eq!(
            told(Interaction::Like),
            (ids(&[PUBLIC]), ids(&[])),
            "nobody has to ask"
        );
        assert_eq!(
            told(Interaction::Announce),
            (ids(&[AUTHOR, ADA]), ids(&[FOLLOWERS, FOLLOWING]))
        );
        let follower = Actor {
            follows: true,
            ..stranger()
        };
        let friend = Actor {
            is_followed: true,
            ..stranger()
        };
        let named = Actor {
            is_addressed: true,
            ..stranger()
        };
        for (kind, actor, expected) in [
            (Interaction::Reply, stranger(), NeedsApproval),
            (Interaction::Reply, follower, Allowed),
            (Interaction::Reply, named, Allowed),
            (Interaction::Like, follower, Allowed),
            (Interaction::Announce, follower, NeedsApproval),
            (Interaction::Announce, friend, NeedsApproval),
            (Interaction::Announce, stranger(), Refused),
            (Interaction::Announce, named, Allowed),
        ] {
            assert_eq!(choice.verdict(kind, actor), expected, "{kind:?} {actor:?}");
        }
        // As it was stored before anybody could be asked.
        let older = r#"{"reply":"followers","like":"public","announce":"mentioned"}"#;
        let older: Choice = serde_json::from_str(older).unwrap();
        assert_eq!(older.asking, Asking::default());
        assert_eq!(older.reply, Who::Followers);
    }
}
