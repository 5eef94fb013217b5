//! When something that could not be sent is tried again.

/// Seconds between one attempt and the next: a mail server that was restarted has
/// the mail within seconds, and one that is away for a day loses none.
const WAITS: [i32; 9] = [5, 30, 2 * 60, 10 * 60, 3_600, 2 * 3_600, 4 * 3_600, 8 * 3_600, 8 * 3_600];

/// The most attempts.
pub(super) const ATTEMPTS_MAX: i32 = WAITS.len() as i32 + 1;

/// Seconds until the next attempt; `attempts`: those so far, from 1.
pub(super) fn wait(attempts: i32) -> i32 {
    WAITS[(attempts.max(1) as usize - 1).min(WAITS.len() - 1)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_retry_comes_within_seconds_and_waits_only_grow() {
        assert_eq!((wait(0), wait(1), wait(2)), (5, 5, 30));
        assert!((1..ATTEMPTS_MAX).all(|attempt| wait(attempt) <= wait(attempt + 1)));
        assert_eq!(wait(i32::MAX), wait(ATTEMPTS_MAX - 1));
    }
}
