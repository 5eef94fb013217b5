//! The one store of files. A file belongs to a client's record and hangs on what it came with: a
//! version of a document, or a request. Who may read that may download it, by a name that is made
//! here; what the uploader's browser called it is not kept.

use crate::actor::ClientActor;
use crate::practice::practice_zone;
use crate::{Actor, Error, PgPool, Result, authz, documents, new_id};
use sha2::{Digest, Sha256};
use shared::files::{FileKind, Upload};
use shared::{ClientId, DocumentId, FileId, Refusal};
use sqlx::PgConnection;

/// What pages show of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileInfo {
    pub id: FileId,
    pub kind: FileKind,
    pub size: i32,
}

impl FileInfo {
    /// From the columns of a `left join`.
    pub(crate) fn of(id: Option<FileId>, kind: Option<FileKind>, size: Option<i32>) -> Option<FileInfo> {
        Some(FileInfo { id: id?, kind: kind?, size: size? })
    }

    /// `PDF, 1.2 MB`.
    pub fn words(&self) -> String {
        format!("{}, {}", self.kind, shared::files::size_words(self.size.try_into().unwrap_or_default()))
    }
}

/// A file on its way to someone who may read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Download {
    /// Letters, digits, hyphens and a dot.
    pub name: String,
    pub kind: FileKind,
    pub bytes: Vec<u8>,
}

pub(crate) fn digest(upload: &Upload) -> Vec<u8> {
    Sha256::digest(upload.bytes()).to_vec()
}

/// Keeps it with the client's record. Who may put it there the caller has asked.
pub(crate) async fn store(conn: &mut PgConnection, actor: &Actor, client: ClientId, upload: &Upload) -> Result<FileId> {
    let (by_client, by_staff) = match actor {
        Actor::Client(me) => (Some(me.id().0), None),
        Actor::Staff(staff) => (None, Some(staff.id().0)),
    };
    let id = FileId(new_id());
    sqlx::query!(
        "insert into file (id, client_id, kind, size, sha256, uploaded_by_client, uploaded_by_staff)
         values ($1, $2, $3, $4, $5, $6, $7)",
        id.0,
        client.0,
        upload.kind().as_str(),
        i32::try_from(upload.bytes().len()).unwrap_or(i32::MAX),
        digest(upload),
        by_client,
        by_staff
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!("insert into file_content (file_id, bytes) values ($1, $2)", id.0, upload.bytes())
        .execute(conn)
        .await?;
    Ok(id)
}

/// For the team who sees the client; in the portal for those who may read the document, and
/// for the person about themself who sent it.
pub async fn read(pool: &PgPool, actor: &Actor, id: FileId) -> Result<Download> {
    let mut tx = pool.begin().await?;
    let row = sqlx::query!(
        r#"select f.client_id as "client: ClientId", f.kind as "kind: FileKind", f.uploaded_at from file f where f.id = $1"#,
        id.0
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    match actor {
        Actor::Staff(_) => {
            authz::readable_by_id(&mut tx, actor, row.client).await?;
        }
        Actor::Client(me) => shared_with(&mut tx, me, id).await?,
    }
    let bytes = sqlx::query_scalar!("select bytes from file_content where file_id = $1", id.0)
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(Error::Refused(Refusal::NotFound))?;
    let day = practice_zone(&mut tx).await?.date(row.uploaded_at);
    tx.commit().await?;
    let end = id.0.simple().to_string().split_off(24);
    Ok(Download { name: format!("file-{day}-{end}.{}", row.kind.extension()), kind: row.kind, bytes })
}

async fn shared_with(conn: &mut PgConnection, me: &ClientActor, id: FileId) -> Result<()> {
    let document = sqlx::query_scalar!(
        r#"select d.id as "id: DocumentId"
             from document_version v join document d on d.id = v.document_id and d.current_number = v.number
            where v.file_id = $1 and d.state = 'shared' and exists (select from document_reader_of(d.id) r where r.client_id = $2)
            limit 1"#,
        id.0,
        me.id().0
    );
    if let Some(document) = document.fetch_optional(&mut *conn).await? {
        return documents::opened(conn, me, document).await;
    }
    let sent = sqlx::query_scalar!(
        r#"select exists (select from file f join request_file s on s.file_id = f.id
                           where f.id = $1 and f.client_id = $2 and f.uploaded_by_client = $2)
              and portal_may($2, 'see_forms') as "sent!""#,
        id.0,
        me.id().0
    );
    match sent.fetch_one(conn).await? {
        true => Ok(()),
        false => Err(Refusal::NotFound.into()),
    }
}

/// A file that nothing hangs on any more goes.
pub(crate) async fn forget(conn: &mut PgConnection, id: FileId) -> Result<()> {
    sqlx::query!(
        "delete from file f where f.id = $1 and not exists (select from document_version v where v.file_id = f.id)
            and not exists (select from request_file r where r.file_id = f.id)",
        id.0
    )
    .execute(conn)
    .await?;
    Ok(())
}
