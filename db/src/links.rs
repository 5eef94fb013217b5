//! Linked clients: links, grants and their history.
//!
//! A link is locked by whoever changes or removes it, and shared by whoever
//! acts on it ([`authz::bookable`]): what is granted when the act begins is
//! granted until it is done. The link is always locked before appointments.

mod removal;
pub(crate) mod sides;

pub use removal::{open_matters, remove};

use crate::actor::ClientActor;
use crate::authz::{self, EditableClient, ReadableClient};
use crate::{Actor, Error, OnConstraint, Result, audit, new_id};
use shared::clients::{Kind, Status};
use shared::links::{BookableClient, Grants, Label, LinkEvent, LinkForm, LinkView, Standing, changes};
use shared::{ClientId, ClientNumber, LinkId, Problem, Refusal};
use sides::{Pair, Side, Stored};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// One of the two whom a link is to join, or joins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub id: ClientId,
    pub number: ClientNumber,
    pub name: String,
    pub kind: Kind,
    pub standing: Standing,
}

/// All that the relationship editor shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkPair {
    pub own: Person,
    pub other: Person,
    /// As seen from `own`; `None` while they are not linked.
    pub link: Option<LinkView>,
}

/// Everybody linked to a client, seen from that client, by name. Practitioners
/// see links to those whom they may see.
pub async fn of_client(pool: &PgPool, actor: &Actor, number: ClientNumber) -> Result<Vec<LinkView>> {
    let mut conn = pool.acquire().await?;
    let own = authz::readable(&mut conn, actor, number).await?;
    views(&mut conn, actor, own, None).await
}

/// The link between two clients, seen from the first.
pub async fn one(pool: &PgPool, actor: &Actor, number: ClientNumber, other: ClientNumber) -> Result<LinkView> {
    let mut conn = pool.acquire().await?;
    let own = authz::readable(&mut conn, actor, number).await?;
    let other = authz::readable(&mut conn, actor, other).await?;
    views(&mut conn, actor, own, Some(other)).await?.pop().ok_or(Error::Refused(Refusal::NotFound))
}

/// A client to whom a relationship is to be added.
pub async fn person(pool: &PgPool, actor: &Actor, number: ClientNumber) -> Result<Person> {
    let mut conn = pool.acquire().await?;
    let own = authz::administrable(&mut conn, actor, number).await?;
    find_person(&mut conn, own.readable()).await
}

/// Both clients and their link, if there is one, for those who may change it.
/// Nobody is a pair with themself.
pub async fn pair(pool: &PgPool, actor: &Actor, number: ClientNumber, other: ClientNumber) -> Result<LinkPair> {
    let mut conn = pool.acquire().await?;
    let (own, other) = both(&mut conn, actor, number, other).await?;
    Pair::of(own.id(), other.id()).ok_or(Error::Refused(Refusal::NotFound))?;
    Ok(LinkPair {
        own: find_person(&mut conn, own.readable()).await?,
        other: find_person(&mut conn, other).await?,
        link: views(&mut conn, actor, own.readable(), Some(other)).await?.pop(),
    })
}

