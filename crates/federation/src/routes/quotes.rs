//! The consent of local accounts to quotes, for those who want to see it.
//!
//! Source: <https://w3id.org/fep/044f>

use actix_web::{HttpRequest, HttpResponse, web};
use pouet_model::ids::{AccountId, RelationId};
use pouet_service::quotes;

use super::{absent, access, failed, public};
use crate::{activities, context::Federation, objects::note};

/// `GET /ap/users/{account}/quote_authorizations/{id}`: as long as it is not taken back.
pub(super) async fn authorization(
    federation: web::Data<Federation>,
    request: HttpRequest,
    path: web::Path<(i64, i64)>,
) -> HttpResponse {
    if let Err(refusal) = access::admit(&federation, &request).await {
        return refusal;
    }
    let (account, id) = path.into_inner();
    match quotes::stamp(&federation.instance, AccountId(account), RelationId(id)).await {
        Ok(Some((stamp, quoted))) => {
            let urls = federation.urls();
            let mut document = activities::authorization(urls, &stamp, &urls.status_uri(&quoted));
            document["@context"] = note::context();
            public(&federation, &document)
        }
        Ok(None) => absent(),
        Err(error) => failed(&error),
    }
}
