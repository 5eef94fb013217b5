//! Staff book: client, service, practitioner, time. Each answer is in the address, so
//! the page works alike with and without JavaScript.

use crate::clients::picker::{ClientPicker, picker_results};
use crate::context::{query, url_encode};
use crate::error::AppError;
use crate::ui::page::{Page, Shown, page};
use crate::ui::parts::Description;
use crate::ui::{ErrorSummary, FormState, PostForm, TextField};
use chrono::{NaiveDate, Utc};
use db::appointments::free_times::FreeQuery;
use leptos::prelude::*;
use shared::appointments::{Conflicts, FreeTime, FreeWeek, instant};
use shared::clients::{ClientProfile, ClientSummary, Kind, Status, StatusChange};
use shared::links::Permission;
use shared::practice::{ServiceView, StaffView};
use shared::{ClientNumber, RoomId, ServiceId, StaffId};

const BOOK: &str = "/fn/appointments/book";

/// What the address holds.
#[derive(Clone, Default)]
struct BookingParams {
    client: Option<ClientNumber>,
    service: Option<ServiceId>,
    practitioner: Option<StaffId>,
    /// A room that was pressed in the calendar.
    room: Option<RoomId>,
    from: String,
    /// A time of day on the first day, such as `09:30`: what was pressed in the calendar.
    at: String,
    /// Without JavaScript the picker's words come here.
    q: String,
    /// A typed time that is to be checked, and its practitioner.
    typed: String,
    with: Option<StaffId>,
}

impl BookingParams {
    fn read() -> BookingParams {
        BookingParams {
            client: query("client").parse().ok(),
            service: query("service").parse().ok(),
            practitioner: query("practitioner").parse().ok(),
            room: query("room").parse().ok(),
            from: query("from"),
            at: shared::parse::time(&query("at")).map(|time| time.format("%H:%M").to_string()).unwrap_or_default(),
            q: query("client_q"),
            typed: query("form[local]"),
            with: query("form[practitioner]").parse().ok(),
        }
    }

    /// This page with some answers; the client's number comes last.
    fn link(&self, client: Option<ClientNumber>, from: &str) -> String {
        let mut link = format!("/appointments/new?from={}", url_encode(from));
        if let Some(service) = self.service {
            link.push_str(&format!("&service={service}"));
        }
        if let Some(practitioner) = self.practitioner {
            link.push_str(&format!("&practitioner={practitioner}"));
        }
        if let Some(room) = self.room {
            link.push_str(&format!("&room={room}"));
        }
        if !self.at.is_empty() {
            link.push_str(&format!("&at={}", url_encode(&self.at)));
        }
        if let Some(client) = client {
            link.push_str(&format!("&client={client}"));
        }
        link
    }

    /// What a form of this page sends along.
    fn hidden(&self) -> AnyView {
        let pairs = [
            ("service", self.service.map(|id| id.to_string())),
            ("practitioner", self.practitioner.map(|id| id.to_string())),
            ("room", self.room.map(|id| id.to_string())),
            ("at", Some(self.at.clone()).filter(|at| !at.is_empty())),
        ];
        let pairs = pairs.into_iter().filter_map(|(name, value)| value.map(|value| (name, value)));
        pairs.map(|(name, value)| view! { <input type="hidden" name=name value=value/> }).collect_view().into_any()
    }

    /// The time that was pressed in the calendar, as a form takes it.
    fn local(&self) -> String {
        match shared::parse::date(&self.from) {
            Ok(date) if !self.at.is_empty() => format!("{date}T{}", self.at),
            _ => String::new(),
        }
    }
}

