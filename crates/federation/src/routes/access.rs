//! Who may read, where readers have to show who they are.
//!
//! Source: rules R020, R040.

use actix_web::{HttpRequest, HttpResponse, http::header::HeaderMap};
use pouet_model::ids::AccountId;
use pouet_service::{accounts, blocks};

use super::{Kept, absent, failed, for_nobody_else, refuse};
use crate::{
    context::Federation,
    error::Error,
    fetch,
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

/// Somebody who was let in.
#[derive(Debug, Default)]
pub(super) struct Reader {
    /// Who proved to ask, if that had to be proved.
    signer: Option<Signer>,
    /// Who says to ask: enough to refuse something, never to give it.
    claimed: Option<AccountId>,
}

impl Reader {
    /// Who asks, for something that not everybody may see; `None` if they do not prove it.
    pub(super) async fn proved(&self, federation: &Federation, request: &HttpRequest) -> Option<Signer> {
        match &self.signer {
            Some(signer) => Some(signer.clone()),
            None if is_signed(request.headers()) => signer_of(federation, request, &[]).await.ok(),
            None => None,
        }
    }

    /// Refuses a reader whom the owner of something blocks, as if it was not there.
    ///
    /// # Errors
    /// The refusal.
    pub(super) async fn check_not_blocked(
        &self,
        federation: &Federation,
        owner: AccountId,
    ) -> Result<(), HttpResponse> {
        let Some(reader) = self
            .signer
            .as_ref()
            .map(|signer| signer.account_id)
            .or(self.claimed)
        else {
            return Ok(());
        };
        match blocks::keeps_out(&federation.instance, owner, reader).await {
            Ok(false) => Ok(()),
            Ok(true) => Err(absent()),
            Err(error) => Err(failed(&error)),
        }
    }
}

/// Lets a reader of something public in, or refuses.
///
/// # Errors
/// The refusal.
pub(super) async fn admit(federation: &Federation, request: &HttpRequest) -> Result<Reader, HttpResponse> {
    match federation.fetch_auth {
        FetchAuth::Off => Ok(Reader::default()),
        FetchAuth::Blocks => admit_unless_blocked(federation, request).await,
        FetchAuth::On => admit_signed(federation, request).await,
    }
    .map_err(for_nobody_else)
}

async fn admit_signed(federation: &Federation, request: &HttpRequest) -> Result<Reader, HttpResponse> {
    let signer = signer_of(federation, request, &[]).await.map_err(unproved)?;
    match accounts::find_any(&federation.instance, signer.account_id).await {
        Ok(Some(account)) if account.is_active() => Ok(Reader {
            signer: Some(signer),
            claimed: None,
        }),
        Ok(_) => Err(refuse(403, "account is suspended here")),
        Err(error) => Err(failed(&error)),
    }
}

/// To be refused, it is enough to say who one is: a signature is not looked at.
async fn admit_unless_blocked(
    federation: &Federation,
    request: &HttpRequest,
) -> Result<Reader, HttpResponse> {
    let Some(key_id) = claimed_key(request.headers()) else {
        return Ok(Reader::default());
    };
    if let Some(domain) = domain_of(key_id)
        && federation.is_denied(&domain).await.unwrap_or(true)
    {
        return Err(refuse(403, "domain is not federated with"));
    }
    match fetch::known_key(federation, key_id).await {
        Ok(key) => Ok(Reader {
            signer: None,
            claimed: key.map(|key| key.account_id),
        }),
        Err(Error::Service(error)) => Err(failed(&error)),
        Err(_) => Ok(Reader::default()),
    }
}

fn is_signed(headers: &HeaderMap) -> bool {
    headers.contains_key("signature")
}

/// The key that a request says it is signed with.
fn claimed_key(headers: &HeaderMap) -> Option<&str> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let (_, rest) = text("signature-input")
        .and_then(|input| input.split_once("keyid=\""))
        .or_else(|| text("signature").and_then(|signature| signature.split_once("keyId=\"")))?;
    rest.split('"').next()
}