/// Links two individuals. Of two who do so at once the second is told that
/// they are linked already.
pub async fn create(
    pool: &PgPool,
    actor: &Actor,
    number: ClientNumber,
    other: ClientNumber,
    form: LinkForm,
) -> Result<LinkId> {
    let mut tx = pool.begin().await?;
    let (own, other) = both(&mut tx, actor, number, other).await?;
    let pair = Pair::of(own.id(), other.id()).ok_or_else(|| Refusal::field("other", Problem::Same))?;
    for client in [own.readable(), other] {
        if find_person(&mut tx, client).await?.kind != Kind::Individual {
            return Err(Refusal::field("other", Problem::OnlyIndividuals).into());
        }
    }
    let wanted = Stored::of(pair.own, &form.parse()?);
    // Whoever is erased or deleted meanwhile is waited for, and then not there.
    let there = sqlx::query_scalar!(
        "select id from client where id in ($1, $2) and erased_at is null order by id for key share",
        pair.low.0,
        pair.high.0
    )
    .fetch_all(&mut *tx)
    .await?;
    if there.len() != 2 {
        return Err(Refusal::NotFound.into());
    }
    let id = LinkId(new_id());
    sqlx::query!(
        "insert into client_link (id, client_low, client_high, low_label, high_label,
                low_may_book, low_may_forms, low_gets_copies, low_may_packages,
                high_may_book, high_may_forms, high_gets_copies, high_may_packages)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        id.0,
        pair.low.0,
        pair.high.0,
        wanted.low_label.as_str(),
        wanted.high_label.as_str(),
        wanted.low_may_book,
        wanted.low_may_forms,
        wanted.low_gets_copies,
        wanted.low_may_packages,
        wanted.high_may_book,
        wanted.high_may_forms,
        wanted.high_gets_copies,
        wanted.high_may_packages
    )
    .execute(&mut *tx)
    .await
    .on_constraint("client_link_pair_key", || Refusal::field("other", Problem::AlreadyLinked))?;
    record(&mut tx, actor, id, "created").await?;
    audit::append(&mut tx, actor, "create", "link", id, &[]).await?;
    tx.commit().await?;
    Ok(id)
}

/// Changes labels and grants. Saving what already stands, twice in a row say,
/// does nothing; saving over somebody else's change is [`Refusal::Stale`].
pub async fn update(
    pool: &PgPool,
    actor: &Actor,
    number: ClientNumber,
    other: ClientNumber,
    form: LinkForm,
) -> Result<()> {
    let mut tx = pool.begin().await?;
    let (own, other) = both(&mut tx, actor, number, other).await?;
    let pair = Pair::of(own.id(), other.id()).ok_or(Error::Refused(Refusal::NotFound))?;
    let (id, version, stored) = lock(&mut tx, pair).await?;
    let details = form.parse()?;
    let wanted = Stored::of(pair.own, &details);
    let fields = wanted.differing(&stored);
    if fields.is_empty() {
        return Ok(());
    }
    if details.version != Some(version) {
        return Err(Refusal::Stale.into());
    }
    write(&mut tx, id, pair, wanted).await?;
    record(&mut tx, actor, id, "changed").await?;
    audit::append(&mut tx, actor, "update", "link", id, &fields).await?;
    tx.commit().await?;
    Ok(())
}

/// The newest 100 changes of a client's links, removed ones among them, each
/// with what it changed in words.
pub async fn history(pool: &PgPool, actor: &Actor, number: ClientNumber) -> Result<Vec<LinkEvent>> {
    let mut conn = pool.acquire().await?;
    let own = authz::readable(&mut conn, actor, number).await?.id();
    let rows = sqlx::query!(
        r#"select e.at, e.kind, e.actor_name, e.state,
                  lag(e.state) over (partition by e.client_low, e.client_high order by e.at, e.id) as before,
                  e.client_low = $1 as "own_is_low!",
                  client_name(c) as "other_name!", client_name(me) as "own_name!"
             from client_link_event e
             join client c on c.id = case when e.client_low = $1 then e.client_high else e.client_low end
             join client me on me.id = $1
            where (e.client_low = $1 or e.client_high = $1)
              and ($2::uuid is null or exists (
                  select 1 from client_practitioner a where a.client_id = c.id and a.practitioner_id = $2))
            order by e.at desc, e.id desc limit 100"#,
        own.0,
        actor.staff()?.scope()
    )
    .fetch_all(&mut *conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let own = side(row.own_is_low);
            // A state that cannot be read has no words; when and who remain.
            let state = |json: Option<serde_json::Value>| {
                let stored: Stored = serde_json::from_value(json?).ok()?;
                Some(stored.seen_from(own, None))
            };
            let (before, after) = (state(row.before), state(row.state));
            LinkEvent {
                at: row.at,
                changes: after
                    .map(|after| changes(before.as_ref(), &after, &row.own_name, &row.other_name))
                    .unwrap_or_default(),
                kind: row.kind,
                other_name: row.other_name,
                actor_name: row.actor_name,
            }
        })
        .collect())
}

