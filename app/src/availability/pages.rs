//! The two pages of one form: a client's hours for staff, and one's own in the
//! portal; and what the profile shows of them.

use super::{SAVE, SAVE_MINE};
use crate::clients::pages::number;
use crate::settings::pages::{columns, saved_now};
use crate::ui::page::{Page, Shown, page};
use crate::ui::stale::version_input;
use crate::ui::week::{week_facts, week_table};
use crate::ui::{FormState, PostForm};
use db::clients::Availability;
use leptos::prelude::*;
use shared::ClientNumber;
use shared::practice::{HoursForm, Section};

const UNAVAILABLE: &str = "Not available";

#[component]
pub fn AvailabilityPage() -> impl IntoView {
    let number = number();
    page(|page| async move {
        let number = number?;
        let mut conn = page.connection().await?;
        let client = db::authz::readable(&mut conn, &page.actor, number).await?;
        let week = db::clients::availability(&mut conn, &client).await?;
        let title = format!("Availability of {}", week.name);
        let back = view! { <a class="back" href=format!("/clients/{number}")>{week.name.clone()}</a> };
        let hidden = view! { <input type="hidden" name="number" value=number.to_string()/> };
        let form = form(&page, SAVE, week, hidden.into_any());
        Ok(Shown::new(
            title.clone(),
            view! {
                <div class="page-head"><div>{back}<h1>{title}</h1>
                    <p class="sub">"Usual weekly availability. Leave blank if not available."</p></div></div>
                {form}
            },
        ))
    })
}

#[component]
pub fn MyAvailabilityPage() -> impl IntoView {
    page(|page| async move {
        let week = db::clients::own_availability(&mut *page.connection().await?, &page.actor).await?;
        let form = form(&page, SAVE_MINE, week, ().into_any());
        Ok(Shown::new(
            "My availability",
            view! {
                <div class="page-head"><div><h1>"My availability"</h1>
                    <p class="sub">"When can you usually come? Leave a day blank if you’re not available."</p></div></div>
                {form}
            },
        ))
    })
}

fn form(page: &Page, action: &'static str, week: Availability, hidden: AnyView) -> impl IntoView + use<> {
    let state = FormState::of(action);
    let here = page.here.split('?').next().unwrap_or_default().to_owned();
    let (columns, other) = (columns(&state), saved_now(&state, &here, week_facts(&week.hours, UNAVAILABLE)));
    let version = version_input(&state, week.version);
    let table = week_table(&state, HoursForm::of(&week.hours, week.version).days);
    view! {
        <div class=columns>
            <PostForm action page=here.clone() state=state class="panel form" long=true>
                {hidden}
                {version}
                {table}
                <p class="hint">
                    {format!("Times are local to {}. ", week.zone.replace('_', " "))}
                    "Appointments that are booked stay as they are."
                </p>
                <div class="form-actions">
                    <button class="button primary" type="submit">"Save availability"</button>
                    <a class="button quiet" href=here>"Undo changes"</a>
                </div>
            </PostForm>
            {other}
        </div>
    }
}

/// On the profile: the hours that are known, and the way to change them.
pub async fn panel(
    page: &Page,
    conn: &mut db::PgConnection,
    client: &db::authz::ReadableClient,
    number: ClientNumber,
) -> db::Result<AnyView> {
    if !page.practice.shows(Section::Availability) {
        return Ok(().into_any());
    }
    let week = db::clients::availability(conn, client).await?;
    let body = if week.hours.is_empty() {
        view! { <p class="muted">"No availability entered."</p> }.into_any()
    } else {
        let day =
            |(name, hours): (&'static str, String)| view! { <div><dt>{name}</dt><dd class="tnum">{hours}</dd></div> };
        let days = week_facts(&week.hours, "–").into_iter().map(day).collect_view();
        view! { <dl class="facts">{days}</dl> }.into_any()
    };
    Ok(view! {
        <section class="panel" aria-labelledby="availability">
            <div class="panel-head">
                <h2 id="availability">"Availability"</h2>
                <a class="button small" href=format!("/clients/{number}/availability")>"Edit"<span class="sr-only">" availability"</span></a>
            </div>
            {body}
        </section>
    }
    .into_any())
}
