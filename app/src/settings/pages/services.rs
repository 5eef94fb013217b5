//! Services and who offers them (E2).

use super::{columns, param, saved_now, version_input};
use crate::ui::page::{Page, Shown, page};
use crate::ui::{CheckField, ErrorSummary, FormState, ListCheck, PostForm, TextArea, TextField};
use leptos::prelude::*;
use shared::Refusal;
use shared::practice::{ServiceForm, ServiceView, StaffView, price};

const SAVE: &str = "/fn/settings/save_service";

#[component]
pub fn ServicesPage() -> impl IntoView {
    page(|page| async move {
        let services = db::practice::services(page.pool(), &page.actor).await?;
        let may_save = page.actor.administrator().is_ok();
        let add =
            || may_save.then(|| view! { <a class="button primary" href="/settings/services/new">"New service"</a> });
        let table = if services.is_empty() {
            let words = "A service is something that can be booked, like a 50-minute session. \
                         Free times are worked out from its duration and buffer.";
            view! { <div class="panel empty"><h2>"No services yet"</h2><p>{words}</p>{add()}</div> }.into_any()
        } else {
            service_table(services, &page.practice.currency).into_any()
        };
        Ok(Shown::new(
            "Services",
            view! {
                <div class="page-head">
                    <div><a class="back" href="/settings">"Settings"</a><h1>"Services"</h1></div>
                    <div class="actions">{add()}</div>
                </div>
                {table}
            },
        ))
    })
}

fn service_table(services: Vec<ServiceView>, currency: &str) -> impl IntoView + use<> {
    let price_label = format!("Price ({currency})");
    let row = {
        let price_label = price_label.clone();
        move |service: ServiceView| {
            let names: Vec<String> = service.practitioners.into_iter().map(|(_, name)| name).collect();
            let names = if names.is_empty() { "No one yet".to_owned() } else { names.join(", ") };
            let (state, words) =
                if service.active { ("badge active", "Active") } else { ("badge inactive", "Inactive") };
            view! {
                <tr>
                    <th scope="row"><a class="row-link" href=format!("/settings/services/{}", service.id)>{service.name}</a></th>
                    <td class="num" data-label="Duration">{service.duration_minutes}" min"</td>
                    <td class="num" data-label="Buffer">{service.buffer_minutes}" min"</td>
                    <td class="num" data-label=price_label.clone()>{price(service.price_cents)}</td>
                    <td data-label="Offered by">{names}</td>
                    <td data-label="In the portal">{if service.in_portal { "Yes" } else { "No" }}</td>
                    <td><span class=state>{words}</span></td>
                </tr>
            }
        }
    };
    view! {
        <div class="panel flush">
            <div class="table-wrap">
                <table class="table cards">
                    <thead>
                        <tr>
                            <th scope="col">"Service"</th>
                            <th scope="col" class="num">"Duration"</th>
                            <th scope="col" class="num">"Buffer"</th>
                            <th scope="col" class="num">{price_label}</th>
                            <th scope="col">"Offered by"</th>
                            <th scope="col">"In the portal"</th>
                            <th scope="col">"Status"</th>
                        </tr>
                    </thead>
                    <tbody>{services.into_iter().map(row).collect_view()}</tbody>
                </table>
            </div>
        </div>
    }
}

#[component]
pub fn ServicePage() -> impl IntoView {
    page(|page| async move {
        let (id, state) = (param("id"), FormState::of(SAVE));
        let stored = if id == "new" {
            page.actor.administrator()?;
            None
        } else {
            let id = id.parse().map_err(|_| Refusal::NotFound)?;
            Some(db::practice::service(page.pool(), &page.actor, id).await?)
        };
        let people = db::practice::practitioners(page.pool(), &page.actor).await?;
        let title = stored.as_ref().map_or_else(|| "New service".to_owned(), |service| service.name.clone());
        Ok(Shown::new(
            title.clone(),
            view! {
                <div class="page-head">
                    <div><a class="back" href="/settings/services">"Services"</a><h1>{title}</h1></div>
                </div>
                {service_form(&page, state, stored, people)}
            },
        ))
    })
}

