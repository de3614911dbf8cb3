//! Emoji that people here put on statuses of others: a `Like` with `content`, which those who know no emoji take for a
//! favourite.
//!
//! Source: FEP-c0e0 <https://codeberg.org/fediverse/fep/src/branch/main/fep/c0e0/fep-c0e0.md>

use pouet_model::{
    ids::{AccountId, RelationId},
    reaction::ReactionEmoji,
    urls::Urls,
};
use serde::Serialize;

use super::Activity;
use crate::objects::note::{Tag, emoji_tag};

/// What is put on whose status.
#[derive(Clone, Copy, Debug)]
pub struct Reacted<'a> {
    /// Row of the reaction.
    pub id: RelationId,
    /// Who reacts.
    pub account_id: AccountId,
    /// Id of the status.
    pub object: &'a str,
    /// Id of its author.
    pub author: &'a str,
    /// The emoji.
    pub emoji: &'a ReactionEmoji,
}

/// A `Like` with an emoji.
#[derive(Clone, Debug, Serialize)]
pub struct Reaction {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    actor: String,
    to: Vec<String>,
    object: String,
    content: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tag: Vec<Tag>,
}

impl Reaction {
    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }
}

/// The `Like` of a reaction.
pub fn reaction(urls: &Urls, reacted: Reacted<'_>) -> Reaction {
    let actor = urls.local_account(reacted.account_id);
    let custom = reacted.emoji.custom();
    Reaction {
        id: format!("{actor}#reactions/{}", reacted.id),
        kind: "Like",
        actor,
        to: vec![reacted.author.to_owned()],
        object: reacted.object.to_owned(),
        content: reacted.emoji.content(),
        tag: custom.map(|emoji| emoji_tag(urls, emoji)).into_iter().collect(),
    }
}

/// Its Undo.
pub fn undo_reaction(urls: &Urls, reacted: Reacted<'_>) -> Activity<Reaction> {
    let like = reaction(urls, reacted);
    let id = format!("{}/undo", like.id);
    let to = like.to.clone();
    Activity::new("Undo", id, like.actor.clone(), like).addressed(to, Vec::new())
}

#[cfg(test)]
mod tests {
    use pouet_model::emoji::CustomEmoji;
    use serde_json::json;

    use super::*;

    #[test]
    fn fed_077_a_reaction_is_a_like_with_content_and_picture() {
        let urls = Urls::new(&"https://pouet.example".parse().unwrap(), None);
        let emoji = ReactionEmoji::Custom(CustomEmoji {
            shortcode: "kappa".to_owned(),
            domain: None,
            image: "emoji/k.png".to_owned(),
            uri: None,
            updated_at: Some(chrono::DateTime::UNIX_EPOCH),
        });
        let reacted = Reacted {
            id: RelationId(7),
            account_id: AccountId(1),
            object: "https://far.example/notes/9",
            author: "https://far.example/users/bob",
            emoji: &emoji,
        };
        let like = json!({
            "id": "https://pouet.example/ap/users/1#reactions/7",
            "type": "Like",
            "actor": "https://pouet.example/ap/users/1",
            "to": ["https://far.example/users/bob"],
            "object": "https://far.example/notes/9",
            "content": ":kappa:",
            "tag": [{
                "type": "Emoji",
                "name": ":kappa:",
                "updated": "1970-01-01T00:00:00.000Z",
                "icon": {"type": "Image", "url": "https://pouet.example/media/emoji/k.png"},
            }],
        });
        assert_eq!(serde_json::to_value(reaction(&urls, reacted)).unwrap(), like);
        let undo = serde_json::to_value(undo_reaction(&urls, reacted)).unwrap();
        assert_eq!(undo["object"], like);
        assert_eq!(undo["id"], "https://pouet.example/ap/users/1#reactions/7/undo");
    }
}
