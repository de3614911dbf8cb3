//! The language switch.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde::Deserialize;

use super::Answer;
use crate::context::Context;
use crate::failure::Failure;
use crate::form::Form;
use crate::locale::Locale;

#[derive(Deserialize)]
pub(crate) struct Choice {
    lang: String,
    #[serde(default)]
    return_to: String,
}

/// `POST /language`: remembers the choice and goes back.
///
/// It carries no form token, so that pages without other forms need no cookie; where it comes from is still checked.
pub(crate) async fn choose(mut cx: Context, form: Form<Choice>) -> Answer {
    if !cx.is_from_here() {
        return Err(Failure::status(&cx.page, StatusCode::FORBIDDEN));
    }
    if let Some(locale) = Locale::from_tag(&form.lang) {
        cx.remember_language(locale);
    }
    let back = cx.return_to(&form.return_to);
    let response: HttpResponse = cx.redirect(&back);
    Ok(response)
}
