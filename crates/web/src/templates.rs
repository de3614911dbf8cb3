//! One struct for each page: the template's file and everything it reads.

use askama::Template;

use crate::view::{
    AccountCard, AccountNumbers, CollectionView, ConnectedApp, ConsentView, Cursor, FormErrors, InstanceView,
    MediaKind, Page, ProfileView, RuleView, SetupForm, SignUp, SignUpForm, SpanLink, StatusCard,
    StatusNumbers, TagLink, TrendingLink, TrendingStatus, TrendingTag, Turns, VisibilityView,
};

/// `GET /` for visitors.
#[derive(Template)]
#[template(path = "landing.html")]
pub struct Landing<'a> {
    /// The page's context.
    pub p: &'a Page,
    /// The instance about itself.
    pub instance: &'a InstanceView,
    /// The instance's picture.
    pub thumbnail: &'a str,
    /// The local timeline, newest first.
    pub statuses: &'a [StatusCard],
    /// Where it goes on.
    pub cursor: &'a Cursor,
    /// Always false: no status of a list is the page's subject.
    pub focused: bool,
}

/// `GET /` for members.
#[derive(Template)]
#[template(path = "home.html")]
pub struct Home<'a> {
    /// The page's context.
    pub p: &'a Page,
    /// Apps to suggest.
    pub apps: &'a [SuggestedApp],
    /// There is a page about one's own numbers.
    pub analytics: bool,
    /// Alerts that nobody is done with, told to those who look after the instance; 0 for all others.
    pub alerts: i64,
    /// The local timeline, newest first.
    pub statuses: &'a [StatusCard],
    /// Where it goes on.
    pub cursor: &'a Cursor,
    /// Always false.
    pub focused: bool,
}

/// An app that works with this server.
pub struct SuggestedApp {
    /// Its name.
    pub name: &'static str,
    /// Its website.
    pub url: &'static str,
    /// The locale key of where it runs.
    pub platforms: &'static str,
}

/// Apps for every kind of device, free software first.
pub const SUGGESTED_APPS: [SuggestedApp; 6] = [
    SuggestedApp {
        name: "Tusky",
        url: "https://tusky.app",
        platforms: "platform-android",
    },
    SuggestedApp {
        name: "Ice Cubes",
        url: "https://github.com/Dimillian/IceCubesApp",
        platforms: "platform-apple",
    },
    SuggestedApp {
        name: "Mastodon",
        url: "https://joinmastodon.org/apps",
        platforms: "platform-phones",
    },
    SuggestedApp {
        name: "Phanpy",
        url: "https://phanpy.social",
        platforms: "platform-web",
    },
    SuggestedApp {
        name: "Elk",
        url: "https://elk.zone",
        platforms: "platform-web",
    },
    SuggestedApp {
        name: "Tuba",
        url: "https://tuba.geopjr.dev",
        platforms: "platform-desktop",
    },
];

/// `GET /public/local`.
#[derive(Template)]
#[template(path = "local.html")]
pub struct Local<'a> {
    /// The page's context.
    pub p: &'a Page,
    /// Newest first.
    pub statuses: &'a [StatusCard],
    /// Where it goes on.
    pub cursor: &'a Cursor,
    /// Always false.
    pub focused: bool,
}

/// `GET /explore`.
#[derive(Template)]
#[template(path = "explore.html")]
pub struct Explore<'a> {
    /// The page's context.
    pub p: &'a Page,
    /// What is shown is taken up by people whom the reader follows, not by everybody.
    pub among: bool,
    /// Best first.
    pub tags: &'a [TrendingTag],
    /// Best first.
    pub statuses: &'a [TrendingStatus],
    /// Best first.
    pub links: &'a [TrendingLink],
    /// Always false.
    pub focused: bool,
}

/// `GET /directory`.
#[derive(Template)]
#[template(path = "directory.html")]
pub struct Directory<'a> {
    /// The page's context.
    pub p: &'a Page,
    /// Who came last leads, not who posted last.
    pub newest: bool,
    /// In that order.
    pub people: &'a [AccountCard],
    /// The address of the first page, when this is not it.
    pub first: Option<&'a str>,
    /// The address of the next page, if there is more.
    pub next: Option<&'a str>,
}

