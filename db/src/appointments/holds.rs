//! Holds: a time that is kept for someone while they book. A hold is an appointment
//! without participants, until `held_until`; booking it keeps its id. A hold that has
//! lapsed stands in no one's way: a booking of its time deletes it, and a sweep the rest.
//!
//! A client keeps one time, and so does a browser in which no one is logged in: another
//! choice replaces it. What a browser keeps passes to the client who logs in there.

use super::book::{self, Attempt};
use super::conflicts::choose;
use super::facts::{self, Asked, facts};
use super::kept;
use crate::accounts::secret;
use crate::actor::ClientActor;
use crate::audit::By;
use crate::{Actor, Result, audit, new_id, permissions, pool};
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use shared::accounts::Secret;
use shared::appointments::{Booking, BookingForm, is_bookable};
use shared::permissions::Permission;
use shared::{AppointmentId, ClientId, Conflict, Problem, Refusal, ServiceId, StaffId};
use sqlx::{PgConnection, PgPool};
use std::sync::LazyLock;
use uuid::Uuid;

/// How long a time is kept, in minutes.
pub const HOLD_MINUTES: i64 = 10;
/// Until when the hold of a browser is prolonged at most, in minutes from its beginning.
const VISIT_MINUTES: i64 = 30;
/// Live holds of one household: a client, and those linked with *book and manage*.
const HOLDS_MAX: i64 = 2;
/// Live holds of all browsers in which no one is logged in: beyond it people log in first.
const VISITORS_MAX: i64 = 25;
/// Those of one network.
const NETWORK_MAX: i64 = 3;
/// What all of those lock, so that they are counted one after another.
const VISITORS: Uuid = Uuid::from_u128(1);

/// A time that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold {
    pub id: AppointmentId,
    /// Who takes it: with *anyone* perhaps another than the one who was shown.
    pub practitioner: StaffId,
    pub starts_at: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

/// Who keeps a time.
#[derive(Clone, Copy)]
enum Keeper<'a> {
    Client(&'a Actor, &'a ClientActor),
    Visitor(Visitor<'a>),
}

/// A browser in which no one is logged in.
#[derive(Clone, Copy)]
pub struct Visitor<'a> {
    pub secret: &'a Secret,
    /// Where it asks from, such as `192.0.2.1`.
    pub network: &'a str,
}

/// Known while this server runs, and to no one.
static NETWORK_KEY: LazyLock<[u8; 32]> = LazyLock::new(rand::random);

fn network_hash(network: &str) -> Vec<u8> {
    Sha256::new().chain_update(*NETWORK_KEY).chain_update(network).finalize().to_vec()
}

/// [`hold`], of a form; who it is for is not known yet.
pub async fn submit_hold(pool: &PgPool, actor: &Actor, form: BookingForm) -> Result<Hold> {
    let me = actor.client()?.id();
    hold(pool, actor, wanted(form, me)?).await
}

/// The secret of a browser in which no one is logged in: nothing is stored until it keeps a time.
pub fn visitor_secret() -> Secret {
    secret::new()
}

/// Keeps a time for a browser in which no one is logged in. [`Refusal::SignedOut`] where
/// people may not register while they book.
pub async fn submit_visitor_hold(pool: &PgPool, visitor: Visitor<'_>, form: BookingForm) -> Result<Hold> {
    is_open(&mut *pool.acquire().await?).await?;
    let booking = wanted(form, ClientId(new_id()))?;
    retried(pool, Keeper::Visitor(visitor), booking).await
}

/// [`Refusal::SignedOut`] where people may not register while they book.
async fn is_open(conn: &mut PgConnection) -> Result<()> {
    let open = sqlx::query_scalar!(
        r#"select client_registration and client_login and not code_only
                  and exists (select from portal_permission where permission = 'book' and setting = 'on') as "open!"
             from practice for share"#
    );
    if open.fetch_one(conn).await? { Ok(()) } else { Err(Refusal::SignedOut.into()) }
}

/// What the form asks for: a time from the list, in one value or in two.
fn wanted(form: BookingForm, attendee: ClientId) -> Result<Booking> {
    let mut parts = form.slot.split(' ').map(str::to_owned);
    let (starts_at, practitioner) = match parts.next().filter(|slot| !slot.is_empty()) {
        Some(starts_at) => (starts_at, parts.next().unwrap_or_default()),
        None => (form.starts_at.clone(), form.practitioner.clone()),
    };
    let (client, request_key) = (attendee.to_string(), new_id().to_string());
    Ok(BookingForm { starts_at, practitioner, client, request_key, hold: String::new(), ..form }.parse()?)
}

