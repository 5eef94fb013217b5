//! Both records side by side: what stays is chosen field by field.

use crate::clients::picker::{ClientPicker, note};
use crate::context;
use crate::error::AppError;
use crate::ui::page::{Page, Shown, page};
use crate::ui::{FormState, PostForm};
use db::merge::{Compared, Preview, Side};
use db::time::Zone;
use leptos::prelude::*;
use shared::clients::ClientSummary;
use shared::{ClientNumber, Refusal};

const MERGE: &str = "/fn/merge/merge";
/// The number shown; others are found by typing more.
const FOUND_MAX: u32 = 20;

#[component]
pub fn MergePage() -> impl IntoView {
    page(|page| async move {
        let keep = context::query("keep").parse().map_err(|_| AppError::Refused(Refusal::NotFound))?;
        let (chosen, typed) = (context::query("drop"), context::query("drop_q"));
        match chosen.parse() {
            Ok(drop) if drop != keep => compare(&page, keep, drop).await,
            _ => choose(&page, keep, &typed, chosen == keep.to_string()).await,
        }
    })
}

/// The client to merge with: the picker, and without JavaScript a list.
async fn choose(page: &Page, keep: ClientNumber, typed: &str, same: bool) -> Result<Shown, AppError> {
    let client = db::deletion::deletion_summary(page.pool(), &page.actor, keep).await?;
    let mut found = db::clients::search(page.pool(), &page.actor, typed, FOUND_MAX).await?;
    found.retain(|other| other.number != keep);
    let title = format!("Merge {} with another record", client.name);
    let results = match (typed.trim().is_empty(), found.is_empty()) {
        (true, _) => ().into_any(),
        (false, true) => view! { <p class="notice">{format!("No one found for “{}”.", typed.trim())}</p> }.into_any(),
        (false, false) => {
            let rows = found.iter().map(|other| found_row(keep, other)).collect_view();
            view! { <ul class="list" aria-label="Found">{rows}</ul> }.into_any()
        }
    };
    Ok(Shown::new(
        title.clone(),
        view! {
            <div class="page-head">
                <div>
                    <a class="back" href=format!("/clients/{keep}")>{client.name}</a>
                    <h1>{title}</h1>
                    <p class="sub">"For two records of one person. You see both side by side before anything happens."</p>
                </div>
            </div>
            <section class="panel stack">
                <form class="form" method="get" action="/clients/merge" role="search">
                    {same.then(|| view! { <p class="notice error" role="alert">"That is the same record."</p> })}
                    <input type="hidden" name="keep" value=keep.to_string()/>
                    <ClientPicker
                        name="drop".to_owned() label="The other record of the same person".to_owned()
                        hint=page.practice.found_by().to_owned() focus=true
                    />
                    <div class="form-actions">
                        <button class="button primary" type="submit">"Continue"</button>
                        <a class="button quiet" href=format!("/clients/{keep}")>"Cancel"</a>
                    </div>
                </form>
                {results}
            </section>
        },
    )
    .narrow())
}

fn found_row(keep: ClientNumber, other: &ClientSummary) -> impl IntoView + use<> {
    let notes = note(other);
    view! {
        <li>
            <div>
                <a class="strong" href=format!("/clients/merge?keep={keep}&drop={}", other.number)>{other.name.clone()}</a>
                <p class="small muted">{notes}</p>
            </div>
        </li>
    }
}

