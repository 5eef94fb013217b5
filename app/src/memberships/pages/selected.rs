//! Ticked rows of the client list become a couple, family or group, or join
//! one that exists. The address holds who is ticked.

use super::back_to_list;
use super::one::date_field;
use crate::context;
use crate::memberships::words::{self, KindChoice};
use crate::memberships::{ADD_MANY, CREATE_FROM};
use crate::ui::page::{Page, Shown, page};
use crate::ui::parts::StatusBadge;
use crate::ui::{FormState, PostForm, TextField};
use db::memberships::{Choices, Selected};
use leptos::prelude::*;
use shared::clients::{Kind, Status};
use shared::memberships::GroupRow;

const SINCE: &str = "Members from";
const SINCE_HINT: &str = "First day of membership. They won’t appear in earlier sessions.";

/// Most who are named in an address.
const TICKED_MAX: usize = 500;

#[component]
pub fn SelectedPage() -> impl IntoView {
    page(|page| async move {
        page.actor.staff()?;
        let (ticked, q) = (ticked(), context::query("q"));
        let (kind, code) =
            (context::query("kind").parse().ok().filter(|kind: &Kind| kind.has_members()), context::query("code"));
        let selected = db::memberships::selected(page.pool(), &page.actor, &ticked).await?;
        let (people, others): (Vec<_>, Vec<_>) = selected.into_iter().partition(|one| one.kind == Kind::Individual);
        let (back, list) = back_to_list(&page);
        let title = "Add selected to a couple, family or group";
        let contents = if people.is_empty() {
            nobody(&page, back)
        } else {
            let choices = db::memberships::choices(page.pool(), &page.actor).await?;
            let groups = db::memberships::groups(page.pool(), &page.actor, &q).await?;
            let today = db::practice::today(page.pool()).await?.to_string();
            let build = build(&page, &people, kind, code, &choices, &today);
            let join = join(&page, &people, groups, q, &today);
            view! {
                {selection(&page, &people, others)}
                {build}
                {join}
            }
            .into_any()
        };
        Ok(Shown::new(
            title,
            view! {
                <div class="page-head"><div><a class="back" href=back>{list}</a><h1>{title}</h1></div></div>
                {contents}
            },
        )
        .narrow())
    })
}

/// `clients=1001,1002` as well as `clients=1001&clients=1002`; numbers or ids.
fn ticked() -> Vec<String> {
    let pairs = context::of_request(|parts| context::url_params(parts.uri.query().unwrap_or_default()));
    let values = pairs.into_iter().filter(|(name, _)| name.trim_end_matches("[]") == "clients").map(|(_, value)| value);
    let all = values.flat_map(|value| value.split(',').map(|one| one.trim().to_owned()).collect::<Vec<_>>());
    all.filter(|one| !one.is_empty()).take(TICKED_MAX).collect()
}

fn nobody(page: &Page, back: &'static str) -> AnyView {
    let plural = &page.practice.client_word_plural;
    view! {
        <div class="empty panel">
            <h2>"No one is selected"</h2>
            <p>{format!("Tick individual {plural} in the list, then choose “Add selected to”.")}</p>
            <a class="button" href=back>"Go to the list"</a>
        </div>
    }
    .into_any()
}

fn selection(page: &Page, people: &[Selected], others: Vec<Selected>) -> impl IntoView + use<> {
    let word = if people.len() == 1 { &page.practice.client_word } else { &page.practice.client_word_plural };
    let row = |one: &Selected| {
        view! { <li><a class="strong" href=format!("/clients/{}", one.number)>{one.name.clone()}</a><span class="muted small">{one.code.clone()}</span></li> }
    };
    let left_out = (!others.is_empty()).then(|| {
        let names: Vec<_> = others.into_iter().map(|one| one.name).collect();
        view! { <p class="notice warn">{format!("Left out, because only individuals can be members: {}.", names.join(", "))}</p> }
    });
    view! {
        <section class="panel" aria-labelledby="selected">
            <div class="panel-head"><h2 id="selected">{format!("{} {word} selected", people.len())}</h2></div>
            <ul class="list" aria-label="Selected">{people.iter().map(row).collect_view()}</ul>
            {left_out}
        </section>
    }
}

fn hidden(people: &[Selected]) -> impl IntoView + use<> {
    let one = |one: &Selected| view! { <input type="hidden" name="form[clients][]" value=one.number.to_string()/> };
    people.iter().map(one).collect_view()
}

