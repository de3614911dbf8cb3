//! Follows and their answers, profiles, and the end of accounts.

use pouet_model::ids::{AccountId, RelationId};
use pouet_service::{Error, Result, accounts, delivery::Recipients, signing_keys};

use super::Task;
use crate::{
    activities::{self, Answer},
    objects::actor::Actor,
};

impl Task<'_> {
    /// Follows go to the personal inbox, because what they ask is a matter between two accounts.
    pub(super) async fn send_follow(
        &self,
        id: RelationId,
        follower: AccountId,
        target: AccountId,
        undo: bool,
    ) -> Result<()> {
        let (Some(_), Some(target_uri)) = (self.actor(follower).await?, self.remote_uri(target).await?)
        else {
            return Ok(());
        };
        let urls = self.instance.urls();
        let follow = activities::follow(urls, id, follower, &target_uri);
        let object = follow.id().to_owned();
        let body = if undo {
            activities::undo_follow(urls, id, follower, &target_uri).into_plain_text()
        } else {
            follow.into_plain_text()
        };
        self.send(follower, body, object, personally(target)).await
    }

    pub(super) async fn send_accept(
        &self,
        account: AccountId,
        follower: AccountId,
        follow_uri: &str,
    ) -> Result<()> {
        self.answer(Answer::Accept, account, follower, follow_uri).await
    }

    pub(super) async fn send_reject(
        &self,
        account: AccountId,
        follower: AccountId,
        follow_uri: &str,
    ) -> Result<()> {
        self.answer(Answer::Reject, account, follower, follow_uri).await
    }

    async fn answer(
        &self,
        answer: Answer,
        account: AccountId,
        follower: AccountId,
        follow_uri: &str,
    ) -> Result<()> {
        let (Some(_), Some(follower_uri)) = (self.actor(account).await?, self.remote_uri(follower).await?)
        else {
            return Ok(());
        };
        let urls = self.instance.urls();
        let activity = activities::answer_follow(urls, answer, account, &follower_uri, follow_uri, self.id.0);
        let body = activity.into_plain_text();
        // Answers of one account to another stay in order, whatever the Follows are called.
        let object = format!("{}#followers/{follower}", urls.local_account(account));
        self.send(account, body, object, personally(follower)).await
    }

    /// Followers, and those who met the account lately, get its profile.
    pub(super) async fn send_profile(&self, account: AccountId) -> Result<()> {
        let Some(found) = accounts::find_any(self.instance, account).await? else {
            return Ok(());
        };
        if !found.is_local() || found.deleted_at.is_some() {
            return Ok(());
        }
        let urls = self.instance.urls();
        let key = signing_keys::signing_key(self.instance, Some(account)).await?;
        let moved_to = match found.moved_to {
            Some(target) => accounts::find_any(self.instance, target).await?,
            None => None,
        };
        let moved_to = moved_to.map(|target| urls.account_uri(&target));
        let document = Actor::of(urls, &found, &key.public_key_pem, moved_to).document();
        let body = activities::update_actor(urls, account, document, self.id.0);
        let recipients = Recipients {
            followers_of: vec![account],
            acquaintances_of: Some(account),
            ..Recipients::default()
        };
        self.send(account, body, urls.local_account(account), recipients)
            .await
    }

    /// Any server may show a deleted account, so every known one is told.
    pub(super) async fn send_account_delete(&self, account: AccountId) -> Result<()> {
        match signing_keys::signing_key(self.instance, Some(account)).await {
            Ok(_) => {}
            // Without its key nobody would believe it.
            Err(Error::NotFound) => return Ok(()),
            Err(error) => return Err(error),
        }
        let urls = self.instance.urls();
        let body = activities::delete_actor(urls, account).into_plain_text();
        let recipients = Recipients {
            all_hosts: true,
            ..Recipients::default()
        };
        self.send(account, body, urls.local_account(account), recipients)
            .await
    }
}

fn personally(account: AccountId) -> Recipients {
    Recipients {
        personally: vec![account],
        ..Recipients::default()
    }
}
