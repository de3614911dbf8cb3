//! `pouet admin trends`: what trends, and what the operator says of it.

use pouet_model::{
    html::strip_bidi_controls,
    ids::{CardId, PublisherId, StatusId, TagId},
    page::Page,
    time::iso,
    trend::TrendKind,
};
use pouet_service::{
    Error, Instance,
    trends::{self, By, Publisher, Standing, State},
};
use serde::Serialize;

use super::print_json;
use crate::{
    cli::{Exit, ReviewedSort, TrendCommand, TrendSort},
    output::Failure,
};

/// Sites that are asked for at a time.
const SITES: i64 = 200;

/// Runs a command of this group.
pub(super) async fn run(instance: &Instance, command: TrendCommand, json: bool) -> Result<(), Failure> {
    match command {
        TrendCommand::List { kind, limit } => list(instance, kind, limit, json).await,
        TrendCommand::Refresh => {
            trends::refresh(instance).await?;
            list(instance, None, 20, json).await
        }
        TrendCommand::Approve { kind, id } => review(instance, kind, id, true, json).await,
        TrendCommand::Reject { kind, id } => review(instance, kind, id, false, json).await,
        TrendCommand::Publishers => publishers(instance, json).await,
    }
}

/// What is printed of something that trends or was kept out.
#[derive(Serialize)]
struct Line {
    kind: &'static str,
    id: String,
    what: Option<String>,
    state: &'static str,
    /// In people.
    #[serde(skip_serializing_if = "Option::is_none")]
    rank: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    accounts: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suspects: Option<i64>,
}

impl Line {
    fn new(one: &Standing) -> Self {
        let mut line = Self {
            kind: one.subject.kind.as_str(),
            id: one.subject.id.to_string(),
            what: one.what.clone(),
            state: "rejected",
            rank: None,
            reason: None,
            accounts: None,
            suspects: None,
        };
        match &one.state {
            State::Rejected => {}
            State::Shown(rank) => (line.state, line.rank) = ("shown", Some(*rank)),
            State::Waiting(rank) => (line.state, line.rank) = ("waiting", Some(*rank)),
            State::KeptOut {
                reason,
                accounts,
                suspects,
            } => {
                line.state = "kept out";
                line.reason = Some(reason.clone());
                (line.accounts, line.suspects) = (Some(*accounts), Some(*suspects));
            }
        }
        line
    }

    fn print(&self) {
        let why = match (self.rank, &self.reason, self.accounts, self.suspects) {
            (Some(rank), ..) => format!("{rank:.2}"),
            (None, Some(reason), Some(accounts), Some(suspects)) => {
                format!("{reason}: {suspects} of {accounts}")
            }
            _ => String::new(),
        };
        let what = strip_bidi_controls(self.what.as_deref().unwrap_or("(gone)"));
        println!("{}\t{}\t{}\t{why}\t{what}", self.kind, self.id, self.state);
    }
}

async fn list(instance: &Instance, kind: Option<TrendSort>, limit: u32, json: bool) -> Result<(), Failure> {
    let kinds = match kind {
        Some(TrendSort::Tags) => vec![TrendKind::Tag],
        Some(TrendSort::Statuses) => vec![TrendKind::Status],
        Some(TrendSort::Links) => vec![TrendKind::Link],
        None => TrendKind::SHOWN.to_vec(),
    };
    let found = trends::standings(instance, kinds, i64::from(limit)).await?;
    let lines: Vec<Line> = found.iter().map(Line::new).collect();
    if json {
        return print_json(&lines);
    }
    lines.iter().for_each(Line::print);
    Ok(())
}

async fn review(
    instance: &Instance,
    kind: ReviewedSort,
    id: i64,
    trendable: bool,
    json: bool,
) -> Result<(), Failure> {
    let by = By::Operator;
    let (name, done) = match kind {
        ReviewedSort::Tag => {
            let done = trends::review_tag(instance, by, TagId(id), trendable).await;
            ("tag", done.map(drop))
        }
        ReviewedSort::Status => {
            let done = trends::review_status(instance, by, StatusId(id), trendable).await;
            ("status", done.map(drop))
        }
        ReviewedSort::Link => {
            let done = trends::review_link(instance, by, CardId(id), trendable).await;
            ("link", done.map(drop))
        }
        ReviewedSort::Publisher => {
            let done = trends::review_publisher(instance, by, PublisherId(id), trendable).await;
            ("publisher", done.map(drop))
        }
    };
    done.map_err(|error| match error {
        Error::NotFound => Failure::new(Exit::NotFound, format!("there is no {name} {id}")),
        other => other.into(),
    })?;
    if json {
        return print_json(&serde_json::json!({
            "kind": name, "id": id.to_string(), "trendable": trendable,
        }));
    }
    println!("{name} {id} {}", word(Some(trendable)));
    Ok(())
}

fn word(trendable: Option<bool>) -> &'static str {
    match trendable {
        Some(true) => "may trend",
        Some(false) => "does not trend",
        None => "nobody has said",
    }
}

/// What is printed of a site.
#[derive(Serialize)]
struct Site {
    id: String,
    domain: String,
    trendable: Option<bool>,
    reviewed_at: Option<String>,
}

impl Site {
    fn new(site: &Publisher) -> Self {
        Self {
            id: site.id.to_string(),
            domain: site.domain.clone(),
            trendable: site.trendable,
            reviewed_at: site.reviewed_at.map(iso),
        }
    }
}

async fn publishers(instance: &Instance, json: bool) -> Result<(), Failure> {
    let (mut sites, mut page) = (Vec::new(), Page::first(SITES));
    loop {
        let found = trends::publishers(instance, By::Operator, page).await?;
        let Some(last) = found.last() else { break };
        page.max_id = Some(last.id.0);
        sites.extend(found.iter().map(Site::new));
    }
    if json {
        return print_json(&sites);
    }
    for site in sites {
        println!(
            "{}\t{}\t{}",
            site.id,
            word(site.trendable),
            strip_bidi_controls(&site.domain)
        );
    }
    Ok(())
}
