//! Coming of age: at midnight of the practice, on the day on which someone reaches its age of
//! majority, what those linked to them before might do for them ends. It is announced to both a month
//! before, and both are told. What is granted afterwards stays.
//!
//! The date of birth is asked for each time: when it is corrected, what follows from it is, too.

use super::history::record;
use super::sides::{Pair, Side, Stored, stored};
use super::{unoffer, write};
use crate::accounts::send_claim;
use crate::audit::{self, By};
use crate::time::Zone;
use crate::{Result, messages, new_id, waitlist};
use chrono::{DateTime, Days, NaiveDate, Utc};
use shared::links::{EventKind, Grants, Label};
use shared::{ClientId, ClientNumber, LinkId};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// How long before it is announced.
pub const ANNOUNCED_DAYS: u64 = 30;

/// Does what is due; answers of how many people something was done. Any number of servers may.
pub async fn work(pool: &PgPool, now: DateTime<Utc>) -> Result<usize> {
    let zone = Zone::stored(&sqlx::query_scalar!("select zone from practice").fetch_one(pool).await?);
    let today = zone.date(now);
    let candidates = sqlx::query!(
        r#"select c.id as "id!: ClientId", of_age.day as "day!",
                  (select min(l.created_at) from client_link l where c.id in (l.client_low, l.client_high)) as linked_at
             from practice p
             join client c on c.birth_date between ($1::date - make_interval(years => p.age_of_majority + 1))::date
                                               and ($1 - make_interval(years => p.age_of_majority))::date
            cross join lateral (select of_age_on(c.birth_date, p.age_of_majority) as day) of_age
             left join coming_of_age o on o.client_id = c.id
            where c.erased_at is null and o.done_at is null and of_age.day <= $1
              and (o.announced_at is null or o.on_day <> of_age.day or of_age.day <= $2
                   -- Linked, or given more, after it was announced.
                   or exists (select from client_link_event e where c.id in (e.client_low, e.client_high) and e.at > o.announced_at))
            order by 1"#,
        today + Days::new(ANNOUNCED_DAYS),
        today
    )
    .fetch_all(pool)
    .await?;
    // What an adult agreed to is theirs.
    let linked = candidates.into_iter().filter(|one| one.linked_at.is_some_and(|at| zone.date(at) < one.day));
    let mut due: Vec<ClientId> = linked.map(|one| one.id).collect();
    // What was done, and the date of birth is another now.
    let corrected = sqlx::query_scalar!(
        r#"select c.id as "id: ClientId" from coming_of_age o join client c on c.id = o.client_id
            where o.done_at is not null and c.birth_date is not null and o.birth_date <> c.birth_date
            order by c.id"#
    )
    .fetch_all(pool)
    .await?;
    due.extend(corrected.into_iter().filter(|id| !due.contains(id)).collect::<Vec<_>>());
    let mut done = 0;
    for client in due {
        match once(pool, client, today, &zone).await {
            Ok(acted) => done += usize::from(acted),
            // The next one does not wait for them.
            Err(error) => tracing::error!(%client, %error, "coming of age"),
        }
    }
    Ok(done)
}

async fn once(pool: &PgPool, client: ClientId, today: NaiveDate, zone: &Zone) -> Result<bool> {
    let mut tx = pool.begin().await?;
    let acted = one(&mut tx, client, today, zone).await?;
    if acted {
        tx.commit().await?;
    }
    Ok(acted)
}

