//! Copies of other servers' pictures, within their budget.

use chrono::TimeDelta;
use pouet_federation::routes::FetchAuth;
use pouet_model::{
    account::{Account, Picture},
    ids::{AccountId, JobId},
};
use pouet_service::{
    accounts,
    jobs::Job,
    media::{self, PictureKind, RemoteSource},
    settings::{MediaCacheSettings, Settings},
};
use pouet_storage::{Conn, jobs};
use serde_json::json;

use crate::common::{Remote, Site, clock};

const PICTURE: &[u8] = include_bytes!("../../../web/assets/avatar-default.png");

/// Several accounts with a picture each, on a site that keeps copies by these rules.
struct World {
    site: Site,
    far: Remote,
    people: Vec<AccountId>,
}

impl World {
    async fn start(cache: MediaCacheSettings) -> Self {
        let clock = clock();
        let change = |settings: &mut Settings| settings.media_cache = cache;
        let site = Site::start_as(&clock, FetchAuth::Off, change).await;
        let far = Remote::start_as("far.test", &clock);
        let mut people = Vec::new();
        for name in ["ada", "ben", "cleo"] {
            let mut actor = far.actor(name);
            actor.document["icon"] = json!({ "type": "Image", "url": format!("{}/{name}.png", far.url) });
            far.publish(&actor.document);
            far.serve_bytes(&format!("/{name}.png"), 200, "image/png", PICTURE);
            people.push(site.resolve(name, &far.domain).await.unwrap().id);
        }
        far.asked();
        // Like a worker when it starts; the job then makes the next one itself.
        let (id, now): (JobId, _) = (site.instance.next_id(), site.instance.now());
        let insert = move |tx: &mut Conn| {
            let job = jobs::NewJob {
                id,
                kind: Job::EmptyMediaTrash.kind(),
                payload: &serde_json::to_string(&Job::EmptyMediaTrash).unwrap(),
                dedup_key: None,
                host: None,
                run_at: now,
                created_at: now,
            };
            jobs::insert_job(tx, &job)
        };
        site.store.write(insert).await.unwrap();
        Self { site, far, people }
    }

    /// Looks at somebody's picture; how large it is.
    async fn size(&self, person: usize) -> usize {
        let source = RemoteSource::Picture(self.people[person], PictureKind::Avatar);
        let file = media::remote(&self.site.instance, source).await.unwrap();
        file.bytes.len()
    }

    /// Looks at somebody's picture; what the far server was asked for.
    async fn look(&self, person: usize) -> Vec<String> {
        self.size(person).await;
        self.far.asked()
    }

    /// Lets time go by, with all that is done meanwhile.
    async fn wait(&mut self, time: TimeDelta) {
        self.site.clock.advance(time);
        self.site.settle().await;
    }

    async fn account(&self, person: usize) -> Account {
        let found = accounts::find_any(&self.site.instance, self.people[person]).await;
        found.unwrap().unwrap()
    }

    async fn is_kept(&self, person: usize) -> bool {
        match self.account(person).await.avatar {
            Some(Picture::Stored(key)) => media::open(&self.site.instance, &key).await.is_ok(),
            _ => false,
        }
    }
}

#[actix_web::test]
async fn sec_R098_copies_stay_within_their_budget_and_the_least_used_go_first() {
    let one = World::start(MediaCacheSettings::default()).await.size(0).await;
    let cache = MediaCacheSettings {
        bytes: i64::try_from(one).unwrap() * 5 / 2,
        days: 90,
    };
    let mut world = World::start(cache).await;
    let minutes = TimeDelta::minutes(5);
    for (person, path) in ["GET /ada.png", "GET /ben.png"].into_iter().enumerate() {
        assert_eq!(world.look(person).await, [path]);
        world.wait(minutes).await;
    }
    // Ada's was fetched first, but is looked at again.
    assert_eq!(world.look(0).await, [""; 0]);
    world.wait(minutes).await;
    assert_eq!(world.look(2).await, ["GET /cleo.png"]);
    world.wait(minutes).await;
    let mut kept = Vec::new();
    for person in 0..3 {
        kept.push(world.is_kept(person).await);
    }
    assert_eq!(kept, [true, false, true]);
    assert_eq!(world.look(1).await, ["GET /ben.png"], "it is fetched again");
}

#[actix_web::test]
async fn copies_that_nobody_looks_at_are_removed() {
    let cache = MediaCacheSettings {
        bytes: i64::MAX,
        days: 30,
    };
    let mut world = World::start(cache).await;
    world.look(0).await;
    world.look(1).await;
    world.wait(TimeDelta::days(29)).await;
    assert_eq!(world.look(1).await, [""; 0]);
    world.wait(TimeDelta::minutes(5)).await;
    world.wait(TimeDelta::days(2)).await;
    assert!(!world.is_kept(0).await);
    assert!(world.is_kept(1).await);
}
