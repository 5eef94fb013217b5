//! On a profile: the members of a couple, family or group, now and past; and
//! what an individual belongs to.

use super::words::{kind, period, unseen};
use super::{COME_BACK, END};
use crate::error::AppError;
use crate::ui::page::Page;
use crate::ui::parts::{Avatar, StatusBadge};
use crate::ui::{FormState, capital};
use db::PgConnection;
use db::authz::ReadableClient;
use leptos::prelude::*;
use shared::clients::Status;
use shared::memberships::{Belonging, GroupMembers, MemberLink, MemberRow};
use shared::{ClientNumber, Refusal};

/// The number of members shown of a group; the rest unfold.
const FOLDED_FROM: usize = 25;
const SHOWN: usize = 20;

/// A member's row of buttons.
#[derive(Clone)]
struct Row {
    group: ClientNumber,
    here: String,
    may_change: bool,
}

/// Who belongs, and who has belonged.
pub async fn members_panel(
    page: &Page,
    conn: &mut PgConnection,
    client: &ReadableClient,
    number: ClientNumber,
    may_change: bool,
) -> Result<AnyView, AppError> {
    let GroupMembers { now, past, unseen_now, unseen_past, links } =
        db::memberships::members(conn, &page.actor, client).await?;
    let row = Row { group: number, here: format!("/clients/{number}"), may_change };
    let plural = page.practice.client_word_plural.clone();
    let add = format!("/clients/{number}/members/new");
    let present: Vec<_> = now.iter().map(|member| member.client).collect();
    let is_empty = now.is_empty() && unseen_now == 0;
    let size = now.len() as u32 + unseen_now;
    let mut rows: Vec<AnyView> = now.into_iter().map(|member| current(&row, member, &links)).collect();
    // What else there is to say of the group should not stand below a long list.
    let rest = if rows.len() > FOLDED_FROM { rows.split_off(SHOWN) } else { Vec::new() };
    let rest = (!rest.is_empty()).then(|| {
        let words = format!("{} more members", rest.len());
        view! { <details class="section"><summary>{words}</summary><ul class="list" aria-label="More members">{rest}</ul></details> }
    });
    let has_past = !past.is_empty() || unseen_past > 0;
    let past = past.into_iter().map(|member| {
        let may_return = !member.erased && !present.contains(&member.client);
        former(&row, member, may_return)
    });
    let past = past.collect_view();
    Ok(view! {
        <section class="panel" aria-labelledby="members">
            <div class="panel-head">
                <h2 id="members">"Members "<span class="count">{size}</span></h2>
                {may_change.then(|| view! { <div class="actions"><a class="button small" href=add.clone()>"Add members"</a></div> })}
            </div>
            {[END, COME_BACK].map(|action| refused(&FormState::of(action)))}
            {(is_empty && !may_change).then(|| view! { <p class="muted">"No current members."</p> })}
            {(is_empty && may_change).then(|| view! {
                <div class="empty">
                    <h3>"No current members"</h3>
                    <p>{format!("Add {plural} as they join. Past members stay listed below and in reports.")}</p>
                    <a class="button" href=add>"Add members"</a>
                </div>
            })}
            <ul class="list" aria-label="Members">{rows}</ul>
            {rest}
            {unseen(unseen_now).map(|words| view! { <p class="muted small">{words}</p> })}
            {has_past.then(|| view! {
                <details class="section" open=true>
                    <summary>"Past members"</summary>
                    <ul class="list" aria-label="Past members">{past}</ul>
                    {unseen(unseen_past).map(|words| view! { <p class="muted small">{words}</p> })}
                </details>
            })}
        </section>
    }
    .into_any())
}

fn current(row: &Row, member: MemberRow, links: &[MemberLink]) -> AnyView {
    let of_member = links.iter().filter(|link| link.from == member.client);
    let relations: Vec<AnyView> = of_member
        .enumerate()
        .map(|(at, link)| {
            let words = format!("{}: ", link.label.label());
            view! { {(at > 0).then_some("· ")}<span class="nowrap">{words}<a href=format!("/clients/{}", link.to_number)>{link.to_name.clone()}</a></span>" " }.into_any()
        })
        .collect();
    let action = button(row, END, &member, "End membership today");
    entry(row, member, action, relations)
}

