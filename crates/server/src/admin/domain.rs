//! `pouet admin domain`: rules about other instances.

use std::{io::Read as _, path::Path};

use pouet_model::{domain::display, time::iso};
use pouet_service::{
    Instance,
    policy::{self, Change, Difference, DomainAllow, NewRule, Rule, Severity},
};
use serde::Serialize;

use super::print_json;
use crate::{
    cli::{Comments, DomainCommand, Exit, ImportList},
    output::Failure,
};

/// Runs a command of this group.
pub(super) async fn run(instance: &Instance, command: DomainCommand, json: bool) -> Result<(), Failure> {
    match command {
        DomainCommand::Suspend(new) => {
            let flags = (new.reject_media, new.reject_reports);
            write(instance, new.domain, Severity::Suspend, flags, new.comments, json).await
        }
        DomainCommand::Limit(new) => {
            let flags = (new.reject_media, new.reject_reports);
            write(instance, new.domain, Severity::Silence, flags, new.comments, json).await
        }
        DomainCommand::Reject(new) => {
            let flags = (new.media, new.reports);
            write(instance, new.domain, Severity::Noop, flags, new.comments, json).await
        }
        DomainCommand::Allow(new) => {
            policy::allow(instance, std::slice::from_ref(&new.domain), new.comment).await?;
            show(instance, &new.domain, json).await
        }
        DomainCommand::Remove { domain } => {
            policy::remove(instance, &domain).await?;
            if json {
                return print_json(&serde_json::json!({ "removed": domain }));
            }
            println!("{domain} has no rule any more");
            Ok(())
        }
        DomainCommand::List => list(instance, json).await,
        DomainCommand::Show { domain } => {
            let found = policy::find_rule(instance, &domain).await?.is_some()
                || policy::find_allow(instance, &domain).await?.is_some();
            if !found {
                let message = format!("there is no rule about {domain:?} itself");
                return Err(Failure::new(Exit::NotFound, message));
            }
            show(instance, &domain, json).await
        }
        DomainCommand::Severed { domain } => severed(instance, &domain, json).await,
        DomainCommand::Import(list) if list.allows => import_allows(instance, &list, json).await,
        DomainCommand::Import(list) => import(instance, &list, json).await,
        DomainCommand::Export { allows } => {
            if allows {
                print!("{}", policy::write_allows(&policy::list_allows(instance).await?));
            } else {
                print!("{}", policy::write_rules(&policy::list_rules(instance).await?));
            }
            Ok(())
        }
    }
}

async fn write(
    instance: &Instance,
    domain: String,
    severity: Severity,
    (reject_media, reject_reports): (bool, bool),
    comments: Comments,
    json: bool,
) -> Result<(), Failure> {
    let before = policy::find_rule(instance, &domain)
        .await?
        .map(|found| found.rule);
    let before = before.unwrap_or_default();
    let rule = NewRule {
        domain: domain.clone(),
        severity,
        reject_media,
        reject_reports,
        private_comment: comments.private_comment.or(before.private_comment),
        public_comment: comments.public_comment.or(before.public_comment),
        obfuscate: comments.obfuscate || before.obfuscate,
    };
    policy::set(instance, rule).await?;
    show(instance, &domain, json).await
}

/// What is printed of a rule; names and types are those of the client API for administration.
#[derive(Serialize)]
struct RuleLine<'a> {
    id: String,
    domain: &'a str,
    severity: &'static str,
    reject_media: bool,
    reject_reports: bool,
    obfuscate: bool,
    private_comment: Option<&'a str>,
    public_comment: Option<&'a str>,
    created_at: String,
}

impl<'a> RuleLine<'a> {
    fn new(found: &'a Rule) -> Self {
        let rule = &found.rule;
        Self {
            id: found.id.to_string(),
            domain: &rule.domain,
            severity: rule.severity.as_str(),
            reject_media: rule.reject_media,
            reject_reports: rule.reject_reports,
            obfuscate: rule.obfuscate,
            private_comment: rule.private_comment.as_deref(),
            public_comment: rule.public_comment.as_deref(),
            created_at: iso(found.created_at),
        }
    }
}

/// What is printed of an allow.
#[derive(Serialize)]
struct AllowLine<'a> {
    id: String,
    domain: &'a str,
    comment: Option<&'a str>,
    created_at: String,
}

impl<'a> AllowLine<'a> {
    fn new(allow: &'a DomainAllow) -> Self {
        Self {
            id: allow.id.to_string(),
            domain: &allow.domain,
            comment: allow.comment.as_deref(),
            created_at: iso(allow.created_at),
        }
    }
}

/// A rule in words: `suspend, no media (private: spam)`.
fn words(rule: &NewRule) -> String {
    let mut text = rule.severity.as_str().to_owned();
    for (said, word) in [
        (rule.reject_media, ", no media"),
        (rule.reject_reports, ", no reports"),
        (rule.obfuscate, ", obfuscated"),
    ] {
        if said {
            text.push_str(word);
        }
    }
    for (name, comment) in [
        ("private", &rule.private_comment),
        ("public", &rule.public_comment),
    ] {
        if let Some(comment) = comment {
            let comment = comment.replace(char::is_control, " ");
            text.extend([" (", name, ": ", &comment, ")"]);
        }
    }
    text
}

async fn list(instance: &Instance, json: bool) -> Result<(), Failure> {
    let rules = policy::list_rules(instance).await?;
    let allows = policy::list_allows(instance).await?;
    if json {
        return print_json(&serde_json::json!({
            "rules": rules.iter().map(RuleLine::new).collect::<Vec<_>>(),
            "allows": allows.iter().map(AllowLine::new).collect::<Vec<_>>(),
        }));
    }
    for rule in &rules {
        println!("{}\t{}", display(&rule.rule.domain), words(&rule.rule));
    }
    for allow in &allows {
        println!("{}\tallow", display(&allow.domain));
    }
    Ok(())
}

