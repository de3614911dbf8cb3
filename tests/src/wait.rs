//! Waiting for an effect without sleeping for a guessed time.

use std::time::{Duration, Instant};

/// How long an effect on the same server may take.
pub const SOON: Duration = Duration::from_secs(15);

/// How long an effect on another server may take: a delivery, a fetch or two, and a slow machine.
pub const DELIVERED: Duration = Duration::from_secs(45);

/// Pause between two looks.
const PAUSE: Duration = Duration::from_millis(100);

/// Looks again and again until `look` succeeds, and returns what it saw.
///
/// `what` completes the sentence "waited N s for ...". The last error is part of the failure's message, so `look`
/// should say in it what it saw instead.
pub async fn eventually<T>(
    what: &str,
    limit: Duration,
    mut look: impl AsyncFnMut() -> anyhow::Result<T>,
) -> T {
    let started = Instant::now();
    loop {
        match look().await {
            Ok(seen) => return seen,
            Err(reason) if started.elapsed() >= limit => {
                panic!("waited {} s for {what}: {reason:#}", limit.as_secs());
            }
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}
