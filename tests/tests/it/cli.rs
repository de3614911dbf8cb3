//! The verbs of the program, used beside a running server.

use std::process::Output;

use pouet_tests::browser::code_of;
use pouet_tests::database::Backend;
use pouet_tests::server::{PASSWORD, email_of};
use pouet_tests::wait::SOON;
use pouet_tests::{Browser, Options, Server, eventually};
use serde_json::{Value, json};

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Runs a verb that must be refused with this exit code and returns what it said.
fn refused(server: &Server, arguments: &[&str], input: &str, code: i32) -> String {
    let output = server.run(arguments, input);
    let said = err(&output);
    assert_eq!(
        output.status.code(),
        Some(code),
        "pouet {arguments:?}: {}{said}",
        out(&output)
    );
    assert_eq!(
        out(&output),
        "",
        "pouet {arguments:?}: errors go to standard error"
    );
    assert!(!said.is_empty(), "pouet {arguments:?} says why");
    assert!(!said.contains("panicked"), "pouet {arguments:?}: {said}");
    said
}

/// Exit codes, as `pouet --help` lists them.
const USAGE: i32 = 2;
const CONFIG: i32 = 3;
const NOT_FOUND: i32 = 4;
const REFUSED: i32 = 5;

/// An authorize address for a new app with scope `read`.
async fn authorize_address(server: &Server) -> String {
    let redirect = "urn:ietf:wg:oauth:2.0:oob";
    let app = json!({ "client_name": "cli", "redirect_uris": redirect, "scopes": "read" });
    let app = server.client().post("/api/v1/apps", &app).await.ok();
    let id = app["client_id"].as_str().expect("an id");
    format!(
        "{}/oauth/authorize?response_type=code&client_id={id}&redirect_uri={redirect}&scope=read",
        server.url()
    )
}

