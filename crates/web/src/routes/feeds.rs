//! What profiles and hashtags publish, for feed readers: RSS, Atom and JSON Feed.
//!
//! Feeds read no cookie: they show what anybody may see.
//!
//! Source: <https://www.rssboard.org/rss-specification>; RFC 4287; <https://www.jsonfeed.org/version/1.1/>

use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{DateTime, SecondsFormat, Utc};
use pouet_model::html::escape;
use pouet_model::page::Page;
use pouet_model::status::MediaAttachment;
use pouet_model::text::hashtag_name;
use pouet_model::urls::Urls;
use pouet_service::timelines::{self, AccountFilter, TagFilter};
use pouet_service::view::StatusView;
use pouet_service::{Error, Instance, accounts, saved_searches, tag_rules};
use serde_json::{Map, Value, json};

use crate::assets::DEFAULT_THUMBNAIL;
use crate::context::Shared;
use crate::convert;
use crate::templates::{AtomFeed, FeedFile, FeedItem, FeedView, RssFeed};

/// Tells search engines what they may do.
const X_ROBOTS_TAG: HeaderName = HeaderName::from_static("x-robots-tag");
/// Statuses of a feed.
const ITEMS: i64 = 20;

/// How a feed is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Format {
    Rss,
    Atom,
    Json,
}

impl Format {
    fn content_type(self) -> &'static str {
        match self {
            Self::Rss => "application/rss+xml; charset=utf-8",
            Self::Atom => "application/atom+xml; charset=utf-8",
            Self::Json => "application/feed+json; charset=utf-8",
        }
    }

    fn suffix(self) -> &'static str {
        match self {
            Self::Rss => "rss",
            Self::Atom => "atom",
            Self::Json => "feed.json",
        }
    }

    fn of(suffix: &str) -> Option<Self> {
        [Self::Rss, Self::Atom, Self::Json]
            .into_iter()
            .find(|format| format.suffix() == suffix)
    }
}

/// Registers the addresses; before those of pages, which they look like.
pub(super) fn configure(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(r"/@{name:\w+}.{format:rss|atom|feed\.json}").get(profile))
        .service(web::resource(r"/tags/{name:[^/.]+}.{format:rss|atom|feed\.json}").get(tag))
        .service(
            web::resource(r"/feeds/searches/{token:[^/.]+}.{format:rss|atom|feed\.json}").get(saved_search),
        );
}

/// `GET /@user.rss`: what an account has posted for everybody, without answers to others and boosts.
async fn profile(shared: web::Data<Shared>, path: web::Path<(String, String)>) -> HttpResponse {
    let (name, suffix) = path.into_inner();
    match Format::of(&suffix) {
        Some(format) => answer(format, profile_feed(&shared.instance, &name, format).await),
        None => refuse(&Error::NotFound),
    }
}

async fn profile_feed(instance: &Instance, name: &str, format: Format) -> Result<FeedView, Error> {
    let account = accounts::find_local(instance, name)
        .await?
        .ok_or(Error::NotFound)?;
    if !account.is_active() {
        return Err(Error::Gone);
    }
    let filter = AccountFilter {
        exclude_replies: true,
        exclude_reblogs: true,
        ..AccountFilter::default()
    };
    let views = timelines::account(instance, None, account.id, filter, Page::first(ITEMS)).await?;
    let urls = instance.urls();
    let profile = convert::profile(&account, urls);
    let page = urls.account_url(&account);
    Ok(FeedView {
        title: xml_text(&format!("{} (@{})", profile.account.name, profile.account.handle)),
        description: xml_text(&convert::profile_summary(&profile)),
        address: format!("{page}.{}", format.suffix()),
        picture: absolute(urls, &profile.account.avatar),
        page,
        ..frame(instance, &views)
    })
}

