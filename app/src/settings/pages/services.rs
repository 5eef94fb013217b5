//! Services and who offers them.

use super::{columns, param, saved_now, version_input};
use crate::ui::page::{Page, Shown, page};
use crate::ui::{CheckField, ErrorSummary, FormState, ListCheck, PostForm, SelectField, TextArea, TextField};
use db::practice::Location;
use db::practice::rooms::Room;
use leptos::prelude::*;
use shared::Refusal;
use shared::appointments::Modality;
use shared::clients::Colour;
use shared::policy::{Cutoff, LateRule};
use shared::practice::{OwnForm, ServiceForm, ServiceRules, ServiceView, StaffView, price};

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
            let rules = db::practice::service_rules(page.pool(), &page.actor, id).await?;
            Some((db::practice::service(page.pool(), &page.actor, id).await?, rules))
        };
        let mut rooms = db::practice::rooms::list(page.pool(), &page.actor).await?;
        rooms.retain(|room| room.active || stored.as_ref().is_some_and(|(_, rules)| rules.rooms.contains(&room.id)));
        let choices = Choices {
            people: db::practice::practitioners(page.pool(), &page.actor).await?,
            rooms,
            places: db::practice::locations(page.pool()).await?,
        };
        let title = stored.as_ref().map_or_else(|| "New service".to_owned(), |(service, _)| service.name.clone());
        Ok(Shown::new(
            title.clone(),
            view! {
                <div class="page-head">
                    <div><a class="back" href="/settings/services">"Services"</a><h1>{title}</h1></div>
                </div>
                {service_form(&page, state, stored, choices)}
            },
        ))
    })
}

/// What a service chooses from.
struct Choices {
    people: Vec<StaffView>,
    rooms: Vec<Room>,
    places: Vec<Location>,
}

