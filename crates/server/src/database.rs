//! `pouet db`: migrations.

use anyhow::Context as _;
use pouet_config::Config;
use pouet_storage::{Conn, migrate};

use crate::{
    cli::{DbArgs, DbCommand},
    output::Failure,
    settings::{is_embedded, store_settings},
};

/// Runs a database command.
pub(crate) fn run(config: &Config, args: &DbArgs) -> Result<(), Failure> {
    let mut conn = connect(config).map_err(Failure::failed)?;
    if let DbCommand::Migrate = args.command {
        migrate::run(&mut conn).map_err(Failure::failed)?;
    }
    let status = migrate::status(&mut conn).map_err(Failure::failed)?;
    if args.json {
        println!("{}", serde_json::to_string(&status).map_err(Failure::failed)?);
        return Ok(());
    }
    println!(
        "database: {}",
        if is_embedded(&config.database.url) {
            "SQLite"
        } else {
            "PostgreSQL"
        }
    );
    for (name, list) in [
        ("applied", &status.applied),
        ("missing", &status.pending),
        ("of a newer version", &status.unknown),
    ] {
        println!(
            "{name}: {}",
            if list.is_empty() {
                "none".to_owned()
            } else {
                list.join(", ")
            }
        );
    }
    Ok(())
}

fn connect(config: &Config) -> anyhow::Result<Conn> {
    Conn::open(&store_settings(config)?.url).context("the database cannot be opened")
}
