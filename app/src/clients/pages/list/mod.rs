//! All clients and my clients: found, filtered, sorted, chosen, and
//! what is done with those chosen. The address holds it all but the selection.

mod columns;
mod filters;
mod selection;
mod table;
mod views;

use crate::clients::SET_STATUS;
use crate::clients::live::{LiveSearch, RESULTS};
use crate::clients::selection::{START, SelectRows};
use crate::context;
use crate::error::AppError;
use crate::ui::page::{Page as Visit, Shown, page};
use crate::ui::parts::{client_pager, thousands};
use crate::ui::{ErrorSummary, FormState, a, capital};
use db::Conn;
use db::clients::list::Frame;
use db::clients::saved_views::View;
use leptos::prelude::*;
use shared::ViewId;
use shared::clients::columns::{Column, ColumnHead, ColumnKey};
use shared::clients::{ClientPage, ClientQuery};
use shared::practice::Section;

#[component]
pub fn AllClientsPage() -> impl IntoView {
    clients_page(false)
}

#[component]
pub fn MyClientsPage() -> impl IntoView {
    clients_page(true)
}

/// What the parts of the page have in common.
#[derive(Clone)]
struct List {
    /// The page is made, not only what changes as one types.
    whole: bool,
    path: &'static str,
    mine: bool,
    query: ClientQuery,
    /// The `view` of the address: an id, `all`, or empty.
    view: String,
    /// Every column that the viewer may see.
    heads: Vec<ColumnHead>,
    /// Those shown beside the name.
    shown: Vec<ColumnHead>,
    front_desk: bool,
    /// What people are found by.
    found_by: &'static str,
    /// People are known by their codes, which stand for names.
    code_only: bool,
    /// Links for logging in are mailed.
    invites: bool,
    word: String,
    words: String,
}

impl List {
    /// The address of the first page of this query, under the same view.
    fn address(&self, query: &ClientQuery) -> String {
        let address = query.address(self.path);
        match self.view.as_str() {
            "" => address,
            view => format!("{address}{}view={view}", if address.contains('?') { '&' } else { '?' }),
        }
    }

    /// This page of it.
    fn here(&self) -> String {
        self.address(&self.query)
    }

    /// The keys of the columns shown.
    fn keys(&self) -> String {
        self.shown.iter().map(|head| head.key.to_string()).collect::<Vec<_>>().join(",")
    }
}

/// The `view` that means everyone, where the list opens with another.
const EVERYBODY: &str = "all";

/// What a list says before it is known who is on it.
struct Known {
    list: List,
    frame: Frame,
}

async fn known(visit: &Visit, conn: &mut Conn, mine: bool, whole: bool) -> Result<Known, AppError> {
    let (query, view) = (context::client_query(), context::query("view"));
    let view = if view == EVERYBODY || view.parse::<ViewId>().is_ok() { view } else { String::new() };
    let frame = db::clients::list::frame(conn, &visit.actor, &visit.practice, mine).await?;
    let mut shown = columns::shown(&frame.heads.all, &query.columns);
    if visit.practice.code_only {
        shown.retain(|head| head.key != ColumnKey::Of(Column::Code));
    }
    let list = List {
        whole,
        path: if mine { "/clients/mine" } else { "/clients" },
        mine,
        shown,
        heads: frame.heads.all.clone(),
        query,
        view,
        front_desk: visit.actor.front_desk().is_ok(),
        found_by: visit.practice.found_by(),
        code_only: visit.practice.code_only,
        invites: visit.practice.invites(),
        word: visit.practice.client_word.clone(),
        words: visit.practice.client_word_plural.clone(),
    };
    Ok(Known { list, frame })
}

/// Who was found, and what can be done with them: what is renewed as one types.
async fn results(visit: &Visit, mut conn: Conn, known: &Known) -> Result<AnyView, AppError> {
    let Known { list, frame: Frame { views: saved, choices, heads } } = known;
    let wanted = heads.wanted(&list.shown).with_menus();
    let found = db::clients::list::page(&mut conn, &visit.actor, &list.query, list.mine, &wanted).await?;
    drop(conn);
    let total = total_words(&found, list);
    let results = match found.rows.is_empty() {
        false => {
            let pages = client_pager(&found, |query| list.address(&query), &list.query);
            let bar = selection::bar(list, choices, &found);
            view! { {table::table(list, found.rows, found.near_from)}{pages}{bar} }.into_any()
        }
        true if list.query.is_filtered() => nobody_matches(list),
        true => nobody_yet(list.mine || !list.front_desk, &list.word, &list.words),
    };
    let view = view! {
        <div class="panel flush" id=RESULTS data-summary=total.clone()>
            <div class="list-head">
                <p class="small muted tnum">{total.clone()}</p>
                {filters::chips(list, choices)}
                <div class="actions">
                    {views::menus(list, saved, visit)}
                    {columns::menu(list)}
                    {columns::export_menu(list)}
                </div>
            </div>
            {results}
        </div>
    };
    Ok(view.into_any())
}

