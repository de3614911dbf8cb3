//! `cargo xtask`: everything that is run on the code of this repository.
//!
//! `cargo xtask test` is the one test command; the other commands are its parts. What a machine lacks is said and
//! left out, and with `CI=true` it is a failure.

mod checklist;
mod peer;
mod postgres;
mod python;
mod report;
mod tools;

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use report::Report;
use tools::{cargo, cargo_has, is_ci};

/// Checks and tests of this repository.
#[derive(Parser)]
#[command(
    name = "cargo xtask",
    after_help = "Exit codes: 0 all passed, 1 something failed, 2 wrong command line."
)]
struct Cli {
    #[command(subcommand)]
    part: Part,
}

#[derive(Subcommand)]
enum Part {
    /// Everything below, on SQLite and, where it is installed, on a PostgreSQL of its own
    Test,
    /// Check the formatting
    Fmt,
    /// Run clippy, rustdoc, the checklist and, where it is installed, cargo-deny
    Lint,
    /// Count the lines of docs/checklist.txt that have a test; fail for one that has neither test nor reason
    Checklist {
        /// Show every line with its tests
        #[arg(long)]
        all: bool,
    },
    /// Run the unit and integration tests of the crates, and the examples in their documentation
    Unit {
        /// Passed on to the test runner, such as `-p pouet-storage`
        #[arg(last = true)]
        arguments: Vec<OsString>,
    },
    /// Build the program and run the suites in tests/, which start it
    Blackbox {
        /// Passed on to the test runner, such as a part of a test's name
        #[arg(last = true)]
        arguments: Vec<OsString>,
    },
    /// Run any command beside a throw-away PostgreSQL, whose address is in `POUET_TEST_POSTGRES_URL`
    WithPostgres {
        /// The command and its arguments
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<OsString>,
    },
}

fn main() -> ExitCode {
    match run(Cli::parse().part) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(part: Part) -> Result<ExitCode> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .context("xtask lies in the workspace")?;
    env::set_current_dir(root).context("enter the workspace")?;
    let mut report = Report::new(is_ci());
    match part {
        Part::Test => {
            fmt(&mut report);
            lint(&mut report);
            let database = test_database(&mut report);
            unit(&mut report, &database, &[]);
            blackbox(&mut report, &database, &[])?;
        }
        Part::Fmt => fmt(&mut report),
        Part::Lint => lint(&mut report),
        Part::Checklist { all } => checklist(&mut report, all),
        Part::Unit { arguments } => {
            let database = test_database(&mut report);
            unit(&mut report, &database, &arguments);
        }
        Part::Blackbox { arguments } => {
            let database = test_database(&mut report);
            blackbox(&mut report, &database, &arguments)?;
        }
        Part::WithPostgres { command } => {
            let database = test_database(&mut report);
            let mut run = Command::new(&command[0]);
            report.step("command", run.args(&command[1..]).envs(database.variable()));
        }
    }
    Ok(report.finish())
}

fn fmt(report: &mut Report) {
    if cargo_has("fmt") {
        report.step("format", &mut cargo(&["fmt", "--all", "--check"]));
    } else {
        report.missing("format", "rustfmt is not installed");
    }
}

fn checklist(report: &mut Report, all: bool) {
    report.check("checklist of federation", || {
        let checklist = checklist::Checklist::read(Path::new("."))?;
        if all {
            println!("{}", checklist.table());
        }
        let verdict = checklist.verdict();
        println!("{verdict}");
        match verdict.faults.len() {
            0 => Ok(()),
            count => anyhow::bail!("{count} lines without a test"),
        }
    });
}

fn lint(report: &mut Report) {
    checklist(report, false);
    if cargo_has("clippy") {
        let arguments = [
            "clippy",
            "--workspace",
            "--all-targets",
            "--locked",
            "--",
            "-D",
            "warnings",
        ];
        report.step("clippy", &mut cargo(&arguments));
    } else {
        report.missing("clippy", "clippy is not installed");
    }
    let arguments = [
        "doc",
        "--workspace",
        "--no-deps",
        "--document-private-items",
        "--locked",
    ];
    report.step(
        "documentation",
        cargo(&arguments).env("RUSTDOCFLAGS", "-D warnings"),
    );
    if cargo_has("deny") {
        // Advisories are fetched from the network, so they are checked by hand: `cargo deny check advisories`.
        let arguments = ["deny", "--offline", "check", "bans", "licenses", "sources"];
        report.step("dependencies", &mut cargo(&arguments));
    } else {
        report.skip(
            "dependencies",
            "cargo-deny is not installed, so deny.toml is not checked",
        );
    }
}

