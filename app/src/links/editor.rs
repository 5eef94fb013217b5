//! The relationship editor: both directions side by side. Its inputs are plain
//! and belong to the form around it; the island only adds what reacts, so that
//! nothing typed before it wakes is lost.

use super::words::{RestingNotice, explanation, title};
use crate::ui::{CheckField, FormState, SelectField};
use leptos::prelude::*;
use shared::links::{Grants, Label, LinkForm, Permission, Standing};

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

/// Labels and grants of both sides; warns where a grant will rest, and suggests
/// the reverse of a label while the other one is untouched.
#[island]
pub fn RelationEditor(
    own_name: String,
    other_name: String,
    own_standing: Standing,
    other_standing: Standing,
    form: LinkForm,
    state: FormState,
) -> impl IntoView {
    let form = typed(&state, &form);
    let other_may = RwSignal::new(form.other_may);
    let own_may = RwSignal::new(form.own_may);
    let (other_suggested, own_suggested) = (RwSignal::new(false), RwSignal::new(false));
    #[cfg(feature = "hydrate")]
    let sides = [Awake::new(&OTHER, other_may, other_suggested), Awake::new(&OWN, own_may, own_suggested)];
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| sides.iter().for_each(Awake::read));
    let on_change = move |event: leptos::web_sys::Event| {
        #[cfg(feature = "hydrate")]
        changed(sides, &event_target::<web_sys::Element>(&event).id());
        #[cfg(not(feature = "hydrate"))]
        let _ = event;
    };
    view! {
        <div class="relation" on:change=on_change>
            <Side
                fields=&OTHER holder=other_name.clone() subject=own_name.clone() standing=other_standing
                state=state.clone() label=form.other_label may=form.other_may now=other_may suggested=other_suggested
            />
            <Side
                fields=&OWN holder=own_name subject=other_name standing=own_standing
                state label=form.own_label may=form.own_may now=own_may suggested=own_suggested
            />
        </div>
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
    /// As the page was made.
    may: Grants,
    /// As ticked at this moment.
    now: RwSignal<Grants>,
    suggested: RwSignal<bool>,
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
    let notes = {
        let (holder, subject) = (holder.clone(), subject.clone());
        move || match now.get() {
            may if may.any() => view! { <RestingNotice holder=holder.clone() standing may/> }.into_any(),
            _ => {
                let words = format!(
                    "Nothing is granted while nothing is ticked: {holder} can neither do nor see anything of {subject}’s."
                );
                view! { <p class="hint">{words}</p> }.into_any()
            }
        }
    };
    view! {
        <section class="relation-side">
            <h2>{heading.clone()}</h2>
            <SelectField
                field=fields.label label=format!("{holder} is {subject}’s") options value=label state
                hint="A word for people to read. It grants nothing: only the ticks below do."
            />
            <div role="status">
                {move || suggested.get().then(|| view! {
                    <p class="hint">"Suggested from the other side. Change it if it is not right."</p>
                })}
            </div>
            <fieldset class="group">
                <legend class="sr-only">{heading}</legend>
                {checks}
            </fieldset>
            <div role="status">{notes}</div>
        </section>
    }
}

/// One side in the browser, read from its inputs.
#[cfg(feature = "hydrate")]
#[derive(Clone, Copy)]
struct Awake {
    fields: &'static Fields,
    may: RwSignal<Grants>,
    /// The label was chosen by us.
    suggested: RwSignal<bool>,
    /// The label was chosen by a person, now or earlier.
    touched: StoredValue<bool>,
}

/// A person has changed the input with this id.
#[cfg(feature = "hydrate")]
fn changed(sides: [Awake; 2], id: &str) {
    let [other, own] = &sides;
    for (this, that) in [(other, own), (own, other)] {
        if id == crate::ui::field_id(this.fields.label) {
            this.labelled(that);
        }
        this.read();
    }
}

#[cfg(feature = "hydrate")]
impl Awake {
    fn new(fields: &'static Fields, may: RwSignal<Grants>, suggested: RwSignal<bool>) -> Awake {
        Awake { fields, may, suggested, touched: StoredValue::new(false) }
    }

    fn input<T: wasm_bindgen::JsCast>(field: &str) -> Option<T> {
        use wasm_bindgen::JsCast;
        document().get_element_by_id(&crate::ui::field_id(field))?.dyn_into().ok()
    }

    fn label(&self) -> Option<web_sys::HtmlSelectElement> {
        Self::input(self.fields.label)
    }

    fn read(&self) {
        let ticked = |field| Self::input::<web_sys::HtmlInputElement>(field).is_some_and(|input| input.checked());
        let may = self.fields.grants(ticked);
        if self.may.get_untracked() != may {
            self.may.set(may);
        }
        if !self.suggested.get_untracked() && self.label().is_some_and(|select| !select.value().is_empty()) {
            self.touched.set_value(true);
        }
    }

    /// A person has chosen this side's label: suggest the other one's.
    fn labelled(&self, that: &Awake) {
        self.suggested.set(false);
        self.touched.set_value(true);
        let chosen = self.label().and_then(|select| select.value().parse::<Label>().ok());
        if let (Some(label), Some(select), false) = (chosen, that.label(), that.touched.get_value()) {
            select.set_value(label.suggested_reverse().as_str());
            that.suggested.set(true);
        }
    }
}
