//! Search.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use pouet_model::{
    account::Account,
    ids::{AccountId, JobId, RelationId, StatusId},
    search::fold_name,
    status::{Mention, Status, Visibility},
};
use pouet_service::{
    Error, Instance, accounts, blocks,
    follows::{self, FollowOptions},
    jobs::{Job, JobError, JobHandler, Worker},
    policy::{self, NewRule, Severity},
    ports::{FreshAccount, Resolver},
    search::{self, SearchKind, SearchQuery, SearchResults},
    statuses,
};
use pouet_storage::{accounts as rows, interactions, mentions, tags, tags::TagRow};
use tokio::sync::watch;

use super::{actor, local, locals, remote, write};
use crate::common::{World, on_each_database};

fn query(q: &str) -> SearchQuery {
    SearchQuery {
        q: q.to_owned(),
        limit: 20,
        ..SearchQuery::default()
    }
}

async fn run(world: &World, viewer: Option<AccountId>, query: SearchQuery) -> SearchResults {
    search::search(world, viewer, query).await.unwrap()
}

async fn people(world: &World, viewer: Option<AccountId>, q: &str) -> Vec<String> {
    let found = run(world, viewer, query(q)).await.accounts;
    found.iter().map(|account| account.acct()).collect()
}

async fn texts(world: &World, viewer: Option<AccountId>, query: SearchQuery) -> Vec<StatusId> {
    let found = run(world, viewer, query).await.statuses;
    found.iter().map(|view| view.status.id).collect()
}

async fn rename(world: &World, id: AccountId, name: &str) {
    let profile = rows::ProfileRow {
        display_name: Some(name.to_owned()),
        display_name_folded: Some(fold_name(name)),
        ..rows::ProfileRow::default()
    };
    world
        .store()
        .write(move |tx| rows::update_profile(tx, id, &profile))
        .await
        .unwrap();
}

/// Another server, on which there is one account and one status of it.
struct Elsewhere {
    instance: Instance,
    status: StatusId,
    asked: Arc<Mutex<Vec<String>>>,
}

#[async_trait]
impl Resolver for Elsewhere {
    async fn account_by_handle(&self, username: &str, domain: &str) -> Result<Account, Error> {
        self.asked.lock().unwrap().push(format!("{username}@{domain}"));
        match domain {
            "new.example" => accounts::receive_actor(&self.instance, actor(username, domain)).await,
            _ => Err(Error::RemoteUnavailable),
        }
    }

    async fn account_by_uri(&self, uri: &str) -> Result<Account, Error> {
        self.asked.lock().unwrap().push(format!("account {uri}"));
        match uri {
            "https://new.example/@zoe" => {
                accounts::receive_actor(&self.instance, actor("zoe", "new.example")).await
            }
            _ => Err(Error::NotFound),
        }
    }

    async fn fresh_account(&self, uri: &str) -> Result<FreshAccount, Error> {
        let account = self.account_by_uri(uri).await?;
        Ok(FreshAccount {
            account,
            has_moved: false,
        })
    }

    async fn status_by_uri(&self, uri: &str) -> Result<Status, Error> {
        self.asked.lock().unwrap().push(format!("status {uri}"));
        match uri {
            "https://new.example/@zoe/1" => statuses::find_raw(&self.instance, self.status)
                .await
                .map(Option::unwrap),
            "https://down.example/1" => Err(Error::RemoteUnavailable),
            _ => Err(Error::NotFound),
        }
    }
}

