//! Statuses as shown on pages.

use std::fmt;

use chrono::{DateTime, Utc};

use super::{AccountCard, Emojis};

/// HTML that the sanitiser has passed; the only type that templates print without escaping.
///
/// Statuses and biographies are cleaned when they are written or arrive, so the constructor names that promise
/// instead of repeating the work on every page view.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SafeHtml(String);

impl SafeHtml {
    /// Wraps HTML that came out of the sanitiser.
    pub fn sanitised(html: impl Into<String>) -> Self {
        Self(html.into())
    }

    /// The HTML.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Nothing to show.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for SafeHtml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for SafeHtml {}

/// Who a status is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VisibilityView {
    /// Everyone.
    Public,
    /// Everyone, but not in public timelines.
    Unlisted,
    /// Followers.
    Private,
    /// The people mentioned.
    Direct,
}

impl VisibilityView {
    /// The locale key of its name.
    pub fn key(self) -> &'static str {
        match self {
            Self::Public => "visibility-public",
            Self::Unlisted => "visibility-unlisted",
            Self::Private => "visibility-private",
            Self::Direct => "visibility-direct",
        }
    }

    /// Everyone, in every timeline: the one case that needs no sign beside the time.
    pub fn is_public(self) -> bool {
        self == Self::Public
    }
}

/// How a media file is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaKind {
    /// A still or animated picture.
    Image,
    /// A silent looping film.
    Gifv,
    /// A film.
    Video,
    /// A sound.
    Audio,
    /// Something that can only be linked to.
    Other,
}

/// A media file of a status.
#[derive(Clone, Debug)]
pub struct MediaView {
    /// How to show it.
    pub kind: MediaKind,
    /// The file.
    pub url: String,
    /// Where readers open or play it: the file, or an address of ours that counts and leads there.
    pub open: String,
    /// A small picture of it, if there is one.
    pub preview: Option<String>,
    /// The author's description, plain text; empty if there is none.
    pub description: String,
    /// Width and height of the preview in pixels, if known.
    pub size: Option<(u32, u32)>,
    /// The point to keep when the picture is cropped: tenths from left and from top, each 0 to 10.
    pub focus: (u8, u8),
}

impl MediaView {
    /// Turns a focal point of the client API (x and y from -1 to 1, y upwards) into tenths from left and top.
    pub fn focus_from(x: f64, y: f64) -> (u8, u8) {
        let tenths = |v: f64| ((v.clamp(-1.0, 1.0) + 1.0) * 5.0).round() as u8;
        (tenths(x), tenths(-y))
    }

    /// What to show in the page: the preview, or the file itself.
    pub fn thumbnail(&self) -> &str {
        self.preview.as_deref().unwrap_or(&self.url)
    }
}

/// One answer of a poll.
#[derive(Clone, Debug)]
pub struct PollOption {
    /// The answer, plain text.
    pub title: String,
    /// Votes for it; `None` while the author hides them.
    pub votes: Option<i64>,
    /// Share of the voters in percent, 0 to 100.
    pub percent: u8,
    /// No other answer has more votes, and somebody voted.
    pub leading: bool,
}

/// A poll of a status.
#[derive(Clone, Debug)]
pub struct PollView {
    /// The answers in the author's order.
    pub options: Vec<PollOption>,
    /// People who voted (votes cast, where the home server does not tell people apart).
    pub voters: i64,
    /// The end, if there is one.
    pub expires_at: Option<DateTime<Utc>>,
    /// The end has passed.
    pub expired: bool,
}

impl PollView {
    /// Computes shares and leader from titles and counts; `voters` is the base of the shares.
    pub fn new(
        answers: Vec<(String, Option<i64>)>,
        voters: i64,
        expires_at: Option<DateTime<Utc>>,
        expired: bool,
    ) -> Self {
        let most = answers.iter().filter_map(|(_, votes)| *votes).max().unwrap_or(0);
        let options = answers
            .into_iter()
            .map(|(title, votes)| PollOption {
                title,
                votes,
                percent: share(votes.unwrap_or(0), voters),
                leading: most > 0 && votes == Some(most),
            })
            .collect();
        Self {
            options,
            voters,
            expires_at,
            expired,
        }
    }
}

/// Percent of `whole`, rounded, 0 to 100; 0 of nothing.
fn share(part: i64, whole: i64) -> u8 {
    if whole <= 0 {
        return 0;
    }
    ((part.max(0) as f64 / whole as f64 * 100.0).round() as u8).min(100)
}

