//! The page of the practice's answers, and the panel of a client's exceptions.

use super::{SAVE, SAVE_DETAILS, SET};
use crate::ui::page::{Page, Shown, page};
use crate::ui::{FormState, PostForm};
use db::authz::ReadableClient;
use db::permissions::{ClientPermission, SettingView};
use db::time::Zone;
use leptos::prelude::*;
use shared::ClientNumber;
use shared::permissions::{Detail, DetailSetting, Setting, pair};

const HERE: &str = "/settings/permissions";

/// A row for each permission.
#[component]
pub fn PermissionsPage() -> impl IntoView {
    page(|page| async move {
        let rows = db::permissions::settings(page.pool(), &page.actor).await?;
        let details = db::permissions::details(page.pool(), &page.actor).await?;
        let may_change = page.actor.administrator().is_ok();
        let word = page.practice.client_word.clone();
        let state = FormState::of(SAVE);
        let body = rows.iter().map(|row| setting_row(row, &state, may_change, &page)).collect_view();
        let seen = rows.iter().map(|row| {
            view! { <input type="hidden" name="form[seen][]" value=pair(row.permission, row.setting)/> }
        });
        let seen = seen.collect_view();
        Ok(Shown::new(
            "Portal permissions",
            view! {
                <div class="page-head"><div><a class="back" href="/settings">"Settings"</a><h1>"Portal permissions"</h1>
                    <p class="sub">{format!("What every {word} can see and do in the portal. You can make exceptions on each profile; “Never” overrides them. A linked person can do no more for them than this.")}</p>
                </div></div>
                <PostForm action=SAVE page=HERE state=state.clone()>
                    {may_change.then_some(seen)}
                    <div class="panel flush"><table class="table cards">
                        <thead><tr><th scope="col">"Permission"</th><th scope="col">"Setting"</th><th scope="col">"Exceptions"</th></tr></thead>
                        <tbody>{body}</tbody>
                    </table></div>
                    {may_change.then(|| view! { <div class="form-actions"><button type="submit" class="button primary">"Save"</button></div> })}
                </PostForm>
                {details_form(&details, may_change)}
                {(!may_change).then(|| view! { <p class="hint">"Only administrators can change these settings."</p> })}
            },
        ))
    })
}

fn setting_row(row: &SettingView, state: &FormState, may_change: bool, page: &Page) -> AnyView {
    let (permission, stored) = (row.permission, row.setting);
    let id = format!("permission-{}", permission.as_str().replace('_', "-"));
    let (label, hint) = (permission.label(), permission.hint());
    let exceptions = match row.exceptions {
        0 => "None".to_owned(),
        1 => format!("1 {}", page.practice.client_word),
        many => format!("{many} {}", page.practice.client_word_plural),
    };
    let answer = match may_change {
        false => stored.label().into_any(),
        true => {
            let options = Setting::ALL.iter().map(|setting| {
                let value = pair(permission, *setting);
                let selected = state.includes("settings", &value, *setting == stored);
                view! { <option value=value selected=selected>{setting.label()}</option> }
            });
            let options = options.collect_view();
            let now = saved_now(state, "settings", &pair(permission, stored), stored.label());
            view! { <select id=id.clone() name="form[settings][]" aria-describedby=format!("{id}-hint")>{options}</select>{now} }
            .into_any()
        }
    };
    let name = match may_change {
        true => view! { <label for=id.clone()>{label}</label> }.into_any(),
        false => label.into_any(),
    };
    view! {
        <tr>
            <th scope="row">{name}<p class="hint" id=format!("{id}-hint")>{hint}</p></th>
            <td data-label="Setting">{answer}</td>
            <td data-label="Exceptions">{exceptions}</td>
        </tr>
    }
    .into_any()
}

/// Beside what was chosen here: what someone else has saved meanwhile, where that is another.
fn saved_now(state: &FormState, field: &str, stored: &str, label: &'static str) -> Option<AnyView> {
    let other = state.is_stale() && !state.includes(field, stored, true);
    other.then(|| view! { <p class="hint">"Saved now: "{label}</p> }.into_any())
}

