//! The booking dialog with its times. Without JavaScript each time is a link
//! to a page that asks the same.

use super::confirm::{ConfirmFields, ConfirmProps, heading};
use leptos::html::Dialog;
use leptos::prelude::*;
use shared::appointments::{FreeTime, FreeWeek};

/// A week of free times. `query` is what the links of the page carry:
/// `service=…&practitioner=…`.
#[island]
pub fn Booker(
    week: FreeWeek,
    query: String,
    confirm: ConfirmProps,
    practitioner: Option<shared::StaffId>,
) -> impl IntoView {
    let (week, set_week) = signal(week);
    let (loading, set_loading) = signal(false);
    let (failed, set_failed) = signal(false);
    let (time, set_time) = signal(None::<(FreeTime, String)>);
    let dialog = NodeRef::<Dialog>::new();
    let latest = StoredValue::new(0u32);
    let service = StoredValue::new(confirm.service.parse::<shared::ServiceId>().ok());
    let title = heading(&confirm.who);

    let show_week = move |from: chrono::NaiveDate| {
        let Some(service) = service.get_value() else { return };
        latest.update_value(|number| *number += 1);
        let number = latest.get_value();
        set_loading.set(true);
        leptos::task::spawn_local(async move {
            let answer = super::api::load_week(service, practitioner, from).await;
            // A slower answer to an older question is not shown.
            if latest.get_value() != number {
                return;
            }
            set_loading.set(false);
            set_failed.set(answer.is_err());
            if let Ok(answer) = answer {
                set_week.set(answer);
            }
        });
    };
    let choose = move |chosen: FreeTime, day: String| {
        set_time.set(Some((chosen, day)));
        if let Some(dialog) = dialog.get() {
            let _ = dialog.show_modal();
        }
    };
    let close = move |_| {
        if let Some(dialog) = dialog.get() {
            dialog.close();
        }
    };

    let link = StoredValue::new(query);
    let week_link = move |from: Option<chrono::NaiveDate>, words: &'static str, rel: &'static str| {
        from.map(|from| {
            view! {
                <a class="button small" rel=rel href=format!("/book?{}&from={from}", link.get_value())
                    on:click=move |event| { event.prevent_default(); show_week(from); }>{words}</a>
            }
        })
    };
    view! {
        <div class="week-head">
            <h2 aria-live="polite">{move || week.get().heading}</h2>
            <div class="actions">
                {move || week_link(week.get().previous, "Earlier", "prev")}
                {move || week_link(week.get().next, "Later", "next")}
            </div>
        </div>
        <p class="zone-note">{move || week.get().zone_note}</p>
        <p class="notice error" role="alert" hidden=move || !failed.get()>"The times could not be loaded. Please try again."</p>
        {move || week.get().first_free.map(|(date, label)| {
            view! {
                <div class="notice info">
                    "Nothing is free in these days. The next free time is on "
                    <a href=format!("/book?{}&from={date}", link.get_value())
                        on:click=move |event| { event.prevent_default(); show_week(date); }>{label}</a>"."
                </div>
            }
        })}
        <div class="days" aria-busy=move || loading.get().to_string()>
            {move || week.get().days.into_iter().map(|day| {
                let label = StoredValue::new(day.label.clone());
                let none = day.times.is_empty();
                view! {
                    <section class=if none { "day none" } else { "day" }>
                        <h3>{day.label}</h3>
                        <div class="times">
                            {none.then(|| view! { <p class="muted small">"No times"</p> })}
                            {day.times.into_iter().map(|time| {
                                let href = format!("/book/confirm?{}&with={}&start={}", link.get_value(), time.practitioner, time.starts_at);
                                let name = format!("{}, {}, with {}", label.get_value(), time.label, time.practitioner_name);
                                let words = time.label.clone();
                                let chosen = StoredValue::new(time);
                                view! {
                                    <a class="time" href=href aria-label=name
                                        on:click=move |event| {
                                            event.prevent_default();
                                            choose(chosen.get_value(), label.get_value());
                                        }>{words}</a>
                                }
                            }).collect_view()}
                        </div>
                    </section>
                }
            }).collect_view()}
        </div>
        <dialog class="dialog" node_ref=dialog aria-labelledby="book-title">
            <form method="post" action="/fn/portal/book" data-once="">
                <div class="dialog-head">
                    <h2 id="book-title">{title}</h2>
                    <button type="button" class="icon-button" aria-label="Close" on:click=close>"×"</button>
                </div>
                <div class="dialog-body">
                    <ConfirmFields props=confirm time=time/>
                </div>
                <div class="dialog-foot">
                    <button type="button" class="button" on:click=close>"Back"</button>
                    <button type="submit" class="button primary">"Book appointment"</button>
                </div>
            </form>
        </dialog>
    }
}
