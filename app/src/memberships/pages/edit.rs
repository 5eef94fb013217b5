//! Edit a couple, family or group: its kind too, if nothing stands in the way.

use crate::error::AppError;
use crate::memberships::SAVE;
use crate::memberships::form::{Fields, GroupFields, differences};
use crate::memberships::words::{KindChoice, date};
use crate::ui::page::{Page, Shown};
use crate::ui::{FormState, PostForm, stale};
use leptos::prelude::*;
use shared::clients::Kind;
use shared::{ClientNumber, Problem};

pub async fn edit(page: &Page, number: ClientNumber) -> Result<Shown, AppError> {
    let state = FormState::of(SAVE);
    let group = {
        let mut conn = page.connection().await?;
        let client = db::authz::readable(&mut conn, &page.actor, number).await?;
        db::memberships::profile(&mut conn, &page.actor, &client).await?
    };
    let obstacles = db::memberships::obstacles(page.pool(), &page.actor, number).await?;
    let fields = Fields::editing(page).await?.keeping(&group);
    let stored = group.form();
    let state = if state.is_stale() { stale::merged(state, &stored) } else { state };
    let overtaken = state.is_stale().then(|| differences(&state, &group));
    // Saving again after a stale save means: over what is stored now.
    let version = if overtaken.is_some() { stored.version.clone() } else { state.value("version", &stored.version) };
    let profile = format!("/clients/{number}");
    let title = format!("Edit {}", group.name());
    let in_the_way = |(kind, problems): (Kind, Vec<Problem>)| {
        let words: Vec<String> = problems.iter().map(words).collect();
        (kind, format!("Not now: {}.", words.join(", and ")))
    };
    let notes = obstacles.into_iter().map(in_the_way).collect::<Vec<_>>();
    Ok(Shown::new(
        title.clone(),
        view! {
            <div class="page-head">
                <div><a class="back" href=profile.clone()>{group.name().to_owned()}</a><h1>{title}</h1></div>
            </div>
            {overtaken.map(|fields| stale::stored_version(fields, profile.clone()))}
            <PostForm action=SAVE page=page.here.clone() state=state.clone() class="form panel" long=true>
                <input type="hidden" name="number" value=number.to_string()/>
                <input type="hidden" name="form[version]" value=version autocomplete="off"/>
                {stale::original(&state, &stored)}
                <KindChoice state=state.clone() stored=Some(group.kind) notes/>
                <GroupFields state stored fields/>
                <div class="form-actions">
                    <button type="submit" class="button primary">"Save"</button>
                    <a class="button quiet" href=profile>"Cancel"</a>
                </div>
            </PostForm>
        },
    )
    .narrow())
}

/// What stands in the way of a kind, in a few words.
fn words(problem: &Problem) -> String {
    match problem {
        Problem::CoupleFull { day } => format!("three members on {}", date(*day)),
        Problem::CodeLength { max } => format!("its code has more than {max} characters"),
        other => other.to_string(),
    }
}
