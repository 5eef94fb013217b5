//! New client: a page of its own; the create window shows what is in [`CONTENTS`].

use crate::clients::api::likely_rows;
use crate::clients::form::{ClientFields, Fields, blank};
use crate::clients::window::{CONTENTS, HEADING, LIKELY, LOOK, WITHOUT_EMAIL};
use crate::clients::{CREATE, with_params};
use crate::context;
use crate::error::AppError;
use crate::memberships::KindLinks;
use crate::ui::page::{Page, Shown, page};
use crate::ui::{FormState, PostForm};
use leptos::prelude::*;
use shared::clients::{ClientForm, Kind, LikelyForm, LikelyRow, Status};
use shared::{ImportId, Refusal};

#[component]
pub fn NewClientPage() -> impl IntoView {
    page(|page| async move {
        page.actor.staff()?;
        let state = FormState::of(CREATE);
        let next = match state.plain("next") {
            Some(next) => context::local_path(next).unwrap_or_default(),
            None => context::next_page(),
        };
        let (back, list) = match page.actor.front_desk() {
            Ok(_) => ("/clients", format!("All {}", page.practice.client_word_plural)),
            Err(_) => ("/clients/mine", format!("My {}", page.practice.client_word_plural)),
        };
        let title = format!("New {}", page.practice.client_word);
        let kind = context::query("kind").parse().unwrap_or(Kind::Individual);
        let of_row = !context::query("import").is_empty();
        let kinds = view! { <KindLinks chosen=kind next=next.clone()/> };
        let form = match kind.has_members() {
            true => crate::memberships::pages::new(&page, kind, next).await?,
            false => match context::query("import").parse().ok().zip(context::query("line").parse().ok()) {
                Some((import, line)) => fix_row(&page, state, ImportId(import), line).await?,
                None => {
                    let mut stored = blank(&page);
                    if let Ok(status) = context::query("status").parse::<Status>() {
                        stored.status = status.as_str().to_owned();
                    }
                    form(&page, state, stored, next, back, None).await?
                }
            },
        };
        Ok(Shown::new(
            title.clone(),
            view! {
                <div class="page-head"><div><a class="back" href=back>{list}</a><h1 id=HEADING>{title}</h1></div></div>
                <div id=CONTENTS class="stack">{(!of_row).then_some(kinds)}{form}</div>
            },
        )
        .narrow())
    })
}

/// The row of an import, to be put right.
async fn fix_row(page: &Page, state: FormState, import: ImportId, line: i32) -> Result<AnyView, AppError> {
    let back = format!("{}/{import}?rows=bad", crate::import::PAGE);
    let row = match db::import::fix_row(page.pool(), &page.actor, import, line).await {
        // What was typed is shown again, and belongs to no row any more.
        Err(db::Error::Refused(Refusal::NotFound)) if state.was_posted() => {
            let form = form(page, state, blank(page), String::new(), "/clients/import", None).await?;
            return Ok(view! {
                <div class="notice" role="alert">
                    <p>{format!("This row was already fixed or the file was removed. Saving now would create a new {}.", page.practice.client_word)}</p>
                    <p><a href=back>"Back to the rows"</a></p>
                </div>
                {form}
            }
            .into_any());
        }
        row => row?,
    };
    // Each at its field as well, which opens the section that the field is in.
    let at_fields = row.problems.iter().filter_map(|problem| Some((problem.field.clone()?, problem.words.clone())));
    let state = state.noted(at_fields.collect::<Vec<_>>());
    let problems = row.problems.into_iter().map(|db::import::RowProblem { heading, words, .. }| {
        let heading = heading.map(|heading| view! { <span class="strong">{heading}": "</span> });
        view! { <li>{heading}{words}</li> }
    });
    let family = (!row.family.is_empty()).then(|| {
        let words = format!("The row names the household {}: add it on the profile afterwards.", row.family);
        view! { <p>{words}</p> }
    });
    let notice = view! {
        <div class="notice">
            <p>{format!("Fixing line {line}. We filled in what we could.")}</p>
            <ul>{problems.collect_view()}</ul>
            {family}
        </div>
    };
    let form = form(page, state, row.form, back.clone(), back, Some((import, line))).await?;
    Ok(view! { {notice} {form} }.into_any())
}

