//! Copies of other servers' pictures, within their budget.

use chrono::TimeDelta;
use pouet_federation::routes::FetchAuth;
use pouet_model::{
    account::{Account, Picture},
    ids::{AccountId, JobId},
    status::Timing,
};
use pouet_service::{
    Error, accounts,
    jobs::Job,
    media::{self, PictureKind, RemoteSource, Variant, Wanted},
    policy::{self, NewRule},
    settings::{MediaCacheSettings, Settings},
    statuses,
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

#[actix_web::test]
async fn fed_042_videos_are_shown_by_their_picture() {
    let world = World::start(MediaCacheSettings::default()).await;
    let dora = world.far.actor("dora");
    let mut note = world.far.note(&dora, "1", "<p>a storm</p>");
    note["attachment"] = json!([{
        "type": "Video",
        "mediaType": "video/mp4",
        "url": format!("{}/storm.mp4", world.far.url),
        "duration": "PT1M1.5S",
        "width": 640,
        "height": 360,
        "icon": { "type": "Image", "mediaType": "image/png", "url": format!("{}/storm.png", world.far.url) },
    }]);
    world.far.publish(&note);
    world.far.serve_bytes("/storm.png", 200, "image/png", PICTURE);
    let resolver = world.site.instance.resolver().unwrap();
    let status = resolver
        .status_by_uri(note["id"].as_str().unwrap())
        .await
        .unwrap();
    world.far.asked();
    let shown = async || {
        let view = statuses::find(&world.site.instance, None, status.id)
            .await
            .unwrap();
        view.media.into_iter().next().expect("it has a video")
    };
    let video = shown().await;
    let timing = Timing {
        duration_ms: Some(61_500),
        ..Timing::default()
    };
    assert_eq!((video.timing, video.thumbnail), (timing, None));
    assert_eq!(
        video.preview_remote_url,
        Some(format!("{}/storm.png", world.far.url))
    );
    let look = async |variant| {
        let source = RemoteSource::Attachment(video.id, variant);
        media::remote(&world.site.instance, source).await
    };
    assert!(matches!(look(Variant::Original).await, Err(Error::NotFound)));
    assert_eq!(world.far.asked(), [""; 0], "videos are not fetched");
    look(Variant::Small).await.unwrap();
    assert_eq!(world.far.asked(), ["GET /storm.png"]);
    look(Variant::Small).await.unwrap();
    assert_eq!(world.far.asked(), [""; 0], "it is kept");
    let video = shown().await;
    assert!(video.thumbnail.is_some() && video.small_size.is_some() && video.file.is_none());
    assert_eq!(video.size.map(|size| (size.width, size.height)), Some((640, 360)));
}

#[actix_web::test]
async fn fed_039_an_emoji_that_its_server_changed_is_fetched_anew() {
    let clock = clock();
    let mut site = Site::start(&clock).await;
    let far = Remote::start_as("far.test", &clock);
    let mut bob = far.actor("bob");
    for name in ["one", "two"] {
        far.serve_bytes(&format!("/{name}.png"), 200, "image/png", PICTURE);
    }
    let inbox = format!("{}/ap/inbox", site.url);
    let mut is_known = false;
    for (updated, file, expected) in [
        ("2026-01-01T00:00:00Z", "one", &["GET /one.png"][..]),
        ("2026-01-01T00:00:00Z", "one", &[][..]),
        ("2026-02-01T00:00:00Z", "one", &["GET /one.png"][..]),
        // An old document that comes late.
        ("2026-01-15T00:00:00Z", "two", &[][..]),
        ("2026-03-01T00:00:00Z", "two", &["GET /two.png"][..]),
    ] {
        bob.document["tag"] = json!([{
            "type": "Emoji",
            "name": ":blob:",
            "updated": updated,
            "icon": {"type": "Image", "url": format!("{}/{file}.png", far.url)},
        }]);
        far.publish(&bob.document);
        if is_known {
            let name = format!("update-{updated}-{file}").replace(':', "-");
            let update = bob.activity("Update", &name, &bob.document);
            assert_eq!(far.send(&bob, &inbox, &update).await, 202);
            site.settle().await;
        } else {
            site.resolve("bob", &far.domain).await.unwrap();
            is_known = true;
        }
        far.asked();
        for still in [false, true] {
            let source = RemoteSource::Emoji {
                domain: far.domain.clone(),
                shortcode: "blob".to_owned(),
                still,
            };
            let shown = media::remote(&site.instance, source).await.unwrap();
            assert_eq!(shown.content_type, "image/png");
        }
        assert_eq!(far.asked(), expected, "{updated} {file}");
    }
    let unknown = RemoteSource::Emoji {
        domain: far.domain.clone(),
        shortcode: "nobody".to_owned(),
        still: false,
    };
    assert!(matches!(
        media::remote(&site.instance, unknown).await,
        Err(Error::NotFound)
    ));
    assert_eq!(far.asked(), [""; 0]);
}

#[actix_web::test]
async fn sec_R062_films_of_others_are_passed_on_in_parts_and_not_kept() {
    let world = World::start(MediaCacheSettings::default()).await;
    let film: Vec<u8> = (0..300_000_u32).map(|at| (at % 251) as u8).collect();
    let dora = world.far.actor("dora");
    let mut note = world.far.note(&dora, "1", "<p>a storm</p>");
    let video = |name: &str| {
        let url = format!("{}/{name}", world.far.url);
        json!({ "type": "Document", "mediaType": "video/mp4", "url": url })
    };
    note["attachment"] = json!([video("storm.mp4"), video("page.mp4"), video("gone.mp4")]);
    world.far.publish(&note);
    world.far.serve_bytes("/storm.mp4", 200, "video/mp4", &film);
    world
        .far
        .serve_bytes("/page.mp4", 200, "text/html", b"<script>alert(1)</script>");
    let instance = &world.site.instance;
    let resolver = instance.resolver().unwrap();
    let status = resolver
        .status_by_uri(note["id"].as_str().unwrap())
        .await
        .unwrap();
    let media = statuses::find(instance, None, status.id).await.unwrap().media;
    let [storm, page, gone] = [media[0].id, media[1].id, media[2].id];
    assert!(media::is_played(instance, storm).await.unwrap());
    world.far.asked();
    let whole = film.len();
    for (range, status, told, bytes) in [
        (None, 200, None, 0..whole),
        (Some("bytes=0-"), 206, Some("bytes 0-299999/300000"), 0..whole),
        (
            Some("bytes=1000-1999"),
            206,
            Some("bytes 1000-1999/300000"),
            1000..2000,
        ),
        (Some("bytes=400000-"), 416, Some("bytes */300000"), 0..0),
        (Some("bytes=0-1,5-6"), 200, None, 0..whole),
    ] {
        let wanted = Wanted {
            range: range.map(str::to_owned),
            if_range: None,
        };
        let mut playing = media::play(instance, storm, wanted).await.unwrap();
        assert_eq!(playing.status.as_u16(), status, "{range:?}");
        assert_eq!(playing.content_type, "video/mp4");
        assert_eq!(playing.length, Some(bytes.len() as u64), "{range:?}");
        let range_told = playing.headers.get("content-range");
        assert_eq!(range_told.map(|value| value.to_str().unwrap()), told, "{range:?}");
        let mut came = Vec::new();
        while let Some(part) = playing.next().await {
            came.extend_from_slice(&part.unwrap());
        }
        assert!(came == film[bytes], "{range:?}");
        assert_eq!(world.far.asked(), ["GET /storm.mp4"]);
    }
    for id in [page, gone] {
        let refused = media::play(instance, id, Wanted::default()).await;
        assert!(matches!(refused, Err(Error::RemoteUnavailable)));
    }
    world.far.asked();
    let rule = NewRule {
        domain: "far.test".to_owned(),
        reject_media: true,
        ..NewRule::default()
    };
    policy::set(instance, rule).await.unwrap();
    let refused = media::play(instance, storm, Wanted::default()).await;
    assert!(matches!(refused, Err(Error::NotFound)));
    assert_eq!(world.far.asked(), [""; 0]);
}