/// An emoji that people put on a status.
#[derive(Clone, Debug)]
pub struct ReactionView {
    /// The emoji; of a custom one its name between colons.
    pub emoji: String,
    /// How many people.
    pub count: i64,
}

/// What the page behind the first link of a status says of itself; all texts are plain.
#[derive(Clone, Debug)]
pub struct LinkView {
    /// The page, or an address of ours that counts and leads there.
    pub url: String,
    /// The page, where `url` is another address.
    pub target: Option<String>,
    /// Its title.
    pub title: String,
    /// What it says of itself; may be empty.
    pub description: String,
    /// Name of the site, or its host.
    pub site: String,
    /// Language of these texts, a BCP 47 tag.
    pub language: Option<String>,
    /// Name of the author as the page has it; may be empty.
    pub author_name: String,
    /// The author, who has confirmed it.
    pub author: Option<AccountCard>,
    /// A picture, kept here, with width and height in pixels; none where it would have to be hidden.
    pub picture: Option<(String, u32, u32)>,
    /// What the picture shows; may be empty.
    pub picture_description: String,
}

/// A status as shown in a list or on its own page.
#[derive(Clone, Debug)]
pub struct StatusCard {
    /// Our id.
    pub id: String,
    /// The page for people: ours for local statuses, the home server's for remote ones.
    pub url: String,
    /// The author.
    pub account: AccountCard,
    /// Who passed it on, when this line of the list is a reblog.
    pub reblogged_by: Option<AccountCard>,
    /// The author answered, when this is a reply and the parent's author is known.
    pub reply_to: Option<String>,
    /// Published.
    pub created_at: DateTime<Utc>,
    /// Last changed.
    pub edited_at: Option<DateTime<Utc>>,
    /// The content warning, plain text; empty if there is none.
    pub warning: String,
    /// The text, sanitised.
    pub content: SafeHtml,
    /// Custom emoji in the text, the warning and the answers of the poll.
    pub emojis: Emojis,
    /// The language of the text, a BCP 47 tag.
    pub language: Option<String>,
    /// Media is hidden until asked for.
    pub sensitive: bool,
    /// Who it is for.
    pub visibility: VisibilityView,
    /// Up to four files.
    pub media: Vec<MediaView>,
    /// The poll.
    pub poll: Option<PollView>,
    /// Replies known here.
    pub replies: i64,
    /// Times passed on.
    pub reblogs: i64,
    /// Times marked as a favourite.
    pub favourites: i64,
    /// Emoji that people put on it.
    pub reactions: Vec<ReactionView>,
    /// The author pinned it to the top of the profile.
    pub pinned: bool,
    /// What its first link says of itself; none beside media or a quote.
    pub link: Option<LinkView>,
    /// What it quotes, with its author's consent; never with a quote of its own.
    pub quote: Option<Box<StatusCard>>,
}

impl StatusCard {
    /// The text with its custom emoji.
    pub fn content_html(&self) -> SafeHtml {
        self.emojis.html(&self.content)
    }

    /// The content warning with its custom emoji.
    pub fn warning_html(&self) -> SafeHtml {
        self.emojis.text(&self.warning)
    }

    /// Somebody answered, passed it on, marked it or put an emoji on it.
    pub fn has_counts(&self) -> bool {
        self.replies > 0 || self.reblogs > 0 || self.favourites > 0 || !self.reactions.is_empty()
    }

    /// The number of files.
    pub fn media_count(&self) -> i64 {
        self.media.len() as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn focal_points_turn_into_tenths() {
        let table = [
            ((0.0, 0.0), (5, 5)),
            ((-1.0, 1.0), (0, 0)),
            ((1.0, -1.0), (10, 10)),
            ((-0.42, 0.69), (3, 2)),
            ((9.0, f64::NAN), (10, 0)),
        ];
        for ((x, y), expected) in table {
            assert_eq!(MediaView::focus_from(x, y), expected, "{x} {y}");
        }
    }

    #[test]
    fn poll_shares_are_of_voters() {
        let answers = vec![("a".into(), Some(3)), ("b".into(), Some(1)), ("c".into(), None)];
        let poll = PollView::new(answers, 4, None, true);
        let shares: Vec<_> = poll.options.iter().map(|o| (o.percent, o.leading)).collect();
        assert_eq!(shares, [(75, true), (25, false), (0, false)]);
        let nobody = PollView::new(vec![("a".into(), Some(0))], 0, None, false);
        assert_eq!((nobody.options[0].percent, nobody.options[0].leading), (0, false));
    }
}