/// A time that is kept, as the portal shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldTime {
    pub id: AppointmentId,
    pub service: ServiceId,
    pub service_name: String,
    pub practitioner: StaffId,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub zone: String,
    pub until: DateTime<Utc>,
}

/// The time that the client keeps at this moment.
pub async fn held(pool: &PgPool, me: &ClientActor) -> Result<Option<HeldTime>> {
    kept(pool, Some(me.id().0), None).await
}

/// The time that the browser with this secret keeps at this moment.
pub async fn held_by_visitor(pool: &PgPool, secret: &Secret) -> Result<Option<HeldTime>> {
    kept(pool, None, Some(secret::hash(secret))).await
}

async fn kept(pool: &PgPool, client: Option<Uuid>, visitor: Option<Vec<u8>>) -> Result<Option<HeldTime>> {
    Ok(sqlx::query_as!(
        HeldTime,
        r#"select a.id as "id: AppointmentId", s.id as "service: ServiceId", s.name as service_name,
                  a.practitioner_id as "practitioner: StaffId", a.starts_at, a.ends_at, a.zone, a.held_until as "until!"
             from appointment a join service s on s.id = a.service_id
            where a.booked_by = coalesce($1, (select id from visitor where secret_hash = $2))
              and a.status = 'held' and a.held_until > now()
            order by a.starts_at, a.id limit 1"#,
        client,
        visitor
    )
    .fetch_optional(pool)
    .await?)
}

/// Keeps a time for the client. The same time again is the same hold, from now on.
/// `booking.client` is the person who books: who attends is said later.
pub async fn hold(pool: &PgPool, actor: &Actor, booking: Booking) -> Result<Hold> {
    let me = actor.client()?;
    retried(pool, Keeper::Client(actor, me), booking).await
}

async fn retried(pool: &PgPool, keeper: Keeper<'_>, booking: Booking) -> Result<Hold> {
    let mut tries = 1;
    loop {
        match hold_once(pool, keeper, booking).await {
            Err(error) if error.is_transient() && tries < book::TRIES => tries += 1,
            answer => return answer,
        }
    }
}

