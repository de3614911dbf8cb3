//! Writing and reading the rules about domains.

use pouet_model::{domain::normalise, ids::RelationId};
use pouet_storage::{
    domain_blocks::{self as rows, DomainAllow, DomainRule},
    domain_limits::{self, SeveredFollow},
};

use super::{Severity, enforce};
use crate::{
    error::{Error, Result},
    instance::Instance,
};

/// Longest comment, in characters.
const MAX_COMMENT: usize = 1000;

/// A rule to write.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NewRule {
    /// The domain, in any spelling; a leading `*.` means nothing, because subdomains are covered anyway.
    pub domain: String,
    /// How far it goes.
    pub severity: Severity,
    /// Its media are not fetched.
    pub reject_media: bool,
    /// Its reports are dropped.
    pub reject_reports: bool,
    /// For those who look after the instance.
    pub private_comment: Option<String>,
    /// For everybody who may see the list.
    pub public_comment: Option<String>,
    /// The public list shows the domain half covered.
    pub obfuscate: bool,
}

/// A rule as it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rule {
    /// Our id of it.
    pub id: RelationId,
    /// What it says; the domain is normalised.
    pub rule: NewRule,
    /// When the domain first got a rule.
    pub created_at: chrono::DateTime<chrono::Utc>,
}

impl Rule {
    pub(super) fn of_row(row: DomainRule) -> Result<Self> {
        let severity = Severity::parse(&row.severity)
            .ok_or_else(|| Error::internal(format!("rule about {} has no severity", row.domain)))?;
        Ok(Self {
            id: row.id,
            created_at: row.created_at,
            rule: NewRule {
                domain: row.domain,
                severity,
                reject_media: row.reject_media,
                reject_reports: row.reject_reports,
                private_comment: row.private_comment,
                public_comment: row.public_comment,
                obfuscate: row.obfuscate,
            },
        })
    }
}

/// The one spelling of the domain of a rule.
///
/// # Errors
/// `Invalid` if it is none, or ours.
pub(super) fn read_domain(instance: &Instance, domain: &str) -> Result<String> {
    let invalid = |why: &str| Error::invalid("domain", "ERR_INVALID", format!("Domain {why}"));
    let bare = domain.trim();
    let bare = bare.strip_prefix("*.").unwrap_or(bare);
    let domain = normalise(bare).map_err(|_| invalid("is not a valid domain name"))?;
    if instance.urls().is_own_domain(&domain) {
        return Err(invalid("is this instance's own"));
    }
    Ok(domain)
}

fn read_comment(field: &'static str, comment: Option<String>) -> Result<Option<String>> {
    let comment = comment.map(|text| text.trim().to_owned());
    let comment = comment.filter(|text| !text.is_empty());
    if comment
        .as_ref()
        .is_some_and(|text| text.chars().count() > MAX_COMMENT)
    {
        let reason = format!("Comment is too long (maximum is {MAX_COMMENT} characters)");
        return Err(Error::invalid(field, "ERR_TOO_LONG", reason));
    }
    Ok(comment)
}

/// Writes the rule about a domain in place of the one it had. Every gate of every process knows it at once, the accounts
/// of the domain that are here are hidden or shown by it, and jobs clean up after it.
///
/// # Errors
/// `Invalid` if the domain is none, or ours, or a comment is too long.
pub async fn set(instance: &Instance, rule: NewRule) -> Result<()> {
    set_all(instance, vec![rule]).await
}

