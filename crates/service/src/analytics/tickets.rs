//! Tickets that our own pages put into their links, by which what is opened next is known to come from a post.
//!
//! A ticket names the post and its author, when it was made, and a random number; a keyed hash of that, and of what
//! it is for, makes it genuine. It says nothing about who reads. Keys live in memory and change every hour; a ticket
//! is good for an hour.

use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use openssl::{hash::MessageDigest, pkey::PKey, sign::Signer};
use pouet_model::ids::{AccountId, StatusId};
use subtle::ConstantTimeEq as _;

use super::MAX_SEEN;
use crate::{
    error::{Error, Result},
    secrets::random_bytes,
};

/// Seconds that a ticket is good for.
const LIFE: i64 = 3600;
/// Bytes of what a ticket says: status, author, time, random number.
const TEXT: usize = 32;
/// Bytes of the keyed hash behind it.
const SEAL: usize = 16;

/// What a ticket is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Purpose<'a> {
    /// Opening the file at this path, any number of times.
    Media(&'a str),
    /// Opening the author's profile, once.
    Profile,
    /// Following the link with this mark, any number of times.
    Link(&'a str),
}

/// What a genuine ticket says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Ticket {
    pub(super) status: StatusId,
    pub(super) author: AccountId,
    number: [u8; 8],
}

/// Keys of tickets, and which were used up.
#[derive(Debug, Default)]
pub(crate) struct Tickets(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    hour: i64,
    now: Hour,
    before: Hour,
}

/// What holds for an hour.
#[derive(Debug, Default)]
struct Hour {
    /// `None`: no ticket was made.
    key: Option<[u8; 32]>,
    used: HashSet<[u8; 8]>,
}

impl State {
    /// Forgets what is over.
    fn turn(&mut self, now: DateTime<Utc>) {
        let hour = now.timestamp().div_euclid(3600);
        if hour == self.hour {
            return;
        }
        let last = std::mem::take(&mut self.now);
        self.before = if hour == self.hour + 1 {
            last
        } else {
            Hour::default()
        };
        self.hour = hour;
    }
}

impl Tickets {
    fn state(&self, now: DateTime<Utc>) -> MutexGuard<'_, State> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.turn(now);
        state
    }

    /// A new ticket, 64 characters that are safe in addresses.
    pub(super) fn issue(
        &self,
        purpose: Purpose<'_>,
        status: StatusId,
        author: AccountId,
        now: DateTime<Utc>,
    ) -> Result<String> {
        let mut state = self.state(now);
        let key = match state.now.key {
            Some(key) => key,
            None => *state.now.key.insert(random_bytes()?),
        };
        drop(state);
        let mut ticket = Vec::with_capacity(TEXT + SEAL);
        ticket.extend(status.0.to_be_bytes());
        ticket.extend(author.0.to_be_bytes());
        ticket.extend(now.timestamp().to_be_bytes());
        ticket.extend(random_bytes::<8>()?);
        ticket.extend(seal(&key, purpose, &ticket)?);
        Ok(URL_SAFE_NO_PAD.encode(ticket))
    }

    /// What a ticket says, if it is genuine, for this, and not over.
    pub(super) fn read(&self, text: &str, purpose: Purpose<'_>, now: DateTime<Utc>) -> Option<Ticket> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (said, sealed) = bytes.split_at_checked(TEXT)?;
        let keys = {
            let state = self.state(now);
            [state.now.key, state.before.key]
        };
        let genuine = keys.into_iter().flatten().any(|key| {
            seal(&key, purpose, said).is_ok_and(|expected| bool::from(expected.as_slice().ct_eq(sealed)))
        });
        let number = |at: usize| Some(i64::from_be_bytes(said.get(at..at + 8)?.try_into().ok()?));
        let age = now.timestamp() - number(16)?;
        if !genuine || !(0..LIFE).contains(&age) {
            return None;
        }
        Some(Ticket {
            status: StatusId(number(0)?),
            author: AccountId(number(8)?),
            number: said.get(24..)?.try_into().ok()?,
        })
    }

    /// Uses a ticket up. False if it was used before.
    pub(super) fn use_up(&self, ticket: Ticket, now: DateTime<Utc>) -> bool {
        let mut state = self.state(now);
        state.now.used.len() < MAX_SEEN
            && !state.before.used.contains(&ticket.number)
            && state.now.used.insert(ticket.number)
    }
}

