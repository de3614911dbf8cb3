//! What people do in a walk: drawn from a seed beforehand, done only where it makes sense at the time, so that any of them
//! can be left out.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anyhow::{Context as _, ensure};
use pouet_tests::Reply;
use pouet_tests::account::{id_of, uri_of};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use reqwest::Method;
use serde_json::{Value, json};

use super::model::{Model, Sight, USERS, User, Visibility, place};
use super::world::{World, until};

/// One act: who does what, to whom, and a number that chooses among what there is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Act {
    who: User,
    kind: Kind,
    whom: User,
    choice: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Follow,
    Unfollow,
    Lock,
    Answer,
    Post,
    Reply,
    Boost,
    Favourite,
    Edit,
    Delete,
    Block,
    Mute,
}

/// How often each kind is drawn, in parts of their sum.
const WEIGHTS: [(Kind, usize); 12] = [
    (Kind::Follow, 18),
    (Kind::Unfollow, 5),
    (Kind::Lock, 3),
    (Kind::Answer, 8),
    (Kind::Post, 20),
    (Kind::Reply, 12),
    (Kind::Boost, 8),
    (Kind::Favourite, 8),
    (Kind::Edit, 6),
    (Kind::Delete, 4),
    (Kind::Block, 4),
    (Kind::Mute, 4),
];

/// Draws acts.
pub(super) fn draw(seed: u64, number: usize) -> Vec<Act> {
    let mut chance = StdRng::seed_from_u64(seed);
    let sum: usize = WEIGHTS.iter().map(|(_, weight)| weight).sum();
    let one = |_| {
        let mut at = chance.random_range(0..sum);
        let kind = WEIGHTS.iter().find(|(_, weight)| {
            let here = at < *weight;
            at = at.saturating_sub(*weight);
            here
        });
        let who = chance.random_range(0..USERS);
        Act {
            who,
            kind: kind.expect("the number is below the sum").0,
            whom: (who + chance.random_range(1..USERS)) % USERS,
            choice: chance.random_range(0..1 << 20),
        }
    };
    (0..number).map(one).collect()
}

/// The text of a version of a status.
pub(super) fn text(number: usize, version: u32) -> String {
    format!("status {number} in version {version} ends")
}

fn done(reply: &Reply) -> anyhow::Result<Value> {
    ensure!(reply.status == 200, "{}", reply.summary());
    Ok(reply.json())
}

/// A walk under way.
pub(super) struct Walk {
    pub(super) world: World,
    pub(super) model: Model,
}

impl Walk {
    /// Does an act and waits for its effects; `false` if it makes no sense now.
    pub(super) async fn step(&mut self, act: Act) -> anyhow::Result<bool> {
        let Act {
            who,
            kind,
            whom,
            choice,
        } = act;
        match kind {
            Kind::Follow => self.follow(who, whom).await,
            Kind::Unfollow => self.unfollow(who, choice).await,
            Kind::Lock => self.lock(who).await,
            Kind::Answer => self.answer(who, choice).await,
            Kind::Post => self.post(who, whom, choice).await,
            Kind::Reply => self.reply(who, choice).await,
            Kind::Boost => self.mark(who, choice, true).await,
            Kind::Favourite => self.mark(who, choice, false).await,
            Kind::Edit => self.edit(who, choice).await,
            Kind::Delete => self.delete(who, choice).await,
            Kind::Block => self.toggle(who, whom, "block").await,
            Kind::Mute => self.toggle(who, whom, "mute").await,
        }
    }

    async fn relate(&self, who: User, whom: User, verb: &str) -> anyhow::Result<()> {
        let path = format!("/api/v1/accounts/{}/{verb}", self.world.id(who, whom));
        done(&self.world.people[who].client.act(&path).await)?;
        Ok(())
    }

    async fn follow(&mut self, who: User, whom: User) -> anyhow::Result<bool> {
        let model = &mut self.model;
        let pair = (who, whom);
        if model.apart(who, whom) || model.follows.contains(&pair) || model.requests.contains(&pair) {
            return Ok(false);
        }
        if model.locked.contains(&whom) {
            model.requests.insert(pair);
        } else {
            model.follows.insert(pair);
        }
        self.relate(who, whom, "follow").await?;
        self.world.agree(&self.model, who, whom).await?;
        Ok(true)
    }