/// `GET /tags/NAME.rss`: public statuses with a hashtag.
async fn tag(shared: web::Data<Shared>, path: web::Path<(String, String)>) -> HttpResponse {
    let (name, suffix) = path.into_inner();
    match Format::of(&suffix) {
        Some(format) => answer(format, tag_feed(&shared.instance, &name, format).await),
        None => refuse(&Error::NotFound),
    }
}

async fn tag_feed(instance: &Instance, name: &str, format: Format) -> Result<FeedView, Error> {
    let name = hashtag_name(name).ok_or(Error::NotFound)?;
    if !tag_rules::has_page(instance, &name).await? {
        return Err(Error::NotFound);
    }
    let filter = TagFilter {
        name: name.clone(),
        ..TagFilter::default()
    };
    let views = timelines::tag(instance, None, filter, Page::first(ITEMS)).await?;
    let page = instance.urls().tag(&name);
    Ok(FeedView {
        title: format!("#{name}"),
        description: format!("#{name} – {}", instance.urls().handle_domain()),
        address: format!("{page}.{}", format.suffix()),
        page,
        ..frame(instance, &views)
    })
}

/// `GET /feeds/searches/TOKEN.atom`: what fits a saved search. The secret in the address stands for a sign-in.
async fn saved_search(shared: web::Data<Shared>, path: web::Path<(String, String)>) -> HttpResponse {
    let (token, suffix) = path.into_inner();
    let Some(format) = Format::of(&suffix) else {
        return refuse(&Error::NotFound);
    };
    let mut response = answer(format, search_feed(&shared.instance, &token, format).await);
    if response.status().is_success() {
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, max-age=60"));
        headers.insert(X_ROBOTS_TAG, HeaderValue::from_static("noindex"));
    }
    response
}

async fn search_feed(instance: &Instance, token: &str, format: Format) -> Result<FeedView, Error> {
    let feed = saved_searches::feed(instance, token).await?;
    let urls = instance.urls();
    let mut frame = frame(instance, &feed.statuses);
    for (item, view) in frame.items.iter_mut().zip(&feed.statuses) {
        // A reader of news shows it to everybody who looks over a shoulder: only the warning is in it.
        if !view.status.spoiler_text.is_empty() {
            item.html = xml_text(&escape(&view.status.spoiler_text));
            item.files.clear();
        }
    }
    Ok(FeedView {
        title: xml_text(&format!("{} – {}", feed.name, urls.handle_domain())),
        address: urls.path(&format!("/feeds/searches/{token}.{}", format.suffix())),
        page: urls.path("/search"),
        ..frame
    })
}

/// A feed of these statuses, still without a name.
fn frame(instance: &Instance, views: &[StatusView]) -> FeedView {
    let urls = instance.urls();
    let items: Vec<FeedItem> = views.iter().map(|view| item(view, urls)).collect();
    let newest = items.iter().map(|item| item.updated.clone()).max();
    FeedView {
        title: String::new(),
        description: String::new(),
        page: String::new(),
        address: String::new(),
        picture: absolute(urls, DEFAULT_THUMBNAIL),
        updated: newest.unwrap_or_else(|| rfc3339(instance.now())),
        generator: format!("Pouet {}", instance.settings.version),
        items,
    }
}

fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn absolute(urls: &Urls, path: &str) -> String {
    if path.starts_with('/') {
        urls.path(path)
    } else {
        path.to_owned()
    }
}

fn item(view: &StatusView, urls: &Urls) -> FeedItem {
    let status = &view.status;
    let card = convert::status_card(view, urls);
    let warning = if status.spoiler_text.is_empty() {
        String::new()
    } else {
        format!("<p><strong>{}</strong></p><hr>", escape(&status.spoiler_text))
    };
    FeedItem {
        url: urls.status_url(status, &view.author),
        id: urls.status_uri(status),
        title: xml_text(&convert::status_summary(&card)),
        html: xml_text(&format!("{warning}{}", status.content)),
        published: rfc3339(status.created_at),
        updated: rfc3339(status.edited_at.unwrap_or(status.created_at)),
        date: status.created_at.to_rfc2822(),
        language: status.language.clone(),
        author: xml_text(&card.account.name),
        author_url: urls.account_url(&view.author),
        tags: view.tags.iter().map(|tag| xml_text(&tag.display_name)).collect(),
        files: view.media.iter().filter_map(|media| file(media, urls)).collect(),
    }
}