fn build(
    page: &Page,
    people: &[Selected],
    kind: Option<Kind>,
    code: String,
    choices: &Choices,
    today: &str,
) -> impl IntoView + use<> {
    let state = FormState::of(CREATE_FROM);
    let key = state.value("request_key", &db::new_id().to_string());
    let codes: Vec<String> =
        choices.codes.iter().map(|(kind, code)| format!("{code} for a {}", words::kind(*kind))).collect();
    let of = if page.practice.code_only { "" } else { " of the initials of the name" };
    let hint = format!(
        "Up to 6 letters and digits, of a group up to 30. Leave it blank and one is made{of}, or {}.",
        codes.join(", ")
    );
    // Nothing else is asked for here, so every problem has its place.
    let members = state.problem("members");
    let clients = hidden(people);
    let since = date_field("build", "joined_on", SINCE, &state, today, SINCE_HINT);
    let by_name = !page.practice.code_only;
    view! {
        <section class="panel" aria-labelledby="build">
            <div class="panel-head"><h2 id="build">"Create a new one"</h2></div>
            <PostForm action=CREATE_FROM page=page.here.clone() state=state.clone()>
                {clients}
                <input type="hidden" name="form[request_key]" value=key/>
                {members.map(|problem| view! { <p class="error" id="f-members">{problem}</p> })}
                <KindChoice state=state.clone() stored=kind/>
                <div class="field-row">
                    {by_name.then(|| view! {
                        <TextField field="group_name" label="Name" state=state.clone() autocomplete="off" optional=true
                            hint="If blank, the code is used as the name."/>
                    })}
                    <TextField field="code" label="Code" hint state=state.clone() value=code autocomplete="off" optional=true/>
                </div>
                {since}
                <div class="form-actions"><button type="submit" class="button primary">"Create"</button></div>
            </PostForm>
        </section>
    }
}

fn join(page: &Page, people: &[Selected], groups: Vec<GroupRow>, q: String, today: &str) -> AnyView {
    let state = FormState::of(ADD_MANY);
    let numbers: Vec<String> = people.iter().map(|one| one.number.to_string()).collect();
    let chosen = state.value("group", "");
    let problem = state.problem("group").or_else(|| state.problem("members"));
    let described = problem.is_some().then_some("f-group-error");
    let clients = hidden(people);
    let searched = !q.trim().is_empty();
    let choice = |group: GroupRow| {
        let number = group.number.to_string();
        let note = format!("{} · {} · {} now", group.kind.label(), group.code, group.size);
        view! {
            <label class="choice">
                <input type="radio" name="form[group]" value=number.clone() checked=chosen == number/>
                <span class="choice-title">{group.name}" "{(group.status != Status::Active).then(|| view! { <StatusBadge status=group.status/> })}</span>
                <span class="choice-note">{note}</span>
            </label>
        }
    };
    let none = groups.is_empty().then(|| {
        let words =
            if searched { "None has this in its name or code." } else { "There is no couple, family or group yet." };
        view! { <p class="muted">{words}</p> }
    });
    let any = !groups.is_empty();
    let since = any.then(|| date_field("join", "joined_on", SINCE, &state, today, SINCE_HINT));
    let options = groups.into_iter().map(choice).collect_view();
    view! {
        <section class="panel" aria-labelledby="join">
            <div class="panel-head"><h2 id="join">"Or add to one that exists"</h2></div>
            <form class="filters" method="get" action="/clients/groups/new" role="search">
                <input type="hidden" name="clients" value=numbers.join(",")/>
                <div class="field grow">
                    <label for="q">"Search couples, families and groups"</label>
                    <input id="q" type="search" name="q" value=q maxlength="200" autocomplete="off"/>
                </div>
                <button type="submit" class="button">"Search"</button>
            </form>
            {none}
            {any.then(|| view! {
                <PostForm action=ADD_MANY page=page.here.clone() state=state.clone()>
                    {clients}
                    <fieldset class="group" id="f-group" tabindex="-1" aria-describedby=described>
                        <legend>"Add to"</legend>
                        <div class="choices">{options}</div>
                        {problem.map(|problem| view! { <p class="error" id="f-group-error">{problem}</p> })}
                    </fieldset>
                    {since}
                    <div class="form-actions"><button type="submit" class="button">"Add"</button></div>
                </PostForm>
            })}
        </section>
    }
    .into_any()
}
