//! Keys of actors: those of local accounts, which sign, and those of remote ones, which are verified with.
//!
//! Everything goes through OpenSSL; no private key ever reaches another library (rule R019).

use std::fmt;

use openssl::hash::MessageDigest;
use openssl::pkey::{HasPublic, Id, PKey, Private, Public};
use openssl::rsa::{Padding, Rsa};
use openssl::sign::{Signer, Verifier};

/// Size of the RSA keys we make, in bits.
const RSA_BITS: u32 = 2048;
/// Sizes of RSA keys we accept, in bits (rule R015).
const ACCEPTED_RSA_BITS: std::ops::RangeInclusive<u32> = 2048..=8192;
/// The longest public exponent we accept, in bits. Longer ones only make verification slow.
const MAX_EXPONENT_BITS: i32 = 64;
/// The longest encoded public key we look at, in bytes: an RSA key of 8192 bits takes 1.5 kB.
const MAX_ENCODED_LENGTH: usize = 4096;

/// Multicodec prefix of an Ed25519 public key.
const ED25519_CODEC: [u8; 2] = [0xed, 0x01];
/// Multicodec prefix of an RSA public key (a DER `RSAPublicKey` follows).
const RSA_CODEC: [u8; 2] = [0x85, 0x24];

/// A key that cannot be used. The text is for the log.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The encoding is not one we read.
    #[error("key cannot be read: {0}")]
    Encoding(&'static str),
    /// Neither RSA nor Ed25519.
    #[error("key type is not supported")]
    Type,
    /// An RSA key outside 2048 to 8192 bits, or with a monstrous exponent.
    #[error("key size is not accepted")]
    Size,
    /// OpenSSL failed.
    #[error("key operation failed")]
    OpenSsl(#[from] openssl::error::ErrorStack),
}

/// The kind of a key. It alone decides the signature algorithm; what a header says is only compared with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rsa,
    /// Ed25519.
    Ed25519,
}

/// A public key, checked for type and size.
#[derive(Clone)]
pub struct PublicKey {
    key: PKey<Public>,
    kind: KeyKind,
}

impl PublicKey {
    /// Reads the PEM of an actor's `publicKeyPem`: a `PUBLIC KEY`, or the older `RSA PUBLIC KEY` form.
    ///
    /// # Errors
    /// `Encoding`, `Type` or `Size`.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        if pem.len() > MAX_ENCODED_LENGTH {
            return Err(KeyError::Encoding("too long"));
        }
        let pem = pem.trim();
        let key = if pem.starts_with("-----BEGIN RSA PUBLIC KEY-----") {
            Rsa::public_key_from_pem_pkcs1(pem.as_bytes()).and_then(PKey::from_rsa)
        } else {
            PKey::public_key_from_pem(pem.as_bytes())
        };
        Self::checked(key.map_err(|_| KeyError::Encoding("not a public key in PEM"))?)
    }

    /// Reads a `publicKeyMultibase` value (FEP-521a): base58btc of a multicodec Ed25519 or RSA key.
    ///
    /// # Errors
    /// `Encoding`, `Type` or `Size`.
    pub fn from_multikey(text: &str) -> Result<Self, KeyError> {
        if text.len() > MAX_ENCODED_LENGTH {
            return Err(KeyError::Encoding("too long"));
        }
        let bytes = multibase_decode(text).ok_or(KeyError::Encoding("not base58btc"))?;
        let (codec, raw) = bytes
            .split_first_chunk::<2>()
            .ok_or(KeyError::Encoding("too short"))?;
        let key = match *codec {
            ED25519_CODEC => PKey::public_key_from_raw_bytes(raw, Id::ED25519),
            RSA_CODEC => Rsa::public_key_from_der_pkcs1(raw).and_then(PKey::from_rsa),
            _ => return Err(KeyError::Type),
        };
        Self::checked(key.map_err(|_| KeyError::Encoding("not a key behind the codec"))?)
    }

    fn checked(key: PKey<Public>) -> Result<Self, KeyError> {
        let kind = kind_of(&key)?;
        Ok(Self { key, kind })
    }

    /// Its kind.
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// Whether `signature` was made over `message` with the private half of this key.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.try_verify(message, signature).unwrap_or(false)
    }

    fn try_verify(&self, message: &[u8], signature: &[u8]) -> Result<bool, openssl::error::ErrorStack> {
        let mut verifier = match self.kind {
            KeyKind::Rsa => {
                let mut verifier = Verifier::new(MessageDigest::sha256(), &self.key)?;
                verifier.set_rsa_padding(Padding::PKCS1)?;
                verifier
            }
            KeyKind::Ed25519 => Verifier::new_without_digest(&self.key)?,
        };
        verifier.verify_oneshot(signature, message)
    }

    /// The `publicKeyMultibase` value of an Ed25519 key (FEP-521a): base58btc of its multicodec form.
    ///
    /// # Errors
    /// `Type` for an RSA key; `OpenSsl`.
    pub fn to_multikey(&self) -> Result<String, KeyError> {
        if self.kind != KeyKind::Ed25519 {
            return Err(KeyError::Type);
        }
        let raw = self.key.raw_public_key()?;
        Ok(multibase_encode(&[&ED25519_CODEC[..], &raw].concat()))
    }

    /// The PEM of this key in `PUBLIC KEY` form, as actor documents carry it.
    ///
    /// # Errors
    /// `OpenSsl`.
    pub fn to_pem(&self) -> Result<String, KeyError> {
        pem_text(self.key.public_key_to_pem()?)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicKey")
            .field("kind", &self.kind)
            .field("bits", &self.key.bits())
            .finish()
    }
}