/// The PostgreSQL for tests: the caller's, one of our own, or none.
enum TestDatabase {
    /// `POUET_TEST_POSTGRES_URL` was set; the tests see it as we do.
    Given,
    /// Runs until it is dropped.
    Own(postgres::Cluster),
    /// There is none here: SQLite alone is tested.
    None,
}

impl TestDatabase {
    /// The variable that tells the tests about it.
    fn variable(&self) -> Option<(&'static str, &str)> {
        match self {
            Self::Own(cluster) => Some((postgres::VARIABLE, cluster.url())),
            Self::Given | Self::None => None,
        }
    }
}

fn test_database(report: &mut Report) -> TestDatabase {
    if env::var_os(postgres::VARIABLE).is_some() {
        return TestDatabase::Given;
    }
    let Some(programs) = postgres::find_programs() else {
        report.missing(
            "PostgreSQL",
            "initdb, pg_ctl and postgres were not found: SQLite alone is tested",
        );
        return TestDatabase::None;
    };
    report::announce(
        "PostgreSQL",
        &format!("start a throw-away cluster with {}", programs.display()),
    );
    match postgres::Cluster::start(&programs) {
        Ok(cluster) => TestDatabase::Own(cluster),
        Err(error) => {
            report.missing(
                "PostgreSQL",
                &format!("cannot be started, so SQLite alone is tested: {error:#}"),
            );
            TestDatabase::None
        }
    }
}

/// The runner of all tests of the workspace that `filter` (in the language of nextest) keeps.
fn nextest(filter: &str, arguments: &[OsString]) -> Command {
    let mut command = cargo(&["nextest", "run", "--workspace", "--locked", "-E", filter]);
    command
        .args(if is_ci() {
            &["--profile", "ci"][..]
        } else {
            &["--no-fail-fast"]
        })
        .args(arguments);
    command
}

fn unit(report: &mut Report, database: &TestDatabase, arguments: &[OsString]) {
    let mut command = if cargo_has("nextest") {
        nextest("not package(pouet-tests)", arguments)
    } else {
        report.missing(
            "cargo-nextest",
            "it is not installed, so cargo test runs the tests",
        );
        let mut command = cargo(&[
            "test",
            "--workspace",
            "--exclude",
            "pouet-tests",
            "--locked",
            "--no-fail-fast",
        ]);
        command.args(["--lib", "--bins", "--tests"]).args(arguments);
        command
    };
    report.step("unit and integration tests", command.envs(database.variable()));
    if arguments.is_empty() {
        let arguments = [
            "test",
            "--doc",
            "--workspace",
            "--exclude",
            "pouet-tests",
            "--locked",
            "--quiet",
        ];
        report.step("examples in the documentation", &mut cargo(&arguments));
    }
}

fn blackbox(report: &mut Report, database: &TestDatabase, arguments: &[OsString]) -> Result<()> {
    if !report.step(
        "build of the program",
        &mut cargo(&["build", "-p", "pouet-server", "--locked"]),
    ) {
        return Ok(());
    }
    let build_folder = build_folder()?;
    let python = python::prepare(report, Path::new("tests/clients/requirements.txt"), &build_folder);
    let peer = peer::prepare(report, Path::new("tests/peer"), &build_folder);
    let mut command = if cargo_has("nextest") {
        nextest("package(pouet-tests)", arguments)
    } else {
        let mut command = cargo(&["test", "-p", "pouet-tests", "--locked", "--no-fail-fast"]);
        command.args(arguments);
        command
    };
    command
        .env(
            "POUET_BIN",
            build_folder.join(format!("pouet{}", env::consts::EXE_SUFFIX)),
        )
        .envs(python.map(|python| ("POUET_TEST_PYTHON", python)))
        .envs(peer.map(|peer| ("POUET_TEST_PEER", peer)))
        .envs(database.variable());
    report.step("black-box suites", &mut command);
    Ok(())
}

/// Where cargo puts what it builds without `--release`: the folder that this program was built into.
fn build_folder() -> Result<PathBuf> {
    let program = env::current_exe().context("find xtask itself")?;
    Ok(program.parent().context("a program lies in a folder")?.to_owned())
}
