//! The pages: server-rendered HTML in French and English, complete without JavaScript.

pub mod assets;
pub mod failure;
pub mod locale;
pub mod scopes;
pub mod security;
pub mod templates;
mod text;
pub mod view;