/// What is due for one person; their row is locked, so that one server does it.
async fn one(conn: &mut PgConnection, client: ClientId, today: NaiveDate, zone: &Zone) -> Result<bool> {
    sqlx::query!(
        "insert into coming_of_age (client_id, on_day, birth_date)
         select c.id, of_age_on(c.birth_date, p.age_of_majority), c.birth_date from client c cross join practice p
          where c.id = $1 and c.birth_date is not null
         on conflict (client_id) do nothing",
        client.0
    )
    .execute(&mut *conn)
    .await?;
    let row = sqlx::query!(
        r#"select o.on_day, o.announced_at, o.announcements, o.done_at, o.is_late, c.birth_date as "birth_date!",
                  o.birth_date is distinct from c.birth_date as "is_corrected!",
                  exists (select from client_link_event e
                           where c.id in (e.client_low, e.client_high) and e.at > o.announced_at) as "changed_since!",
                  of_age_on(c.birth_date, p.age_of_majority) as "day!"
             from coming_of_age o join client c on c.id = o.client_id cross join practice p
            where o.client_id = $1 and c.birth_date is not null for update of o"#,
        client.0
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else { return Ok(false) };
    let day = row.day;
    let mut announced = row.announced_at.filter(|_| row.on_day == day);
    let (mut done, mut announcements, mut is_late) = (row.done_at, row.announcements, row.is_late);
    // What was done stays done when the practice decides on another age.
    if done.is_some() && !row.is_corrected {
        return Ok(false);
    }
    if day > today && done.take().is_some() {
        // They are not of age after all.
        give_back(&mut *conn, client).await?;
        is_late = false;
    }
    if day <= today && done.is_none() {
        // A day that is seen only when it is long past may have been decided about by hand.
        if announced.is_some() || day + Days::new(1) >= today {
            if end(&mut *conn, client, zone.day(day).starts).await? > 0 {
                send_claim(&mut *conn, client).await?;
            }
        } else {
            is_late = true;
        }
        done = Some(Utc::now());
    } else if day > today && (announced.is_none() || row.changed_since) && day <= today + Days::new(ANNOUNCED_DAYS) {
        // Under the same number those who were told of the link as it is are not told again.
        announcements += i32::from(announced.is_none());
        announce(&mut *conn, client, announcements).await?;
        announced = Some(Utc::now());
    } else if !row.is_corrected && row.on_day == day {
        return Ok(false);
    }
    sqlx::query!(
        "update coming_of_age
            set on_day = $2, announced_at = $3, done_at = $4, birth_date = $5, announcements = $6, is_late = $7
          where client_id = $1",
        client.0,
        day,
        announced,
        done,
        row.birth_date,
        announcements,
        is_late
    )
    .execute(&mut *conn)
    .await?;
    audit::append(conn, By::System, "coming-of-age", "client", client, &["links"]).await?;
    Ok(true)
}

/// A link is back that was gone at midnight: what either side lost then by coming of age ends in it, too.
pub(super) async fn settle(conn: &mut PgConnection, pair: Pair) -> Result<()> {
    for client in [pair.low, pair.high] {
        let day = sqlx::query!(
            "select o.on_day, p.zone from coming_of_age o cross join practice p
              where o.client_id = $1 and o.done_at is not null and not o.is_late",
            client.0
        )
        .fetch_optional(&mut *conn)
        .await?;
        if let Some(day) = day {
            end(&mut *conn, client, Zone::stored(&day.zone).day(day.on_day).starts).await?;
        }
    }
    Ok(())
}

/// A link of someone, and which side is theirs.
struct Tie {
    id: LinkId,
    pair: Pair,
    stored: Stored,
    created_at: DateTime<Utc>,
}

/// All links of someone, locked.
async fn ties(conn: &mut PgConnection, client: ClientId) -> Result<Vec<Tie>> {
    let rows = sqlx::query!(
        r#"select id as "id: LinkId", client_low as "low: ClientId", client_high as "high: ClientId", created_at,
                  low_label as "low_label: Label", high_label as "high_label: Label",
                  low_may_book, low_may_forms, low_gets_copies, low_may_packages,
                  high_may_book, high_may_forms, high_gets_copies, high_may_packages
             from client_link where $1 in (client_low, client_high) order by id for update"#,
        client.0
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Tie {
            id: row.id,
            pair: Pair { low: row.low, high: row.high, own: if row.low == client { Side::Low } else { Side::High } },
            created_at: row.created_at,
            stored: stored!(row),
        })
        .collect())
}

/// Ends what others may do for them by links that no one has decided about since that moment; both
/// are told of each. How many.
async fn end(conn: &mut PgConnection, client: ClientId, midnight: DateTime<Utc>) -> Result<usize> {
    let others = sqlx::query_scalar!(
        r#"select case when client_low = $1 then client_high else client_low end as "id!: ClientId"
             from client_link where $1 in (client_low, client_high) order by id"#,
        client.0
    );
    // Offers before links, as everywhere.
    for other in others.fetch_all(&mut *conn).await? {
        waitlist::lock_between(&mut *conn, client, other).await?;
    }
    let mut ended = 0;
    for tie in ties(&mut *conn, client).await? {
        let mut details = tie.stored.seen_from(tie.pair.own, None);
        if tie.created_at >= midnight || !details.other_may.any() {
            continue;
        }
        let decided = sqlx::query_scalar!(
            r#"select exists (select from client_link_event
                               where client_low = $1 and client_high = $2 and at >= $3
                                 and kind in ('created', 'changed')) as "decided!""#,
            tie.pair.low.0,
            tie.pair.high.0,
            midnight
        );
        if decided.fetch_one(&mut *conn).await? {
            continue;
        }
        details.other_may = Grants::default();
        let wanted = Stored::of(tie.pair.own, &details);
        write(&mut *conn, tie.id, tie.pair, wanted).await?;
        unoffer(&mut *conn, tie.pair, &tie.stored, &wanted).await?;
        let event = record(&mut *conn, By::System, tie.id, EventKind::Suspended).await?;
        messages::queue_link_change(&mut *conn, event).await?;
        ended += 1;
    }
    Ok(ended)
}

