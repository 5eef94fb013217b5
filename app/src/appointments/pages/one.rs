//! One appointment, and a client's on their profile.

use super::attendance;
use crate::appointments::notice;
use crate::error::AppError;
use crate::ui::page::{Page, Shown, page};
use crate::ui::parts::AppointmentBadge;
use crate::ui::parts::Description;
use crate::ui::{FormState, PostForm, TextField};
use chrono::Utc;
use db::activities::Recorded;
use db::messages::Reach;
use db::time::Zone;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use shared::appointments::{AppointmentStatus, StaffAppointment};
use shared::attendance::{Part, Participant};
use shared::practice::{Section, price};
use shared::{AppointmentId, ClientNumber, Refusal};

const CANCEL: &str = "/fn/appointments/cancel";
const RESTORE: &str = "/fn/appointments/restore";

#[component]
pub fn AppointmentPage() -> impl IntoView {
    let id = use_params_map().read_untracked().get("id").unwrap_or_default();
    let state = FormState::of(CANCEL);
    page(move |page| async move {
        let books = page.actor.staff()?.books();
        let id: AppointmentId = id.parse().map_err(|_| Refusal::NotFound)?;
        let one = db::appointments::one(page.pool(), &page.actor, id).await?;
        let zone = Zone::stored(&one.zone);
        let title = format!("{} – {}", one.client_name, zone.short_date(one.starts_at));
        let day = zone.date(one.starts_at);
        let again = format!(
            "/appointments/new?client={}&service={}&practitioner={}",
            one.client_number, one.service_id, one.practitioner_id
        );
        let known = db::activities::recorded(page.pool(), &page.actor, id).await?;
        let recorded = matches!(known, Recorded::As(_));
        let activity = match known {
            _ if !page.practice.shows(Section::Activities) => None,
            Recorded::As(activity) => Some((format!("/activities/{activity}"), "Activity")),
            Recorded::May => Some((format!("/activities/new?appointment={id}"), "Record as activity")),
            Recorded::Not => None,
        };
        let confirmed = one.status != AppointmentStatus::Cancelled;
        let facts = db::appointments::details(page.pool(), &page.actor, id).await?;
        let people = db::appointments::participants(page.pool(), &page.actor, id).await?;
        let terms = db::appointments::terms(page.pool(), id).await?;
        let lines = db::appointments::history(page.pool(), &page.actor, id).await?;
        let audience = match one.status {
            AppointmentStatus::Cancelled => Vec::new(),
            _ => db::appointments::audience(page.pool(), &page.actor, id).await?,
        };
        let series = db::series::of(page.pool(), &page.actor, id).await?;
        let freed = crate::waitlist::pages::freed_panel(&page, id).await?;
        let stands = facts.status != AppointmentStatus::Cancelled;
        let visit = match stands {
            true => crate::visits::staff::section(&page, id, books || page.actor.id() == one.practitioner_id.0).await?,
            false => None,
        };
        let mine = books || page.actor.id() == one.practitioner_id.0;
        // A couple or family that has the session to itself has no seats to speak of.
        let in_group =
            facts.seats > 1 && (facts.seats > facts.seats_taken || people.iter().all(|one| one.party.is_none()));
        let restorable = books && !stands && one.starts_at > Utc::now();
        let restored = FormState::of(RESTORE);
        let add =
            (books && stands && in_group && facts.seats_taken < facts.seats && one.starts_at > Utc::now()).then(|| {
                let local = zone.local(one.starts_at);
                let when = format!("from={}&at={}", local.date(), local.format("%H%%3A%M"));
                format!("/appointments/new?service={}&practitioner={}&{when}", one.service_id, one.practitioner_id)
            });
        let currency = page.practice.currency.clone();
        let location = facts.room.clone().map(|(_, name)| name);
        Ok(Shown::new(title, view! {
            <div class="page-head">
                <div>
                    <a class="back" href=format!("/calendar?date={day}")>{zone.long_date(one.starts_at)}</a>
                    <h1>{one.client_name.clone()}</h1>
                    <p class="sub">{one.service_name.clone()}" "<AppointmentBadge status=one.status/>
                        {one.overbooked.then(|| view! { <span class="badge overbooked">"Overbooked"</span> })}</p>
                </div>
                <div class="actions">
                    <a class="button" href=format!("/clients/{}", one.client_number)>"Profile"</a>
                    {activity.map(|(href, words)| view! { <a class="button" href=href>{words}</a> })}
                    {(books && stands && !one.client_erased).then(|| view! {
                        <a class="button" href=format!("/appointments/{id}/move")>"Move"</a>
                    })}
                    {add.map(|href| view! { <a class="button" href=href>"Add participant"</a> })}
                    {(books && stands && !in_group && !one.client_erased && one.starts_at > Utc::now()).then(|| view! {
                        <a class="button" href=format!("/waiting-list/new?client={}&appointment={id}", one.client_number)>"Wait for an earlier time"</a>
                    })}
                    {(books && !one.client_erased).then(|| view! {
                        <a class="button" href=again>{if confirmed { "Book another" } else { "Book again" }}</a>
                    })}
                </div>
            </div>
            {(!one.alert.is_empty()).then(|| view! { <div class="alert" role="note"><strong>"Alert: "</strong>{one.alert.clone()}</div> })}
            {freed}
            <div class="panel">
                <dl class="facts">
                    <dt>"When"</dt>
                    <dd class="tnum">{zone.long_date(one.starts_at)}", "<span class="nowrap">{zone.clock_span(one.starts_at, one.ends_at)}</span><p class="zone-note">{zone.note()}</p></dd>
                    <dt>"With"</dt><dd>{one.practitioner_name.clone()}</dd>
                    <dt>"Service"</dt>
                    <dd>{one.service_name.clone()}<Description words=one.service_description.clone()/></dd>
                    {location.map(|room| view! { <dt>"Room"</dt><dd>{room}</dd> })}
                    <dt>"Modality"</dt><dd>{facts.modality.label()}</dd>
                    {series.map(|series| view! {
                        <dt>"Series"</dt><dd>{series.words}" · "<a href=format!("/appointments/{id}/series")>"All dates"</a></dd>
                    })}
                    {in_group.then(|| view! { <dt>"Seats"</dt><dd class="tnum">{facts.seats_taken}" of "{facts.seats}</dd> })}
                    <dt>"Price"</dt><dd class="tnum">{price(one.price_cents)}" "{currency}{in_group.then_some(" per seat")}</dd>
                    <dt>"Policy"</dt><dd>{terms.policy.sentence()}<Description words=terms.policy.words.clone()/></dd>
                    <dt>"Booked by"</dt><dd>{match one.proxy_name.clone() {
                        Some(name) => format!("{name} (linked {})", page.practice.client_word),
                        None => facts.booked_by.clone(),
                    }}", "<span class="nowrap tnum">{zone.short_date(facts.booked_at)}</span></dd>
                    {(!facts.overbook_reason.is_empty()).then(|| view! { <dt>"Overbooked because"</dt><dd>{facts.overbook_reason.clone()}</dd> })}
                    {(!facts.cancel_reason.is_empty()).then(|| view! { <dt>"Cancelled because"</dt><dd>{facts.cancel_reason.clone()}</dd> })}
                    {(!facts.staff_note.is_empty()).then(|| view! { <dt>"Staff note"</dt><dd><Description words=facts.staff_note.clone()/></dd> })}
                </dl>
            </div>
            {(books && facts.status == AppointmentStatus::Requested && !one.client_erased).then(|| super::requests::answer(&page, &id.to_string(), one.version))}
            {visit}
            {attendance::people(&page, &people, &zone, mine && facts.status == AppointmentStatus::Confirmed && !one.client_erased)}
            {restorable.then(|| view! {
                <PostForm action=RESTORE page=page.here.clone() state=restored>
                    <input type="hidden" name="appointment" value=id.to_string()/>
                    <div class="form-actions"><button type="submit" class="button">"Restore appointment"</button></div>
                </PostForm>
            })}
            {(mine && !one.client_erased).then(|| attendance::details(&page, &id.to_string(), &facts))}
            {who_is_told(&audience)}
            {attendance::history(lines, &zone)}
            {(confirmed && books).then(|| cancel_form(&page, &one, &people, &audience, recorded, state))}
        }).narrow())
    })
}

