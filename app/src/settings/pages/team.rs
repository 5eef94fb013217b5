//! The team: the list, adding a member, and a member's own page.

use super::staff::{notes, public};
use super::{columns, key_input, param, saved_now, version_input};
use crate::accounts::removal;
use crate::ui::page::{Page, Shown, page};
use crate::ui::{CheckField, ErrorSummary, FormState, ListCheck, PostForm, TextField};
use db::time::Zone;
use leptos::prelude::*;
use shared::Refusal;
use shared::accounts::Role;
use shared::practice::{MemberForm, MemberState, ServiceView, TeamMember, role_note};

const ADD: &str = "/fn/settings/add_member";
const SAVE: &str = "/fn/settings/save_member";
const INVITE: &str = "/fn/settings/invite_member";
const RESET: &str = "/fn/settings/send_member_reset";
const ACTIVE: &str = "/fn/settings/set_member_active";

#[component]
pub fn TeamPage() -> impl IntoView {
    page(|page| async move {
        let people = db::practice::team(page.pool(), &page.actor).await?;
        let administrator = page.actor.administrator().is_ok();
        let me = page.actor.id();
        let add = administrator.then(|| {
            view! { <div class="actions"><a class="button primary" href="/settings/team/new">"Add team member"</a></div> }
        });
        let row = |person: TeamMember| {
            let href = format!("/settings/team/{}", person.id);
            let menu = administrator.then(|| row_menu(&person, person.id.0 == me));
            view! {
                <tr>
                    <th scope="row"><a class="row-link" href=href>{person.name()}</a></th>
                    <td data-label="Email">{person.email.clone()}</td>
                    <td data-label="Roles">{roles(&person)}</td>
                    <td data-label="Status">{badge(&person.state)}</td>
                    <td class="actions">{menu}</td>
                </tr>
            }
        };
        let rows = people.into_iter().map(row).collect_view();
        Ok(Shown::new(
            "Team",
            view! {
                <div class="page-head">
                    <div><a class="back" href="/settings">"Settings"</a><h1>"Team"</h1>
                        <p class="sub">"People who can log in."</p>
                    </div>
                    {add}
                </div>
                {states()}
                <div class="panel flush">
                    <div class="table-wrap">
                        <table class="table cards">
                            <thead>
                                <tr>
                                    <th scope="col">"Name"</th>
                                    <th scope="col">"Email"</th>
                                    <th scope="col">"Roles"</th>
                                    <th scope="col">"Status"</th>
                                    <th scope="col"><span class="sr-only">"Actions"</span></th>
                                </tr>
                            </thead>
                            <tbody>{rows}</tbody>
                        </table>
                    </div>
                </div>
            },
        ))
    })
}

/// What was refused of the buttons that are forms of their own.
fn states() -> impl IntoView {
    [INVITE, RESET, ACTIVE].map(|action| view! { <ErrorSummary state=FormState::of(action)/> })
}

fn badge(state: &MemberState) -> AnyView {
    match state {
        MemberState::Active => view! { <span class="badge active">"Active"</span> }.into_any(),
        MemberState::Invited { until } => {
            let words = format!("Invited, expires {until}");
            view! { <span class="badge prospect">{words}</span> }.into_any()
        }
        MemberState::NotInvited => view! { <span class="badge inactive">"Not invited"</span> }.into_any(),
        MemberState::Deactivated => view! { <span class="badge inactive">"Deactivated"</span> }.into_any(),
    }
}

fn roles(person: &TeamMember) -> String {
    person.roles.iter().map(|role| role.label()).collect::<Vec<_>>().join(", ")
}

/// What can be done with a member without opening a form.
fn row_menu(person: &TeamMember, myself: bool) -> AnyView {
    let label = format!("More for {}", person.name());
    let href = format!("/settings/team/{}", person.id);
    let actions = actions(person, myself, "/settings/team");
    view! {
        <details class="menu">
            <summary class="button small" aria-label=label>"More"</summary>
            <div class="menu-list">
                <a class="menu-item" href=href>"Edit"</a>
                {actions}
            </div>
        </details>
    }
    .into_any()
}

/// The deeds that are one press each, as items of a menu.
fn actions(person: &TeamMember, myself: bool, here: &'static str) -> Vec<AnyView> {
    let id = person.id.to_string();
    let item = |action: &'static str, words: &'static str, more: Option<&'static str>| {
        let id = id.clone();
        view! {
            <form method="post" action=action data-once="">
                <input type="hidden" name="_page" value=here/>
                <input type="hidden" name="id" value=id/>
                {more.map(|active| view! { <input type="hidden" name="active" value=active/> })}
                <button class="menu-item" type="submit">{words}</button>
            </form>
        }
        .into_any()
    };
    match person.state {
        MemberState::Deactivated => vec![item(ACTIVE, "Reactivate", Some("true"))],
        MemberState::Active if myself => vec![item(RESET, "Send reset link", None)],
        MemberState::Active => {
            vec![item(RESET, "Send reset link", None), item(ACTIVE, "Deactivate", Some("false"))]
        }
        MemberState::Invited { .. } => {
            vec![item(INVITE, "Resend invitation", None), item(ACTIVE, "Deactivate", Some("false"))]
        }
        MemberState::NotInvited => {
            vec![item(INVITE, "Send invitation", None), item(ACTIVE, "Deactivate", Some("false"))]
        }
    }
}