fn file(media: &MediaAttachment, urls: &Urls) -> Option<FeedFile> {
    let url = match (&media.file, &media.remote_url) {
        (Some(key), _) => urls.media(key),
        (None, Some(_)) => urls.path(&format!("/media_proxy/{}/original", media.id)),
        (None, None) => return None,
    };
    Some(FeedFile {
        url,
        content_type: media.content_type.clone(),
        description: xml_text(media.description.as_deref().unwrap_or_default()),
    })
}

/// A text without the characters that XML cannot hold, however they are written.
fn xml_text(text: &str) -> String {
    let fits = |c: &char| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{FFFD}' | '\u{10000}'..);
    text.chars().filter(fits).collect()
}

fn answer(format: Format, feed: Result<FeedView, Error>) -> HttpResponse {
    let feed = match feed {
        Ok(feed) => feed,
        Err(error) => return refuse(&error),
    };
    let body = match format {
        Format::Rss => RssFeed { feed: &feed }.render(),
        Format::Atom => AtomFeed { feed: &feed }.render(),
        Format::Json => Ok(json_feed(&feed).to_string()),
    };
    match body {
        Ok(body) => HttpResponse::Ok()
            .content_type(format.content_type())
            .insert_header((CACHE_CONTROL, "max-age=180, public"))
            .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
            .body(body),
        Err(error) => refuse(&Error::internal(error)),
    }
}

fn refuse(error: &Error) -> HttpResponse {
    let status = match error {
        Error::NotFound => StatusCode::NOT_FOUND,
        Error::Gone => StatusCode::GONE,
        error => {
            tracing::error!(%error, "a feed could not be made");
            StatusCode::SERVICE_UNAVAILABLE
        }
    };
    HttpResponse::build(status)
        .content_type("text/plain; charset=utf-8")
        .insert_header((CACHE_CONTROL, "no-store"))
        .body("there is no such feed")
}

fn json_feed(feed: &FeedView) -> Value {
    let items: Vec<Value> = feed.items.iter().map(json_item).collect();
    json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.page,
        "feed_url": feed.address,
        "description": feed.description,
        "icon": feed.picture,
        "items": items,
    })
}

fn json_item(item: &FeedItem) -> Value {
    let mut object = Map::new();
    let mut set = |name: &str, value: Value| object.insert(name.to_owned(), value);
    set("id", json!(item.id));
    set("url", json!(item.url));
    set("content_html", json!(item.html));
    set("date_published", json!(item.published));
    set("date_modified", json!(item.updated));
    set(
        "authors",
        json!([{ "name": item.author, "url": item.author_url }]),
    );
    if let Some(language) = &item.language {
        set("language", json!(language));
    }
    if !item.tags.is_empty() {
        set("tags", json!(item.tags));
    }
    if !item.files.is_empty() {
        let files = item.files.iter().map(|file| {
            let mut entry = json!({ "url": file.url, "mime_type": file.content_type });
            if !file.description.is_empty() {
                entry["title"] = json!(file.description);
            }
            entry
        });
        set("attachments", files.collect());
    }
    Value::Object(object)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_xml_cannot_hold_are_left_out() {
        assert_eq!(xml_text("a\u{0}b\u{b}c\nd\u{fffe}\u{1f389}"), "abc\nd🎉");
    }

    #[test]
    fn feeds_are_named_by_their_ending() {
        for format in [Format::Rss, Format::Atom, Format::Json] {
            assert_eq!(Format::of(format.suffix()), Some(format));
        }
        assert_eq!(Format::of("xml"), None);
    }
}
