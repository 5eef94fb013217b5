//! What a client is asked to do next. Each feature adds its own part to [`todo`].

use crate::actor::ClientActor;
use crate::practice::practice_zone;
use crate::{Result, appointments, clients, requests, waitlist};
use shared::portal::{TodoItem, TodoKind};
use shared::requests::{RequestKind, RequestState};
use sqlx::PgPool;

/// Everything to do, what is due first first.
pub async fn todo(pool: &PgPool, me: &ClientActor) -> Result<Vec<TodoItem>> {
    let mut items = offers(pool, me).await?;
    items.extend(hold(pool, me).await?);
    items.extend(address(pool, me).await?);
    items.extend(consents(pool, me).await?);
    items.extend(requested(pool, me).await?);
    // What is due soonest first; what has no date, in the order of the kinds.
    items.sort_by_key(|item| (item.due.is_none(), item.due.as_ref().map(|(at, _)| *at)));
    Ok(items)
}

/// What the practice asks of them, and of the people they may fill in forms for.
async fn requested(pool: &PgPool, me: &ClientActor) -> Result<Vec<TodoItem>> {
    let zone = practice_zone(&mut *pool.acquire().await?).await?;
    let open = requests::mine(pool, me).await?.into_iter().filter(|one| one.state == RequestState::Open);
    let item = |one: requests::MyRequest| {
        let is_form = one.kind == RequestKind::Form;
        let end = one.due_on.and_then(|due| due.and_hms_opt(23, 59, 0));
        TodoItem {
            kind: if is_form { TodoKind::Form } else { TodoKind::Request },
            about: one.title,
            for_name: one.for_name,
            due: end.map(|end| (zone.instant(end), zone.name().to_owned())),
            href: format!("/my/{}/{}", if is_form { "forms" } else { "requests" }, one.id),
        }
    };
    Ok(open.map(item).collect())
}

/// Times that are offered to those who wait, and that they may book.
async fn offers(pool: &PgPool, me: &ClientActor) -> Result<Vec<TodoItem>> {
    let zone = appointments::free_times::venue_zone(pool).await?.name().to_owned();
    let waits = waitlist::mine(pool, me).await?;
    let item = |wait: waitlist::MyWait| {
        let offer = wait.offer.filter(|_| wait.may_take)?;
        Some(TodoItem {
            kind: TodoKind::Offer,
            about: wait.service_name,
            for_name: wait.for_name,
            due: Some((offer.lapses_at, zone.clone())),
            href: "/my/appointments#waiting".to_owned(),
        })
    };
    Ok(waits.into_iter().filter_map(item).collect())
}

/// The time that they keep.
async fn hold(pool: &PgPool, me: &ClientActor) -> Result<Option<TodoItem>> {
    let held = appointments::held(pool, me).await?;
    Ok(held.map(|held| TodoItem {
        kind: TodoKind::Hold,
        about: held.service_name,
        for_name: None,
        due: Some((held.until, held.zone)),
        href: "/book".to_owned(),
    }))
}

/// An address of their own that waits for its link to be followed.
async fn address(pool: &PgPool, me: &ClientActor) -> Result<Option<TodoItem>> {
    let pending = sqlx::query_scalar!(
        r#"select l.new_email::text as "email!" from account_link l join account a on a.id = l.account_id
            where a.client_id = $1 and l.kind = 'address' and l.new_email is not null
              and l.used_at is null and l.voided_at is null and l.expires_at > now()
              and not (select code_only from practice)
            order by l.created_at desc limit 1"#,
        me.id().0
    )
    .fetch_optional(pool)
    .await?;
    Ok(pending.map(|email| TodoItem {
        kind: TodoKind::Address,
        about: email,
        for_name: None,
        due: None,
        href: "/account".to_owned(),
    }))
}

/// Consents that are on and that they have not given themselves.
async fn consents(pool: &PgPool, me: &ClientActor) -> Result<Option<TodoItem>> {
    let mut conn = pool.acquire().await?;
    let code_only = sqlx::query_scalar!("select code_only from practice").fetch_one(&mut *conn).await?;
    if code_only || clients::unsaid_consents(&mut conn, me.id()).await?.is_empty() {
        return Ok(None);
    }
    Ok(Some(TodoItem {
        kind: TodoKind::Consents,
        about: String::new(),
        for_name: None,
        due: None,
        href: "/my/details#consents".to_owned(),
    }))
}