async fn hold_once(pool: &PgPool, keeper: Keeper<'_>, booking: Booking) -> Result<Hold> {
    if !is_bookable(booking.starts_at) {
        return Err(Refusal::field("starts_at", Problem::NotATime).into());
    }
    let mut tx = pool::begin(pool).await?;
    let (actor, household) = match keeper {
        Keeper::Client(actor, me) => {
            // Who it is for is said later: one of the people they may book, no one if there are none.
            if !permissions::offered(&mut *tx, me).await?.any(Permission::Book) {
                return Err(Refusal::Forbidden.into());
            }
            (actor.clone(), household(&mut tx, me).await?)
        }
        // Someone who has no record yet, and sees what clients see.
        Keeper::Visitor(_) => (Actor::Client(ClientActor::new(booking.client, "")), vec![VISITORS]),
    };
    let booking = Booking { room: None, client: ClientId(actor.id()), hold: None, ..booking };
    let attempt = Attempt::read(&mut tx, booking).await?;
    book::lock(&mut tx, &[&attempt.keys(booking)[..], &household].concat()).await?;
    let candidates = attempt.candidates;
    let (keeper_id, by) = match keeper {
        Keeper::Client(..) => (actor.id(), By::Actor(&actor)),
        Keeper::Visitor(browser) => (visitor(&mut tx, browser).await?, By::System),
    };
    let own = sqlx::query!(
        r#"select id as "id: AppointmentId", practitioner_id as "practitioner: StaffId", booked_at,
                  held_until as "until!" from appointment
            where status = 'held' and booked_by = $1 and service_id = $2 and starts_at = $3
              and ($4 or practitioner_id = $5) for update"#,
        keeper_id,
        booking.service.0,
        booking.starts_at,
        booking.anyone,
        booking.practitioner.0
    )
    .fetch_optional(&mut *tx)
    .await?;
    // The choice that this one replaces.
    sqlx::query!(
        "delete from appointment where status = 'held' and booked_by = $1 and id is distinct from $2",
        keeper_id,
        own.as_ref().map(|own| own.id.0)
    )
    .execute(&mut *tx)
    .await?;
    let until = Utc::now() + TimeDelta::minutes(HOLD_MINUTES);
    if let Some(own) = own {
        let (id, practitioner) = (own.id, own.practitioner);
        // A browser does not keep a time for ever.
        let until = match keeper {
            Keeper::Client(..) => until,
            Keeper::Visitor(_) => until.min(own.booked_at + TimeDelta::minutes(VISIT_MINUTES)).max(own.until),
        };
        sqlx::query!("update appointment set held_until = $2 where id = $1", id.0, until).execute(&mut *tx).await?;
        audit::append(&mut tx, by, "hold", "appointment", id, &[]).await?;
        tx.commit().await?;
        return Ok(Hold { id, practitioner, starts_at: booking.starts_at, until });
    }
    refuse_too_many(&mut tx, keeper, &household).await?;
    // No one attends yet, so no one is in the way but the practitioner and the rooms.
    let people = [booking.client.0];
    let asked = Asked {
        service: booking.service,
        client: booking.client,
        people: &people,
        candidates: &candidates,
        room: None,
        visitor: matches!(keeper, Keeper::Visitor(_)),
        key: None,
    };
    let facts = facts(&mut tx, &actor, asked).await?.facts?;
    if !facts.offers(booking.practitioner) {
        return Err(Refusal::Conflict(Conflict::NotOffered).into());
    }
    let facts = facts::Facts { people: Vec::new(), ..facts };
    let chosen = choose(&mut tx, &actor, booking, &facts, None).await?;
    let id = kept::hold(&mut tx, booking, &facts, &chosen, (keeper_id, until)).await?;
    audit::append(&mut tx, by, "hold", "appointment", id, &[]).await?;
    tx.commit().await?;
    Ok(Hold { id, practitioner: chosen.practitioner, starts_at: chosen.span.starts, until })
}

/// Refuses one more live hold of a household, or of all visitors. Their holds are locked.
async fn refuse_too_many(conn: &mut PgConnection, keeper: Keeper<'_>, household: &[Uuid]) -> Result<()> {
    let (live, most) = match keeper {
        Keeper::Client(..) => {
            let live = sqlx::query_scalar!(
                r#"select count(*) as "live!" from appointment
                    where status = 'held' and held_until > now() and booked_by = any ($1)"#,
                household
            );
            (live.fetch_one(conn).await?, HOLDS_MAX)
        }
        Keeper::Visitor(browser) => {
            let live = sqlx::query!(
                r#"select count(*) as "all!", count(*) filter (where v.network = $1) as "near!"
                     from appointment a join visitor v on v.id = a.booked_by
                    where a.status = 'held' and a.held_until > now()"#,
                network_hash(browser.network)
            );
            let live = live.fetch_one(conn).await?;
            return match live.all < VISITORS_MAX && live.near < NETWORK_MAX {
                true => Ok(()),
                false => Err(Refusal::Conflict(Conflict::TooManyVisitors).into()),
            };
        }
    };
    match live < most {
        true => Ok(()),
        false => Err(Refusal::Conflict(Conflict::TooManyHolds).into()),
    }
}

/// The row of a browser, where people may register while they book.
async fn visitor(conn: &mut PgConnection, visitor: Visitor<'_>) -> Result<Uuid> {
    is_open(&mut *conn).await?;
    Ok(sqlx::query_scalar!(
        r#"insert into visitor (id, secret_hash, network) values ($1, $2, $3)
           on conflict (secret_hash) do update set seen_at = now(), network = excluded.network returning id"#,
        new_id(),
        secret::hash(visitor.secret),
        network_hash(visitor.network)
    )
    .fetch_one(conn)
    .await?)
}