#[tokio::test]
async fn accounts_are_found_by_parts_of_their_names() {
    on_each_database(async |world| {
        let [ada, bob, barbara] = locals(&world, ["ada", "bob", "barbara"]).await;
        remote(&world, "Bob", "far.example").await;
        rename(&world, barbara, "Élodie B.").await;
        follows::follow(&world, ada, barbara, FollowOptions::default())
            .await
            .unwrap();
        let table: [(&str, &[&str]); 15] = [
            ("bob", &["bob", "Bob@far.example"]),
            ("BO", &["bob", "Bob@far.example"]),
            ("@bob@far", &["Bob@far.example"]),
            ("Bob@FAR.example", &["Bob@far.example"]),
            ("bob@pouet.example", &["bob"]),
            ("b", &["barbara", "bob", "Bob@far.example"]),
            ("arbar", &["barbara"]),
            ("élo", &["barbara"]),
            ("elodie", &["barbara"]),
            ("ÉLODIE", &["barbara"]),
            ("ödie b", &["barbara"]),
            ("Bób", &["bob", "Bob@far.example"]),
            ("odie b", &["barbara"]),
            ("%", &[]),
            ("_ob", &[]),
        ];
        for (q, expected) in table {
            assert_eq!(people(&world, Some(ada), q).await, expected, "{q}");
        }
        assert_eq!(people(&world, None, "bob").await, ["bob", "Bob@far.example"]);
        let followed = search::accounts(&world, ada, "b", 10, 0, false, true)
            .await
            .unwrap();
        assert_eq!(followed.len(), 1);
        assert_eq!(followed[0].id, barbara);
        let second = search::accounts(&world, ada, "bob", 1, 1, false, false)
            .await
            .unwrap();
        assert_eq!(second[0].acct(), "Bob@far.example");
        assert_ne!(second[0].id, bob);
    })
    .await;
}

#[tokio::test]
async fn the_newest_accounts_are_looked_through_where_few_names_begin_so() {
    on_each_database(async |mut world| {
        let [ada, anna, hannah] = locals(&world, ["ada", "anna", "hannah"]).await;
        let followed = remote(&world, "joanna", "far.example").await;
        follows::follow(&world, ada, followed, FollowOptions::default())
            .await
            .unwrap();
        world.execute("UPDATE follows SET accepted = TRUE").await;
        let find = async |world: &mut World, limit: i64, offset: i64| {
            let (found, cost) = world
                .statements_of(async |instance| {
                    search::accounts(instance, ada, "ann", limit, offset, false, false).await
                })
                .await;
            let ids: Vec<AccountId> = found.unwrap().iter().map(|account| account.id).collect();
            (ids, cost)
        };
        let (enough, cost) = find(&mut world, 2, 0).await;
        assert_eq!(enough, [followed, anna], "followed, then what begins so");
        let (all, more) = find(&mut world, 10, 0).await;
        assert_eq!(all, [followed, anna, hannah]);
        assert!(more > cost, "{more} statements and {cost}");
        assert_eq!(find(&mut world, 2, 2).await.0, [hannah]);
        let far = search::accounts(&world, ada, "ann@far", 10, 0, false, false)
            .await
            .unwrap();
        assert_eq!(
            far.iter().map(|account| account.id).collect::<Vec<_>>(),
            [followed]
        );
    })
    .await;
}

#[tokio::test]
async fn names_from_before_are_folded_by_a_job() {
    on_each_database(async |world| {
        let [ada, elodie, plain] = locals(&world, ["ada", "second", "third"]).await;
        rename(&world, elodie, "Élodie").await;
        rename(&world, plain, "Plain").await;
        for n in 0..520 {
            // More than one transaction takes.
            let id = remote(&world, &format!("far{n}"), "far.example").await;
            rename(&world, id, "Zoë").await;
        }
        world
            .execute(
                "UPDATE accounts SET display_name_folded = 'élodie' WHERE username = 'second'; \
                 UPDATE accounts SET display_name_folded = 'zoë' WHERE domain = 'far.example'; \
                 INSERT INTO settings (key, value) VALUES ('search.fold_names_below', '9223372036854775807')",
            )
            .await;
        assert_eq!(people(&world, Some(ada), "elodie").await, [""; 0]);
        start_jobs(&world).await;
        assert_eq!(people(&world, Some(ada), "elodie").await, ["second"]);
        assert_eq!(people(&world, Some(ada), "plain").await, ["third"]);
        assert_eq!(people(&world, Some(ada), "zoe").await.len(), 20);
        let left = world
            .store()
            .read(|conn| {
                let rows = pouet_storage::search::list_display_names_below(conn, i64::MAX, 1000)?;
                let setting = pouet_storage::settings::find_setting(conn, "search.fold_names_below")?;
                Ok::<_, Error>((rows, setting))
            })
            .await
            .unwrap();
        assert!(left.0.iter().all(|(_, name, folded)| *folded == fold_name(name)));
        assert_eq!(left.1, None);
    })
    .await;
}

