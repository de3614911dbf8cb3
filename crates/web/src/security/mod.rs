//! What protects the browser: headers, cookies, form tokens, places to return to.

mod cookies;
mod form_token;
mod headers;
mod return_to;

pub use cookies::{Cookies, SESSION_LIFETIME};
pub use form_token::{FormToken, is_from_here};
pub use headers::{content_security_policy, protect, protect_frame};
pub use return_to::safe_return_to;
