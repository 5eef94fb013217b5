//! Practitioners, and the hours each works in a week (E2).

use super::{columns, param, saved_now, version_input};
use crate::ui::page::{Shown, page};
use crate::ui::week::{week_facts, week_table};
use crate::ui::{FormState, PostForm};
use leptos::prelude::*;
use shared::Refusal;
use shared::practice::{HoursForm, StaffView};

const SAVE: &str = "/fn/settings/save_hours";
const MAY_BOOK: &str = "/fn/settings/save_may_book";

#[component]
pub fn PractitionersPage() -> impl IntoView {
    page(|page| async move {
        page.actor.front_desk()?;
        let people = db::practice::practitioners(page.pool(), &page.actor).await?;
        let table = if people.is_empty() {
            let words = format!(
                "Practitioners see {}. Team members with the Practitioner role appear here.",
                page.practice.client_word_plural
            );
            let add = page.actor.administrator().is_ok().then(|| {
                view! { <a class="button primary" href="/settings/team/new">"Add team member"</a> }
            });
            view! { <div class="panel empty"><h2>"No practitioners yet"</h2><p>{words}</p>{add}</div> }.into_any()
        } else {
            people_table(people).into_any()
        };
        Ok(Shown::new(
            "Practitioners",
            view! {
                <div class="page-head">
                    <div><a class="back" href="/settings">"Settings"</a><h1>"Practitioners"</h1></div>
                </div>
                {table}
            },
        ))
    })
}

fn people_table(people: Vec<StaffView>) -> impl IntoView {
    let row = |person: StaffView| {
        let href = format!("/settings/practitioners/{}", person.id);
        view! {
            <tr>
                <th scope="row">{person.name.clone()}</th>
                <td data-label="Email">{person.email}</td>
                <td data-label="May book">{if person.may_book { "Yes" } else { "No" }}</td>
                <td class="actions">
                    <a class="button small" href=href>"Schedule"<span class="sr-only">" of "{person.name}</span></a>
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
                            <th scope="col">"Email"</th>
                            <th scope="col">"May book"</th>
                            <th scope="col"><span class="sr-only">"Working hours"</span></th>
                        </tr>
                    </thead>
                    <tbody>{people.into_iter().map(row).collect_view()}</tbody>
                </table>
            </div>
        </div>
    }
}

/// The permission to book, given or taken with one press (B15).
fn may_book(here: &str, person: &StaffView, plural: &str) -> impl IntoView + use<> {
    let (words, button, next) = match person.may_book {
        true => (format!("Can book for assigned {plural}."), "Turn off booking", "false"),
        false => ("Can see their calendar but can’t book.".to_owned(), "Turn on booking", "true"),
    };
    let (here, id) = (here.to_owned(), person.id.to_string());
    view! {
        <section class="panel" id="may-book" aria-labelledby="may-book-title">
            <h2 id="may-book-title">"Permission to book"</h2>
            <p>{words}</p>
            <PostForm action=MAY_BOOK page=here state=FormState::of(MAY_BOOK) class="row">
                <input type="hidden" name="practitioner" value=id/>
                <button class="button" type="submit" name="may_book" value=next>{button}</button>
            </PostForm>
        </section>
    }
}

#[component]
pub fn HoursPage() -> impl IntoView {
    page(|page| async move {
        let (id, state) = (param("id"), FormState::of(SAVE));
        let id = id.parse().map_err(|_| Refusal::NotFound)?;
        let (person, week) = db::practice::practitioner_hours(page.pool(), &page.actor, id).await?;
        let place = db::practice::locations(page.pool()).await?.into_iter().next();
        let (place, zone) =
            place.map_or((page.practice.name.clone(), page.practice.zone.clone()), |place| (place.name, place.zone));
        let back = match page.actor.front_desk() {
            Ok(_) => view! { <a class="back" href="/settings/practitioners">"Practitioners"</a> },
            Err(_) => view! { <a class="back" href="/calendar">"Calendar"</a> },
        };
        let here = format!("/settings/practitioners/{id}");
        let (columns, other) = (columns(&state), saved_now(&state, &here, week_facts(&week, "Not working")));
        let version = version_input(&state, person.version);
        let permission =
            page.actor.administrator().is_ok().then(|| may_book(&here, &person, &page.practice.client_word_plural));
        let noted = page.actor.front_desk().is_ok().then(|| {
            let href = format!("/settings/team/{id}");
            view! { <div class="actions"><a class="button" href=href>"Details"<span class="sr-only">" of "{person.name.clone()}</span></a></div> }
        });
        let table = week_table(&state, HoursForm::of(&week, person.version).days);
        Ok(Shown::new(
            format!("Working hours of {}", person.name),
            view! {
                <div class="page-head">
                    <div>{back}<h1>"Working hours of "{person.name}</h1>
                        <p class="sub">"For each day from and to, and again from and to after a break. Leave blank when not working."</p>
                    </div>
                    {noted}
                </div>
                <div class=columns>
                    <PostForm action=SAVE page=here.clone() state=state class="panel form">
                        <input type="hidden" name="practitioner" value=id.to_string()/>
                        {version}
                        {table}
                        <p class="hint">
                            {format!("Times are local to {place} ({}). ", zone.replace('_', " "))}
                            "Existing appointments don’t change."
                        </p>
                        <div class="form-actions">
                            <button class="button primary" type="submit">"Save working hours"</button>
                            <a class="button quiet" href=here>"Undo changes"</a>
                        </div>
                    </PostForm>
                    {other}
                </div>
                {permission}
            },
        ))
    })
}
