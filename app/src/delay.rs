//! A pause before each try for a username that has failed often: it slows down guessing
//! one password from many addresses. It is not a lock, so an attacker cannot keep the owner
//! out, and it is the same for unknown usernames. Each server counts for itself.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The number of tries in a row that do not wait.
const FREE: u32 = 5;
/// The next waits so long, and each further one twice as long,
const FIRST: Duration = Duration::from_millis(500);
/// but never longer.
const LONGEST: Duration = Duration::from_secs(10);
/// A username that no one has tried for so long begins again.
const FORGOTTEN: Duration = Duration::from_secs(15 * 60);
/// The maximum number of usernames that are counted; the one tried the longest ago is dropped.
const COUNTED_MAX: usize = 10_000;

/// Tries that have not succeeded, by username.
pub struct Delays {
    /// Usernames are not kept, only their hashes.
    hasher: RandomState,
    tries: Option<Mutex<HashMap<u64, Tries>>>,
}

#[derive(Clone, Copy)]
struct Tries {
    count: u32,
    last: Instant,
}

impl fmt::Debug for Delays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Delays")
    }
}

impl Delays {
    /// `on` is whether tries are limited at all.
    pub fn new(on: bool) -> Delays {
        Delays { hasher: RandomState::new(), tries: on.then(Mutex::default) }
    }

    /// Waits for as long as a try for this username has to.
    pub async fn wait(&self, username: &str) {
        tokio::time::sleep(self.begin(username, Instant::now())).await;
    }

    /// Counts a try as failed until it has [`succeeded`](Delays::succeeded), so that
    /// many at the same time do not pass together. How long it waits.
    fn begin(&self, username: &str, now: Instant) -> Duration {
        let Some(tries) = &self.tries else { return Duration::ZERO };
        let key = self.key(username);
        let mut tries = tries.lock().unwrap_or_else(PoisonError::into_inner);
        if tries.len() >= COUNTED_MAX && !tries.contains_key(&key) {
            make_room(&mut tries, now);
        }
        let tried = tries.entry(key).or_insert(Tries { count: 0, last: now });
        if now.duration_since(tried.last) >= FORGOTTEN {
            tried.count = 0;
        }
        *tried = Tries { count: tried.count.saturating_add(1), last: now };
        match tried.count.checked_sub(FREE + 1) {
            None => Duration::ZERO,
            Some(doublings) => FIRST.saturating_mul(1 << doublings.min(16)).min(LONGEST),
        }
    }

    /// The password was right: the username begins again.
    pub fn succeeded(&self, username: &str) {
        if let Some(tries) = &self.tries {
            tries.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key(username));
        }
    }

    fn key(&self, username: &str) -> u64 {
        self.hasher.hash_one(shared::parse::visible(username).to_lowercase())
    }
}

fn make_room(tries: &mut HashMap<u64, Tries>, now: Instant) {
    tries.retain(|_, tried| now.duration_since(tried.last) < FORGOTTEN);
    if tries.len() >= COUNTED_MAX
        && let Some(oldest) = tries.iter().min_by_key(|(_, tried)| tried.last).map(|(key, _)| *key)
    {
        tries.remove(&oldest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(delays: &Delays, username: &str, now: Instant, times: usize) -> Vec<u64> {
        (0..times).map(|_| delays.begin(username, now).as_millis() as u64).collect()
    }

    #[test]
    fn a_try_waits_longer_each_time_and_never_for_good() {
        let (delays, now) = (Delays::new(true), Instant::now());
        let expected = [0, 0, 0, 0, 0, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000];
        assert_eq!(waits(&delays, "ana@example.com", now, 12), expected);
        // Written otherwise it is the same; another is another, whether or not anyone has it.
        assert_eq!(waits(&delays, " ANA@example.com\u{200B}", now, 1), [10_000]);
        assert_eq!(waits(&delays, "unknown", now, 12), expected);
        delays.succeeded("ana@example.com");
        assert_eq!(waits(&delays, "ana@example.com", now, 1), [0]);
        assert_eq!(waits(&delays, "unknown", now + FORGOTTEN, 1), [0]);
        assert_eq!(waits(&Delays::new(false), "ana", now, 12), [0; 12]);
    }

    #[test]
    fn no_more_usernames_are_counted_than_fit() {
        let (delays, now) = (Delays::new(true), Instant::now());
        waits(&delays, "first", now, 8);
        for number in 0..COUNTED_MAX {
            delays.begin(&number.to_string(), now + Duration::from_micros(number as u64 + 1));
        }
        assert_eq!(delays.tries.as_ref().unwrap().lock().unwrap().len(), COUNTED_MAX);
        assert_eq!(waits(&delays, "first", now + Duration::from_secs(1), 1), [0], "it was tried the longest ago");
    }
}