/// The form for administrators; the same fields to read for staff.
fn service_form(
    page: &Page,
    state: FormState,
    stored: Option<(ServiceView, ServiceRules)>,
    choices: Choices,
) -> AnyView {
    let id = stored.as_ref().map(|(service, _)| service.id.to_string()).unwrap_or_default();
    let here = format!("/settings/services/{}", if id.is_empty() { "new" } else { &id });
    let fields = service_fields(&state, stored.as_ref(), choices, &page.practice.currency);
    if page.actor.administrator().is_err() {
        return view! {
            <p class="notice info">"Only administrators change services."</p>
            <ErrorSummary state/>
            <div class="panel"><fieldset class="form" disabled=true aria-label="Service">{fields}</fieldset></div>
        }
        .into_any();
    }
    let columns = columns(&state);
    let version = stored.as_ref().map(|(service, _)| version_input(&state, service.version));
    let other = stored.as_ref().and_then(|(service, rules)| saved_now(&state, &here, facts(service, rules)));
    view! {
        <div class=columns>
            <PostForm action=SAVE page=here state=state class="panel form" long=true>
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

fn service_fields(
    state: &FormState,
    stored: Option<&(ServiceView, ServiceRules)>,
    choices: Choices,
    currency: &str,
) -> AnyView {
    let form = stored.map_or_else(blank, |(service, rules)| filled(service, rules));
    view! {
        {main_fields(state, &form, currency)}
        {people_fields(state, &form, choices.people, currency)}
        {place_fields(state, &form, choices.rooms, choices.places)}
        {booking_fields(state, &form)}
        {policy_fields(state, &form, currency)}
        <CheckField field="active" label="Active" state=state.clone() checked=form.active
            hint="An inactive service cannot be booked; its appointments stay."/>
    }
    .into_any()
}

fn main_fields(state: &FormState, form: &ServiceForm, currency: &str) -> AnyView {
    let colours = Colour::ALL.iter().map(|colour| (colour.as_str().to_owned(), colour.label().to_owned()));
    let colours: Vec<_> = std::iter::once((String::new(), "None".to_owned())).chain(colours).collect();
    view! {
        <TextField field="name" label="Name" state=state.clone() value=form.name.clone() required=true/>
        <TextArea field="description" label="Description" state=state.clone() value=form.description.clone() rows=3
            optional=true hint="Shown when booking."/>
        <div class="field-row">
            <TextField field="duration_minutes" label="Duration" hint="Minutes, 5 to 720." class="short" inputmode="numeric"
                state=state.clone() value=form.duration_minutes.clone() required=true/>
            <TextField field="buffer_minutes" label="Buffer" hint="Minutes, 0 to 240." class="short" inputmode="numeric"
                state=state.clone() value=form.buffer_minutes.clone()/>
            <TextField field="price" label="Price" hint=format!("In {currency}, like 120.50.") class="short"
                inputmode="decimal" state=state.clone() value=form.price.clone()/>
        </div>
        <p class="hint">
            "Buffer: time kept free before and after. If two buffers meet, the longer one applies. \
             Changes don’t affect existing appointments."
        </p>
        <div class="field-row">
            <TextField field="seats" label="Seats" hint="More than 1 for a group session." class="short" inputmode="numeric"
                state=state.clone() value=form.seats.clone()/>
            <SelectField field="colour" label="Color" state=state.clone() options=colours value=form.colour.clone()/>
        </div>
    }
    .into_any()
}

fn people_fields(state: &FormState, form: &ServiceForm, people: Vec<StaffView>, currency: &str) -> AnyView {
    let problem = state.problem("practitioners");
    let described_by = problem.is_some().then_some("f-practitioners-error");
    let no_people = people.is_empty();
    let names: Vec<_> = people.iter().map(|person| (person.id.to_string(), person.name.clone())).collect();
    let person = |(id, name): (String, String)| {
        let checked = form.practitioners.contains(&id);
        view! { <ListCheck field="practitioners" value=id label=name state=state.clone() checked/> }
    };
    let checks = names.iter().cloned().map(person).collect_view();
    let own = |(row, (id, name)): (usize, (String, String))| {
        let stored = form.own.iter().find(|own| own.practitioner == id).cloned().unwrap_or_default();
        let (minutes, cost) = (format!("own.{row}.duration_minutes"), format!("own.{row}.price"));
        view! {
            <input type="hidden" name=FormState::name(&format!("own.{row}.practitioner")) value=id/>
            <div class="field-row">
                <TextField field=minutes label=format!("{name}: duration") class="short" inputmode="numeric" state=state.clone()
                    value=stored.duration_minutes optional=true/>
                <TextField field=cost label=format!("{name}: price") class="short" inputmode="decimal" state=state.clone()
                    value=stored.price optional=true/>
            </div>
        }
    };
    let own = names.into_iter().enumerate().map(own).collect_view();
    let open = form.own.iter().any(|own| !own.practitioner.is_empty()) || state.was_posted();
    view! {
        <fieldset class="group" id="f-practitioners" aria-describedby=described_by>
            <legend>"Offered by"</legend>
            {checks}
            {no_people.then(|| view! { <p class="hint">"There are no practitioners yet."</p> })}
            {problem.map(|problem| view! { <p class="error" id="f-practitioners-error">{problem}</p> })}
        </fieldset>
        {(!no_people).then(|| view! {
            <details class="section" open=open>
                <summary>"Durations and prices of single practitioners"</summary>
                <p class="hint">{format!("In minutes and {currency}. Leave blank to use those of the service.")}</p>
                {own}
            </details>
        })}
    }
    .into_any()
}

fn place_fields(state: &FormState, form: &ServiceForm, rooms: Vec<Room>, places: Vec<Location>) -> AnyView {
    let list =
        |field: &'static str, legend: &'static str, hint: &'static str, all: Vec<(String, String)>, on: &[String]| {
            let checks = all.into_iter().map(|(value, label)| {
                let checked = on.contains(&value);
                view! { <ListCheck field=field value=value label=label state=state.clone() checked/> }
            });
            let (checks, problem) = (checks.collect_view(), state.problem(field));
            let hint = (!hint.is_empty()).then(|| view! { <p class="hint">{hint}</p> });
            view! {
                <fieldset class="group" id=format!("f-{field}")>
                    <legend>{legend}</legend>{hint}{checks}
                    {problem.map(|problem| view! { <p class="error">{problem}</p> })}
                </fieldset>
            }
            .into_any()
        };
    let modalities = Modality::ALL.iter().map(|one| (one.as_str().to_owned(), one.label().to_owned())).collect();
    let several = places.len() > 1;
    let places = places.into_iter().map(|place| (place.id.to_string(), place.name)).collect();
    let has_rooms = !rooms.is_empty();
    let rooms = rooms.into_iter().map(|room| (room.id.to_string(), room.name)).collect();
    view! {
        {list("modalities", "How you meet", "", modalities, &form.modalities)}
        {several.then(|| list("locations", "Locations", "None selected: all locations.", places, &form.locations))}
        {has_rooms.then(|| view! {
            <CheckField field="needs_room" label="Needs a room" state=state.clone() checked=form.needs_room
                hint="Each appointment takes the first room that is free."/>
            {list("rooms", "Rooms", "None selected: any room.", rooms, &form.rooms)}
        })}
    }
    .into_any()
}

fn booking_fields(state: &FormState, form: &ServiceForm) -> AnyView {
    view! {
        <fieldset class="group">
            <legend>"Booking online"</legend>
            <CheckField field="in_portal" label="Can be booked in the portal" state=state.clone() checked=form.in_portal/>
            <CheckField field="by_request" label="By request" state=state.clone() checked=form.by_request
                hint="The team confirms each booking."/>
            <div class="field-row">
                <TextField field="notice_hours" label="Notice" hint="Hours before the start." class="short" inputmode="numeric"
                    state=state.clone() value=form.notice_hours.clone()/>
                <TextField field="horizon_days" label="How far ahead" hint="Days." class="short" inputmode="numeric"
                    state=state.clone() value=form.horizon_days.clone()/>
                <TextField field="step_minutes" label="Starts every" hint="Minutes. Blank: as the practice." class="short"
                    inputmode="numeric" state=state.clone() value=form.step_minutes.clone()/>
            </div>
        </fieldset>
    }
    .into_any()
}

fn policy_fields(state: &FormState, form: &ServiceForm, currency: &str) -> AnyView {
    let kinds = vec![
        ("hours".to_owned(), "Hours before the start".to_owned()),
        ("day_before".to_owned(), "A time on the day before".to_owned()),
    ];
    let late = LateRule::ALL.iter().map(|rule| (rule.as_str().to_owned(), rule.label().to_owned())).collect::<Vec<_>>();
    view! {
        <fieldset class="group">
            <legend>"Cancelling and moving online"</legend>
            <p class="hint">"Booked appointments keep the policy they were booked under."</p>
            <CheckField field="client_may_cancel" label="Can be cancelled online" state=state.clone() checked=form.client_may_cancel/>
            <CheckField field="client_may_move" label="Can be moved online" state=state.clone() checked=form.client_may_move/>
            <div class="field-row">
                <SelectField field="cutoff_kind" label="In time until" state=state.clone() options=kinds value=form.cutoff_kind.clone()/>
                <TextField field="cutoff_hours" label="Hours" class="short" inputmode="numeric" state=state.clone()
                    value=form.cutoff_hours.clone()/>
                <TextField field="cutoff_at" label="Time on the day before" kind="time" class="short" state=state.clone()
                    value=form.cutoff_at.clone()/>
            </div>
            <SelectField field="late" label="Later cancellations" state=state.clone() options=late value=form.late.clone()/>
            <div class="field-row">
                <TextField field="late_fee" label="Late cancellation fee" hint=format!("In {currency}.") class="short"
                    inputmode="decimal" state=state.clone() value=form.late_fee.clone()/>
                <TextField field="no_show_fee" label="No-show fee" hint=format!("In {currency}.") class="short"
                    inputmode="decimal" state=state.clone() value=form.no_show_fee.clone()/>
            </div>
            <TextArea field="policy_words" label="Your words" state=state.clone() value=form.policy_words.clone() rows=3
                optional=true hint="Shown before booking and cancelling."/>
        </fieldset>
    }
    .into_any()
}

/// What a new service begins with.
fn blank() -> ServiceForm {
    ServiceForm {
        duration_minutes: "50".to_owned(),
        buffer_minutes: "10".to_owned(),
        seats: "1".to_owned(),
        modalities: vec![Modality::InPerson.as_str().to_owned()],
        notice_hours: "0".to_owned(),
        horizon_days: shared::practice::HORIZON_USUAL.to_string(),
        cutoff_kind: "hours".to_owned(),
        cutoff_hours: "24".to_owned(),
        in_portal: true,
        client_may_cancel: true,
        client_may_move: true,
        active: true,
        ..ServiceForm::default()
    }
}

fn filled(service: &ServiceView, rules: &ServiceRules) -> ServiceForm {
    let fee = |cents: i64| if cents == 0 { String::new() } else { price(cents) };
    let policy = &rules.policy;
    let (cutoff_kind, cutoff_hours, cutoff_at) = match policy.cutoff {
        Cutoff::Hours(hours) => ("hours", hours.to_string(), String::new()),
        Cutoff::DayBefore(at) => ("day_before", String::new(), at.format("%H:%M").to_string()),
    };
    let own = rules.own.iter().map(|one| OwnForm {
        practitioner: one.practitioner.to_string(),
        duration_minutes: one.duration_minutes.map(|minutes| minutes.to_string()).unwrap_or_default(),
        price: one.price_cents.map(price).unwrap_or_default(),
    });
    ServiceForm {
        name: service.name.clone(),
        description: service.description.clone(),
        duration_minutes: service.duration_minutes.to_string(),
        buffer_minutes: service.buffer_minutes.to_string(),
        price: price(service.price_cents),
        in_portal: service.in_portal,
        active: service.active,
        practitioners: service.practitioners.iter().map(|(id, _)| id.to_string()).collect(),
        own: own.collect(),
        seats: rules.seats.to_string(),
        modalities: rules.modalities.iter().map(|one| one.as_str().to_owned()).collect(),
        needs_room: rules.needs_room,
        rooms: rules.rooms.iter().map(ToString::to_string).collect(),
        locations: rules.locations.iter().map(ToString::to_string).collect(),
        notice_hours: (rules.notice_minutes / 60).to_string(),
        horizon_days: rules.horizon_days.to_string(),
        step_minutes: rules.step_minutes.map(|step| step.to_string()).unwrap_or_default(),
        by_request: rules.by_request,
        colour: rules.colour.map(|colour| colour.as_str().to_owned()).unwrap_or_default(),
        cutoff_kind: cutoff_kind.to_owned(),
        cutoff_hours,
        cutoff_at,
        late: policy.late.as_str().to_owned(),
        client_may_cancel: policy.client_may_cancel,
        client_may_move: policy.client_may_move,
        late_fee: fee(policy.late_fee_cents),
        no_show_fee: fee(policy.no_show_fee_cents),
        policy_words: policy.words.clone(),
        version: service.version.to_string(),
    }
}

fn facts(service: &ServiceView, rules: &ServiceRules) -> Vec<(&'static str, String)> {
    let yes = |it: bool| if it { "Yes" } else { "No" }.to_owned();
    let names: Vec<&str> = service.practitioners.iter().map(|(_, name)| name.as_str()).collect();
    let modalities: Vec<&str> = rules.modalities.iter().map(|one| one.label()).collect();
    vec![
        ("Name", service.name.clone()),
        ("Description", service.description.clone()),
        ("Duration", format!("{} min", service.duration_minutes)),
        ("Buffer", format!("{} min", service.buffer_minutes)),
        ("Price", price(service.price_cents)),
        ("Seats", rules.seats.to_string()),
        ("Offered by", if names.is_empty() { "No one".to_owned() } else { names.join(", ") }),
        ("How you meet", modalities.join(", ")),
        ("In the portal", yes(service.in_portal)),
        ("By request", yes(rules.by_request)),
        ("Notice", format!("{} h", rules.notice_minutes / 60)),
        ("How far ahead", format!("{} days", rules.horizon_days)),
        ("Policy", rules.policy.sentence()),
        ("Active", yes(service.active)),
    ]
}