/// Who hears of changes, and who does not and why.
fn who_is_told(audience: &[Reach]) -> Option<AnyView> {
    let mut lines = Vec::new();
    for reach in audience {
        let about = |name: &str| match audience.len() > 1 && name != reach.name {
            true => format!("{name}, for {}", reach.name),
            false => name.to_owned(),
        };
        for name in notice::names(reach) {
            let by = if reach.texts.contains(&name) { "email and text message" } else { "email" };
            lines.push((about(&name), by.to_owned(), false));
        }
        let only_texts = reach.texts.iter().filter(|name| !notice::names(reach).contains(name));
        lines.extend(only_texts.map(|name| (about(name), "text message".to_owned(), false)));
        lines.extend(reach.withheld.iter().map(|one| (about(&one.name), one.why(), true)));
    }
    let left_out = lines.iter().filter(|line| line.2).count();
    let summary = match left_out {
        0 => "Who is told".to_owned(),
        some => format!("Who is told ({some} of {} not)", lines.len()),
    };
    let line = |(name, words, out): (String, String, bool)| {
        view! {
            <li>
                <span>{name}</span>" "
                {out.then(|| view! { <span class="badge inactive">"No email"</span>" " })}
                <span class="muted small">{words}</span>
            </li>
        }
    };
    (!lines.is_empty()).then(|| {
        view! {
            <details class="section" id="told">
                <summary>{summary}</summary>
                <ul class="plain stack tight">{lines.into_iter().map(line).collect_view()}</ul>
            </details>
        }
        .into_any()
    })
}

