//! The grammar of queries.
//!
//! Source: <https://docs.joinmastodon.org/user/network/#search>, and the operators of Mastodon's search box. Words
//! stand side by side and must all be there; `"..."` keeps them together; `-` before a word, a phrase or an
//! operator turns it round. What looks like an operator and is none is text.

use super::{
    dates,
    document::{Property, any_token, author_token, language_token, tag_token},
    expression::{Expression, Phrase},
    tokens::{self, Token},
};
use crate::{ids::AccountId, text::hashtag_name};

/// Terms of a query that count, and the words and phrases in them all together; the rest is not read. What a query
/// costs is its author's choice up to there: it is compared with everything that arrives.
pub const MAX_TERMS: usize = 32;
/// Bytes of a query that are read.
const MAX_BYTES: usize = 2048;
/// Tokens of a phrase.
const MAX_PHRASE: usize = 32;

/// Where a query looks (`in:`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Scope {
    /// Everything that may be found.
    #[default]
    All,
    /// What the viewer wrote or had to do with.
    Library,
    /// What its authors let everybody find.
    Public,
}

/// What comes first (`sort:`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Sort {
    /// What was written last.
    #[default]
    Newest,
    /// What fits best, see [`rank`](super::rank).
    Relevance,
}

/// An author named by `from:`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum AuthorName {
    /// Whoever looks.
    Me,
    /// A handle as it was typed, with or without `@` in front.
    Handle(String),
}

/// A query that has been read.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Query {
    all: Vec<Vec<Phrase>>,
    none: Vec<Vec<Phrase>>,
    languages: Vec<Phrase>,
    authors: Vec<AuthorName>,
    not_authors: Vec<AuthorName>,
    spans: Vec<(i64, i64)>,
    outside: Vec<(i64, i64)>,
    /// Where it looks.
    pub scope: Scope,
    /// What comes first.
    pub sort: Sort,
    has_operators: bool,
    terms: usize,
    /// Words and phrases so far.
    phrases: usize,
}

impl Query {
    /// Reads a query. Every text is one.
    pub fn parse(text: &str) -> Self {
        let mut query = Self::default();
        let mut rest = text[..text.floor_char_boundary(MAX_BYTES)].trim_start();
        while !rest.is_empty() && query.terms.max(query.phrases) < MAX_TERMS {
            let (is_negated, term) = match rest.strip_prefix('-') {
                Some(term) if !term.starts_with(char::is_whitespace) => (true, term),
                _ => (false, rest.strip_prefix('+').unwrap_or(rest)),
            };
            rest = query.term(term, is_negated).trim_start();
            query.terms += 1;
        }
        query
    }