/// Someone goes on to register: what their browser keeps is kept for longer, up to half an hour
/// in all. A hold that has lapsed stays so.
pub async fn prolong_visitor_hold(pool: &PgPool, secret: &Secret) -> Result<()> {
    let now = Utc::now();
    sqlx::query!(
        "update appointment a set held_until = greatest(a.held_until, least($2, a.booked_at + $3 * interval '1 minute'))
           from visitor v
          where v.secret_hash = $1 and a.booked_by = v.id and a.status = 'held' and a.held_until > now()",
        secret::hash(secret),
        now + TimeDelta::minutes(HOLD_MINUTES),
        VISIT_MINUTES as f64
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Someone has logged in: what their browser keeps is theirs, for ten minutes from now, in place
/// of what they kept before. `false` when it keeps nothing.
pub async fn adopt_hold(pool: &PgPool, actor: &Actor, secret: &Secret) -> Result<bool> {
    actor.client()?;
    let id = sqlx::query_scalar!("select id from visitor where secret_hash = $1", secret::hash(secret));
    match id.fetch_optional(pool).await? {
        Some(id) => adopt_of(pool, actor, id).await,
        None => Ok(false),
    }
}

/// [`adopt_hold`], for someone who registered in that browser and followed the link in any.
pub async fn adopt_of(pool: &PgPool, actor: &Actor, visitor: Uuid) -> Result<bool> {
    let me = actor.client()?.id();
    let mut tx = pool::begin(pool).await?;
    // The row of the browser first: it passes on what it keeps once.
    let gone = sqlx::query!("delete from visitor where id = $1", visitor).execute(&mut *tx).await?;
    let kept =
        sqlx::query_scalar!("select id from appointment where booked_by = $1 and status = 'held' for update", visitor);
    let Some(kept) = kept.fetch_optional(&mut *tx).await?.filter(|_| gone.rows_affected() > 0) else {
        return Ok(false);
    };
    if !permissions::offered(&mut *tx, actor.client()?).await?.any(Permission::Book) {
        sqlx::query!("delete from appointment where id = $1", kept).execute(&mut *tx).await?;
        tx.commit().await?;
        return Ok(false);
    }
    sqlx::query!("delete from appointment where status = 'held' and booked_by = $1", me.0).execute(&mut *tx).await?;
    sqlx::query!(
        "update appointment set booked_by = $2, held_until = $3 where id = $1",
        kept,
        me.0,
        Utc::now() + TimeDelta::minutes(HOLD_MINUTES)
    )
    .execute(&mut *tx)
    .await?;
    audit::append(&mut tx, actor, "hold", "appointment", AppointmentId(kept), &[]).await?;
    tx.commit().await?;
    Ok(true)
}

/// The client, everyone who may book for them, and everyone they may book for.
async fn household(conn: &mut PgConnection, me: &ClientActor) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar!(
        r#"select $1::uuid as "id!"
           union select g.subject from client_grant g where g.holder = $1 and g.may_book
           union select g.holder from client_grant g where g.subject = $1 and g.may_book
           order by 1"#,
        me.id().0
    )
    .fetch_all(conn)
    .await?)
}

/// The hold that a booking is made of, if it is the actor's and of this time: it may have
/// lapsed between the page and the answer, as long as no one has taken the time.
pub(super) async fn own(conn: &mut PgConnection, actor: &Actor, booking: Booking) -> Result<Option<AppointmentId>> {
    let (Some(hold), Actor::Client(me)) = (booking.hold, actor) else { return Ok(None) };
    Ok(sqlx::query_scalar!(
        r#"select id as "id: AppointmentId" from appointment
            where id = $1 and status = 'held' and booked_by = $2 and service_id = $3 and starts_at = $4 for update"#,
        hold.0,
        me.id().0,
        booking.service.0,
        booking.starts_at
    )
    .fetch_optional(conn)
    .await?)
}

/// Removes holds: one that is booked now, and lapsed ones that are in the way. The
/// practitioners and rooms whose holds they are have been locked.
pub(crate) async fn remove(conn: &mut PgConnection, holds: &[Uuid]) -> Result<()> {
    if holds.is_empty() {
        return Ok(());
    }
    sqlx::query!("delete from appointment where id = any ($1) and status = 'held'", holds).execute(conn).await?;
    Ok(())
}

/// Deletes the holds that lapsed a while ago, and browsers that have not been seen for a day.
/// What someone is just booking is passed over.
pub async fn clear_holds(pool: &PgPool) -> Result<u64> {
    sqlx::query!("delete from visitor where seen_at < now() - interval '1 day'").execute(pool).await?;
    let done = sqlx::query!(
        "delete from appointment where id in (
             select id from appointment where status = 'held' and held_until < now() - interval '2 minutes'
                for update skip locked)"
    )
    .execute(pool)
    .await?;
    Ok(done.rows_affected())
}
