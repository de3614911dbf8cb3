//! What became of one's own posts, for whoever is signed in.

use actix_web::http::StatusCode;
use actix_web::web;
use chrono::TimeDelta;
use pouet_model::ids::AccountId;
use pouet_service::Error;
use pouet_service::analytics::{self, AccountAnalytics};
use pouet_service::preferences::{self, OwnChange};
use serde::Deserialize;

use super::Answer;
use crate::context::Context;
use crate::failure::Failure;
use crate::form::Form;
use crate::numbers::account_numbers;
use crate::templates::AnalyticsPage;
use crate::view::SpanLink;

/// The spans to choose from, in days.
const SPANS: [i64; 3] = [7, 28, 90];
/// The one that is shown first.
const FIRST_SPAN: i64 = 28;
const ADDRESS: &str = "/settings/analytics";
const FILE: &str = "/settings/analytics.csv";
const SIGN_IN: &str = "/auth/sign_in?return_to=%2Fsettings%2Fanalytics";

/// Which days are asked for.
#[derive(Deserialize)]
pub(crate) struct Asked {
    days: Option<String>,
    /// A form was just accepted.
    saved: Option<String>,
}

impl Asked {
    /// The days asked for, if they are among those to choose from.
    fn span(&self) -> i64 {
        let wanted: Option<i64> = self.days.as_deref().and_then(|days| days.parse().ok());
        wanted.filter(|days| SPANS.contains(days)).unwrap_or(FIRST_SPAN)
    }
}

/// What is to be counted.
#[derive(Deserialize)]
pub(crate) struct Choice {
    #[serde(default)]
    form_token: String,
    /// A box that is not ticked is not sent.
    count_link_clicks: Option<String>,
}

/// Where nothing is counted there is no such page.
fn check_enabled(cx: &Context) -> Result<(), Failure> {
    if cx.instance().settings.analytics_enabled {
        Ok(())
    } else {
        Err(cx.fail(&Error::NotFound))
    }
}

/// `GET /settings/analytics`
pub(crate) async fn page(cx: Context, asked: web::Query<Asked>) -> Answer {
    check_enabled(&cx)?;
    let Some(me) = cx.viewer_id() else {
        return Ok(cx.redirect(SIGN_IN));
    };
    let span = asked.span();
    let found = numbers_of(&cx, me, span).await?;
    let counts_links = analytics::counts_links(cx.instance(), me)
        .await
        .map_err(|error| cx.fail(&error))?;
    let spans = SPANS.map(|days| SpanLink {
        url: format!("{ADDRESS}?days={days}"),
        days,
        current: days == span,
    });
    let page = cx.page.clone();
    let numbers = &account_numbers(&page, &found, counts_links);
    cx.render(&AnalyticsPage {
        p: &page,
        spans: &spans,
        file: &format!("{FILE}?days={span}"),
        numbers,
        counts_links,
        saved: asked.saved.is_some(),
    })
}

/// What became of one's posts in the last days.
async fn numbers_of(cx: &Context, me: AccountId, days: i64) -> Result<AccountAnalytics, Failure> {
    let today = cx.instance().now().date_naive();
    let from = today - TimeDelta::days(days - 1);
    analytics::of_account(cx.instance(), me, from, today)
        .await
        .map_err(|error| cx.fail(&error))
}

/// `GET /settings/analytics.csv`: the numbers of the page, as a file.
pub(crate) async fn file(cx: Context, asked: web::Query<Asked>) -> Answer {
    check_enabled(&cx)?;
    let Some(me) = cx.viewer_id() else {
        return Ok(cx.redirect(SIGN_IN));
    };
    let found = numbers_of(&cx, me, asked.span()).await?;
    Ok(cx.attachment(
        "text/csv; charset=utf-8",
        "analytics.csv",
        analytics::csv(&found.days),
    ))
}

/// `POST /settings/analytics`
pub(crate) async fn save(cx: Context, form: Form<Choice>) -> Answer {
    cx.check_form(&form.form_token)?;
    check_enabled(&cx)?;
    let Some(me) = cx.viewer_id() else {
        return Err(Failure::status(&cx.page, StatusCode::FORBIDDEN));
    };
    let change = OwnChange {
        count_link_clicks: Some(form.count_link_clicks.is_some()),
        ..OwnChange::default()
    };
    preferences::change_own(cx.instance(), me, change)
        .await
        .map_err(|error| cx.fail(&error))?;
    Ok(cx.redirect(&format!("{ADDRESS}?saved=1#links")))
}
