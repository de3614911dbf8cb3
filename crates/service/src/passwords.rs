//! Passwords: argon2id in a pool that bounds memory and time.

use std::{
    num::NonZero,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread::available_parallelism,
};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString},
};
use tokio::sync::Semaphore;
use zxcvbn::{Score, zxcvbn};

use crate::{
    error::{Error, FieldError, Result},
    secrets,
};

/// Shortest password, bytes.
pub const MIN_BYTES: usize = 8;
/// Longest password, bytes. NUL and every other character are allowed.
pub const MAX_BYTES: usize = 1024;

/// The least that zxcvbn must think of a password (rule R078): no guess within 10^6 tries.
const MIN_SCORE: Score = Score::Two;
/// Characters that it looks at: its time grows faster than the length, and so many suffice.
const ESTIMATED_CHARS: usize = 100;

/// Memory of one hash, KiB (rule R078).
const MEMORY_KIB: u32 = 19 * 1024;
/// Passes of one hash.
const PASSES: u32 = 2;
/// Hashes that may wait for a free core; more are told to come back.
const MAX_WAITING: usize = 64;
/// Seconds after which they may.
const RETRY_AFTER: u64 = 5;

/// Stands in for the hash of a user who does not exist or has no password: checking it costs the same and never
/// succeeds, because nobody knows a password with this hash.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGlzIGhlcmU$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Makes and checks hashes of passwords, as many at once as there are cores.
#[derive(Debug)]
pub struct Passwords {
    cores: Arc<Semaphore>,
    waiting: AtomicUsize,
    max_waiting: usize,
    calls: AtomicU64,
}

