//! `/calendar`: one address, whose query says what it shows ([`CalendarQuery`]).

mod agenda;
mod blocks;
mod drawn;
mod grid;
mod list;
mod month;
mod print;
mod rows;
mod toolbar;
mod words;

use crate::context;
use crate::error::AppError;
use crate::ui::page::{Page, Shown, page};
use crate::waitlist::pages::waiting_panel;
use chrono::{DateTime, NaiveDate, Utc};
use db::calendar::{Filter, Room};
use db::practice::Location;
use db::time::Zone;
use leptos::prelude::*;
use shared::calendar::{CalendarQuery, View};
use shared::practice::StaffView;
use shared::{LocationId, StaffId};

#[component]
pub fn CalendarPage() -> impl IntoView {
    let query = context::of_request(|parts| CalendarQuery::from_query_string(parts.uri.query().unwrap_or_default()));
    page(move |page| async move {
        let calendar = Calendar::open(page, query).await?;
        match calendar.query.view {
            View::Day | View::Week => grid::show(&calendar).await,
            View::List => list::show(&calendar).await,
            View::Month => month::show(&calendar).await,
            View::Agenda => agenda::show(&calendar).await,
            View::Print => print::show(&calendar).await,
        }
    })
}

/// The grid at this query for a page that is open, and the tag of what it shows: `None` where the
/// page shows no grid. `have`: the tags of its columns.
pub async fn renewed(page: Page, query: CalendarQuery, have: &[&str]) -> Result<Option<(String, String)>, AppError> {
    let calendar = Calendar::open(page, query).await?;
    match calendar.query.view {
        View::Day | View::Week => drawn::renewed(&calendar, have).await.map(Some),
        View::List | View::Month | View::Agenda | View::Print => Ok(None),
    }
}

/// The clocks by which the calendar of a location is drawn; without one, those of the main location.
pub async fn zone(page: &Page, location: Option<LocationId>) -> Result<Zone, AppError> {
    let locations = db::practice::locations(page.pool()).await?;
    Ok(zone_of(page, &locations, location))
}

fn zone_of(page: &Page, locations: &[Location], location: Option<LocationId>) -> Zone {
    let place = locations.iter().find(|place| Some(place.id) == location).or(locations.first());
    Zone::stored(place.map_or(&page.practice.zone, |place| &place.zone))
}

/// What every view begins with.
struct Calendar {
    page: Page,
    query: CalendarQuery,
    /// Of the location that is looked at, or else the main one.
    zone: Zone,
    now: DateTime<Utc>,
    today: NaiveDate,
    /// The day that is looked at, or within the week or month.
    date: NaiveDate,
    /// The active ones, by name.
    practitioners: Vec<StaffView>,
    locations: Vec<Location>,
    rooms: Vec<Room>,
    /// The viewer, if they see assigned clients only.
    own: Option<StaffId>,
    viewer: StaffId,
    /// The viewer may book appointments.
    books: bool,
    /// How many requests of clients wait for an answer.
    requests: i64,
    /// How much else waits for the front desk.
    todo: i64,
}

impl Calendar {
    async fn open(page: Page, query: CalendarQuery) -> Result<Calendar, AppError> {
        let staff = page.actor.staff()?;
        let (books, viewer, own) = (staff.books(), staff.id(), staff.scope().map(StaffId));
        let practitioners = db::practice::practitioners(page.pool(), &page.actor).await?;
        let locations = db::practice::locations(page.pool()).await?;
        let rooms = db::calendar::rooms(&mut *page.connection().await?, &page.actor).await?;
        let zone = zone_of(&page, &locations, query.location);
        let now = Utc::now();
        let today = zone.date(now);
        let date = query.date.unwrap_or(today);
        // The front desk finds the requests on its To do page.
        let (requests, todo) = match (page.actor.front_desk().is_ok(), books) {
            (true, _) => (0, db::todo::counts(page.pool(), &page.actor, now).await?.total()),
            (false, true) => (db::appointments::requests_count(page.pool(), page.actor.staff()?, now).await?, 0),
            (false, false) => (0, 0),
        };
        Ok(Calendar {
            page,
            query,
            zone,
            now,
            today,
            date,
            practitioners,
            locations,
            rooms,
            own,
            viewer,
            books,
            requests,
            todo,
        })
    }

    /// Whose appointments are shown; empty: everyone's. Practitioners begin with their own.
    fn people(&self) -> Vec<StaffId> {
        match (self.query.everyone, self.own) {
            (true, _) => Vec::new(),
            (false, Some(own)) if self.query.people.is_empty() => vec![own],
            _ => self.query.people.clone(),
        }
    }

    fn filter(&self) -> Filter {
        let CalendarQuery { room, location, cancelled, .. } = self.query;
        Filter { people: self.people(), room, location, cancelled }
    }

    /// The plural of the practice's word, where the view is limited to the viewer's clients.
    fn own_clients(&self) -> Option<&str> {
        self.own.map(|_| self.page.practice.client_word_plural.as_str())
    }

    /// Where an appointment is booked: the answers that the calendar knows are filled in.
    fn new_appointment(&self, date: NaiveDate, practitioner: Option<StaffId>, at: Option<&str>) -> String {
        let mut link = format!("/appointments/new?from={date}");
        if let Some(id) = practitioner {
            link.push_str(&format!("&practitioner={id}"));
        }
        if let Some(at) = at {
            link.push_str(&format!("&at={at}"));
        }
        link
    }

    /// The page of one view: its head, the toolbar, and what it shows.
    async fn shown(&self, heading: String, sub: String, view: impl IntoView + 'static) -> Result<Shown, AppError> {
        let checklist = crate::settings::pages::checklist(&self.page).await?;
        let printed = words::printed(self);
        let head = toolbar::head(self, &heading, sub);
        let toolbar = toolbar::toolbar(self);
        let waiting = match self.query.view {
            View::Day | View::List => waiting_panel(&self.page, self.date, self.date).await?,
            View::Week => waiting_panel(&self.page, self.date, self.date + chrono::Days::new(6)).await?,
            View::Month | View::Agenda | View::Print => None,
        };
        let zone = (self.locations.len() > 1).then(|| self.zone.note());
        Ok(Shown::new(
            heading,
            view! {
                <p class="print-only">{printed}</p>
                {checklist}
                {head}
                {toolbar}
                {view}
                {waiting}
                {zone.map(|words| view! { <p class="zone-note">{words}</p> })}
            },
        )
        .wide())
    }
}
