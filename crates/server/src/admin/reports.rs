//! `pouet admin report`: what people here and elsewhere report.

use pouet_model::{
    html::{strip_bidi_controls, to_plain_text},
    ids::ReportId,
    time::iso,
};
use pouet_service::{
    Instance,
    reports::{self, ReportView},
};
use serde::Serialize;

use super::print_json;
use crate::{
    cli::{Exit, ReportCommand},
    output::Failure,
};

/// Reports that a list shows, at most.
const MOST: i64 = 200;

/// Runs a command of this group.
pub(super) async fn run(instance: &Instance, command: ReportCommand, json: bool) -> Result<(), Failure> {
    match command {
        ReportCommand::List { all } => {
            let found = reports::list(instance, all, MOST).await?;
            let lines: Vec<ReportLine> = found.iter().map(|view| ReportLine::new(instance, view)).collect();
            if json {
                return print_json(&lines);
            }
            for line in lines {
                let ReportLine {
                    id,
                    state,
                    target,
                    reporter,
                    category,
                    ..
                } = line;
                println!("{id}\t{state}\t{target}\tby {reporter}\t{category}");
            }
            Ok(())
        }
        ReportCommand::Show { id } => {
            let view = reports::find(instance, number(&id)?).await?;
            show(&ReportLine::new(instance, &view), json)
        }
        ReportCommand::Resolve { id } => {
            let view = reports::resolve(instance, number(&id)?).await?;
            show(&ReportLine::new(instance, &view), json)
        }
    }
}

fn number(id: &str) -> Result<ReportId, Failure> {
    id.parse()
        .map_err(|_| Failure::new(Exit::NotFound, format!("there is no report {id:?}")))
}

/// What is printed of a report.
#[derive(Serialize)]
struct ReportLine {
    id: String,
    state: &'static str,
    target: String,
    reporter: String,
    category: &'static str,
    comment: String,
    forwarded: bool,
    rule_ids: Vec<i64>,
    statuses: Vec<StatusLine>,
    collections: Vec<CollectionLine>,
    created_at: String,
    resolved_at: Option<String>,
}

/// What is printed of a reported status. Moderators see it because it was reported, whatever its visibility.
#[derive(Serialize)]
struct StatusLine {
    id: String,
    uri: String,
    visibility: &'static str,
    text: String,
}

/// What is printed of a reported collection.
#[derive(Serialize)]
struct CollectionLine {
    id: String,
    url: String,
    name: String,
    description: String,
}

impl ReportLine {
    fn new(instance: &Instance, view: &ReportView) -> Self {
        let report = &view.report;
        let statuses = view.statuses.iter().map(|status| StatusLine {
            id: status.id.to_string(),
            uri: instance.urls().status_uri(status),
            visibility: status.visibility.as_str(),
            text: to_plain_text(&status.content),
        });
        let collections = view.collections.iter().map(|collection| CollectionLine {
            id: collection.id.to_string(),
            url: instance.urls().collection(collection.id),
            name: collection.name.clone(),
            description: collection.description.clone(),
        });
        Self {
            id: report.id.to_string(),
            state: if report.resolved_at.is_some() {
                "resolved"
            } else {
                "open"
            },
            target: view.target.acct(),
            reporter: view.reporter.acct(),
            category: report.category.as_str(),
            comment: report.comment.clone(),
            forwarded: report.forwarded,
            rule_ids: report.rule_ids.clone(),
            statuses: statuses.collect(),
            collections: collections.collect(),
            created_at: iso(report.created_at),
            resolved_at: report.resolved_at.map(iso),
        }
    }
}

fn show(line: &ReportLine, json: bool) -> Result<(), Failure> {
    if json {
        return print_json(line);
    }
    println!("report {}, {}, {}", line.id, line.state, line.category);
    println!("about {}, by {}, {}", line.target, line.reporter, line.created_at);
    if line.forwarded {
        println!("forwarded to the reported account's server");
    }
    for rule in &line.rule_ids {
        println!("rule {rule}");
    }
    if !line.comment.is_empty() {
        println!("comment: {}", one_line(&line.comment));
    }
    for status in &line.statuses {
        println!(
            "{} <{}>: {}",
            status.visibility,
            status.uri,
            one_line(&status.text)
        );
    }
    for collection in &line.collections {
        let (name, description) = (one_line(&collection.name), one_line(&collection.description));
        println!("collection <{}>: {name}: {description}", collection.url);
    }
    Ok(())
}

/// Strangers write it: nothing in it may steer the terminal.
fn one_line(text: &str) -> String {
    strip_bidi_controls(text).replace(char::is_control, " ")
}