    async fn unfollow(&mut self, who: User, choice: usize) -> anyhow::Result<bool> {
        let all = self.model.follows.iter().chain(&self.model.requests);
        let own: Vec<User> = all.filter(|(by, _)| *by == who).map(|(_, whom)| *whom).collect();
        let Some(whom) = pick(&own, choice) else {
            return Ok(false);
        };
        self.model.part(who, whom);
        self.relate(who, whom, "unfollow").await?;
        self.world.agree(&self.model, who, whom).await?;
        Ok(true)
    }

    async fn lock(&mut self, who: User) -> anyhow::Result<bool> {
        let locked = self.model.locked.contains(&who);
        // What becomes of requests that wait when an account opens is not part of this walk.
        if locked && self.model.requests.iter().any(|(_, whom)| *whom == who) {
            return Ok(false);
        }
        if locked {
            self.model.locked.remove(&who);
        } else {
            self.model.locked.insert(who);
        }
        let account = &self.world.people[who];
        let change = json!({ "locked": !locked });
        let path = "/api/v1/accounts/update_credentials";
        done(&account.client.json(Method::PATCH, path, &change).await)?;
        Ok(true)
    }

    async fn answer(&mut self, who: User, choice: usize) -> anyhow::Result<bool> {
        let waiting = self.model.requests.iter().filter(|(_, whom)| *whom == who);
        let waiting: Vec<User> = waiting.map(|(by, _)| *by).collect();
        let Some(whom) = pick(&waiting, choice) else {
            return Ok(false);
        };
        let asking: BTreeSet<User> = self.world.asking(who).await?.into_iter().collect();
        ensure!(
            asking == waiting.iter().copied().collect(),
            "walker{who} is asked by {asking:?}, not {waiting:?}"
        );
        self.model.requests.remove(&(whom, who));
        let verb = if choice.is_multiple_of(3) {
            "reject"
        } else {
            "authorize"
        };
        if verb == "authorize" {
            self.model.follows.insert((whom, who));
        }
        let path = format!("/api/v1/follow_requests/{}/{verb}", self.world.id(who, whom));
        done(&self.world.people[who].client.act(&path).await)?;
        self.world.agree(&self.model, who, whom).await?;
        Ok(true)
    }

    async fn post(&mut self, who: User, whom: User, choice: usize) -> anyhow::Result<bool> {
        let visibility = match choice % 10 {
            0..4 => Visibility::Public,
            4..6 => Visibility::Unlisted,
            6..8 => Visibility::Private,
            _ => Visibility::Direct,
        };
        let names = visibility == Visibility::Direct || (choice / 10).is_multiple_of(3);
        let mut mentioned = BTreeSet::new();
        if names {
            if self.model.apart(who, whom) {
                return Ok(false);
            }
            mentioned.insert(whom);
        }
        self.publish(who, visibility, mentioned, None).await
    }

    async fn publish(
        &mut self,
        who: User,
        visibility: Visibility,
        mentioned: BTreeSet<User>,
        parent: Option<(usize, String)>,
    ) -> anyhow::Result<bool> {
        let number = self
            .model
            .add(who, visibility, mentioned, parent.as_ref().map(|it| it.0));
        let mut wanted = json!({ "status": self.words(number), "visibility": visibility.name() });
        if let Some((_, id)) = parent {
            wanted["in_reply_to_id"] = json!(id);
        }
        let account = &self.world.people[who];
        let status = done(&account.client.post("/api/v1/statuses", &wanted).await)?;
        self.world.uris.push(uri_of(&status));
        self.world.agree_on(&self.model, number).await?;
        Ok(true)
    }

    /// What the author writes.
    fn words(&self, number: usize) -> String {
        let status = &self.model.statuses[number];
        let mut words = text(number, status.version);
        for user in &status.mentioned {
            write!(words, " @{}", self.world.people[*user].handle).expect("a string takes all text");
        }
        words
    }

    /// Statuses that somebody sees for certain, and could act on.
    fn seen(&self, who: User, fits: impl Fn(usize) -> bool) -> Vec<usize> {
        (0..self.model.statuses.len())
            .filter(|number| {
                let status = &self.model.statuses[*number];
                let fresh = !status.deleted && !status.stale.contains(&place(who));
                fresh && self.model.sight(who, *number) == Sight::Must && fits(*number)
            })
            .collect()
    }

