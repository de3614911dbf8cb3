//! Whether what others do with statuses of others is approved by the authors of these.
//!
//! Source: <https://docs.gotosocial.org/en/latest/federation/interaction_controls/#verifying-interaction-authorization-as-a-third-server>

use pouet_model::{
    account::Account,
    ids::StatusId,
    interaction::{Interaction, Verdict},
};
use pouet_service::{accounts, interactions, statuses};

use crate::{
    budget::Budget,
    context::Federation,
    error::{Error, Result},
    fetch,
    json::Object,
    origin::{is_own, same_origin},
};

/// Whether `interaction`, an answer or boost by `actor` called `uri`, may be shown. Of statuses that we do not know or that
/// are ours this is not asked here.
///
/// # Errors
/// If the approval cannot be had now.
pub(crate) async fn is_approved(
    federation: &Federation,
    kind: Interaction,
    interaction: Object<'_>,
    uri: &str,
    actor: &Account,
    target_uri: &str,
    budget: &Budget,
) -> Result<bool> {
    let instance = &federation.instance;
    if is_own(federation.urls(), target_uri) {
        return Ok(true);
    }
    let Some(target) = statuses::find_by_uri(instance, target_uri).await? else {
        return Ok(true);
    };
    if interactions::of_others(instance, kind, target.id, actor.id).await? == Verdict::Allowed {
        return Ok(true);
    }
    let author = accounts::find_any(instance, target.account_id).await?;
    let Some(author) = author.and_then(|author| author.uri) else {
        return Ok(true);
    };
    let Some(approval) = approval_of(kind, interaction).filter(|id| same_origin(id, &author)) else {
        return Ok(false);
    };
    let document = match fetch::document(federation, approval, budget, None).await {
        Ok(document) => document,
        Err(Error::Missing | Error::Unauthorised | Error::Gone | Error::Refused(_) | Error::Denied) => {
            return Ok(false);
        }
        Err(error) => return Err(error),
    };
    Ok(Object::of(&document).is_some_and(|document| holds(document, kind, &author, uri, target_uri)))
}

/// Looks whether an answer that came before what it answers names an approval, and joins it with the thread then.
///
/// # Errors
/// Those of the network, as far as another try may help.
pub(crate) async fn check_reply(federation: &Federation, answer: StatusId) -> Result<()> {
    let instance = &federation.instance;
    let Some(orphan) = statuses::orphan(instance, answer).await? else {
        return Ok(());
    };
    let budget = Budget::of_activity();
    let document = fetch::document(federation, &orphan.uri, &budget, orphan.reader).await?;
    let object = Object::of(&document).ok_or(Error::Refused("answer is not an object"))?;
    let is_same = object.own_id() == Some(orphan.uri.as_str())
        && object.id("attributedTo") == orphan.author.uri.as_deref()
        && object.id("inReplyTo") == Some(orphan.parent_uri.as_str());
    let kind = Interaction::Reply;
    let (uri, author, parent) = (&orphan.uri, &orphan.author, &orphan.parent_uri);
    if is_same && is_approved(federation, kind, object, uri, author, parent, &budget).await? {
        statuses::join_thread(instance, answer).await?;
    }
    Ok(())
}

/// Id of the approval that an interaction names.
fn approval_of(kind: Interaction, interaction: Object<'_>) -> Option<&str> {
    let member = match kind {
        Interaction::Reply => "replyAuthorization",
        Interaction::Like => "likeAuthorization",
        Interaction::Announce => "announceAuthorization",
    };
    interaction.id(member).or_else(|| interaction.id("approvedBy"))
}

/// Whether an approval is one of this interaction by this author. Before there were authorizations there were approvals,
/// and before these the author's Accept.
fn holds(document: Object<'_>, kind: Interaction, author: &str, uri: &str, target: &str) -> bool {
    let is = |name: &str| document.is(&format!("{}{name}", kind.type_name()));
    let target_is = |member: &str| document.id(member).is_none_or(|id| id == target);
    if is("Authorization") {
        document.id("attributedTo") == Some(author)
            && document.id("interactingObject") == Some(uri)
            && document.id("interactionTarget") == Some(target)
    } else if is("Approval") {
        document.id("attributedTo") == Some(author)
            && document.id("object") == Some(uri)
            && target_is("target")
    } else if document.is("Accept") {
        document.id("actor") == Some(author) && document.id("object") == Some(uri) && target_is("target")
    } else {
        false
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fed_094_an_approval_is_of_one_interaction_by_one_author() {
        let good = json!({
            "type": "ReplyAuthorization",
            "attributedTo": "https://far.test/ada",
            "interactingObject": "https://near.test/1",
            "interactionTarget": "https://far.test/1",
        });
        let check = |document: &serde_json::Value| {
            let document = Object::of(document).unwrap();
            holds(
                document,
                Interaction::Reply,
                "https://far.test/ada",
                "https://near.test/1",
                "https://far.test/1",
            )
        };
        assert!(check(&good));
        for (member, value) in [
            ("type", json!("LikeAuthorization")),
            ("type", json!("Note")),
            ("attributedTo", json!("https://far.test/eve")),
            ("interactingObject", json!("https://near.test/2")),
            ("interactionTarget", json!("https://far.test/2")),
            ("interactionTarget", json!(null)),
        ] {
            let mut bad = good.clone();
            bad[member] = value;
            assert!(!check(&bad), "{bad}");
        }
        let older = json!({
            "type": "ReplyApproval",
            "attributedTo": "https://far.test/ada",
            "object": "https://near.test/1",
        });
        assert!(check(&older));
        let accept =
            json!({"type": "Accept", "actor": "https://far.test/ada", "object": "https://near.test/1"});
        assert!(check(&accept));
        assert!(!check(
            &json!({"type": "Accept", "actor": "https://far.test/eve", "object": "https://near.test/1"})
        ));
    }
}