/// [`set`] for many, all or none.
pub async fn set_all(instance: &Instance, rules: Vec<NewRule>) -> Result<()> {
    let now = instance.now();
    let rows = rules
        .into_iter()
        .map(|rule| {
            Ok(DomainRule {
                id: instance.next_id(),
                domain: read_domain(instance, &rule.domain)?,
                severity: rule.severity.as_str().to_owned(),
                reject_media: rule.reject_media,
                reject_reports: rule.reject_reports,
                private_comment: read_comment("private_comment", rule.private_comment)?,
                public_comment: read_comment("public_comment", rule.public_comment)?,
                obfuscate: rule.obfuscate,
                created_at: now,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let handle = instance.clone();
    instance
        .write(move |tx| {
            for row in &rows {
                rows::replace_domain_rule(tx, row)?;
            }
            let domains = rows.into_iter().map(|row| row.domain).collect();
            enforce::changed(tx, &handle, domains, now)
        })
        .await?;
    instance.policies.forget();
    Ok(())
}

/// Allows these domains: in allow-list mode only allowed ones are federated with, otherwise they are excepted from rules
/// about the same name or a shorter one.
///
/// # Errors
/// `Invalid` if a domain is none, or ours.
pub async fn allow(instance: &Instance, domains: &[String], comment: Option<String>) -> Result<()> {
    let (now, comment) = (instance.now(), read_comment("comment", comment)?);
    let rows = domains
        .iter()
        .map(|domain| {
            Ok(DomainAllow {
                id: instance.next_id(),
                domain: read_domain(instance, domain)?,
                comment: comment.clone(),
                created_at: now,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let handle = instance.clone();
    instance
        .write(move |tx| {
            for row in &rows {
                rows::replace_domain_allow(tx, row)?;
            }
            let domains = rows.into_iter().map(|row| row.domain).collect();
            enforce::changed(tx, &handle, domains, now)
        })
        .await?;
    instance.policies.forget();
    Ok(())
}

/// Removes what is written about a domain, rule and allow. Accounts that the rule hid are shown again; follows that it ended
/// stay ended.
///
/// # Errors
/// `NotFound` if there is nothing.
pub async fn remove(instance: &Instance, domain: &str) -> Result<()> {
    let domain = read_domain(instance, domain).map_err(|_| Error::NotFound)?;
    let (handle, now) = (instance.clone(), instance.now());
    instance
        .write(move |tx| {
            let was_ruled = rows::delete_domain_rule(tx, &domain)?;
            let was_allowed = rows::delete_domain_allow(tx, &domain)?;
            if !was_ruled && !was_allowed {
                return Err(Error::NotFound);
            }
            enforce::changed(tx, &handle, vec![domain], now)
        })
        .await?;
    instance.policies.forget();
    Ok(())
}

/// All rules, by domain.
pub async fn list_rules(instance: &Instance) -> Result<Vec<Rule>> {
    let rows = instance.read(|conn| Ok(rows::list_domain_rules(conn)?)).await?;
    rows.into_iter().map(Rule::of_row).collect()
}

/// All allows, by domain.
pub async fn list_allows(instance: &Instance) -> Result<Vec<DomainAllow>> {
    instance.read(|conn| Ok(rows::list_domain_allows(conn)?)).await
}

/// The rule about exactly this domain.
///
/// # Errors
/// `Invalid` if the domain is none.
pub async fn find_rule(instance: &Instance, domain: &str) -> Result<Option<Rule>> {
    let domain = read_domain(instance, domain)?;
    let found = instance
        .read(move |conn| Ok(rows::load_domain_rules(conn, &[&domain])?.pop()))
        .await?;
    found.map(Rule::of_row).transpose()
}

/// The allow of exactly this domain.
///
/// # Errors
/// `Invalid` if the domain is none.
pub async fn find_allow(instance: &Instance, domain: &str) -> Result<Option<DomainAllow>> {
    let domain = read_domain(instance, domain)?;
    instance
        .read(move |conn| Ok(rows::load_domain_allows(conn, &[&domain])?.pop()))
        .await
}

/// Follows that ended because exactly this domain was suspended, oldest first, with the names of the local sides.
pub async fn severed(instance: &Instance, domain: &str) -> Result<Vec<(SeveredFollow, String)>> {
    let domain = read_domain(instance, domain)?;
    instance
        .read(move |conn| Ok(domain_limits::list_severed(conn, &domain)?))
        .await
}

/// Domains with such follows.
pub async fn severed_domains(instance: &Instance) -> Result<Vec<String>> {
    instance
        .read(|conn| Ok(domain_limits::list_severed_domains(conn)?))
        .await
}