#[component]
pub fn NewAppointmentPage() -> impl IntoView {
    let mut params = BookingParams::read();
    let state = FormState::of(BOOK);
    page(move |page| async move {
        if !page.actor.staff()?.books() {
            return Ok(Shown::new("New appointment", may_not_book()));
        }
        let client = match params.client {
            Some(number) => Some(crate::clients::pages::record(&page, number).await?),
            None => None,
        };
        let services = db::practice::active_services(page.pool()).await?;
        if params.from.is_empty() {
            params.from = db::appointments::free_times::venue_zone(page.pool()).await?.date(Utc::now()).to_string();
        }
        let practitioners = db::practice::practitioners(page.pool(), &page.actor).await?;
        let whom = match &client {
            Some(client) => chosen_client(&page, client, &params, &page.practice.client_word),
            None => choose_client(&page, &params).await?,
        };
        let summary = state.clone();
        let when = match (&client, params.service) {
            (Some(client), Some(service)) if client.status.may_be_booked() => {
                times(&page, client, service, &params, state).await?
            }
            // A refusal is shown at the top, or beside the times if it concerns them.
            _ => view! { <ErrorSummary state=summary/> }.into_any(),
        };
        let repeat = client.as_ref().filter(|client| client.status.may_be_booked()).map(|client| {
            let text = |id: Option<String>| id.unwrap_or_default();
            let (service, with) =
                (text(params.service.map(|id| id.to_string())), text(params.practitioner.map(|id| id.to_string())));
            let href = crate::series::pages::link(client.number, &service, &with, "");
            let find = super::find::link(Some(client.number), params.service);
            let mut wait = format!("/waiting-list/new?client={}&service={service}", client.number);
            if !with.is_empty() {
                wait.push_str(&format!("&practitioner={with}"));
            }
            view! {
                <div class="actions">
                    <a class="button" href=wait>"Waiting list"</a>
                    <a class="button" href=find>"Find next times"</a>
                    <a class="button" href=href>"Repeating appointment"</a>
                </div>
            }
        });
        let again = match &client {
            Some(client) if params.service.is_none() => again(&page, client, &params).await?,
            _ => None,
        };
        let what = client.is_some().then(|| choose_service(&params, &services, &practitioners, again));
        Ok(Shown::new(
            "New appointment",
            view! {
                <div class="page-head"><div><a class="back" href="/calendar">"Calendar"</a><h1>"New appointment"</h1></div>{repeat}</div>
                <ErrorSummary state=FormState::of(crate::clients::SET_STATUS)/>
                {whom}
                {what}
                {when}
            },
        ))
    })
}

fn chosen_client(page: &Page, client: &ClientProfile, params: &BookingParams, word: &str) -> AnyView {
    view! {
        <section class="panel" aria-labelledby="for-client">
            <div class="panel-head">
                <h2 id="for-client">{crate::ui::capital(word)}</h2>
                <div class="actions"><a class="button small" href=params.link(None, &params.from)>"Choose another"</a></div>
            </div>
            <p><a class="strong" href=format!("/clients/{}", client.number)>{client.name.clone()}</a>
                <span class="muted">" · "{client.code.clone()}" · no. "{client.number.to_string()}</span>" "
                <crate::ui::parts::StatusBadge status=client.status/></p>
            {(!client.alert.is_empty()).then(|| view! { <div class="alert" role="note"><strong>"Alert: "</strong>{client.alert.clone()}</div> })}
            {(client.kind != Kind::Individual && client.status.may_be_booked()).then(|| whole(client))}
            {(!client.status.may_be_booked()).then(|| not_bookable(page, client, params))}
        </section>
    }
    .into_any()
}

/// What a practitioner sees who has no permission.
fn may_not_book() -> AnyView {
    view! {
        <div class="page-head"><div><a class="back" href="/calendar">"Calendar"</a><h1>"New appointment"</h1></div></div>
        <div class="panel empty">
            <h2>"You can’t book appointments"</h2>
            <p>"The front desk books for you. An administrator can allow you to book under Settings → Practitioners."</p>
            <a class="button" href="/calendar">"Back to the calendar"</a>
        </div>
    }
    .into_any()
}

/// A couple, family or group is booked as one session.
fn whole(client: &ClientProfile) -> AnyView {
    let members = format!("/clients/{}#memberships", client.number);
    let words = format!(
        "One session for the whole {}: everyone who belongs to it must be free, and each has their own attendance. ",
        client.kind.label().to_lowercase()
    );
    view! { <p class="notice info">{words}<a href=members>"See the members"</a>"."</p> }.into_any()
}

