//! Entering a client and changing the entry, for staff.

use super::windows;
use crate::clients::picker::{ClientPicker, picker_results};
use crate::context::query;
use crate::error::AppError;
use crate::ui::page::{Page, Shown, page};
use crate::ui::stale::version_input;
use crate::ui::week::week_table;
use crate::ui::{CheckField, FormState, PostForm, SelectField, TextArea, TextField};
use crate::waitlist::{ENTER, SAVE, WITHDRAW};
use chrono::{DateTime, Days, NaiveDate, Utc};
use db::time::Zone;
use db::waitlist::{Filter, Waiting};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use shared::practice::{DayForm, HoursForm, ServiceView};
use shared::waitlist::USUAL_DAYS;
use shared::{AppointmentId, ClientNumber, Refusal, WaitId};

/// What the fields begin with.
#[derive(Clone, Default)]
pub(super) struct Fields {
    pub service: String,
    pub practitioner: String,
    pub first_on: String,
    pub last_on: String,
    pub days: Vec<DayForm>,
    pub urgent: bool,
    pub note: String,
}

impl Fields {
    pub fn new(today: NaiveDate) -> Fields {
        Fields {
            first_on: today.to_string(),
            last_on: (today + Days::new(USUAL_DAYS)).to_string(),
            days: vec![DayForm::default(); 7],
            ..Fields::default()
        }
    }

    fn of(entry: &Waiting) -> Fields {
        Fields {
            service: entry.service.to_string(),
            practitioner: entry.practitioner.as_ref().map(|(id, _)| id.to_string()).unwrap_or_default(),
            first_on: entry.first_on.to_string(),
            last_on: entry.last_on.to_string(),
            days: HoursForm::of(&entry.windows, 1).days,
            urgent: entry.urgent,
            note: entry.note.clone(),
        }
    }
}

#[component]
pub fn NewWaitPage() -> impl IntoView {
    let (service, practitioner, appointment) = (query("service"), query("practitioner"), query("appointment"));
    let (number, q): (Option<ClientNumber>, _) = (query("client").parse().ok(), query("client_q"));
    let state = FormState::of(ENTER);
    page(move |page| async move {
        if !page.actor.staff()?.books() {
            return Err(Refusal::Forbidden.into());
        }
        let Some(number) = number else { return choose_client(&page, &q).await };
        let client = crate::clients::pages::record(&page, number).await?;
        let zone = db::appointments::free_times::venue_zone(page.pool()).await?;
        let services = db::practice::active_services(page.pool()).await?;
        let mut fields = Fields { service, practitioner, ..Fields::new(zone.date(Utc::now())) };
        let earlier = match appointment.parse::<AppointmentId>() {
            Ok(id) => Some(db::appointments::one(page.pool(), &page.actor, id).await?),
            Err(_) => None,
        };
        if let Some(one) = &earlier {
            fields.service = one.service_id.to_string();
            fields.last_on = zone.date(one.starts_at).to_string();
        }
        let key = if state.was_posted() { state.value("request_key", "") } else { db::new_id().to_string() };
        let earlier = earlier.map(|one| earlier_note(one.id, one.starts_at, &Zone::stored(&one.zone)));
        let known = known_windows(&page, client.id, number).await?;
        let body = view! {
            <PostForm action=ENTER page=page.here.clone() state=state.clone() class="panel form">
                {earlier}
                <input type="hidden" name="form[client]" value=client.id.to_string()/>
                <input type="hidden" name="form[request_key]" value=key/>
                {inputs(&state, &fields, &services, true, known)}
                <div class="form-actions">
                    <button type="submit" class="button primary">"Add to waiting list"</button>
                    <a class="button quiet" href=format!("/clients/{number}")>"Cancel"</a>
                </div>
            </PostForm>
        };
        Ok(Shown::new(
            "Add to waiting list",
            view! {
                <div class="page-head"><div><a class="back" href="/waiting-list">"Waiting list"</a>
                    <h1>"Add to waiting list"</h1><p class="sub">{client.name.clone()}" · "{zone.note()}</p></div></div>
                {body}
            },
        )
        .narrow())
    })
}

/// That the entry is for a time before this one.
pub(super) fn earlier_note(id: AppointmentId, starts_at: DateTime<Utc>, zone: &Zone) -> AnyView {
    let words = format!(
        "For a time before {}, {}. Taking an offer moves that appointment.",
        zone.long_date(starts_at),
        zone.exact_clock(starts_at)
    );
    view! {
        <p class="notice info">{words}</p>
        <input type="hidden" name="form[appointment]" value=id.to_string()/>
    }
    .into_any()
}

/// What holds where the entry says nothing of when they can come.
async fn known_windows(page: &Page, client: shared::ClientId, number: ClientNumber) -> Result<String, AppError> {
    let mut conn = page.connection().await?;
    let readable = db::authz::readable(&mut conn, &page.actor, number).await?;
    debug_assert!(readable.id() == client);
    let week = db::clients::availability(&mut conn, &readable).await?;
    Ok(windows(&week.hours, "any time"))
}