    async fn reply(&mut self, who: User, choice: usize) -> anyhow::Result<bool> {
        let Some(parent) = pick(&self.seen(who, |_| true), choice) else {
            return Ok(false);
        };
        let (author, visibility) = {
            let status = &self.model.statuses[parent];
            (status.author, status.visibility)
        };
        let id = id_of(&self.world.see(who, parent).await?);
        let mentioned: BTreeSet<User> = [author].into_iter().filter(|author| *author != who).collect();
        if visibility == Visibility::Direct && mentioned.is_empty() {
            return Ok(false);
        }
        self.publish(who, visibility, mentioned, Some((parent, id))).await
    }

    /// A boost or a favourite, or taking it back.
    async fn mark(&mut self, who: User, choice: usize, boost: bool) -> anyhow::Result<bool> {
        let open = |number: usize| !boost || self.model.statuses[number].visibility.is_open();
        let Some(number) = pick(&self.seen(who, open), choice) else {
            return Ok(false);
        };
        let id = id_of(&self.world.see(who, number).await?);
        let status = &mut self.model.statuses[number];
        let marks = if boost {
            &mut status.boosts
        } else {
            &mut status.favourites
        };
        let undo = !marks.insert(who);
        if undo {
            marks.remove(&who);
        }
        let (author, wanted) = (status.author, marks.len() as u64);
        let verb = match (boost, undo) {
            (true, false) => "reblog",
            (true, true) => "unreblog",
            (false, false) => "favourite",
            (false, true) => "unfavourite",
        };
        let path = format!("/api/v1/statuses/{id}/{verb}");
        done(&self.world.people[who].client.act(&path).await)?;
        let count = if boost {
            "reblogs_count"
        } else {
            "favourites_count"
        };
        until(
            &format!("the {verb} of status {number} by walker{who}"),
            async || {
                let seen = self.world.see(author, number).await?;
                ensure!(seen[count] == wanted, "{count} is {}, not {wanted}", seen[count]);
                Ok(())
            },
        )
        .await?;
        Ok(true)
    }

    fn own(&self, who: User) -> Vec<usize> {
        let statuses = self.model.statuses.iter().enumerate();
        statuses
            .filter(|(_, status)| status.author == who && !status.deleted)
            .map(|(number, _)| number)
            .collect()
    }

    async fn edit(&mut self, who: User, choice: usize) -> anyhow::Result<bool> {
        let Some(number) = pick(&self.own(who), choice) else {
            return Ok(false);
        };
        let id = id_of(&self.world.see(who, number).await?);
        self.model.edit(number);
        let change = json!({ "status": self.words(number) });
        let path = format!("/api/v1/statuses/{id}");
        done(
            &self.world.people[who]
                .client
                .json(Method::PUT, &path, &change)
                .await,
        )?;
        self.world.agree_on(&self.model, number).await?;
        Ok(true)
    }

    async fn delete(&mut self, who: User, choice: usize) -> anyhow::Result<bool> {
        let Some(number) = pick(&self.own(who), choice) else {
            return Ok(false);
        };
        let id = id_of(&self.world.see(who, number).await?);
        self.model.delete(number);
        let path = format!("/api/v1/statuses/{id}");
        done(&self.world.people[who].client.delete(&path).await)?;
        self.world.agree_on(&self.model, number).await?;
        Ok(true)
    }

    /// Blocks or mutes, or takes it back.
    async fn toggle(&mut self, who: User, whom: User, verb: &str) -> anyhow::Result<bool> {
        let pair = (who, whom);
        let pairs = if verb == "block" {
            &mut self.model.blocks
        } else {
            &mut self.model.mutes
        };
        let begins = pairs.insert(pair);
        if !begins {
            pairs.remove(&pair);
        }
        if begins {
            self.model.unsettle(who, whom);
        }
        if begins && verb == "block" {
            self.model.part(who, whom);
            self.model.part(whom, who);
        }
        let undo = format!("un{verb}");
        self.relate(who, whom, if begins { verb } else { &undo }).await?;
        self.world
            .agree(&self.model, who, whom)
            .await
            .with_context(|| format!("walker{who} does to walker{whom}: {verb}, begins: {begins}"))?;
        Ok(true)
    }
}

fn pick<T: Copy>(among: &[T], choice: usize) -> Option<T> {
    among.get(choice.checked_rem(among.len())?).copied()
}
