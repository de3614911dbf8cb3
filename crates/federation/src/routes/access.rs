//! Who may read, where readers have to show who they are.
//!
//! Source: federation.md 10.7; security.md R020, R040.

use actix_web::{HttpRequest, HttpResponse, http::header::HeaderMap};

use super::{Kept, refuse};
use crate::{
    context::Federation,
    inbox::{Signer, signer_of, unproved},
    origin::domain_of,
};

/// `federation.fetch_auth`: whether readers of documents have to sign.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum FetchAuth {
    /// No.
    Off,
    /// No, but those who do and are of a blocked domain are refused.
    #[default]
    Blocks,
    /// Yes.
    On,
}

impl FetchAuth {
    /// Who may keep an answer that anybody may have.
    pub(super) fn kept(self) -> Kept {
        match self {
            Self::Off | Self::Blocks => Kept::ByAnybody,
            Self::On => Kept::ByNobody,
        }
    }
}

/// Lets a reader of something public in, or refuses.
///
/// # Errors
/// The refusal.
pub(super) async fn admit(federation: &Federation, request: &HttpRequest) -> Result<(), HttpResponse> {
    match federation.fetch_auth {
        FetchAuth::Off => Ok(()),
        FetchAuth::On => signer_of(federation, request, &[])
            .await
            .map(|_| ())
            .map_err(unproved),
        FetchAuth::Blocks => match claimed_domain(request.headers()) {
            Some(domain) if federation.is_denied(&domain).await.unwrap_or(true) => {
                Err(refuse(403, "domain is not federated with"))
            }
            _ => Ok(()),
        },
    }
}

/// Who asks, for something that not everybody may see; `None` if they do not prove it.
pub(super) async fn reader(federation: &Federation, request: &HttpRequest) -> Option<Signer> {
    if !is_signed(request.headers()) {
        return None;
    }
    signer_of(federation, request, &[]).await.ok()
}

fn is_signed(headers: &HeaderMap) -> bool {
    headers.contains_key("signature")
}

/// The domain of the key that a request says it is signed with. To be refused, saying so is enough.
fn claimed_domain(headers: &HeaderMap) -> Option<String> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let (_, rest) = text("signature-input")
        .and_then(|input| input.split_once("keyid=\""))
        .or_else(|| text("signature").and_then(|signature| signature.split_once("keyId=\"")))?;
    domain_of(rest.split('"').next()?)
}