/// Only active clients are booked: here they can be made so.
fn not_bookable(page: &Page, client: &ClientProfile, params: &BookingParams) -> AnyView {
    if client.erased {
        return view! { <p class="notice">"This person has been erased and can’t be booked."</p> }.into_any();
    }
    if page.actor.front_desk().is_err() {
        let words =
            format!("{} isn’t active, so you can’t book them. Ask the front desk to reactivate them.", client.name);
        return view! { <p class="notice warn">{words}</p> }.into_any();
    }
    let words = match client.status {
        Status::Prospect => "is still a prospect. Make them active to book the first appointment.",
        _ => "is inactive. Make them active before booking.",
    };
    let here = params.link(params.client, &params.from);
    let change = StatusChange { number: client.number, status: Status::Active };
    view! {
        <form class="notice warn" method="post" action=crate::clients::SET_STATUS data-once="">
            <input type="hidden" name="_page" value=here.clone()/>
            <input type="hidden" name="next" value=here/>
            <p>{client.name.clone()}" "{words}</p>
            <p><button type="submit" class="button small" name="change" value=change.to_string()>"Make active"</button></p>
        </form>
    }
    .into_any()
}

/// Search, or make the client here: the new one is chosen right away.
async fn choose_client(page: &Page, params: &BookingParams) -> Result<AnyView, AppError> {
    let found: Vec<ClientSummary> = match params.q.trim() {
        "" => Vec::new(),
        q => db::clients::search(page.pool(), &page.actor, q, 20).await?,
    };
    let results = (!params.q.trim().is_empty()).then(|| {
        let params = params.clone();
        picker_results(found, &page.practice.client_word, move |client| params.link(Some(client.number), &params.from))
    });
    let recent = match params.q.trim() {
        "" => db::appointments::booked_last(page.pool(), &page.actor).await?,
        _ => Vec::new(),
    };
    let recent = (!recent.is_empty()).then(|| {
        let rows = recent.into_iter().map(|(number, name)| {
            view! { <li><a href=params.link(Some(number), &params.from)>{name}</a></li> }
        });
        view! { <div class="recent"><h3>"Booked last"</h3><ul class="row plain">{rows.collect_view()}</ul></div> }
    });
    let then = params.link(None, &params.from);
    let href = format!("/clients/new?next={}", url_encode(&then));
    let word = &page.practice.client_word;
    let words = format!("New {word}");
    Ok(view! {
        <section class="panel" aria-labelledby="for-client">
            <div class="panel-head">
                <h2 id="for-client">{crate::ui::capital(word)}</h2>
                <div class="actions">
                    <a class="button" href=href data-window="">{words}</a>
                </div>
            </div>
            <form class="form" method="get" action="/appointments/new">
                <input type="hidden" name="from" value=params.from.clone()/>
                {params.hidden()}
                <ClientPicker name="client".to_owned() label=format!("Search for {a_word}", a_word = crate::ui::a(word))
                    hint=page.practice.found_by().to_owned() focus=true/>
                <div class="form-actions"><button type="submit" class="button primary">"Continue"</button></div>
            </form>
            {results}
            {recent}
        </section>
    }
    .into_any())
}

/// What the client was booked for last, in one press.
async fn again(page: &Page, client: &ClientProfile, params: &BookingParams) -> Result<Option<AnyView>, AppError> {
    let last = db::appointments::booked_for(page.pool(), &page.actor, client.id).await?;
    Ok(last.map(|last| {
        let same = BookingParams {
            service: Some(last.service),
            practitioner: params.practitioner.or(Some(last.practitioner)),
            ..params.clone()
        };
        let words = format!("{}, {}", last.service_name, last.practitioner_name);
        let href = same.link(params.client, &params.from);
        view! { <p>"Same as last time: "<a href=href>{words}</a></p> }.into_any()
    }))
}

