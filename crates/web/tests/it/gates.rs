//! Signing in, up and out, and the first start.

use pouet_service::settings::RegistrationMode;
use pouet_service::{registration, setup, users};

use crate::world::{Browser, PASSWORD, World};

#[actix_web::test]
async fn members_sign_in_and_out() {
    let world = World::new(RegistrationMode::Closed);
    world.user("ada").await;
    let site = world.site().await;
    for login in ["ada", "ADA@mail.test"] {
        let browser = Browser::new(&site);
        let reply = browser.sign_in(login, PASSWORD).await;
        assert_eq!((reply.status.as_u16(), reply.location()), (303, "/"), "{login}");
        assert!(browser.is_signed_in().await, "{login}");
        let reply = browser.fill("/", "/auth/sign_out", &[]).await;
        assert_eq!(reply.location(), "/");
        assert!(!browser.is_signed_in().await);
    }
    let stranger = Browser::new(&site);
    let reply = stranger.sign_in("ada", "wrong").await;
    assert_eq!(reply.status, 422);
    assert!(reply.text_of(".form-error").is_some());
    assert!(!reply.body.contains("wrong\""), "the password is not shown again");
    assert!(!stranger.is_signed_in().await);
}

#[actix_web::test]
async fn signing_up_follows_the_mode() {
    let fields = [
        ("username", "bea"),
        ("email", "bea@mail.test"),
        ("password", PASSWORD),
        ("reason", "to read"),
        ("agreement", "true"),
    ];
    let closed = World::new(RegistrationMode::Closed);
    let site = closed.site().await;
    let page = Browser::new(&site).get("/auth/sign_up").await;
    assert_eq!(
        (page.status.as_u16(), page.count("form[action='/auth/sign_up']")),
        (200, 0)
    );

    let open = World::new(RegistrationMode::Open);
    let site = open.site().await;
    let browser = Browser::new(&site);
    let reply = browser.fill("/auth/sign_up", "/auth/sign_up", &fields[..3]).await;
    assert_eq!(reply.status, 422, "without agreeing");
    assert_eq!(
        reply.count("input[name=username][value=bea]"),
        1,
        "what was typed is there"
    );
    let reply = browser.fill("/auth/sign_up", "/auth/sign_up", &fields).await;
    assert_eq!(reply.status, 303);
    assert!(browser.is_signed_in().await);
    let reply = Browser::new(&site)
        .fill("/auth/sign_up", "/auth/sign_up", &fields)
        .await;
    assert!(
        reply.text_of(".field-wrong .field-error").is_some(),
        "the name is taken"
    );

    let approval = World::new(RegistrationMode::Approval);
    let site = approval.site().await;
    let browser = Browser::new(&site);
    let reply = browser.fill("/auth/sign_up", "/auth/sign_up", &fields).await;
    assert_eq!(reply.status, 200);
    assert!(!browser.is_signed_in().await, "somebody has to look at it first");
    let reply = browser.sign_in("bea", PASSWORD).await;
    assert_eq!(reply.status, 403);
    let told = reply.text_of(".form-error").expect("a reason");
    assert!(told.contains("waiting for approval"), "{told}");
    assert_eq!(browser.get("/@bea").await.status, 404, "nobody is shown them");
    let (bea, _) = users::find_by_name(&approval.instance, "bea")
        .await
        .expect("readable")
        .expect("somebody waits");
    registration::approve(&approval.instance, bea.id)
        .await
        .expect("bea waits");
    assert_eq!(browser.sign_in("bea", PASSWORD).await.status, 303);
    assert_eq!(browser.get("/@bea").await.status, 200);
}

#[actix_web::test]
async fn the_set_up_link_works_once() {
    let world = World::new(RegistrationMode::Closed);
    let site = world.site().await;
    let link = setup::link(&world.instance)
        .await
        .expect("readable")
        .expect("a link");
    let path = link
        .strip_prefix(world.instance.urls().base())
        .expect("on this instance");
    let fields = [
        ("title", "Harbour"),
        ("username", "captain"),
        ("email", "c@mail.test"),
        ("password", PASSWORD),
    ];

    assert_eq!(Browser::new(&site).get("/setup/nonsense").await.status, 404);
    let browser = Browser::new(&site);
    let form = browser.get(path).await;
    assert!(
        form.body.contains("pouet admin instance set --title"),
        "how to change the name later"
    );
    let incomplete = browser.fill(path, path, &fields[1..]).await;
    assert_eq!(incomplete.status, 422);
    assert_eq!(incomplete.count("input[name=username][value=captain]"), 1);
    let reply = browser.fill(path, path, &fields).await;
    assert_eq!((reply.status.as_u16(), reply.location()), (303, "/"));
    let home = browser.get("/").await;
    assert_eq!(home.text_of(".brand-name").as_deref(), Some("Harbour"));
    assert!(browser.is_signed_in().await);
    assert_eq!(Browser::new(&site).get(path).await.status, 404, "used");
}
