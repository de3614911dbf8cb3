//! A site with Ben, who follows Ada on a server of others.

use std::sync::Arc;

use pouet_model::{
    account::{Account, User},
    status::Status,
    time::ManualClock,
};
use pouet_service::{
    follows::{self, FollowOptions},
    statuses,
};
use serde_json::{Value, json};

use super::{Actor, Remote, Site, clock};

pub(crate) struct World {
    pub(crate) site: Site,
    pub(crate) far: Remote,
    pub(crate) ada: Actor,
    pub(crate) ben: Account,
    pub(crate) user: User,
    pub(crate) clock: Arc<ManualClock>,
}

impl World {
    pub(crate) async fn start() -> Self {
        let clock = clock();
        let (site, far) = (Site::start(&clock).await, Remote::start(&clock));
        let (user, ben) = site.user("ben").await;
        let ada = far.actor("ada");
        let mut world = Self {
            site,
            far,
            ada,
            ben,
            user,
            clock,
        };
        let ada = world.site.resolve("ada", &world.far.domain).await.unwrap();
        follows::follow(
            &world.site.instance,
            world.ben.id,
            ada.id,
            FollowOptions::default(),
        )
        .await
        .unwrap();
        world.site.settle().await;
        let follow = world.far.received().pop().unwrap();
        world.send(&world.ada.activity("Accept", "accept", &follow)).await;
        world.far.asked();
        world
    }

    /// Sends an activity of Ada's to the shared inbox and has it processed.
    pub(crate) async fn send(&mut self, activity: &Value) {
        let ada = self.ada.clone();
        self.send_as(&ada, activity).await;
    }

    /// The same, of anybody on Ada's server.
    pub(crate) async fn send_as(&mut self, actor: &Actor, activity: &Value) {
        let inbox = format!("{}/ap/inbox", self.site.url);
        assert_eq!(self.far.send(actor, &inbox, activity).await, 202, "{activity}");
        self.site.settle().await;
    }

    /// The Create of an object of Ada's, with its audience.
    pub(crate) fn create(&self, object: &Value) -> Value {
        let mut create = self.ada.activity("Create", "create", object);
        create["id"] = json!(format!("{}/activity", object["id"].as_str().unwrap()));
        create["to"] = object["to"].clone();
        create["cc"] = object["cc"].clone();
        create
    }

    /// Sends the Create of an object of Ada's; the status that it became.
    pub(crate) async fn publish(&mut self, object: &Value) -> Option<Status> {
        self.send(&self.create(object)).await;
        self.status(object["id"].as_str().unwrap()).await
    }

    pub(crate) async fn status(&self, uri: &str) -> Option<Status> {
        statuses::find_by_uri(&self.site.instance, uri).await.unwrap()
    }
}