fn choose_service(
    params: &BookingParams,
    services: &[ServiceView],
    practitioners: &[StaffView],
    again: Option<AnyView>,
) -> AnyView {
    let options = services.iter().map(|service| view! {
        <option value=service.id.to_string() selected=params.service == Some(service.id)>{service.name.clone()}" ("{service.duration_minutes}" min)"</option>
    }).collect_view();
    let about = services
        .iter()
        .find(|service| params.service == Some(service.id))
        .map(|service| view! { <Description words=service.description.clone()/> });
    let people = practitioners.iter().filter(|person| person.active).map(|person| view! {
        <option value=person.id.to_string() selected=params.practitioner == Some(person.id)>{person.name.clone()}</option>
    }).collect_view();
    view! {
        <section class="panel" aria-label="Service and practitioner">{again}<form class="filters" method="get" action="/appointments/new" data-submits="">
            {(!params.at.is_empty()).then(|| view! { <input type="hidden" name="at" value=params.at.clone()/> })}
            {params.client.map(|client| view! { <input type="hidden" name="client" value=client.to_string()/> })}
            <div class="field grow"><label for="service">"Service"</label><select id="service" name="service">
                {params.service.is_none().then(|| view! { <option value="" selected=true>"Choose a service"</option> })}{options}</select></div>
            <div class="field"><label for="practitioner">"Practitioner"</label>
                <select id="practitioner" name="practitioner"><option value="">"Anyone"</option>{people}</select></div>
            <div class="field"><label for="from">"From"</label><input id="from" type="date" name="from" value=params.from.clone()/></div>
            <button type="submit" class="button">"Show times"</button>
        </form>{about}</section>
    }
    .into_any()
}

