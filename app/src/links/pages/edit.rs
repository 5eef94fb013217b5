//! Set up a relationship, and change it: the same editor.

use super::{names, number};
use crate::links::editor::{RelationEditor, typed};
use crate::links::words::{GrantList, at_rest, standing};
use crate::ui::page::{Shown, page};
use crate::ui::{FormState, PostForm};
use db::links::LinkPair;
use leptos::prelude::*;
use shared::Refusal;
use shared::clients::Kind;
use shared::links::{LinkForm, LinkView, changes, relation};
use shared::practice::Practice;

const CREATE: &str = "/fn/links/create";
const SAVE: &str = "/fn/links/save";

#[component]
pub fn SetUpLinkPage() -> impl IntoView {
    page(|page| async move {
        let (number, other) = (number("number")?, number("other")?);
        let state = FormState::of(CREATE);
        let pair = db::links::pair(page.pool(), &page.actor, number, other).await?;
        let (own_name, other_name) = names(&pair);
        let contents = if pair.link.is_some() {
            view! {
                <div class="notice">
                    <p>{format!("{own_name} and {other_name} are linked already.")}</p>
                    <p class="actions"><a class="button" href=format!("/clients/{number}/links/{other}")>"Edit relationship"</a></p>
                </div>
            }
            .into_any()
        } else if [&pair.own, &pair.other].iter().any(|person| person.kind != Kind::Individual) {
            view! { <p class="notice">"Only individuals can be linked."</p> }.into_any()
        } else {
            let form = LinkForm::default();
            view! { <EditorForm practice=page.practice here=page.here action=CREATE pair state form/> }.into_any()
        };
        Ok(Shown::new(
            format!("{own_name} and {other_name}"),
            view! {
                <div class="page-head">
                    <div>
                        <a class="back" href=format!("/clients/{number}/links/new")>"Choose a different person"</a>
                        <h1>"Set up relationship"</h1>
                        <p class="sub">{format!("{own_name} and {other_name}: what each is to the other, and what each may do for the other.")}</p>
                    </div>
                </div>
                {contents}
            },
        ))
    })
}

#[component]
pub fn EditLinkPage() -> impl IntoView {
    page(|page| async move {
        let (number, other) = (number("number")?, number("other")?);
        let state = FormState::of(SAVE);
        let pair = db::links::pair(page.pool(), &page.actor, number, other).await?;
        let form = pair.link.as_ref().ok_or(Refusal::NotFound)?.form();
        let (own_name, other_name) = names(&pair);
        let back = pair.own.name.clone();
        Ok(Shown::new(
            format!("{own_name} and {other_name}"),
            view! {
                <div class="page-head">
                    <div>
                        <a class="back" href=format!("/clients/{number}")>{back}</a>
                        <h1>{format!("{own_name} and {other_name}")}</h1>
                        <p class="sub">"Choose how they’re related and what each can do for the other."</p>
                    </div>
                    <div class="actions">
                        <a class="button danger quiet" href=format!("/clients/{number}/links/{other}/remove")>"Remove relationship"</a>
                    </div>
                </div>
                <EditorForm practice=page.practice here=page.here action=SAVE pair state form/>
            },
        ))
    })
}

/// The form around the editor.
#[component]
fn EditorForm(
    practice: Practice,
    /// The page that shows it.
    here: String,
    action: &'static str,
    pair: LinkPair,
    state: FormState,
    /// As stored; with nothing in it for a new link.
    form: LinkForm,
) -> impl IntoView {
    let (own_name, other_name) = names(&pair);
    let LinkPair { mut own, mut other, link } = pair;
    own.standing = standing(&practice, own.standing);
    other.standing = standing(&practice, other.standing);
    let rests = at_rest(&practice).map(|words| view! { <p class="notice info">{words}</p> });
    // Another person's change is shown beside what was typed: the person who saves now
    // has seen it.
    let stale = state.is_stale();
    let version = if stale { form.version.clone() } else { state.value("version", &form.version) };
    // A field's own name says nothing here: problems name the people.
    let state = state
        .labelled([
            ("other_label".to_owned(), format!("{other_name} is {own_name}’s")),
            ("own_label".to_owned(), format!("{own_name} is {other_name}’s")),
        ])
        .asking("other_label", format!("Choose how {other_name} is related to {own_name}."))
        .asking("own_label", format!("Choose how {own_name} is related to {other_name}."));
    let theirs =
        link.filter(|_| stale).map(|link| saved_meanwhile(&typed(&state, &form), &link, &own_name, &other_name));
    view! {
        <PostForm action=action page=here state=state.clone() long=true>
            <input type="hidden" name="number" value=own.number.to_string()/>
            <input type="hidden" name="other" value=other.number.to_string()/>
            <input type="hidden" name="form[version]" value=version/>
            {theirs}
            {rests}
            <RelationEditor own_name other_name own_standing=own.standing other_standing=other.standing form state/>
            <div class="form-actions">
                <button class="button primary" type="submit">{if stale { "Save mine instead" } else { "Save relationship" }}</button>
                <a class="button quiet" href=format!("/clients/{}", own.number)>"Cancel"</a>
            </div>
        </PostForm>
    }
}

/// The version that is stored, and what it has otherwise than the one typed.
fn saved_meanwhile(typed: &LinkForm, theirs: &LinkView, own_name: &str, other_name: &str) -> AnyView {
    let differences = match (typed.parse(), theirs.form().parse()) {
        (Ok(mine), Ok(theirs)) => changes(Some(&mine), &theirs, own_name, other_name),
        _ => Vec::new(),
    };
    view! {
        <section class="panel stack" aria-labelledby="theirs">
            <h2 id="theirs">"What is saved now"</h2>
            <p>{format!(
                "{}; {}.",
                relation(other_name, theirs.other_label, own_name),
                relation(own_name, theirs.own_label, other_name),
            )}</p>
            <div class="cols-2">
                <GrantList holder=other_name subject=own_name may=theirs.other_may level=3/>
                <GrantList holder=own_name subject=other_name may=theirs.own_may level=3/>
            </div>
            {(!differences.is_empty()).then(|| view! {
                <p class="strong">"Different from yours:"</p>
                <ul>{differences.into_iter().map(|words| view! { <li>{words}</li> }).collect_view()}</ul>
            })}
            <p class="hint">"Your version is below and isn’t saved. Saving replaces the current version."</p>
        </section>
    }
    .into_any()
}
