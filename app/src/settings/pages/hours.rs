//! Practitioners, and the hours each works in a week.

use super::{columns, param, saved_now, version_input};
use crate::context::query;
use crate::ui::page::{Shown, page};
use crate::ui::week::{week_facts, week_table};
use crate::ui::{FormState, PostForm, SelectField, TextField};
use leptos::prelude::*;
use shared::Refusal;
use shared::practice::{Hours, Offered, Pattern, StaffView, WeekForm, WorkingHours};

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

/// The permission to book, given or taken with one press.
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

/// The patterns of a week, each with its hours: what is booked online first.
fn patterns(week: &[WorkingHours]) -> Vec<(Pattern, Vec<Hours>)> {
    let mut patterns: Vec<(Pattern, Vec<Hours>)> = Vec::new();
    for one in week {
        match patterns.iter_mut().find(|(pattern, _)| *pattern == one.pattern) {
            Some((_, hours)) => hours.push(one.hours),
            None => patterns.push((one.pattern, vec![one.hours])),
        }
    }
    patterns.sort_by_key(|(pattern, _)| (pattern.offered, pattern.every_weeks, pattern.valid_from));
    patterns
}

#[component]
pub fn HoursPage() -> impl IntoView {
    page(|page| async move {
        let (id, state, chosen) = (param("id"), FormState::of(SAVE), query("week"));
        let id = id.parse().map_err(|_| Refusal::NotFound)?;
        let (person, week) = db::practice::practitioner_hours(page.pool(), &page.actor, id).await?;
        let zone = db::appointments::free_times::venue_zone(page.pool()).await?;
        let place = db::practice::locations(page.pool()).await?.into_iter().next();
        let place = place.map_or(page.practice.name.clone(), |place| place.name);
        let patterns = patterns(&week);
        // The one that the address names, else the first; `new` is none of them.
        let shown = match chosen.as_str() {
            "new" => None,
            "" => patterns.first().cloned(),
            key => Some(patterns.iter().find(|(pattern, _)| pattern.key() == key).cloned().ok_or(Refusal::NotFound)?),
        };
        let back = match page.actor.front_desk() {
            Ok(_) => view! { <a class="back" href="/settings/practitioners">"Practitioners"</a> },
            Err(_) => view! { <a class="back" href="/calendar">"Calendar"</a> },
        };
        let start = format!("/settings/practitioners/{id}");
        let here = match chosen.as_str() {
            "" => start.clone(),
            key => format!("{start}?week={}", crate::context::url_encode(key)),
        };
        let (pattern, hours) = shown.clone().unwrap_or((Pattern::always(), Vec::new()));
        let (columns, other) = (columns(&state), saved_now(&state, &here, week_facts(&hours, "Not working")));
        let version = version_input(&state, person.version);
        let permission =
            page.actor.administrator().is_ok().then(|| may_book(&start, &person, &page.practice.client_word_plural));
        let noted = page.actor.front_desk().is_ok().then(|| {
            let href = format!("/settings/team/{id}");
            view! { <a class="button" href=href>"Details"<span class="sr-only">" of "{person.name.clone()}</span></a> }
        });
        let time_off = format!("/settings/time-off?practitioner={id}#add");
        let form = WeekForm::of(pattern, &hours, person.version);
        let weeks = (!patterns.is_empty()).then(|| weeks(&start, &patterns, shown.as_ref().map(|(one, _)| *one)));
        let table = week_table(&state, form.days.clone());
        let rule = rule_fields(&state, &form);
        Ok(Shown::new(
            format!("Working hours of {}", person.name),
            view! {
                <div class="page-head">
                    <div>{back}<h1>"Working hours of "{person.name.clone()}</h1>
                        <p class="sub">"For each day from and to, and again from and to after a break. Leave blank when not working."</p>
                    </div>
                    <div class="actions"><a class="button" href=time_off>"Add time off"</a>{noted}</div>
                </div>
                {weeks}
                <div class=columns>
                    <PostForm action=SAVE page=here.clone() state=state class="panel form" long=true>
                        <input type="hidden" name="practitioner" value=id.to_string()/>
                        <input type="hidden" name=FormState::name("pattern") value=form.pattern.clone()/>
                        {version}
                        {table}
                        {rule}
                        <p class="hint">
                            {format!("At {place}. {} ", zone.note())}
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

/// The weekly patterns of a practitioner as links, and the way to another.
fn weeks(start: &str, patterns: &[(Pattern, Vec<Hours>)], shown: Option<Pattern>) -> impl IntoView + use<> {
    let link = |words: String, key: &str, current: bool| {
        let href = format!("{start}?week={}", crate::context::url_encode(key));
        view! { <li><a class="button small" href=href aria-current=current.then_some("page")>{words}</a></li> }
    };
    let all = patterns.iter().map(|(pattern, _)| link(pattern.words(), &pattern.key(), shown == Some(*pattern)));
    let all = all.collect_view();
    let new = link("Add other hours".to_owned(), "new", shown.is_none());
    view! { <nav aria-label="Weekly hours"><ul class="row plain">{all}{new}</ul></nav> }
}

/// The first and last day, how often, and to which clients it is offered.
fn rule_fields(state: &FormState, form: &WeekForm) -> AnyView {
    let offered: Vec<_> = Offered::ALL.iter().map(|one| (one.as_str().to_owned(), one.label().to_owned())).collect();
    let every = |weeks: i16| match weeks {
        1 => "Every week".to_owned(),
        2 => "Every other week".to_owned(),
        weeks => format!("Every {weeks} weeks"),
    };
    let every: Vec<_> = (1..=12).map(|weeks| (weeks.to_string(), every(weeks))).collect();
    view! {
        <div class="field-row">
            <SelectField field="offered" label="Who can book" state=state.clone() options=offered value=form.offered.clone()/>
            <SelectField field="every_weeks" label="Repeats" state=state.clone() options=every value=form.every_weeks.clone()/>
        </div>
        <div class="field-row">
            <TextField field="valid_from" label="First day" kind="date" state=state.clone() value=form.valid_from.clone() optional=true/>
            <TextField field="valid_until" label="Last day" kind="date" state=state.clone() value=form.valid_until.clone() optional=true/>
        </div>
        <p class="hint">"Weeks are counted from the Monday of the first day."</p>
    }
    .into_any()
}
