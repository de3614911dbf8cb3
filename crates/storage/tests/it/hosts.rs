//! What is remembered of other servers.

#![expect(non_snake_case, reason = "rule numbers keep their upper-case R")]

use chrono::{DateTime, TimeDelta, Utc};
use pouet_storage::hosts::{self, Host};

use crate::on_each_store;

#[tokio::test]
async fn sec_R037_invented_hosts_do_not_fill_the_database() {
    on_each_store(async |store| {
        let start: DateTime<Utc> = "2026-11-23T10:00:00Z".parse().unwrap();
        let names: Vec<String> = (0..500).map(|n| format!("h{n}.wild.example")).collect();
        let saved = names.clone();
        let kept = store
            .write(move |tx| {
                for (seconds, name) in (0..).zip(&saved) {
                    hosts::save_host(tx, &Host::new(name, start + TimeDelta::seconds(seconds)))?;
                }
                assert_eq!(hosts::delete_hosts_beyond(tx, 500)?, 0);
                hosts::delete_hosts_beyond(tx, 20)?;
                let mut kept: Vec<String> = hosts::load_hosts(tx, &saved)?
                    .into_iter()
                    .map(|host| host.domain)
                    .collect();
                kept.sort_unstable();
                Ok::<_, pouet_storage::Error>(kept)
            })
            .await
            .unwrap();
        assert_eq!(kept, names[480..], "those of which something was learnt last");
    })
    .await;
}
