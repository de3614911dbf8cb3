//! `pouet admin`: accounts, tokens and what the instance says of itself, from the command line, beside a running server
//! or without one.

mod alerts;
mod announcements;
mod collections;
mod domain;
mod emoji;
mod federation;
mod instance;
mod moves;
mod prune;
mod relays;
mod reports;
mod suggestions;
mod trends;

use std::{
    io::{BufRead as _, IsTerminal as _, Write as _},
    sync::Arc,
};

use pouet_config::Config;
use pouet_federation::Federation;
use pouet_model::{
    account::{Account, ActorType, Inactive, Role, User},
    html::strip_bidi_controls,
    scope::Scopes,
    time::iso,
};
use pouet_service::{Instance, accounts, actor_kind, oauth, registration, signing_keys, users};
use serde::Serialize;

use crate::{
    cli::{
        AccountCommand, AccountKind, AdminArgs, AdminCommand, CreateAccount, Exit, PasswordSource,
        TokenCommand,
    },
    output::Failure,
    settings::{fetch_auth, open_instance},
};

/// Runs an administration command.
pub(crate) async fn run(config: &Config, args: AdminArgs) -> Result<(), Failure> {
    let instance = open_instance(config).await.map_err(Failure::failed)?;
    if config.federation.enabled {
        let federation = Federation::new(instance.clone(), fetch_auth(config));
        instance.set_resolver(Arc::new(federation));
    }
    match args.command {
        AdminCommand::Account(command) => account(&instance, command, args.json).await,
        AdminCommand::Token(TokenCommand::Create { name, scopes }) => {
            create_token(&instance, &name, &scopes, args.json).await
        }
        AdminCommand::Domain(command) => domain::run(&instance, command, args.json).await,
        AdminCommand::Federation(command) => federation::run(&instance, command, args.json).await,
        AdminCommand::Relay(command) => relays::run(&instance, command, args.json).await,
        AdminCommand::Report(command) => reports::run(&instance, command, args.json).await,
        AdminCommand::Alert(command) => alerts::run(&instance, command, args.json).await,
        AdminCommand::Announcement(command) => announcements::run(&instance, command, args.json).await,
        AdminCommand::Emoji(command) => emoji::run(&instance, command, args.json).await,
        AdminCommand::Suggestion(command) => suggestions::run(&instance, command, args.json).await,
        AdminCommand::Trends(command) => trends::run(&instance, command, args.json).await,
        AdminCommand::Collection(command) => collections::run(&instance, command, args.json).await,
        AdminCommand::Instance(command) => instance::run(&instance, command, args.json).await,
        AdminCommand::Prune(options) => prune::run(&instance, &options, args.json).await,
    }
}

/// What is printed of an account.
#[derive(Serialize)]
struct AccountLine {
    id: String,
    username: String,
    email: String,
    role: &'static str,
    state: &'static str,
    created_at: String,
    confirmed: bool,
    approved: bool,
    disabled: bool,
    /// In the words of whoever wants to join.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
}

impl AccountLine {
    fn new(user: &User, account: &Account) -> Self {
        Self {
            id: account.id.to_string(),
            username: account.username.clone(),
            email: user.email.clone(),
            role: user.role.as_str(),
            state: state(user.inactive(account)),
            created_at: iso(user.created_at),
            confirmed: user.confirmed_at.is_some(),
            approved: user.approved,
            disabled: user.disabled_at.is_some(),
            reason: None,
            password: None,
        }
    }
}

/// One word for whether an account may be used, and why not.
fn state(inactive: Option<Inactive>) -> &'static str {
    match inactive {
        None => "active",
        Some(Inactive::Pending) => "waiting",
        Some(Inactive::Unconfirmed) => "unconfirmed",
        Some(Inactive::Suspended) => "suspended",
        Some(Inactive::Disabled) => "disabled",
    }
}