async fn times(
    page: &Page,
    client: &ClientProfile,
    service: ServiceId,
    params: &BookingParams,
    state: FormState,
) -> Result<AnyView, AppError> {
    let now = Utc::now();
    let first: NaiveDate = params.from.parse().unwrap_or(now.date_naive() - chrono::Days::new(1));
    let query = FreeQuery {
        service,
        practitioner: params.practitioner,
        client: Some(client.id),
        first,
        last: first,
        portal: false,
    };
    let week = db::appointments::free_times::free_week(page.pool(), query, now).await?;
    let linked = db::links::proxies_of(page.pool(), &page.actor, client.id).await?;
    let key = if state.was_posted() { state.value("request_key", "") } else { db::new_id().to_string() };
    let practitioners = db::practice::practitioners_of(page.pool(), service).await?;
    let chosen = state.value("assigned", "everyone");
    let client_id = client.id.to_string();
    let link = |from: NaiveDate| params.link(params.client, &from.to_string());
    let (previous, next) = (week.previous.map(link), week.next.map(link));
    let none = week.none_for_weeks.map(|weeks| {
        let words = format!(
            "No free times in the next {weeks} weeks. Choose another practitioner, check the working hours in Settings, or use “Another time”."
        );
        view! { <div class="notice info">{words}</div> }
    });
    let first_free = week.first_free.clone().map(|(date, label)| (link(date), label));
    let refused_time = refused_time(page, &week, &practitioners, &state).await?;
    let slot = state.value("slot", &pressed(page, &week, params).await?);
    // What was pressed in the calendar and is not offered is typed already.
    let local = match params.typed.is_empty() {
        true if slot.is_empty() => params.local(),
        true => String::new(),
        false => params.typed.clone(),
    };
    let open = !state.value("local", &local).is_empty();
    let with = params.with.or(params.practitioner);
    let why = match state.was_posted() || local.is_empty() {
        true => None,
        false => {
            let with = with.or(practitioners.first().map(|(id, _)| *id));
            Some(why_not(page, client.id, service, with, &local).await?)
        }
    };
    let hand = typed_time(&practitioners, with, &state, &local);
    let kept = kept(params);
    let modalities = db::practice::modalities(page.pool(), service).await?;
    let modality = (modalities.len() > 1).then(|| {
        let options =
            modalities.iter().map(|one| (one.as_str().to_owned(), one.label().to_owned())).collect::<Vec<_>>();
        view! { <crate::ui::SelectField field="modality" label="How" state=state.clone() options=options/> }
    });
    let room = pressed_room(page, params).await?;
    let conflicts = state.conflicts().cloned();
    let (summary, anyway) =
        (conflicts.clone().map(told), conflicts.map(|conflicts| book_anyway(conflicts, "Book anyway", &state)));
    // Conflicts are told whole, with what may be done about them.
    let shown = if summary.is_some() { state.clone().without_error() } else { state.clone() };
    let (heading, zone_note) = (week.heading.clone(), week.zone_note.clone());
    let choices = free_choices(week, params.practitioner.is_none(), &slot);
    let linked = (!linked.is_empty()).then(|| view! {
        <div class="field">
            <label for="f-assigned">{format!("Linked {} for this appointment", page.practice.client_word_plural)}</label>
            <p class="hint" id="f-assigned-hint">"They see it, manage it and get copies, as far as they have permission."</p>
            <select id="f-assigned" name="form[assigned]" aria-describedby="f-assigned-hint">
                <option value="everyone" selected=chosen == "everyone">"Everyone with permission"</option>
                {linked.into_iter().map(|(id, name, label, grants)| {
                    let may: Vec<_> = Permission::ALL.iter().filter(|one| one.is_in_use() && grants.has(**one)).map(|permission| permission.label()).collect();
                    let may = if may.is_empty() { "no permissions".to_owned() } else { format!("may {}", may.join(", ")) };
                    let selected = chosen == id.to_string();
                    view! { <option value=id.to_string() selected=selected>{name}" ("{label.label()}") – "{may}</option> }
                }).collect_view()}
                <option value="none" selected=chosen == "none">"No one"</option>
            </select>
        </div>
    });
    Ok(view! {
        <section class="panel" aria-labelledby="when">
            <div class="panel-head">
                <h2 id="when">{heading}</h2>
                <div class="actions">
                    {previous.map(|href| view! { <a class="button small" rel="prev" href=href>"Earlier"</a> })}
                    {next.map(|href| view! { <a class="button small" rel="next" href=href>"Later"</a> })}
                </div>
            </div>
            <p class="zone-note">{zone_note}</p>
            {first_free.map(|(href, label)| view! {
                <div class="notice info">"No times this week. Next available: "<a href=href>{label}</a>"."</div>
            })}
            {none}
            <PostForm action=BOOK page=page.here.clone() state=shown>
                {summary}
                <input type="hidden" name="form[client]" value=client_id/>
                <input type="hidden" name="form[service]" value=service.to_string()/>
                <input type="hidden" name="form[request_key]" value=key/>
                {room}
                {refused_time}
                {choices}
                {state.problem("starts_at").map(|_| view! { <p class="error" id="f-starts-at">"Choose a time."</p> })}
                {modality}
                {linked}
                <details class="section" open=open>
                    <summary>"Another time"</summary>
                    {hand}
                    {why}
                </details>
                {anyway}
                {kept}
                <div class="form-actions stays">
                    <button type="submit" class="button primary">"Book appointment"</button>
                    <button type="submit" class="button quiet" formmethod="get" formaction="/appointments/new" formnovalidate=true>"Check the other time"</button>
                </div>
            </PostForm>
        </section>
    }
    .into_any())
}

/// The address of this page as fields: what a check of a typed time comes back to.
fn kept(params: &BookingParams) -> AnyView {
    let pairs = [
        ("client", params.client.map(|number| number.to_string())),
        ("service", params.service.map(|id| id.to_string())),
        ("practitioner", params.practitioner.map(|id| id.to_string())),
        ("room", params.room.map(|id| id.to_string())),
        ("from", Some(params.from.clone())),
    ];
    let pairs = pairs.into_iter().filter_map(|(name, value)| value.map(|value| (name, value)));
    pairs.map(|(name, value)| view! { <input type="hidden" name=name value=value/> }).collect_view().into_any()
}

