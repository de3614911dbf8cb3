//! The pages: server-rendered HTML in French and English, complete without JavaScript.
//!
//! Handlers ([`Pages::configure`]) call the operations of `service`, turn their views into plain structs ([`view`]) and
//! render a template ([`templates`]). Nothing is decided here that another door would have to decide again: what may be
//! seen and done is `service`'s business. What belongs to browsers alone is here: cookies, form tokens, headers
//! ([`security`]), languages ([`locale`]) and embedded files ([`assets`]).
//!
//! Invariants: every page leaves through [`security::protect`]; every form that changes something is checked by its
//! token; foreign HTML is a [`view::SafeHtml`], all other text is escaped by its type; the look is explained in
//! `docs/design-system.md`.

pub mod assets;
mod context;
mod convert;
mod counting;
mod failure;
mod form;
pub mod locale;
mod media;
mod numbers;
mod routes;
mod scopes;
pub mod security;
pub mod templates;
mod text;
pub mod view;

use std::net::IpAddr;
use std::sync::Arc;

use actix_web::{HttpRequest, web};
use pouet_service::Instance;

use crate::context::Shared;

/// The pages of one instance. Clones share everything.
#[derive(Clone)]
pub struct Pages(Arc<Shared>);

impl Pages {
    /// The pages of `instance`. `client_ip` tells where a request comes from, trusted proxies considered; it must be the
    /// client API's, so that both doors count the same client.
    pub fn new(
        instance: Instance,
        client_ip: impl Fn(&HttpRequest) -> IpAddr + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Shared {
            instance,
            client_ip: Box::new(client_ip),
        }))
    }

    /// Registers pages, our own files and media, and the answer to addresses that nothing else answers to. Routes that share an address
    /// with a page (the `ActivityPub` document of `/@user`) have to be registered before.
    pub fn configure(&self, cfg: &mut web::ServiceConfig) {
        cfg.app_data(web::Data::from(Arc::clone(&self.0)));
        assets::configure(cfg);
        media::configure(cfg);
        routes::configure(cfg);
    }
}

impl std::fmt::Debug for Pages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Pages").field(&self.0.instance).finish()
    }
}
