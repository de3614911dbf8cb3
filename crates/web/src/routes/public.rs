//! What anybody may read of the instance as a whole.

use actix_web::web;
use pouet_model::ids::StatusId;
use pouet_model::page::Page as Range;
use pouet_service::Error;
use pouet_service::instance_info::{InstanceInfo, Rule};
use pouet_service::timelines::{self, PublicFilter, TagFilter};
use pouet_service::view::StatusView;
use pouet_service::{alerts, tag_rules};
use serde::Deserialize;

use super::Answer;
use crate::assets::DEFAULT_THUMBNAIL;
use crate::context::Context;
use crate::convert::account_card;
use crate::counting::Counting;
use crate::failure::Failure;
use crate::templates::{About, Home, Landing, Local, SUGGESTED_APPS, Tag};
use crate::view::{Cursor, InstanceView, RuleView, StatusCard};

/// Statuses on a page.
pub(super) const PAGE_SIZE: i64 = 20;

/// Which part of a list is asked for.
#[derive(Deserialize)]
pub(crate) struct Older {
    max_id: Option<String>,
}

impl Older {
    /// The range to read; an id that is none is left out, as the client API does.
    pub(super) fn range(&self) -> Range {
        Range {
            max_id: self.max_id.as_deref().and_then(|id| id.parse().ok()),
            ..Range::first(PAGE_SIZE)
        }
    }

    /// Where the list at `path` goes on after `views`.
    pub(super) fn cursor(&self, path: &str, views: &[StatusView]) -> Cursor {
        let is_full = views.len() as i64 >= PAGE_SIZE;
        let last: Option<StatusId> = views.last().filter(|_| is_full).map(|view| view.status.id);
        Cursor {
            older: last.map(|id| format!("{path}?max_id={id}")),
            newest: self.max_id.as_ref().map(|_| path.to_owned()),
        }
    }
}

async fn local_timeline(cx: &Context, range: Range) -> Result<Vec<StatusView>, Error> {
    let filter = PublicFilter {
        local: true,
        ..PublicFilter::default()
    };
    timelines::public(cx.instance(), cx.viewer_id(), filter, range).await
}

/// The statuses of a page, with what is counted of them.
pub(super) async fn counted(cx: &Context, views: &[StatusView]) -> Result<Vec<StatusCard>, Failure> {
    let counting = Counting::of(cx, views).await.map_err(|error| cx.fail(&error))?;
    Ok(counting.cards(views))
}

/// `GET /`: the front page, or for members the way to their apps.
pub(crate) async fn front(cx: Context) -> Answer {
    let newest = Older { max_id: None };
    let views = local_timeline(&cx, newest.range())
        .await
        .map_err(|error| cx.fail(&error))?;
    let statuses = &counted(&cx, &views).await?[..];
    let cursor = &newest.cursor("/public/local", &views);
    let (page, focused) = (cx.page.clone(), false);
    let page_has_analytics = cx.instance().settings.analytics_enabled;
    if let Some(session) = &cx.session {
        let alerts = if session.user.role.is_staff() {
            let open = alerts::open_counts(cx.instance()).await;
            let open = open.map_err(|error| cx.fail(&error))?;
            open.into_iter().map(|(_, count)| count).sum()
        } else {
            0
        };
        return cx.render(&Home {
            p: &page,
            apps: &SUGGESTED_APPS,
            analytics: page_has_analytics,
            alerts,
            statuses,
            cursor,
            focused,
        });
    }
    let instance = &instance_view(&cx, cx.info().await?);
    cx.render(&Landing {
        p: &page,
        instance,
        thumbnail: DEFAULT_THUMBNAIL,
        statuses,
        cursor,
        focused,
    })
}

/// `GET /public/local`: everything said in public here.
pub(crate) async fn local(cx: Context, older: web::Query<Older>) -> Answer {
    let views = local_timeline(&cx, older.range())
        .await
        .map_err(|error| cx.fail(&error))?;
    let statuses = &counted(&cx, &views).await?[..];
    let cursor = &older.cursor("/public/local", &views);
    let page = cx.page.clone();
    cx.render(&Local {
        p: &page,
        statuses,
        cursor,
        focused: false,
    })
}

/// `GET /tags/NAME`: public statuses with a hashtag.
pub(crate) async fn tag(cx: Context, name: web::Path<String>, older: web::Query<Older>) -> Answer {
    let has_page = tag_rules::has_page(cx.instance(), &name).await;
    if !has_page.map_err(|error| cx.fail(&error))? {
        return Err(cx.fail(&Error::NotFound));
    }
    let filter = TagFilter {
        name: name.clone(),
        ..TagFilter::default()
    };
    let found = timelines::tag(cx.instance(), cx.viewer_id(), filter, older.range()).await;
    let views = found.map_err(|error| cx.fail(&error))?;
    let statuses = &counted(&cx, &views).await?[..];
    let path = cx.urls().tag(&name);
    let cursor = &older.cursor(path.strip_prefix(cx.urls().base()).unwrap_or(&path), &views);
    let page = cx.page.clone();
    cx.render(&Tag {
        p: &page,
        name: &name,
        address: &path,
        statuses,
        cursor,
        focused: false,
    })
}

/// `GET /about`: who runs this, by which rules, with what.
pub(crate) async fn about(cx: Context) -> Answer {
    let (page, instance) = (cx.page.clone(), &instance_view(&cx, cx.info().await?));
    cx.render(&About { p: &page, instance })
}

/// The rules of the house.
pub(super) fn rules(rules: Vec<Rule>) -> Vec<RuleView> {
    rules
        .into_iter()
        .map(|rule| RuleView {
            text: rule.text,
            hint: rule.hint,
        })
        .collect()
}

fn instance_view(cx: &Context, info: InstanceInfo) -> InstanceView {
    InstanceView {
        contact: info
            .contact_account
            .map(|account| account_card(&account, cx.urls())),
        description: info.description,
        rules: rules(info.rules),
        users: info.user_count,
        active_month: info.active_month,
        statuses: info.status_count,
        peers: info.domain_count,
        contact_email: info.contact_email,
        version: cx.instance().settings.version.to_owned(),
    }
}
