//! *People linked to me* in the portal: what each may do for the other, since when and who gave it, in
//! sentences; and what a client lets another do for them.

use crate::links::editor::GrantChecks;
use crate::links::words::{GrantList, title};
use crate::ui::page::{Page, Shown, page};
use crate::ui::{ErrorSummary, FormState, PostForm, TextField};
use db::links::{Entry, Hand, Invitation, Mine};
use db::time::Zone;
use leptos::prelude::*;
use shared::links::{EventKind, Grants, LinkView, Permission};
use shared::{LinkId, Refusal};

const DECIDE: &str = "/fn/links/decide";
const INVITE: &str = "/fn/links/invite";
const REVOKE: &str = "/fn/links/revoke_invitation";

#[component]
pub fn MyPeoplePage() -> impl IntoView {
    page(|page| async move {
        let me = page.actor.client()?.clone();
        let open = db::links::open_invitations(page.pool(), &me).await?;
        let invites = db::links::may_invite(page.pool(), &me).await?;
        let Mine { links, history, decides } = db::links::mine(page.pool(), &me).await?;
        let none = links.is_empty().then(|| {
            view! {
                <div class="empty">
                    <h2>"No one is linked to you"</h2>
                    <p>"Linked people can book for each other or get copies of appointment emails."</p>
                </div>
            }
        });
        let people = links.into_iter().map(|link| person(link, decides)).collect_view();
        Ok(Shown::new(
            "People linked to me",
            view! {
                <div class="page-head">
                    <div>
                        <a class="back" href="/my/details">"My details"</a>
                        <h1>"People linked to me"</h1>
                        <p class="sub">"What each person can do for the other. Only the permissions listed here are given."</p>
                    </div>
                </div>
                {none}
                {people}
                {invitations(&page, open, invites)}
                {(!history.is_empty()).then(|| changes(&page, history))}
                <p class="hint">"Something isn’t right? "{crate::ui::contact::call(&page.practice, "Contact us")}"."</p>
            },
        )
        .narrow())
    })
}

fn person(link: LinkView, decides: bool) -> AnyView {
    let name = link.other_name;
    let (id, heading) = (format!("person-{}", link.id), format!("person-{}", link.id));
    let change = decides.then(|| {
        view! {
            <div class="actions">
                <a class="button small" href=format!("/my/people/{}", link.id)>
                    "Change"<span class="sr-only">{format!(" what {name} can do for you")}</span>
                </a>
            </div>
        }
    });
    view! {
        <section class="panel stack" aria-labelledby=heading>
            <div class="panel-head"><h2 id=id>{name.clone()}</h2>{change}</div>
            <div class="cols-2">
                <GrantList holder=name.clone() subject="you" may=link.other_may level=3/>
                <GrantList holder="You" subject=name may=link.own_may level=3/>
            </div>
        </section>
    }
    .into_any()
}

/// What was asked and is not answered yet, and the form that asks.
fn invitations(page: &Page, open: Vec<Invitation>, invites: bool) -> Option<AnyView> {
    if !invites {
        return None;
    }
    let zone = Zone::stored(&page.practice.zone);
    let (state, revoked) = (FormState::of(INVITE), FormState::of(REVOKE));
    let open: Vec<_> = open
        .into_iter()
        .map(|one| {
            let email = one.email.clone();
            view! {
                <li>
                    <div><p class="strong">{one.email}</p><p class="small muted">{format!("Can be answered until {}", zone.long_date(one.expires_at))}</p></div>
                    <PostForm action=REVOKE page=page.here.clone() state=FormState::default() class="row">
                        <input type="hidden" name="id" value=one.id.to_string()/>
                        <button type="submit" class="button small">"Take back"<span class="sr-only">{format!(" the invitation to {email}")}</span></button>
                    </PostForm>
                </li>
            }
        })
        .collect();
    let list = (!open.is_empty())
        .then(|| view! { <ErrorSummary state=revoked/><ul class="list" aria-label="Open invitations">{open}</ul> });
    Some(
        view! {
            <section class="panel stack" aria-labelledby="invite">
                <h2 id="invite">"Ask someone to be linked"</h2>
                <p class="hint">"We email them a link. They log in, decide what you can do for them, and accept or ignore it."</p>
                {list}
                <PostForm action=INVITE page=page.here.clone() state=state.clone() class="form">
                    <TextField field="email" label="Their email" kind="email" state=state.clone() value=String::new() required=true/>
                    <GrantChecks field="may" legend="What they can do for you" subject="you" may=Grants::default() state/>
                    <div class="form-actions"><button type="submit" class="button">"Send invitation"</button></div>
                </PostForm>
            </section>
        }
        .into_any(),
    )
}