/// What is in the way of a typed time, before it is booked.
async fn why_not(
    page: &Page,
    client: shared::ClientId,
    service: ServiceId,
    with: Option<StaffId>,
    local: &str,
) -> Result<AnyView, AppError> {
    let form = shared::appointments::BookingForm {
        client: client.to_string(),
        service: service.to_string(),
        practitioner: with.map(|id| id.to_string()).unwrap_or_default(),
        local: local.to_owned(),
        request_key: db::new_id().to_string(),
        ..Default::default()
    };
    let found = async {
        let booking = db::appointments::with_instant(page.pool(), form).await?.parse()?;
        db::appointments::why_not(page.pool(), &page.actor, booking).await
    };
    reasons(found.await)
}

/// The reasons why a time is not possible, or that it is free.
pub(super) fn reasons(found: db::Result<Vec<shared::appointments::TimeConflict>>) -> Result<AnyView, AppError> {
    let words: Vec<String> = match found {
        Ok(found) if found.is_empty() => {
            return Ok(view! { <p class="notice info" role="status">"This time is free."</p> }.into_any());
        }
        Ok(found) => found.iter().map(ToString::to_string).collect(),
        Err(db::Error::Refused(shared::Refusal::Invalid(errors))) => {
            errors.0.iter().map(|(_, problem)| problem.to_string()).collect()
        }
        Err(db::Error::Refused(shared::Refusal::Conflict(conflict))) => vec![conflict.to_string()],
        Err(error) => return Err(error.into()),
    };
    let lines = words.into_iter().map(|words| view! { <li>{words}</li> }).collect_view();
    Ok(view! { <div class="notice warn" role="status"><ul>{lines}</ul></div> }.into_any())
}

/// Everything that stands in the way of the time that was chosen.
pub(crate) fn told(conflicts: Conflicts) -> AnyView {
    let count = conflicts.all.len();
    let heading =
        if count == 1 { "This time has a conflict".to_owned() } else { format!("This time has {count} conflicts") };
    view! {
        <div class="error-summary" role="alert" tabindex="-1" autofocus=true>
            <h2>{heading}</h2>
            <ul>{conflicts.all.iter().map(|one| view! { <li>{one.to_string()}</li> }).collect_view()}</ul>
            <p>"Choose another time, or go ahead anyway below."</p>
        </div>
    }
    .into_any()
}

/// Passes over the conflicts that were just told, and no others.
pub(crate) fn book_anyway(conflicts: Conflicts, words: &'static str, state: &FormState) -> AnyView {
    view! {
        <input type="hidden" name="form[seen]" value=conflicts.seen.to_string()/>
        <label class="check"><input type="checkbox" name="form[overbook]" value="true"/><span>{words}</span></label>
        <TextField field="reason" label="Reason" hint="Kept with the appointment; only the team sees it." state=state.clone().without_error() optional=true/>
    }
    .into_any()
}

/// The offered time that was pressed in the calendar, as its choice sends it; empty without one.
async fn pressed(page: &Page, week: &FreeWeek, params: &BookingParams) -> Result<String, AppError> {
    let Ok(local) = chrono::NaiveDateTime::parse_from_str(&params.local(), "%Y-%m-%dT%H:%M") else {
        return Ok(String::new());
    };
    let zone = db::appointments::free_times::venue_zone(page.pool()).await?;
    let starts_at = shared::appointments::instant_text(zone.instant(local));
    let any = if params.practitioner.is_none() { " anyone" } else { "" };
    let offered = week.days.iter().flat_map(|day| &day.times).find(|time| time.starts_at == starts_at);
    Ok(offered.map(|time| format!("{} {}{any}", time.starts_at, time.practitioner)).unwrap_or_default())
}

/// The room that was pressed in the calendar.
async fn pressed_room(page: &Page, params: &BookingParams) -> Result<Option<AnyView>, AppError> {
    let Some(id) = params.room else { return Ok(None) };
    let rooms = db::calendar::rooms(&mut *page.connection().await?, &page.actor).await?;
    Ok(rooms.into_iter().find(|room| room.id == id).map(|room| {
        view! {
            <p>"Room: "<strong>{room.name}</strong></p>
            <input type="hidden" name="form[room]" value=id.to_string()/>
        }
        .into_any()
    }))
}

