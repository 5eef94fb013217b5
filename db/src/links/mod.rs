//! Linked clients: links, grants and their history.
//!
//! A link is locked by the person who changes or removes it, and shared by anyone who
//! acts on it ([`authz::bookable`]): what is granted when the act begins is
//! granted until it is done. The link is always locked before appointments.

pub mod coming_of_age;
mod history;
mod household;
mod invitations;
mod matters;
mod mine;
mod removal;
mod settings;
pub(crate) mod sides;
mod undo;

pub use history::history;
pub(crate) use history::record;
pub use household::{Household, Member, of_household};
pub use invitations::{Asked, Invitation, accept, invite, invited, may_invite, open_invitations, revoke};
pub use matters::open_matters;
pub use mine::{Entry, Hand, Mine, decide, mine, my_link};
pub use removal::{Told, reach_without, remove, told_of_removal};
pub use settings::{save_settings, settings};
pub use undo::{UNDO_MINUTES, Undoable, undo, undoable};

use crate::actor::ClientActor;
use crate::authz::{self, EditableClient, ReadableClient};
use crate::{Actor, Error, OnConstraint, Result, audit, messages, new_id, waitlist};
use shared::clients::{Kind, Status};
use shared::links::{BookingSubject, EventKind, Grants, Label, LinkForm, LinkView, Standing};
use shared::{ClientId, ClientNumber, LinkId, Problem, Refusal, WaitId};
use sides::{Pair, Side, Stored, stored};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// One of the two people a link joins, or is to join.
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

/// Everyone linked to a client, seen from that client, by name. Practitioners
/// see links to the people they may see.
pub async fn of_client(conn: &mut PgConnection, actor: &Actor, own: &ReadableClient) -> Result<Vec<LinkView>> {
    views(conn, actor, *own, None).await
}

/// The link between two clients, seen from the first.
pub async fn one(pool: &PgPool, actor: &Actor, number: ClientNumber, other: ClientNumber) -> Result<LinkView> {
    let mut conn = pool.acquire().await?;
    let own = authz::readable(&mut conn, actor, number).await?;
    let other = authz::readable(&mut conn, actor, other).await?;
    views(&mut conn, actor, own, Some(other)).await?.pop().ok_or(Error::Refused(Refusal::NotFound))
}

/// A client that gets a new relationship.
pub async fn person(pool: &PgPool, actor: &Actor, number: ClientNumber) -> Result<Person> {
    let mut conn = pool.acquire().await?;
    let own = authz::administrable(&mut conn, actor, number).await?;
    find_person(&mut conn, own.readable()).await
}

/// Both clients and their link, if there is one, for those who may change it.
/// No one is a pair with themself.
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

/// Links two individuals; what they may do for each other is given after fresh proof. Of two who do so at the same time the second is told that
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
    if wanted.gives() {
        actor.confirmed()?;
    }
    let id = insert(&mut tx, pair, wanted).await?;
    let event = record(&mut tx, actor, id, EventKind::Created).await?;
    messages::queue_link_change(&mut tx, event).await?;
    audit::append(&mut tx, actor, "create", "link", id, &[]).await?;
    tx.commit().await?;
    Ok(id)
}

/// Changes labels, and after fresh proof grants. Saving what already stands, twice in a row say,
/// does nothing; saving over another person's change is [`Refusal::Stale`].
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
    waitlist::lock_between(&mut tx, pair.low, pair.high).await?;
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
    if wanted.changes_grants(&stored) {
        actor.confirmed()?;
    }
    write(&mut tx, id, pair, wanted).await?;
    let unoffered = unoffer(&mut tx, pair, &stored, &wanted).await?;
    let event = record(&mut tx, actor, id, EventKind::Changed).await?;
    messages::queue_link_change(&mut tx, event).await?;
    for entry in unoffered {
        audit::append(&mut tx, actor, "withdraw-offer", "waitlist", entry, &["state"]).await?;
    }
    audit::append(&mut tx, actor, "update", "link", id, &fields).await?;
    tx.commit().await?;
    Ok(())
}

/// The people an account of the portal may book: the account's own client first, then those who grant
/// it at this moment and may be booked.
pub async fn bookable_by(pool: &PgPool, client: &ClientActor) -> Result<Vec<BookingSubject>> {
    let rows = sqlx::query!(
        r#"select c.id as "id: ClientId", client_name(c) as "name!", c.id = $1 as "is_self!",
                  coalesce(nullif(c.preferred_name, ''), nullif(c.first_name, ''), client_name(c)) as "first_name!"
             from (select $1::uuid as id union all
                   select subject from client_grant where holder = $1 and may_book) who
             join client c using (id)
            where c.kind = 'individual' and c.status = 'active' and portal_may(c.id, 'book')
            order by c.id = $1 desc, c.sort_name, c.id"#,
        client.id().0
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| BookingSubject { id: row.id, name: row.name, first_name: row.first_name, is_self: row.is_self })
        .collect())
}

/// The people linked to a client staff are booking, by name: what each is to
/// the client, and what each may do for them.
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

/// A new link, unless one of the two is erased or deleted meanwhile.
async fn insert(conn: &mut PgConnection, pair: Pair, wanted: Stored) -> Result<LinkId> {
    // Anyone who is erased or deleted meanwhile is waited for, and then not there.
    let there = sqlx::query_scalar!(
        "select id from client where id in ($1, $2) and erased_at is null order by id for key share",
        pair.low.0,
        pair.high.0
    )
    .fetch_all(&mut *conn)
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
    .execute(&mut *conn)
    .await
    .on_constraint("client_link_pair_key", || Refusal::field("other", Problem::AlreadyLinked))?;
    Ok(id)
}

/// Ends the offers that reached someone by way of a permission to book that is gone. What they take
/// is locked before the link ([`waitlist::lock_between`]). Whose offers ended, for the audit.
async fn unoffer(conn: &mut PgConnection, pair: Pair, before: &Stored, after: &Stored) -> Result<Vec<WaitId>> {
    let mut ended = Vec::new();
    if before.low_may_book && !after.low_may_book {
        ended.extend(waitlist::without_reader(&mut *conn, pair.low, pair.high).await?);
    }
    if before.high_may_book && !after.high_may_book {
        ended.extend(waitlist::without_reader(conn, pair.high, pair.low).await?);
    }
    Ok(ended)
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

async fn find_person(conn: &mut PgConnection, client: ReadableClient) -> Result<Person> {
    person_of(conn, client.id()).await
}

async fn person_of(conn: &mut PgConnection, client: ClientId) -> Result<Person> {
    let row = sqlx::query!(
        r#"select c.id as "id: ClientId", c.number as "number: ClientNumber", c.kind as "kind: Kind",
                  client_name(c) as "name!", c.status as "status: Status",
                  exists (select 1 from account a where a.client_id = c.id and a.password_hash is not null) as "has_login!",
                  (c.email is not null and c.email_consent) as "gets_mail!"
             from client c where c.id = $1"#,
        client.0
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
    views_of(conn, own.id(), other.map(|other| other.id()), actor.staff()?.scope()).await
}

/// As [`views`], of a client who reads their own too; `scope` is that of a practitioner.
async fn views_of(
    conn: &mut PgConnection,
    own: ClientId,
    other: Option<ClientId>,
    scope: Option<Uuid>,
) -> Result<Vec<LinkView>> {
    let me = person_of(conn, own).await?;
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
              and exists (select from client_in_scope(c.id, $3))
            order by c.sort_name, c.id"#,
        own.0,
        other.map(|other| other.0) as Option<Uuid>,
        scope
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
