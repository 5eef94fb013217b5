//! The practice: name, zone, currency, its word for a client, who may log in;
//! and code-only mode.

use super::{clients, saved_now, version_input, zone_field};
use crate::ui::page::{Page, Shown, page};
use crate::ui::{CheckField, ErrorSummary, FormState, PostForm, SelectField, TextArea, TextField, capital};
use db::practice::Named;
use leptos::prelude::*;
use shared::practice::{CLIENT_WORDS, CURRENCIES, Practice};

const SAVE: &str = "/fn/settings/save_practice";
const CODE_ONLY: &str = "/fn/settings/set_code_only";
const HERE: &str = "/settings/practice";

#[component]
pub fn PracticePage() -> impl IntoView {
    page(|page| async move {
        page.actor.front_desk()?;
        let (state, switch) = (FormState::of(SAVE), FormState::of(CODE_ONLY));
        let code_only = match page.actor.administrator() {
            Ok(_) => {
                let named = db::practice::named(page.pool(), &page.actor).await?;
                Some(code_only(&page, named, switch))
            }
            Err(_) => None,
        };
        Ok(Shown::new(
            "Practice details",
            view! {
                <div class="page-head">
                    <div><a class="back" href="/settings">"Settings"</a><h1>"Practice details"</h1></div>
                </div>
                <div class="split">
                    {form(&page, state)}
                    <div class="stack">{code_only}</div>
                </div>
            },
        ))
    })
}

/// The form for administrators; the same fields to read for staff.
fn form(page: &Page, state: FormState) -> AnyView {
    let stored = &page.practice;
    let fields = inputs(&state, stored);
    if page.actor.administrator().is_err() {
        return view! {
            <div class="stack">
                <p class="notice info">"Only administrators change these."</p>
                <ErrorSummary state/>
                <div class="panel"><fieldset class="form" disabled=true aria-label="Practice details">{fields}</fieldset></div>
            </div>
        }
        .into_any();
    }
    let version = version_input(&state, stored.version);
    let beside = saved_now(&state, HERE, facts(stored));
    view! {
        <div class="stack">
            {beside}
            <PostForm action=SAVE page=HERE state=state class="panel form" long=true>
                {version}
                {fields}
                <div class="form-actions">
                    <button class="button primary" type="submit">"Save"</button>
                    <a class="button quiet" href=HERE>"Undo changes"</a>
                </div>
            </PostForm>
        </div>
    }
    .into_any()
}

fn inputs(state: &FormState, stored: &Practice) -> AnyView {
    let form = stored.form();
    let word = |(one, many): &(&str, &str)| ((*one).to_owned(), format!("{one}, {many}"));
    let mut words: Vec<_> = CLIENT_WORDS.iter().map(word).collect();
    words.push(("own".to_owned(), "Our own word".to_owned()));
    let mut currencies: Vec<&str> = CURRENCIES.to_vec();
    if !currencies.contains(&form.currency.as_str()) {
        currencies.push(&form.currency);
    }
    let currencies = currencies.into_iter().map(|code| (code.to_owned(), code.to_owned())).collect();
    view! {
        <TextField field="name" label="Name" state=state.clone() value=form.name.clone() required=true
            hint="Shown in the header and in emails."/>
        <fieldset class="group">
            <legend>"Contact"</legend>
            <p class="hint">{format!("{} see this in the portal and at the end of every email.", capital(&stored.client_word_plural))}</p>
            <div class="field-row">
                <TextField field="phone" label="Phone" kind="tel" state=state.clone() value=form.phone autocomplete="off" optional=true/>
                <TextField field="email" label="Email" kind="email" state=state.clone() value=form.email autocomplete="off" optional=true/>
            </div>
            <TextField field="website" label="Website" inputmode="url" state=state.clone() value=form.website autocomplete="off" optional=true/>
            <TextArea field="address" label="Address" rows=2 state=state.clone() value=form.address optional=true/>
        </fieldset>
        {zone_field(state, &form.zone, "Default for calendars and reports. Locations can have their own.")}
        <SelectField field="currency" label="Currency" class="short" state=state.clone() options=currencies value=form.currency.clone()/>
        <fieldset class="group">
            <legend>{format!("What do you call your {}?", stored.client_word_plural)}</legend>
            <SelectField field="word" label="Word" class="short" state=state.clone() options=words value=form.word/>
            <div class="field-row">
                <TextField field="own_word" label="Our own word, for one" state=state.clone() value=form.own_word optional=true
                    placeholder="guest".to_owned()/>
                <TextField field="own_word_plural" label="For many" state=state.clone() value=form.own_word_plural optional=true
                    placeholder="guests".to_owned()/>
            </div>
        </fieldset>
        <fieldset class="group">
            <legend>"The portal"</legend>
            <CheckField field="client_login" label=format!("{} may log in", capital(&stored.client_word_plural)) state=state.clone()
                checked=form.client_login hint="Turning this off logs everyone out. Accounts are kept."/>
            <CheckField field="client_registration" label="People may register themselves while booking" state=state.clone()
                checked=form.client_registration hint=format!("If off, only staff can add {}.", stored.client_word_plural)/>
            <TextField field="portal_bookings_max" label="Upcoming online bookings per person" class="short" inputmode="numeric" state=state.clone()
                value=form.portal_bookings_max required=true
                hint="The most upcoming appointments that can be booked online for one person. Your staff can always book more."/>
        </fieldset>
    }
    .into_any()
}

