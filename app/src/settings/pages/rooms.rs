//! Rooms: where in a location appointments are held.

use super::arranged::{Entry, List, arranged, not_set, retired};
use super::{key_input, saved_now, version_input};
use crate::context::query;
use crate::ui::page::{Shown, page};
use crate::ui::{FormState, PostForm, SelectField, TextField};
use db::practice::Location;
use db::practice::rooms::Room;
use leptos::prelude::*;

const SAVE: &str = "/fn/settings/save_room";
const SET_ACTIVE: &str = "/fn/settings/set_room_active";
const HERE: &str = "/settings/rooms";
const KEPT: &str = "Archived. Existing appointments keep it.";

#[component]
pub fn RoomsPage() -> impl IntoView {
    page(|page| async move {
        let (edit, state) = (query("edit"), FormState::of(SAVE));
        let may_save = page.actor.administrator().is_ok();
        let list = List { page: HERE.to_owned(), place: None, set_active: SET_ACTIVE, may_save };
        let refused = not_set(&list);
        let rooms = db::practice::rooms::list(page.pool(), &page.actor).await?;
        let places = db::practice::locations(page.pool()).await?;
        let stored = rooms.iter().find(|room| room.id.to_string() == edit).cloned();
        let (active, gone): (Vec<_>, Vec<_>) = rooms.into_iter().partition(|room| room.active);
        let several = places.len() > 1;
        let entries = |rooms: Vec<Room>| rooms.into_iter().map(|room| entry(room, several)).collect::<Vec<_>>();
        let table = if active.is_empty() {
            let words = "Add the rooms that appointments share.";
            view! { <div class="panel empty"><h2>"No rooms yet"</h2><p>{words}</p></div> }.into_any()
        } else {
            view! { <div class="panel flush">{arranged(&list, entries(active))}</div> }.into_any()
        };
        let aside = match may_save {
            true => form(state, stored, places),
            false => view! { <p class="notice info">"Only administrators change rooms."</p> }.into_any(),
        };
        Ok(Shown::new(
            "Rooms",
            view! {
                <div class="page-head">
                    <div><a class="back" href="/settings">"Settings"</a><h1>"Rooms"</h1>
                        <p class="sub">"A room holds one appointment at a time. Choose the rooms of a service under Services."</p></div>
                </div>
                <div class="split">
                    <div class="stack">{refused}{table}{retired(&list, entries(gone), KEPT)}</div>
                    {aside}
                </div>
            },
        ))
    })
}

fn entry(room: Room, several: bool) -> Entry {
    let booked = match room.upcoming {
        0 => String::new(),
        1 => "1 upcoming appointment".to_owned(),
        count => format!("{count} upcoming appointments"),
    };
    Entry {
        id: room.id.to_string(),
        change: format!("{HERE}?edit={}#change", room.id),
        notes: vec![if several { room.location } else { String::new() }, booked],
        label: room.name,
    }
}

fn form(state: FormState, stored: Option<Room>, places: Vec<Location>) -> AnyView {
    let id = stored.as_ref().map(|room| room.id.to_string()).unwrap_or_default();
    let (title, here) = match &stored {
        Some(room) => (format!("Edit “{}”", room.name), format!("{HERE}?edit={id}")),
        None => ("Add a room".to_owned(), HERE.to_owned()),
    };
    let beside = stored.as_ref().and_then(|room| saved_now(&state, &here, vec![("Name", room.name.clone())]));
    let hidden = match &stored {
        Some(room) => version_input(&state, room.version).into_any(),
        None => key_input(&state).into_any(),
    };
    let cancel = stored.is_some().then(|| view! { <a class="button quiet" href=HERE>"Cancel"</a> });
    let name = stored.as_ref().map(|room| room.name.clone()).unwrap_or_default();
    let place = match stored {
        // A room does not move: appointments are in it.
        Some(room) => view! { <p class="hint">{format!("At {}.", room.location)}</p> }.into_any(),
        None => {
            let options: Vec<_> = places.into_iter().map(|place| (place.id.to_string(), place.name)).collect();
            view! { <SelectField field="location" label="Location" state=state.clone() options/> }.into_any()
        }
    };
    view! {
        <div class="stack" id="change">
            {beside}
            <section class="panel" aria-labelledby="change-title">
                <h2 id="change-title">{title}</h2>
                <PostForm action=SAVE page=here state=state.clone()>
                    <input type="hidden" name="id" value=id/>
                    {hidden}
                    <TextField field="name" label="Name" state=state.clone() value=name required=true/>
                    {place}
                    <div class="form-actions"><button class="button primary" type="submit">"Save"</button>{cancel}</div>
                </PostForm>
            </section>
        </div>
    }
    .into_any()
}