#[component]
pub fn NewMemberPage() -> impl IntoView {
    page(|page| async move {
        page.actor.administrator()?;
        let state = FormState::of(ADD);
        let services = db::practice::active_services(page.pool()).await?;
        let first = MemberForm { invite: true, may_book: true, ..MemberForm::default() };
        let fields = inputs(&page, &state, &first, services, true);
        let key = key_input(&state);
        Ok(Shown::new(
            "Add team member",
            view! {
                <div class="page-head">
                    <div><a class="back" href="/settings/team">"Team"</a><h1>"Add team member"</h1></div>
                </div>
                <PostForm action=ADD page="/settings/team/new" state=state class="panel form team-form" long=true>
                    {key}
                    {fields}
                    <div class="form-actions">
                        <button class="button primary" type="submit">"Add team member"</button>
                        <a class="button quiet" href="/settings/team">"Cancel"</a>
                    </div>
                </PostForm>
            },
        )
        .narrow())
    })
}

fn inputs(page: &Page, state: &FormState, stored: &MemberForm, services: Vec<ServiceView>, new: bool) -> AnyView {
    let many = &page.practice.client_word_plural;
    let role = |role: &Role| {
        let word = role.as_str();
        let stored = stored.roles.iter().any(|stored| stored == word);
        let ticked = state.includes("roles", word, stored);
        let note = role_note(*role).replace("clients", many);
        view! {
            <label class="choice">
                <input type="checkbox" name=format!("{}[]", FormState::name("roles")) value=word checked=ticked/>
                <span class="choice-title">{role.label()}</span>
                <span class="choice-note">{note}</span>
            </label>
        }
    };
    let offered = {
        let (state, stored) = (state.clone(), stored.services.clone());
        move |service: ServiceView| {
            let id = service.id.to_string();
            let checked = stored.contains(&id);
            view! { <ListCheck field="services" value=id label=service.name state=state.clone() checked/> }
        }
    };
    let problem = state.problem("roles");
    let described_by = problem.is_some().then_some("f-roles-error");
    let none = services.is_empty();
    let of_services = state.problem("services");
    view! {
        <div class="field-row">
            <TextField field="first_name" label="First name" state=state.clone() value=stored.first_name.clone() autocomplete="off" required=true/>
            <TextField field="last_name" label="Last name" state=state.clone() value=stored.last_name.clone() autocomplete="off" required=true/>
        </div>
        <TextField field="email" label="Work email" kind="email" state=state.clone() value=stored.email.clone() autocomplete="off" required=true
            hint="They log in with it."/>
        <fieldset class="group" id="f-roles" tabindex="-1" aria-describedby=described_by>
            <legend>"Roles"</legend>
            <div class="choices">{Role::ALL.iter().map(role).collect_view()}</div>
            {problem.map(|problem| view! { <p class="error" id="f-roles-error">{problem}</p> })}
        </fieldset>
        <fieldset class="group for-practitioners">
            <legend>"As a practitioner"</legend>
            <CheckField field="may_book" label="Can book appointments" state=state.clone() checked=stored.may_book
                hint=format!("For the {many} assigned to them.")/>
            <p class="strong" id="f-services" tabindex="-1">"Services they offer"</p>
            {services.into_iter().map(offered).collect_view()}
            {none.then(|| view! { <p class="hint">"No services yet. "<a href="/settings/services/new">"Add a service"</a></p> })}
            {of_services.map(|problem| view! { <p class="error">{problem}</p> })}
        </fieldset>
        {new.then(|| view! {
            <CheckField field="invite" label="Send invitation" state=state.clone() checked=stored.invite
                hint="An email with a link to choose a password. It works once and expires in 72 hours."/>
        })}
    }
    .into_any()
}