fn changes(page: &Page, history: Vec<Entry>) -> AnyView {
    let zone = Zone::stored(&page.practice.zone);
    let practice = &page.practice.name;
    let entries = history
        .into_iter()
        .map(|entry| {
            let other = &entry.other_name;
            let what = match entry.kind {
                EventKind::Created => format!("You and {other} were linked"),
                EventKind::Changed => "Permissions changed".to_owned(),
                EventKind::Removed => format!("The relationship with {other} was removed"),
                EventKind::Restored => format!("The relationship with {other} was restored"),
                EventKind::Resumed => "Permissions are back: the birth date was corrected".to_owned(),
                EventKind::Suspended => "Permissions ended at coming of age".to_owned(),
            };
            let by = match (entry.kind, entry.by) {
                (EventKind::Suspended | EventKind::Resumed, _) => String::new(),
                (_, Hand::Me) => " by you".to_owned(),
                (_, Hand::Other) => format!(" by {other}"),
                (_, Hand::Practice) => format!(" by {practice}"),
            };
            let when = zone.local(entry.at).format("%-d %b %Y, %-I:%M %P").to_string();
            view! {
                <li>
                    <time datetime=entry.at.to_rfc3339()>{when}</time>
                    <div>
                        {format!("{what}{by}.")}
                        {entry.changes.into_iter().map(|words| view! { <p class="small muted">{words}</p> }).collect_view()}
                    </div>
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="panel" aria-labelledby="history">
            <h2 id="history">"History"</h2>
            <ul class="timeline">{entries}</ul>
        </section>
    }
    .into_any()
}

#[component]
pub fn DecidePage() -> impl IntoView {
    page(|page| async move {
        let me = page.actor.client()?.clone();
        let id: LinkId = leptos_router::hooks::use_params_map()
            .get_untracked()
            .get("id")
            .and_then(|text| text.parse().ok())
            .ok_or(Refusal::NotFound)?;
        let link = db::links::my_link(page.pool(), &me, id).await?;
        let state = FormState::of(DECIDE);
        let stale = state.is_stale();
        let name = link.other_name.clone();
        // Another person's change is shown: the person who saves now has seen it.
        let theirs = stale.then(|| {
            let may = link.other_may;
            let now: Vec<String> = Permission::ALL.iter().filter(|one| may.has(**one)).map(|one| title(*one)).collect();
            let now = if now.is_empty() { "nothing".to_owned() } else { now.join(", ") };
            view! { <p class="notice warn">{format!("This was changed meanwhile. Saved now: {now}. Saving replaces it.")}</p> }
        });
        Ok(Shown::new(
            format!("What {name} can do for you"),
            view! {
                <div class="page-head">
                    <div>
                        <a class="back" href="/my/people">"People linked to me"</a>
                        <h1>{format!("What {name} can do for you")}</h1>
                        <p class="sub">{format!("We’ll email you and {name} about a change.")}</p>
                    </div>
                </div>
                <PostForm action=DECIDE page=page.here.clone() state=state.clone() class="panel form">
                    <input type="hidden" name="link" value=id.to_string()/>
                    <input type="hidden" name="form[version]" value=link.version.to_string()/>
                    {theirs}
                    <GrantChecks field="may" legend=format!("What {name} can do for you") subject="you" may=link.other_may state/>
                    <div class="form-actions">
                        <button class="button primary" type="submit">"Save"</button>
                        <a class="button quiet" href="/my/people">"Cancel"</a>
                    </div>
                </PostForm>
            },
        )
        .narrow())
    })
}