/// Gives back what was ended, where no one has decided anything since.
async fn give_back(conn: &mut PgConnection, client: ClientId) -> Result<()> {
    for tie in ties(&mut *conn, client).await? {
        let newest = sqlx::query!(
            r#"select kind as "kind: EventKind",
                      lag(case when kind <> 'removed' then state end) over (order by at, id) as before
                 from client_link_event where client_low = $1 and client_high = $2
                order by at desc, id desc limit 1"#,
            tie.pair.low.0,
            tie.pair.high.0
        )
        .fetch_optional(&mut *conn)
        .await?;
        let before = newest.filter(|event| event.kind == EventKind::Suspended).and_then(|event| event.before);
        let Some(before) = before.and_then(|state| serde_json::from_value::<Stored>(state).ok()) else { continue };
        write(&mut *conn, tie.id, tie.pair, before).await?;
        let event = record(&mut *conn, By::System, tie.id, EventKind::Resumed).await?;
        messages::queue_link_change(&mut *conn, event).await?;
    }
    Ok(())
}

/// Tells both of each link by which others may do something for them.
async fn announce(conn: &mut PgConnection, client: ClientId, number: i32) -> Result<()> {
    let events = sqlx::query_scalar!(
        r#"select (select e.id from client_link_event e
                    where (e.client_low, e.client_high) = (l.client_low, l.client_high)
                    order by e.at desc, e.id desc limit 1) as event
             from client_grant g join client_link l on l.id = g.link_id
            where g.subject = $1 and (g.may_book or g.may_forms or g.gets_copies or g.may_packages)
            order by l.id"#,
        client.0
    )
    .fetch_all(&mut *conn)
    .await?;
    let (ids, events): (Vec<Uuid>, Vec<Uuid>) = events.into_iter().flatten().map(|event| (new_id(), event)).unzip();
    sqlx::query!(
        "insert into message (id, kind, client_id, subject_kind, subject_id, subject_version)
         select id, 'coming_of_age', $4, 'link_event', event, $3
           from unnest($1::uuid[], $2::uuid[]) x (id, event)
         on conflict on constraint message_once do nothing",
        &ids,
        &events,
        number,
        client.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Why the desk has something to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Neither they nor the one who may act for them is told by mail.
    NotTold,
    /// They have no login, and the address on their record may be another person's.
    NotInvited,
    /// They were of age long before that was seen: what others may do for them is to be checked.
    Check,
}

/// Someone who came or comes of age.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    pub id: ClientId,
    pub number: ClientNumber,
    pub name: String,
    pub on_day: NaiveDate,
    /// It has happened.
    pub is_over: bool,
    pub why: Why,
}

/// What the desk has to do themselves, the soonest first. It goes once someone decides about the
/// link, one of them gets an address, or they have a login.
pub async fn tasks(conn: &mut PgConnection) -> Result<Vec<Task>> {
    let rows = sqlx::query!(
        r#"select c.id as "id: ClientId", c.number as "number: ClientNumber", client_name(c) as "name!", t.on_day as "on_day!",
                  t.is_over as "is_over!", t.is_late as "is_late!", t.is_untold as "is_untold!"
             from todo_of_age() t join client c on c.id = t.client_id
            order by t.on_day, c.number"#
    );
    Ok(rows
        .fetch_all(conn)
        .await?
        .into_iter()
        .map(|row| Task {
            id: row.id,
            number: row.number,
            name: row.name,
            on_day: row.on_day,
            is_over: row.is_over,
            why: match (row.is_late, row.is_untold) {
                (true, _) => Why::Check,
                (false, true) => Why::NotTold,
                (false, false) => Why::NotInvited,
            },
        })
        .collect())
}
