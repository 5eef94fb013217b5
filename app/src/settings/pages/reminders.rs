//! When clients are reminded of their appointments.

use super::version_input;
use crate::ui::page::{Shown, page};
use crate::ui::{ErrorSummary, FormState, PostForm, TextField};
use leptos::prelude::*;
use shared::reminders::ReminderRule;

const ADD: &str = "/fn/settings/add_reminder";
const REMOVE: &str = "/fn/settings/remove_reminder";
const QUIET: &str = "/fn/settings/save_quiet";
const HERE: &str = "/settings/reminders";

#[component]
pub fn RemindersPage() -> impl IntoView {
    page(|page| async move {
        let (state, refused, quiet) = (FormState::of(ADD), FormState::of(REMOVE), FormState::of(QUIET));
        let rules = db::messages::reminders::list(page.pool(), &page.actor).await?;
        let minutes = db::messages::quiet_minutes(page.pool()).await?;
        let quiet = wait(quiet, minutes, page.practice.version);
        let word = page.practice.client_word_plural.clone();
        let list = if rules.is_empty() {
            view! {
                <div class="panel empty"><h2>"No reminders"</h2>
                    <p>{format!("No {word} are reminded of their appointments. Add a rule here.")}</p></div>
            }
            .into_any()
        } else {
            table(rules)
        };
        Ok(Shown::new(
            "Reminders",
            view! {
                <div class="page-head"><div><a class="back" href="/settings">"Settings"</a><h1>"Reminders"</h1>
                    <p class="sub">"Emails before an appointment, to everyone who gets its confirmation. None is sent at night: it comes earlier, between 8 am and 8 pm."</p>
                </div></div>
                <div class="split">
                    <div class="stack"><ErrorSummary state=refused/>{list}</div>
                    <div class="stack">{add(state)}{quiet}</div>
                </div>
            },
        ))
    })
}

fn table(rules: Vec<ReminderRule>) -> AnyView {
    let row = |rule: ReminderRule| {
        let words = rule.when.to_string();
        view! {
            <tr>
                <th scope="row">{words.clone()}</th>
                <td class="actions">
                    <form method="post" action=REMOVE data-once="">
                        <input type="hidden" name="_page" value=HERE/>
                        <input type="hidden" name="id" value=rule.id.to_string()/>
                        <button type="submit" class="button small">"Remove"<span class="sr-only">": "{words}</span></button>
                    </form>
                </td>
            </tr>
        }
    };
    view! {
        <div class="panel flush"><table class="table cards">
            <thead><tr><th scope="col">"When"</th><th scope="col"><span class="sr-only">"Remove"</span></th></tr></thead>
            <tbody>{rules.into_iter().map(row).collect_view()}</tbody>
        </table></div>
    }
    .into_any()
}

fn wait(state: FormState, minutes: i16, version: i32) -> AnyView {
    let version = version_input(&state, version);
    view! {
        <section class="panel" aria-labelledby="quiet">
            <h2 id="quiet">"Changes by staff"</h2>
            <PostForm action=QUIET page=HERE state=state.clone()>
                {version}
                <TextField field="minutes" label="Minutes to wait before emailing" state inputmode="numeric" class="short"
                    value=minutes.to_string() required=true
                    hint="0 to 15. Another change meanwhile is told in the same email, and what is undone in none."/>
                <div class="form-actions"><button type="submit" class="button">"Save"</button></div>
            </PostForm>
        </section>
    }
    .into_any()
}

fn add(state: FormState) -> AnyView {
    let chosen = state.value("kind", "hours_before");
    let kinds = [("hours_before", "Hours before"), ("day_before", "The day before, at a time")];
    let kinds = kinds.map(|(value, words)| {
        let checked = value == chosen;
        view! { <label class="check"><input type="radio" name="form[kind]" value=value checked=checked/><span>{words}</span></label> }
    });
    view! {
        <section class="panel" aria-labelledby="add-reminder">
            <h2 id="add-reminder">"Add a reminder"</h2>
            <PostForm action=ADD page=HERE state=state.clone()>
                <fieldset class="plain"><legend class="sr-only">"When"</legend>{kinds}</fieldset>
                <TextField field="hours" label="Hours before" state=state.clone() kind="number" hint="1 to 168."/>
                <TextField field="at" label="Time of the day before" state kind="time"/>
                <div class="form-actions"><button type="submit" class="button primary">"Add"</button></div>
            </PostForm>
        </section>
    }
    .into_any()
}