async fn compare(page: &Page, keep: ClientNumber, drop: ClientNumber) -> Result<Shown, AppError> {
    let preview = match db::merge::preview(page.pool(), &page.actor, keep, drop).await.map_err(AppError::from) {
        Err(AppError::Refused(Refusal::Invalid(_))) => return Ok(not_people(keep)),
        answer => answer?,
    };
    let state = FormState::of(MERGE);
    let zone = Zone::stored(&page.practice.zone);
    let title = format!("Merge no. {drop} into no. {keep}");
    let differing =
        preview.fields.iter().filter(|field| field.differs()).map(|field| choice(&state, field)).collect_view();
    let same: Vec<_> = preview.fields.iter().filter(|field| !field.differs()).cloned().collect();
    let versions = [("keep_version", preview.keep.version), ("drop_version", preview.drop.version)];
    let hidden = versions.map(|(name, version)| {
        view! { <input type="hidden" name=FormState::name(name) value=version.to_string() autocomplete="off"/> }
    });
    let swap = format!("/clients/merge?keep={drop}&drop={keep}");
    Ok(Shown::new(
        title.clone(),
        view! {
            <div class="page-head">
                <div>
                    <a class="back" href="/clients/duplicates">"Possible duplicates"</a>
                    <h1>{title}</h1>
                    <p class="sub">"You can undo this until one of the merged details is edited."</p>
                </div>
                <div class="actions"><a class="button" href=swap>{format!("Keep no. {drop} instead")}</a></div>
            </div>
            <PostForm action=MERGE page=page.here.clone() state=state.clone()>
                <input type="hidden" name="keep" value=keep.to_string()/>
                <input type="hidden" name="drop" value=drop.to_string()/>
                {hidden.collect_view()}
                {clashes(&preview)}
                {two_people(&preview)}
                <section class="panel flush" aria-labelledby="differ">
                    <div class="panel-head"><h2 id="differ">"Choose which details to keep"</h2></div>
                    <div class="table-wrap">
                        <table class="table cards merge">
                            <thead>
                                <tr>
                                    <th scope="col">"Field"</th>
                                    {heading(&preview.keep, "stays", &zone)}
                                    {heading(&preview.drop, "goes", &zone)}
                                </tr>
                            </thead>
                            <tbody>{login(&state, &preview)}{differing}</tbody>
                        </table>
                    </div>
                </section>
                {(!same.is_empty()).then(|| alike(same))}
                {consequences(&preview)}
                <div class="form-actions">
                    {preview.clashes.is_empty().then(|| view! {
                        <button class="button danger primary" type="submit">"Merge the two records"</button>
                    })}
                    <a class="button quiet" href=format!("/clients/{keep}")>"Cancel"</a>
                </div>
            </PostForm>
        },
    )
    .wide())
}

fn not_people(keep: ClientNumber) -> Shown {
    Shown::new(
        "Merge",
        view! {
            <div class="empty">
                <h1>"These two cannot be merged"</h1>
                <p>"Only the records of two people can be merged; couples, families and groups, and records that were erased, stay as they are."</p>
                <a class="button" href=format!("/clients/{keep}")>"Go to the profile"</a>
            </div>
        },
    )
    .narrow()
}

fn heading(side: &Side, what: &str, zone: &Zone) -> impl IntoView + use<> {
    let notes = format!("No. {} {what} · here since {}", side.number, zone.long_date(side.created_at));
    view! { <th scope="col">{side.name.clone()}<br/><span class="small muted">{notes}</span></th> }
}

/// One of the values of a field, to be chosen.
fn radio(name: &str, value: &'static str, checked: bool, words: String, label: &'static str) -> impl IntoView + use<> {
    let words =
        if words.is_empty() { view! { <span class="muted">"Nothing"</span> }.into_any() } else { words.into_any() };
    view! {
        <td data-label=label>
            <label class="check"><input type="radio" name=name.to_owned() value=value checked=checked/><span class="value">{words}</span></label>
        </td>
    }
}

fn choice(state: &FormState, field: &Compared) -> impl IntoView + use<> {
    let name = FormState::name(&field.name);
    // What is filled in is worth more than what is not.
    let stored = if field.keep.is_empty() { "drop" } else { "keep" };
    let chosen = state.value(&field.name, stored);
    let error = state.problem(field.name.trim_start_matches("choices."));
    let both = field.both.then(|| {
        view! {
            <label class="check"><input type="radio" name=name.clone() value="both" checked=chosen == "both"/><span>"Both, one below the other"</span></label>
        }
    });
    view! {
        <tr role="group" aria-label=field.label.clone()>
            <th scope="row">{field.label.clone()}{both}{error.map(|error| view! { <p class="error">{error}</p> })}</th>
            {radio(&name, "keep", chosen == "keep", field.keep.clone(), "Stays")}
            {radio(&name, "drop", chosen == "drop", field.drop.clone(), "Goes")}
        </tr>
    }
}

