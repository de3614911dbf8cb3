//! The one-time page that makes the owner.

use actix_web::http::StatusCode;
use actix_web::web;
use pouet_service::setup::{self, OwnerSetup};
use pouet_service::{Error, sessions};
use serde::Deserialize;

use super::Answer;
use crate::context::Context;
use crate::failure::{Failure, complaints};
use crate::form::Form;
use crate::templates::Setup;
use crate::view::{FormErrors, SetupForm};

#[derive(Deserialize)]
pub(crate) struct Filled {
    #[serde(default)]
    form_token: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    username: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
}

/// The page for a link that is not, or no longer, the one.
fn used(cx: &Context) -> Failure {
    Failure::status(&cx.page, StatusCode::NOT_FOUND)
        .titled("setup-used-title")
        .saying("setup-used-text")
}

/// `GET /setup/TOKEN`
pub(crate) async fn page(cx: Context, token: web::Path<String>) -> Answer {
    if !setup::is_valid(cx.instance(), &token, cx.ip())
        .await
        .map_err(|error| cx.fail(&error))?
    {
        return Err(used(&cx));
    }
    show(
        cx,
        &token,
        StatusCode::OK,
        &SetupForm::default(),
        &FormErrors::default(),
    )
}

/// `POST /setup/TOKEN`: makes the owner, once, and signs them in.
pub(crate) async fn complete(mut cx: Context, token: web::Path<String>, form: Form<Filled>) -> Answer {
    cx.check_form(&form.form_token)?;
    let form = form.into_inner();
    let shown = SetupForm {
        username: form.username.clone(),
        email: form.email.clone(),
        title: form.title.clone(),
    };
    let owner = OwnerSetup {
        username: form.username.trim().to_owned(),
        email: form.email.trim().to_owned(),
        password: form.password,
        instance_title: form.title.trim().to_owned(),
        locale: cx.page.locale.tag().to_owned(),
    };
    if owner.instance_title.is_empty() {
        let errors = FormErrors::one("title", "wrong-title");
        return show(cx, &token, StatusCode::UNPROCESSABLE_ENTITY, &shown, &errors);
    }
    match setup::complete(cx.instance(), &token, owner, cx.ip()).await {
        Ok(user) => {
            let session = sessions::create(cx.instance(), user.id)
                .await
                .map_err(|error| cx.fail(&error))?;
            cx.begin_session(session.token);
            Ok(cx.redirect("/"))
        }
        Err(Error::NotFound) => Err(used(&cx)),
        Err(error) => match complaints(&error) {
            Some(errors) => show(cx, &token, StatusCode::UNPROCESSABLE_ENTITY, &shown, &errors),
            None => Err(cx.fail(&error)),
        },
    }
}

fn show(mut cx: Context, token: &str, status: StatusCode, form: &SetupForm, errors: &FormErrors) -> Answer {
    cx.offer_form()?;
    let (page, action) = (cx.page.clone(), format!("/setup/{token}"));
    cx.render_as(
        status,
        &Setup {
            p: &page,
            action: &action,
            form,
            errors,
        },
    )
}