async fn account(instance: &Instance, command: AccountCommand, json: bool) -> Result<(), Failure> {
    match command {
        AccountCommand::Create(args) => create(instance, args, json).await,
        AccountCommand::List => {
            let lines: Vec<AccountLine> = users::list(instance)
                .await?
                .iter()
                .map(|(user, account)| AccountLine::new(user, account))
                .collect();
            if json {
                return print_json(&lines);
            }
            for line in lines {
                println!("{}\t{}\t{}\t{}", line.username, line.email, line.role, line.state);
            }
            Ok(())
        }
        AccountCommand::Show { name } => {
            let (user, account) = named(instance, &name).await?;
            let mut line = AccountLine::new(&user, &account);
            line.reason = registration::reason(instance, user.id).await?;
            show(&line, json)
        }
        AccountCommand::Approve { name } => {
            let (user, _) = named(instance, &name).await?;
            registration::approve(instance, user.id).await?;
            let (user, account) = named(instance, &name).await?;
            show(&AccountLine::new(&user, &account), json)
        }
        AccountCommand::Reject { name } => {
            let (user, account) = named(instance, &name).await?;
            registration::reject(instance, user.id).await?;
            let mut line = AccountLine::new(&user, &account);
            line.state = "rejected";
            show(&line, json)
        }
        AccountCommand::SetPassword { name, password } => {
            let (user, account) = named(instance, &name).await?;
            let secret = new_password(&password)?;
            users::set_password(instance, user.id, &secret).await?;
            let mut line = AccountLine::new(&user, &account);
            line.password = password.generate_password.then_some(secret);
            show(&line, json)
        }
        AccountCommand::RotateKeys { name } => {
            let (user, account) = named(instance, &name).await?;
            signing_keys::rotate(instance, account.id).await?;
            show(&AccountLine::new(&user, &account), json)
        }
        AccountCommand::Move(args) => moves::start(instance, args, json).await,
        AccountCommand::Alias(command) => moves::alias(instance, command, json).await,
        AccountCommand::SetKind { name, kind } => {
            let (user, account) = named(instance, &name).await?;
            let kind = match kind {
                AccountKind::Person => ActorType::Person,
                AccountKind::Bot => ActorType::Service,
                AccountKind::Group => ActorType::Group,
            };
            actor_kind::set(instance, account.id, kind).await?;
            show(&AccountLine::new(&user, &account), json)
        }
        AccountCommand::RemoveFollowers(args) => alerts::remove_followers(instance, args, json).await,
        AccountCommand::Delete { name, yes } => {
            let (user, account) = named(instance, &name).await?;
            let question = format!("Delete {name} with all that it posted? It cannot come back.");
            if !yes && !confirmed(&question, &name)? {
                return Err(Failure::new(Exit::Failed, "nothing was deleted"));
            }
            accounts::delete_local(instance, account.id).await?;
            show(&AccountLine::new(&user, &account), json)
        }
    }
}

async fn create(instance: &Instance, args: CreateAccount, json: bool) -> Result<(), Failure> {
    let secret = new_password(&args.password)?;
    let new = users::NewUser {
        username: args.name,
        email: args.email,
        password: Some(secret.clone()),
        role: if args.owner { Role::Owner } else { Role::User },
        confirmed: true,
        approved: true,
        locale: "en".to_owned(),
        reason: None,
    };
    let (user, account) = users::create(instance, new).await?;
    let mut line = AccountLine::new(&user, &account);
    line.password = args.password.generate_password.then_some(secret);
    show(&line, json)
}

async fn create_token(instance: &Instance, name: &str, scopes: &str, json: bool) -> Result<(), Failure> {
    let scopes = Scopes::parse(scopes).map_err(|error| Failure::new(Exit::Refused, error.to_string()))?;
    let (user, _) = named(instance, name).await?;
    let token = oauth::issue_for_cli(instance, &user, scopes).await?;
    if json {
        return print_json(&serde_json::json!({ "access_token": token }));
    }
    println!("{token}");
    Ok(())
}

async fn named(instance: &Instance, name: &str) -> Result<(User, Account), Failure> {
    let missing = || Failure::new(Exit::NotFound, format!("there is no local account {name:?}"));
    let found = users::find_by_name(instance, name.trim_start_matches('@')).await?;
    found.ok_or_else(missing)
}

fn new_password(source: &PasswordSource) -> Result<String, Failure> {
    if source.generate_password {
        return pouet_service::passwords::generate().map_err(Failure::from);
    }
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(Failure::failed)?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(Failure::new(Exit::Refused, "no password on standard input"));
    }
    Ok(password.to_owned())
}

/// Asks on a terminal; scripts are taken at their word. To say yes is to type `name`.
fn confirmed(question: &str, name: &str) -> Result<bool, Failure> {
    if !std::io::stdin().is_terminal() {
        return Ok(true);
    }
    print!("{question} Type its name: ");
    std::io::stdout().flush().map_err(Failure::failed)?;
    let mut answer = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(Failure::failed)?;
    Ok(answer.trim() == name)
}

fn show(line: &AccountLine, json: bool) -> Result<(), Failure> {
    if json {
        return print_json(line);
    }
    println!("{} <{}> {}, {}", line.username, line.email, line.role, line.state);
    println!("id {}, since {}", line.id, line.created_at);
    if let Some(reason) = &line.reason {
        // Strangers write it: nothing in it may steer the terminal.
        let reason = strip_bidi_controls(reason).replace(char::is_control, " ");
        println!("reason {reason}");
    }
    if let Some(password) = &line.password {
        println!("password {password}");
    }
    Ok(())
}

fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    println!("{}", serde_json::to_string(value).map_err(Failure::failed)?);
    Ok(())
}
