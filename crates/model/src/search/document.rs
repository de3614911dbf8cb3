//! What the index keeps of a status.

use std::{collections::HashMap, ops::ControlFlow};

use super::{
    fold::fold,
    tokens::{self, Token},
};
use crate::ids::AccountId;

/// Stands between the parts of a document: no phrase goes across.
pub const GAP: &str = "·";
/// Most tokens of a document; more text is not looked through.
pub const MAX_DOCUMENT_TOKENS: usize = 2500;
/// Tokens of the text. The rest is for what the program says of the status.
const MAX_TEXT_TOKENS: usize = 2000;
/// How often one token counts. PostgreSQL keeps 255 places of a word, and both databases shall keep the same.
const MAX_REPEATS: u32 = 200;
/// Single characters of scripts without spaces.
const MAX_CHARACTERS: usize = 300;
/// Hashtags.
const MAX_TAGS: usize = 100;

/// Whether a token is of a text, and none that the program added.
pub fn is_word(token: &str) -> bool {
    !token.starts_with(['＝', '＠', '＃']) && token != GAP
}

/// Every document has it, so that a query may have conditions alone.
const ANY: &str = "＝any";

/// A property that `has:` and `is:` ask for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Property {
    /// An attachment.
    Media,
    /// A picture.
    Image,
    /// A video, looping ones too.
    Video,
    /// A sound.
    Audio,
    /// A poll.
    Poll,
    /// A link to a page.
    Link,
    /// A link to a page that brings a player for a video or a sound.
    Embed,
    /// It quotes another one.
    Quote,
    /// It answers something.
    Reply,
    /// Its media are hidden, or its text behind a warning.
    Sensitive,
    /// It was written here.
    Local,
    /// It was edited.
    Edited,
}

impl Property {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Media,
        Self::Image,
        Self::Video,
        Self::Audio,
        Self::Poll,
        Self::Link,
        Self::Embed,
        Self::Quote,
        Self::Reply,
        Self::Sensitive,
        Self::Local,
        Self::Edited,
    ];

    /// Its name in a query.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Media => "media",
            Self::Image => "image",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Poll => "poll",
            Self::Link => "link",
            Self::Embed => "embed",
            Self::Quote => "quote",
            Self::Reply => "reply",
            Self::Sensitive => "sensitive",
            Self::Local => "local",
            Self::Edited => "edited",
        }
    }

    /// Reads a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|property| property.as_str() == name)
    }

    pub(super) fn token(self) -> String {
        format!("＝{}", self.as_str())
    }
}

/// The token for everything that an author wrote.
pub(super) fn author_token(id: AccountId) -> String {
    format!("＠{id}")
}

/// The token for a language and its dialects (`pt` for `pt-BR`), or for one dialect.
pub(super) fn language_token(code: &str) -> String {
    format!("＝lang＝{}", word_like(code))
}

/// The token for a hashtag, by its folded name.
pub(super) fn tag_token(name: &str) -> String {
    format!("＃{}", word_like(name))
}

pub(super) fn any_token() -> String {
    ANY.to_owned()
}

/// A text as part of a token: signs of ASCII, which databases read as something else, are one sign that is none.
fn word_like(text: &str) -> String {
    let fits = |c: char| !c.is_ascii() || c.is_ascii_alphanumeric();
    fold(text)
        .chars()
        .take(255)
        .map(|c| if fits(c) && !c.is_whitespace() { c } else { '＿' })
        .collect()
}

/// What a document is made from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Source {
    /// Who wrote it.
    pub author: AccountId,
    /// Plain texts: content warning, content, options of the poll, descriptions of attachments. Empty ones do not
    /// matter.
    pub texts: Vec<String>,
    /// Folded names of its hashtags.
    pub tags: Vec<String>,
    /// ISO 639 code, with or without a region.
    pub language: Option<String>,
    /// What else is true of it.
    pub properties: Vec<Property>,
}

