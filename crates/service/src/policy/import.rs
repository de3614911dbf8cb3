//! What taking over a list of rules would change, told before anything is.

use std::collections::{BTreeMap, HashMap};

use pouet_model::domain::matches_rule;
use pouet_storage::{
    Conn,
    domain_blocks::{self as rows},
    domain_limits as limits,
};

use super::{NewRule, Rule, Severity, by_rule, rules::read_domain};
use crate::{error::Result, instance::Instance, settings::FederationMode};

/// What becomes of a line of the list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// There is no rule about the domain yet.
    New,
    /// There is another rule, which would be replaced.
    Replaced,
    /// There is another rule, which stays.
    Kept,
    /// The rule is there already.
    Same,
}

/// A line of the list, beside what is here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// What becomes of it.
    pub change: Change,
    /// What the list says, the domain normalised.
    pub rule: NewRule,
    /// What holds here so far.
    pub before: Option<NewRule>,
    /// Follows between people here and the domain that it would end.
    pub severed: i64,
}

impl Difference {
    /// Whether the list changes anything here.
    pub fn is_change(&self) -> bool {
        matches!(self.change, Change::New | Change::Replaced)
    }
}

/// Compares a list with the rules that hold, by domain. Where both speak of a domain, ours stays unless `overwrite`. Of
/// several lines about one domain the last counts.
///
/// # Errors
/// `Invalid` if a domain is none, or ours.
pub async fn compare(instance: &Instance, list: Vec<NewRule>, overwrite: bool) -> Result<Vec<Difference>> {
    let mode = instance.settings.federation.mode;
    let mut wanted = BTreeMap::new();
    for rule in list {
        let domain = read_domain(instance, &rule.domain)?;
        wanted.insert(domain.clone(), NewRule { domain, ..rule });
    }
    instance
        .read(move |conn| {
            let mut held: HashMap<String, NewRule> = HashMap::new();
            for row in rows::list_domain_rules(conn)? {
                let Rule { rule, .. } = Rule::of_row(row)?;
                held.insert(rule.domain.clone(), rule);
            }
            let known = limits::list_account_domains(conn)?;
            let differences = wanted.into_values().map(|rule| {
                let before = held.remove(&rule.domain);
                let change = change_of(before.as_ref(), &rule, overwrite);
                let ends =
                    matches!(change, Change::New | Change::Replaced) && rule.severity == Severity::Suspend;
                let severed = if ends {
                    count_severed(conn, mode, &rule.domain, &known)?
                } else {
                    0
                };
                Ok(Difference {
                    change,
                    rule,
                    before,
                    severed,
                })
            });
            differences.collect()
        })
        .await
}

fn change_of(before: Option<&NewRule>, rule: &NewRule, overwrite: bool) -> Change {
    let Some(before) = before else {
        return Change::New;
    };
    // Lists have no private comments: one that is here is no difference.
    let alike = NewRule {
        private_comment: rule.private_comment.clone(),
        ..before.clone()
    };
    if alike == *rule {
        Change::Same
    } else if overwrite {
        Change::Replaced
    } else {
        Change::Kept
    }
}

fn count_severed(conn: &mut Conn, mode: FederationMode, rule: &str, known: &[String]) -> Result<i64> {
    let mut total = 0;
    for domain in known.iter().filter(|domain| matches_rule(domain, rule)) {
        if !by_rule(conn, mode, domain)?.suspended {
            total += limits::count_domain_follows(conn, domain)?;
        }
    }
    Ok(total)
}