/// Which log-in survives, if both have one.
fn login(state: &FormState, preview: &Preview) -> Option<AnyView> {
    let (keep, drop) = (preview.keep.username.clone()?, preview.drop.username.clone()?);
    let chosen = state.value("login", "keep");
    let name = FormState::name("login");
    Some(
        view! {
            <tr role="group" aria-label="Login">
                <th scope="row">"Login"<br/><span class="small muted">"The other login is removed."</span></th>
                {radio(&name, "keep", chosen == "keep", keep, "Stays")}
                {radio(&name, "drop", chosen == "drop", drop, "Goes")}
            </tr>
        }
        .into_any(),
    )
}

fn alike(fields: Vec<Compared>) -> impl IntoView {
    let facts =
        fields.into_iter().map(|field| view! { <div><dt>{field.label}</dt><dd class="value">{field.keep}</dd></div> });
    view! {
        <section class="panel" aria-labelledby="alike">
            <div class="panel-head"><h2 id="alike">"Details that will be kept"</h2></div>
            <dl class="facts">{facts.collect_view()}</dl>
        </section>
    }
}

fn clashes(preview: &Preview) -> Option<AnyView> {
    if preview.clashes.is_empty() {
        return None;
    }
    let rows = preview.clashes.iter().map(|(keep, drop, zone)| {
        let zone = Zone::stored(zone);
        let at = |at| format!("{}, {}", zone.long_date(at), zone.clock(at));
        view! { <li>{format!("{} (no. {}) and {} (no. {})", at(*keep), preview.keep.number, at(*drop), preview.drop.number)}</li> }
    });
    Some(
        view! {
            <div class="notice error" role="alert">
                <h2>"Both have an appointment at the same time"</h2>
                <p>"These appointments overlap. Cancel one of each pair, then merge:"</p>
                <ul>{rows.collect_view()}</ul>
            </div>
        }
        .into_any(),
    )
}

/// What speaks against their being one person.
fn two_people(preview: &Preview) -> Option<AnyView> {
    let born = preview.fields.iter().find(|field| field.name == "choices.birth_date");
    let born = born.is_some_and(|field| !field.keep.is_empty() && !field.drop.is_empty() && field.differs());
    let words = match (preview.linked, born) {
        (true, true) => "The two have a relationship with each other, and different dates of birth.",
        (true, false) => "The two have a relationship with each other.",
        (false, true) => "The two have different dates of birth.",
        (false, false) => return None,
    };
    Some(view! { <p class="notice warn" role="alert">{words}" Merge them only if you are sure that they are one person."</p> }.into_any())
}

fn consequences(preview: &Preview) -> impl IntoView + use<> {
    let (keep, drop) = (preview.keep.number, preview.drop.number);
    let follows =
        preview.follows.iter().map(|(words, count)| view! { <li>{format!("{words}: {count}")}</li> }).collect_view();
    let ended: Vec<_> = preview.links.iter().filter(|link| !link.ended.is_empty()).collect();
    let links = ended
        .iter()
        .map(|link| {
            let words = link.ended.iter().map(|words| view! { <li>{words.clone()}</li> }).collect_view();
            view! { <li><a href=format!("/clients/{}", link.number)>{link.name.clone()}</a><ul>{words}</ul></li> }
        })
        .collect_view();
    let lost = (!ended.is_empty()).then(|| {
        view! {
            <h3>"Permissions that will be removed"</h3>
            <p>"For privacy, only permissions that both records had are kept. You can grant the others again afterwards."</p>
            <ul>{links}</ul>
        }
    });
    view! {
        <section class="panel stack" aria-labelledby="follows">
            <h2 id="follows">"What happens"</h2>
            <ul>
                <li>{format!("No. {drop} is removed. Its number and code redirect to no. {keep}.")}</li>
                <li>"Phone numbers, contacts, tags and practitioners are combined."</li>
                {preview.linked.then(|| view! { <li>"The relationship between the two disappears."</li> })}
                {(!preview.follows.is_empty()).then(|| view! { <li>{format!("Moved to no. {keep}:")}<ul>{follows}</ul></li> })}
            </ul>
            {lost}
        </section>
    }
}
