//! Reading: the team all versions, the portal what is shared.

use crate::actor::ClientActor;
use crate::authz::{self, ReadableClient};
use crate::files::FileInfo;
use crate::{Actor, Error, PgPool, Result};
use chrono::{DateTime, Utc};
use shared::documents::DocumentState;
use shared::files::FileKind;
use shared::{ClientId, ClientNumber, DocumentId, FileId, Refusal};
use sqlx::PgConnection;

/// A line of a client's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentRow {
    pub id: DocumentId,
    pub title: String,
    pub state: DocumentState,
    pub author: String,
    pub written_at: DateTime<Utc>,
    pub opened_at: Option<DateTime<Utc>>,
    /// Of one that is attached.
    pub file: Option<FileKind>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    pub id: DocumentId,
    pub number: ClientNumber,
    pub client: String,
    pub state: DocumentState,
    pub version: i32,
    /// The newest first.
    pub versions: Vec<VersionRow>,
    pub shared_at: Option<DateTime<Utc>>,
    /// When it was opened first, and who opened it.
    pub opened: Option<(DateTime<Utc>, String)>,
    /// Those linked to the client: whether they are chosen.
    pub linked: Vec<(ClientId, String, bool)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRow {
    pub number: i32,
    pub title: String,
    pub body: String,
    /// In place of a text.
    pub file: Option<FileInfo>,
    pub by: String,
    pub at: DateTime<Utc>,
    pub was_shared: bool,
}

/// A client's documents, the newest first.
pub async fn of_client(conn: &mut PgConnection, client: &ReadableClient) -> Result<Vec<DocumentRow>> {
    Ok(sqlx::query_as!(
        DocumentRow,
        r#"select d.id as "id: DocumentId", v.title, d.state as "state: DocumentState",
                  s.first_name || ' ' || s.last_name as "author!", v.written_at, d.opened_at, f.kind as "file?: FileKind"
             from document d join document_version v on v.document_id = d.id and v.number = d.current_number
             join staff_member s on s.id = v.written_by left join file f on f.id = v.file_id
            where d.client_id = $1 order by v.written_at desc, d.id limit 200"#,
        client.id().0
    )
    .fetch_all(conn)
    .await?)
}

pub async fn one(pool: &PgPool, actor: &Actor, id: DocumentId) -> Result<Document> {
    actor.staff()?;
    let mut conn = pool.acquire().await?;
    let row = sqlx::query!(
        r#"select d.client_id as "client: ClientId", c.number as "number: ClientNumber", client_name(c) as "name!",
                  d.state as "state: DocumentState", d.version, d.shared_at, d.opened_at, client_name(o) as "opened_by?"
             from document d join client c on c.id = d.client_id left join client o on o.id = d.opened_by where d.id = $1"#,
        id.0
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    authz::readable_by_id(&mut conn, actor, row.client).await?;
    let versions = sqlx::query!(
        r#"select v.number, v.title, v.body, s.first_name || ' ' || s.last_name as "by!", v.written_at as at, v.was_shared,
                  f.id as "file?: FileId", f.kind as "file_kind?: FileKind", f.size as "file_size?"
             from document_version v join staff_member s on s.id = v.written_by left join file f on f.id = v.file_id
            where v.document_id = $1 order by v.number desc"#,
        id.0
    )
    .fetch_all(&mut *conn)
    .await?;
    let versions = versions.into_iter().map(|row| VersionRow {
        number: row.number,
        title: row.title,
        body: row.body,
        file: FileInfo::of(row.file, row.file_kind, row.file_size),
        by: row.by,
        at: row.at,
        was_shared: row.was_shared,
    });
    let versions = versions.collect();
    let linked = sqlx::query!(
        r#"select c.id as "id: ClientId", client_name(c) as "name!",
                  exists (select from document_reader r where r.document_id = $1 and r.client_id = c.id) as "chosen!"
             from client_grant g join client c on c.id = g.holder
            where g.subject = $2 and exists (select from client_in_scope(c.id, $3))
            order by c.sort_name, c.id"#,
        id.0,
        row.client.0,
        actor.staff()?.scope()
    )
    .fetch_all(&mut *conn)
    .await?;
    Ok(Document {
        id,
        number: row.number,
        client: row.name,
        state: row.state,
        version: row.version,
        versions,
        shared_at: row.shared_at,
        opened: row.opened_at.map(|at| (at, row.opened_by.unwrap_or_default())),
        linked: linked.into_iter().map(|row| (row.id, row.name, row.chosen)).collect(),
    })
}

/// A line in the portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MyDocument {
    pub id: DocumentId,
    pub title: String,
    /// Whose it is, if not one's own.
    pub for_name: Option<String>,
    pub shared_at: DateTime<Utc>,
}

/// What is shared with oneself, the newest first.
pub async fn mine(pool: &PgPool, me: &ClientActor) -> Result<Vec<MyDocument>> {
    Ok(sqlx::query_as!(
        MyDocument,
        r#"select d.id as "id: DocumentId", v.title, case when d.client_id <> $1 then client_short_name(c) end as "for_name?",
                  d.shared_at as "shared_at!"
             from (select id from document where client_id = $1
                   union select document_id from document_reader where client_id = $1) may
             join document d on d.id = may.id and d.state = 'shared'
             join document_version v on v.document_id = d.id and v.number = d.current_number
             join client c on c.id = d.client_id
            where exists (select from document_reader_of(d.id) r where r.client_id = $1)
            order by d.shared_at desc, d.id limit 200"#,
        me.id().0
    )
    .fetch_all(pool)
    .await?)
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MyText {
    pub title: String,
    pub body: String,
    /// In place of a text.
    pub file: Option<FileInfo>,
    pub for_name: Option<String>,
    pub author: String,
    pub shared_at: DateTime<Utc>,
}

/// What is shared, to read.
pub async fn open(pool: &PgPool, me: &ClientActor, id: DocumentId) -> Result<MyText> {
    let mut tx = pool.begin().await?;
    let row = sqlx::query!(
        r#"select v.title, v.body, case when d.client_id <> $2 then client_short_name(c) end as "for_name?",
                  s.first_name || ' ' || s.last_name as "author!", d.shared_at as "shared_at!",
                  f.id as "file?: FileId", f.kind as "file_kind?: FileKind", f.size as "file_size?"
             from document d join document_version v on v.document_id = d.id and v.number = d.current_number
             join client c on c.id = d.client_id join staff_member s on s.id = v.written_by
             left join file f on f.id = v.file_id
            where d.id = $1 and d.state = 'shared' and exists (select from document_reader_of(d.id) r where r.client_id = $2)"#,
        id.0,
        me.id().0
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    opened(&mut tx, me, id).await?;
    tx.commit().await?;
    Ok(MyText {
        title: row.title,
        body: row.body,
        file: FileInfo::of(row.file, row.file_kind, row.file_size),
        for_name: row.for_name,
        author: row.author,
        shared_at: row.shared_at,
    })
}

/// Notes who opened it first, and when.
pub(crate) async fn opened(conn: &mut PgConnection, me: &ClientActor, id: DocumentId) -> Result<()> {
    sqlx::query!(
        "update document set opened_at = now(), opened_by = $2 where id = $1 and opened_at is null",
        id.0,
        me.id().0
    )
    .execute(conn)
    .await?;
    Ok(())
}
