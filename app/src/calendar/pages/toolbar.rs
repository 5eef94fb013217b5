//! The head of every view, and the form that says what it shows. Without JavaScript the
//! form is sent by its button.

use super::Calendar;
use leptos::prelude::*;
use shared::calendar::query::ALL;
use shared::calendar::{CalendarQuery, ColourBy, Columns, Density, Print, View};

/// The views that one chooses from, and their keys.
const VIEWS: [(View, &str); 5] =
    [(View::Day, "d"), (View::List, "l"), (View::Week, "w"), (View::Month, "o"), (View::Agenda, "g")];

pub(super) fn head(calendar: &Calendar, heading: &str, sub: String) -> AnyView {
    let Calendar { query, date, books, today, .. } = calendar;
    let is_today = (*date == *today && matches!(query.view, View::Day | View::List)).then_some(" today");
    view! {
        <div class="page-head">
            <div>
                <h1>{heading.to_owned()}</h1>
                <p class="sub"><span id=crate::calendar::desk::SUMMARY>{sub}</span>{is_today}</p>
            </div>
            <div class="actions">
                {(calendar.requests > 0).then(|| view! {
                    <a class="button" href="/appointments/requests">{format!("Requests ({})", calendar.requests)}</a>
                })}
                {calendar.page.actor.front_desk().is_ok().then(|| {
                    let count = (calendar.todo > 0).then(|| format!(" ({})", calendar.todo));
                    view! { <a class="button" href="/todo">"To do"{count}</a> }
                })}
                <a class="button" href=format!("/staffing?week={date}")>"Staffing"</a>
                {books.then(|| view! { <a class="button" href="/waiting-list">"Waiting list"</a> })}
                {calendar.own.is_none().then(|| view! { <a class="button" href="/calendar/calls">"Call list"</a> })}
                {print_menu(calendar)}
                {books.then(|| view! {
                    <a class="button primary" href=calendar.new_appointment(*date, None, None)>"New appointment"</a>
                })}
            </div>
        </div>
    }
    .into_any()
}

/// How the day is put on paper.
fn print_menu(calendar: &Calendar) -> AnyView {
    let Print { codes, no_alerts, apart, blank } = calendar.query.print;
    let kept = hidden(&CalendarQuery {
        view: View::Print,
        date: Some(calendar.date),
        print: Print::default(),
        ..calendar.query.clone()
    });
    view! {
        <details class="menu" name="menu">
            <summary class="button">"Print"</summary>
            <form class="menu-list form cal-options" method="get" action=CalendarQuery::PATH>
                {kept}
                <label class="check"><input type="checkbox" name="codes" value="1" checked=codes/><span>"Codes instead of names"</span></label>
                <label class="check"><input type="checkbox" name="alerts" value="0" checked=no_alerts/><span>"Leave out alerts"</span></label>
                <label class="check"><input type="checkbox" name="apart" value="1" checked=apart/><span>"One page for each practitioner"</span></label>
                <div class="field">
                    <label for="print-blank">"Blank lines for walk-ins"</label>
                    <input id="print-blank" type="number" name="blank" min="0" max=Print::BLANK_MAX.to_string() value=blank.to_string()/>
                </div>
                <button type="submit" class="button">"Show printable day"</button>
            </form>
        </details>
    }
    .into_any()
}

/// What stays as it is when a form is sent.
fn hidden(query: &CalendarQuery) -> AnyView {
    let pairs = query.pairs().into_iter();
    pairs.map(|(name, value)| view! { <input type="hidden" name=name value=value/> }).collect_view().into_any()
}

pub(super) fn toolbar(calendar: &Calendar) -> AnyView {
    let Calendar { query, date, today, .. } = calendar;
    let (before, after) = query.beside(*date);
    let arrow =
        |to: Option<chrono::NaiveDate>, rel: &'static str, key: &'static str, label: String, sign: &'static str| {
            to.map(|to| view! {
            <a class="button" href=query.on(to).address() rel=rel aria-keyshortcuts=key aria-label=label>{sign}</a>
        })
        };
    let unit = match query.view {
        View::Week => "week",
        View::Month => "month",
        _ => "day",
    };
    let to_today = CalendarQuery { date: None, cursor: None, ..query.clone() }.address();
    let views = VIEWS.map(|(view, key)| {
        let current = (query.view == view).then_some("page");
        view! { <li><a href=query.with_view(view).address() aria-current=current aria-keyshortcuts=key>{view.label()}</a></li> }
    });
    view! {
        <div class="cal-toolbar">
            <form class="filters" method="get" action=CalendarQuery::PATH data-submits="">
                {(query.view != View::Day).then(|| view! { <input type="hidden" name="view" value=query.view.as_str()/> })}
                {query.merged.then(|| view! { <input type="hidden" name="merged" value="1"/> })}
                {arrow(before, "prev", "ArrowLeft", format!("Previous {unit}"), "‹")}
                <a class="button" href=to_today aria-keyshortcuts="t" aria-current=(*date == *today).then_some("date")>"Today"</a>
                {arrow(after, "next", "ArrowRight", format!("Next {unit}"), "›")}
                <label class="sr-only" for="calendar-date">"Date"</label>
                <input id="calendar-date" type="date" name="date" value=date.to_string()/>
                {people(calendar)}
                {places(calendar)}
                {rooms(calendar)}
                {display(calendar)}
                <button type="submit" class="button">"Show"</button>
            </form>
            <nav aria-label="Views"><ul class="segments">{views.collect_view()}</ul></nav>
        </div>
    }
    .into_any()
}

