//! Follows and their answers, profiles, and the end of accounts.

use pouet_model::{
    ids::{AccountId, ActivityId, RelationId, ReportId},
    relay::RelayKind,
};
use pouet_service::{
    Error, Result, accounts,
    delivery::{self, Outgoing, Recipients},
    moves, reports, signing_keys,
};

use super::Task;
use crate::{
    activities::{self, Answer},
    objects::actor,
};

/// What is said of an account itself goes to relays of every form, as it is.
const EVERY_RELAY: [RelayKind; 2] = [RelayKind::Mastodon, RelayKind::LitePub];

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
        match answer {
            // The end of a follow is told to suspended domains as well: their own counts would stay wrong.
            Answer::Reject => self.send_farewell(account, body, object, follower).await,
            Answer::Accept => self.send(account, body, object, personally(follower)).await,
        }
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
        let document = actor::load(self.instance, &found).await?.document();
        let body = activities::update_actor(urls, account, document, self.id.0);
        let recipients = Recipients {
            followers_of: vec![account],
            acquaintances_of: Some(account),
            relays: EVERY_RELAY.to_vec(),
            ..Recipients::default()
        };
        self.send(account, body, urls.local_account(account), recipients)
            .await
    }

    /// Who knows an actor of ours learns its new keys by a message signed with the old one. It carries no proof: that would
    /// be by a key that nobody knows yet.
    pub(super) async fn send_new_keys(&self, account: Option<AccountId>, retired_key_id: i64) -> Result<()> {
        let urls = self.instance.urls();
        let (body, object_uri, recipients) = if let Some(account) = account {
            let Some(found) = self.actor(account).await? else {
                return Ok(());
            };
            let document = actor::load(self.instance, &found).await?.document();
            let recipients = Recipients {
                followers_of: vec![account],
                acquaintances_of: Some(account),
                ..Recipients::default()
            };
            let body = activities::update_actor(urls, account, document, self.id.0);
            (body, urls.local_account(account), recipients)
        } else {
            let document = actor::load_instance_actor(self.instance).await?;
            let recipients = Recipients {
                all_hosts: true,
                ..Recipients::default()
            };
            let body = activities::update_instance_actor(urls, document, self.id.0);
            (body, urls.instance_actor(), recipients)
        };
        let outgoing = Outgoing {
            id: ActivityId(self.id.0),
            account_id: account,
            retired_key_id: Some(retired_key_id),
            body: body.map_err(Error::internal)?,
            object_uri,
            inboxes: delivery::inboxes(self.instance, recipients).await?,
        };
        let deliveries = delivery::enqueue(self.instance, outgoing).await?;
        tracing::debug!(job = %self.id, deliveries, "new keys announced");
        Ok(())
    }

    /// Followers hear that the account goes on elsewhere, and so do those who blocked it: their blocks go along.
    pub(super) async fn send_move(
        &self,
        id: RelationId,
        account: AccountId,
        target: AccountId,
    ) -> Result<()> {
        let (Some(_), Some(target)) = (
            self.actor(account).await?,
            accounts::find_any(self.instance, target).await?,
        ) else {
            return Ok(());
        };
        let urls = self.instance.urls();
        let body = activities::move_actor(urls, id, account, urls.account_uri(&target)).into_plain_text();
        let recipients = Recipients {
            followers_of: vec![account],
            accounts: moves::remote_blockers(self.instance, account).await?,
            relays: EVERY_RELAY.to_vec(),
            ..Recipients::default()
        };
        // The profile that names the target is about the same object: it arrives first.
        self.send(account, body, urls.local_account(account), recipients)
            .await
    }

    /// In the name of the instance, so that nobody learns who reports.
    pub(super) async fn send_report(&self, id: ReportId) -> Result<()> {
        let view = match reports::find(self.instance, id).await {
            Ok(view) => view,
            Err(Error::NotFound) => return Ok(()),
            Err(error) => return Err(error),
        };
        let Some(target) = view.target.uri.clone().filter(|_| view.report.forwarded) else {
            return Ok(());
        };
        let urls = self.instance.urls();
        let mut objects = vec![target.clone()];
        objects.extend(view.statuses.iter().map(|status| urls.status_uri(status)));
        let body = activities::flag(urls, id, objects, &view.report.comment).into_plain_text();
        let recipients = Recipients {
            accounts: vec![view.target.id],
            ..Recipients::default()
        };
        let activity = ActivityId(self.id.0);
        self.send_as(activity, None, body, target, recipients).await
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
            relays: EVERY_RELAY.to_vec(),
            ..Recipients::default()
        };
        self.send(account, body, urls.local_account(account), recipients)
            .await
    }
}

pub(super) fn personally(account: AccountId) -> Recipients {
    Recipients {
        personally: vec![account],
        ..Recipients::default()
    }
}