/// `GET /tags/NAME`.
#[derive(Template)]
#[template(path = "tag.html")]
pub struct Tag<'a> {
    /// The page's context.
    pub p: &'a Page,
    /// The hashtag without its sign.
    pub name: &'a str,
    /// Newest first.
    pub statuses: &'a [StatusCard],
    /// Where it goes on.
    pub cursor: &'a Cursor,
    /// Always false.
    pub focused: bool,
    /// Its own address.
    pub address: &'a str,
}

/// `GET /collections/ID`.
#[derive(Template)]
#[template(path = "collection.html")]
pub struct Collection<'a> {
    /// The page's context.
    pub p: &'a Page,
    /// The collection.
    pub collection: &'a CollectionView,
}

/// `GET /search`.
#[derive(Template)]
#[template(path = "search.html")]
pub struct Search<'a> {
    /// The page's context.
    pub p: &'a Page,
    /// What is looked for; empty at first.
    pub query: &'a str,
    /// Accounts, the likeliest first.
    pub people: &'a [AccountCard],
    /// Hashtags.
    pub tags: &'a [TagLink],
    /// The address of the same search, newest first.
    pub by_newest: &'a str,
    /// The address of the same search, best first.
    pub by_relevance: &'a str,
    /// Best first.
    pub is_by_relevance: bool,
    /// Newest first, or best first.
    pub statuses: &'a [StatusCard],
    /// Where they go on, newest first.
    pub cursor: &'a Cursor,
    /// Where they go on, best first.
    pub turns: &'a Turns,
    /// Always false.
    pub focused: bool,
}

/// `GET /@user`.
#[derive(Template)]
#[template(path = "profile.html")]
pub struct Profile<'a> {
    /// The page's context.
    pub p: &'a Page,
    /// The account.
    pub profile: &'a ProfileView,
    /// The biography in one line, for previews elsewhere.
    pub summary: &'a str,
    /// Newest first; on the first page pinned ones come before.
    pub statuses: &'a [StatusCard],
    /// Where it goes on.
    pub cursor: &'a Cursor,
    /// Always false.
    pub focused: bool,
}

/// `GET /@user/ID`.
#[derive(Template)]
#[template(path = "status.html")]
pub struct StatusPage<'a> {
    /// The page's context.
    pub p: &'a Page,
    /// The status.
    pub main: &'a StatusCard,
    /// What it answers, oldest first.
    pub ancestors: &'a [StatusCard],
    /// Its answers, in reading order.
    pub replies: &'a [StatusCard],
    /// The number of `replies`.
    pub reply_count: &'a i64,
    /// What became of it, for its author alone.
    pub numbers: Option<&'a StatusNumbers>,
    /// The `ActivityPub` id.
    pub object_uri: &'a str,
    /// The text in one line, for previews elsewhere.
    pub summary: &'a str,
    /// The picture for previews elsewhere.
    pub picture: &'a str,
    /// The author lets search engines in.
    pub indexable: bool,
    /// Where other sites learn how to show it; not of what is not public.
    pub oembed: Option<String>,
}

/// `GET /@user/ID/embed`.
#[derive(Template)]
#[template(path = "embed.html")]
pub struct Embed<'a> {
    /// The page's context, without a visitor.
    pub p: &'a Page,
    /// The status.
    pub main: &'a StatusCard,
}

/// `GET /@user/ID/embed` of what is not there.
#[derive(Template)]
#[template(path = "embed_gone.html")]
pub struct EmbedGone<'a> {
    /// The page's context, without a visitor.
    pub p: &'a Page,
    /// Locale key of what to say.
    pub title: &'static str,
}

/// What a feed has of a status.
pub struct FeedItem {
    /// Its page.
    pub url: String,
    /// Its lasting id.
    pub id: String,
    /// It in one line.
    pub title: String,
    /// Its HTML, with the content warning.
    pub html: String,
    /// When it was published: RFC 3339.
    pub published: String,
    /// When it was last changed: RFC 3339.
    pub updated: String,
    /// When it was published, as RSS writes it.
    pub date: String,
    /// ISO 639 code.
    pub language: Option<String>,
    /// Its author, as a name.
    pub author: String,
    /// The author's page.
    pub author_url: String,
    /// Its hashtags.
    pub tags: Vec<String>,
    /// Its files.
    pub files: Vec<FeedFile>,
}

/// A file of a status.
pub struct FeedFile {
    /// Where it is.
    pub url: String,
    /// MIME type.
    pub content_type: String,
    /// Alternative text; may be empty.
    pub description: String,
}

