//! From the operations' views to what templates read.

use pouet_model::account::{Account, Picture};
use pouet_model::status::{MediaAttachment, MediaType, Visibility};
use pouet_model::urls::Urls;
use pouet_service::cards::CardView;
use pouet_service::quotes::QuoteViewState;
use pouet_service::view::{PollView as ServicePoll, StatusView, TagView};

use crate::assets::{DEFAULT_AVATAR, DEFAULT_HEADER};
use crate::text::excerpt;
use crate::view::{
    AccountCard, Emojis, FieldView, LinkView, MediaKind, MediaView, PollView, ProfileView, ReactionView,
    SafeHtml, StatusCard, TagLink, VisibilityView,
};

/// Characters of descriptions for previews elsewhere.
const SUMMARY_CHARS: usize = 200;

/// An account in one line.
pub(crate) fn account_card(account: &Account, urls: &Urls) -> AccountCard {
    let url = if account.is_local() {
        format!("/@{}", account.username)
    } else {
        web_address(&urls.account_url(account))
    };
    let mut card = AccountCard::new(
        &account.acct(),
        urls.handle_domain(),
        account.name(),
        url,
        avatar(account, urls),
    );
    card.locked = account.locked;
    card.bot = account.actor_type.is_bot();
    card.emojis = Emojis::new(&account.emojis);
    card
}

/// A hashtag with its page.
pub(crate) fn tag_link(tag: &TagView, urls: &Urls) -> TagLink {
    let url = urls.tag(&tag.name);
    TagLink {
        url: url.strip_prefix(urls.base()).unwrap_or(&url).to_owned(),
        name: tag.display_name.clone(),
    }
}

/// A whole profile of a local account.
pub(crate) fn profile(account: &Account, urls: &Urls) -> ProfileView {
    let fields = account.fields.iter().map(|field| FieldView {
        name: field.name.clone(),
        value: SafeHtml::sanitised(field.value.clone()),
        verified_at: field.verified_at.map(pouet_model::time::from_millis),
    });
    ProfileView {
        account: account_card(account, urls),
        header: picture(account, account.header.as_ref(), "header", DEFAULT_HEADER, urls),
        note: SafeHtml::sanitised(account.note.clone()),
        fields: fields.collect(),
        statuses: account.statuses_count,
        following: account.following_count,
        followers: account.followers_count,
        created_at: account.created_at,
        actor_uri: urls.account_uri(account),
        indexable: account.indexable,
    }
}

/// The biography, or the handle where there is none, in one line.
pub(crate) fn profile_summary(profile: &ProfileView) -> String {
    let note = excerpt(profile.note.as_str(), SUMMARY_CHARS);
    if note.is_empty() {
        format!("@{}", profile.account.handle)
    } else {
        note
    }
}

/// A status in one line: its warning, or its text.
pub(crate) fn status_summary(status: &StatusCard) -> String {
    if status.warning.is_empty() {
        excerpt(status.content.as_str(), SUMMARY_CHARS)
    } else {
        status.warning.clone()
    }
}

/// A status; of a reblog, what it passes on with who did.
pub(crate) fn status_card(view: &StatusView, urls: &Urls) -> StatusCard {
    let (content, author) = (view.content(), &view.content().author);
    let status = &content.status;
    let quote = quoted(content, urls);
    let html = match quote {
        Some(_) => without_fallback(&status.content),
        None => status.content.clone(),
    };
    StatusCard {
        id: view.status.id.to_string(),
        url: if author.is_local() {
            format!("/@{}/{}", author.username, status.id)
        } else {
            web_address(&urls.status_url(status, author))
        },
        account: account_card(author, urls),
        reblogged_by: view.reblog.is_some().then(|| account_card(&view.author, urls)),
        reply_to: content.reply_author.as_ref().map(|parent| parent.acct()),
        created_at: status.created_at,
        edited_at: status.edited_at,
        warning: status.spoiler_text.clone(),
        content: SafeHtml::sanitised(html),
        emojis: Emojis::new(&status.emojis),
        language: status.language.clone(),
        sensitive: status.sensitive,
        visibility: visibility(status.visibility),
        media: content
            .media
            .iter()
            .filter_map(|file| media(file, urls))
            .collect(),
        poll: content.poll.as_ref().map(poll),
        replies: status.replies_count,
        reblogs: status.reblogs_count,
        favourites: status.favourites_count,
        reactions: reactions(content),
        pinned: false,
        link: content
            .card
            .as_ref()
            .filter(|_| content.media.is_empty() && quote.is_none())
            .map(|card| link(card, status.sensitive, urls)),
        quote,
    }
}

/// A link with what its page says of itself.
pub(crate) fn link(view: &CardView, sensitive: bool, urls: &Urls) -> LinkView {
    let card = &view.card;
    let picture = card.image.as_ref().filter(|_| !sensitive);
    LinkView {
        url: web_address(&view.url),
        target: None,
        title: card.title.clone(),
        description: card.description.clone(),
        site: if card.provider_name.is_empty() {
            pouet_model::domain::display(&card.page_host)
        } else {
            card.provider_name.clone()
        },
        language: card.language.clone(),
        author_name: card.author_name.clone(),
        author: view.author.as_ref().map(|account| account_card(account, urls)),
        picture: picture.map(|image| {
            let path = own_path(&urls.media(&image.file), urls);
            (path, image.size.width, image.size.height)
        }),
        picture_description: card.image_description.clone(),
    }
}

fn reactions(view: &StatusView) -> Vec<ReactionView> {
    let reactions = view.reactions.iter().map(|reaction| ReactionView {
        emoji: reaction.emoji.content(),
        count: reaction.count,
    });
    reactions.collect()
}

