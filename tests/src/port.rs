//! Loopback ports that no two servers of concurrent test processes share.

use std::fs::{File, TryLockError};
use std::net::{Ipv4Addr, TcpListener};

use crate::chance;

/// Below the range from which Linux takes the ports of outgoing connections, so that none of those is in the way.
const RANGE: std::ops::Range<u16> = 20_000..30_000;

/// A port that stays ours until dropped, whether or not a server listens on it at the moment.
///
/// A stopped server must find its port free when it starts again. A lock on a file of that name in the temporary
/// folder keeps other test processes away; the operating system lifts it when this process ends, however it ends.
#[derive(Debug)]
pub struct Port {
    number: u16,
    _lock: File,
}

impl Port {
    /// Takes a free port.
    pub fn take() -> Self {
        let folder = std::env::temp_dir().join("pouet-tests-ports");
        std::fs::create_dir_all(&folder).expect("the temporary folder is writable");
        let first = chance::within(RANGE);
        for number in (first..RANGE.end).chain(RANGE.start..first) {
            let lock =
                File::create(folder.join(number.to_string())).expect("the temporary folder is writable");
            match lock.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => continue,
                Err(TryLockError::Error(error)) => panic!("cannot lock a file for port {number}: {error}"),
            }
            if TcpListener::bind((Ipv4Addr::LOCALHOST, number)).is_ok() {
                return Self { number, _lock: lock };
            }
        }
        panic!("no free port between {} and {}", RANGE.start, RANGE.end);
    }

    /// Its number.
    pub fn number(&self) -> u16 {
        self.number
    }
}