/// Whom somebody in the portal may book: themself first, then those who grant
/// it at this moment and may be booked.
pub async fn bookable_by(pool: &PgPool, client: &ClientActor) -> Result<Vec<BookableClient>> {
    let rows = sqlx::query!(
        r#"select c.id as "id: ClientId", client_name(c) as "name!", c.id = $1 as "is_self!"
             from (select $1::uuid as id union all
                   select subject from client_grant where holder = $1 and may_book) who
             join client c using (id)
            where c.kind = 'individual' and c.status = 'active'
            order by c.id = $1 desc, c.sort_name, c.id"#,
        client.id.0
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|row| BookableClient { id: row.id, name: row.name, is_self: row.is_self }).collect())
}

/// Those linked to a client whom staff are booking, by name: what each is to
/// the client, and what each may do for them (D9).
pub async fn proxies_of(
    pool: &PgPool,
    actor: &Actor,
    client: ClientId,
) -> Result<Vec<(ClientId, String, Label, Grants)>> {
    let mut conn = pool.acquire().await?;
    let own = authz::readable_by_id(&mut conn, actor, client).await?;
    let links = views(&mut conn, actor, own, None).await?;
    Ok(links.into_iter().map(|link| (link.other, link.other_name, link.other_label, link.other_may)).collect())
}

/// The ten columns of a row, by their names.
macro_rules! stored {
    ($row:ident) => {
        Stored {
            low_label: $row.low_label,
            high_label: $row.high_label,
            low_may_book: $row.low_may_book,
            low_may_forms: $row.low_may_forms,
            low_gets_copies: $row.low_gets_copies,
            low_may_packages: $row.low_may_packages,
            high_may_book: $row.high_may_book,
            high_may_forms: $row.high_may_forms,
            high_gets_copies: $row.high_gets_copies,
            high_may_packages: $row.high_may_packages,
        }
    };
}

fn side(own_is_low: bool) -> Side {
    if own_is_low { Side::Low } else { Side::High }
}

/// Changing a link is the front desk's, and they must see both.
async fn both(
    conn: &mut PgConnection,
    actor: &Actor,
    number: ClientNumber,
    other: ClientNumber,
) -> Result<(EditableClient, ReadableClient)> {
    let own = authz::administrable(conn, actor, number).await?;
    Ok((own, authz::administrable(conn, actor, other).await?.readable()))
}

/// Keeps others from changing the link, and from acting on it, until commit.
async fn lock(conn: &mut PgConnection, pair: Pair) -> Result<(LinkId, i32, Stored)> {
    let row = sqlx::query!(
        r#"select id as "id: LinkId", version, low_label as "low_label: Label", high_label as "high_label: Label",
                  low_may_book, low_may_forms, low_gets_copies, low_may_packages,
                  high_may_book, high_may_forms, high_gets_copies, high_may_packages
             from client_link where client_low = $1 and client_high = $2 for update"#,
        pair.low.0,
        pair.high.0
    )
    .fetch_optional(conn)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    Ok((row.id, row.version, stored!(row)))
}

