//! Locations: where the practice works.

use super::arranged::{Entry, KEPT, List, arranged, not_set, retired};
use super::{clients, key_input, saved_now, version_input, zone_field};
use crate::context::query;
use crate::ui::page::{Page, Shown, page};
use crate::ui::{ErrorSummary, FormState, PostForm, TextArea, TextField};
use db::practice::{Location, LocationUse};
use leptos::prelude::*;

const SAVE: &str = "/fn/settings/save_location";
const SET_ACTIVE: &str = "/fn/settings/set_location_active";
const SET_MAIN: &str = "/fn/settings/set_main_location";
const HERE: &str = "/settings/locations";

#[component]
pub fn LocationsPage() -> impl IntoView {
    page(|page| async move {
        let (edit, state, main) = (query("edit"), FormState::of(SAVE), FormState::of(SET_MAIN));
        let may_save = page.actor.administrator().is_ok();
        let list = List { page: HERE.to_owned(), place: None, set_active: SET_ACTIVE, may_save };
        let refused = not_set(&list);
        let locations = db::practice::list_locations(page.pool(), &page.actor).await?;
        let stored = locations.iter().find(|used| used.location.id.to_string() == edit).cloned();
        let (active, gone): (Vec<_>, Vec<_>) = locations.into_iter().partition(|used| used.active);
        let entries =
            |locations: Vec<LocationUse>| locations.into_iter().map(|one| entry(one, &page)).collect::<Vec<_>>();
        let table = match active.is_empty() {
            true => {
                let words = format!("Add the place where you see {}.", page.practice.client_word_plural);
                view! { <div class="panel empty"><h2>"No locations yet"</h2><p>{words}</p></div> }.into_any()
            }
            false => view! { <div class="panel flush">{arranged(&list, entries(active))}</div> }.into_any(),
        };
        let aside = match may_save {
            true => form(&page, state, stored),
            false => view! { <p class="notice info">"Only administrators change locations."</p> }.into_any(),
        };
        let add = may_save.then(|| view! { <a class="button" href="#change">"Add a location"</a> });
        Ok(Shown::new(
            "Locations",
            view! {
                <div class="page-head">
                    <div><a class="back" href="/settings">"Settings"</a><h1>"Locations"</h1>
                        <p class="sub">"Appointments take place at the main location. Others can be set as a treatment location."</p></div>
                    <div class="actions">{add}</div>
                </div>
                <div class="split">
                    <div class="stack"><ErrorSummary state=main/>{refused}{table}{retired(&list, entries(gone), KEPT)}</div>
                    {aside}
                </div>
            },
        ))
    })
}

fn entry(used: LocationUse, page: &Page) -> Entry {
    let place = used.location;
    let main = if used.main { "Appointments are held here" } else { "" };
    Entry {
        id: place.id.to_string(),
        change: format!("{HERE}?edit={}#change", place.id),
        notes: vec![
            main.to_owned(),
            place.address.replace('\n', ", "),
            place.zone.replace('_', " "),
            clients(used.clients, &page.practice),
        ],
        label: place.name,
    }
}

fn form(page: &Page, state: FormState, stored: Option<LocationUse>) -> AnyView {
    let place = stored.as_ref().map(|used| used.location.clone());
    let id = place.as_ref().map(|place| place.id.to_string()).unwrap_or_default();
    let (title, here) = match &place {
        Some(place) => (format!("Edit “{}”", place.name), format!("{HERE}?edit={id}")),
        None => ("Add a location".to_owned(), HERE.to_owned()),
    };
    let beside = place.as_ref().and_then(|place| saved_now(&state, &here, facts(place)));
    let hidden = match &stored {
        Some(used) => version_input(&state, used.version).into_any(),
        None => key_input(&state).into_any(),
    };
    let cancel = stored.is_some().then(|| view! { <a class="button quiet" href=HERE>"Cancel"</a> });
    let main = stored.filter(|used| used.active && !used.main).map(|used| hold_here(used.location));
    let zone = place.as_ref().map_or_else(|| page.practice.zone.clone(), |place| place.zone.clone());
    let (name, address) = place.map(|place| (place.name, place.address)).unwrap_or_default();
    view! {
        <div class="stack" id="change">
            {beside}
            <section class="panel" aria-labelledby="change-title">
                <h2 id="change-title">{title}</h2>
                <PostForm action=SAVE page=here state=state.clone()>
                    <input type="hidden" name="id" value=id/>
                    {hidden}
                    <TextField field="name" label="Name" state=state.clone() value=name required=true/>
                    <TextArea field="address" label="Address" state=state.clone() value=address rows=3 optional=true/>
                    {zone_field(&state, &zone, "Existing appointments keep their time zone.")}
                    <div class="form-actions"><button class="button primary" type="submit">"Save"</button>{cancel}</div>
                </PostForm>
            </section>
            {main}
        </div>
    }
    .into_any()
}

fn hold_here(place: Location) -> AnyView {
    view! {
        <section class="panel" aria-labelledby="main-title">
            <h2 id="main-title">"Hold appointments here"</h2>
            <p>
                "Makes this the main location. New appointments and working hours use it. \
                 Existing appointments don’t move."
            </p>
            <PostForm action=SET_MAIN page=HERE state=FormState::default() class="row">
                <input type="hidden" name="id" value=place.id.to_string()/>
                <button class="button" type="submit">{format!("Hold appointments at “{}”", place.name)}</button>
            </PostForm>
        </section>
    }
    .into_any()
}

fn facts(place: &Location) -> Vec<(&'static str, String)> {
    vec![("Name", place.name.clone()), ("Address", place.address.clone()), ("Time zone", place.zone.replace('_', " "))]
}
