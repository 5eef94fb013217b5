//! The search field and the filters, which combine; those chosen as chips.

use super::{EVERYBODY, List};
use crate::clients::live::FORM;
use db::clients::list::Choices;
use leptos::prelude::*;
use shared::clients::columns::Column;
use shared::clients::{ClientQuery, Kind, Status};

/// A filter: its parameter, label, what can be chosen, what is.
struct Filter {
    name: &'static str,
    label: &'static str,
    options: Vec<(String, String)>,
    chosen: String,
}

/// The filters that the viewer is offered. With one place only there is
/// nothing to choose; of whose clients they are the front desk asks.
fn filters(list: &List, choices: &Choices) -> Vec<Filter> {
    let words = |word: &str, label: &str| (word.to_owned(), label.to_owned());
    let ids = |rows: &[(String, String)]| rows.to_vec();
    let query = &list.query;
    let statuses = Status::ALL.iter().map(|status| words(status.as_str(), status.label())).collect();
    let kinds = Kind::ALL.iter().map(|kind| words(kind.as_str(), kind.label())).collect();
    let practitioners = if list.front_desk && !list.mine { ids(&choices.practitioners) } else { Vec::new() };
    let locations =
        if choices.locations.len() > 1 || !query.location.is_empty() { ids(&choices.locations) } else { Vec::new() };
    let filter = |name, label, options, chosen: &String| Filter { name, label, options, chosen: chosen.clone() };
    let all = vec![
        filter("status", Column::Status.label(), statuses, &query.status),
        filter("kind", Column::Kind.label(), kinds, &query.kind),
        filter("tag", "Tag", ids(&choices.tags), &query.tag),
        filter("practitioner", "Practitioner", practitioners, &query.practitioner),
        filter("location", Column::Location.label(), locations, &query.location),
    ];
    all.into_iter().filter(|filter| !filter.options.is_empty() || !filter.chosen.is_empty()).collect()
}

/// The form that the address comes from. `asked`: the query of the page's address, as it was sent.
pub fn form(list: &List, choices: &Choices, asked: String) -> impl IntoView + use<> {
    let selects = filters(list, choices).into_iter().map(|filter| {
        let known = filter.options.iter().any(|(value, _)| *value == filter.chosen);
        let gone = (!known && !filter.chosen.is_empty())
            .then(|| view! { <option value=filter.chosen.clone() selected=true>"Unknown"</option> });
        let options = filter.options.into_iter().map(|(value, words)| {
            let selected = value == filter.chosen;
            view! { <option value=value selected=selected>{words}</option> }
        });
        let options = options.collect_view();
        view! {
            <div class="field">
                <label for=filter.name>{filter.label}</label>
                <select id=filter.name name=filter.name><option value="">"All"</option>{gone}{options}</select>
            </div>
        }
    });
    let kept = [("sort", &list.query.sort), ("columns", &list.query.columns), ("view", &list.view)];
    let kept = kept.into_iter().filter(|(_, value)| !value.is_empty());
    let kept = kept.map(|(name, value)| view! { <input type="hidden" name=name value=value.clone()/> });
    view! {
        <form class="filters" id=FORM method="get" action=list.path role="search" autocomplete="off" data-asked=asked>
            {kept.collect_view()}
            <div class="field">
                <label for="q">"Search"</label>
                <input id="q" type="search" name="q" value=list.query.q.clone() maxlength="200" autocomplete="off"
                    aria-keyshortcuts="/" placeholder=list.found_by/>
            </div>
            <div class="filter-selects">{selects.collect_view()}</div>
            <button type="submit" class="button">"Search"</button>
        </form>
    }
}

/// What is chosen, each with a link that takes it away, and one that takes all.
pub fn chips(list: &List, choices: &Choices) -> impl IntoView + use<> {
    let mut chips: Vec<(String, ClientQuery)> = Vec::new();
    let first = list.query.first_page();
    if !first.q.is_empty() {
        chips.push((format!("“{}”", first.q), ClientQuery { q: String::new(), ..first.clone() }));
    }
    for filter in filters(list, choices).into_iter().filter(|filter| !filter.chosen.is_empty()) {
        let words = filter.options.iter().find(|(value, _)| *value == filter.chosen);
        let words = words.map_or("Unknown", |(_, words)| words.as_str());
        chips.push((format!("{}: {words}", filter.label), without(&first, filter.name)));
    }
    let any = !chips.is_empty();
    let chips = chips.into_iter().map(|(words, query)| {
        let label = format!("Remove filter {words}");
        view! {
            <li><a class="chip" href=list.address(&query) aria-label=label>{words}<span aria-hidden="true">"×"</span></a></li>
        }
    });
    let chips = chips.collect_view();
    let clear = cleared(list);
    view! {
        <ul class="chips" aria-label="Filters chosen">
            {chips}
            {any.then(|| view! { <li><a class="chip clear" href=clear>"Clear"</a></li> })}
        </ul>
    }
}

fn without(query: &ClientQuery, name: &str) -> ClientQuery {
    let mut query = query.clone();
    match name {
        "status" => query.status.clear(),
        "kind" => query.kind.clear(),
        "tag" => query.tag.clear(),
        "practitioner" => query.practitioner.clear(),
        "location" => query.location.clear(),
        _ => {}
    }
    query
}

/// The list without filters, in the same order and columns.
pub fn cleared(list: &List) -> String {
    let kept =
        ClientQuery { sort: list.query.sort.clone(), columns: list.query.columns.clone(), ..ClientQuery::default() };
    let view = if list.view.is_empty() { String::new() } else { EVERYBODY.to_owned() };
    List { view, ..list.clone() }.address(&kept)
}