/// What a status quotes, if its author consents and the reader may see it.
fn quoted(view: &StatusView, urls: &Urls) -> Option<Box<StatusCard>> {
    let quote = view.quote.as_ref()?;
    let quoted = quote
        .quoted
        .as_ref()
        .filter(|_| quote.state == QuoteViewState::Accepted)?;
    let mut card = status_card(quoted, urls);
    card.quote = None;
    Some(Box::new(card))
}

/// Safe HTML without the paragraph that stands for a quote where quotes are not shown. Paragraphs do not nest, so that
/// what is left is whole.
fn without_fallback(html: &str) -> String {
    const START: &str = "<p class=\"quote-inline\">";
    const END: &str = "</p>";
    let parts = html.split_once(START).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(END)?;
        Some(format!("{before}{after}"))
    });
    parts.unwrap_or_else(|| html.to_owned())
}

fn visibility(visibility: Visibility) -> VisibilityView {
    match visibility {
        Visibility::Public => VisibilityView::Public,
        Visibility::Unlisted => VisibilityView::Unlisted,
        Visibility::Private | Visibility::Limited => VisibilityView::Private,
        Visibility::Direct => VisibilityView::Direct,
    }
}

fn poll(view: &ServicePoll) -> PollView {
    let poll = &view.poll;
    let hidden = poll.hide_totals && !view.expired;
    let answers = poll
        .options
        .iter()
        .map(|option| (option.title.clone(), (!hidden).then_some(option.votes_count)));
    let voters = poll.voters_count.unwrap_or_else(|| poll.votes_count());
    PollView::new(answers.collect(), voters, poll.expires_at, view.expired)
}

/// A file, or `None` if there is nothing to show or link to.
fn media(file: &MediaAttachment, urls: &Urls) -> Option<MediaView> {
    let proxy = |variant| format!("/media_proxy/{}/{variant}", file.id);
    let stored = |key: &Option<String>| key.as_deref().map(|key| own_path(&urls.media(key), urls));
    let is_remote = file.remote_url.is_some();
    let kind = match file.media_type {
        MediaType::Image => MediaKind::Image,
        MediaType::Gifv => MediaKind::Gifv,
        MediaType::Video => MediaKind::Video,
        MediaType::Audio => MediaKind::Audio,
        MediaType::Unknown => MediaKind::Other,
    };
    let url = match (stored(&file.file), &file.remote_url) {
        (Some(path), _) => path,
        (None, Some(remote)) if kind == MediaKind::Other => web_address(remote),
        (None, Some(_)) => proxy("original"),
        (None, None) => return None,
    };
    let has_preview = (is_remote && kind == MediaKind::Image) || file.preview_remote_url.is_some();
    let preview = stored(&file.thumbnail).or_else(|| has_preview.then(|| proxy("small")));
    let (x, y) = file.focus.unwrap_or((0.0, 0.0));
    Some(MediaView {
        kind,
        open: url.clone(),
        url,
        preview,
        description: file.description.clone().unwrap_or_default(),
        size: file
            .small_size
            .or(file.size)
            .map(|size| (size.width, size.height)),
        focus: MediaView::focus_from(x, y),
    })
}

fn avatar(account: &Account, urls: &Urls) -> String {
    picture(account, account.avatar.as_ref(), "avatar", DEFAULT_AVATAR, urls)
}

fn picture(account: &Account, picture: Option<&Picture>, kind: &str, default: &str, urls: &Urls) -> String {
    match picture.filter(|_| account.is_active()) {
        None => default.to_owned(),
        Some(Picture::Stored(key)) => own_path(&urls.media(key), urls),
        Some(Picture::Remote(_)) => format!("/media_proxy/accounts/{}/{kind}", account.id),
    }
}

/// An address of ours as a path, so that pages work by whatever name the instance is reached.
fn own_path(address: &str, urls: &Urls) -> String {
    address.strip_prefix(urls.base()).unwrap_or(address).to_owned()
}

/// An address of somebody else's page, or the front page if it is not one that a link may lead to.
fn web_address(address: &str) -> String {
    let safe = ["https://", "http://"]
        .iter()
        .any(|scheme| address.starts_with(scheme));
    if safe { address.to_owned() } else { "/".to_owned() }
}

#[cfg(test)]
#[expect(non_snake_case, reason = "security tests carry the number of their rule")]
mod tests {
    use super::*;

    #[test]
    fn sec_R048_links_lead_to_web_pages_only() {
        let table = [
            ("https://there.test/@bob", "https://there.test/@bob"),
            ("http://localhost:8082/@bob", "http://localhost:8082/@bob"),
            ("javascript:alert(1)", "/"),
            ("data:text/html,x", "/"),
            ("//there.test", "/"),
            ("", "/"),
        ];
        for (address, expected) in table {
            assert_eq!(web_address(address), expected);
        }
    }

    #[test]
    fn the_link_that_stands_for_a_quote_goes_where_the_quote_is_shown() {
        let link = "<p class=\"quote-inline\">RE: <a href=\"https://there.test/1\">there</a></p>";
        for (html, expected) in [
            (format!("{link}<p>so true</p>"), "<p>so true</p>"),
            (format!("<p>so true</p>{link}"), "<p>so true</p>"),
            (link.to_owned(), ""),
            ("<p>so true</p>".to_owned(), "<p>so true</p>"),
            (
                "<p class=\"quote-inline\">cut".to_owned(),
                "<p class=\"quote-inline\">cut",
            ),
        ] {
            assert_eq!(without_fallback(&html), expected);
        }
    }

    #[test]
    fn own_files_are_paths() {
        let urls = Urls::new(&"https://here.test".parse().expect("an address"), None);
        assert_eq!(own_path(&urls.media("a/b.png"), &urls), "/media/a/b.png");
    }
}
