//! The relationship editor: both directions side by side. Its inputs are plain
//! and belong to the form around it; the island only adds what reacts, so that
//! nothing typed before it is attached is lost.

use super::behavior::RelationshipEditorBehavior;
use super::words::{RestingNotice, explanation, title};
use crate::ui::{CheckField, FormState, SelectField, field_id};
use leptos::prelude::*;
use shared::links::{Grants, Label, LinkForm, Permission, Standing, resting};

/// The fields of one side: what its holder is to the other, and may do for them.
struct Fields {
    label: &'static str,
    book: &'static str,
    forms: &'static str,
    copies: &'static str,
    packages: &'static str,
}

const OTHER: Fields = Fields {
    label: "other_label",
    book: "other_may.book",
    forms: "other_may.forms",
    copies: "other_may.copies",
    packages: "other_may.packages",
};
const OWN: Fields = Fields {
    label: "own_label",
    book: "own_may.book",
    forms: "own_may.forms",
    copies: "own_may.copies",
    packages: "own_may.packages",
};

impl Fields {
    fn of(&self, permission: Permission) -> &'static str {
        match permission {
            Permission::Book => self.book,
            Permission::Forms => self.forms,
            Permission::Copies => self.copies,
            Permission::Packages => self.packages,
        }
    }

    fn grants(&self, ticked: impl Fn(&'static str) -> bool) -> Grants {
        Grants {
            book: ticked(self.book),
            forms: ticked(self.forms),
            copies: ticked(self.copies),
            packages: ticked(self.packages),
        }
    }

    /// What was typed and refused, or else what is stored.
    fn typed(&self, state: &FormState, stored: Grants) -> Grants {
        if state.was_posted() { self.grants(|field| state.checked(field, false)) } else { stored }
    }
}

/// What was typed and refused, or else what is stored.
pub fn typed(state: &FormState, stored: &LinkForm) -> LinkForm {
    LinkForm {
        other_label: state.value(OTHER.label, &stored.other_label),
        own_label: state.value(OWN.label, &stored.own_label),
        other_may: OTHER.typed(state, stored.other_may),
        own_may: OWN.typed(state, stored.own_may),
        version: state.value("version", &stored.version),
    }
}

/// The four permissions as ticks, without what surrounds them in the editor of both sides. `field` is
/// where the [`Grants`] are in the form.
#[component]
pub fn GrantChecks(
    field: &'static str,
    #[prop(into)] legend: String,
    #[prop(into)] subject: String,
    may: Grants,
    state: FormState,
) -> impl IntoView {
    let checks = Permission::ALL
        .iter()
        .map(|permission| {
            let name = format!("{field}.{}", permission.as_str());
            let checked = state.checked(&name, may.has(*permission));
            view! {
                <CheckField
                    field=name label=title(*permission) hint=explanation(*permission, &subject) checked state=state.clone()
                />
            }
        })
        .collect_view();
    view! { <fieldset class="group"><legend>{legend}</legend>{checks}</fieldset> }
}

/// Labels and grants of both sides; warns where a grant will rest, and suggests
/// the reverse of a label while the other one is untouched.
#[component]
pub fn RelationEditor(
    own_name: String,
    other_name: String,
    own_standing: Standing,
    other_standing: Standing,
    form: LinkForm,
    state: FormState,
) -> impl IntoView {
    let form = typed(&state, &form);
    view! {
        <div class="relation">
            <Side
                fields=&OTHER holder=other_name.clone() subject=own_name.clone() standing=other_standing
                state=state.clone() label=form.other_label may=form.other_may
            />
            <Side
                fields=&OWN holder=own_name subject=other_name standing=own_standing
                state label=form.own_label may=form.own_may
            />
        </div>
        <RelationshipEditorBehavior/>
    }
}

#[component]
fn Side(
    fields: &'static Fields,
    holder: String,
    subject: String,
    standing: Standing,
    state: FormState,
    label: String,
    may: Grants,
) -> impl IntoView {
    let mut options: Vec<(String, String)> =
        Label::ALL.iter().map(|label| (label.as_str().to_owned(), label.label().to_owned())).collect();
    options.insert(0, (String::new(), "Choose…".to_owned()));
    let heading = format!("What {holder} may do for {subject}");
    let checks = Permission::ALL
        .iter()
        .map(|permission| {
            view! {
                <CheckField
                    field=fields.of(*permission) label=title(*permission) hint=explanation(*permission, &subject)
                    checked=may.has(*permission) state=state.clone()
                />
            }
        })
        .collect_view();
    let nothing = format!("No permissions selected. {holder} can’t see or do anything for {subject}.");
    let notes = if may.any() {
        view! { <RestingNotice holder=holder.clone() standing may/> }.into_any()
    } else {
        view! { <p class="hint">{nothing.clone()}</p> }.into_any()
    };
    let reasons = resting(standing).into_iter().map(|(permissions, reason)| {
        let ids: Vec<_> = permissions.iter().map(|permission| field_id(fields.of(*permission))).collect();
        view! { <template data-when=ids.join(" ")><p>{format!("{holder} {reason}")}</p></template> }
    });
    let reasons = reasons.collect_view();
    view! {
        <section class="relation-side">
            <h2>{heading.clone()}</h2>
            <SelectField
                field=fields.label label=format!("{holder} is {subject}’s") options value=label state
                hint="This label doesn’t give access. Choose permissions below."
            />
            <div role="status" data-suggested=""></div>
            <fieldset class="group">
                <legend class="sr-only">{heading}</legend>
                {checks}
            </fieldset>
            <div role="status" data-notes="">{notes}</div>
            {reasons}
            <template data-when=""><p class="hint">{nothing}</p></template>
        </section>
    }
}
