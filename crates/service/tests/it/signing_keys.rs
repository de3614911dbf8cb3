//! Keys by whose they are.

use pouet_model::ids::AccountId;
use pouet_service::{Error, keys::PublicKey, signing_keys};

use crate::common::on_each_database;

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
        assert_eq!(
            signing_keys::public_keys(&world, ada.id).await.unwrap(),
            [(adas.key_id.clone(), adas.public_key_pem.clone())]
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
