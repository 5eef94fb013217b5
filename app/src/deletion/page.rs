//! Delete or erase: the three ways in plain words, and what stands in the way.

use crate::clients::SET_STATUS;
use crate::error::AppError;
use crate::ui::page::{Page, Shown, page};
use crate::ui::{FormState, PostForm, TextField};
use chrono::{DateTime, Utc};
use db::deletion::DeletionSummary;
use db::time::Zone;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use shared::accounts::Role;
use shared::clients::{Kind, Status, StatusChange};
use shared::deletion::{Blocker, BlockerCount, clearable};
use shared::practice::{Practice, Section};
use shared::{AppointmentId, ClientNumber, Refusal};

const CLEAR: &str = "/fn/deletion/clear";
const DELETE: &str = "/fn/deletion/delete";
const ERASE: &str = "/fn/deletion/erase";

#[component]
pub fn DeletePage() -> impl IntoView {
    page(|page| async move {
        let params = use_params_map().get_untracked();
        let number = params.get("number").and_then(|text| text.parse().ok());
        let number: ClientNumber = number.ok_or(AppError::Refused(Refusal::NotFound))?;
        let client = db::deletion::deletion_summary(page.pool(), &page.actor, number).await?;
        let title = format!("Delete or erase {}", client.name);
        Ok(Shown::new(
            title.clone(),
            view! {
                <div class="page-head">
                    <div>
                        <a class="back" href=format!("/clients/{number}")>{client.name.clone()}</a>
                        <h1>{title}</h1>
                        <p class="sub tnum">{format!("No. {number} · Code {}", client.code)}</p>
                    </div>
                </div>
                <div class="stack">
                    {deactivate(&page, &client)}
                    {delete(&page, &client)}
                    {erase(&page, &client)}
                </div>
            },
        )
        .narrow())
    })
}

fn deactivate(page: &Page, client: &DeletionSummary) -> impl IntoView + use<> {
    let profile = format!("/clients/{}", client.number);
    let change = StatusChange { number: client.number, status: Status::Inactive };
    let contents = if client.status == Status::Inactive {
        view! { <p class="notice">{format!("{} is inactive already.", client.name)}</p> }.into_any()
    } else {
        view! {
            <PostForm action=SET_STATUS page=page.here.clone() state=FormState::of(SET_STATUS) class="form">
                <input type="hidden" name="change" value=change.to_string()/>
                <input type="hidden" name="next" value=profile/>
                <div class="form-actions"><button type="submit" class="button primary">"Make inactive"</button></div>
            </PostForm>
        }
        .into_any()
    };
    let words = match client.kind {
        Kind::Individual => {
            "Best for people who have stopped coming. They can’t log in or be booked, and are hidden from active lists. You can reactivate them any time."
        }
        _ => {
            "Everything stays, and its members stay as they are. Lists of those who are active leave it out. You can make it active again at any time."
        }
    };
    view! {
        <section class="panel stack" aria-labelledby="deactivate">
            <h2 id="deactivate">"Deactivate"</h2>
            <p>{words}</p>
            {contents}
        </section>
    }
}

fn delete(page: &Page, client: &DeletionSummary) -> impl IntoView + use<> {
    let state = FormState::of(DELETE);
    let number = client.number.to_string();
    let contents = if client.blockers.is_empty() {
        let warning = format!("{} will be gone. This cannot be undone.", client.name);
        let (label, profile) =
            (format!("Delete this {}", page.practice.client_word), format!("/clients/{}", client.number));
        view! {
            <p class="notice ok">"Nothing else refers to this record."</p>
            <PostForm action=DELETE page=page.here.clone() state class="form">
                <input type="hidden" name="number" value=number/>
                <p class="strong">{warning}</p>
                <div class="form-actions">
                    <button type="submit" class="button danger primary">{label}</button>
                    <a class="button quiet" href=profile>"Keep the record"</a>
                </div>
            </PostForm>
        }
        .into_any()
    } else {
        blockers(page, client, &state)
    };
    view! {
        <section class="panel stack" aria-labelledby="delete">
            <h2 id="delete">"Delete"</h2>
            <p>"For records created by mistake. Permanently deletes the record. Only possible if nothing else is linked to it."</p>
            {contents}
        </section>
    }
}

/// All that refers to the client, each with where to see it and how to clear it.
fn blockers(page: &Page, client: &DeletionSummary, state: &FormState) -> AnyView {
    let possible = clearable(&client.blockers);
    let refused = state.error().or(FormState::of(CLEAR).error()).cloned();
    let words = match possible {
        true => "Clear these first, then you can delete the record.",
        false if client.erased => {
            "This record cannot be deleted: some of what refers to it is history that the practice keeps."
        }
        false if client.kind == Kind::Individual => {
            "You can’t delete this record because it has history the practice must keep. Deactivate it, or erase personal data."
        }
        false => {
            "This record cannot be deleted: some of what refers to it is history that the practice keeps. Deactivate it instead, or have its name erased."
        }
    };
    let rows = client.blockers.iter().map(|blocker| blocker_row(page, client, *blocker, possible)).collect_view();
    view! {
        {refused.map(|error| view! { <p class="notice error" role="alert">{error.to_string()}</p> })}
        <p class=if possible { "notice info" } else { "notice warn" }>{words}</p>
        <ul class="list" aria-label="What refers to this record">{rows}</ul>
    }
    .into_any()
}

