//! Running steps one after the other, and the list of their results at the end.

use std::{
    process::{Command, ExitCode},
    time::{Duration, Instant},
};

use anyhow::Result;

/// What became of a step.
enum Outcome {
    Passed(Duration),
    Failed(String),
    Skipped(String),
}

/// The steps so far. A failed step does not stop the others: one run tells everything.
pub(crate) struct Report {
    ci: bool,
    steps: Vec<(String, Outcome)>,
}

impl Report {
    /// A report without steps; with `ci`, a missing tool is a failure.
    pub(crate) fn new(ci: bool) -> Self {
        Self {
            ci,
            steps: Vec::new(),
        }
    }

    /// Runs a command with our own input and output. Whether it succeeded.
    pub(crate) fn step(&mut self, name: &str, command: &mut Command) -> bool {
        announce(name, &shown(command));
        let start = Instant::now();
        let outcome = match command.status() {
            Ok(status) if status.success() => Outcome::Passed(start.elapsed()),
            Ok(status) => Outcome::Failed(status.to_string()),
            Err(error) => Outcome::Failed(format!("cannot be run: {error}")),
        };
        let passed = matches!(outcome, Outcome::Passed(_));
        self.steps.push((name.to_owned(), outcome));
        passed
    }

    /// Runs a check of our own.
    pub(crate) fn check(&mut self, name: &str, check: impl FnOnce() -> Result<()>) {
        announce(name, "read the repository");
        let start = Instant::now();
        let outcome = match check() {
            Ok(()) => Outcome::Passed(start.elapsed()),
            Err(error) => Outcome::Failed(format!("{error:#}")),
        };
        self.steps.push((name.to_owned(), outcome));
    }

    /// Notes that this machine lacks something: left out, or failed in CI.
    pub(crate) fn missing(&mut self, name: &str, why: &str) {
        if self.ci {
            announce(name, &format!("missing: {why}"));
            self.steps
                .push((name.to_owned(), Outcome::Failed(why.to_owned())));
        } else {
            self.skip(name, why);
        }
    }

    /// Notes that something is left out, wherever we run.
    pub(crate) fn skip(&mut self, name: &str, why: &str) {
        announce(name, &format!("skipped: {why}"));
        self.steps
            .push((name.to_owned(), Outcome::Skipped(why.to_owned())));
    }

    /// Prints the list of steps.
    pub(crate) fn finish(self) -> ExitCode {
        println!("\n==> results");
        let mut code = ExitCode::SUCCESS;
        for (name, outcome) in &self.steps {
            match outcome {
                Outcome::Passed(time) => println!("    ok       {name} ({} s)", time.as_secs()),
                Outcome::Skipped(why) => println!("    skipped  {name}: {why}"),
                Outcome::Failed(why) => {
                    println!("    FAILED   {name}: {why}");
                    code = ExitCode::FAILURE;
                }
            }
        }
        code
    }
}

/// Says what comes next.
pub(crate) fn announce(name: &str, what: &str) {
    println!("\n==> {name}: {what}");
}

/// A command as one would type it.
fn shown(command: &Command) -> String {
    let words = [command.get_program()].into_iter().chain(command.get_args());
    let words: Vec<_> = words.map(|word| quoted(&word.to_string_lossy())).collect();
    words.join(" ")
}

fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_=./:,+".contains(c);
    let word = word.rsplit_once("/bin/").map_or(word, |(_, program)| program);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{word}'")
    }
}