async fn choose_client(page: &Page, q: &str) -> Result<Shown, AppError> {
    let found = match q.trim() {
        "" => Vec::new(),
        q => db::clients::search(page.pool(), &page.actor, q, 20).await?,
    };
    let word = &page.practice.client_word;
    let results = (!q.trim().is_empty())
        .then(|| picker_results(found, word, |client| format!("/waiting-list/new?client={}", client.number)));
    let label = format!("Search for {}", crate::ui::a(word));
    Ok(Shown::new(
        "Add to waiting list",
        view! {
            <div class="page-head"><div><a class="back" href="/waiting-list">"Waiting list"</a><h1>"Add to waiting list"</h1></div></div>
            <section class="panel" aria-labelledby="for-client">
                <h2 id="for-client">{crate::ui::capital(word)}</h2>
                <form class="form" method="get" action="/waiting-list/new">
                    <ClientPicker name="client".to_owned() label hint=page.practice.found_by().to_owned() focus=true/>
                    <div class="form-actions"><button type="submit" class="button primary">"Continue"</button></div>
                </form>
                {results}
            </section>
        },
    ))
}

/// The fields that staff and clients have in common, and those of staff. `known`: when they can
/// come as far as is known.
pub(super) fn inputs(
    state: &FormState,
    fields: &Fields,
    services: &[ServiceView],
    staff: bool,
    known: String,
) -> impl IntoView + use<> {
    let options: Vec<_> = services.iter().map(|one| (one.id.to_string(), one.name.clone())).collect();
    let chosen = state.value("service", &fields.service);
    // Of the service that was chosen, or of all: one who does not offer it is refused.
    let offering = services.iter().filter(|one| chosen.is_empty() || one.id.to_string() == chosen);
    let mut people: Vec<(String, String)> =
        offering.flat_map(|one| one.practitioners.iter().map(|(id, name)| (id.to_string(), name.clone()))).collect();
    people.sort_by(|one, other| one.1.cmp(&other.1));
    people.dedup();
    people.insert(0, (String::new(), "Anyone".to_owned()));
    let days = fields.days.clone();
    let typed = fields.days.iter().any(|day| !day.starts.is_empty());
    let open = typed || state.was_posted();
    let hint = if staff { "Only the team sees it." } else { "For the practice." };
    let lead = format!("Leave all blank for the usual availability ({known}).");
    view! {
        <SelectField field="service" label="Service" state=state.clone() options=options value=fields.service.clone()/>
        <SelectField field="practitioner" label="Practitioner" state=state.clone() options=people value=fields.practitioner.clone()/>
        <div class="field-row">
            <TextField field="first_on" label="First day" kind="date" state=state.clone() value=fields.first_on.clone()/>
            <TextField field="last_on" label="Last day" kind="date" state=state.clone() value=fields.last_on.clone() required=true/>
        </div>
        <details class="section" open=open>
            <summary>"Only at certain times"</summary>
            <p class="hint">{lead}</p>
            {week_table(state, days)}
        </details>
        {staff.then(|| view! { <CheckField field="urgent" label="Urgent" state=state.clone() checked=fields.urgent hint="Urgent entries come first."/> })}
        <TextArea field="note" label="Note" state=state.clone() value=fields.note.clone() rows=2 optional=true hint=hint/>
    }
}

#[component]
pub fn WaitPage() -> impl IntoView {
    let id = use_params_map().read_untracked().get("id").unwrap_or_default();
    let (state, leaving) = (FormState::of(SAVE), FormState::of(WITHDRAW));
    page(move |page| async move {
        if !page.actor.staff()?.books() {
            return Err(Refusal::Forbidden.into());
        }
        let id: WaitId = id.parse().map_err(|_| Refusal::NotFound)?;
        let filter = Filter { id: Some(id), ended: true, ..Filter::default() };
        let entry = db::waitlist::list(page.pool(), &page.actor, filter).await?.pop().ok_or(Refusal::NotFound)?;
        let zone = db::appointments::free_times::venue_zone(page.pool()).await?;
        let title = format!("{} on the waiting list", entry.name);
        let body = match entry.state.is_open() {
            true => edit(&page, &entry, state, leaving).await?,
            false => {
                let words = format!("This entry has ended: {}.", entry.state.label().to_lowercase());
                view! { <p class="notice info">{words}</p> }.into_any()
            }
        };
        Ok(Shown::new(
            title.clone(),
            view! {
                <div class="page-head"><div><a class="back" href="/waiting-list">"Waiting list"</a><h1>{title}</h1>
                    <p class="sub"><a href=format!("/clients/{}", entry.number)>{entry.name.clone()}</a>" · "{zone.note()}</p></div></div>
                {body}
            },
        )
        .narrow())
    })
}

async fn edit(page: &Page, entry: &Waiting, state: FormState, leaving: FormState) -> Result<AnyView, AppError> {
    let services = db::practice::active_services(page.pool()).await?;
    let known = known_windows(page, entry.client, entry.number).await?;
    let earlier = entry.appointment.as_ref().map(|(id, at, zone)| earlier_note(*id, *at, &Zone::stored(zone)));
    let (id, version) = (entry.id.to_string(), entry.version);
    let (leaves, fields) = (id.clone(), Fields::of(entry));
    Ok(view! {
        <PostForm action=SAVE page=page.here.clone() state=state.clone() class="panel form">
            {earlier}
            <input type="hidden" name="id" value=id/>
            {version_input(&state, version)}
            {inputs(&state, &fields, &services, true, known)}
            <div class="form-actions"><button type="submit" class="button primary">"Save"</button></div>
        </PostForm>
        <PostForm action=WITHDRAW page=page.here.clone() state=leaving>
            <input type="hidden" name="id" value=leaves/>
            <div class="form-actions"><button type="submit" class="button danger">"Remove from waiting list"</button></div>
        </PostForm>
    }
    .into_any())
}