fn facts(stored: &Practice) -> Vec<(&'static str, String)> {
    let yes = |it: bool| if it { "Yes" } else { "No" }.to_owned();
    vec![
        ("Name", stored.name.clone()),
        ("Phone", stored.phone.clone()),
        ("Email", stored.email.clone()),
        ("Website", stored.website.clone()),
        ("Address", stored.address.clone()),
        ("Time zone", stored.zone.replace('_', " ")),
        ("Currency", stored.currency.clone()),
        ("Word", format!("{}, {}", stored.client_word, stored.client_word_plural)),
        ("May log in", yes(stored.client_login)),
        ("May register", yes(stored.client_registration)),
        ("Upcoming online bookings per person", stored.portal_bookings_max.to_string()),
    ]
}

/// What the mode means, what it would remove, and the switch.
fn code_only(page: &Page, named: Named, state: FormState) -> AnyView {
    let many = &page.practice.client_word_plural;
    let on = page.practice.code_only;
    let badge = match on {
        true => view! { <span class="badge active">"On"</span> },
        false => view! { <span class="badge inactive">"Off"</span> },
    };
    let switch = match on {
        true => off(),
        false => turn_on(page, named, state),
    };
    view! {
        <section class="panel" aria-labelledby="code-only">
            <div class="panel-head"><h2 id="code-only">"Code-only mode"</h2>{badge}</div>
            <p>
                {format!(
                    "{} are identified by code only. Names, contact details and card numbers are never stored. \
                     You keep your own list of who each code is.",
                    capital(many)
                )}
            </p>
            <p>
                {format!(
                    "Without addresses there is no email: {many} get no confirmations and no invitations. \
                     Notes, alerts, custom fields and the titles of activities are free text: Kindred can’t know whether they name someone."
                )}
            </p>
            {switch}
        </section>
    }
    .into_any()
}

fn off() -> AnyView {
    view! {
        <PostForm action=CODE_ONLY page=HERE state=FormState::default() class="stack">
            <input type="hidden" name=FormState::name("on") value="false"/>
            <p>"Turned off, names and contact details are asked for again. What was removed does not come back."</p>
            <div><button class="button" type="submit">"Turn code-only mode off"</button></div>
        </PostForm>
    }
    .into_any()
}

fn turn_on(page: &Page, named: Named, state: FormState) -> AnyView {
    let many = clients(named.clients, &page.practice);
    let more = [
        (named.logins, "portal accounts"),
        (named.mails, "emails to and about them, sent and waiting"),
        (named.imports, "imported files"),
        (named.merges, "merges that could be undone"),
    ];
    let more = more
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| view! { <li>{format!("{count} {what}")}</li> });
    let (tick, words) = match named.is_nothing() {
        true => (None, "Turn on".to_owned()),
        false => {
            let label = format!("Remove the names and contact details of {many}, and the rest of this, for good");
            let tick = view! {
                <div class="stack tight">
                    <p class="strong">"Stored now"</p>
                    <ul><li>{format!("names or contact details of {many}")}</li>{more.collect_view()}</ul>
                    <p>"These can’t stay in this mode, and can’t be restored. Write down who each code stands for first."</p>
                <p>"Codes don’t change: those made of initials may identify someone, and so may names of tags and saved views."</p>
                </div>
                <CheckField field="remove" label state=state.clone()/>
            };
            (Some(tick), "Turn on and remove".to_owned())
        }
    };
    view! {
        <PostForm action=CODE_ONLY page=HERE state=state class="stack">
            <input type="hidden" name=FormState::name("on") value="true"/>
            {tick}
            <div><button class="button danger" type="submit">{words}</button></div>
        </PostForm>
    }
    .into_any()
}
