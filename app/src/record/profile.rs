//! A client's profile: everything about a person, nothing the viewer may not see.

use super::{facts, login};
use crate::accounts::removal;
use crate::activities::pages::client_activities;
use crate::appointments::pages::client_appointments;
use crate::clients::SET_STATUS;
use crate::clients::pages::{number, status_buttons, status_form};
use crate::error::AppError;
use crate::ui::page::{Page, Shown, page};
use crate::ui::parts::{Avatar, StatusBadge};
use crate::ui::{ErrorSummary, FormState};
use db::audit::AuditLine;
use db::authz::ReadableClient;
use db::time::Zone;
use db::{Actor, PgConnection};
use leptos::prelude::*;
use shared::clients::{ClientProfile, Kind};
use shared::{ClientNumber, Refusal};

#[component]
pub fn ClientPage() -> impl IntoView {
    let number = number();
    page(|page| async move {
        let number = number?;
        let mut conn = page.connection().await?;
        let mut snapshot = db::pool::snapshot(&mut conn).await?;
        let found = db::authz::readable(&mut snapshot, &page.actor, number).await;
        let client = match found.map_err(AppError::from) {
            Err(AppError::Refused(Refusal::NotFound)) => return merged_away(&page, &mut snapshot, number).await,
            answer => answer?,
        };
        let shown = profile(&page, &mut snapshot, &client).await?;
        drop(snapshot);
        if let Err(error) = db::clients::note_opened(&mut conn, &page.actor, &client).await {
            // The page is shown all the same.
            tracing::warn!(%error, "an opened record was not noted");
        }
        Ok(shown)
    })
}

/// All that the page shows, read at one moment.
async fn profile(page: &Page, conn: &mut PgConnection, readable: &ReadableClient) -> Result<Shown, AppError> {
    let client = db::clients::profile(conn, &page.actor, readable).await?;
    let number = client.number;
    let history = db::clients::history(conn, &page.actor, readable).await?;
    if client.kind.has_members() {
        return group(page, conn, readable, client, history).await;
    }
    if client.erased {
        return erased(page, conn, readable, client, history).await;
    }
    let appointments = client_appointments(page, conn, readable, number, true).await?;
    let colour = crate::clients::colour::panel(page, conn, readable, number).await?;
    let availability = crate::availability::pages::panel(page, conn, readable, number).await?;
    let activities = client_activities(page, conn, readable, number, true).await?;
    let waiting = crate::waitlist::pages::client_panel(page, conn, readable.id(), number, true).await?;
    let consents = crate::consents::panel(page, conn, readable).await?;
    let entries = crate::prospects::entries::panel(page, conn, readable).await?;
    let safe = db::safe_contact::of_client(conn, readable).await?;
    let forms = crate::requests::pages::panel(page, conn, readable, number).await?;
    let documents = crate::documents::pages::panel(page, conn, readable, number).await?;
    let linked = crate::links::panel(page, conn, readable, number).await?;
    let belongs = crate::memberships::belongs_panel(page, conn, readable, number, true).await?;
    let permissions = crate::permissions::pages::panel(page, conn, readable, number).await?;
    let zone = Zone::stored(&page.practice.zone);
    let factors = match page.actor.front_desk() {
        Ok(_) if client.username.is_some() => {
            let found = db::accounts::last_removal(conn, &page.actor, readable.id().0).await?;
            found.map(|found| removal::panel(removal::OF_CLIENT, number.to_string(), &page.here, found, &zone))
        }
        _ => None,
    };
    let status = FormState::of(SET_STATUS);
    let notes = client.notes.clone();
    Ok(Shown::new(
        client.name.clone(),
        view! {
            {head(page, &client)}
            <ErrorSummary state=status/>
            {crate::safe_contact::note(number, &safe, true)}
            {(!client.alert.is_empty()).then(|| view! { <div class="alert" role="note"><strong>"Alert: "</strong>{client.alert.clone()}</div> })}
            <div class="split">
                <div class="stack">
                    {facts::groups(&client, &zone, page.practice.code_only)}
                    {appointments}
                    {waiting}
                    {forms}
                    {documents}
                    {activities}
                    <div id="linked-clients">{linked}</div>
                    {belongs}
                </div>
                <div class="stack">
                    {notes.map(notes_panel)}
                    {practitioners(&client)}
                    {availability}
                    {colour}
                    {login::panel(page, &client, factors)}
                    {entries}
                    {consents}
                    {permissions}
                    {timeline(history, &zone)}
                </div>
            </div>
        },
    ))
}

/// A number that was merged away leads to the record that was kept.
async fn merged_away(page: &Page, conn: &mut PgConnection, number: ClientNumber) -> Result<Shown, AppError> {
    let kept = db::merge::kept_for(conn, &page.actor, number).await?.ok_or(Refusal::NotFound)?;
    leptos_axum::redirect(&format!("/clients/{kept}?done=merged-here"));
    Ok(Shown::new("Merged", ()))
}

