//! Staff book: whom, what, with whom, when. Each answer is in the address, so
//! the page works alike with and without JavaScript.

use crate::clients::picker::{ClientPicker, picker_results};
use crate::context::{query, url_encode};
use crate::error::AppError;
use crate::ui::page::{Page, Shown, page};
use crate::ui::{ErrorSummary, FormState, PostForm};
use chrono::{NaiveDate, Utc};
use db::slots::FreeQuery;
use leptos::prelude::*;
use shared::appointments::{Conflicts, FreeTime, FreeWeek, instant};
use shared::clients::{ClientProfile, ClientSummary, Kind, Status, StatusChange};
use shared::links::Permission;
use shared::practice::{ServiceView, StaffView};
use shared::{ClientNumber, ServiceId, StaffId};

const BOOK: &str = "/fn/appointments/book";

/// What the address holds.
#[derive(Clone, Default)]
struct Asked {
    client: Option<ClientNumber>,
    service: Option<ServiceId>,
    practitioner: Option<StaffId>,
    from: String,
    /// Without JavaScript the picker's words come here.
    q: String,
}

impl Asked {
    fn read() -> Asked {
        Asked {
            client: query("client").parse().ok(),
            service: query("service").parse().ok(),
            practitioner: query("practitioner").parse().ok(),
            from: query("from"),
            q: query("client_q"),
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
        if let Some(client) = client {
            link.push_str(&format!("&client={client}"));
        }
        link
    }
}

#[component]
pub fn NewAppointmentPage() -> impl IntoView {
    let mut asked = Asked::read();
    let state = FormState::of(BOOK);
    page(move |page| async move {
        if !page.actor.staff()?.books() {
            return Ok(Shown::new("New appointment", may_not_book()));
        }
        let client = match asked.client {
            Some(number) => Some(db::clients::profile(page.pool(), &page.actor, number).await?),
            None => None,
        };
        let services = db::practice::active_services(page.pool()).await?;
        // Something to look at from the start: the first service, from today.
        asked.service = asked.service.or_else(|| services.first().map(|service| service.id));
        if asked.from.is_empty() {
            asked.from = db::slots::venue_zone(page.pool()).await?.date(Utc::now()).to_string();
        }
        let practitioners = db::practice::practitioners(page.pool(), &page.actor).await?;
        let whom = match &client {
            Some(client) => chosen_client(&page, client, &asked, &page.practice.client_word),
            None => choose_client(&page, &asked).await?,
        };
        let summary = state.clone();
        let when = match (&client, asked.service) {
            (Some(client), Some(service)) if client.kind == Kind::Individual && client.status.may_be_booked() => {
                times(&page, client, service, &asked, state).await?
            }
            // What was refused is said above all else; beside the times it stands with them.
            _ => view! { <ErrorSummary state=summary/> }.into_any(),
        };
        let what = client.is_some().then(|| choose_service(&asked, &services, &practitioners));
        Ok(Shown::new(
            "New appointment",
            view! {
                <div class="page-head"><div><a class="back" href="/calendar">"Calendar"</a><h1>"New appointment"</h1></div></div>
                <ErrorSummary state=FormState::of(crate::clients::SET_STATUS)/>
                {whom}
                {what}
                {when}
            },
        ))
    })
}

fn chosen_client(page: &Page, client: &ClientProfile, asked: &Asked, word: &str) -> AnyView {
    view! {
        <section class="panel" aria-labelledby="for-client">
            <div class="panel-head">
                <h2 id="for-client">{crate::ui::capital(word)}</h2>
                <div class="actions"><a class="button small" href=asked.link(None, &asked.from)>"Choose another"</a></div>
            </div>
            <p><a class="strong" href=format!("/clients/{}", client.number)>{client.name.clone()}</a>
                <span class="muted">" · "{client.code.clone()}" · no. "{client.number.to_string()}</span>" "
                <crate::ui::parts::StatusBadge status=client.status/></p>
            {(!client.alert.is_empty()).then(|| view! { <div class="alert" role="note"><strong>"Alert: "</strong>{client.alert.clone()}</div> })}
            {match client.kind {
                Kind::Individual => (!client.status.may_be_booked()).then(|| not_bookable(page, client, asked)),
                kind => Some(not_a_person(client, kind)),
            }}
        </section>
    }
    .into_any()
}

/// What a practitioner sees who has no permission (B15).
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

/// Couples, families and groups are not booked: their members are.
fn not_a_person(client: &ClientProfile, kind: Kind) -> AnyView {
    let members = format!("/clients/{}#memberships", client.number);
    let words = format!("You can’t book a whole {}. ", kind.label().to_lowercase());
    view! { <p class="notice info">{words}<a href=members>"Choose one of its members"</a>"."</p> }.into_any()
}

/// Only active clients are booked (B7): here they can be made so.
fn not_bookable(page: &Page, client: &ClientProfile, asked: &Asked) -> AnyView {
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
    let here = asked.link(asked.client, &asked.from);
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

/// Search, or make the client here: the new one is chosen at once (B1).
async fn choose_client(page: &Page, asked: &Asked) -> Result<AnyView, AppError> {
    let found: Vec<ClientSummary> = match asked.q.trim() {
        "" => Vec::new(),
        q => db::clients::search(page.pool(), &page.actor, q, 20).await?,
    };
    let results = (!asked.q.trim().is_empty()).then(|| {
        let asked = asked.clone();
        picker_results(found, move |client| asked.link(Some(client.number), &asked.from))
    });
    let then = asked.link(None, &asked.from);
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
                <input type="hidden" name="from" value=asked.from.clone()/>
                {asked.service.map(|service| view! { <input type="hidden" name="service" value=service.to_string()/> })}
                {asked.practitioner.map(|practitioner| view! { <input type="hidden" name="practitioner" value=practitioner.to_string()/> })}
                <ClientPicker name="client".to_owned() label=format!("Search for {a_word}", a_word = crate::ui::a(word))
                    hint=page.practice.found_by().to_owned() focus=true/>
                <div class="form-actions"><button type="submit" class="button primary">"Continue"</button></div>
            </form>
            {results}
        </section>
    }
    .into_any())
}

