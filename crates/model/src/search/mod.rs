//! Words of statuses and of what people look for: one tokeniser for both databases, one grammar of queries.
//!
//! A status becomes a [`Document`], a list of tokens; a query becomes an [`Expression`] over tokens. The index of
//! either database stores the tokens as they are and is asked for the tokens of the expression, and what arrives is
//! compared with saved searches by [`Expression::matches`]: all three find the same.
//!
//! Invariant: a token is made of lower-case ASCII letters, digits and characters outside ASCII, so that no query is
//! ever syntax of a database, and no database has to take a token apart.

mod dates;
mod document;
mod expression;
mod fold;
mod query;
mod relevance;
mod tokens;

#[cfg(test)]
mod tests;

pub use document::{Document, GAP, MAX_DOCUMENT_TOKENS, Property, Source, is_word};
pub use expression::{Expression, Phrase};
pub use fold::fold_name;
pub use query::{AuthorName, MAX_TERMS, Query, Scope, Sort};
pub use relevance::rank;
