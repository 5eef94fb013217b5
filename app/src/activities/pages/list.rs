//! The list: staff member, type, date and client; the address holds it all.

use super::{day, with_whom};
use crate::activities::usual;
use crate::clients::picker::{ClientPicker, picker_results};
use crate::context::{query, url_encode};
use crate::error::AppError;
use crate::ui::capital;
use crate::ui::page::{Page, Shown, page};
use crate::ui::parts::thousands;
use db::Actor;
use db::activities::Choices;
use leptos::prelude::*;
use shared::activities::{ActivityPage, ActivityQuery, ActivityView, Whose, hours_text};
use shared::clients::ClientProfile;
use shared::parse;

/// The filters as the address has them.
#[derive(Clone)]
struct ActivityListParams {
    query: ActivityQuery,
    /// Without JavaScript the picker's words come here.
    q: String,
}

impl ActivityListParams {
    fn read(usual: Whose) -> ActivityListParams {
        ActivityListParams {
            query: ActivityQuery {
                whose: query("whose").parse().unwrap_or(usual),
                activity_type: query("type").parse().ok(),
                supervisor: query("supervisor").parse().ok(),
                client: query("client").parse().ok(),
                first: parse::date(&query("from")).ok(),
                last: parse::date(&query("to")).ok(),
                after: query("after").parse().ok(),
            },
            q: query("client_q").trim().chars().take(200).collect(),
        }
    }

    /// The address of the same filters, from the first page.
    fn link(&self) -> String {
        let params = &self.query;
        let mut link = format!("/activities?whose={}", params.whose);
        let parts = [
            ("type", params.activity_type.map(|id| id.to_string())),
            ("supervisor", params.supervisor.map(|id| id.to_string())),
            ("from", params.first.map(|date| date.to_string())),
            ("to", params.last.map(|date| date.to_string())),
            ("client", params.client.map(|number| number.to_string())),
        ];
        for (name, value) in parts.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            link.push_str(&format!("&{name}={}", url_encode(&value)));
        }
        link
    }

    fn is_narrowed(&self) -> bool {
        let ActivityQuery { activity_type, supervisor, client, first, last, .. } = &self.query;
        activity_type.is_some() || supervisor.is_some() || client.is_some() || first.is_some() || last.is_some()
    }
}

#[component]
pub fn ActivitiesPage() -> impl IntoView {
    let usual = usual(crate::context::maybe_actor().as_ref());
    let params = ActivityListParams::read(usual);
    page(move |page| async move {
        page.actor.staff()?;
        let choices = db::activities::filters(page.pool(), &page.actor).await?;
        let found = db::activities::list(page.pool(), &page.actor, &params.query).await?;
        let client = match params.query.client {
            Some(number) => Some(crate::clients::pages::record(&page, number).await?),
            None => None,
        };
        let matches = matches(&page, &params).await?;
        let sums = sums(&found);
        let new = match &client {
            Some(client) if !client.erased => format!("/activities/new?client={}", client.number),
            _ => "/activities/new".to_owned(),
        };
        let others = !matches!(params.query.whose, Whose::Own);
        let results =
            if found.rows.is_empty() { nothing(&params, usual, &page) } else { table(found, &params, others) };
        Ok(Shown::new(
            "Activities",
            view! {
                <div class="page-head">
                    <div><h1>"Activities"</h1><p class="sub tnum">{sums}</p></div>
                    <div class="actions"><a class="button primary" href=new>"New activity"</a></div>
                </div>
                <crate::ui::ErrorSummary state=crate::ui::FormState::of(crate::activities::RESTORE)/>
                {filters(&page, &params, &choices, client)}
                {matches}
                <div class="panel flush">{results}</div>
            },
        )
        .wide())
    })
}

fn sums(found: &ActivityPage) -> String {
    let count = match found.count {
        1 => "1 activity".to_owned(),
        count => format!("{} activities", thousands(u32::try_from(count).unwrap_or(u32::MAX))),
    };
    format!("{count}, {} hours", hours_text(found.minutes))
}

/// Without JavaScript: the clients the words in the picker may mean.
async fn matches(page: &Page, params: &ActivityListParams) -> Result<Option<AnyView>, AppError> {
    if params.q.is_empty() || params.query.client.is_some() {
        return Ok(None);
    }
    let found = db::clients::search_all_kinds(page.pool(), &page.actor, &params.q, 20).await?;
    let link = params.link();
    Ok(Some(picker_results(found, &page.practice.client_word, move |client| {
        format!("{link}&client={}", client.number)
    })))
}

fn option(value: String, words: String, chosen: &str) -> impl IntoView + use<> {
    let selected = value == chosen;
    view! { <option value=value selected=selected>{words}</option> }
}

/// Whose activities the viewer may choose; `mixed`: also one's own and those
/// one supervises together.
pub(crate) fn whose_options(actor: &Actor, choices: &Choices, chosen: Whose, mixed: bool) -> AnyView {
    let chosen = chosen.to_string();
    let name = |(id, name): &(shared::StaffId, String)| (id.to_string(), name.clone());
    let (all, others) = match actor {
        Actor::Staff(staff) if staff.sees_all_clients() => {
            (Some("Everyone’s"), choices.staff.iter().filter(|(id, _)| *id != staff.id()).map(name).collect())
        }
        _ => (mixed.then_some("My own and those I supervise"), Vec::new()),
    };
    let first = [Some(("own", "My own")), Some(("supervised", "Those I supervise")), all.map(|words| ("all", words))];
    let first = first.into_iter().flatten().map(|(value, words)| (value.to_owned(), words.to_owned()));
    first.chain(others).map(|(value, words)| option(value, words, &chosen)).collect_view().into_any()
}