fn choose_service(asked: &Asked, services: &[ServiceView], practitioners: &[StaffView]) -> AnyView {
    let options = services.iter().map(|service| view! {
        <option value=service.id.to_string() selected=asked.service == Some(service.id)>{service.name.clone()}" ("{service.duration_minutes}" min)"</option>
    }).collect_view();
    let people = practitioners.iter().filter(|person| person.active).map(|person| view! {
        <option value=person.id.to_string() selected=asked.practitioner == Some(person.id)>{person.name.clone()}</option>
    }).collect_view();
    view! {
        <section class="panel" aria-label="Service and practitioner"><form class="filters" method="get" action="/appointments/new">
            {asked.client.map(|client| view! { <input type="hidden" name="client" value=client.to_string()/> })}
            <div class="field grow"><label for="service">"Service"</label><select id="service" name="service">{options}</select></div>
            <div class="field"><label for="practitioner">"Practitioner"</label>
                <select id="practitioner" name="practitioner"><option value="">"Anyone"</option>{people}</select></div>
            <div class="field"><label for="from">"From"</label><input id="from" type="date" name="from" value=asked.from.clone()/></div>
            <button type="submit" class="button">"Show times"</button>
        </form></section>
    }
    .into_any()
}

async fn times(
    page: &Page,
    client: &ClientProfile,
    service: ServiceId,
    asked: &Asked,
    state: FormState,
) -> Result<AnyView, AppError> {
    let now = Utc::now();
    let first: NaiveDate = asked.from.parse().unwrap_or(now.date_naive() - chrono::Days::new(1));
    let query = FreeQuery {
        service,
        practitioner: asked.practitioner,
        client: Some(client.id),
        first,
        last: first,
        portal: false,
    };
    let week = db::slots::free_week(page.pool(), query, now).await?;
    let linked = db::links::proxies_of(page.pool(), &page.actor, client.id).await?;
    let key = if state.was_posted() { state.value("request_key", "") } else { db::new_id().to_string() };
    let practitioners = db::practice::practitioners_of(page.pool(), service).await?;
    let chosen_proxy = state.value("proxy", "");
    let client_id = client.id.to_string();
    let link = |from: NaiveDate| asked.link(asked.client, &from.to_string());
    let (previous, next) = (week.previous.map(link), week.next.map(link));
    let first_free = week.first_free.clone().map(|(date, label)| (link(date), label));
    let refused_time = refused_time(page, &week, &practitioners, &state).await?;
    let hand = by_hand(&practitioners, asked, &state);
    let conflicts = state.conflicts().cloned();
    let (summary, anyway) = (conflicts.clone().map(told), conflicts.map(book_anyway));
    // Conflicts are told whole, with what may be done about them.
    let shown = if summary.is_some() { state.clone().without_error() } else { state.clone() };
    let (heading, zone_note) = (week.heading.clone(), week.zone_note.clone());
    let choices = free_choices(week, asked.practitioner.is_none(), &state.value("slot", ""));
    let linked = (!linked.is_empty()).then(|| view! {
        <div class="field">
            <label for="f-proxy">{format!("Linked {}", page.practice.client_word)}</label>
            <p class="hint" id="f-proxy-hint">"The linked person can manage this appointment within the permissions they have."</p>
            <select id="f-proxy" name="form[proxy]" aria-describedby="f-proxy-hint">
                <option value="">"No one else"</option>
                {linked.into_iter().map(|(id, name, label, grants)| {
                    let may: Vec<_> = Permission::ALL.iter().filter(|permission| grants.has(**permission)).map(|permission| permission.label()).collect();
                    let may = if may.is_empty() { "no permissions".to_owned() } else { format!("may {}", may.join(", ")) };
                    let selected = chosen_proxy == id.to_string();
                    view! { <option value=id.to_string() selected=selected>{name}" ("{label.label()}") – "{may}</option> }
                }).collect_view()}
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
            <PostForm action=BOOK page=page.here.clone() state=shown>
                {summary}
                <input type="hidden" name="form[client]" value=client_id/>
                <input type="hidden" name="form[service]" value=service.to_string()/>
                <input type="hidden" name="form[request_key]" value=key/>
                {refused_time}
                {choices}
                {state.problem("starts_at").map(|_| view! { <p class="error" id="f-starts-at">"Choose a time."</p> })}
                {linked}
                <details class="section" open=!state.value("local", "").is_empty()>
                    <summary>"Another time"</summary>
                    {hand}
                </details>
                {anyway}
                <div class="form-actions"><button type="submit" class="button primary">"Book appointment"</button></div>
            </PostForm>
        </section>
    }
    .into_any())
}

