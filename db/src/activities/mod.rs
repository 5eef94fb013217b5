//! Activities. Their owner and administrators change them; besides them,
//! the supervisor they name and the front desk see them. Anyone who sees assigned
//! clients only sees only those in them, and how many others there are.
//!
//! An activity's title and description belong to the activity, not to a client's record. A
//! practitioner adds clients they see; saving keeps those that they do not see. Names and
//! codes are never copied into an activity.

mod choices;
mod draft;
mod list;
mod removal;
mod write;

pub use choices::{Choices, ChosenClient, Member, Recorded, Start, choices, chosen, filters, recorded, start};
pub use draft::{Draft, keep, kept};
pub use list::{PAGE_SIZE, list, of_client, one};
pub use removal::{delete, restore, tidy};
pub use write::save;

use crate::{Actor, Error, Result};
use chrono::NaiveDate;
use shared::accounts::Role;
use shared::{ActivityId, ClientId, Refusal, StaffId};
use sqlx::PgConnection;

/// An activity that the actor may change, locked until the transaction ends.
struct Editable {
    id: ActivityId,
    staff: StaffId,
    date: NaiveDate,
    version: i32,
    /// The couples, families and groups that it has.
    groups: Vec<ClientId>,
}

/// 404 for those who may not see it, 403 for those who may only see it.
async fn editable(conn: &mut PgConnection, actor: &Actor, id: ActivityId) -> Result<Editable> {
    let me = actor.staff()?;
    let row = sqlx::query!(
        r#"select staff_id as "staff_id: StaffId", held_on, version,
                  array(select x.client_id from activity_client x join client c on c.id = x.client_id
                         where x.activity_id = activity.id and c.kind <> 'individual') as "groups!: Vec<ClientId>"
             from activity
            where id = $1 and ($3 or staff_id = $2 or supervisor_id = $2)
              for update"#,
        id.0,
        me.id().0,
        me.sees_all_clients()
    )
    .fetch_optional(conn)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    if row.staff_id != me.id() && !me.is(Role::Administrator) {
        return Err(Refusal::Forbidden.into());
    }
    Ok(Editable { id, staff: row.staff_id, date: row.held_on, version: row.version, groups: row.groups })
}
