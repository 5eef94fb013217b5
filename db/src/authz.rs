//! What someone may see and do, as types with private fields: an operation
//! that takes a token cannot be called without having asked.
//!
//! What may not be seen is answered as what does not exist, 404; what is seen
//! but may not be done, 403.

use crate::actor::ClientActor;
use crate::{Actor, Error, Result, permissions};
use shared::permissions::Permission;
use shared::{ClientId, ClientNumber, Refusal};
use sqlx::PgConnection;

/// A client whose record the actor may read: staff and assigned practitioners.
#[derive(Debug, Clone, Copy)]
pub struct ReadableClient {
    id: ClientId,
    erased: bool,
}

impl ReadableClient {
    pub fn id(&self) -> ClientId {
        self.id
    }

    /// As a client that may be changed, unless nothing is left to change.
    fn kept(self) -> Result<EditableClient> {
        if self.erased { Err(Error::Refused(Refusal::Erased)) } else { Ok(EditableClient(self.id)) }
    }
}

/// A client whose record the actor may change.
#[derive(Debug, Clone, Copy)]
pub struct EditableClient(ClientId);

impl EditableClient {
    pub fn id(&self) -> ClientId {
        self.0
    }

    pub fn readable(&self) -> ReadableClient {
        ReadableClient { id: self.0, erased: false }
    }
}

/// Someone the actor may book, and whose appointments they may manage.
#[derive(Debug, Clone, Copy)]
pub struct BookableClient {
    id: ClientId,
    /// Set in the portal when it is not the actor's own.
    proxy: Option<ClientId>,
}

impl BookableClient {
    pub fn id(&self) -> ClientId {
        self.id
    }

    pub fn proxy(&self) -> Option<ClientId> {
        self.proxy
    }
}

fn not_found<T>() -> Result<T> {
    Err(Error::Refused(Refusal::NotFound))
}

pub async fn readable(conn: &mut PgConnection, actor: &Actor, number: ClientNumber) -> Result<ReadableClient> {
    find(conn, actor, Some(number), None).await
}

/// As [`readable`], by the id that came in a form.
pub async fn readable_by_id(conn: &mut PgConnection, actor: &Actor, id: ClientId) -> Result<ReadableClient> {
    find(conn, actor, None, Some(id)).await
}

async fn find(
    conn: &mut PgConnection,
    actor: &Actor,
    number: Option<ClientNumber>,
    id: Option<ClientId>,
) -> Result<ReadableClient> {
    let found = sqlx::query_as!(
        ReadableClient,
        r#"select id as "id: ClientId", erased_at is not null as "erased!" from client c
            where (number = $1 or id = $2)
              and exists (select from client_in_scope(c.id, $3))"#,
        number.map(|number| number.get()),
        id.map(|id| id.0),
        actor.staff()?.scope()
    )
    .fetch_optional(conn)
    .await?;
    found.map_or_else(not_found, Ok)
}

/// Front desk, and practitioners for those assigned to them; an erased record
/// is changed by no one, [`Refusal::Erased`].
pub async fn editable(conn: &mut PgConnection, actor: &Actor, number: ClientNumber) -> Result<EditableClient> {
    readable(conn, actor, number).await?.kept()
}

/// Links, log-ins and assignments are the front desk's: 403 for a practitioner
/// who sees the client.
pub async fn administrable(conn: &mut PgConnection, actor: &Actor, number: ClientNumber) -> Result<EditableClient> {
    let client = readable(conn, actor, number).await?;
    actor.front_desk()?;
    client.kept()
}

/// As [`administrable`], and erased ones: what is left of them can be deleted.
pub async fn removable(conn: &mut PgConnection, actor: &Actor, number: ClientNumber) -> Result<ClientId> {
    let client = readable(conn, actor, number).await?;
    actor.front_desk()?;
    Ok(client.id)
}

/// Who the actor may book for: [`permitted`], with the portal's permission to book.
pub async fn bookable(conn: &mut PgConnection, actor: &Actor, id: ClientId) -> Result<BookableClient> {
    permitted(conn, actor, id, Permission::Book).await
}

/// Who the actor may do this for. In the portal: the people they may [act](acting) for and whose
/// record has the permission; [`Refusal::Forbidden`] without it. Staff: the clients they may book.
pub async fn permitted(
    conn: &mut PgConnection,
    actor: &Actor,
    id: ClientId,
    permission: Permission,
) -> Result<BookableClient> {
    let client = acting(&mut *conn, actor, id).await?;
    if let Actor::Client(_) = actor {
        permissions::require(conn, id, permission).await?;
    }
    Ok(client)
}

/// Who the actor may act for. In the portal: oneself, and the person who grants *book and manage* at
/// this moment; the link is locked against removal until the transaction ends. Staff: the clients
/// they see, practitioners with their permission to book.
pub async fn acting(conn: &mut PgConnection, actor: &Actor, id: ClientId) -> Result<BookableClient> {
    match actor {
        Actor::Staff(staff) => {
            let id = readable_by_id(conn, actor, id).await?.kept()?.id();
            if staff.books() { Ok(BookableClient { id, proxy: None }) } else { Err(Error::Refused(Refusal::Forbidden)) }
        }
        Actor::Client(me) if me.id() == id => Ok(BookableClient { id, proxy: None }),
        Actor::Client(me) => {
            let granted = sqlx::query_scalar!(
                "select 1 from client_link
                  where (client_low = $1 and client_high = $2 and low_may_book)
                     or (client_high = $1 and client_low = $2 and high_may_book)
                    for share",
                me.id().0,
                id.0
            )
            .fetch_optional(&mut *conn)
            .await?;
            match granted {
                Some(_) => Ok(BookableClient { id, proxy: Some(me.id()) }),
                None => Err(no_longer_bookable(conn, me, id).await?),
            }
        }
    }
}

/// Why a client may not book this person: [`Refusal::LinkEnded`] if they could
/// once, so that a page that was open meanwhile can say what happened. For
/// everyone else the person does not exist. The history of links knows.
pub async fn no_longer_bookable(conn: &mut PgConnection, me: &ClientActor, id: ClientId) -> Result<Error> {
    let could = sqlx::query_scalar!(
        r#"select exists (
               select from client_link_event
                where (client_low = $1 and client_high = $2 and (state ->> 'low_may_book')::boolean)
                   or (client_high = $1 and client_low = $2 and (state ->> 'high_may_book')::boolean)) as "could!""#,
        me.id().0,
        id.0
    )
    .fetch_one(conn)
    .await?;
    Ok(Error::Refused(if could { Refusal::LinkEnded } else { Refusal::NotFound }))
}