/// One practitioner by a press, several by their boxes.
fn people(calendar: &Calendar) -> AnyView {
    let chosen = calendar.people();
    let summary = match chosen.as_slice() {
        [] => "All practitioners".to_owned(),
        [one] => calendar
            .practitioners
            .iter()
            .find(|person| person.id == *one)
            .map_or_else(|| "1 practitioner".to_owned(), |person| person.name.clone()),
        many => format!("{} practitioners", many.len()),
    };
    let boxes = calendar.practitioners.iter().map(|person| view! {
        <label class="check">
            <input type="checkbox" name="practitioner" value=person.id.to_string() checked=chosen.contains(&person.id)/>
            <span>{person.name.clone()}</span>
        </label>
    });
    view! {
        <details class="menu" name="menu">
            <summary class="button"><span class="sr-only">"Practitioners: "</span>{summary}</summary>
            <fieldset class="menu-list cal-options">
                <legend class="sr-only">"Practitioners"</legend>
                <label class="check">
                    <input type="checkbox" name="practitioner" value=ALL checked=chosen.is_empty()/><span>"All practitioners"</span>
                </label>
                {boxes.collect_view()}
                <button type="submit" class="button small">"Show"</button>
            </fieldset>
        </details>
    }
    .into_any()
}

fn places(calendar: &Calendar) -> Option<AnyView> {
    let chosen = calendar.query.location;
    (calendar.locations.len() > 1).then(|| {
        let options = calendar.locations.iter().map(|place| {
            view! {
                <option value=place.id.to_string() selected=chosen == Some(place.id)>{place.name.clone()}</option>
            }
        });
        view! {
            <label class="sr-only" for="calendar-location">"Location"</label>
            <select id="calendar-location" name="location">
                <option value="">"All locations"</option>
                {options.collect_view()}
            </select>
        }
        .into_any()
    })
}

fn rooms(calendar: &Calendar) -> Option<AnyView> {
    let chosen = calendar.query.room;
    (!calendar.rooms.is_empty()).then(|| {
        let options = calendar.rooms.iter().map(|room| {
            view! {
                <option value=room.id.to_string() selected=chosen == Some(room.id)>{room.name.clone()}</option>
            }
        });
        view! {
            <label class="sr-only" for="calendar-room">"Room"</label>
            <select id="calendar-room" name="room">
                <option value="">"All rooms"</option>
                {options.collect_view()}
            </select>
        }
        .into_any()
    })
}

/// How it is drawn.
fn display(calendar: &Calendar) -> AnyView {
    let query = &calendar.query;
    let grid = matches!(query.view, View::Day | View::Week);
    let possible = |one: &Columns| match one {
        Columns::Practitioner => true,
        Columns::Room => !calendar.rooms.is_empty(),
        Columns::Location => calendar.locations.len() > 1,
    };
    let choices: Vec<_> = Columns::ALL
        .iter()
        .filter(|one| possible(one))
        .map(|one| (one.as_str(), one.label(), *one == query.by))
        .collect();
    let columns = (grid && choices.len() > 1).then(|| select("calendar-by", "by", "Columns", choices));
    let densities = Density::ALL.iter().map(|one| (one.as_str(), one.label(), *one == query.density)).collect();
    let colours = ColourBy::ALL.iter().map(|one| (one.as_str(), one.label(), *one == query.colour)).collect();
    view! {
        <details class="menu" name="menu">
            <summary class="button">"Display"</summary>
            <div class="menu-list cal-options">
                {columns}
                {grid.then(|| select("calendar-density", "density", "Size", densities))}
                {grid.then(|| select("calendar-colour", "colour", "Colour by", colours))}
                <label class="check">
                    <input type="checkbox" name="cancelled" value="1" checked=query.cancelled/><span>"Show cancelled"</span>
                </label>
                <button type="submit" class="button small">"Show"</button>
            </div>
        </details>
    }
    .into_any()
}

fn select(
    id: &'static str,
    name: &'static str,
    label: &'static str,
    choices: Vec<(&'static str, &'static str, bool)>,
) -> AnyView {
    let options =
        choices.into_iter().map(|(word, label, chosen)| view! { <option value=word selected=chosen>{label}</option> });
    view! {
        <div class="field"><label for=id>{label}</label><select id=id name=name>{options.collect_view()}</select></div>
    }
    .into_any()
}