/// A private key. Its `Debug` shows nothing of it.
#[derive(Clone)]
pub struct PrivateKey {
    key: PKey<Private>,
    kind: KeyKind,
}

impl PrivateKey {
    /// Reads an unencrypted PKCS#8 PEM.
    ///
    /// # Errors
    /// `Encoding`, `Type` or `Size`.
    pub fn from_pkcs8_pem(pem: &str) -> Result<Self, KeyError> {
        // A passphrase callback keeps OpenSSL from asking for one on the terminal.
        let key = PKey::private_key_from_pem_callback(pem.as_bytes(), |_| Ok(0))
            .map_err(|_| KeyError::Encoding("not a private key in PEM"))?;
        let kind = kind_of(&key)?;
        Ok(Self { key, kind })
    }

    /// Its kind.
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// Signs `message` with the algorithm of the key's kind. RSA takes about a quarter of a millisecond.
    ///
    /// # Errors
    /// `OpenSsl`.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let mut signer = match self.kind {
            KeyKind::Rsa => {
                let mut signer = Signer::new(MessageDigest::sha256(), &self.key)?;
                signer.set_rsa_padding(Padding::PKCS1)?;
                signer
            }
            KeyKind::Ed25519 => Signer::new_without_digest(&self.key)?,
        };
        Ok(signer.sign_oneshot_to_vec(message)?)
    }

    /// The public half.
    ///
    /// # Errors
    /// `OpenSsl`.
    pub fn public_key(&self) -> Result<PublicKey, KeyError> {
        PublicKey::from_pem(&pem_text(self.key.public_key_to_pem()?)?)
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateKey")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// A key pair as it was made.
#[derive(Clone)]
pub struct KeyPair {
    /// PKCS#8 PEM, unencrypted. Stored only sealed (see [`crate::vault`]).
    pub private_key_pem: String,
    /// SPKI PEM (`PUBLIC KEY`).
    pub public_key_pem: String,
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyPair")
            .field("public_key_pem", &self.public_key_pem)
            .finish_non_exhaustive()
    }
}

/// Makes an RSA key pair of 2048 bits. Takes from 30 to 300 ms of CPU: call it on a blocking thread.
///
/// # Errors
/// `OpenSsl`.
pub fn generate_rsa_keypair() -> Result<KeyPair, KeyError> {
    encode(&PKey::from_rsa(Rsa::generate(RSA_BITS)?)?)
}

/// Makes an Ed25519 key pair. Takes microseconds.
///
/// # Errors
/// `OpenSsl`.
pub fn generate_ed25519_keypair() -> Result<KeyPair, KeyError> {
    encode(&PKey::generate_ed25519()?)
}

