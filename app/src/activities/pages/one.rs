//! New activity, and one that there is: to change it, or to read it.

use super::form::{Form, activity_form};
use super::{day, with_whom};
use crate::activities::{DELETE, SAVE};
use crate::context::query;
use crate::error::AppError;
use crate::ui::page::{Page, Shown, page};
use crate::ui::{FormState, PostForm, capital};
use db::activities::{Draft, Start};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use shared::activities::{ActivityForm, ActivityView, hours_text};
use shared::{ActivityId, ClientNumber, Refusal};

/// What the address says about the form: a draft to go on with, and a client
/// who was made meanwhile.
struct ActivityFormParams {
    draft: String,
    client: Option<ClientNumber>,
}

impl ActivityFormParams {
    fn read() -> ActivityFormParams {
        ActivityFormParams { draft: query("draft"), client: query("client").parse().ok() }
    }

    /// The draft, with the client who was made meanwhile; nothing once it is saved.
    async fn draft(&self, page: &Page) -> Result<Option<Draft>, AppError> {
        let Ok(id) = self.draft.parse() else { return Ok(None) };
        let draft = db::activities::kept(page.pool(), &page.actor, id).await?;
        Ok(draft.map(|mut draft| {
            if let Some(client) = self.client {
                draft.form.add(client);
            }
            draft
        }))
    }
}

/// Its clients go by the practice's own word.
fn labelled(page: &Page, state: FormState) -> FormState {
    state.labelled([("clients".to_owned(), capital(&page.practice.client_word_plural))])
}

#[component]
pub fn NewActivityPage() -> impl IntoView {
    let (params, appointment) = (ActivityFormParams::read(), query("appointment"));
    let state = FormState::of(SAVE);
    page(move |page| async move {
        page.actor.staff()?;
        let draft = match params.draft(&page).await? {
            Some(draft) => draft,
            None => {
                let appointment = match appointment.as_str() {
                    "" => None,
                    id => Some(id.parse().map_err(|_| Refusal::NotFound)?),
                };
                match db::activities::start(page.pool(), &page.actor, appointment, params.client).await? {
                    Start::With(form) => Draft { form: *form, q: String::new() },
                    Start::Recorded(id) => {
                        leptos_axum::redirect(&format!("/activities/{id}"));
                        return Ok(Shown::new("Activity", ()));
                    }
                }
            }
        };
        let form = activity_form(&page, labelled(&page, state), Form { stored: None, draft }).await?;
        Ok(Shown::new(
            "New activity",
            view! {
                <div class="page-head"><div><a class="back" href="/activities">"Activities"</a><h1>"New activity"</h1></div></div>
                {form}
            },
        )
        .narrow())
    })
}

#[component]
pub fn ActivityPage() -> impl IntoView {
    let id = use_params_map().read_untracked().get("id").unwrap_or_default();
    let params = ActivityFormParams::read();
    let (state, deleting) = (FormState::of(SAVE), FormState::of(DELETE));
    page(move |page| async move {
        page.actor.staff()?;
        let id: ActivityId = id.parse().map_err(|_| Refusal::NotFound)?;
        let one = db::activities::one(page.pool(), &page.actor, id).await?;
        let title = format!("{}, {}", one.activity_type.1, day(one.date));
        let stale = state.is_stale();
        let now = stale.then(|| {
            view! {
                <section class="panel" aria-labelledby="saved-now">
                    <h2 id="saved-now">"What is saved now"</h2>
                    <p class="muted">
                        "Someone else saved this while you were writing. What you typed is kept in the form: save again to replace what is here, or "
                        <a href=format!("/activities/{id}")>"keep this version"</a>"."
                    </p>
                    {facts(&one)}
                </section>
            }
        });
        let body = if one.may_edit {
            let draft = match params.draft(&page).await? {
                Some(draft) => draft,
                None => Draft { form: filled(&one), q: String::new() },
            };
            let remove = remove(&page, id, deleting);
            let form = activity_form(&page, labelled(&page, state), Form { stored: Some(one.clone()), draft }).await?;
            view! { {now}{form}{remove} }.into_any()
        } else {
            view! { <section class="panel" aria-label="Activity">{facts(&one)}</section> }.into_any()
        };
        Ok(Shown::new(
            title,
            view! {
                <div class="page-head">
                    <div>
                        <a class="back" href="/activities">"Activities"</a>
                        <h1>{one.activity_type.1.clone()}</h1>
                        <p class="sub tnum">{format!("{} · {} hours · {}", day(one.date), hours_text(one.minutes.into()), one.staff.1)}</p>
                    </div>
                    {one.appointment.map(|id| view! {
                        <div class="actions"><a class="button" href=format!("/appointments/{id}")>"Appointment"</a></div>
                    })}
                </div>
                {body}
            },
        )
        .narrow())
    })
}

/// The form filled with what is stored. Who was there is asked for with the clients.
fn filled(one: &ActivityView) -> ActivityForm {
    ActivityForm {
        staff: one.staff.0.to_string(),
        activity_type: one.activity_type.0.to_string(),
        date: one.date.to_string(),
        hours: hours_text(one.minutes.into()),
        setting: one.setting.as_ref().map(|(id, _)| id.to_string()).unwrap_or_default(),
        supervisor: one.supervisor.as_ref().map(|(id, _)| id.to_string()).unwrap_or_default(),
        title: one.title.clone(),
        description: one.description.clone(),
        clients: one.clients.iter().map(|client| client.number.to_string()).collect(),
        appointment: one.appointment.map(|id| id.to_string()).unwrap_or_default(),
        version: one.version.to_string(),
        request_key: db::new_id().to_string(),
        ..ActivityForm::default()
    }
}

fn facts(one: &ActivityView) -> impl IntoView + use<> {
    let blank = || "–".to_owned();
    let mut facts = vec![
        ("Type", one.activity_type.1.clone()),
        ("Date", day(one.date)),
        ("Hours", hours_text(one.minutes.into())),
        ("Staff member", one.staff.1.clone()),
        ("Setting", one.setting.clone().map_or_else(blank, |(_, label)| label)),
        ("Supervisor", one.supervisor.clone().map_or_else(blank, |(_, name)| name)),
    ];
    if !one.title.is_empty() {
        facts.push(("Title", one.title.clone()));
    }
    let lines = one.description.lines().map(|line| view! { {line.to_owned()}<br/> }).collect_view();
    view! {
        <dl class="facts">
            {facts.into_iter().map(|(name, text)| view! { <div><dt>{name}</dt><dd>{text}</dd></div> }).collect_view()}
            <div><dt>"With"</dt><dd>{with_whom(one)}</dd></div>
            {(!one.description.is_empty()).then(|| view! { <div><dt>"Description"</dt><dd>{lines}</dd></div> })}
        </dl>
    }
}

fn remove(page: &Page, id: ActivityId, state: FormState) -> AnyView {
    let open = state.was_posted();
    let many = capital(&page.practice.client_word_plural);
    let words = format!(
        "Removes these hours from lists and reports. {many} aren’t affected, and the appointment can be logged again."
    );
    view! {
        <details class="section" open=open>
            <summary>"Delete this activity"</summary>
            <PostForm action=DELETE page=page.here.clone() state>
                <p>{words}</p>
                <input type="hidden" name="activity" value=id.to_string()/>
                <div class="form-actions"><button type="submit" class="button danger">"Delete activity"</button></div>
            </PostForm>
        </details>
    }
    .into_any()
}