    /// Reads one term, and returns what follows.
    fn term<'a>(&mut self, text: &'a str, is_negated: bool) -> &'a str {
        if let Some(quoted) = text.strip_prefix(is_quote) {
            let (inside, rest) = quoted.split_once(is_quote).unwrap_or((quoted, ""));
            self.words(inside, true, is_negated);
            return rest;
        }
        let end = text
            .find(|c: char| c.is_whitespace() || is_quote(c))
            .unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        let operator = word.split_once(':');
        if !operator.is_some_and(|(name, value)| self.operator(&name.to_lowercase(), value, is_negated)) {
            self.words(word, false, is_negated);
        }
        rest
    }

    /// Takes an operator; false if it is none.
    fn operator(&mut self, name: &str, value: &str, is_negated: bool) -> bool {
        let lower = value.to_lowercase();
        let taken = match name {
            "from" => self.author(value, is_negated),
            "has" | "is" => {
                // `has:images` is easily typed.
                let singular = lower.strip_suffix('s').unwrap_or(&lower);
                let property = Property::parse(&lower).or_else(|| Property::parse(singular));
                property.is_some_and(|property| {
                    self.add(vec![vec![property.token()]], is_negated);
                    true
                })
            }
            "lang" | "language" => {
                let is_code = !lower.is_empty()
                    && lower.len() <= 35
                    && lower
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
                if is_code && is_negated {
                    self.none.push(vec![vec![language_token(&lower)]]);
                } else if is_code {
                    self.languages.push(vec![language_token(&lower)]);
                }
                is_code
            }
            "before" | "after" | "during" => {
                dates::span(&value.to_uppercase()).is_some_and(|(first, end)| {
                    let span = match name {
                        "before" => (i64::MIN, first),
                        "after" => (end, i64::MAX),
                        _ => (first, end),
                    };
                    if is_negated {
                        self.outside.push(span);
                    } else {
                        self.spans.push(span);
                    }
                    true
                })
            }
            "in" if !is_negated => {
                let scope = match lower.as_str() {
                    "all" => Some(Scope::All),
                    "library" => Some(Scope::Library),
                    "public" => Some(Scope::Public),
                    _ => None,
                };
                self.scope = scope.unwrap_or(self.scope);
                scope.is_some()
            }
            "sort" if !is_negated => {
                let sort = match lower.as_str() {
                    "newest" => Some(Sort::Newest),
                    "relevance" => Some(Sort::Relevance),
                    _ => None,
                };
                self.sort = sort.unwrap_or(self.sort);
                sort.is_some()
            }
            _ => false,
        };
        self.has_operators |= taken;
        taken
    }

    fn author(&mut self, value: &str, is_negated: bool) -> bool {
        let handle = value.trim_start_matches('@');
        if handle.is_empty() {
            return false;
        }
        let name = if value.eq_ignore_ascii_case("me") {
            AuthorName::Me
        } else {
            AuthorName::Handle(handle.to_owned())
        };
        if is_negated {
            self.not_authors.push(name);
        } else {
            self.authors.push(name);
        }
        true
    }

    /// Takes text that is to be found, or not.
    fn words(&mut self, text: &str, is_quoted: bool, is_negated: bool) {
        let tag = text.strip_prefix(['#', '＃']).filter(|_| !is_quoted);
        let phrases = match tag.and_then(hashtag_name) {
            Some(name) => vec![vec![tag_token(&name)]],
            None => phrases(text, is_quoted),
        };
        // Signs alone are no condition.
        if !phrases.is_empty() {
            self.add(phrases, is_negated);
        }
    }

    /// All of the phrases have to be there; or, turned round, not all of them.
    fn add(&mut self, mut phrases: Vec<Phrase>, is_negated: bool) {
        phrases.truncate(MAX_TERMS.saturating_sub(self.phrases));
        self.phrases += phrases.len();
        if is_negated {
            self.none.push(phrases);
        } else {
            self.all.extend(phrases.into_iter().map(|phrase| vec![phrase]));
        }
    }

    /// Whether it asks for nothing at all.
    pub fn is_empty(&self) -> bool {
        let has_words = !self.all.is_empty() || !self.none.is_empty();
        !has_words && !self.has_operators
    }

    /// Whether it is more than words: nothing but statuses fits operators.
    pub fn has_operators(&self) -> bool {
        self.has_operators
    }

    /// The authors that it names, to be looked up for [`expression`](Self::expression).
    pub fn authors(&self) -> impl Iterator<Item = &AuthorName> {
        self.authors.iter().chain(&self.not_authors)
    }

    /// What the query asks of documents, with what `find` knows of the authors that it names. Of several authors
    /// and languages one has to fit; unknown authors wrote nothing.
    pub fn expression(&self, find: impl Fn(&AuthorName) -> Option<AccountId>) -> Expression {
        let phrase = |name| Some(vec![author_token(find(name)?)]);
        let (mut all, mut none) = (self.all.clone(), self.none.clone());
        if !self.authors.is_empty() {
            all.push(self.authors.iter().filter_map(phrase).collect());
        }
        none.extend(
            self.not_authors
                .iter()
                .filter_map(phrase)
                .map(|phrase| vec![phrase]),
        );
        if !self.languages.is_empty() {
            all.push(self.languages.clone());
        }
        if all.is_empty() {
            all.push(vec![vec![any_token()]]);
        }
        let starts = self.spans.iter().map(|(first, _)| *first);
        let ends = self.spans.iter().map(|(_, end)| *end);
        Expression {
            all,
            none,
            from: starts.max().unwrap_or(i64::MIN),
            until: ends.min().unwrap_or(i64::MAX),
            outside: self.outside.clone(),
        }
    }
}

impl Expression {
    /// The same, of one author alone.
    #[must_use]
    pub fn by(mut self, author: AccountId) -> Self {
        self.all.push(vec![vec![author_token(author)]]);
        self
    }
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '«' | '»')
}

/// The phrases of a text. Words of an unquoted text that signs hold together (`don't`) are a phrase; where the
/// script changes to one without spaces, a new one begins, because readers do not see a border there. A lone
/// character of such a script is looked for by itself: within a text it stands in pairs.
fn phrases(text: &str, is_quoted: bool) -> Vec<Phrase> {
    let mut found: Vec<Phrase> = Vec::new();
    let mut open: Phrase = Vec::new();
    let mut was_pair = false;
    for token in tokens::all(text) {
        let is_pair = matches!(token, Token::Pair(_));
        let is_lone = matches!(token, Token::Lone(_));
        if is_lone || (!is_quoted && is_pair != was_pair) || open.len() >= MAX_PHRASE {
            found.push(std::mem::take(&mut open));
        }
        was_pair = is_pair;
        open.push(token.into_text());
        if is_lone {
            found.push(std::mem::take(&mut open));
        }
    }
    found.push(open);
    found.retain(|phrase| !phrase.is_empty());
    found
}
