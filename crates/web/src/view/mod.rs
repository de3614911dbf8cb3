//! What the templates read: plain data with every decision already taken.
//!
//! Handlers turn the service's views into these; nothing here knows where the data came from, so the gallery example
//! and the tests can fill them by hand. Times are UTC; `url` fields are absolute or start with `/`.

mod account;
mod analytics;
mod emojis;
mod forms;
mod page;
mod status;
mod trend;

pub use account::{AccountCard, FieldView, ProfileView};
pub use analytics::{AccountNumbers, Chart, ChartBar, DayNumbers, NumberRow, SpanLink, StatusNumbers};
pub use emojis::Emojis;
pub use forms::{ConnectedApp, ConsentView, FieldError, FormErrors, ScopeLine, SetupForm, SignUpForm};
pub use page::{CollectionView, Cursor, InstanceView, Page, RuleView, SignUp, Site, TagLink, Turns, Viewer};
pub use status::{
    LinkView, MediaKind, MediaView, PollOption, PollView, ReactionView, SafeHtml, StatusCard, VisibilityView,
};
pub use trend::{Bar, TrendingLink, TrendingStatus, TrendingTag};