fn cancel_form(
    page: &Page,
    one: &StaffAppointment,
    people: &[Participant],
    audience: &[Reach],
    recorded: bool,
    state: FormState,
) -> AnyView {
    let past = one.starts_at <= Utc::now();
    let (word, plural) = (&page.practice.client_word, &page.practice.client_word_plural);
    let words = match audience {
        _ if past => {
            format!("This appointment is in the past. Cancelling it removes it from the {word}’s visit history.")
        }
        [reach] => {
            format!("{} The time slot opens up right away.", notice::who_would(reach, page.app.settings.smtp))
        }
        _ => format!(
            "We’ll email the {plural} and any linked {plural} who get copies. The time slot opens up right away."
        ),
    };
    let (id, open) = (one.id.to_string(), state.was_posted());
    let booked: Vec<(String, String)> = people
        .iter()
        .filter(|person| person.part == Part::Booked)
        .filter_map(|part| part.person.as_ref().map(|person| (part.client.to_string(), person.name.clone())))
        .collect();
    let chosen = state.value("client", "");
    let who = (booked.len() > 1).then(|| {
        view! {
            <div class="field">
                <label for="f-client">"Cancel for"</label>
                <select id="f-client" name="form[client]">
                    <option value="">"Everyone"</option>
                    {booked.into_iter().map(|(id, name)| { let selected = chosen == id; view! {
                        <option value=id selected=selected>{name}</option>
                    } }).collect_view()}
                </select>
            </div>
        }
    });
    let late = state.value("late", "") == "true";
    view! {
        <details class="section" open=open>
            <summary>"Cancel this appointment"</summary>
            <PostForm action=CANCEL page=page.here.clone() state=state.clone()>
                <p>{words}</p>
                {recorded.then(|| view! {
                    <p class="notice warn">"This appointment is logged as an activity. If it didn’t take place, edit or delete the activity too."</p>
                })}
                <input type="hidden" name="appointment" value=id/>
                {who}
                <TextField field="reason" label="Reason" state=state.clone() hint="Only the team sees it." optional=true/>
                <label class="check"><input type="checkbox" name="form[late]" value="true" checked=late/><span>"Count as a late cancellation"</span></label>
                <div class="form-actions"><button type="submit" class="button danger">"Cancel appointment"</button></div>
            </PostForm>
        </details>
    }
    .into_any()
}

/// A client's appointments, upcoming and past, for their profile; new ones are
/// offered if the record may be changed and the viewer books.
pub async fn client_appointments(
    page: &Page,
    conn: &mut db::PgConnection,
    client: &db::authz::ReadableClient,
    number: ClientNumber,
    may_change: bool,
) -> Result<AnyView, AppError> {
    let may_add = may_change && page.actor.staff()?.books();
    let rows = db::appointments::of_client(conn, &page.actor, client).await?;
    let now = Utc::now();
    let (upcoming, mut past): (Vec<_>, Vec<_>) = rows.into_iter().partition(|one| one.ends_at > now);
    past.reverse();
    Ok(view! {
        <section class="panel flush" id="appointments">
            <div class="panel-head">
                <h2>"Appointments"</h2>
                {may_add.then(|| view! {
                    <div class="actions">
                        <a class="button small" href=format!("/clients/{number}/pairing")>"Find a practitioner"</a>
                        <a class="button small" href=format!("/appointments/new?client={number}")>"New appointment"</a>
                    </div>
                })}
            </div>
            {if !may_add && upcoming.is_empty() && past.is_empty() {
                view! { <p class="panel-foot small muted">"No appointments."</p> }.into_any()
            } else if upcoming.is_empty() && past.is_empty() {
                let words = match page.practice.invites() {
                    true => format!("Book the first one here, or invite the {} to book online.", page.practice.client_word),
                    false => "Book the first one here.".to_owned(),
                };
                view! { <div class="empty"><h3>"No appointments yet"</h3><p>{words}</p></div> }.into_any()
            } else if upcoming.is_empty() {
                view! { <p class="panel-foot small muted">"No upcoming appointments."</p> }.into_any()
            } else {
                table(upcoming)
            }}
            {(!past.is_empty()).then(|| {
                let count = past.len();
                view! { <details class="section"><summary>"Past ("{count}")"</summary>{table(past)}</details> }
            })}
        </section>
    }
    .into_any())
}

/// Rows of a table, for a profile.
fn table(rows: Vec<StaffAppointment>) -> AnyView {
    view! {
        <div class="table-wrap"><table class="table cards">
            <thead><tr><th scope="col">"When"</th><th scope="col">"Service"</th><th scope="col">"With"</th><th scope="col">"Status"</th></tr></thead>
            <tbody>
                {rows.into_iter().map(|one| {
                    let zone = Zone::stored(&one.zone);
                    view! {
                        <tr>
                            <td class="tnum"><a href=format!("/appointments/{}", one.id)>{zone.short_date(one.starts_at)}{zone.local(one.starts_at).format(" %Y").to_string()}", "<span class="nowrap">{zone.exact_clock(one.starts_at)}</span></a></td>
                            <td data-label="Service">{one.service_name}</td>
                            <td class="nowrap" data-label="With">{one.practitioner_name}</td>
                            <td data-label="Status"><AppointmentBadge status=one.status/>{one.proxy_name.map(|name| view! { <span class="muted small">" by "{name}</span> })}</td>
                        </tr>
                    }
                }).collect_view()}
            </tbody>
        </table></div>
    }
    .into_any()
}
