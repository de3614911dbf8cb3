//! The pages of collections.

use actix_web::http::StatusCode;
use actix_web::web;
use pouet_model::ids::CollectionId;
use pouet_service::collections;

use super::Answer;
use crate::context::Context;
use crate::convert::{account_card, tag_link};
use crate::failure::Failure;
use crate::templates::Collection;
use crate::view::CollectionView;

/// `GET /collections/ID`: who is in a collection.
pub(crate) async fn page(cx: Context, id: web::Path<String>) -> Answer {
    let id: CollectionId = id
        .parse()
        .map_err(|_| Failure::status(&cx.page, StatusCode::NOT_FOUND))?;
    let found = collections::find(cx.instance(), cx.viewer_id(), id)
        .await
        .map_err(|error| cx.fail(&error))?;
    let collection = &CollectionView {
        url: format!("/collections/{id}"),
        name: found.collection.name,
        description: found.collection.description,
        sensitive: found.collection.sensitive,
        listed: found.collection.discoverable,
        owner: account_card(&found.owner, cx.urls()),
        tag: found.tag.as_ref().map(|tag| tag_link(tag, cx.urls())),
        members: found
            .members
            .iter()
            // Its owner is told of others, too, who have no page.
            .filter(|account| account.is_active())
            .map(|account| account_card(account, cx.urls()))
            .collect(),
    };
    let page = cx.page.clone();
    cx.render(&Collection { p: &page, collection })
}
