//! Who attends an appointment, and whose part in it an actor may manage.

use crate::{Actor, Error, Result, authz};
use shared::permissions::Permission;
use shared::{AppointmentId, ClientId, ParticipantId, Refusal};
use sqlx::PgConnection;

/// A participant's row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub id: ParticipantId,
    pub client: ClientId,
}

/// The parts in an appointment that the actor may manage. Staff: all of them, if they may
/// book each. A client: the one they asked for; else their own, or, not attending
/// themself, that of one person they may act for, unless others are assigned to it; with this
/// permission of that person's record. The link is shared until the transaction ends.
pub(super) async fn manageable(
    conn: &mut PgConnection,
    actor: &Actor,
    id: AppointmentId,
    wanted: Option<ClientId>,
    permission: Permission,
) -> Result<Vec<Part>> {
    let all = sqlx::query_as!(
        Part,
        r#"select id as "id: ParticipantId", client_id as "client: ClientId" from appointment_participant
            where appointment_id = $1 and ($2::uuid is null or client_id = $2)
              and ($4 or client_id = $3 or assigned = 'everyone' or assigned_to = $3)
            order by client_id = $3 desc, status = 'booked' desc, booked_at, id"#,
        id.0,
        wanted.map(|id| id.0),
        actor.id(),
        matches!(actor, Actor::Staff(_))
    )
    .fetch_all(&mut *conn)
    .await?;
    if let Actor::Staff(_) = actor {
        let mut seen = 0;
        let mut refused = None;
        for part in &all {
            match authz::bookable(&mut *conn, actor, part.client).await {
                Ok(_) => seen += 1,
                Err(error) => refused = refused.or(Some(error)),
            }
        }
        return match refused {
            // They see the session by way of someone else in it.
            Some(Error::Refused(Refusal::NotFound)) if seen > 0 => Err(Refusal::Forbidden.into()),
            Some(error) => Err(error),
            None if all.is_empty() => Err(Refusal::NotFound.into()),
            None => Ok(all),
        };
    }
    let mut refused = Error::Refused(Refusal::NotFound);
    for part in all {
        match authz::permitted(&mut *conn, actor, part.client, permission).await {
            Ok(_) => return Ok(vec![part]),
            // That a link ended says more than that there is nothing.
            Err(Error::Refused(Refusal::NotFound)) => {}
            // Nor is another's part meant instead of theirs.
            Err(error @ Error::Refused(Refusal::Forbidden)) => return Err(error),
            Err(error @ Error::Refused(_)) => refused = error,
            Err(error) => return Err(error),
        }
    }
    Err(refused)
}

/// Refuses an appointment that the actor may not move.
pub(crate) async fn managed(conn: &mut PgConnection, actor: &Actor, id: AppointmentId) -> Result<()> {
    manageable(conn, actor, id, None, Permission::Move).await.map(drop)
}

/// Refuses an appointment that the actor may not see as this person has it.
pub(crate) async fn managed_of(
    conn: &mut PgConnection,
    actor: &Actor,
    id: AppointmentId,
    person: ClientId,
) -> Result<()> {
    manageable(conn, actor, id, Some(person), Permission::SeeAppointments).await.map(drop)
}
