//! Calendar feeds: what someone's calendar program reads without a login, by an address that
//! only they know. The address is kept as a hash. What a feed holds is asked each time as the
//! account, its status and the grants are then.

pub(crate) mod events;

use crate::accounts::secret;
use crate::actor::ClientActor;
use crate::{Actor, Error, Result, audit, ics, new_id};
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use shared::accounts::Secret;
use shared::feeds::{FEEDS_MAX, Feed, FeedWish, Names};
use shared::texts::Language;
use shared::{AccountId, AppointmentId, ClientId, FeedId, Problem, Refusal};
use sqlx::PgPool;

/// The file of one appointment that a client sees in *My appointments*.
pub async fn one_of_mine(
    pool: &PgPool,
    me: &ClientActor,
    id: AppointmentId,
    person: Option<ClientId>,
    host: &str,
) -> Result<String> {
    let shown = crate::appointments::mine_part(pool, me, id, person).await?;
    let mut conn = pool.acquire().await?;
    let row = sqlx::query!(
        r#"select v.id, p.name as practice from appointment_participant v cross join practice p
            where v.appointment_id = $1 and v.client_id = $2"#,
        id.0,
        shown.client_id.0
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    let event =
        events::of_participant(&mut conn, row.id, shown.for_name.is_some(), &row.practice, Language::English).await?;
    Ok(event.ok_or(Error::Refused(Refusal::NotFound))?.file(host))
}

/// One's own feeds, the newest first.
pub async fn list(pool: &PgPool, actor: &Actor) -> Result<Vec<Feed>> {
    Ok(sqlx::query_as!(
        Feed,
        r#"select f.id as "id: FeedId", f.names as "names: Names", f.others, f.made_at, f.read_at
             from feed f join account a on a.id = f.account_id
            where (a.staff_id = $1 or a.client_id = $1) and f.revoked_at is null
            order by f.made_at desc, f.id"#,
        actor.id()
    )
    .fetch_all(pool)
    .await?)
}

/// A new feed of one's own, after fresh proof; its secret is told this once.
///
/// # Errors
/// [`Problem::TooMany`] beside [`FEEDS_MAX`] others.
pub async fn create(pool: &PgPool, actor: &Actor, wish: FeedWish) -> Result<Secret> {
    actor.confirmed()?;
    let (id, secret) = (FeedId(new_id()), secret::new());
    let (is_staff, most) = (matches!(actor, Actor::Staff(_)), FEEDS_MAX as i64);
    let mut tx = pool.begin().await?;
    // One at a time of each account, so that the count is right.
    let account =
        sqlx::query_scalar!("select id from account where staff_id = $1 or client_id = $1 for update", actor.id())
            .fetch_optional(&mut *tx)
            .await?
            .ok_or(Error::Refused(Refusal::NotFound))?;
    let made = sqlx::query!(
        "insert into feed (id, account_id, secret_hash, names, others)
         select $1, $2, $3, $4, $5
          where (select count(*) from feed where account_id = $2 and revoked_at is null) < $6",
        id.0,
        account,
        secret::hash(&secret),
        if is_staff { wish.names } else { Names::Codes }.as_str(),
        wish.others && !is_staff,
        most
    )
    .execute(&mut *tx)
    .await?;
    if made.rows_affected() == 0 {
        let field = if is_staff { "names" } else { "others" };
        return Err(Refusal::field(field, Problem::TooManyFeeds { max: FEEDS_MAX }).into());
    }
    audit::append(&mut tx, actor, "create", "feed", id, &["names", "others"]).await?;
    tx.commit().await?;
    Ok(secret)
}

/// Ends one of one's own feeds: from then on its address opens nothing.
pub async fn revoke(pool: &PgPool, actor: &Actor, id: FeedId) -> Result<()> {
    let mut tx = pool.begin().await?;
    let was_open = sqlx::query_scalar!(
        r#"select f.revoked_at is null as "open!" from feed f join account a on a.id = f.account_id
            where f.id = $1 and (a.staff_id = $2 or a.client_id = $2) for update of f"#,
        id.0,
        actor.id()
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    if was_open {
        sqlx::query!("update feed set revoked_at = now() where id = $1", id.0).execute(&mut *tx).await?;
        audit::append(&mut tx, actor, "revoke", "feed", id, &[]).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Whether the secret is of a feed of one's own.
pub async fn is_own(pool: &PgPool, actor: &Actor, secret: &Secret) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select from feed f join account a on a.id = f.account_id
                           where f.secret_hash = $1 and (a.staff_id = $2 or a.client_id = $2)
                             and f.revoked_at is null) as "own!""#,
        secret::hash(secret),
        actor.id()
    )
    .fetch_one(pool)
    .await?)
}

/// What a calendar program reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedFile {
    pub body: String,
    /// The same for the same bytes.
    pub mark: String,
    /// Since when it has been these bytes.
    pub changed_at: DateTime<Utc>,
}

/// The file of the feed with this secret, for this server's host. [`Refusal::NotFound`] if there
/// is none, if it was revoked, or if its owner may no longer log in.
pub async fn read(pool: &PgPool, secret: &Secret, host: &str) -> Result<FeedFile> {
    let mut conn = crate::pool::acquire(pool).await?;
    let feed = sqlx::query!(
        r#"select f.id, f.account_id as "account: AccountId", f.names as "names: Names", f.others, f.digest,
                  f.changed_at, p.name as practice, p.zone
             from feed f cross join practice p where f.secret_hash = $1 and f.revoked_at is null"#,
        secret::hash(secret)
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    let actor = Actor::load(&mut *conn, feed.account).await?.ok_or(Error::Refused(Refusal::NotFound))?;
    let events = match &actor {
        Actor::Staff(staff) => events::of_staff(&mut conn, staff, feed.names).await?,
        Actor::Client(client) => events::of_client(&mut conn, client.id(), feed.others, &feed.practice).await?,
    };
    let name = match &actor {
        Actor::Staff(_) => format!("{}, {}", actor.name(), feed.practice),
        Actor::Client(_) => format!("Appointments, {}", feed.practice),
    };
    let body = ics::feed(&name, &feed.zone, &events, host);
    let digest = Sha256::digest(&body).to_vec();
    // At most one write in ten minutes, unless the file is another one. HTTP knows seconds.
    let noted = sqlx::query_scalar!(
        "update feed
            set read_at = now(), digest = $2,
                changed_at = case when digest = $2 then changed_at
                                  else greatest(date_trunc('second', now()), changed_at + interval '1 second') end
          where id = $1 and (digest is distinct from $2 or read_at is null or read_at < now() - interval '10 minutes')
          returning changed_at",
        feed.id,
        digest
    )
    .fetch_optional(&mut *conn)
    .await?;
    let mark = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    Ok(FeedFile { body, mark, changed_at: noted.unwrap_or(feed.changed_at) })
}