/// The results alone, for the page that shows them already.
pub async fn renewed(visit: &Visit, mine: bool) -> Result<String, AppError> {
    let _permit = db::pool::list_permit().await;
    let mut conn = visit.connection().await?;
    let known = known(visit, &mut conn, mine, false).await?;
    Ok(results(visit, conn, &known).await?.to_html())
}

fn clients_page(mine: bool) -> impl IntoView {
    page(move |visit| async move {
        let (state, bulk) = (FormState::of(SET_STATUS), FormState::of(START));
        let _permit = db::pool::list_permit().await;
        let mut conn = visit.connection().await?;
        let known = known(&visit, &mut conn, mine, true).await?;
        let Known { list, frame: Frame { views: saved, choices, .. } } = &known;
        let asked = visit.here.split_once('?').map(|(_, query)| query.to_owned()).unwrap_or_default();
        let title = format!("{} {}", if mine { "My" } else { "All" }, list.words);
        if let Some(opens) = opens_with(saved, &visit, list.path) {
            leptos_axum::redirect(&opens);
            return Ok(Shown::new(title, ()));
        }
        let results = results(&visit, conn, &known).await?;
        let scoped = !mine && !list.front_desk;
        let new = format!("New {}", list.word);
        let (front_desk, code_only) = (list.front_desk, list.code_only);
        let prospects = visit.practice.shows(Section::Prospects);
        Ok(Shown::new(
            title.clone(),
            view! {
                <div class="page-head">
                    <div>
                        <h1>{title}</h1>
                        {scoped.then(|| view! { <p class="sub">{format!("Showing {} assigned to you.", list.words)}</p> })}
                    </div>
                    <div class="actions">
                        <a class="button primary" href="/clients/new" data-window="">{new}</a>
                        <details class="menu" name="menu">
                            <summary class="button">"More"</summary>
                            <div class="menu-list">
                                {prospects.then(|| view! { <a class="menu-item" href="/clients/prospects">"Prospects"</a> })}
                                {front_desk.then(|| view! {
                                    {(!code_only).then(|| view! { <a class="menu-item" href="/clients/duplicates">"Possible duplicates"</a> })}
                                    <a class="menu-item" href="/clients/import">"Import"</a>
                                    <a class="menu-item" href="/clients/code-sheet">"Code sheet"</a>
                                })}
                            </div>
                        </details>
                    </div>
                </div>
                <ErrorSummary state/>
                <ErrorSummary state=bulk/>
                <div class="client-list">
                    {views::tabs(list, saved)}
                    {filters::form(list, choices, asked)}
                    {results}
                </div>
                <LiveSearch/>
                <SelectRows/>
            },
        )
        .wide())
    })
}

/// Where the list leads that was asked for without any wish.
fn opens_with(saved: &[View], visit: &Visit, path: &str) -> Option<String> {
    let asked = visit.here.split_once('?').map(|(_, query)| query).unwrap_or_default();
    let default = saved.iter().find(|view| view.is_default)?;
    let wished = asked.split('&').any(|pair| !pair.is_empty() && !pair.starts_with("done="));
    (!wished).then(|| views::address(path, default))
}

/// How many there are; what a screen reader hears when the results have changed.
fn total_words<T>(found: &ClientPage<T>, list: &List) -> String {
    match (found.total, found.more) {
        (0, _) => format!("0 {}", list.words),
        (1, false) => format!("1 {}", list.word),
        (total, true) => format!("More than {} {}", thousands(total), list.words),
        (total, false) => format!("{} {}", thousands(total), list.words),
    }
}

fn nobody_matches(list: &List) -> AnyView {
    view! {
        <div class="empty">
            <h2>{format!("No {} found", list.words)}</h2>
            <p>{format!("Check the spelling, or try {} number. Filters may be hiding results.", a(&list.word))}</p>
            <a class="button" href=filters::cleared(list)>"Clear search and filters"</a>
        </div>
    }
    .into_any()
}

fn nobody_yet(assigned_only: bool, word: &str, plural: &str) -> AnyView {
    let (title, words) = if assigned_only {
        (
            format!("You have no assigned {plural} yet"),
            format!(
                "{} you add are assigned to you. The front desk can also assign {plural}, and a first appointment with you \
                 assigns them automatically.",
                capital(plural)
            ),
        )
    } else {
        (format!("No {plural} yet"), format!("Add your first {word}, or import a list from a spreadsheet."))
    };
    view! {
        <div class="empty">
            <h2>{title}</h2>
            <p>{words}</p>
            <a class="button primary" href="/clients/new" data-window="">{format!("New {word}")}</a>
        </div>
    }
    .into_any()
}
