//! What a sender says about its followers here, in a header beside an activity that only followers get.
//!
//! Source: <https://codeberg.org/fediverse/fep/src/branch/main/fep/8fcf/fep-8fcf.md>

use actix_web::{HttpRequest, http::header::HeaderMap};
use pouet_service::{accounts, follows::sync};

use super::Signer;
use crate::{context::Federation, error::Result, origin::same_origin};

/// Name of the header.
const HEADER: &str = "collection-synchronization";

/// What the header says.
#[derive(PartialEq, Eq, Debug)]
struct Statement<'a> {
    collection: &'a str,
    url: &'a str,
    digest: &'a str,
}

/// Heeds the header of a request whose signer is proved. What is wrong with it is nobody's concern but the log's.
pub(super) async fn heed(federation: &Federation, request: &HttpRequest, signer: &Signer) {
    let Some(statement) = read(request.headers()) else {
        return;
    };
    if let Err(error) = compare(federation, signer, &statement).await {
        tracing::debug!(%error, actor = signer.actor, "followers are not compared");
    }
}

async fn compare(federation: &Federation, signer: &Signer, statement: &Statement<'_>) -> Result<()> {
    let account = accounts::find_any(&federation.instance, signer.account_id).await?;
    let followers = account.and_then(|account| account.remote?.followers);
    if followers.as_deref() != Some(statement.collection) || !same_origin(statement.url, &signer.actor) {
        tracing::debug!(
            ?statement,
            actor = signer.actor,
            "a statement about other followers"
        );
        return Ok(());
    }
    let (url, digest) = (statement.url, statement.digest);
    Ok(sync::compare(&federation.instance, signer.account_id, url, digest).await?)
}

fn read(headers: &HeaderMap) -> Option<Statement<'_>> {
    let mut values = headers.get_all(HEADER);
    let text = values.next()?.to_str().ok()?;
    if values.next().is_some() {
        return None;
    }
    let (mut collection, mut url, mut digest) = (None, None, None);
    let mut rest = text;
    while let Some((name, tail)) = rest.split_once("=\"") {
        let (value, tail) = tail.split_once('"')?;
        let place = match name.trim_matches([',', ' ', '\t']) {
            "collectionId" => &mut collection,
            "url" => &mut url,
            "digest" => &mut digest,
            _ => {
                rest = tail;
                continue;
            }
        };
        if place.replace(value).is_some() {
            return None;
        }
        rest = tail;
    }
    let digest =
        digest.filter(|digest| digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_hexdigit()))?;
    Some(Statement {
        collection: collection?,
        url: url?,
        digest,
    })
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn headers(values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(
                HeaderName::from_static(HEADER),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        headers
    }

    #[test]
    fn fed_101_the_header_is_read_in_any_order_and_refused_in_doubt() {
        let digest = "ab".repeat(32);
        let good =
            format!(r#"collectionId="https://a.test/f,1", url="https://a.test/s?a=b", digest="{digest}""#);
        let turned = format!(
            r#"digest="{digest}",other="x",url="https://a.test/s?a=b",collectionId="https://a.test/f,1""#
        );
        let expected = Statement {
            collection: "https://a.test/f,1",
            url: "https://a.test/s?a=b",
            digest: &digest,
        };
        for text in [&good, &turned] {
            let headers = headers(&[text]);
            assert_eq!(read(&headers), Some(Statement { ..expected }), "{text}");
        }
        for bad in [
            String::new(),
            "x".to_owned(),
            good.replace("digest", "digits"),
            good.replace("ab", "a"),
            good.replace("ab", "zz"),
            format!(r#"{good}, url="https://evil.test""#),
            good.trim_end_matches('"').to_owned(),
        ] {
            assert_eq!(read(&headers(&[&bad])), None, "{bad}");
        }
        assert_eq!(read(&headers(&[&good, &good])), None, "twice");
    }
}
