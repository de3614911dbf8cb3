//! <https://docs.joinmastodon.org/methods/instance/>

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use pouet_service::{emojis, instance_info, instance_numbers, policy};
use serde::Serialize;

use crate::{
    call::Call,
    entities::{
        domain_block::DomainBlock,
        emoji::CustomEmoji,
        instance::{ExtendedDescription, Instance, Language, Rule, V1Instance},
    },
    error::{ApiError, Result},
    reply,
};

/// What the instance is and can do.
pub(crate) async fn show(call: Call) -> Result<HttpResponse> {
    let info = instance_info::info(&call.instance).await?;
    reply::json(&Instance::from_info(&call.instance, &info))
}

/// [`show`] in its older form.
pub(crate) async fn show_v1(call: Call) -> Result<HttpResponse> {
    let info = instance_info::info(&call.instance).await?;
    reply::json(&V1Instance::from_info(&call.instance, &info))
}

/// The rules of the instance.
pub(crate) async fn rules(call: Call) -> Result<HttpResponse> {
    let info = instance_info::info(&call.instance).await?;
    reply::json(&Rule::list(&info.rules))
}

/// The description of the instance as HTML.
pub(crate) async fn extended_description(call: Call) -> Result<HttpResponse> {
    let info = instance_info::info(&call.instance).await?;
    reply::json(&ExtendedDescription {
        updated_at: None,
        content: paragraphs(&info.description),
    })
}

/// Plain text as paragraphs of HTML.
fn paragraphs(text: &str) -> String {
    let escaped = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;");
    let mut html = String::new();
    for paragraph in escaped.split("\n\n").map(str::trim) {
        if !paragraph.is_empty() {
            html.extend(["<p>", &paragraph.replace('\n', "<br />"), "</p>"]);
        }
    }
    html
}

/// Domains that the instance limits or suspends, for those who may know.
pub(crate) async fn domain_blocks(call: Call) -> Result<HttpResponse> {
    let is_user = call.auth.as_ref().is_some_and(|auth| auth.user.is_some());
    let shown = policy::shown(&call.instance, is_user).await?;
    let shown = shown.ok_or_else(ApiError::not_found)?;
    reply::json(&DomainBlock::list(&shown))
}

/// Languages of the instance's own pages.
pub(crate) async fn languages(_: Call) -> Result<HttpResponse> {
    reply::json(&[
        Language {
            code: "en",
            name: "English",
        },
        Language {
            code: "fr",
            name: "French",
        },
    ])
}

/// Pairs of languages that statuses can be translated between. None: there is no translation service.
pub(crate) async fn translation_languages(_: Call) -> Result<HttpResponse> {
    reply::json(&BTreeMap::<&str, Vec<&str>>::new())
}

/// Other servers that the instance knows.
pub(crate) async fn peers(call: Call) -> Result<HttpResponse> {
    reply::json(instance_numbers::peers(&call.instance).await?.as_ref())
}

/// What happened in a week; all numbers are texts.
#[derive(Serialize)]
struct Activity {
    week: String,
    statuses: String,
    logins: String,
    registrations: String,
}

/// What happened on the instance, week by week.
pub(crate) async fn activity(call: Call) -> Result<HttpResponse> {
    let weeks = instance_numbers::activity(&call.instance).await?;
    let shown: Vec<Activity> = weeks
        .iter()
        .map(|week| Activity {
            week: week.start.timestamp().to_string(),
            statuses: week.statuses.to_string(),
            logins: week.logins.to_string(),
            registrations: week.registrations.to_string(),
        })
        .collect();
    reply::json(&shown)
}

/// The instance's own emoji.
pub(crate) async fn custom_emojis(call: Call) -> Result<HttpResponse> {
    let found = emojis::list(&call.instance).await?;
    let shown: Vec<_> = found
        .iter()
        .map(|emoji| CustomEmoji::of_picker(emoji, call.urls()))
        .collect();
    reply::json(&shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_are_escaped() {
        assert_eq!(
            paragraphs("A <b>small</b> place\nfor two & more\n\n\n\nHello"),
            "<p>A &lt;b&gt;small&lt;/b&gt; place<br />for two &amp; more</p><p>Hello</p>"
        );
        assert_eq!(paragraphs(""), "");
    }
}