/// A couple, family or group: its members in place of a person's facts.
async fn group(
    page: &Page,
    conn: &mut PgConnection,
    readable: &ReadableClient,
    client: ClientProfile,
    history: Vec<AuditLine>,
) -> Result<Shown, AppError> {
    let contents = crate::memberships::pages::profile(page, conn, readable, &client).await?;
    let activities = client_activities(page, conn, readable, client.number, !client.erased).await?;
    let zone = Zone::stored(&page.practice.zone);
    Ok(Shown::new(
        client.name.clone(),
        view! {
            {head(page, &client)}
            <ErrorSummary state=FormState::of(SET_STATUS)/>
            {client.erased.then(nothing_left)}
            {(!client.alert.is_empty()).then(|| view! { <div class="alert" role="note"><strong>"Alert: "</strong>{client.alert.clone()}</div> })}
            <div class="split">
                <div class="stack">{contents}{activities}</div>
                <div class="stack">
                    {client.notes.clone().map(notes_panel)}
                    {practitioners(&client)}
                    {timeline(history, &zone)}
                </div>
            </div>
        },
    ))
}

fn head(page: &Page, client: &ClientProfile) -> impl IntoView + use<> {
    let plural = &page.practice.client_word_plural;
    let (front_desk, may_book) = match &page.actor {
        Actor::Staff(staff) => (staff.sees_all_clients(), staff.books()),
        Actor::Client(_) => (false, false),
    };
    let (back, list) = match front_desk {
        true => ("/clients", format!("All {plural}")),
        false => ("/clients/mine", format!("My {plural}")),
    };
    let number = client.number;
    let (person, erased) = (client.kind == Kind::Individual, client.erased);
    let here = format!("/clients/{number}");
    let edit = format!("{here}/edit");
    let status = client.status;
    // In code-only mode the code is the name.
    let code = if client.name == client.code { String::new() } else { format!("Code {} · ", client.code) };
    let sub = format!("No. {number} · {code}{}", client.kind.label());
    view! {
        <div class="page-head">
            <div>
                <a class="back" href=back>{list}</a>
                <div class="row">
                    <Avatar name=client.name.clone()/>
                    <h1>{client.name.clone()}" "<StatusBadge status/></h1>
                </div>
                <p class="sub tnum">{sub}</p>
            </div>
            <div class="actions">
                {(may_book && person && !erased).then(|| view! {
                    <a class="button primary" href=format!("/appointments/new?client={number}")>"New appointment"</a>
                })}
                {(!erased).then(|| view! { <a class="button" href=edit>"Edit"</a> })}
                {(front_desk && !erased).then(|| view! {
                    <details class="menu" name="menu">
                        <summary class="button">"Status"</summary>
                        <div class="menu-list">{status_buttons(number, status, client.was_used)}</div>
                    </details>
                    {status_form(here.clone())}
                })}
                {front_desk.then(|| view! {
                    <details class="menu" name="menu">
                        <summary class="button">"More"</summary>
                        <div class="menu-list">
                            {(person && !erased).then(|| view! {
                                <a class="menu-item" href=format!("{here}/safe-contact")>"Safe contact"</a>
                                <a class="menu-item" href=format!("/clients/merge?keep={number}")>"Merge with another…"</a>
                                <a class="menu-item" href=format!("{here}/merges")>"Earlier merges"</a>
                            })}
                            <a class="menu-item" href=format!("{here}/delete")>"Delete or erase…"</a>
                        </div>
                    </details>
                })}
            </div>
        </div>
    }
}

/// An erased person, of which only the practice's history is left: what it holds
/// is shown, and nothing is offered.
async fn erased(
    page: &Page,
    conn: &mut PgConnection,
    readable: &ReadableClient,
    client: ClientProfile,
    history: Vec<AuditLine>,
) -> Result<Shown, AppError> {
    let number = client.number;
    let appointments = client_appointments(page, conn, readable, number, false).await?;
    let activities = client_activities(page, conn, readable, number, false).await?;
    let belongs = crate::memberships::belongs_panel(page, conn, readable, number, false).await?;
    let zone = Zone::stored(&page.practice.zone);
    Ok(Shown::new(
        client.name.clone(),
        view! {
            {head(page, &client)}
            {nothing_left()}
            <div class="split">
                <div class="stack">
                    {appointments}
                    {activities}
                    {belongs}
                </div>
                <div class="stack">
                    {practitioners(&client)}
                    {timeline(history, &zone)}
                </div>
            </div>
        },
    ))
}

fn nothing_left() -> impl IntoView {
    view! {
        <p class="notice">
            "Erased. Personal data is gone; anonymous history remains and can’t be edited."
        </p>
    }
}

