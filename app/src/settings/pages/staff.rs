//! Those who work here, and the notes on each.

use super::{param, version_input};
use crate::ui::page::{Shown, page};
use crate::ui::{FormState, PostForm, TextArea};
use leptos::prelude::*;
use shared::Refusal;
use shared::accounts::Role;
use shared::practice::StaffView;

const NOTES: &str = "/fn/settings/save_staff_notes";

#[component]
pub fn StaffPage() -> impl IntoView {
    page(|page| async move {
        let people = db::practice::staff(page.pool(), &page.actor).await?;
        Ok(Shown::new(
            "Staff members",
            view! {
                <div class="page-head">
                    <div><a class="back" href="/settings">"Settings"</a><h1>"Staff members"</h1>
                        <p class="sub">"Everybody who works here and may log in."</p>
                    </div>
                </div>
                {people_table(people)}
            },
        ))
    })
}

fn people_table(people: Vec<StaffView>) -> impl IntoView {
    let row = |person: StaffView| {
        let roles = roles(&person);
        let notes = format!("/settings/staff/{}", person.id);
        let hours = hours_link(&person);
        view! {
            <tr>
                <th scope="row">{person.name.clone()}</th>
                <td data-label="E-mail">{person.email}</td>
                <td data-label="Roles">{roles}</td>
                <td class="actions">
                    {hours}
                    <a class="button small" href=notes>"Notes"<span class="sr-only">" on "{person.name}</span></a>
                </td>
            </tr>
        }
    };
    view! {
        <div class="panel flush">
            <div class="table-wrap">
                <table class="table cards">
                    <thead>
                        <tr>
                            <th scope="col">"Name"</th>
                            <th scope="col">"E-mail"</th>
                            <th scope="col">"Roles"</th>
                            <th scope="col"><span class="sr-only">"Hours and notes"</span></th>
                        </tr>
                    </thead>
                    <tbody>{people.into_iter().map(row).collect_view()}</tbody>
                </table>
            </div>
        </div>
    }
}

/// What else there is of a practitioner.
fn hours_link(person: &StaffView) -> Option<AnyView> {
    let (href, name) = (format!("/settings/practitioners/{}", person.id), person.name.clone());
    let link = || {
        view! { <a class="button small" href=href>"Hours and permission"<span class="sr-only">" of "{name}</span></a> }
            .into_any()
    };
    person.roles.contains(&Role::Practitioner).then(link)
}

fn roles(person: &StaffView) -> String {
    person.roles.iter().map(|role| role.label()).collect::<Vec<_>>().join(", ")
}

#[component]
pub fn StaffMemberPage() -> impl IntoView {
    page(|page| async move {
        let id = param("id").parse().map_err(|_| Refusal::NotFound)?;
        let person = db::practice::staff_member(page.pool(), &page.actor, id).await?;
        let stored = db::practice::staff_notes(page.pool(), &page.actor, id).await?;
        let here = format!("/settings/staff/{id}");
        let sub = [roles(&person), person.email.clone()].join(" · ");
        let hours = hours_link(&person).map(|link| view! { <div class="actions">{link}</div> });
        Ok(Shown::new(
            format!("Notes on {}", person.name),
            view! {
                <div class="page-head">
                    <div><a class="back" href="/settings/staff">"Staff members"</a><h1>{person.name.clone()}</h1>
                        <p class="sub">{sub}</p>
                    </div>
                    {hours}
                </div>
                {notes(&here, &person, stored)}
            },
        ))
    })
}

/// Administrators' and staff's alone (B9).
fn notes(here: &str, person: &StaffView, stored: String) -> impl IntoView + use<> {
    let state = FormState::of(NOTES);
    let (id, version) = (person.id.to_string(), version_input(&state, person.version));
    let now = state.is_stale().then(|| {
        view! {
            <div class="notice warn" role="alert">
                <p>"Somebody else has saved meanwhile. Theirs now:"</p>
                <p class="pre">{stored.clone()}</p>
            </div>
        }
    });
    view! {
        <section class="panel" aria-labelledby="notes">
            <div class="panel-head"><h2 id="notes">"Notes"</h2></div>
            <PostForm action=NOTES page=here.to_owned() state=state.clone()>
                <input type="hidden" name="id" value=id/>
                {version}
                {now}
                <TextArea field="notes" label="Additional information" state value=stored rows=4 optional=true
                    hint="Only administrators and staff see this, on this page; practitioners never do."/>
                <div class="form-actions"><button class="button primary" type="submit">"Save notes"</button></div>
            </PostForm>
        </section>
    }
}
