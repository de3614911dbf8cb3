//! Signing in, up and out.

use actix_web::http::StatusCode;
use actix_web::web;
use pouet_service::registration::{self, Registration};
use pouet_service::{Error, oauth, sessions, users};
use serde::Deserialize;

use super::Answer;
use super::oauth::{Asked, form_source};
use super::public::rules;
use crate::context::Context;
use crate::failure::complaints;
use crate::form::Form;
use crate::templates::{Message, SignIn, SignUpPage};
use crate::view::{FormErrors, SignUpForm};

#[derive(Deserialize)]
pub(crate) struct Next {
    #[serde(default)]
    return_to: String,
    /// Ask for the password of somebody signed in, too.
    again: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Credentials {
    #[serde(default)]
    form_token: String,
    #[serde(default)]
    return_to: String,
    #[serde(default)]
    username: String,
    #[serde(default)]
    password: String,
}

#[derive(Deserialize)]
pub(crate) struct Application {
    #[serde(default)]
    form_token: String,
    #[serde(default)]
    username: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    agreement: String,
}

#[derive(Deserialize)]
pub(crate) struct Token {
    #[serde(default)]
    pub(super) form_token: String,
}

/// `GET /auth/sign_in`
pub(crate) async fn sign_in_page(cx: Context, next: web::Query<Next>) -> Answer {
    if cx.session.is_some() && next.again.is_none() {
        let next = cx.return_to(&next.return_to);
        return Ok(cx.redirect(&next));
    }
    ask_password(cx, StatusCode::OK, "", &next.return_to, &FormErrors::default()).await
}

/// `POST /auth/sign_in`
pub(crate) async fn sign_in(mut cx: Context, form: Form<Credentials>) -> Answer {
    cx.check_form(&form.form_token)?;
    let form = form.into_inner();
    let login = form.username.trim();
    let refusal = match users::sign_in(cx.instance(), login, &form.password, cx.ip()).await {
        Ok(user) => {
            let session = sessions::create(cx.instance(), user.id)
                .await
                .map_err(|error| cx.fail(&error))?;
            // Whoever was signed in on this browser is so no longer.
            if let Some(old) = cx.session_token() {
                sessions::delete(cx.instance(), &old)
                    .await
                    .map_err(|error| cx.fail(&error))?;
            }
            cx.begin_session(session.token);
            let next = cx.return_to(&form.return_to);
            return Ok(cx.redirect(&next));
        }
        Err(error) => error,
    };
    let (status, key) = match &refusal {
        Error::Unauthorized(_) | Error::NotFound => (StatusCode::UNPROCESSABLE_ENTITY, "wrong-login"),
        Error::Forbidden(_) => (StatusCode::FORBIDDEN, "wrong-account-inactive"),
        Error::LimitReached { .. } => (StatusCode::TOO_MANY_REQUESTS, "wrong-too-many"),
        other => return Err(cx.fail(other)),
    };
    ask_password(cx, status, login, &form.return_to, &FormErrors::one("", key)).await
}

/// The sign-in form; it names the app that waits for it, and may end at that app's address.
async fn ask_password(
    mut cx: Context,
    status: StatusCode,
    login: &str,
    return_to: &str,
    errors: &FormErrors,
) -> Answer {
    cx.offer_form()?;
    let return_to = cx.return_to(return_to);
    let mut app = None;
    if let Some(asked) = return_to
        .strip_prefix("/oauth/authorize?")
        .and_then(Asked::from_query)
        && let Ok(check) = oauth::check_authorize(cx.instance(), asked.request()).await
    {
        // Somebody who let the app in before is sent there straight after this form.
        cx.allow_form_target(form_source(&check.redirect_uri));
        app = Some(check.app.name);
    }
    let page = cx.page.clone();
    cx.render_as(
        status,
        &SignIn {
            p: &page,
            login,
            return_to: &return_to,
            app: app.as_ref(),
            errors,
        },
    )
}

/// `POST /auth/sign_out`: ends the session here and on the server.
pub(crate) async fn sign_out(mut cx: Context, form: Form<Token>) -> Answer {
    cx.check_form(&form.form_token)?;
    if let Some(token) = cx.session_token() {
        sessions::delete(cx.instance(), &token)
            .await
            .map_err(|error| cx.fail(&error))?;
    }
    cx.end_session();
    Ok(cx.redirect("/"))
}

/// `GET /auth/sign_up`
pub(crate) async fn sign_up_page(cx: Context) -> Answer {
    ask_application(cx, StatusCode::OK, &SignUpForm::default(), &FormErrors::default()).await
}

/// `POST /auth/sign_up`
pub(crate) async fn sign_up(mut cx: Context, form: Form<Application>) -> Answer {
    cx.check_form(&form.form_token)?;
    let form = form.into_inner();
    let shown = SignUpForm {
        username: form.username.clone(),
        email: form.email.clone(),
        reason: form.reason.clone(),
        agreed: form.agreement == "true",
    };
    let registration = Registration {
        username: form.username.trim().to_owned(),
        email: form.email.trim().to_owned(),
        password: form.password,
        agreement: shown.agreed,
        locale: cx.page.locale.tag().to_owned(),
        reason: Some(form.reason.trim().to_owned()).filter(|reason| !reason.is_empty()),
        ip: cx.ip(),
    };
    match registration::register(cx.instance(), registration).await {
        Ok((user, account)) if user.inactive(&account).is_none() => {
            let session = sessions::create(cx.instance(), user.id)
                .await
                .map_err(|error| cx.fail(&error))?;
            cx.begin_session(session.token);
            Ok(cx.redirect("/"))
        }
        Ok(_) => {
            let page = cx.page.clone();
            cx.render(&Message {
                p: &page,
                title: "sign-up-pending-title",
                text: "sign-up-pending-text",
            })
        }
        Err(error) => match complaints(&error) {
            Some(errors) => ask_application(cx, StatusCode::UNPROCESSABLE_ENTITY, &shown, &errors).await,
            None => Err(cx.fail(&error)),
        },
    }
}

async fn ask_application(
    mut cx: Context,
    status: StatusCode,
    form: &SignUpForm,
    errors: &FormErrors,
) -> Answer {
    cx.offer_form()?;
    let (page, rules) = (cx.page.clone(), rules(cx.info().await?.rules));
    cx.render_as(
        status,
        &SignUpPage {
            p: &page,
            form,
            rules: &rules,
            errors,
        },
    )
}
