//! A random walk: twelve people on three servers do what people do, and at the end everybody sees what a model says.
//!
//! | variable | meaning |
//! |---|---|
//! | `POUET_TEST_WALK_ACTS` | how many acts; 150 if not set |
//! | `POUET_TEST_SEED` | the seed, to repeat a walk |
//!
//! A walk that fails is repeated with fewer acts, a bounded number of times, and the shortest that still fails is printed.

mod acts;
mod model;
mod world;

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow};
use futures_util::FutureExt as _;
use pouet_tests::chance;

use acts::{Act, Walk, draw};
use model::Model;
use world::World;

/// After how many acts everything is compared, besides at the end.
const COMPARE_EVERY: usize = 250;

/// How often a walk that failed is repeated with fewer acts, and for how long at most.
const REPEATS: usize = 12;
const REPEAT_LIMIT: Duration = Duration::from_mins(4);

fn setting<T: std::str::FromStr>(name: &str) -> Option<T> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

/// A walk on fresh servers. The error tells after how many acts it failed, and why.
async fn walk(acts: &[Act]) -> Result<usize, (usize, anyhow::Error)> {
    let mut walk = Walk {
        world: World::start().await,
        model: Model::default(),
    };
    let mut done = 0;
    for (number, act) in acts.iter().enumerate() {
        let step = walk.step(*act).await;
        let step = step.with_context(|| format!("act {number}: {act:?}"));
        done += usize::from(step.map_err(|error| (number + 1, error))?);
        if (number + 1) % COMPARE_EVERY == 0 {
            println!("{} acts, {done} of them done", number + 1);
            let same = walk.world.compare(&walk.model).await;
            same.map_err(|error| (number + 1, error))?;
        }
    }
    let same = walk.world.compare(&walk.model).await;
    same.map_err(|error| (acts.len(), error))?;
    println!(
        "{} statuses, {} follows",
        walk.model.statuses.len(),
        walk.model.follows.len()
    );
    Ok(done)
}

/// As [`walk`], where a panic of a helper is a failure like others.
async fn try_walk(acts: &[Act]) -> Result<usize, (usize, anyhow::Error)> {
    let number = acts.len();
    match AssertUnwindSafe(walk(acts)).catch_unwind().await {
        Ok(result) => result,
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            Err((number, anyhow!(text.unwrap_or_else(|| "a panic".to_owned()))))
        }
    }
}

/// Leaves out acts while the walk still fails.
async fn shrink(mut acts: Vec<Act>) -> (Vec<Act>, Option<anyhow::Error>) {
    let (started, mut last) = (Instant::now(), None);
    let mut part = acts.len().div_ceil(2);
    let mut at = 0;
    for _ in 0..REPEATS {
        if started.elapsed() > REPEAT_LIMIT || part == 0 || acts.len() < 2 {
            break;
        }
        let end = (at + part).min(acts.len());
        let mut fewer = acts[..at].to_vec();
        fewer.extend(&acts[end..]);
        match try_walk(&fewer).await {
            Err((failed, error)) => {
                fewer.truncate(failed);
                println!("{} acts still fail: {error:#}", fewer.len());
                acts = fewer;
                part = part.min(acts.len().div_ceil(2));
                last = Some(error);
            }
            Ok(_) => at = end,
        }
        if at >= acts.len() {
            at = 0;
            part /= 2;
        }
    }
    (acts, last)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_sees_what_they_should_after_a_walk() {
    let seed = setting("POUET_TEST_SEED").unwrap_or_else(chance::number);
    let number = setting("POUET_TEST_WALK_ACTS").unwrap_or(150);
    println!("POUET_TEST_SEED={seed} POUET_TEST_WALK_ACTS={number}");
    let mut acts = draw(seed, number);
    let started = Instant::now();
    match try_walk(&acts).await {
        Ok(done) => println!(
            "{number} acts, {done} of them done, in {:.1} s",
            started.elapsed().as_secs_f32()
        ),
        Err((failed, error)) => {
            println!("act {failed} of {number} fails: {error:#}");
            acts.truncate(failed);
            let (fewer, last) = shrink(acts).await;
            let error = last.unwrap_or(error);
            panic!(
                "POUET_TEST_SEED={seed} POUET_TEST_WALK_ACTS={number}: {error:#}\n{} acts still fail so: {fewer:#?}",
                fewer.len()
            );
        }
    }
}