/// The keyed hash of a ticket: HMAC-SHA-256, shortened.
fn seal(key: &[u8; 32], purpose: Purpose<'_>, said: &[u8]) -> Result<[u8; SEAL]> {
    let (kind, object) = match purpose {
        Purpose::Media(path) => (b"m", path.as_bytes()),
        Purpose::Profile => (b"p", &b""[..]),
        Purpose::Link(mark) => (b"l", mark.as_bytes()),
    };
    let key = PKey::hmac(key).map_err(Error::internal)?;
    let mut signer = Signer::new(MessageDigest::sha256(), &key).map_err(Error::internal)?;
    for part in [&kind[..], said, object] {
        signer.update(part).map_err(Error::internal)?;
    }
    let whole = signer.sign_to_vec().map_err(Error::internal)?;
    let mut short = [0; SEAL];
    short.copy_from_slice(&whole[..SEAL]);
    Ok(short)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    const STATUS: StatusId = StatusId(7);
    const AUTHOR: AccountId = AccountId(3);

    fn at(time: &str) -> DateTime<Utc> {
        format!("2026-11-24T{time}Z").parse().expect("a time")
    }

    #[test]
    fn tickets_are_for_one_thing_and_an_hour() {
        let (tickets, made) = (Tickets::default(), at("10:50:00"));
        let file = Purpose::Media("/media/a.png");
        let ticket = tickets.issue(file, STATUS, AUTHOR, made).expect("a ticket");
        assert_eq!(ticket.len(), 64);
        let read = |purpose, now| tickets.read(&ticket, purpose, now);
        let said = read(file, made).expect("it is genuine");
        assert_eq!((said.status, said.author), (STATUS, AUTHOR));
        assert_eq!(read(Purpose::Media("/media/b.png"), made), None);
        assert_eq!(read(Purpose::Profile, made), None);
        assert_eq!(read(Purpose::Link("/media/a.png"), made), None);
        assert!(
            read(file, at("11:49:59")).is_some(),
            "keys of the hour before are known"
        );
        assert_eq!(read(file, at("11:50:00")), None);
    }

    #[test]
    fn what_was_changed_or_made_elsewhere_is_no_ticket() {
        let (tickets, now) = (Tickets::default(), at("10:00:00"));
        let ticket = tickets
            .issue(Purpose::Profile, STATUS, AUTHOR, now)
            .expect("a ticket");
        for index in 0..ticket.len() {
            let mut changed = ticket.clone().into_bytes();
            changed[index] = if changed[index] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).expect("letters");
            assert_eq!(tickets.read(&changed, Purpose::Profile, now), None, "{index}");
        }
        for wrong in ["", "x", &ticket[1..], &ticket[..60], "é"] {
            assert_eq!(tickets.read(wrong, Purpose::Profile, now), None, "{wrong}");
        }
        let elsewhere = Tickets::default();
        assert_eq!(elsewhere.read(&ticket, Purpose::Profile, now), None, "no key yet");
        elsewhere
            .issue(Purpose::Profile, STATUS, AUTHOR, now)
            .expect("a ticket");
        assert_eq!(
            elsewhere.read(&ticket, Purpose::Profile, now),
            None,
            "another key"
        );
    }

    #[test]
    fn a_ticket_is_used_up_once_even_when_the_hour_turns() {
        let (tickets, made) = (Tickets::default(), at("10:59:00"));
        let issue = || {
            tickets
                .issue(Purpose::Profile, STATUS, AUTHOR, made)
                .expect("a ticket")
        };
        let (one, other) = (issue(), issue());
        assert_ne!(one, other);
        let read = |text: &str, now| tickets.read(text, Purpose::Profile, now).expect("genuine");
        assert!(tickets.use_up(read(&one, made), made));
        assert!(!tickets.use_up(read(&one, made), made));
        let later = made + TimeDelta::minutes(2);
        assert!(!tickets.use_up(read(&one, later), later));
        assert!(tickets.use_up(read(&other, later), later));
        assert!(!tickets.use_up(read(&other, later), later));
    }
}