fn encode(key: &PKey<Private>) -> Result<KeyPair, KeyError> {
    Ok(KeyPair {
        private_key_pem: pem_text(key.private_key_to_pem_pkcs8()?)?,
        public_key_pem: pem_text(key.public_key_to_pem()?)?,
    })
}

fn pem_text(pem: Vec<u8>) -> Result<String, KeyError> {
    String::from_utf8(pem).map_err(|_| KeyError::Encoding("PEM is not text"))
}

fn kind_of<T: HasPublic>(key: &PKey<T>) -> Result<KeyKind, KeyError> {
    match key.id() {
        Id::RSA => {
            let rsa = key.rsa()?;
            if ACCEPTED_RSA_BITS.contains(&key.bits()) && rsa.e().num_bits() <= MAX_EXPONENT_BITS {
                Ok(KeyKind::Rsa)
            } else {
                Err(KeyError::Size)
            }
        }
        Id::ED25519 => Ok(KeyKind::Ed25519),
        _ => Err(KeyError::Type),
    }
}

/// The bytes behind a multibase text in base58btc (`z...`), the only base that keys and proofs use; `None` for any other
/// text. Takes time in the square of the length: callers bound it.
///
/// Source: draft-msporny-base58-03; <https://www.w3.org/TR/cid-1.0/#multibase-0>
pub fn multibase_decode(text: &str) -> Option<Vec<u8>> {
    base58_decode(text.strip_prefix('z')?)
}

/// Bytes as a multibase text in base58btc.
pub fn multibase_encode(bytes: &[u8]) -> String {
    format!("z{}", base58_encode(bytes))
}

/// The letters of base58 as Bitcoin has them.
const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

fn base58_encode(bytes: &[u8]) -> String {
    // Little-endian base 58.
    let mut digits: Vec<u8> = Vec::with_capacity(bytes.len() * 138 / 100 + 1);
    for byte in bytes {
        let mut carry = usize::from(*byte);
        for digit in &mut digits {
            carry += usize::from(*digit) << 8;
            *digit = (carry % 58) as u8;
            carry /= 58;
        }
        while carry > 0 {
            digits.push((carry % 58) as u8);
            carry /= 58;
        }
    }
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    digits.extend(std::iter::repeat_n(0, zeros));
    digits
        .iter()
        .rev()
        .map(|digit| char::from(ALPHABET[usize::from(*digit)]))
        .collect()
}

/// Decodes base58 with the Bitcoin alphabet. Quadratic, so callers bound the length.
fn base58_decode(text: &str) -> Option<Vec<u8>> {
    let zeros = text.bytes().take_while(|byte| *byte == b'1').count();
    // Little-endian base 256.
    let mut number: Vec<u8> = Vec::with_capacity(text.len());
    for byte in text.bytes() {
        let mut carry = ALPHABET.iter().position(|letter| *letter == byte)?;
        for digit in &mut number {
            carry += usize::from(*digit) * 58;
            *digit = (carry & 0xff) as u8;
            carry >>= 8;
        }
        while carry > 0 {
            number.push((carry & 0xff) as u8);
            carry >>= 8;
        }
    }
    number.extend(std::iter::repeat_n(0, zeros));
    number.reverse();
    Some(number)
}

#[cfg(test)]
mod tests {
    #![expect(non_snake_case, reason = "rule numbers keep their upper-case R")]

    use super::*;

