//! A disk that fills up: rule R098.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use pouet_tests::database::Backend;
use pouet_tests::http::Part;
use pouet_tests::{Options, Server, png};
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A file system of 24 MiB in memory, unmounted when dropped.
struct SmallDisk(TempDir);

impl SmallDisk {
    /// `None` where this process may not mount anything.
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=24m", "tmpfs"])
            .arg(folder.path())
            .stderr(Stdio::null())
            .status();
        mounted
            .is_ok_and(|status| status.success())
            .then_some(Self(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file that takes all the space that is left.
    fn fill(&self) {
        let mut file = File::create(self.path().join("fill")).expect("a file");
        for size in [1 << 20, 1 << 12, 1] {
            while file.write_all(&vec![0; size]).is_ok() {}
        }
    }

    fn make_room(&self) {
        fs::remove_file(self.path().join("fill")).expect("the file is there");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Nothing more can be done about a failure here.
        let _ = Command::new("umount").arg(self.path()).status();
    }
}

#[tokio::test]
async fn sec_R098_on_a_full_disk_reads_go_on_and_writes_are_refused_until_there_is_space() {
    let Some(disk) = SmallDisk::mount() else {
        eprintln!("skipped: this user may not mount a small file system");
        return;
    };
    let data = disk.path().join("data").display().to_string();
    let mut server = Server::start(Options::new(Backend::Sqlite).with("POUET_DATA_DIR", &data)).await;
    let ada = server.account("ada").await;
    ada.publish("before").await;
    disk.fill();
    let mut posted = 1;
    // The log of the database has some space of its own.
    let refused = loop {
        let new = json!({ "status": format!("number {posted} {}", "x".repeat(400)) });
        let reply = ada.client.post("/api/v1/statuses", &new).await;
        if reply.status != 200 {
            break reply;
        }
        posted += 1;
        assert!(posted < 20_000, "a disk of 24 MiB is full at some time");
    };
    assert_eq!(refused.refused(507), "This server has no space left");
    let image = png::gradient(300, 300);
    let file = Part {
        name: "file",
        file: Some(("harbour.png", "image/png")),
        bytes: &image,
    };
    let upload = ada.client.parts(Method::POST, "/api/v2/media", &[file]).await;
    assert_eq!(upload.status, 507, "{}", upload.summary());
    for path in [
        "/api/v1/timelines/home",
        "/api/v1/timelines/public",
        "/api/v1/notifications",
    ] {
        ada.client.get(path).await.expect(200);
    }
    server.client().get("/@ada").await.expect(200);
    assert!(server.log().contains("the disk is full"), "{}", server.log());

    disk.make_room();
    ada.publish("after").await;
    posted += 1;
    server.stop();
    server.start_again().await;
    let shown = ada.client.get(&format!("/api/v1/accounts/{}", ada.id)).await.ok();
    assert_eq!(
        shown["statuses_count"],
        json!(posted),
        "nothing that was confirmed is lost"
    );
    let home = ada.client.get("/api/v1/timelines/home?limit=1").await.ok();
    assert_eq!(text_of(&home[0]), "after");
    server.stop();
}

fn text_of(status: &Value) -> &str {
    let html = status["content"].as_str().unwrap_or_default();
    html.trim_start_matches("<p>").trim_end_matches("</p>")
}
