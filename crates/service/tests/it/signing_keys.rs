//! Keys by whose they are.

use std::{fs, sync::Mutex};

use async_trait::async_trait;
use chrono::TimeDelta;
use pouet_model::ids::{AccountId, JobId};
use pouet_service::{
    Error,
    jobs::{Job, JobError, JobHandler, Worker},
    keys::{PublicKey, generate_rsa_keypair},
    signing_keys,
    vault::{Vault, VaultError},
};
use pouet_storage::{Conn, jobs, keys as rows, settings as setting_rows};

use crate::common::{World, on_each_database};

#[tokio::test]
async fn each_account_signs_with_its_own_key() {
    on_each_database(async |world| {
        let (_, ada) = world.user("ada").await;
        let (_, bob) = world.user("bob").await;
        let adas = signing_keys::signing_key(&world, Some(ada.id)).await.unwrap();
        let bobs = signing_keys::signing_key(&world, Some(bob.id)).await.unwrap();
        assert_eq!(adas.key_id, world.urls().key_id(ada.id));

        let known = signing_keys::find(&world, &adas.key_id)
            .await
            .unwrap()
            .expect("stored");
        assert_eq!(
            (known.account_id, &known.public_key),
            (ada.id, &adas.public_key_pem)
        );
        let public = PublicKey::from_pem(&known.public_key).unwrap();
        let signature = adas.key.sign(b"text").unwrap();
        assert!(public.verify(b"text", &signature));
        assert!(!public.verify(b"text", &bobs.key.sign(b"text").unwrap()));
        let proof = signing_keys::proof_key(&world, Some(ada.id))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            proof.key_id,
            format!("{}#ed25519-key", world.urls().local_account(ada.id))
        );
        let mut keys = signing_keys::public_keys(&world, ada.id).await.unwrap();
        keys.sort();
        assert_eq!(
            keys,
            [
                (proof.key_id.clone(), proof.multikey.clone()),
                (adas.key_id.clone(), adas.public_key_pem.clone()),
            ]
        );

        assert_eq!(known.refetched_at, None);
        signing_keys::note_refetch(&world, ada.id).await.unwrap();
        let known = signing_keys::find(&world, &adas.key_id).await.unwrap().unwrap();
        assert_eq!(known.refetched_at, Some(world.now()));

        let nobody = signing_keys::signing_key(&world, Some(AccountId(1))).await;
        assert!(matches!(nobody, Err(Error::NotFound)), "{nobody:?}");
        assert!(
            signing_keys::find(&world, "https://elsewhere.example/#key")
                .await
                .unwrap()
                .is_none()
        );
    })
    .await;
}

#[tokio::test]
async fn the_instance_makes_its_key_once() {
    on_each_database(async |mut world| {
        let elsewhere = world.another_process();
        let (here, there) = tokio::join!(
            signing_keys::signing_key(&world.instance, None),
            signing_keys::signing_key(&elsewhere, None)
        );
        let (here, there) = (here.unwrap(), there.unwrap());
        assert_eq!(here.key_id, "https://pouet.example/ap/actor#main-key");
        assert_eq!(
            here.public_key_pem, there.public_key_pem,
            "both processes sign alike"
        );
        let (one, two) = tokio::join!(
            signing_keys::vapid(&world.instance),
            signing_keys::vapid(&elsewhere)
        );
        assert_eq!(one.unwrap().public_key, two.unwrap().public_key);
    })
    .await;
}

/// All that the database has of private keys.
async fn stored(world: &World, account: AccountId) -> Vec<String> {
    world
        .store()
        .read(move |conn| {
            let mut found: Vec<String> = rows::list_keys(conn, account)?
                .into_iter()
                .filter_map(|key| key.private_key)
                .collect();
            let settings = setting_rows::list_settings(conn, "keys.")?;
            found.extend(settings.into_iter().map(|(_, value)| value));
            Ok::<_, pouet_storage::Error>(found)
        })
        .await
        .unwrap()
}

