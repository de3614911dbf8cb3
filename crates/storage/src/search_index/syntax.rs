//! Documents and expressions as either database writes them.

use std::{
    collections::{BTreeSet, HashMap},
    fmt::Write as _,
};

use pouet_model::search::{Document, Expression, Phrase, is_word};

/// Characters of a word that may be among the most common ones: words that are often said are short (Zipf).
const MAX_SHORT: usize = 4;

/// The literal of a `tsvector`: every token with its places.
///
/// Source: <https://www.postgresql.org/docs/current/datatype-textsearch.html>
pub(super) fn vector(document: &Document) -> String {
    let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
    for (place, token) in (1..).zip(document.tokens()) {
        places.entry(token).or_default().push(place);
    }
    let mut text = String::new();
    for (token, places) in places {
        let places: Vec<String> = places.iter().map(ToString::to_string).collect();
        // Writing to a string does not fail.
        let _ = write!(text, "'{token}':{} ", places.join(","));
    }
    for sign in neighbours(document.tokens()) {
        let _ = write!(text, "'{sign}' ");
    }
    text
}

/// A sign for each two short words that stand side by side: three capital letters, which no token has. Different words may
/// share a sign; the phrase itself is looked for as well.
pub(super) fn neighbours(tokens: &[String]) -> BTreeSet<String> {
    let is_short = |token: &str| is_word(token) && token.chars().nth(MAX_SHORT).is_none();
    tokens
        .windows(2)
        .filter(|pair| pair.iter().all(|token| is_short(token)))
        .map(|pair| {
            let bytes = pair[0].bytes().chain([b' ']).chain(pair[1].bytes());
            // FNV-1a: the signs are stored, so they have to stay what they are.
            let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
            });
            let letter = |place: u32| char::from(b'A' + ((hash >> 32) / 26_u64.pow(place) % 26) as u8);
            (0..3).map(letter).collect()
        })
        .collect()
}

/// How a database writes expressions.
pub(super) struct Syntax {
    and: &'static str,
    or: &'static str,
    but_not: &'static str,
    phrase: fn(&Phrase) -> String,
}

impl Syntax {
    /// An expression as that database writes it.
    pub(super) fn write(&self, expression: &Expression) -> String {
        let joined = |phrases: &[Phrase], with: &str| {
            let written: Vec<String> = phrases.iter().map(self.phrase).collect();
            format!("({})", written.join(with))
        };
        let all: Vec<String> = expression
            .all
            .iter()
            .map(|group| joined(group, self.or))
            .collect();
        let wanted = all.join(self.and);
        if expression.none.is_empty() {
            return wanted;
        }
        let none: Vec<String> = expression
            .none
            .iter()
            .map(|group| joined(group, self.and))
            .collect();
        format!("({wanted}){}({})", self.but_not, none.join(self.or))
    }
}

/// Source: <https://www.sqlite.org/fts5.html#full_text_query_syntax>
pub(super) const FTS5: Syntax = Syntax {
    and: " AND ",
    or: " OR ",
    but_not: " NOT ",
    phrase: |tokens| format!("\"{}\"", tokens.join(" ")),
};

/// Source: <https://www.postgresql.org/docs/current/datatype-textsearch.html#DATATYPE-TSQUERY>
pub(super) const TSQUERY: Syntax = Syntax {
    and: " & ",
    or: " | ",
    but_not: " & !",
    phrase: |tokens| format!("({})", quoted(tokens, " <-> ")),
};

/// The same, with the signs of neighbours: for the index of words.
pub(super) const TSQUERY_SIGNED: Syntax = Syntax {
    phrase: |tokens| format!("({}{})", quoted(tokens, " <-> "), signs(tokens)),
    ..TSQUERY
};

/// The words of phrases wherever they stand: what the index of words knows by itself.
pub(super) const TSQUERY_LOOSE: Syntax = Syntax {
    phrase: |tokens| format!("({})", quoted(tokens, " & ")),
    ..TSQUERY
};

/// The same, with the signs of neighbours.
pub(super) const TSQUERY_LOOSE_SIGNED: Syntax = Syntax {
    phrase: |tokens| format!("({}{})", quoted(tokens, " & "), signs(tokens)),
    ..TSQUERY
};

fn quoted(tokens: &Phrase, with: &str) -> String {
    let quoted: Vec<String> = tokens.iter().map(|token| format!("'{token}'")).collect();
    quoted.join(with)
}

fn signs(tokens: &Phrase) -> String {
    neighbours(tokens).iter().fold(String::new(), |mut text, sign| {
        // Writing to a string does not fail.
        let _ = write!(text, " & '{sign}'");
        text
    })
}