/// Makes the link one of this pair, as it is wanted.
pub(crate) async fn write(conn: &mut PgConnection, id: LinkId, pair: Pair, wanted: Stored) -> Result<()> {
    sqlx::query!(
        "update client_link
            set low_label = $2, high_label = $3,
                low_may_book = $4, low_may_forms = $5, low_gets_copies = $6, low_may_packages = $7,
                high_may_book = $8, high_may_forms = $9, high_gets_copies = $10, high_may_packages = $11,
                client_low = $12, client_high = $13, version = version + 1
          where id = $1",
        id.0,
        wanted.low_label.as_str(),
        wanted.high_label.as_str(),
        wanted.low_may_book,
        wanted.low_may_forms,
        wanted.low_gets_copies,
        wanted.low_may_packages,
        wanted.high_may_book,
        wanted.high_may_forms,
        wanted.high_gets_copies,
        wanted.high_may_packages,
        pair.low.0,
        pair.high.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes the link as it stands into the history of both.
pub(crate) async fn record(conn: &mut PgConnection, actor: &Actor, id: LinkId, kind: &str) -> Result<()> {
    sqlx::query!(
        "insert into client_link_event (id, client_low, client_high, kind, state, actor_id, actor_name, at)
         select $1, client_low, client_high, $2,
                case when $2 <> 'removed'
                     then to_jsonb(l) - array['id', 'client_low', 'client_high', 'version', 'created_at'] end,
                $3, $4, clock_timestamp()
           from client_link l where id = $5",
        new_id(),
        kind,
        actor.id(),
        actor.name(),
        id.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn find_person(conn: &mut PgConnection, client: ReadableClient) -> Result<Person> {
    let row = sqlx::query!(
        r#"select c.id as "id: ClientId", c.number as "number: ClientNumber", c.kind as "kind: Kind",
                  client_name(c) as "name!", c.status as "status: Status",
                  exists (select 1 from account a where a.client_id = c.id and a.password_hash is not null) as "has_login!",
                  (c.email is not null and c.email_consent) as "gets_mail!"
             from client c where c.id = $1"#,
        client.id().0
    )
    .fetch_one(conn)
    .await?;
    let standing = Standing { status: row.status, has_login: row.has_login, gets_mail: row.gets_mail };
    Ok(Person { id: row.id, number: row.number, name: row.name, kind: row.kind, standing })
}

/// The links of a client, or the one with `other`.
async fn views(
    conn: &mut PgConnection,
    actor: &Actor,
    own: ReadableClient,
    other: Option<ReadableClient>,
) -> Result<Vec<LinkView>> {
    let me = find_person(conn, own).await?;
    let rows = sqlx::query!(
        r#"select l.id as "id: LinkId", l.version, l.client_low = $1 as "own_is_low!",
                  l.low_label as "low_label: Label", l.high_label as "high_label: Label",
                  l.low_may_book, l.low_may_forms, l.low_gets_copies, l.low_may_packages,
                  l.high_may_book, l.high_may_forms, l.high_gets_copies, l.high_may_packages,
                  c.id as "other: ClientId", c.number as "number: ClientNumber",
                  client_name(c) as "name!", c.status as "status: Status",
                  exists (select 1 from account a where a.client_id = c.id and a.password_hash is not null) as "has_login!",
                  (c.email is not null and c.email_consent) as "gets_mail!"
             from client_link l
             join client c on c.id = case when l.client_low = $1 then l.client_high else l.client_low end
            where (l.client_low = $1 or l.client_high = $1)
              and ($2::uuid is null or c.id = $2)
              and ($3::uuid is null or exists (
                  select 1 from client_practitioner a where a.client_id = c.id and a.practitioner_id = $3))
            order by c.sort_name, c.id"#,
        own.id().0,
        other.map(|other| other.id().0) as Option<Uuid>,
        actor.staff()?.scope()
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let details = stored!(row).seen_from(side(row.own_is_low), Some(row.version));
            LinkView {
                id: row.id,
                other: row.other,
                other_number: row.number,
                own_name: me.name.clone(),
                other_name: row.name,
                other_standing: Standing { status: row.status, has_login: row.has_login, gets_mail: row.gets_mail },
                own_standing: me.standing,
                other_label: details.other_label,
                own_label: details.own_label,
                other_may: details.other_may,
                own_may: details.own_may,
                version: row.version,
            }
        })
        .collect())
}