/// Everything that stands in the way of the time that was chosen.
fn told(conflicts: Conflicts) -> AnyView {
    let count = conflicts.all.len();
    let heading =
        if count == 1 { "This time has a conflict".to_owned() } else { format!("This time has {count} conflicts") };
    view! {
        <div class="error-summary" role="alert" tabindex="-1" autofocus=true>
            <h2>{heading}</h2>
            <ul>{conflicts.all.iter().map(|one| view! { <li>{one.to_string()}</li> }).collect_view()}</ul>
            <p>"Choose another time, or book anyway below."</p>
        </div>
    }
    .into_any()
}

/// Passes over the conflicts that were just told, and no others.
fn book_anyway(conflicts: Conflicts) -> AnyView {
    view! {
        <input type="hidden" name="form[seen]" value=conflicts.seen.to_string()/>
        <label class="check"><input type="checkbox" name="form[overbook]" value="true"/><span>"Book anyway"</span></label>
    }
    .into_any()
}

/// A time that was chosen from the list and is free no longer: it stays chosen,
/// so that it can be booked anyway.
async fn refused_time(
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
    let zone = db::slots::venue_zone(page.pool()).await?;
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
fn free_choices(week: FreeWeek, anyone: bool, chosen: &str) -> AnyView {
    let days = week.days.into_iter().map(|day| { let none = day.times.is_empty(); view! {
        <section class=if none { "day none" } else { "day" }>
            <h3>{day.label.clone()}</h3>
            <div class="times">
                {none.then(|| view! { <p class="muted small">"No times"</p> })}
                {day.times.into_iter().map(|time| {
                    let name = format!("{}, {}, with {}", day.label, time.label, time.practitioner_name);
                    let any = if anyone { " anyone" } else { "" };
                    let value = format!("{} {}{any}", time.starts_at, time.practitioner);
                    let checked = value == chosen;
                    view! {
                        <label class="time" title=time.practitioner_name>
                            <input type="radio" class="sr-only" name="form[slot]" value=value checked=checked aria-label=name/>
                            <span aria-hidden="true">{time.label}</span>
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
fn by_hand(practitioners: &[(StaffId, String)], asked: &Asked, state: &FormState) -> AnyView {
    let chosen = state.value("practitioner", &asked.practitioner.map(|id| id.to_string()).unwrap_or_default());
    let problem = state.problem("local");
    let invalid = problem.is_some();
    view! {
        <p class="hint">"Use this to book a time that isn’t listed. It replaces the time selected above."</p>
        <div class="field-row">
            <div class=if invalid { "field invalid" } else { "field" }>
                <label for="f-local">"Date and time"</label>
                <input id="f-local" type="datetime-local" name="form[local]" value=state.value("local", "")
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
