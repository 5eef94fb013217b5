//! Add members to what exists.

use crate::clients::pages::number;
use crate::memberships::ADD;
use crate::memberships::choose::{Choosing, MemberFields, SendsByEnter};
use crate::ui::page::{Shown, page};
use crate::ui::{FormState, PostForm};
use leptos::prelude::*;

#[component]
pub fn AddMembersPage() -> impl IntoView {
    let number = number();
    page(|page| async move {
        let number = number?;
        let state = FormState::of(ADD);
        let (group, members) = {
            let mut conn = page.connection().await?;
            let mut snapshot = db::pool::snapshot(&mut conn).await?;
            let client = db::authz::readable(&mut snapshot, &page.actor, number).await?;
            let group = db::memberships::profile(&mut snapshot, &page.actor, &client).await?;
            (group, db::memberships::members(&mut snapshot, &page.actor, &client).await?)
        };
        let choosing = Choosing::new(&page, &state).await?;
        let state = choosing.labelled(state);
        let key = state.value("request_key", &db::new_id().to_string());
        let names: Vec<String> = members.now.into_iter().map(|member| member.name).collect();
        let unseen = crate::memberships::words::unseen(members.unseen_now).unwrap_or_default();
        let belong = match (names.is_empty(), unseen.is_empty()) {
            (true, true) => "No members yet.".to_owned(),
            (true, false) => unseen,
            (false, _) => format!("Current members: {}. {unseen}", names.join(", ")),
        };
        let (name, profile) = (group.name().to_owned(), format!("/clients/{number}"));
        Ok(Shown::new(
            format!("Add members to {name}"),
            view! {
                <div class="page-head">
                    <div>
                        <a class="back" href=profile.clone()>{name.clone()}</a>
                        <h1>{format!("Add members to {name}")}</h1>
                        <p class="sub">{belong}</p>
                    </div>
                </div>
                <PostForm action=ADD page=page.here.clone() state=state.clone() class="form panel" long=true>
                    <SendsByEnter/>
                    <input type="hidden" name="number" value=number.to_string()/>
                    <input type="hidden" name="form[request_key]" value=key/>
                    <MemberFields state choosing/>
                    <div class="form-actions">
                        <button type="submit" class="button primary">"Add members"</button>
                        <a class="button quiet" href=profile>"Cancel"</a>
                    </div>
                </PostForm>
            },
        )
        .narrow())
    })
}
