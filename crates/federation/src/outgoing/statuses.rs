//! Statuses, boosts, votes and favourites.

use pouet_model::{
    account::Account,
    audience::Audience,
    ids::{AccountId, ActivityId, PollId, RelationId, StatusId},
    relay::RelayKind,
    status::Visibility,
};
use pouet_service::{
    Error, Result, accounts,
    delivery::Recipients,
    interactions::{ApprovalRow, published},
    jobs::DeletedStatus,
    polls,
    statuses::{self, find_raw},
    view::StatusView,
};

use super::Task;
use crate::{
    activities::{self, Boost, Choice},
    objects::note::{self, Note},
};

impl Task<'_> {
    pub(super) async fn publish(&self, id: StatusId) -> Result<()> {
        let Some(mut view) = self.own_view(id).await? else {
            return Ok(());
        };
        let approval = published(self.instance, id).await?.approval;
        let waits_for = self.waits_for(&mut view, approval.as_ref()).await?;
        if let Some(original) = &view.reblog {
            let approval = approval.and_then(|approval| approval.approved_by);
            return self.publish_boost(&view, original, approval, waits_for).await;
        }
        let note = note::load(self.instance, &view).await?;
        let recipients = match waits_for {
            Some(author) => only(author),
            None => self.recipients(&view).await?,
        };
        let object = note.id.clone();
        let body = activities::create(note).into_text();
        self.send(view.author.id, body, object.clone(), recipients)
            .await?;
        if waits_for.is_some() {
            return Ok(());
        }
        self.announce_if_public(view.status.visibility, &object).await
    }

    /// Relays of one form get what their own kind of activity says instead of the status itself.
    async fn announce_if_public(&self, visibility: Visibility, object: &str) -> Result<()> {
        if visibility == Visibility::Public {
            self.announce_to_relays(object).await?;
        }
        Ok(())
    }

    /// Of what waits for approval: who has to give it. The status is as it will be then.
    async fn waits_for(
        &self,
        view: &mut StatusView,
        approval: Option<&ApprovalRow>,
    ) -> Result<Option<AccountId>> {
        let Some(approval) = approval.filter(|approval| approval.approved_by.is_none()) else {
            return Ok(None);
        };
        view.status.visibility = approval.visibility;
        let target = find_raw(self.instance, approval.target_id).await?;
        Ok(target.map(|target| target.account_id))
    }

    /// Whether a status is not for others yet.
    pub(super) async fn is_waiting(&self, id: StatusId) -> Result<bool> {
        let approval = published(self.instance, id).await?.approval;
        Ok(approval.is_some_and(|approval| approval.approved_by.is_none()))
    }

    async fn publish_boost(
        &self,
        view: &StatusView,
        original: &StatusView,
        approval: Option<String>,
        waits_for: Option<AccountId>,
    ) -> Result<()> {
        let urls = self.instance.urls();
        let boost = Boost {
            account_id: view.author.id,
            status_id: view.status.id,
            object: urls.status_uri(&original.status),
            audience: boost_audience(
                self,
                view.author.id,
                view.status.visibility,
                urls.account_uri(&original.author),
            ),
        };
        let activity = activities::announce(urls, boost, view.status.created_at);
        let object = activity.id().to_owned();
        let recipients = match waits_for {
            Some(author) => only(author),
            None => Recipients {
                followers_of: vec![view.author.id],
                accounts: vec![original.author.id],
                ..Recipients::default()
            },
        };
        let body = match approval {
            Some(approval) => activities::approved(activity, &approval),
            None => activity.into_text(),
        };
        self.send(view.author.id, body, object, recipients).await
    }

    pub(super) async fn publish_edit(&self, id: StatusId) -> Result<()> {
        let Some((mut view, mut note)) = self.own_note(id).await? else {
            return Ok(());
        };
        let Some(edited_at) = view.status.edited_at else {
            return Ok(());
        };
        let approval = published(self.instance, id).await?.approval;
        let waits_for = self.waits_for(&mut view, approval.as_ref()).await?;
        let recipients = match waits_for {
            Some(author) => {
                note = note::load(self.instance, &view).await?;
                only(author)
            }
            None => self.recipients_of_change(&view).await?,
        };
        let object = note.id.clone();
        let body = activities::update(note, edited_at).into_text();
        self.send(view.author.id, body, object.clone(), recipients)
            .await?;
        if waits_for.is_some() {
            return Ok(());
        }
        self.announce_if_public(view.status.visibility, &object).await
    }

    /// Polls change without having been edited.
    pub(super) async fn send_poll_tally(&self, id: StatusId) -> Result<()> {
        let Some((view, note)) = self.own_note(id).await? else {
            return Ok(());
        };
        // Once approved, it is sent as it is then.
        if view.poll.is_none() || self.is_waiting(id).await? {
            return Ok(());
        }
        let object = note.id.clone();
        let body = activities::update_tally(note, self.id.0).into_text();
        let recipients = self.recipients_of_change(&view).await?;
        self.send(view.author.id, body, object, recipients).await
    }

    pub(super) async fn publish_delete(&self, deleted: &DeletedStatus) -> Result<()> {
        let urls = self.instance.urls();
        let mut recipients = Recipients {
            accounts: [&deleted.mentions[..], &deleted.interested[..]].concat(),
            ..Recipients::default()
        };
        if !deleted.visibility.is_for_addressees() {
            recipients.followers_of.push(deleted.account_id);
        }
        if let Some(answered) = deleted.reply_to_account {
            recipients.accounts.push(answered);
            if deleted.visibility.is_open() && deleted.reblog_of_uri.is_none() {
                recipients.followers_of.extend(self.local(answered).await?);
            }
        }
        if deleted.visibility == Visibility::Public && deleted.reblog_of_uri.is_none() {
            recipients.relays = vec![RelayKind::Mastodon, RelayKind::LitePub];
        }
        let (body, object) = match &deleted.reblog_of_uri {
            None => (
                activities::delete(urls, deleted.account_id, deleted.status_id).into_text(),
                urls.local_status(deleted.account_id, deleted.status_id),
            ),
            Some(original) => (
                self.undo_boost(deleted, original).await?,
                urls.status_activity(deleted.account_id, deleted.status_id),
            ),
        };
        self.send(deleted.account_id, body, object, recipients).await
    }

    async fn undo_boost(
        &self,
        deleted: &DeletedStatus,
        original: &str,
    ) -> Result<serde_json::Result<String>> {
        let author = deleted.mentions.first().copied().or(deleted.reply_to_account);
        let author = match author {
            Some(author) => accounts::find_any(self.instance, author).await?,
            None => None,
        };
        let urls = self.instance.urls();
        let named = author.map(|author| urls.account_uri(&author));
        let boost = Boost {
            account_id: deleted.account_id,
            status_id: deleted.status_id,
            object: original.to_owned(),
            audience: boost_audience(self, deleted.account_id, deleted.visibility, named),
        };
        Ok(activities::undo_announce(urls, boost).into_text())
    }

    /// A favourite is told to the author of the status and to nobody else.
    pub(super) async fn send_favourite(
        &self,
        id: RelationId,
        account: AccountId,
        status: StatusId,
        undo: bool,
    ) -> Result<()> {
        let Some(status) = find_raw(self.instance, status).await? else {
            return Ok(());
        };
        if self.actor(account).await?.is_none() {
            return Ok(());
        }
        let urls = self.instance.urls();
        let liked = urls.status_uri(&status);
        let like = activities::like(urls, id, account, &liked);
        let object = like.id().to_owned();
        let body = if undo {
            activities::undo_like(urls, id, account, &liked).into_plain_text()
        } else {
            like.into_plain_text()
        };
        let recipients = Recipients {
            accounts: vec![status.account_id],
            ..Recipients::default()
        };
        self.send(account, body, object, recipients).await
    }

    pub(super) async fn send_votes(&self, account: AccountId, poll: PollId, positions: &[i64]) -> Result<()> {
        let poll = match polls::find(self.instance, Some(account), poll).await {
            Ok(found) => found.poll,
            Err(Error::NotFound) => return Ok(()),
            Err(error) => return Err(error),
        };
        let (Some(status), Some(author)) = (
            find_raw(self.instance, poll.status_id).await?,
            self.remote_uri(poll.account_id).await?,
        ) else {
            return Ok(());
        };
        let urls = self.instance.urls();
        let question = urls.status_uri(&status);
        for (round, position) in positions.iter().enumerate() {
            let Some(option) = usize::try_from(*position)
                .ok()
                .and_then(|position| poll.options.get(position))
            else {
                continue;
            };
            let choice = Choice {
                poll_id: poll.id,
                position: *position,
                title: &option.title,
                question: &question,
                author: &author,
            };
            let vote = activities::vote(urls, account, choice);
            let object = vote.id().to_owned();
            let recipients = Recipients {
                accounts: vec![poll.account_id],
                ..Recipients::default()
            };
            // The first vote has the job's id. Further ones are known again by their id on the wire alone.
            let id = match round {
                0 => ActivityId(self.id.0),
                _ => self.instance.next_id(),
            };
            self.send_as(id, Some(account), vote.into_plain_text(), object, recipients)
                .await?;
        }
        Ok(())
    }

    /// A local status or boost as its author sees it; `None` if it is gone, or nobody elsewhere is to know of it.
    async fn own_view(&self, id: StatusId) -> Result<Option<StatusView>> {
        let found = find_raw(self.instance, id).await?;
        let Some(status) = found.filter(|status| status.is_local() && !status.local_only) else {
            return Ok(None);
        };
        if self.actor(status.account_id).await?.is_none() {
            return Ok(None);
        }
        let mut views = statuses::view(self.instance, Some(status.account_id), &[id]).await?;
        Ok(views.pop())
    }

    pub(super) async fn own_note(&self, id: StatusId) -> Result<Option<(StatusView, Note)>> {
        let Some(view) = self.own_view(id).await?.filter(|view| view.reblog.is_none()) else {
            return Ok(None);
        };
        let note = note::load(self.instance, &view).await?;
        Ok(Some((view, note)))
    }

    /// Who a status is for: followers unless it names its readers, the mentioned, and the author of what it answers where
    /// everybody may know. Followers of a local author get what answers them too.
    async fn recipients(&self, view: &StatusView) -> Result<Recipients> {
        let status = &view.status;
        let mut recipients = Recipients {
            accounts: view.mentions.iter().map(|account| account.id).collect(),
            ..Recipients::default()
        };
        if !status.visibility.is_for_addressees() {
            recipients.followers_of.push(view.author.id);
        }
        if status.visibility == Visibility::Public {
            recipients.relays.push(RelayKind::Mastodon);
        }
        if let Some(quote) = &view.quote
            && status.visibility.is_open()
        {
            recipients.accounts.extend(quote.quote.quoted_account_id);
        }
        if let Some(answered) = status.in_reply_to_account_id
            && status.visibility.is_open()
        {
            recipients.accounts.push(answered);
            recipients.followers_of.extend(self.local(answered).await?);
        }
        Ok(recipients)
    }

    /// Who has a copy to change: beside those it was for, those who did something with it.
    pub(super) async fn recipients_of_change(&self, view: &StatusView) -> Result<Recipients> {
        Ok(Recipients {
            interested_in: Some(view.status.id),
            ..self.recipients(view).await?
        })
    }

    /// The account, if it is one of ours.
    async fn local(&self, id: AccountId) -> Result<Option<AccountId>> {
        let account = accounts::find_any(self.instance, id).await?;
        Ok(account.filter(Account::is_local).map(|account| account.id))
    }
}

fn only(account: AccountId) -> Recipients {
    Recipients {
        personally: vec![account],
        ..Recipients::default()
    }
}

fn boost_audience(
    task: &Task<'_>,
    booster: AccountId,
    visibility: Visibility,
    author: impl Into<Option<String>>,
) -> Audience {
    let named: Vec<String> = author.into().into_iter().collect();
    let followers = task.instance.urls().followers(booster);
    Audience::of(visibility, &followers, &named)
}
