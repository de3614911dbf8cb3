//! <https://docs.joinmastodon.org/entities/Application/> and
//! <https://docs.joinmastodon.org/entities/CredentialApplication/>

use pouet_model::{ids::AppId, oauth::App};
use pouet_service::oauth::RegisteredApp;
use serde::Serialize;

/// A registered application.
#[derive(Serialize)]
pub(crate) struct Application<'a> {
    id: AppId,
    name: &'a str,
    website: Option<&'a str>,
    scopes: Vec<&'static str>,
    redirect_uris: &'a [String],
    redirect_uri: String,
    vapid_key: &'a str,
}

impl<'a> Application<'a> {
    /// `app`, with the public key of web push.
    pub(crate) fn from_model(app: &'a App, vapid_key: &'a str) -> Self {
        Self {
            id: app.id,
            name: &app.name,
            website: app.website.as_deref(),
            scopes: app.scopes.iter().collect(),
            redirect_uris: &app.redirect_uris,
            redirect_uri: app.redirect_uris.join("\n"),
            vapid_key,
        }
    }
}

/// An application just registered, with its secret.
#[derive(Serialize)]
pub(crate) struct CredentialApplication<'a> {
    #[serde(flatten)]
    app: Application<'a>,
    client_id: &'a str,
    client_secret: &'a str,
    /// Secrets do not expire.
    client_secret_expires_at: i64,
}

impl<'a> CredentialApplication<'a> {
    /// The only time that the secret is told.
    pub(crate) fn from_model(registered: &'a RegisteredApp, vapid_key: &'a str) -> Self {
        Self {
            app: Application::from_model(&registered.app, vapid_key),
            client_id: &registered.app.client_id,
            client_secret: &registered.client_secret,
            client_secret_expires_at: 0,
        }
    }
}
