//! `pouet admin instance`: what the instance says of itself.

use pouet_service::{
    Instance,
    instance_info::{self, InfoChange, InstanceInfo},
    signing_keys,
};
use serde::Serialize;

use super::print_json;
use crate::{
    cli::{InstanceChange, InstanceCommand},
    output::Failure,
};

/// Runs a command of this group; all end with what the instance says of itself then.
pub(super) async fn run(instance: &Instance, command: InstanceCommand, json: bool) -> Result<(), Failure> {
    match command {
        InstanceCommand::Show => {}
        InstanceCommand::Set(change) => {
            instance_info::update(instance, change.into()).await?;
        }
        InstanceCommand::RotateKeys => signing_keys::rotate_instance(instance).await?,
    }
    let info = instance_info::info(instance).await?;
    if json {
        return print_json(&InstanceLine::new(&info));
    }
    show(&info);
    Ok(())
}

impl From<InstanceChange> for InfoChange {
    fn from(change: InstanceChange) -> Self {
        let says_rules = change.no_rules || !change.rules.is_empty();
        Self {
            title: change.title,
            description: change.description,
            contact_email: change.contact_email,
            rules: says_rules.then_some(change.rules),
        }
    }
}

/// What is printed of the instance; names and types are those of the client API.
#[derive(Serialize)]
struct InstanceLine<'a> {
    title: &'a str,
    description: &'a str,
    contact_email: &'a str,
    rules: Vec<RuleLine<'a>>,
}

#[derive(Serialize)]
struct RuleLine<'a> {
    id: String,
    text: &'a str,
    hint: &'a str,
}

impl<'a> InstanceLine<'a> {
    fn new(info: &'a InstanceInfo) -> Self {
        let rules = info.rules.iter().map(|rule| RuleLine {
            id: rule.id.to_string(),
            text: &rule.text,
            hint: &rule.hint,
        });
        Self {
            title: &info.title,
            description: &info.description,
            contact_email: &info.contact_email,
            rules: rules.collect(),
        }
    }
}

fn show(info: &InstanceInfo) {
    println!("title: {}", info.title);
    println!("description: {}", info.description);
    println!("contact e-mail: {}", info.contact_email);
    if info.rules.is_empty() {
        println!("rules: none");
        return;
    }
    println!("rules:");
    for rule in &info.rules {
        println!("- {}", rule.text);
        if !rule.hint.is_empty() {
            println!("  {}", rule.hint);
        }
    }
}