    #[test]
    fn generated_pairs_sign_and_verify() {
        for (pair, kind) in [
            (generate_rsa_keypair().unwrap(), KeyKind::Rsa),
            (generate_ed25519_keypair().unwrap(), KeyKind::Ed25519),
        ] {
            assert!(pair.private_key_pem.starts_with("-----BEGIN PRIVATE KEY-----"));
            assert!(pair.public_key_pem.starts_with("-----BEGIN PUBLIC KEY-----"));
            let private = PrivateKey::from_pkcs8_pem(&pair.private_key_pem).unwrap();
            let public = PublicKey::from_pem(&pair.public_key_pem).unwrap();
            assert_eq!((private.kind(), public.kind()), (kind, kind));
            let signature = private.sign(b"message").unwrap();
            assert!(public.verify(b"message", &signature));
            assert!(private.public_key().unwrap().verify(b"message", &signature));
            assert!(!public.verify(b"another", &signature));
            assert!(!public.verify(b"message", &signature[1..]));
            assert!(!public.verify(b"message", b""));
            assert_eq!(public.to_pem().unwrap(), pair.public_key_pem);
            match public.to_multikey() {
                Ok(text) => assert!(
                    PublicKey::from_multikey(&text)
                        .unwrap()
                        .verify(b"message", &signature)
                ),
                Err(error) => assert!(matches!((kind, error), (KeyKind::Rsa, KeyError::Type))),
            }
        }
    }

    #[test]
    fn sec_R104_debug_output_holds_no_private_key() {
        let pair = generate_ed25519_keypair().unwrap();
        let private = PrivateKey::from_pkcs8_pem(&pair.private_key_pem).unwrap();
        for shown in [format!("{pair:?}"), format!("{private:?}")] {
            assert!(!shown.contains("PRIVATE KEY"), "{shown}");
        }
    }

    #[test]
    fn sec_R015_rsa_keys_outside_2048_to_8192_bits_are_refused() {
        let short = PKey::from_rsa(Rsa::generate(1024).unwrap()).unwrap();
        let short = encode(&short).unwrap();
        assert!(matches!(
            PublicKey::from_pem(&short.public_key_pem),
            Err(KeyError::Size)
        ));
        assert!(matches!(
            PrivateKey::from_pkcs8_pem(&short.private_key_pem),
            Err(KeyError::Size)
        ));
    }

    #[test]
    fn sec_R015_other_key_types_are_refused() {
        let group = openssl::ec::EcGroup::from_curve_name(openssl::nid::Nid::X9_62_PRIME256V1).unwrap();
        let key = PKey::from_ec_key(openssl::ec::EcKey::generate(&group).unwrap()).unwrap();
        let pair = encode(&key).unwrap();
        assert!(matches!(
            PublicKey::from_pem(&pair.public_key_pem),
            Err(KeyError::Type)
        ));
        for text in ["", "nonsense", &pair.private_key_pem, &"-".repeat(5000)] {
            assert!(PublicKey::from_pem(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_older_rsa_pem_is_read() {
        let rsa = Rsa::generate(2048).unwrap();
        let pem = String::from_utf8(rsa.public_key_to_pem_pkcs1().unwrap()).unwrap();
        assert!(pem.starts_with("-----BEGIN RSA PUBLIC KEY-----"));
        assert_eq!(PublicKey::from_pem(&pem).unwrap().kind(), KeyKind::Rsa);
    }

    #[test]
    fn base58_decodes_the_published_examples() {
        // draft-msporny-base58-03, section 5.
        for (text, plain) in [
            ("2NEpo7TZRRrLZSi2U", &b"Hello World!"[..]),
            (
                "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z",
                b"The quick brown fox jumps over the lazy dog.",
            ),
            ("11233QC4", &[0x00, 0x00, 0x28, 0x7f, 0xb4, 0xcd]),
            ("", b""),
        ] {
            assert_eq!(base58_decode(text).unwrap(), plain, "{text}");
            assert_eq!(base58_encode(plain), text);
        }
        for bad in ["0", "O", "I", "l", "a b", "é"] {
            assert_eq!(base58_decode(bad), None, "{bad}");
        }
    }

    #[test]
    fn multikeys_are_read() {
        // The example key of FEP-521a and of the W3C controlled identifiers document.
        let key = PublicKey::from_multikey("z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2").unwrap();
        assert_eq!(key.kind(), KeyKind::Ed25519);
        assert_eq!(
            key.to_multikey().unwrap(),
            "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
        );
        for bad in [
            "",
            "z",
            "zz",
            "6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2",
            "mMkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2",
            "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ",
        ] {
            assert!(PublicKey::from_multikey(bad).is_err(), "{bad}");
        }
    }
}