fn filters(page: &Page, params: &ActivityListParams, choices: &Choices, client: Option<ClientProfile>) -> AnyView {
    let query = &params.query;
    let whose = whose_options(&page.actor, choices, query.whose, true);
    let chosen_type = query.activity_type.map(|id| id.to_string()).unwrap_or_default();
    let types =
        choices.types.iter().map(|(id, label)| option(id.to_string(), label.clone(), &chosen_type)).collect_view();
    let chosen_supervisor = query.supervisor.map(|id| id.to_string()).unwrap_or_default();
    let supervisors =
        choices.staff.iter().map(|(id, name)| option(id.to_string(), name.clone(), &chosen_supervisor)).collect_view();
    let date = |date: Option<chrono::NaiveDate>| date.map(|date| date.to_string()).unwrap_or_default();
    let whom = match client {
        Some(client) => {
            let without = ActivityListParams {
                query: ActivityQuery { client: None, after: None, ..query.clone() },
                q: String::new(),
            };
            let called = if client.name.is_empty() { client.code.clone() } else { client.name.clone() };
            view! {
                <div class="chosen">
                    <input type="hidden" name="client" value=client.number.to_string()/>
                    <span>{called.clone()}</span>
                    <a class="icon-button" href=without.link() aria-label=format!("Remove {called}")>"×"</a>
                </div>
            }
            .into_any()
        }
        None => {
            let label = capital(&page.practice.client_word);
            view! { <div class="picker-filter"><ClientPicker name="client".to_owned() label hint=String::new() all_kinds=true/></div> }.into_any()
        }
    };
    view! {
        <form class="filters" method="get" action="/activities" role="search" aria-label="Activities">
            <div class="field"><label for="whose">"Staff member"</label><select id="whose" name="whose">{whose}</select></div>
            <div class="field"><label for="type">"Type"</label><select id="type" name="type"><option value="">"All"</option>{types}</select></div>
            <div class="field"><label for="from">"From"</label><input id="from" type="date" name="from" value=date(query.first)/></div>
            <div class="field"><label for="to">"To"</label><input id="to" type="date" name="to" value=date(query.last)/></div>
            <div class="field"><label for="supervisor">"Supervisor"</label>
                <select id="supervisor" name="supervisor"><option value="">"Any"</option>{supervisors}</select></div>
            {whom}
            <button type="submit" class="button">"Show"</button>
        </form>
    }
    .into_any()
}

fn table(found: ActivityPage, params: &ActivityListParams, others: bool) -> AnyView {
    let next = found.next.map(|cursor| format!("{}&after={cursor}", params.link()));
    let first = params.query.after.is_some().then(|| params.link());
    let pager = (next.is_some() || first.is_some()).then(|| {
        view! {
            <nav class="pager" aria-label="Pages">
                <span></span>
                {first.map(|href| view! { <a class="button small" href=href>"Newest"</a> })}
                {next.map(|href| view! { <a class="button small" href=href rel="next">"Older"</a> })}
            </nav>
        }
    });
    view! { {rows(found.rows, others)}{pager} }.into_any()
}

/// The table; `others`: with a column of whose hours they are.
pub(super) fn rows(activities: Vec<ActivityView>, others: bool) -> AnyView {
    let row = move |one: ActivityView| {
        let whom = with_whom(&one);
        view! {
            <tr>
                <th scope="row">
                    <a class="row-link" href=format!("/activities/{}", one.id)>{one.activity_type.1}</a>
                    {(!one.title.is_empty()).then(|| view! { <span class="muted small">" · "{one.title.clone()}</span> })}
                </th>
                <td class="nowrap tnum">{day(one.date)}</td>
                <td class="num tnum" data-label="Hours">{hours_text(one.minutes.into())}</td>
                {others.then(|| view! { <td class="nowrap" data-label="Staff member">{one.staff.1}</td> })}
                <td data-label="Setting">{one.setting.map(|(_, label)| label)}</td>
                <td data-label="With">{whom}</td>
                <td class="nowrap" data-label="Supervisor">{one.supervisor.map(|(_, name)| name)}</td>
            </tr>
        }
    };
    view! {
        <div class="table-wrap sticky">
            <table class="table cards">
                <thead>
                    <tr>
                        <th scope="col">"Type"</th>
                        <th scope="col">"Date"</th>
                        <th scope="col" class="num">"Hours"</th>
                        {others.then(|| view! { <th scope="col">"Staff member"</th> })}
                        <th scope="col">"Setting"</th>
                        <th scope="col">"With"</th>
                        <th scope="col">"Supervisor"</th>
                    </tr>
                </thead>
                <tbody>{activities.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn nothing(params: &ActivityListParams, usual: Whose, page: &Page) -> AnyView {
    if params.is_narrowed() || params.query.after.is_some() || params.query.whose != usual {
        return view! {
            <div class="empty">
                <h2>"Nothing matches"</h2>
                <p>"No activity fits all of the filters above."</p>
                <a class="button" href="/activities">"Clear the filters"</a>
            </div>
        }
        .into_any();
    }
    let words = format!(
        "An activity is something that you did: its type, the date, how long, with which {}, and who supervised it. \
         Log each one here, or record a past appointment from its page; the reports add them up.",
        page.practice.client_word_plural
    );
    view! {
        <div class="empty">
            <h2>"No activities yet"</h2>
            <p>{words}</p>
            <a class="button primary" href="/activities/new">"New activity"</a>
        </div>
    }
    .into_any()
}
