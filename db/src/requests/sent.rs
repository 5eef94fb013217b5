//! Files that clients send because they were asked for them.

use super::portal::{acting, done_before, found};
use crate::files::{self, FileInfo};
use crate::{Actor, Error, PgPool, Result, audit};
use shared::files::{FILES_MAX, FileKind, Upload};
use shared::permissions::Permission;
use shared::requests::{RequestKind, RequestState};
use shared::{ClientId, FileId, Problem, Refusal, RequestId};
use sqlx::PgConnection;

pub(super) struct Sent {
    pub info: FileInfo,
    /// Who sent it, if a client did.
    pub by: Option<ClientId>,
}

/// In the order in which they were chosen.
pub(super) async fn of_request(conn: &mut PgConnection, id: RequestId) -> Result<Vec<Sent>> {
    let rows = sqlx::query!(
        r#"select f.id as "id: FileId", f.kind as "kind: FileKind", f.size, f.uploaded_by_client as "by: ClientId"
             from request_file r join file f on f.id = r.file_id where r.request_id = $1 order by r.position"#,
        id.0
    );
    let rows = rows.fetch_all(conn).await?.into_iter();
    Ok(rows.map(|row| Sent { info: FileInfo { id: row.id, kind: row.kind, size: row.size }, by: row.by }).collect())
}

/// Sends what was asked for, which is done by it: the person, or someone linked to them with
/// *forms*. Twice is as once.
pub async fn send_files(pool: &PgPool, actor: &Actor, id: RequestId, uploads: &[Upload]) -> Result<()> {
    let me = actor.client()?;
    let mut tx = pool.begin().await?;
    let (subject, kind, _) = found(&mut tx, id).await?;
    let acting = acting(&mut tx, me, subject, Permission::CompleteForms, true).await?;
    if kind != RequestKind::File {
        return Err(Refusal::NotFound.into());
    }
    let row = sqlx::query!(
        r#"select state as "state: RequestState", done_by_client from request where id = $1 for update"#,
        id.0
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    if done_before(row.state, row.done_by_client, actor)? {
        return Ok(());
    }
    match uploads.len() {
        0 => return Err(Refusal::field("file", Problem::Required).into()),
        1..=FILES_MAX => {}
        _ => return Err(Refusal::field("file", Problem::TooManyFiles { max: FILES_MAX }).into()),
    }
    for (position, upload) in (1i16..).zip(uploads) {
        let file = files::store(&mut tx, actor, subject, upload).await?;
        sqlx::query!(
            "insert into request_file (request_id, position, file_id) values ($1, $2, $3)",
            id.0,
            position,
            file.0
        )
        .execute(&mut *tx)
        .await?;
    }
    sqlx::query!(
        "update request set state = 'done', closed_at = now(), done_by_client = $2, done_as = $3 where id = $1",
        id.0,
        actor.id(),
        acting.as_str()
    )
    .execute(&mut *tx)
    .await?;
    audit::append(&mut tx, actor, "send-files", "client", subject, &[]).await?;
    tx.commit().await?;
    Ok(())
}
