//! The agenda: one appointment after the other, from a day on.

use super::Calendar;
use super::rows::row;
use crate::error::AppError;
use crate::ui::page::Shown;
use chrono::NaiveDate;
use db::calendar::Entry;
use leptos::prelude::*;
use shared::calendar::{AgendaCursor, CalendarQuery, View};

pub(super) async fn show(calendar: &Calendar) -> Result<Shown, AppError> {
    let Calendar { page, query, zone, date, .. } = calendar;
    let from = zone.day(*date).starts;
    let mut conn = page.connection().await?;
    let found = db::calendar::agenda(&mut conn, &page.actor, from, query.cursor, &calendar.filter()).await?;
    drop(conn);
    let mut days: Vec<(NaiveDate, Vec<&Entry>)> = Vec::new();
    for entry in &found.entries {
        let day = zone.date(entry.starts_at);
        match days.last_mut().filter(|(last, _)| *last == day) {
            Some((_, entries)) => entries.push(entry),
            None => days.push((day, vec![entry])),
        }
    }
    let empty = days.is_empty().then(|| {
        let words = match calendar.own_clients() {
            Some(clients) => format!("There are no appointments with your {clients} here."),
            None => "There are none here. Choose an earlier day or more practitioners.".to_owned(),
        };
        view! { <div class="empty"><h2>"No appointments"</h2><p>{words}</p></div> }
    });
    let sections = days.into_iter().map(|(day, entries)| {
        let today = (day == calendar.today).then(|| "Today".to_owned());
        let parts: Vec<String> = [today, zone.day_note(day)].into_iter().flatten().collect();
        let href = CalendarQuery { view: View::Day, ..query.on(day) }.address();
        let several = calendar.people().len() != 1;
        let rows = entries.iter().map(|entry| row(calendar, entry, several)).collect_view();
        let note = (!parts.is_empty()).then(|| parts.join(" · "));
        view! {
            <section class="lane">
                <h2><a href=href>{day.format("%A %-d %B %Y").to_string()}</a>{note.map(|note| view! { <span class="muted">{note}</span> })}</h2>
                {rows}
            </section>
        }
    });
    let link = |to: Option<AgendaCursor>, words: &'static str, rel: &'static str| {
        let href = CalendarQuery { cursor: to, ..query.clone() }.address();
        to.map(|_| view! { <a class="button small" href=href rel=rel>{words}</a> })
    };
    let view = view! {
        {empty}
        <div class="agenda">{sections.collect_view()}</div>
        <nav class="pager" aria-label="Pages">
            {link(found.previous, "Earlier", "prev")}
            {link(found.next, "Later", "next")}
        </nav>
    };
    let sub = format!("From {}", date.format("%A %-d %B %Y"));
    calendar.shown("Agenda".to_owned(), sub, view).await
}