/// A status as a list of tokens: its text in order, then the characters that stand in it, then what is known about
/// it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Document {
    author: AccountId,
    tokens: Vec<String>,
    /// Places of tokens, in the order of the tokens and then of the places.
    sorted: Vec<u32>,
}

impl Document {
    /// Takes a status apart.
    pub fn new(source: &Source) -> Self {
        let mut builder = Builder::default();
        for text in &source.texts {
            tokens::read(text, |token| builder.text_token(token));
            builder.gap();
        }
        // The characters of pairs by themselves, so that one alone can be looked for.
        for c in std::mem::take(&mut builder.characters) {
            builder.push(c.to_string());
        }
        builder.gap();
        for tag in source.tags.iter().take(MAX_TAGS) {
            builder.push(tag_token(tag));
        }
        builder.push(author_token(source.author));
        for code in source.language.iter().flat_map(|code| language_and_dialect(code)) {
            builder.push(language_token(code));
        }
        for property in &source.properties {
            builder.push(property.token());
        }
        builder.push(any_token());
        debug_assert!(builder.tokens.len() <= MAX_DOCUMENT_TOKENS + source.texts.len());
        let tokens = builder.tokens;
        let mut sorted: Vec<u32> = (0..).take(tokens.len()).collect();
        sorted.sort_by_key(|place| &tokens[*place as usize]);
        Self {
            author: source.author,
            tokens,
            sorted,
        }
    }

    /// Who wrote it.
    pub fn author(&self) -> AccountId {
        self.author
    }

    /// The tokens, in order; a phrase is a run of neighbours.
    pub fn tokens(&self) -> &[String] {
        &self.tokens
    }

    /// Where a token stands.
    pub(super) fn places<'a>(&'a self, token: &'a str) -> impl Iterator<Item = usize> + 'a {
        let tokens: &'a [String] = &self.tokens;
        let at = move |place: &u32| tokens[*place as usize].as_str();
        let first = self.sorted.partition_point(|place| at(place) < token);
        self.sorted[first..]
            .iter()
            .take_while(move |place| at(place) == token)
            .map(|place| *place as usize)
    }

    /// Where a phrase begins; nowhere if it is empty.
    pub(super) fn places_of<'a>(&'a self, phrase: &'a [String]) -> impl Iterator<Item = usize> + 'a {
        let split = phrase.split_first().into_iter();
        split.flat_map(move |(first, rest)| {
            self.places(first)
                .filter(move |place| self.tokens[place + 1..].starts_with(rest))
        })
    }

    /// The tokens with a space between.
    pub fn text(&self) -> String {
        self.tokens.join(" ")
    }
}

/// `pt-BR`: itself and `pt`.
fn language_and_dialect(code: &str) -> impl Iterator<Item = &str> {
    let primary = code.split(['-', '_']).next().filter(|primary| *primary != code);
    std::iter::once(code).chain(primary)
}

#[derive(Default)]
struct Builder {
    tokens: Vec<String>,
    seen: HashMap<String, u32>,
    characters: Vec<char>,
}

impl Builder {
    fn text_token(&mut self, token: Token) -> ControlFlow<()> {
        if self.tokens.len() >= MAX_TEXT_TOKENS {
            return ControlFlow::Break(());
        }
        if let Token::Pair(pair) = &token {
            for c in pair.chars() {
                if self.characters.len() < MAX_CHARACTERS && !self.characters.contains(&c) {
                    self.characters.push(c);
                }
            }
        }
        self.push(token.into_text());
        ControlFlow::Continue(())
    }

    fn push(&mut self, token: String) {
        let seen = self.seen.entry(token.clone()).or_default();
        *seen += 1;
        if *seen <= MAX_REPEATS {
            self.tokens.push(token);
        }
    }

    fn gap(&mut self) {
        if self.tokens.last().is_some_and(|last| last != GAP) {
            self.push(GAP.to_owned());
        }
    }
}