/// Counts a caller as waiting until dropped.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Passwords {
    /// `limited`: whether callers beyond a bound are refused rather than kept waiting.
    pub(crate) fn new(limited: bool) -> Self {
        let cores = available_parallelism().map_or(1, NonZero::get);
        Self {
            cores: Arc::new(Semaphore::new(cores)),
            waiting: AtomicUsize::new(0),
            max_waiting: if limited { MAX_WAITING } else { usize::MAX },
            calls: AtomicU64::new(0),
        }
    }

    /// How many hashes were computed so far: equal work for known and unknown users is asserted by it.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::SeqCst)
    }

    /// The PHC string of a password.
    ///
    /// # Errors
    /// `LimitReached` if too many wait already.
    pub(crate) async fn hash(&self, password: &str) -> Result<String> {
        let password = password.to_owned();
        let salt = SaltString::encode_b64(&secrets::random_bytes::<16>()?).map_err(internal)?;
        self.run(move || {
            let hash = argon2()?
                .hash_password(password.as_bytes(), &salt)
                .map_err(internal)?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Whether `password` is the one behind `hash`. Without a hash the same work is done, and the answer is no.
    ///
    /// # Errors
    /// `LimitReached` if too many wait already.
    pub(crate) async fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool> {
        let is_possible = password.len() <= MAX_BYTES;
        let password = if is_possible { password } else { "" }.to_owned();
        let hash = hash.filter(|_| is_possible).unwrap_or(NOBODY).to_owned();
        self.run(move || {
            let hash = PasswordHash::new(&hash).map_err(internal)?;
            Ok(argon2()?.verify_password(password.as_bytes(), &hash).is_ok())
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, f: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        let permit = {
            let before = self.waiting.fetch_add(1, Ordering::SeqCst);
            let _waiting = Waiting(&self.waiting);
            if before >= self.max_waiting {
                return Err(Error::LimitReached {
                    retry_after: RETRY_AFTER,
                });
            }
            self.cores
                .clone()
                .acquire_owned()
                .await
                .map_err(Error::internal)?
        };
        self.calls.fetch_add(1, Ordering::SeqCst);
        tokio::task::spawn_blocking(move || {
            // Held by the work itself, which goes on when its caller is gone.
            let _permit = permit;
            f()
        })
        .await
        .map_err(Error::internal)?
    }
}

fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(internal)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn internal(error: impl std::fmt::Display) -> Error {
    Error::internal(error.to_string())
}

/// What is wrong with a password that somebody chose, if anything. `about` holds words that belong to them, such as
/// name and address, which make it easy to guess.
pub(crate) fn check(password: &str, about: &[&str]) -> Option<FieldError> {
    let (code, description) = match password.len() {
        0 => ("ERR_BLANK", "can't be blank".to_owned()),
        1..MIN_BYTES => (
            "ERR_TOO_SHORT",
            format!("is too short (minimum is {MIN_BYTES} characters)"),
        ),
        MIN_BYTES..=MAX_BYTES if is_easy(password, about) => {
            ("ERR_INVALID", "is too easy to guess".to_owned())
        }
        MIN_BYTES..=MAX_BYTES => return None,
        _ => (
            "ERR_TOO_LONG",
            format!("is too long (maximum is {MAX_BYTES} bytes)"),
        ),
    };
    Some(FieldError::new("password", code, description))
}

/// A password that nobody can guess, for an account made by somebody else than its owner.
///
/// # Errors
/// `Internal` if the machine gives no randomness.
pub fn generate() -> Result<String> {
    secrets::random_token()
}

fn is_easy(password: &str, about: &[&str]) -> bool {
    let head: String = password.chars().take(ESTIMATED_CHARS).collect();
    let words: Vec<&str> = about
        .iter()
        .flat_map(|text| text.split(['@', '.', '_', '-', ':']).chain([*text]))
        .filter(|word| word.len() > 2)
        .collect();
    zxcvbn(&head, &words).score() < MIN_SCORE
}

#[cfg(test)]
mod tests {
    #![expect(non_snake_case, reason = "security rules are named by their number, R0nn")]

    use super::*;

    #[tokio::test]
    async fn sec_R078_hashes_are_argon2id_of_the_required_cost() {
        let passwords = Passwords::new(true);
        let hash = passwords.hash("boats in the fog").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(passwords.verify("boats in the fog", Some(&hash)).await.unwrap());
        assert!(!passwords.verify("boats in the fo", Some(&hash)).await.unwrap());
        assert_ne!(
            hash,
            passwords.hash("boats in the fog").await.unwrap(),
            "salts differ"
        );
        let with_nul = passwords.hash("boats\0in the fog").await.unwrap();
        assert!(!passwords.verify("boats", Some(&with_nul)).await.unwrap());
    }

    #[tokio::test]
    async fn sec_R072_nobody_costs_as_much_as_somebody() {
        let passwords = Passwords::new(true);
        assert!(!passwords.verify("boats in the fog", None).await.unwrap());
        assert!(!passwords.verify(&"x".repeat(MAX_BYTES + 1), None).await.unwrap());
        assert_eq!(passwords.calls(), 2);
        let nobody = PasswordHash::new(NOBODY).expect("a readable hash");
        let params = Params::try_from(&nobody).unwrap();
        assert_eq!((params.m_cost(), params.t_cost()), (MEMORY_KIB, PASSES));
    }

    #[tokio::test]
    async fn sec_R078_a_flood_of_hashes_is_refused() {
        let passwords = Arc::new(Passwords::new(true));
        let cores = passwords.cores.available_permits();
        let held = passwords.cores.acquire_many(u32::try_from(cores).unwrap()).await;
        let tasks: Vec<_> = (0..200)
            .map(|_| {
                let passwords = passwords.clone();
                tokio::spawn(async move { passwords.verify("x", None).await })
            })
            .collect();
        // Those beyond the bound are answered while every core is taken.
        while passwords.waiting.load(Ordering::SeqCst) < MAX_WAITING {
            tokio::task::yield_now().await;
        }
        let mut refused = 0;
        drop(held);
        for task in tasks {
            match task.await.unwrap() {
                Ok(right) => assert!(!right),
                Err(Error::LimitReached { retry_after }) => {
                    assert!(retry_after > 0);
                    refused += 1;
                }
                Err(other) => panic!("{other:?}"),
            }
        }
        assert!(refused > 0, "200 at once are too many");
        assert!(passwords.calls() >= MAX_WAITING as u64);
        assert_eq!(passwords.waiting.load(Ordering::SeqCst), 0);
    }

    #[test]
    fn sec_R078_passwords_are_long_enough_and_not_the_first_guess() {
        let about = ["ada_lovelace", "ada@mail.example", "harbour.example"];
        for (password, code) in [
            (String::new(), Some("ERR_BLANK")),
            ("1234567".to_owned(), Some("ERR_TOO_SHORT")),
            ("mZ7#q2v!".to_owned(), None),
            ("un été à la plage".to_owned(), None),
            ("boats in the fog 47".to_owned(), None),
            ("boats\0in the fog".to_owned(), None),
            (format!("boats in the fog{}", "x".repeat(MAX_BYTES - 16)), None),
            ("x".repeat(MAX_BYTES + 1), Some("ERR_TOO_LONG")),
            // Eight bytes, four characters.
            ("éàùç".to_owned(), Some("ERR_INVALID")),
            ("password".to_owned(), Some("ERR_INVALID")),
            ("Password1".to_owned(), Some("ERR_INVALID")),
            ("12345678".to_owned(), Some("ERR_INVALID")),
            ("qwertyuiop".to_owned(), Some("ERR_INVALID")),
            ("aaaaaaaaaaaa".to_owned(), Some("ERR_INVALID")),
            ("ada_lovelace".to_owned(), Some("ERR_INVALID")),
            ("lovelace1".to_owned(), Some("ERR_INVALID")),
            ("ada@mail.example".to_owned(), Some("ERR_INVALID")),
            ("harbour.example".to_owned(), Some("ERR_INVALID")),
        ] {
            let found = check(&password, &about).map(|error| error.code);
            assert_eq!(found, code, "{password:?}");
        }
    }
}
