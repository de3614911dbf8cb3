//! What each activity of another server does here: one file per activity.
//!
//! An activity gets here only when its actor is proved to have sent it. Each type is one of the library's `Activity` implementations:
//! `verify` asks whether the actor may do this, `receive` does it through the operations. All can be run again without harm.

mod accept;
mod announce;
mod block;
mod create;
mod delete;
mod featured;
mod flag;
mod follow;
mod interaction;
mod like;
mod moved;
mod quote_request;
mod reject;
mod undo;
mod update;

use activitypub_federation::traits::Activity;
use pouet_model::{account::Account, ids::AccountId};
use pouet_service::follows;
use serde_json::Value;
use url::Url;

use crate::{
    budget::Budget,
    context::{Context, Federation},
    error::{Error, Result},
    json::Object,
};

pub(crate) use featured::tag_of;

/// Types that something happens on; all others are dropped by name.
const TYPES: [&str; 19] = [
    "Accept",
    "Add",
    "Announce",
    "AnnounceRequest",
    "Block",
    "Create",
    "Delete",
    "EmojiReact",
    "Flag",
    "Follow",
    "Like",
    "LikeRequest",
    "Move",
    "QuoteRequest",
    "Reject",
    "Remove",
    "ReplyRequest",
    "Undo",
    "Update",
];

/// Whether something happens on an activity of this type.
pub(crate) fn is_known_type(kind: &str) -> bool {
    TYPES.contains(&kind)
}

/// An activity whose actor is proved.
#[derive(Clone, Debug)]
pub(crate) struct Envelope {
    /// Its id, or what stands for one.
    pub(crate) id: Url,
    /// Id of its actor.
    pub(crate) actor: Url,
    /// Its id to the letter.
    pub(crate) uri: String,
    /// The account of its actor.
    pub(crate) sender: Account,
    /// Owner of the personal inbox that it came to.
    pub(crate) recipient: Option<AccountId>,
    /// What may be fetched because of it.
    pub(crate) budget: Budget,
    /// The document.
    pub(crate) value: Value,
}

impl Envelope {
    /// The document as an object.
    fn activity(&self) -> Result<Object<'_>> {
        Object::of(&self.value).ok_or(Error::Refused("activity is not an object"))
    }

    /// The id of what it is about.
    fn object_id(&self) -> Result<&str> {
        let object = self.activity()?.id("object");
        object.ok_or(Error::Refused("activity without object"))
    }

    /// What it is about, if it is embedded.
    fn embedded(&self) -> Result<Option<Object<'_>>> {
        Ok(self.activity()?.object("object"))
    }

    /// In whose name something of the sender's is fetched that may be for few: the owner of the inbox that this came to, or
    /// a local follower. `None`: the instance.
    async fn reader(&self, context: &Context) -> Result<Option<AccountId>> {
        if self.recipient.is_some() {
            return Ok(self.recipient);
        }
        Ok(follows::local_follower(&context.instance, self.sender.id).await?)
    }

    /// Id of the actor, to the letter.
    fn sender_uri(&self) -> &str {
        self.sender.uri.as_deref().unwrap_or_default()
    }
}

/// Makes a type of activity of the library from one of ours that has `check` and `act`.
macro_rules! activity {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) struct $name(pub(crate) $crate::receive::Envelope);

        #[async_trait::async_trait]
        impl activitypub_federation::traits::Activity for $name {
            type DataType = $crate::context::Federation;
            type Error = $crate::error::Error;

            fn id(&self) -> &url::Url {
                &self.0.id
            }

            fn actor(&self) -> &url::Url {
                &self.0.actor
            }

            async fn verify(&self, context: &$crate::context::Context) -> $crate::error::Result<()> {
                self.check(context)
            }

            async fn receive(self, context: &$crate::context::Context) -> $crate::error::Result<()> {
                self.act(context).await
            }
        }
    };
}
use activity;

/// Does what an activity says, if its actor may.
///
/// # Errors
/// `Refused` if they may not; whatever the operation fails with.
pub(crate) async fn handle(context: &Context, envelope: Envelope) -> Result<()> {
    let kind = envelope.activity()?.types().next().unwrap_or_default().to_owned();
    // Who is suspended may still take back.
    let takes_back = matches!(kind.as_str(), "Delete" | "Reject" | "Remove" | "Undo" | "Update");
    if envelope.sender.suspended_at.is_some() && !takes_back {
        return Err(Error::Refused("actor is suspended"));
    }
    match kind.as_str() {
        "Accept" => run(context, accept::Accept(envelope)).await,
        "Add" => run(context, featured::Add(envelope)).await,
        "Announce" => run(context, announce::Announce(envelope)).await,
        "Block" => run(context, block::Block(envelope)).await,
        "Create" => run(context, create::Create(envelope)).await,
        "Delete" => run(context, delete::Delete(envelope)).await,
        "Flag" => run(context, flag::Flag(envelope)).await,
        "Follow" => run(context, follow::Follow(envelope)).await,
        "AnnounceRequest" | "LikeRequest" | "ReplyRequest" => {
            run(context, interaction::InteractionRequest(envelope)).await
        }
        "Like" | "EmojiReact" => run(context, like::Like(envelope)).await,
        "Move" => run(context, moved::Move(envelope)).await,
        "QuoteRequest" => run(context, quote_request::QuoteRequest(envelope)).await,
        "Reject" => run(context, reject::Reject(envelope)).await,
        "Remove" => run(context, featured::Remove(envelope)).await,
        "Undo" => run(context, undo::Undo(envelope)).await,
        "Update" => run(context, update::Update(envelope)).await,
        _ => Ok(()),
    }
}

async fn run<A>(context: &Context, activity: A) -> Result<()>
where
    A: Activity<DataType = Federation, Error = Error>,
{
    activity.verify(context).await?;
    activity.receive(context).await
}