fn former(row: &Row, member: MemberRow, may_return: bool) -> AnyView {
    let action = if may_return { button(row, COME_BACK, &member, "Rejoin today") } else { ().into_any() };
    entry(row, member, action, Vec::new())
}

fn entry(row: &Row, member: MemberRow, action: AnyView, relations: Vec<AnyView>) -> AnyView {
    let change = format!("/clients/{}/members/{}", row.group, member.membership);
    view! {
        <li>
            <Avatar name=member.name.clone()/>
            <div class="grow">
                <a class="strong" href=format!("/clients/{}", member.number)>{member.name.clone()}</a>
                {(member.code != member.name).then(|| view! { <span class="muted small">" "{member.code}</span> })}" "
                {(member.status != Status::Active).then(|| view! { <StatusBadge status=member.status/> })}
                <p class="small muted">{capital(&period(member.period))}</p>
                {(!relations.is_empty()).then(|| view! { <p class="small muted">{relations}</p> })}
            </div>
            {row.may_change.then(|| view! {
                <div class="actions">
                    {action}
                    <a class="button small quiet" href=change>"Edit"<span class="sr-only">" the membership of "{member.name}</span></a>
                </div>
            })}
        </li>
    }
    .into_any()
}

fn button(row: &Row, action: &'static str, member: &MemberRow, words: &'static str) -> AnyView {
    view! {
        <form method="post" action=action data-once="">
            <input type="hidden" name="_page" value=row.here.clone()/>
            <input type="hidden" name="membership" value=member.membership.to_string()/>
            <button type="submit" class="button small">{words}<span class="sr-only">": "{member.name.clone()}</span></button>
        </form>
    }
    .into_any()
}

/// Why nothing was done, in one sentence.
pub fn refused(state: &FormState) -> Option<AnyView> {
    let words = match state.error()? {
        AppError::Refused(Refusal::Invalid(errors)) => errors.0.first().map(|(_, problem)| problem.to_string())?,
        AppError::Refused(Refusal::Stale) => "Someone else changed this. Here is the current version.".to_owned(),
        other => other.to_string(),
    };
    Some(view! { <p class="notice error" role="alert">{words}</p> }.into_any())
}

/// What an individual belongs and has belonged to.
pub async fn belongs_panel(
    page: &Page,
    conn: &mut PgConnection,
    client: &ReadableClient,
    number: ClientNumber,
    may_change: bool,
) -> Result<AnyView, AppError> {
    let all = db::memberships::belongings(conn, &page.actor, client).await?;
    Ok(belongs(number, all, may_change))
}

fn belongs(number: ClientNumber, all: Vec<Belonging>, may_change: bool) -> AnyView {
    let add = format!("/clients/groups/new?clients={number}");
    let row = |one: Belonging| {
        let change = format!("/clients/{}/members/{}", one.number, one.membership);
        let words = format!("{} · {}", one.kind.label(), period(one.period));
        view! {
            <li>
                <div class="grow">
                    <a class="strong" href=format!("/clients/{}", one.number)>{one.name.clone()}</a>
                    <p class="small muted">{words}</p>
                </div>
                {may_change.then(|| view! {
                    <a class="button small quiet" href=change>"Edit"<span class="sr-only">{format!(" the membership in the {} {}", kind(one.kind), one.name)}</span></a>
                })}
            </li>
        }
    };
    let (now, past): (Vec<_>, Vec<_>) = all.into_iter().partition(|one| one.period.left_on.is_none());
    let none = now.is_empty().then(|| view! { <p class="muted">"Not in a couple, family or group."</p> });
    let has_past = !past.is_empty();
    let past = past.into_iter().map(row).collect_view();
    view! {
        <section class="panel" aria-labelledby="belongs">
            <div class="panel-head">
                <h2 id="belongs">"Member of"</h2>
                {may_change.then(|| view! {
                    <div class="actions"><a class="button small" href=add>"Add"<span class="sr-only">" to a couple, family or group"</span></a></div>
                })}
            </div>
            {none}
            <ul class="list" aria-label="Member of">{now.into_iter().map(row).collect_view()}</ul>
            {has_past.then(|| view! {
                <details class="section">
                    <summary>"Past memberships"</summary>
                    <ul class="list" aria-label="Past memberships">{past}</ul>
                </details>
            })}
        </section>
    }
    .into_any()
}
