//! The calendar as a desk works with it: keys in the grid, attendance, moving, and what others
//! changed. The grid is the server's and works without; this adds to it.

#[cfg(feature = "ssr")]
use leptos::prelude::*;

#[cfg(feature = "hydrate")]
mod attend;
#[cfg(feature = "hydrate")]
mod browser;
#[cfg(feature = "hydrate")]
mod carry;
#[cfg(feature = "hydrate")]
mod feed;
#[cfg(feature = "hydrate")]
mod pointer;
#[cfg(feature = "hydrate")]
mod roving;
#[cfg(feature = "hydrate")]
mod toast;

#[cfg(feature = "hydrate")]
pub use browser::start;

/// The name of the island.
pub const NAME: &str = "calendar-desk";
/// The grid, what is above it, and who waits.
pub const GRID: &str = "calendar-grid";
pub const SUMMARY: &str = "calendar-summary";
pub const WAITING: &str = "calendar-waiting";
/// The dialogs: a move was refused, and whose attendance is meant.
pub const REFUSED: &str = "calendar-refused";
pub const PEOPLE: &str = "calendar-people";

/// What the island speaks with: there from the start and empty, or it is not heard.
#[cfg(feature = "ssr")]
pub fn desk() -> impl IntoView {
    crate::ui::staff_island::staff_island(
        NAME,
        view! {
            <crate::ui::staff_island::PreloadCalendar/>
            <p class="cal-say" role="status"></p>
            <dialog class="dialog" id=REFUSED aria-labelledby="calendar-refused-title">
                <div class="dialog-head">
                    <h2 id="calendar-refused-title">"This time isn’t free"</h2>
                    <button type="button" class="icon-button" aria-label="Close" data-closes="">"×"</button>
                </div>
                <form class="dialog-body form" method="dialog">
                    <ul></ul>
                    <div class="field">
                        <label for="calendar-reason">"Reason"</label>
                        <input id="calendar-reason" type="text" maxlength="500" autocomplete="off"/>
                    </div>
                    <div class="form-actions">
                        <button type="submit" class="button primary">"Move anyway"</button>
                        <button type="button" class="button quiet" data-closes="">"Leave it"</button>
                    </div>
                </form>
            </dialog>
            <dialog class="dialog" id=PEOPLE aria-labelledby="calendar-people-title">
                <div class="dialog-head">
                    <h2 id="calendar-people-title">"Attendance"</h2>
                    <button type="button" class="icon-button" aria-label="Close" data-closes="">"×"</button>
                </div>
                <div class="dialog-body actions"></div>
            </dialog>
        },
    )
}