/// The form for administrators; the same fields to read for staff.
fn service_form(page: &Page, state: FormState, stored: Option<ServiceView>, people: Vec<StaffView>) -> AnyView {
    let id = stored.as_ref().map(|service| service.id.to_string()).unwrap_or_default();
    let here = format!("/settings/services/{}", if id.is_empty() { "new" } else { &id });
    let fields = service_fields(&state, stored.as_ref(), people, &page.practice.currency);
    if page.actor.administrator().is_err() {
        return view! {
            <p class="notice info">"Only administrators change services."</p>
            <ErrorSummary state/>
            <div class="panel"><fieldset class="form" disabled=true aria-label="Service">{fields}</fieldset></div>
        }
        .into_any();
    }
    let columns = columns(&state);
    let version = stored.as_ref().map(|service| version_input(&state, service.version));
    let other = stored.as_ref().and_then(|service| saved_now(&state, &here, facts(service)));
    view! {
        <div class=columns>
            <PostForm action=SAVE page=here state=state class="panel form">
                <input type="hidden" name="id" value=id/>
                {version}
                {fields}
                <div class="form-actions">
                    <button class="button primary" type="submit">"Save service"</button>
                    <a class="button quiet" href="/settings/services">"Cancel"</a>
                </div>
            </PostForm>
            {other}
        </div>
    }
    .into_any()
}

fn service_fields(state: &FormState, stored: Option<&ServiceView>, people: Vec<StaffView>, currency: &str) -> AnyView {
    let form = stored.map_or_else(blank, filled);
    let problem = state.problem("practitioners");
    let described_by = problem.is_some().then_some("f-practitioners-error");
    let nobody = people.is_empty();
    let offered = form.practitioners;
    let people_state = state.clone();
    let person = move |person: StaffView| {
        let id = person.id.to_string();
        let checked = offered.contains(&id);
        view! { <ListCheck field="practitioners" value=id label=person.name state=people_state.clone() checked/> }
    };
    view! {
        <TextField field="name" label="Name" state=state.clone() value=form.name required=true/>
        <TextArea field="description" label="Description" state=state.clone() value=form.description rows=3 optional=true
            hint="Shown when booking."/>
        <div class="field-row">
            <TextField field="duration_minutes" label="Duration" hint="Minutes, 5 to 720." class="short" inputmode="numeric"
                state=state.clone() value=form.duration_minutes required=true/>
            <TextField field="buffer_minutes" label="Buffer" hint="Minutes, 0 to 240." class="short" inputmode="numeric"
                state=state.clone() value=form.buffer_minutes/>
            <TextField field="price" label="Price" hint=format!("In {currency}, like 120.50.") class="short"
                inputmode="decimal" state=state.clone() value=form.price/>
        </div>
        <p class="hint">
            "The buffer is kept free between this and the practitioner's neighbouring appointments; between two, the larger one holds. \
             Appointments that are booked keep the duration, buffer and price they were booked with."
        </p>
        <fieldset class="group" id="f-practitioners" aria-describedby=described_by>
            <legend>"Offered by"</legend>
            {people.into_iter().map(person).collect_view()}
            {nobody.then(|| view! { <p class="hint">"There are no practitioners yet."</p> })}
            {problem.map(|problem| view! { <p class="error" id="f-practitioners-error">{problem}</p> })}
        </fieldset>
        <div>
            <CheckField field="in_portal" label="Can be booked in the portal" state=state.clone() checked=form.in_portal/>
            <CheckField field="active" label="Active" state=state.clone() checked=form.active
                hint="An inactive service cannot be booked; its appointments stay."/>
        </div>
    }
    .into_any()
}

/// What a new service begins with.
fn blank() -> ServiceForm {
    let (duration_minutes, buffer_minutes) = ("50".to_owned(), "10".to_owned());
    ServiceForm { duration_minutes, buffer_minutes, in_portal: true, active: true, ..ServiceForm::default() }
}

fn filled(service: &ServiceView) -> ServiceForm {
    ServiceForm {
        name: service.name.clone(),
        description: service.description.clone(),
        duration_minutes: service.duration_minutes.to_string(),
        buffer_minutes: service.buffer_minutes.to_string(),
        price: price(service.price_cents),
        in_portal: service.in_portal,
        active: service.active,
        practitioners: service.practitioners.iter().map(|(id, _)| id.to_string()).collect(),
        version: service.version.to_string(),
    }
}

fn facts(service: &ServiceView) -> Vec<(&'static str, String)> {
    let yes = |it: bool| if it { "Yes" } else { "No" }.to_owned();
    let names: Vec<&str> = service.practitioners.iter().map(|(_, name)| name.as_str()).collect();
    vec![
        ("Name", service.name.clone()),
        ("Description", service.description.clone()),
        ("Duration", format!("{} min", service.duration_minutes)),
        ("Buffer", format!("{} min", service.buffer_minutes)),
        ("Price", price(service.price_cents)),
        ("Offered by", if names.is_empty() { "No one".to_owned() } else { names.join(", ") }),
        ("In the portal", yes(service.in_portal)),
        ("Active", yes(service.active)),
    ]
}
