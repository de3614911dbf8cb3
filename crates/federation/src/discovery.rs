//! NodeInfo: what this server is.
//!
//! Source: <https://nodeinfo.diaspora.software/protocol.html>

use actix_web::{
    HttpResponse,
    http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE},
    web,
};
use pouet_service::{instance_info, settings::RegistrationMode};
use serde_json::{Value, json};

use crate::context::Federation;

/// Half an hour.
const CACHED: &str = "max-age=1800, public";

/// Name of the software: lower-case letters, digits and hyphens only.
const SOFTWARE: &str = "pouet";
/// Where its source is.
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// `GET /.well-known/nodeinfo`
pub(crate) async fn index(federation: web::Data<Federation>) -> HttpResponse {
    let urls = federation.urls();
    let schema = |version: &str| {
        json!({
            "rel": format!("http://nodeinfo.diaspora.software/ns/schema/{version}"),
            "href": urls.path(&format!("/nodeinfo/{version}")),
        })
    };
    HttpResponse::Ok()
        .insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .insert_header((CACHE_CONTROL, CACHED))
        .json(json!({ "links": [schema("2.0"), schema("2.1")] }))
}

/// `GET /nodeinfo/{version}`
pub(crate) async fn nodeinfo(federation: web::Data<Federation>, version: web::Path<String>) -> HttpResponse {
    let version = version.into_inner();
    if !matches!(version.as_str(), "2.0" | "2.1") {
        return HttpResponse::NotFound().json(json!({ "error": "not found" }));
    }
    match instance_info::info(&federation.instance).await {
        Ok(info) => HttpResponse::Ok()
            .insert_header((
                CONTENT_TYPE,
                format!(
                    "application/json; profile=\"http://nodeinfo.diaspora.software/ns/schema/{version}#\""
                ),
            ))
            .insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
            .insert_header((CACHE_CONTROL, CACHED))
            .body(document(&federation, &version, &info).to_string()),
        Err(error) => {
            tracing::error!(%error, "nodeinfo cannot answer");
            HttpResponse::ServiceUnavailable().json(json!({ "error": "try again later" }))
        }
    }
}

fn document(federation: &Federation, version: &str, info: &instance_info::InstanceInfo) -> Value {
    let settings = &federation.instance.settings;
    let mut software = json!({ "name": SOFTWARE, "version": settings.version });
    if version == "2.1" && !REPOSITORY.is_empty() {
        software["repository"] = json!(REPOSITORY);
    }
    json!({
        "version": version,
        "software": software,
        "protocols": ["activitypub"],
        "services": { "inbound": [], "outbound": [] },
        "openRegistrations": settings.registrations == RegistrationMode::Open,
        "usage": {
            "users": {
                "total": info.user_count,
                "activeMonth": info.active_month,
                "activeHalfyear": info.active_halfyear,
            },
            "localPosts": info.status_count,
        },
        "metadata": { "nodeName": info.title, "nodeDescription": info.description },
    })
}