/// A time that was chosen from the list and is free no longer: it stays chosen,
/// so that it can be booked anyway.
pub(super) async fn refused_time(
    page: &Page,
    week: &FreeWeek,
    practitioners: &[(StaffId, String)],
    state: &FormState,
) -> Result<Option<AnyView>, AppError> {
    let value = state.value("slot", "");
    let mut parts = value.split(' ');
    let (start, with) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let is_offered = |time: &FreeTime| time.starts_at == start && time.practitioner.to_string() == with;
    let known = practitioners.iter().find(|(id, _)| id.to_string() == with);
    let (Ok(at), Some((_, name)), Some(_)) = (instant(start), known, state.conflicts()) else { return Ok(None) };
    if !state.value("local", "").is_empty() || week.days.iter().flat_map(|day| &day.times).any(is_offered) {
        return Ok(None);
    }
    let zone = db::appointments::free_times::venue_zone(page.pool()).await?;
    let words = format!("{}, {}, with {name}", zone.long_date(at), zone.exact_clock(at));
    Ok(Some(
        view! {
            <label class="check"><input type="radio" name="form[slot]" value=value checked=true/><span>{words}</span></label>
        }
        .into_any(),
    ))
}

/// The free times, of which one is chosen. With `anyone` the practitioner who
/// is named may be replaced by another who is free then.
pub(crate) fn free_choices(week: FreeWeek, anyone: bool, chosen: &str) -> AnyView {
    let days = week.days.into_iter().map(|day| { let none = day.times.is_empty(); view! {
        <section class=if none { "day none" } else { "day" }>
            <h3>{day.label.clone()}</h3>
            <div class="times">
                {none.then(|| view! { <p class="muted small">"No times"</p> })}
                {day.times.into_iter().map(|time| {
                    let ask = time.ask.then(|| view! { <small>"Ask us"</small> });
                    let asked = if time.ask { ", on request" } else { "" };
                    let name = format!("{}, {}{asked}, with {}", day.label, time.label, time.practitioner_name);
                    let any = if anyone { " anyone" } else { "" };
                    let whose = anyone.then(|| view! { <small>{time.practitioner_name.clone()}</small> });
                    let value = format!("{} {}{any}", time.starts_at, time.practitioner);
                    let checked = value == chosen;
                    view! {
                        <label class="time" title=time.practitioner_name.clone()>
                            <input type="radio" class="sr-only" name="form[slot]" value=value checked=checked aria-label=name/>
                            <span aria-hidden="true">{time.label}{whose}{ask}</span>
                        </label>
                    }
                }).collect_view()}
            </div>
        </section>
    } }).collect_view();
    view! { <fieldset class="plain"><legend class="sr-only">"Time"</legend><div class="days">{days}</div></fieldset> }
        .into_any()
}

/// A time that is not offered, booked knowingly.
pub(super) fn typed_time(
    practitioners: &[(StaffId, String)],
    with: Option<StaffId>,
    state: &FormState,
    local: &str,
) -> AnyView {
    let chosen = state.value("practitioner", &with.map(|id| id.to_string()).unwrap_or_default());
    let problem = state.problem("local");
    let invalid = problem.is_some();
    view! {
        <p class="hint">"Use this to book a time that isn’t listed. It replaces the time selected above."</p>
        <div class="field-row">
            <div class=if invalid { "field invalid" } else { "field" }>
                <label for="f-local">"Date and time"</label>
                <input id="f-local" type="datetime-local" name="form[local]" value=state.value("local", local)
                    aria-invalid=invalid.then_some("true") aria-describedby=invalid.then_some("f-local-error")/>
                {problem.map(|problem| view! { <p class="error" id="f-local-error">{problem}</p> })}
            </div>
            <div class="field">
                <label for="f-practitioner">"Practitioner"</label>
                <select id="f-practitioner" name="form[practitioner]">
                    {practitioners.iter().map(|(id, name)| view! {
                        <option value=id.to_string() selected=chosen == id.to_string()>{name.clone()}</option>
                    }).collect_view()}
                </select>
            </div>
        </div>
    }
    .into_any()
}
