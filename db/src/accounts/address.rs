//! The address that leads to a login. Who reads its mail can set a password, so a
//! change of it is told to the address from before, and links sent there end.

use crate::{Actor, Result, new_id};
use shared::accounts::same_address;
use shared::{ClientId, StaffId};
use sqlx::PgConnection;
use uuid::Uuid;

/// Whose address it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    Client(ClientId),
    Staff(StaffId),
}

impl Owner {
    /// Of one's own account.
    pub(super) fn of(actor: &Actor) -> Owner {
        match actor {
            Actor::Client(client) => Owner::Client(client.id()),
            Actor::Staff(staff) => Owner::Staff(staff.id()),
        }
    }

    pub(super) fn ids(self) -> (Option<Uuid>, Option<Uuid>) {
        match self {
            Owner::Client(id) => (Some(id.0), None),
            Owner::Staff(id) => (None, Some(id.0)),
        }
    }
}

/// An address before a change, and what it opens.
#[derive(Debug)]
pub(crate) struct Reach {
    address: Option<String>,
    account: Option<Uuid>,
    /// Links that were sent and still work.
    links: Vec<Uuid>,
}

impl Reach {
    /// Whether who reads mail to the address can log in as its owner.
    pub(crate) fn opens_account(&self) -> bool {
        self.account.is_some() || !self.links.is_empty()
    }
}

/// What the owner's address opens now. The caller holds the owner's row, so that
/// no link is sent meanwhile.
pub(crate) async fn reach(conn: &mut PgConnection, owner: Owner) -> Result<Reach> {
    let (client, staff) = owner.ids();
    let row = sqlx::query!(
        r#"select coalesce((select email::text from client where id = $1),
                           (select email::text from staff_member where id = $2)) as address,
                  (select id from account where client_id = $1 or staff_id = $2) as account,
                  array(select l.id from account_link l
                         where (l.client_id = $1 or l.staff_id = $2
                                or l.account_id = (select id from account where client_id = $1 or staff_id = $2))
                           and l.used_at is null and l.voided_at is null and l.expires_at > now()) as "links!""#,
        client,
        staff
    )
    .fetch_one(conn)
    .await?;
    Ok(Reach { address: row.address, account: row.account, links: row.links })
}

/// Once an address is written by someone else than its owner: where the owner has a login that is reached
/// by another address than `before`, or by one for the first time, who wrote it gave fresh proof.
pub(crate) async fn ask_proof(conn: &mut PgConnection, actor: &Actor, before: &Reach) -> Result<()> {
    let Some(account) = before.account else { return Ok(()) };
    let now = sqlx::query_scalar!(
        r#"select coalesce(c.email, s.email)::text as "address?"
             from account a left join client c on c.id = a.client_id left join staff_member s on s.id = a.staff_id
            where a.id = $1"#,
        account
    )
    .fetch_optional(conn)
    .await?;
    let is_same = match (&before.address, now) {
        // There is no login any more.
        (_, None) | (None, Some(None)) => true,
        (Some(old), Some(Some(now))) => same_address(old, &now),
        _ => false,
    };
    if is_same { Ok(()) } else { actor.confirmed() }
}

/// Completes a change of address, once it is written: if the account is reached by
/// another address than `before`, links that went to the old one end, and the old
/// one is told: by the message whose id is answered. `now` is whose address counts if the account
/// is gone.
pub(crate) async fn address_changed(conn: &mut PgConnection, before: Reach, now: Owner) -> Result<Option<Uuid>> {
    let opened = before.opens_account();
    let Some(old) = before.address else { return Ok(None) };
    let (client, staff) = now.ids();
    let row = sqlx::query!(
        r#"with owner as (
               select client_id, staff_id from account where id = $1
               union all
               select $2, $3 where not exists (select from account where id = $1))
           select o.client_id, coalesce(c.email, s.email)::text as address
             from owner o left join client c on c.id = o.client_id left join staff_member s on s.id = o.staff_id"#,
        before.account,
        client,
        staff
    )
    .fetch_one(&mut *conn)
    .await?;
    if row.address.is_some_and(|now| same_address(&old, &now)) {
        return Ok(None);
    }
    sqlx::query!(
        "update account_link set voided_at = now() where id = any($1) and used_at is null and voided_at is null",
        &before.links
    )
    .execute(&mut *conn)
    .await?;
    if !opened {
        return Ok(None);
    }
    let message = new_id();
    sqlx::query!(
        "insert into message (id, kind, client_id, old_address, subject_version)
         values ($1, 'address_change', $2, $3::text::citext, nextval('address_change_number')::integer)",
        message,
        row.client_id,
        old
    )
    .execute(conn)
    .await?;
    Ok(Some(message))
}
