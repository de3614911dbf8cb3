//! Why a signed request was not believed.

/// A request whose signature does not hold. The texts are for the log; peers get [`SignatureError::PUBLIC_TEXT`], so that
/// nobody learns which check refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// Neither `Signature` nor `Signature-Input`.
    #[error("request is not signed")]
    Missing,
    /// Something that must be unique is there twice, so that two readers could understand the request differently.
    #[error("ambiguous request: {0}")]
    Ambiguous(&'static str),
    /// An RFC 9421 field that is not a structured field of the right shape.
    #[error("malformed signature field: {0}")]
    Malformed(&'static str),
    /// The signature is readable and does not satisfy a rule.
    #[error("signature refused: {0}")]
    Refused(&'static str),
    /// The signature was not made with the key it was checked with. The owner may have changed the key: look once.
    #[error("signature does not match the key")]
    Mismatch,
}

impl SignatureError {
    /// The one text for every refusal.
    pub const PUBLIC_TEXT: &'static str = "The request signature is missing or not valid";

    /// The status to answer with: 400 for requests that are not well-formed, 401 for everything else.
    pub fn status(&self) -> u16 {
        match self {
            Self::Ambiguous(_) | Self::Malformed(_) => 400,
            Self::Missing | Self::Refused(_) | Self::Mismatch => 401,
        }
    }
}
