//! The program: reads the command line and the configuration, puts the crates together, and runs what was asked for.

mod admin;
mod cli;
mod database;
mod logging;
mod metrics;
mod output;
mod serve;
mod settings;

use std::process::ExitCode;

use clap::Parser as _;
use pouet_config::{Config, Overrides};

use crate::{
    cli::{Cli, Command, ConfigCommand, Exit},
    output::Failure,
};

fn main() -> ExitCode {
    // Before libpq does it, whose way lets OpenSSL tidy up at exit: a connection that is being opened in the background at
    // that moment would crash.
    openssl::init();
    let (overrides, command) = Cli::parse().into_command();
    let json = match &command {
        Command::Admin(args) => args.json,
        Command::Db(args) => args.json,
        Command::Serve | Command::Config(_) => false,
    };
    match run(&overrides, command) {
        Ok(()) => Exit::Done.into(),
        Err(failure) => {
            failure.print(json);
            failure.exit.into()
        }
    }
}

fn run(overrides: &Overrides, command: Command) -> Result<(), Failure> {
    if let Command::Config(ConfigCommand::Print { docs: true }) = command {
        print!("{}", pouet_config::markdown());
        return Ok(());
    }
    let config = Config::load(overrides, std::env::vars_os())
        .map_err(|errors| Failure::new(Exit::Config, errors.to_string()))?;
    match command {
        Command::Serve => {
            logging::start(&config.log);
            block_on(serve::serve(config))
        }
        Command::Admin(args) => block_on(admin::run(&config, args)),
        Command::Db(args) => database::run(&config, &args),
        Command::Config(ConfigCommand::Print { .. }) => {
            print!("{}", config.to_toml());
            Ok(())
        }
        Command::Config(ConfigCommand::Check) => {
            println!("the configuration is valid");
            Ok(())
        }
    }
}

fn block_on(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failure::failed)?;
    runtime.block_on(work)
}