fn blocker_row(page: &Page, client: &DeletionSummary, blocker: BlockerCount, possible: bool) -> impl IntoView + use<> {
    let what = blocker.what;
    let words = blocker.to_string();
    let administers = page.actor.administrator().is_ok();
    let managed = (what == Blocker::Managed).then(|| managed(page, client));
    let title = match href(client.number, what, &page.practice).filter(|_| what != Blocker::Mail || administers) {
        Some(href) => view! { <a class="strong" href=href>{words.clone()}</a> }.into_any(),
        None => view! { <span class="strong">{words.clone()}</span> }.into_any(),
    };
    let clear = blocker.clearing().filter(|_| possible || !what.destroys()).map(|label| {
        view! {
            <details class="menu" name="menu">
                <summary class="button small">{label}"…"<span class="sr-only">{format!(" {words}")}</span></summary>
                <form class="menu-list menu-form" method="post" action=CLEAR data-once="">
                    <input type="hidden" name="_page" value=page.here.clone()/>
                    <input type="hidden" name="number" value=client.number.to_string()/>
                    <input type="hidden" name="what" value=what.as_str()/>
                    <p class="small">{format!("{words}. It cannot be undone.")}</p>
                    <button type="submit" class="button small danger primary">{label}<span class="sr-only">{format!(": {words}")}</span></button>
                </form>
            </details>
        }
    });
    view! {
        <li>
            <div>{title}<p class="small muted">{what.consequence()}</p>{managed}</div>
            <div class="actions">{clear}</div>
        </li>
    }
}

/// What they booked for others, the newest of them, each with its page.
fn managed(page: &Page, client: &DeletionSummary) -> impl IntoView + use<> {
    let zone = Zone::stored(&page.practice.zone);
    let one = |(id, at): &(AppointmentId, DateTime<Utc>)| {
        view! { <li><a href=format!("/appointments/{id}")>{format!("{}, {}", zone.long_date(*at), zone.exact_clock(*at))}</a></li> }
    };
    view! { <ul class="small">{client.managed.iter().map(one).collect_view()}</ul> }
}

/// Where it can be seen.
fn href(number: ClientNumber, what: Blocker, practice: &Practice) -> Option<String> {
    let part = match what {
        Blocker::Upcoming | Blocker::Past | Blocker::Cancelled => "appointments",
        Blocker::Links => "linked-clients",
        Blocker::Login => "login",
        Blocker::Memberships | Blocker::Members => "memberships",
        Blocker::Activities if !practice.shows(Section::Activities) => return None,
        Blocker::Activities => return Some(format!("/activities?whose=all&client={number}")),
        Blocker::Merges => return Some(format!("/clients/{number}/merges")),
        Blocker::Mail => return Some(format!("/settings/outbox?client={number}")),
        Blocker::Forms => return Some(format!("/clients/{number}/forms")),
        Blocker::Managed => return None,
    };
    Some(format!("/clients/{number}#{part}"))
}

fn erase(page: &Page, client: &DeletionSummary) -> impl IntoView + use<> {
    let state = FormState::of(ERASE);
    let may = page.actor.staff().is_ok_and(|staff| staff.is(Role::Administrator));
    let number = client.number.to_string();
    let hint = format!("The code of this record is {}. This cannot be undone.", client.code);
    let upcoming = client.blockers.iter().any(|blocker| blocker.what == Blocker::Upcoming);
    let person = client.kind == Kind::Individual;
    let words = match person {
        true => {
            "For privacy requests. Permanently removes names, contact details, date of birth, coverage, notes, relationships, memberships, login and email text. Past appointments and amounts are kept anonymously for reports."
        }
        false => {
            "Its name, notes and further information are blanked for good. Its members keep their own records, and past sessions stay for reports."
        }
    };
    let contents = if !may {
        view! { <p class="notice">"Only administrators can erase a person. Ask one of them."</p> }.into_any()
    } else if client.erased {
        view! { <p class="notice">"This person has been erased already."</p> }.into_any()
    } else if upcoming {
        view! { <p class="notice">"Cancel upcoming appointments first so the person is notified."</p> }.into_any()
    } else {
        view! {
            <PostForm action=ERASE page=page.here.clone() state=state.clone() class="form">
                <input type="hidden" name="number" value=number/>
                <TextField
                    field="code" label="Type the code to confirm" state autocomplete="off" hint
                />
                <div class="form-actions"><button type="submit" class="button danger primary">{format!("Erase this {}", if person { "person" } else { "record" })}</button></div>
            </PostForm>
        }
        .into_any()
    };
    view! {
        <section class="panel stack" aria-labelledby="erase">
            <h2 id="erase">"Erase"</h2>
            <p>{words}</p>
            <p class="small muted">"Free text in other people’s records isn’t changed. Check it separately."</p>
            {contents}
        </section>
    }
}
