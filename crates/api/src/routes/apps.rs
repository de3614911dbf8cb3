//! <https://docs.joinmastodon.org/methods/apps/>

use actix_web::HttpResponse;
use pouet_model::scope::Scopes;
use pouet_service::{
    instance_info,
    oauth::{self, NewApp},
};

use crate::{
    call::Call,
    entities::application::{Application, CredentialApplication},
    error::{ApiError, Result},
    reply,
};

/// Registers an application.
pub(crate) async fn create(call: Call) -> Result<HttpResponse> {
    let params = &call.params;
    let redirect_uris = params
        .list("redirect_uris")
        .unwrap_or_default()
        .iter()
        .flat_map(|lines| lines.split_whitespace())
        .map(str::to_owned)
        .collect::<Vec<_>>();
    let scopes = params
        .text("scopes")
        .or_else(|| params.text("scope"))
        .unwrap_or_default();
    let scopes = Scopes::parse(&scopes).map_err(|_| {
        ApiError::invalid(
            "scopes",
            "ERR_INVALID",
            "Scopes doesn't match configured on the server",
        )
    })?;
    let app = NewApp {
        name: params.text("client_name").unwrap_or_default(),
        website: params.text("website"),
        redirect_uris,
        scopes,
        ip: call.ip,
    };
    let registered = oauth::register_app(&call.instance, app).await?;
    let info = instance_info::info(&call.instance).await?;
    reply::json(&CredentialApplication::from_model(
        &registered,
        &info.vapid_public_key,
    ))
}

/// The application that a token was given to.
pub(crate) async fn verify_credentials(call: Call) -> Result<HttpResponse> {
    let auth = call.auth.as_ref().ok_or(ApiError::InvalidToken)?;
    let app = oauth::app(&call.instance, auth.app.id).await?;
    let info = instance_info::info(&call.instance).await?;
    reply::json(&Application::from_model(&app, &info.vapid_public_key))
}