/// A worker starts, and runs until no name is left to fold.
async fn start_jobs(world: &World) {
    let (stop, stopped) = watch::channel(false);
    let worker = Worker::new(world.instance.clone(), Arc::new(Nobody));
    let running = tokio::spawn(worker.run(stopped));
    let is_left = |conn: &mut pouet_storage::Conn| {
        let setting = pouet_storage::settings::find_setting(conn, "search.fold_names_below")?;
        Ok::<_, Error>(setting.is_some())
    };
    while world.store().read(is_left).await.unwrap() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stop.send(true).unwrap();
    running.await.unwrap();
}

/// Other servers, which hear nothing.
struct Nobody;

#[async_trait]
impl JobHandler for Nobody {
    async fn run(&self, _: JobId, _: Job) -> Result<(), JobError> {
        Ok(())
    }
}

#[tokio::test]
async fn unwanted_accounts_are_found_by_their_handle_only() {
    on_each_database(async |world| {
        let [ada, eve] = locals(&world, ["ada", "evelyn"]).await;
        remote(&world, "evelyn2", "limited.example").await;
        blocks::block(&world, ada, eve).await.unwrap();
        let rule = NewRule {
            domain: "limited.example".to_owned(),
            severity: Severity::Silence,
            ..NewRule::default()
        };
        policy::set(&world, rule).await.unwrap();
        assert_eq!(people(&world, Some(ada), "evel").await, [""; 0]);
        assert_eq!(people(&world, Some(ada), "evelyn").await, ["evelyn"]);
        assert_eq!(
            people(&world, Some(ada), "@evelyn2@limited.example").await,
            ["evelyn2@limited.example"]
        );
        // The blocked find whoever blocks them, as before (R044).
        assert_eq!(people(&world, Some(eve), "ad").await, ["ada"]);

        let now = world.now();
        world
            .store()
            .write(move |tx| rows::update_suspended(tx, eve, Some(now)))
            .await
            .unwrap();
        assert_eq!(people(&world, Some(ada), "evelyn").await, [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn hashtags_are_found_by_their_beginning_if_they_are_public() {
    on_each_database(async |world| {
        let ada = local(&world, "ada").await;
        for (name, display, visibility) in [
            ("cafe", "Café", Visibility::Public),
            ("cafeteria", "cafeteria", Visibility::Public),
            ("cafesecret", "CafeSecret", Visibility::Private),
            ("tea", "tea", Visibility::Public),
        ] {
            let status = write(&world, ada, visibility, "text").await;
            let id = world.next_id();
            let row = TagRow {
                name: name.to_owned(),
                display_name: display.to_owned(),
            };
            world
                .store()
                .write(move |tx| {
                    let id = tags::find_or_insert_tag(tx, id, &row)?;
                    tags::replace_status_tags(tx, status, &[id])
                })
                .await
                .unwrap();
        }
        for q in ["#café", "CAFE", "#Caf"] {
            let found = run(&world, None, query(q)).await.hashtags;
            let found: Vec<_> = found.iter().map(|tag| tag.display_name.as_str()).collect();
            assert_eq!(found, ["Café", "cafeteria"], "{q}");
        }
        assert!(run(&world, None, query("@cafe")).await.hashtags.is_empty());
        assert!(run(&world, None, query("two words")).await.hashtags.is_empty());
        let only = SearchQuery {
            kind: Some(SearchKind::Statuses),
            ..query("cafe")
        };
        assert!(run(&world, None, only).await.hashtags.is_empty());
    })
    .await;
}

/// Puts a hashtag on a status.
async fn put_tag(world: &World, status: StatusId, name: &str) {
    let (id, name) = (world.next_id(), name.to_owned());
    world
        .store()
        .write(move |tx| {
            let row = TagRow {
                display_name: name.clone(),
                name,
            };
            let id = tags::find_or_insert_tag(tx, id, &row)?;
            tags::replace_status_tags(tx, status, &[id])
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn sec_R046_hashtags_of_what_is_not_for_everybody_are_not_told() {
    on_each_database(async |world| {
        let [ada, here, limited, gone] = locals(&world, ["ada", "here", "limited", "gone"]).await;
        for (author, name) in [
            (ada, "catopen"),
            (here, "cathere"),
            (limited, "catlimited"),
            (gone, "catgone"),
        ] {
            let status = write(&world, author, Visibility::Public, "text").await;
            put_tag(&world, status, name).await;
        }
        let find = async |viewer: Option<AccountId>| -> Vec<String> {
            let found = run(&world, viewer, query("#cat")).await.hashtags;
            found.into_iter().map(|tag| tag.name).collect()
        };
        let all = ["catgone", "cathere", "catlimited", "catopen"];
        assert_eq!(find(None).await, all);
        world
            .execute(&format!(
                "UPDATE statuses SET local_only = TRUE WHERE account_id = {here}; \
                 UPDATE accounts SET silenced_at = 1 WHERE id = {limited}; \
                 UPDATE accounts SET suspended_at = 1 WHERE id = {gone}"
            ))
            .await;
        assert_eq!(find(None).await, ["catopen"]);
        assert_eq!(find(Some(ada)).await, ["cathere", "catopen"], "members");
        // Where somebody else uses it as well, it is told.
        let status = write(&world, ada, Visibility::Public, "text").await;
        put_tag(&world, status, "catlimited").await;
        assert_eq!(find(None).await, ["catlimited", "catopen"]);
    })
    .await;
}

#[tokio::test]
async fn statuses_are_found_by_words_where_the_viewer_may() {
    on_each_database(async |world| {
        let [ada, bob, shy] = locals(&world, ["ada", "bob", "shy"]).await;
        let hidden = rows::ProfileRow {
            indexable: Some(false),
            ..rows::ProfileRow::default()
        };
        world
            .store()
            .write(move |tx| rows::update_profile(tx, shy, &hidden))
            .await
            .unwrap();
        let own = write(&world, ada, Visibility::Direct, "Purple tiger of mine").await;
        let open = write(&world, bob, Visibility::Public, "a purple TIGER").await;
        write(&world, bob, Visibility::Unlisted, "unlisted purple tiger").await;
        let to_her = write(&world, bob, Visibility::Direct, "purple tiger for you").await;
        let liked = write(&world, shy, Visibility::Public, "liked purple tiger").await;
        let kept = write(&world, shy, Visibility::Unlisted, "kept purple tiger").await;
        write(&world, shy, Visibility::Public, "shy purple tiger").await;
        write(&world, bob, Visibility::Public, "purple only").await;
        let lost = write(&world, bob, Visibility::Private, "lost purple tiger").await;
        let (now, ids) = (world.now(), [(); 3].map(|()| world.next_id::<RelationId>()));
        world
            .store()
            .write(move |tx| {
                let named = Mention {
                    account_id: ada,
                    silent: false,
                };
                mentions::insert_mentions(tx, to_her, &[named], None)?;
                interactions::insert_favourite(tx, ids[0], ada, liked, None, now)?;
                interactions::insert_favourite(tx, ids[1], ada, lost, None, now)?;
                interactions::insert_bookmark(tx, ids[2], ada, kept, now)
            })
            .await
            .unwrap();
        let found = texts(&world, Some(ada), query("tiger purple")).await;
        assert_eq!(found, [kept, liked, to_her, open, own]);
        assert_eq!(texts(&world, Some(shy), query("Purple Tiger")).await.len(), 4);
        assert_eq!(texts(&world, None, query("purple tiger")).await, []);

        let by_bob = SearchQuery {
            account_id: Some(bob),
            ..query("purple tiger")
        };
        assert_eq!(texts(&world, Some(ada), by_bob).await, [to_her, open]);
        let older = SearchQuery {
            max_id: Some(to_her),
            ..query("purple tiger")
        };
        assert_eq!(texts(&world, Some(ada), older).await, [open, own]);
        let second = SearchQuery {
            kind: Some(SearchKind::Statuses),
            offset: 1,
            limit: 2,
            ..query("purple tiger")
        };
        assert_eq!(texts(&world, Some(ada), second).await, [liked, to_her]);
        blocks::block(&world, ada, bob).await.unwrap();
        assert_eq!(
            texts(&world, Some(ada), query("purple tiger")).await,
            [kept, liked, own]
        );
    })
    .await;
}

#[tokio::test]
async fn an_address_finds_one_thing() {
    on_each_database(async |world| {
        let [ada, bob] = locals(&world, ["ada", "bob"]).await;
        let far = remote(&world, "far", "far.example").await;
        let open = write(&world, bob, Visibility::Unlisted, "open").await;
        let secret = write(&world, bob, Visibility::Direct, "secret").await;
        let theirs = write(&world, far, Visibility::Public, "theirs").await;
        let asked = Arc::new(Mutex::new(Vec::new()));
        world.set_resolver(Arc::new(Elsewhere {
            instance: world.instance.clone(),
            status: theirs,
            asked: asked.clone(),
        }));
        let resolving = |q: &str| SearchQuery {
            resolve: true,
            ..query(q)
        };
        let found = async |q: &str| {
            let found = run(&world, Some(ada), resolving(q)).await;
            assert!(found.hashtags.is_empty(), "{q}");
            let people: Vec<_> = found.accounts.iter().map(|account| account.acct()).collect();
            let texts: Vec<_> = found.statuses.iter().map(|view| view.status.id).collect();
            (people, texts)
        };
        let nothing = (vec![], vec![]);
        let one = |acct: &str| (vec![acct.to_owned()], vec![]);
        assert_eq!(found("https://pouet.example/@bob").await, one("bob"));
        assert_eq!(found(&world.urls().local_account(bob)).await, one("bob"));
        assert_eq!(found("https://far.example/@far").await, one("far@far.example"));
        assert_eq!(
            found("https://far.example/users/far").await,
            one("far@far.example")
        );
        assert_eq!(
            found(&format!("https://pouet.example/@bob/{open}")).await,
            (vec![], vec![open])
        );
        assert_eq!(
            found(&world.urls().local_status(bob, open)).await,
            (vec![], vec![open])
        );
        assert_eq!(
            found(&format!("https://pouet.example/@bob/{secret}")).await,
            nothing,
            "invisible"
        );
        assert_eq!(found("https://pouet.example/@nobody").await, nothing);
        assert_eq!(*asked.lock().unwrap(), [""; 0], "what is known is not asked for");

        assert_eq!(found("https://new.example/@zoe/1").await, (vec![], vec![theirs]));
        assert_eq!(found("https://new.example/@zoe").await, one("zoe@new.example"));
        assert_eq!(found("https://down.example/1").await, nothing);
        assert_eq!(found("@yan@new.example").await, one("yan@new.example"));
        assert_eq!(found("@yan@down.example").await, nothing);
        let unknown = query("https://new.example/@other");
        assert!(run(&world, Some(ada), unknown).await.accounts.is_empty());
        let rule = NewRule {
            domain: "new.example".to_owned(),
            severity: Severity::Suspend,
            ..NewRule::default()
        };
        asked.lock().unwrap().clear();
        policy::set(&world, rule).await.unwrap();
        // Known to this process at once: the rule is read by a new name.
        assert_eq!(found("https://sub.new.example/@zoe").await, nothing);
        assert_eq!(*asked.lock().unwrap(), [""; 0], "a suspended domain is not asked");
    })
    .await;
}

#[tokio::test]
async fn anonymous_viewers_do_not_make_us_ask_others() {
    on_each_database(async |world| {
        let refused = [
            SearchQuery {
                resolve: true,
                ..query("x")
            },
            SearchQuery {
                offset: 1,
                ..query("x")
            },
        ];
        for query in refused {
            let result = search::search(&world, None, query).await;
            assert!(matches!(result, Err(Error::Unauthorized(_))));
        }
        let long = "x".repeat(3000);
        for q in ["", "  ", &long] {
            let found = run(&world, None, query(q)).await;
            assert!(found.accounts.is_empty() && found.hashtags.is_empty());
        }
    })
    .await;
}
