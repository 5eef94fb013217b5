//! One membership: leave, come back, correct its dates, take out a mistake.

use crate::clients::pages::number;
use crate::memberships::panel::refused;
use crate::memberships::words::{self, date, period};
use crate::memberships::{COME_BACK, CORRECT, END, REMOVE};
use crate::ui::page::{Shown, page};
use crate::ui::{FormState, field_id};
use chrono::Utc;
use db::time::Zone;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use shared::memberships::MembershipView;
use shared::{MembershipId, Refusal};

#[component]
pub fn MembershipPage() -> impl IntoView {
    let number = number();
    let id = use_params_map().get_untracked().get("membership").and_then(|text| text.parse::<MembershipId>().ok());
    page(move |page| async move {
        let number = number?;
        let id = id.ok_or(Refusal::NotFound)?;
        let one = db::memberships::membership(page.pool(), &page.actor, id).await?;
        if one.group.number != number {
            return Err(Refusal::NotFound.into());
        }
        let today = Zone::stored(&page.practice.zone).date(Utc::now()).to_string();
        let profile = format!("/clients/{number}");
        let title = format!("{} in {}", one.member_name, one.group.name);
        let sub = match one.period.left_on {
            None => format!("Member of the {} since {}.", words::kind(one.group.kind), date(one.period.joined_on)),
            Some(_) => format!("Was a member of the {} from {}.", words::kind(one.group.kind), period(one.period)),
        };
        let here = page.here.clone();
        let first = match one.period.left_on {
            None => leave(&one, &here, &today),
            // Back already, by another membership.
            Some(_) if one.belongs => ().into_any(),
            Some(_) => come_back(&one, &here, &today),
        };
        Ok(Shown::new(title.clone(), view! {
            <div class="page-head">
                <div>
                    <a class="back" href=profile>{one.group.name.clone()}</a>
                    <h1>{title}</h1>
                    <p class="sub">{sub}" "<a href=format!("/clients/{}", one.member_number)>{format!("Profile of {}", one.member_name)}</a></p>
                </div>
            </div>
            {first}
            <section class="panel" aria-labelledby="corrections">
                <div class="panel-head"><h2 id="corrections">"Corrections"</h2></div>
                <div>
                    {correct(&one, &here)}
                    {remove(&one, &here)}
                </div>
            </section>
        })
        .narrow())
    })
}

fn leave(one: &MembershipView, here: &str, today: &str) -> AnyView {
    let state = FormState::of(END);
    let field = date_field("end", "left_on", "Left on", &state, today, "First day they’re no longer a member.");
    view! {
        <section class="panel" aria-labelledby="leave">
            <div class="panel-head"><h2 id="leave">"Leaves"</h2></div>
            <form class="form" method="post" action=END novalidate=true data-once="">
                <input type="hidden" name="_page" value=here.to_owned()/>
                <input type="hidden" name="membership" value=one.id.to_string()/>
                {refused(&state)}
                <p>"Ends the membership. Earlier sessions and reports don’t change."</p>
                {field}
                <div class="form-actions"><button type="submit" class="button primary">"End the membership"</button></div>
            </form>
        </section>
    }
    .into_any()
}

fn come_back(one: &MembershipView, here: &str, today: &str) -> AnyView {
    let state = FormState::of(COME_BACK);
    let field = date_field("back", "joined_on", "Back since", &state, today, "");
    view! {
        <section class="panel" aria-labelledby="back">
            <div class="panel-head"><h2 id="back">"Comes back"</h2></div>
            <form class="form" method="post" action=COME_BACK novalidate=true data-once="">
                <input type="hidden" name="_page" value=here.to_owned()/>
                <input type="hidden" name="membership" value=one.id.to_string()/>
                {refused(&state)}
                <p>"A new membership begins. On the very day of leaving the old one goes on instead."</p>
                {field}
                <div class="form-actions"><button type="submit" class="button primary">"Come back"</button></div>
            </form>
        </section>
    }
    .into_any()
}

fn correct(one: &MembershipView, here: &str) -> AnyView {
    let state = FormState::of(CORRECT);
    let left = one.period.left_on.map(|day| day.to_string()).unwrap_or_default();
    let stale = state.is_stale().then(|| {
        view! { <p class="notice warn">{format!("Stored now: {}. Below is what you typed; saving again keeps yours.", period(one.period))}</p> }
    });
    let seen = if stale.is_some() { one.period.seen() } else { state.value("seen", &one.period.seen()) };
    let fields = (
        date_field("correct", "joined_on", "First day", &state, &one.period.joined_on.to_string(), ""),
        date_field("correct", "left_on", "Left on", &state, &left, "Leave blank if still a member."),
    );
    view! {
        <details class="section" open=state.was_posted()>
            <summary>"Correct the dates"</summary>
            <form class="form" method="post" action=CORRECT novalidate=true data-once="">
                <input type="hidden" name="_page" value=here.to_owned()/>
                <input type="hidden" name="membership" value=one.id.to_string()/>
                <input type="hidden" name="form[seen]" value=seen autocomplete="off"/>
                {refused(&state)}
                {stale}
                <div class="field-row">{fields}</div>
                <div class="form-actions"><button type="submit" class="button">"Save the dates"</button></div>
            </form>
        </details>
    }
    .into_any()
}

/// A date with an id of its own: the page has two forms with the same fields.
pub(super) fn date_field(
    form: &str,
    field: &str,
    label: &'static str,
    state: &FormState,
    stored: &str,
    hint: &'static str,
) -> impl IntoView + use<> {
    let id = format!("{form}-{}", field_id(field));
    let problem = state.problem(field);
    let invalid = problem.is_some();
    let described = [(!hint.is_empty()).then(|| format!("{id}-hint")), invalid.then(|| format!("{id}-error"))];
    let described: Vec<String> = described.into_iter().flatten().collect();
    view! {
        <div class=if invalid { "field short invalid" } else { "field short" }>
            <label for=id.clone()>{label}</label>
            {(!hint.is_empty()).then(|| view! { <p class="hint" id=format!("{id}-hint")>{hint}</p> })}
            <input id=id.clone() type="date" name=FormState::name(field) value=state.value(field, stored)
                aria-invalid=invalid.then_some("true") aria-describedby=(!described.is_empty()).then(|| described.join(" "))/>
            {problem.map(|problem| view! { <p class="error" id=format!("{id}-error")>{problem}</p> })}
        </div>
    }
}

fn remove(one: &MembershipView, here: &str) -> AnyView {
    let state = FormState::of(REMOVE);
    if !one.removable && !state.was_posted() {
        return ().into_any();
    }
    view! {
        <details class="section" open=state.was_posted()>
            <summary>"Remove what was entered by mistake"</summary>
            <form class="form" method="post" action=REMOVE data-once="">
                <input type="hidden" name="_page" value=here.to_owned()/>
                {refused(&state)}
                <input type="hidden" name="membership" value=one.id.to_string()/>
                <p>"Added today by mistake? Remove it now. From tomorrow you can only end it."</p>
                <div class="form-actions"><button type="submit" class="button danger">"Remove the membership"</button></div>
            </form>
        </details>
    }
    .into_any()
}