async fn show(instance: &Instance, domain: &str, json: bool) -> Result<(), Failure> {
    let rule = policy::find_rule(instance, domain).await?;
    let allow = policy::find_allow(instance, domain).await?;
    let name = rule
        .as_ref()
        .map(|found| &found.rule.domain)
        .or(allow.as_ref().map(|allow| &allow.domain))
        .map_or(domain, String::as_str);
    let holds = policy::of(instance, name).await?;
    if json {
        return print_json(&serde_json::json!({
            "domain": name,
            "rule": rule.as_ref().map(RuleLine::new),
            "allow": allow.as_ref().map(AllowLine::new),
            "federates": !holds.suspended,
            "limited": holds.silenced,
        }));
    }
    if let Some(found) = &rule {
        println!("{}: {}", display(name), words(&found.rule));
    }
    if allow.is_some() {
        println!("{}: allow", display(name));
    }
    println!(
        "{}",
        if holds.suspended {
            "nothing is taken from it or sent to it"
        } else {
            "it is federated with"
        }
    );
    Ok(())
}

async fn severed(instance: &Instance, domain: &str, json: bool) -> Result<(), Failure> {
    let found = policy::severed(instance, domain).await?;
    if json {
        let lines: Vec<_> = found
            .iter()
            .map(|(follow, username)| {
                serde_json::json!({
                    "account": username,
                    "other": follow.other_handle,
                    "other_uri": follow.other_uri,
                    "direction": if follow.outward { "following" } else { "follower" },
                    "ended_at": iso(follow.created_at),
                })
            })
            .collect();
        return print_json(&lines);
    }
    for (follow, username) in found {
        let word = if follow.outward {
            "followed"
        } else {
            "was followed by"
        };
        println!("{username}\t{word}\t{}", follow.other_handle);
    }
    Ok(())
}

fn read_list(file: &Path) -> Result<String, Failure> {
    if file == Path::new("-") {
        let mut text = String::new();
        std::io::stdin()
            .lock()
            .read_to_string(&mut text)
            .map_err(Failure::failed)?;
        return Ok(text);
    }
    std::fs::read_to_string(file).map_err(|error| {
        Failure::new(
            Exit::Failed,
            format!("{} cannot be read: {error}", file.display()),
        )
    })
}

fn unreadable(error: &policy::CsvError) -> Failure {
    Failure::new(Exit::Refused, error.to_string())
}

async fn import_allows(instance: &Instance, list: &ImportList, json: bool) -> Result<(), Failure> {
    let domains = policy::read_allows(&read_list(&list.file)?).map_err(|error| unreadable(&error))?;
    if list.apply {
        policy::allow(instance, &domains, None).await?;
    }
    if json {
        return print_json(&serde_json::json!({ "applied": list.apply, "allows": domains }));
    }
    for domain in &domains {
        println!("+ {domain}\tallow");
    }
    tell_whether_applied(list.apply);
    Ok(())
}

/// What is printed of a line of a list.
#[derive(Serialize)]
struct DifferenceLine<'a> {
    change: &'static str,
    domain: &'a str,
    severity: &'static str,
    before: Option<&'static str>,
    severed_follows: i64,
}

impl<'a> DifferenceLine<'a> {
    fn new(difference: &'a Difference) -> Self {
        Self {
            change: match difference.change {
                Change::New => "new",
                Change::Replaced => "replaced",
                Change::Kept => "kept",
                Change::Same => "same",
            },
            domain: &difference.rule.domain,
            severity: difference.rule.severity.as_str(),
            before: difference.before.as_ref().map(|rule| rule.severity.as_str()),
            severed_follows: difference.severed,
        }
    }
}

async fn import(instance: &Instance, list: &ImportList, json: bool) -> Result<(), Failure> {
    let rules = policy::read_rules(&read_list(&list.file)?).map_err(|error| unreadable(&error))?;
    let differences = policy::compare(instance, rules, list.overwrite).await?;
    let severed: i64 = differences.iter().map(|difference| difference.severed).sum();
    let applies = list.apply && (severed == 0 || list.sever);
    if json {
        print_json(&serde_json::json!({
            "applied": applies,
            "severed_follows": severed,
            "rules": differences.iter().map(DifferenceLine::new).collect::<Vec<_>>(),
        }))?;
    } else {
        differences.iter().for_each(print_difference);
    }
    if list.apply && !applies {
        let message =
            format!("nothing was changed: the list ends {severed} follows, which --sever has to confirm");
        return Err(Failure::new(Exit::Refused, message));
    }
    if applies {
        let changes = differences.into_iter().filter(Difference::is_change);
        policy::set_all(instance, changes.map(|difference| difference.rule).collect()).await?;
    }
    if !json {
        tell_whether_applied(applies);
    }
    Ok(())
}

fn tell_whether_applied(applied: bool) {
    if !applied {
        println!("nothing was changed; --apply does it");
    }
}

fn print_difference(difference: &Difference) {
    let (rule, before) = (
        words(&difference.rule),
        difference.before.as_ref().map(words).unwrap_or_default(),
    );
    let domain = display(&difference.rule.domain);
    match difference.change {
        Change::New => print!("+ {domain}\t{rule}"),
        Change::Replaced => print!("~ {domain}\t{before} -> {rule}"),
        Change::Kept => print!("  {domain}\t{before} stays (the list says {rule})"),
        Change::Same => print!("  {domain}\t{before}"),
    }
    match difference.severed {
        0 => println!(),
        count => println!("\tends {count} follows"),
    }
}
