//! Appointments: booking, cancelling, and the lists of each audience.

mod again;
mod answer;
mod attendance;
mod book;
mod cancel;
mod conflicts;
mod facts;
mod find;
pub mod free_times;
mod holds;
mod kept;
mod lists;
mod moving;
mod notice;
mod participants;
mod past;
mod policy;
mod proposals;
mod rooms;
mod seats;
mod service;
mod several;
mod taken;
mod why;
mod zone_update;

pub use again::{Latest, booked_for, booked_last};
pub use answer::{accept, decline, requests, requests_count};
pub use attendance::{details, history, participants, save_details, set_attendance, set_attendance_of};
pub use book::{Booked, book, book_in, booking_keys, submit, with_instant};
pub(crate) use book::{lock, reason};
pub(crate) use cancel::{Ending, cancel_in, end};
pub use cancel::{cancel, cancel_with, restore};
pub use find::{Found, FoundVisit, Pair, find_next, pairing};
pub(crate) use holds::remove as remove_holds;
pub use holds::{
    HOLD_MINUTES, HeldTime, Hold, Visitor, adopt_hold, adopt_of, clear_holds, held, held_by_visitor, hold,
    prolong_visitor_hold, submit_hold, submit_visitor_hold, visitor_secret,
};
pub(crate) use kept::{book_kept, keep_for, move_to_kept};
pub use lists::{BusySpan, busy, day, mine, mine_of, mine_one, mine_part, of_client, one, several, upcoming_of};
pub use moving::{check_move, move_in, move_keys, reschedule, submit_move, submit_move_by};
pub use notice::{Audience, Notice, audience, notice};
pub(crate) use participants::{managed, managed_of};
pub use past::{PAST_MAX, PastAppointment, past_of_own, past_years};
pub(crate) use policy::may_be_moved;
pub use policy::{Terms, modalities_of, terms, terms_of, terms_of_service};
pub use proposals::{proposals, upcoming_with};
pub(crate) use seats::{seat_of, session_at};
pub use several::{SEVERAL_MAX, book_first, book_several, move_several, submit_moves};
pub use why::{why_not, why_not_there};
pub use zone_update::{Clash, Settled, clashes, settle};