async fn admin_verbs_beside_the_server(backend: Backend) {
    if !backend.is_available() {
        return;
    }
    let server = Server::start(Options::new(backend)).await;
    server.create_account("captain", &["--owner"]);
    let ada = server.account("ada").await;
    let status = ada.publish("made by the command line").await;
    assert_eq!(status["account"]["username"], "ada");

    let listed: Value =
        serde_json::from_str(&server.cli(&["admin", "account", "list", "--json"], "")).expect("JSON");
    let listed = listed
        .as_array()
        .or_else(|| listed["accounts"].as_array())
        .expect("a list of accounts");
    let mut names: Vec<_> = listed
        .iter()
        .filter_map(|account| account["username"].as_str())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["ada", "captain"]);

    let shown: Value =
        serde_json::from_str(&server.cli(&["admin", "account", "show", "ada", "--json"], "")).expect("JSON");
    assert_eq!(
        (&shown["username"], &shown["email"]),
        (&json!("ada"), &json!(email_of("ada")))
    );
    assert_eq!(shown["id"], ada.id);

    let token = server.cli(
        &["admin", "token", "create", "ada", "--scopes", "read:accounts"],
        "",
    );
    assert!(
        token.len() >= 20 && !token.contains(char::is_whitespace),
        "the token alone: {token:?}"
    );
    let narrow = server.client().with_token(&token);
    narrow.get("/api/v1/accounts/verify_credentials").await.ok();
    narrow
        .post("/api/v1/statuses", &json!({ "status": "no" }))
        .await
        .refused(403);

    server.cli(
        &["admin", "account", "set-password", "ada", "--password-stdin"],
        "another fog 48 boats\n",
    );
    let mut browser = Browser::new();
    let page = browser.open(&authorize_address(&server).await).await;
    let page = browser.sign_in(&page, &email_of("ada"), PASSWORD).await;
    assert!(
        page.sign_in_form().is_some(),
        "the old password must not sign in: {}",
        page.words()
    );
    let address = authorize_address(&server).await;
    let page = Browser::new()
        .authorize(&address, &email_of("ada"), "another fog 48 boats")
        .await;
    assert!(code_of(&page).is_some());

    server.cli(&["admin", "account", "delete", "ada", "--yes"], "");
    eventually("the running server to forget the account", SOON, async || {
        let status = ada.client.get("/api/v1/accounts/verify_credentials").await.status;
        anyhow::ensure!(status == 401, "the token still answers {status}");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn admin_verbs_work_beside_the_server_on_sqlite() {
    admin_verbs_beside_the_server(Backend::Sqlite).await;
}

#[tokio::test]
async fn admin_verbs_work_beside_the_server_on_postgres() {
    admin_verbs_beside_the_server(Backend::Postgres).await;
}

#[tokio::test]
async fn refusals_say_why_and_have_an_exit_code() {
    let server = Server::start(Options::new(Backend::Sqlite)).await;
    server.create_account("ada", &[]);
    let create = |name: &'static str, email: &'static str| {
        [
            "admin",
            "account",
            "create",
            name,
            "--email",
            email,
            "--password-stdin",
        ]
    };
    let password = "boats in the fog 47\n";
    let taken = refused(&server, &create("ada", "other@mail.example"), password, REFUSED);
    assert!(taken.contains("taken"), "{taken}");
    refused(&server, &create("ADA", "other@mail.example"), password, REFUSED);
    refused(
        &server,
        &create("not a name", "other@mail.example"),
        password,
        REFUSED,
    );
    refused(&server, &create("admin", "other@mail.example"), password, REFUSED);
    refused(&server, &create("amy", "no address"), password, REFUSED);
    refused(&server, &create("amy", "amy@mail.example"), "short\n", REFUSED);
    refused(&server, &["admin", "account", "show", "nobody"], "", NOT_FOUND);
    refused(
        &server,
        &["admin", "account", "delete", "nobody", "--yes"],
        "",
        NOT_FOUND,
    );
    refused(&server, &["admin", "token", "create", "nobody"], "", NOT_FOUND);
    refused(
        &server,
        &["admin", "token", "create", "ada", "--scopes", "read nonsense"],
        "",
        REFUSED,
    );
    refused(
        &server,
        &["admin", "token", "create", "ada", "--scopes", "admin:read"],
        "",
        REFUSED,
    );
    refused(&server, &["admin", "acount", "list"], "", USAGE);
    refused(&server, &["admin", "account", "create", "amy"], "", USAGE);

    let generated = server.run(
        &[
            "admin",
            "account",
            "create",
            "amy",
            "--email",
            "amy@mail.example",
            "--generate-password",
        ],
        "",
    );
    assert!(generated.status.success(), "{}", err(&generated));
    let said = out(&generated);
    let password = said.split_whitespace().last().expect("the password is printed");
    let page = Browser::new()
        .authorize(&authorize_address(&server).await, "amy@mail.example", password)
        .await;
    assert!(code_of(&page).is_some());
}

#[tokio::test]
async fn every_verb_explains_itself() {
    let server = Server::prepare(Options::new(Backend::Sqlite));
    let verbs: [&[&str]; 10] = [
        &[],
        &["serve"],
        &["admin"],
        &["admin", "account"],
        &["admin", "account", "create"],
        &["admin", "account", "delete"],
        &["admin", "token", "create"],
        &["db"],
        &["config"],
        &["config", "check"],
    ];
    for verb in verbs {
        let help = server.cli(&[verb, &["--help"]].concat(), "");
        assert!(help.contains("Usage:"), "pouet {verb:?} --help: {help}");
    }
    let help = server.cli(&["serve", "--help"], "");
    for flag in ["--data", "--listen", "--url", "--database-url", "--config"] {
        assert!(help.contains(flag), "{flag} is missing in {help}");
    }
    assert!(server.cli(&["--version"], "").starts_with("pouet "));
    assert!(
        !server.folder().join("data").exists(),
        "asking for help makes no folder"
    );
}

#[tokio::test]
async fn a_configuration_is_checked_whole() {
    let server = Server::prepare(Options::new(Backend::Sqlite));
    server.cli(&["config", "check"], "");
    let printed = server.cli(&["config", "print"], "");
    assert!(printed.contains(&server.url()), "{printed}");

    let file = server.folder().join("wrong.toml");
    let text = "[federation]\nalow_http = true\n[limits]\nstatus_chars = \"many\"\n[registrations]\nmode = \"opne\"\n";
    std::fs::write(&file, text).expect("the folder is writable");
    let file = file.to_str().expect("a plain path");
    let output = server.run(&["config", "check", "--config", file], "");
    let said = err(&output);
    assert_eq!(output.status.code(), Some(CONFIG), "{said}");
    for part in ["alow_http", "allow_http", "status_chars", "opne"] {
        assert!(
            said.contains(part),
            "{part} is missing, all errors come at once: {said}"
        );
    }

    let mut command = server.command(&["config", "check"]);
    let output = command
        .env("POUET_RATE_LIMITS__ENABLD", "false")
        .output()
        .expect("the binary can be started");
    let said = err(&output);
    assert_eq!(output.status.code(), Some(CONFIG), "{said}");
    assert!(said.contains("POUET_RATE_LIMITS__ENABLD"), "{said}");
    assert!(
        said.to_ascii_lowercase().contains("rate_limits.enabled")
            || said.contains("POUET_RATE_LIMITS__ENABLED"),
        "{said}"
    );

    let output = server.run(&["serve", "--config", file], "");
    assert_eq!(
        output.status.code(),
        Some(CONFIG),
        "a server does not start with errors: {}",
        err(&output)
    );
}

async fn database_verbs(backend: Backend) {
    if !backend.is_available() {
        return;
    }
    let mut server = Server::prepare(Options::new(backend));
    server.cli(&["db", "migrate"], "");
    server.cli(&["db", "migrate"], "");
    let status = server.cli(&["db", "status"], "");
    assert!(!status.is_empty());
    server.start_again().await;
    server
        .account("ada")
        .await
        .publish("on a database migrated before")
        .await;
}

#[tokio::test]
async fn the_database_is_migrated_by_hand_on_sqlite() {
    database_verbs(Backend::Sqlite).await;
}

#[tokio::test]
async fn the_database_is_migrated_by_hand_on_postgres() {
    database_verbs(Backend::Postgres).await;
}