/// `row`: of an import, that the client comes from.
async fn form(
    page: &Page,
    state: FormState,
    stored: ClientForm,
    next: String,
    cancel: impl Into<String>,
    row: Option<(ImportId, i32)>,
) -> Result<AnyView, AppError> {
    let fields = Fields::new(page, true).await?;
    let mut state = fields.label(state);
    let without_email = state.plain(WITHOUT_EMAIL).is_some();
    if without_email {
        // It was turned off for this once: with an address it is on again.
        let consent = FormState::name("email_consent");
        state.replace(&consent, vec![(consent.clone(), "true".to_owned())]);
    }
    let key = state.value("request_key", &db::new_id().to_string());
    let (words, cancel) = (format!("Create {}", page.practice.client_word), cancel.into());
    let (word, here) = (page.practice.client_word.clone(), page.here.clone());
    let again = state.error() == Some(&AppError::ShowAgain);
    // Once told, anyone who goes on means another person.
    let told_of = again || state.was_posted() && state.plain(LOOK).is_none();
    let alike = match again {
        true => {
            let [first_name, last_name, birth_date, email, mobile] =
                ["first_name", "last_name", "birth_date", "email", "mobile"].map(|field| state.value(field, ""));
            let typed = LikelyForm { first_name, last_name, birth_date, email, mobile };
            Some(told(likely_rows(&page.actor, &typed).await?, &next, &words, &page.practice.client_word))
        }
        false => None,
    };
    Ok(view! {
        <PostForm action=CREATE page=here state=state.clone() class="form panel">
            <input type="hidden" name="next" value=next/>
            <input type="hidden" name=FormState::name("request_key") value=key/>
            {row.map(|(import, line)| view! {
                <input type="hidden" name="import" value=import.to_string()/>
                <input type="hidden" name="line" value=line.to_string()/>
            })}
            // With JavaScript they are told of while one types: then it is taken away.
            {(!told_of).then(|| view! { <input type="hidden" name=LOOK value="true"/> })}
            <div id=LIKELY aria-live="polite" data-word=word
                data-without-email=without_email.then_some("")>{alike}</div>
            <ClientFields state stored fields/>
            <div class="form-actions">
                <button type="submit" class="button primary">{words}</button>
                <a class="button quiet" href=cancel data-cancel="">"Cancel"</a>
            </div>
        </PostForm>
    }
    .into_any())
}

/// Who may be the same person, before anyone is made.
fn told(rows: Vec<LikelyRow>, next: &str, again: &str, word: &str) -> AnyView {
    if rows.is_empty() {
        return ().into_any();
    }
    let rows = rows.into_iter().map(|row| {
        let choose = (!next.is_empty()).then(|| {
            let href = with_params(next, &[("client", &row.number)]);
            view! { " "<a class="button small" href=href aria-label=format!("Use this {word}: {}", row.name)>"Use this "{word.to_owned()}</a> }
        });
        view! {
            <li>
                <span class="strong">{row.name.clone()}</span>
                <span class="muted small">{format!(" {} · {}", row.note, row.reason)}</span>
                <a class="button small" href=format!("/clients/{}", row.number) aria-label=format!("Open {}", row.name)>"Open"</a>
                {choose}
            </li>
        }
    });
    view! {
        <div class="notice warn" role="alert">
            <p class="strong">"Possible match. Is this the same person?"</p>
            <ul class="list">{rows.collect_view()}</ul>
            <p>{format!("Not saved yet. If this is a different person, press “{again}” again.")}</p>
        </div>
    }
    .into_any()
}