#[tokio::test]
async fn private_keys_lie_in_the_database_sealed() {
    on_each_database(async |world| {
        let (_, ada) = world.user("ada").await;
        signing_keys::signing_key(&world, None).await.unwrap();
        signing_keys::vapid(&world).await.unwrap();
        let stored = stored(&world, ada.id).await;
        assert_eq!(
            stored.len(),
            5,
            "two of Ada's, two of the instance's, one for Web Push"
        );
        for text in stored {
            assert!(
                text.starts_with("sealed1:") && !text.contains("PRIVATE"),
                "{text}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn keys_of_earlier_versions_are_sealed_and_accounts_get_what_they_lack() {
    on_each_database(async |mut world| {
        let (_, ada) = world.user("ada").await;
        let (_, bob) = world.user("bob").await;
        let bobs = signing_keys::proof_key(&world, Some(bob.id))
            .await
            .unwrap()
            .unwrap();
        // As an earlier version left them.
        let pair = generate_rsa_keypair().unwrap();
        let (pem, uri) = (pair.private_key_pem.clone(), world.urls().key_id(ada.id));
        let ed25519 = format!("{}#ed25519-key", world.urls().local_account(ada.id));
        world
            .store()
            .write(move |tx| {
                rows::update_private_key(tx, &uri, &pem)?;
                rows::delete_key(tx, &ed25519)?;
                setting_rows::upsert_setting(tx, "keys.instance_actor", &pem)
            })
            .await
            .unwrap();
        let later = world.another_process();
        let read = signing_keys::signing_key(&later, Some(ada.id)).await.unwrap();
        assert_eq!(read.public_key_pem, pair.public_key_pem, "plain keys are read");
        assert!(
            signing_keys::proof_key(&later, Some(ada.id))
                .await
                .unwrap()
                .is_none()
        );

        let started = world.another_process();
        signing_keys::complete(&started).await.unwrap();
        signing_keys::complete(&started).await.unwrap();
        for text in stored(&world, ada.id).await {
            assert!(text.starts_with("sealed1:"), "{text}");
        }
        for actor in [Some(ada.id), None] {
            let same = signing_keys::signing_key(&started, actor).await.unwrap();
            assert_eq!(same.public_key_pem, pair.public_key_pem, "the key is the same");
            assert!(signing_keys::proof_key(&started, actor).await.unwrap().is_some());
        }
        let same = signing_keys::proof_key(&started, Some(bob.id))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(same.multikey, bobs.multikey, "who has one keeps it");
    })
    .await;
}

/// Keeps the announcements of new keys.
#[derive(Default)]
struct Announcements(Mutex<Vec<i64>>);

#[async_trait]
impl JobHandler for Announcements {
    async fn run(&self, _: JobId, job: Job) -> Result<(), JobError> {
        if let Job::SendNewKeys { retired_key_id, .. } = job {
            self.0.lock().unwrap().push(retired_key_id);
        }
        Ok(())
    }
}

/// Makes the job due that removes what is past its time.
async fn prune(world: &World) {
    let (id, now): (JobId, _) = (world.next_id(), world.now());
    let insert = move |tx: &mut Conn| {
        let job = jobs::NewJob {
            id,
            kind: Job::Prune.kind(),
            payload: &serde_json::to_string(&Job::Prune).unwrap(),
            dedup_key: None,
            host: None,
            run_at: now,
            created_at: now,
        };
        jobs::insert_job(tx, &job)
    };
    world.store().write(insert).await.unwrap();
}

#[tokio::test]
async fn a_running_server_signs_with_the_keys_that_a_command_made() {
    on_each_database(async |mut world| {
        let (_, ada) = world.user("ada").await;
        for actor in [Some(ada.id), None] {
            let old = signing_keys::signing_key(&world, actor).await.unwrap();
            let old_proof = signing_keys::proof_key(&world, actor).await.unwrap().unwrap();
            let mut events = world.hub.subscribe();
            // Processes give out ids by the time.
            world.clock.advance(TimeDelta::seconds(1));
            let command = world.another_process();
            match actor {
                Some(account) => signing_keys::rotate(&command, account).await.unwrap(),
                None => signing_keys::rotate_instance(&command).await.unwrap(),
            }
            world.clock.advance(TimeDelta::seconds(1));
            // The next event is that of the change.
            events.recv().await.unwrap();
            let new = signing_keys::signing_key(&world, actor).await.unwrap();
            assert_eq!(new.key_id, old.key_id);
            assert_ne!(new.public_key_pem, old.public_key_pem);
            let theirs = signing_keys::signing_key(&command, actor).await.unwrap();
            assert_eq!(new.public_key_pem, theirs.public_key_pem);
            let new_proof = signing_keys::proof_key(&world, actor).await.unwrap().unwrap();
            assert_ne!(new_proof.multikey, old_proof.multikey);

            let handler = std::sync::Arc::new(Announcements::default());
            let mut worker = Worker::new(world.instance.clone(), handler.clone());
            worker.run_due().await.unwrap();
            let retired = handler.0.lock().unwrap().pop().expect("an announcement");
            let kept = signing_keys::retired_key(&world, retired).await.unwrap().unwrap();
            assert_eq!(
                (kept.key_id, kept.public_key_pem),
                (old.key_id.clone(), old.public_key_pem.clone())
            );
            // Two days later it is gone.
            world.clock.advance(TimeDelta::hours(47));
            prune(&world).await;
            worker.run_due().await.unwrap();
            assert!(
                signing_keys::retired_key(&world, retired)
                    .await
                    .unwrap()
                    .is_some()
            );
            world.clock.advance(TimeDelta::hours(2));
            prune(&world).await;
            worker.run_due().await.unwrap();
            assert!(
                signing_keys::retired_key(&world, retired)
                    .await
                    .unwrap()
                    .is_none()
            );
        }
        let nobody = signing_keys::rotate(&world, AccountId(1)).await;
        assert!(matches!(nobody, Err(Error::NotFound)), "{nobody:?}");
    })
    .await;
}

#[tokio::test]
async fn a_database_is_used_with_its_own_key_file_only() {
    on_each_database(async |world| {
        let folder = tempfile::tempdir().unwrap();
        let (path, elsewhere) = (folder.path().join("secret.key"), folder.path().join("other.key"));
        Vault::unlock(world.store(), &path).await.unwrap();
        Vault::unlock(world.store(), &path).await.unwrap();
        // Gone: nothing is made in its place, or every key would be lost for good.
        fs::rename(&path, &elsewhere).unwrap();
        let missing = Vault::unlock(world.store(), &path).await.unwrap_err();
        assert!(matches!(missing, VaultError::Missing(_)), "{missing}");
        assert!(!path.exists());
        fs::write(&path, "00".repeat(32)).unwrap();
        let foreign = Vault::unlock(world.store(), &path).await.unwrap_err();
        assert!(matches!(foreign, VaultError::Foreign(_)), "{foreign}");
        fs::write(&path, "garbage").unwrap();
        let garbage = Vault::unlock(world.store(), &path).await.unwrap_err();
        assert!(matches!(garbage, VaultError::Content(_)), "{garbage}");
        Vault::unlock(world.store(), &elsewhere).await.unwrap();
    })
    .await;
}