/// What is seen and edited of one's own record.
fn details_form(rows: &[(Detail, DetailSetting)], may_change: bool) -> AnyView {
    let state = FormState::of(SAVE_DETAILS);
    let seen = rows.iter().map(|(detail, setting)| {
        view! { <input type="hidden" name="form[seen][]" value=format!("{}:{}", detail.as_str(), setting.as_str())/> }
    });
    let seen = may_change.then(|| seen.collect_view());
    let row = |(detail, stored): &(Detail, DetailSetting)| {
        let id = format!("detail-{}", detail.as_str().replace('_', "-"));
        let (name, answer) = match may_change {
            false => (detail.label().into_any(), stored.label().into_any()),
            true => {
                let options = DetailSetting::ALL.iter().map(|setting| {
                    let value = format!("{}:{}", detail.as_str(), setting.as_str());
                    let selected = state.includes("details", &value, setting == stored);
                    view! { <option value=value selected=selected>{setting.label()}</option> }
                });
                let options = options.collect_view();
                let value = format!("{}:{}", detail.as_str(), stored.as_str());
                let now = saved_now(&state, "details", &value, stored.label());
                (
                    view! { <label for=id.clone()>{detail.label()}</label> }.into_any(),
                    view! { <select id=id name="form[details][]">{options}</select>{now} }.into_any(),
                )
            }
        };
        view! { <tr><th scope="row">{name}</th><td data-label="Setting">{answer}</td></tr> }
    };
    let body = rows.iter().map(row).collect_view();
    view! {
        <section class="stack" aria-labelledby="details">
            <h2 id="details">"Own details"</h2>
            <p class="muted">"What they see of their own record, and what they can edit with the permission “Edit contact details”. Linked people see none of it."</p>
            <PostForm action=SAVE_DETAILS page=HERE state=state.clone()>
                {seen}
                <div class="panel flush"><table class="table cards">
                    <thead><tr><th scope="col">"Detail"</th><th scope="col">"Setting"</th></tr></thead>
                    <tbody>{body}</tbody>
                </table></div>
                {may_change.then(|| view! { <div class="form-actions"><button type="submit" class="button primary">"Save own details"</button></div> })}
            </PostForm>
        </section>
    }
    .into_any()
}

/// On the profile: the client's exceptions, who made them and when, and the way back to the
/// practice's answer.
pub async fn panel(
    page: &Page,
    conn: &mut db::PgConnection,
    client: &ReadableClient,
    number: ClientNumber,
) -> db::Result<AnyView> {
    let all = db::permissions::of_client(conn, client).await?;
    let zone = Zone::stored(&page.practice.zone);
    let front_desk = page.actor.front_desk().is_ok();
    let here = format!("/clients/{number}");
    let exceptions: Vec<_> = all.iter().filter(|one| one.exception.is_some()).collect();
    let none = exceptions.is_empty();
    let list = exceptions.into_iter().map(|one| exception(one, &zone, &here, number, front_desk)).collect_view();
    let add = front_desk.then(|| add(&all, &here, number));
    Ok(view! {
        <section class="panel" aria-labelledby="permissions">
            <div class="panel-head"><h2 id="permissions">"Portal permissions"</h2></div>
            {match none {
                true => view! { <p class="muted">"As set for the practice. No exceptions."</p> }.into_any(),
                false => view! { <ul class="list">{list}</ul> }.into_any(),
            }}
            {add}
        </section>
    }
    .into_any())
}

fn exception(one: &ClientPermission, zone: &Zone, here: &str, number: ClientNumber, front_desk: bool) -> AnyView {
    let label = one.permission.label();
    let answer = if one.exception == Some(true) { "Allowed" } else { "Denied" };
    let rests = one.exception == Some(true) && !one.allows();
    let set = one.set_at.map(|at| {
        let by = one.set_by.clone().unwrap_or_default();
        view! { <span class="muted small">{format!("Set by {by}, ")}<time datetime=at.to_rfc3339()>{zone.long_date(at)}</time></span> }
    });
    let back = front_desk.then(|| {
        view! {
            <form method="post" action=SET data-once="">
                <input type="hidden" name="_page" value=here.to_owned()/>
                <input type="hidden" name="number" value=number.to_string()/>
                <input type="hidden" name="form[permission]" value=one.permission.as_str()/>
                <input type="hidden" name="form[answer]" value="practice"/>
                <button type="submit" class="button small">"Use the practice’s setting"<span class="sr-only">" for: "{label}</span></button>
            </form>
        }
    });
    view! {
        <li class="stack tight">
            <span>{label}": "<strong>{answer}</strong></span>
            {rests.then(|| view! { <span class="small">"Has no effect: the practice’s setting is “Never”."</span> })}
            {set}
            {back}
        </li>
    }
    .into_any()
}

fn add(all: &[ClientPermission], here: &str, number: ClientNumber) -> AnyView {
    let state = FormState::of(SET);
    let chosen = state.value("permission", "");
    let options = all.iter().filter(|one| one.setting != Setting::Never).map(|one| {
        let now = if one.allows() { "on" } else { "off" };
        let (value, words) = (one.permission.as_str(), format!("{} (now {now})", one.permission.label()));
        view! { <option value=value selected=value == chosen>{words}</option> }
    });
    let options = options.collect_view();
    let open = state.was_posted();
    view! {
        <details class="section" open=open>
            <summary>"Make an exception"</summary>
            <PostForm action=SET page=here.to_owned() state=state.clone()>
                <input type="hidden" name="number" value=number.to_string()/>
                <div class="field">
                    <label for="permission">"Permission"</label>
                    <select id="permission" name="form[permission]">{options}</select>
                </div>
                <div class="form-actions">
                    <button type="submit" class="button small" name="form[answer]" value="allow">"Allow"</button>
                    <button type="submit" class="button small" name="form[answer]" value="deny">"Deny"</button>
                </div>
            </PostForm>
        </details>
    }
    .into_any()
}