/// `GET /@user.rss`, `/tags/NAME.rss`.
#[derive(Template)]
#[template(path = "feed.rss.xml")]
pub struct RssFeed<'a> {
    /// What the feed is.
    pub feed: &'a FeedView,
}

/// `GET /@user.atom`, `/tags/NAME.atom`.
#[derive(Template)]
#[template(path = "feed.atom.xml")]
pub struct AtomFeed<'a> {
    /// What the feed is.
    pub feed: &'a FeedView,
}

/// What is published, as a feed.
pub struct FeedView {
    /// Its name.
    pub title: String,
    /// What it is; may be empty.
    pub description: String,
    /// The page that shows the same.
    pub page: String,
    /// Its own address.
    pub address: String,
    /// A picture for it.
    pub picture: String,
    /// When its newest item was last changed: RFC 3339.
    pub updated: String,
    /// Name of the program.
    pub generator: String,
    /// The newest first.
    pub items: Vec<FeedItem>,
}

/// `GET /about`.
#[derive(Template)]
#[template(path = "about.html")]
pub struct About<'a> {
    /// The page's context.
    pub p: &'a Page,
    /// The instance about itself.
    pub instance: &'a InstanceView,
}

/// `GET /auth/sign_in`.
#[derive(Template)]
#[template(path = "sign_in.html")]
pub struct SignIn<'a> {
    /// The page's context.
    pub p: &'a Page,
    /// What was typed as a name last time.
    pub login: &'a str,
    /// A path on this instance to go to afterwards.
    pub return_to: &'a str,
    /// The app that waits for it, if any.
    pub app: Option<&'a String>,
    /// What was wrong last time.
    pub errors: &'a FormErrors,
}

/// `GET /auth/sign_up`.
#[derive(Template)]
#[template(path = "sign_up.html")]
pub struct SignUpPage<'a> {
    /// The page's context.
    pub p: &'a Page,
    /// What was typed last time.
    pub form: &'a SignUpForm,
    /// The rules to accept.
    pub rules: &'a [RuleView],
    /// What was wrong last time.
    pub errors: &'a FormErrors,
}

/// `GET /setup/TOKEN`.
#[derive(Template)]
#[template(path = "setup.html")]
pub struct Setup<'a> {
    /// The page's context.
    pub p: &'a Page,
    /// Where the form goes.
    pub action: &'a str,
    /// What was typed last time.
    pub form: &'a SetupForm,
    /// What was wrong last time.
    pub errors: &'a FormErrors,
}

/// `GET /oauth/authorize`.
#[derive(Template)]
#[template(path = "consent.html")]
pub struct Consent<'a> {
    /// The page's context.
    pub p: &'a Page,
    /// The request.
    pub consent: &'a ConsentView,
}

/// `GET /oauth/authorize/native`.
#[derive(Template)]
#[template(path = "native_code.html")]
pub struct NativeCode<'a> {
    /// The page's context.
    pub p: &'a Page,
    /// The authorization code.
    pub code: &'a str,
}

/// `GET /oauth/authorized_applications`.
#[derive(Template)]
#[template(path = "applications.html")]
pub struct Applications<'a> {
    /// The page's context.
    pub p: &'a Page,
    /// Newest first.
    pub apps: &'a [ConnectedApp],
}

/// `GET /settings/analytics`.
#[derive(Template)]
#[template(path = "analytics.html")]
pub struct AnalyticsPage<'a> {
    /// The page's context.
    pub p: &'a Page,
    /// The spans to choose from.
    pub spans: &'a [SpanLink],
    /// The address of the same numbers as a file.
    pub file: &'a str,
    /// What became of one's statuses.
    pub numbers: &'a AccountNumbers,
    /// Followed links are counted.
    pub counts_links: bool,
    /// A choice was just saved.
    pub saved: bool,
}

/// A page that says one thing.
#[derive(Template)]
#[template(path = "message.html")]
pub struct Message<'a> {
    /// The page's context.
    pub p: &'a Page,
    /// The locale key of the title.
    pub title: &'a str,
    /// The locale key of the text.
    pub text: &'a str,
}

/// A page for something that did not work.
#[derive(Template)]
#[template(path = "error.html")]
pub struct ErrorPage<'a> {
    /// The page's context.
    pub p: &'a Page,
    /// The HTTP status code.
    pub code: u16,
    /// The locale key of the title.
    pub title: &'a str,
    /// The locale key of the text.
    pub text: &'a str,
}