fn notes_panel(notes: String) -> impl IntoView {
    let body = if notes.is_empty() {
        view! { <p class="muted">"No notes."</p> }.into_any()
    } else {
        notes.split("\n\n").map(|text| view! { <p>{facts::lines(text)}</p> }).collect_view().into_any()
    };
    view! {
        <section class="panel" aria-labelledby="notes">
            <div class="panel-head"><h2 id="notes">"Additional information"</h2></div>
            {body}
            <p class="hint">"Visible to administrators and front desk only."</p>
        </section>
    }
}

fn practitioners(client: &ClientProfile) -> impl IntoView + use<> {
    let names = client.practitioners.iter().map(|(_, name)| view! { <li>{name.clone()}</li> }).collect_view();
    let body = if client.practitioners.is_empty() {
        let words = match client.kind {
            Kind::Individual if !client.erased => "No practitioner assigned. The first appointment assigns one.",
            _ => "No practitioner assigned.",
        };
        view! { <p class="muted">{words}</p> }.into_any()
    } else {
        view! { <ul class="list">{names}</ul> }.into_any()
    };
    view! {
        <section class="panel" aria-labelledby="assigned">
            <div class="panel-head"><h2 id="assigned">"Practitioners"</h2></div>
            {body}
        </section>
    }
}

/// The number of changes shown; the earlier ones unfold.
const NEWEST: usize = 4;

fn timeline(history: Vec<AuditLine>, zone: &Zone) -> impl IntoView + use<> {
    let line = |line: AuditLine| {
        let words = deed(&line);
        let at = format!("{}, {}", zone.short_date(line.at), zone.clock(line.at));
        view! { <li><time datetime=line.at.to_rfc3339()>{at}</time><div>{format!("{} {words}", line.actor)}</div></li> }
    };
    let nothing = history.is_empty();
    let mut lines = history.into_iter().map(line);
    let newest = lines.by_ref().take(NEWEST).collect_view();
    let earlier: Vec<_> = lines.collect();
    view! {
        <section class="panel" aria-labelledby="history">
            <div class="panel-head"><h2 id="history">"History"</h2></div>
            {nothing.then(|| view! { <p class="muted">"No changes yet."</p> })}
            <ul class="timeline">{newest}</ul>
            {(!earlier.is_empty()).then(|| view! {
                <details class="section">
                    <summary>"Earlier changes"</summary>
                    <ul class="timeline">{earlier}</ul>
                </details>
            })}
        </section>
    }
}

/// What was done, in words that follow the name of who did it.
fn deed(line: &AuditLine) -> String {
    let fields: Vec<_> = line.fields.iter().map(|field| field.replace('_', " ")).collect();
    match line.action.as_str() {
        "create" => "created the record".to_owned(),
        "import" => "imported the record from a file".to_owned(),
        "erase" => "erased the person".to_owned(),
        "colour" => "changed the colour in their own calendar".to_owned(),
        "merge" => "merged another record into this one".to_owned(),
        "merge-undone" => "undid a merge into this record".to_owned(),
        "restored" => "brought the record back by undoing a merge".to_owned(),
        "finish-merges" => "made earlier merges final".to_owned(),
        "not-duplicate" => "marked this as not a duplicate".to_owned(),
        "update" => format!("changed {}", fields.join(", ")),
        "note" => "kept a note, call or email".to_owned(),
        "invite" => "sent the welcome email".to_owned(),
        "claim" => "claimed the portal account".to_owned(),
        "send-reset" => "sent a reset link".to_owned(),
        "request-address" => "asked to change the email address".to_owned(),
        "portal-permission" => format!("changed the portal permission to {}", fields.join(", ")),
        "remove-login" => "removed the portal account".to_owned(),
        "withdraw-invitation" => "withdrew the welcome email's link".to_owned(),
        "add-members" => "added members".to_owned(),
        "join" => "added them to a couple, family or group".to_owned(),
        "end-membership" => "ended a membership".to_owned(),
        "resume-membership" => "restarted a membership".to_owned(),
        "correct-membership" => "corrected the dates of a membership".to_owned(),
        "remove-membership" => "removed a membership entered by mistake".to_owned(),
        "tick" => "ticked a line off the To do page".to_owned(),
        "untick" => "put a line back on the To do page".to_owned(),
        "write-document" => "wrote a document".to_owned(),
        "revise-document" => "edited a document".to_owned(),
        "share-document" => "shared a document".to_owned(),
        "withdraw-document" => "withdrew a document".to_owned(),
        "document-readers" => "chose who can read a document".to_owned(),
        "request" => "asked for something".to_owned(),
        "remind" => "sent a reminder of a request".to_owned(),
        "withdraw-request" => "withdrew a request".to_owned(),
        "request-done" => "did what was asked for".to_owned(),
        "send-files" => "sent files".to_owned(),
        "submit-form" => "sent a form".to_owned(),
        "amend-form" => "amended a form".to_owned(),
        "form-entered-in-error" => "marked a form as entered in error".to_owned(),
        other => other.replace(['-', '_'], " "),
    }
}