/// A member's page: details, roles, schedule, notes.
#[component]
pub fn TeamMemberPage() -> impl IntoView {
    page(|page| async move {
        let id = param("id").parse().map_err(|_| Refusal::NotFound)?;
        let person = db::practice::team_member(page.pool(), &page.actor, id).await?;
        let noted = db::practice::staff_notes(page.pool(), &page.actor, id).await?;
        let shown = db::portal::staff_public(page.pool(), &page.actor, id).await?;
        let services = db::practice::active_services(page.pool()).await?;
        let here = format!("/settings/team/{id}");
        let name = person.name();
        let practitioner = person.roles.contains(&Role::Practitioner);
        let schedule = practitioner.then(|| {
            let href = format!("/settings/practitioners/{id}");
            view! { <a class="button" href=href>"Schedule"<span class="sr-only">" of "{name.clone()}</span></a> }
        });
        let sub = [roles(&person), person.email.clone()].join(" · ");
        let notes = notes(&here, id, person.version, noted);
        let shown = shown.map(|shown| public(&here, id, shown, &page.practice.client_word_plural));
        let details = details(&page, &person, services, &here);
        let login = page.actor.administrator().is_ok().then(|| login(&page, &person, &here));
        let factors = match login {
            Some(_) => {
                let found = db::accounts::last_removal(&mut *page.connection().await?, &page.actor, id.0).await?;
                let zone = Zone::stored(&page.practice.zone);
                found.map(|found| removal::panel(removal::OF_MEMBER, id.to_string(), &here, found, &zone))
            }
            None => None,
        };
        let state = badge(&person.state);
        Ok(Shown::new(
            name.clone(),
            view! {
                <div class="page-head">
                    <div><a class="back" href="/settings/team">"Team"</a><h1>{name}" "{state}</h1>
                        <p class="sub">{sub}</p>
                    </div>
                    {schedule.map(|link| view! { <div class="actions">{link}</div> })}
                </div>
                {states()}
                <div class="split">
                    {details}
                    <div class="stack">{login}{factors}{shown}{notes}</div>
                </div>
            },
        ))
    })
}

/// The form for administrators; the same fields to read for the front desk.
fn details(page: &Page, person: &TeamMember, services: Vec<ServiceView>, here: &str) -> AnyView {
    let state = FormState::of(SAVE);
    let fields = inputs(page, &state, &person.form(), services, false);
    if page.actor.administrator().is_err() {
        return view! {
            <div class="stack">
                <p class="notice info">"Only administrators change these."</p>
                <div class="panel team-form"><fieldset class="form" disabled=true aria-label="Team member">{fields}</fieldset></div>
            </div>
        }
        .into_any();
    }
    let (id, here) = (person.id.to_string(), here.to_owned());
    let class = columns(&state);
    let version = version_input(&state, person.version);
    let facts = vec![
        ("Name", person.name()),
        ("Work email", person.email.clone()),
        ("Roles", roles(person)),
        ("Can book appointments", if person.may_book { "Yes" } else { "No" }.to_owned()),
    ];
    let beside = saved_now(&state, &here, facts);
    view! {
        <div class=class>
            <PostForm action=SAVE page=here.clone() state=state class="panel form team-form" long=true>
                <input type="hidden" name="id" value=id/>
                {version}
                {fields}
                <div class="form-actions">
                    <button class="button primary" type="submit">"Save"</button>
                    <a class="button quiet" href=here>"Undo changes"</a>
                </div>
            </PostForm>
            {beside}
        </div>
    }
    .into_any()
}

/// Whether they can log in, and what can be done about it.
fn login(page: &Page, person: &TeamMember, here: &str) -> AnyView {
    let myself = page.actor.id() == person.id.0;
    let (words, deed): (String, Option<(&'static str, &'static str)>) = match &person.state {
        MemberState::Active => ("They can log in.".to_owned(), Some((RESET, "Send reset link"))),
        MemberState::Invited { until } => {
            (format!("They have an invitation that works until {until}."), Some((INVITE, "Resend invitation")))
        }
        MemberState::NotInvited => ("They can’t log in yet.".to_owned(), Some((INVITE, "Send invitation"))),
        MemberState::Deactivated => ("They can’t log in, and no one can book them.".to_owned(), None),
    };
    let (id, other, here) = (person.id.to_string(), person.id.to_string(), here.to_owned());
    let page_field = here.clone();
    let handover = format!("{here}/handover");
    let booked = match person.upcoming {
        0 => None,
        1 => Some("They have 1 upcoming appointment. Deactivating keeps it.".to_owned()),
        n => Some(format!("They have {n} upcoming appointments. Deactivating keeps them.")),
    };
    let (next, button) = match person.state {
        MemberState::Deactivated => ("true", "Reactivate"),
        _ => ("false", "Deactivate"),
    };
    let may_deactivate = !myself || person.state == MemberState::Deactivated;
    view! {
        <section class="panel" aria-labelledby="login">
            <h2 id="login">"Login"</h2>
            <p>{words}</p>
            {deed.map(|(action, words)| view! {
                <form method="post" action=action data-once="" class="row">
                    <input type="hidden" name="_page" value=page_field/>
                    <input type="hidden" name="id" value=id/>
                    <button class="button" type="submit">{words}</button>
                </form>
            })}
            {booked.map(|words| view! { <p>{words}" "<a href=handover>"Hand them over"</a>"."</p> })}
            {may_deactivate.then(|| view! {
                <p class="hint">"Deactivating logs them out right away. Their history stays."</p>
                <form method="post" action=ACTIVE data-once="" class="row">
                    <input type="hidden" name="_page" value=here/>
                    <input type="hidden" name="id" value=other/>
                    <button class="button" class:danger=next == "false" type="submit" name="active" value=next>{button}</button>
                </form>
            })}
        </section>
    }
    .into_any()
}
