//! Writing, sharing and withdrawing, for those who see the client.

use crate::clients::content_key;
use crate::practice::same_version;
use crate::{Actor, Error, PgPool, Result, audit, authz, files, new_id};
use shared::documents::{DocumentForm, DocumentState};
use shared::files::Upload;
use shared::{ClientId, ClientNumber, DocumentId, FileId, Problem, Refusal};
use sqlx::PgConnection;

/// Writes a draft. The same form sent twice is one.
pub async fn create(pool: &PgPool, actor: &Actor, number: ClientNumber, form: &DocumentForm) -> Result<DocumentId> {
    make(pool, actor, number, form, None).await
}

/// As [`create`], of a file; `None` when none was chosen.
pub async fn attach(
    pool: &PgPool,
    actor: &Actor,
    number: ClientNumber,
    form: &DocumentForm,
    file: Option<&Upload>,
) -> Result<DocumentId> {
    make(pool, actor, number, form, Some(file)).await
}

/// What is wrong with the title, and that no file was chosen, at the same time.
fn parse_file<'a>(
    form: &DocumentForm,
    file: Option<&'a Upload>,
) -> Result<(shared::documents::NewDocument, &'a Upload)> {
    match (form.parse_attached(), file) {
        (Ok(new), Some(file)) => Ok((new, file)),
        (Err(refusal), Some(_)) => Err(refusal.into()),
        (new, None) => {
            let mut errors = match new {
                Err(Refusal::Invalid(errors)) => errors,
                Err(other) => return Err(other.into()),
                Ok(_) => shared::FieldErrors::default(),
            };
            errors.push("file", Problem::Required);
            Err(Refusal::Invalid(errors).into())
        }
    }
}

/// `file`: it is attached rather than written.
async fn make(
    pool: &PgPool,
    actor: &Actor,
    number: ClientNumber,
    form: &DocumentForm,
    file: Option<Option<&Upload>>,
) -> Result<DocumentId> {
    let mut tx = pool.begin().await?;
    let client = authz::editable(&mut tx, actor, number).await?.id();
    let by = actor.staff()?.id();
    let (new, file) = match file {
        Some(file) => parse_file(form, file).map(|(new, file)| (new, Some(file)))?,
        None => (form.parse()?, None),
    };
    let digest = file.map(files::digest);
    let id = new.key.map_or_else(new_id, |key| content_key(key, &(actor.id(), client, &new, digest)));
    let made = sqlx::query!(
        "insert into document (id, client_id, author_id) values ($1, $2, $3) on conflict (id) do nothing",
        id,
        client.0,
        by.0
    );
    if made.execute(&mut *tx).await?.rows_affected() == 0 {
        return Ok(DocumentId(id));
    }
    let file = match file {
        Some(file) => Some(files::store(&mut tx, actor, client, file).await?.0),
        None => None,
    };
    sqlx::query!(
        "insert into document_version (document_id, number, title, body, file_id, written_by) values ($1, 1, $2, $3, $4, $5)",
        id,
        new.title,
        new.body,
        file,
        by.0
    )
    .execute(&mut *tx)
    .await?;
    audit::append(&mut tx, actor, "write-document", "client", client, &[]).await?;
    tx.commit().await?;
    Ok(DocumentId(id))
}

pub(super) struct Locked {
    pub client: ClientId,
    pub state: DocumentState,
    pub version: i32,
    pub newest: i32,
}

/// The document, if the actor sees whose it is; it stays as it is until the transaction ends.
async fn locked(conn: &mut PgConnection, actor: &Actor, id: DocumentId) -> Result<Locked> {
    actor.staff()?;
    let client = sqlx::query_scalar!(r#"select client_id as "id: ClientId" from document where id = $1"#, id.0)
        .fetch_optional(&mut *conn)
        .await?
        .ok_or(Error::Refused(Refusal::NotFound))?;
    authz::readable_by_id(&mut *conn, actor, client).await?;
    let row = sqlx::query!(
        r#"select state as "state: DocumentState", version,
                  (select max(number) from document_version v where v.document_id = d.id) as "newest!"
             from document d where id = $1 for update"#,
        id.0
    )
    .fetch_one(conn)
    .await?;
    Ok(Locked { client, state: row.state, version: row.version, newest: row.newest })
}

/// Writes it again: a draft in its place, what was shared as a new version, which is then shared.
/// Of an attached one the title changes, and the file stays.
pub async fn revise(pool: &PgPool, actor: &Actor, id: DocumentId, form: &DocumentForm) -> Result<()> {
    rewrite(pool, actor, id, form, None).await
}

/// As [`revise`], with another file in place of what it was.
pub async fn replace(pool: &PgPool, actor: &Actor, id: DocumentId, form: &DocumentForm, file: &Upload) -> Result<()> {
    rewrite(pool, actor, id, form, Some(file)).await
}

async fn rewrite(
    pool: &PgPool,
    actor: &Actor,
    id: DocumentId,
    form: &DocumentForm,
    file: Option<&Upload>,
) -> Result<()> {
    let mut tx = pool.begin().await?;
    let was = locked(&mut tx, actor, id).await?;
    let by = actor.staff()?.id();
    let newest = sqlx::query!(
        r#"select v.title, v.body, v.file_id as "file: FileId", f.sha256 as "sha256?"
             from document_version v left join file f on f.id = v.file_id where v.document_id = $1 and v.number = $2"#,
        id.0,
        was.newest
    )
    .fetch_one(&mut *tx)
    .await?;
    let new = if file.is_some() || newest.file.is_some() { form.parse_attached()? } else { form.parse()? };
    // The same file again is no change.
    let file = file.filter(|file| newest.sha256 != Some(files::digest(file)));
    if file.is_none() && (&newest.title, &newest.body) == (&new.title, &new.body) {
        return Ok(());
    }
    same_version(was.version, new.version)?;
    let stored = match file {
        Some(file) => Some(files::store(&mut tx, actor, was.client, file).await?),
        None => newest.file,
    };
    if was.state == DocumentState::Draft {
        sqlx::query!(
            "update document_version set title = $3, body = $4, file_id = $5, written_by = $6, written_at = now()
              where document_id = $1 and number = $2",
            id.0,
            was.newest,
            new.title,
            new.body,
            stored.map(|id| id.0),
            by.0
        )
        .execute(&mut *tx)
        .await?;
        if let (Some(_), Some(earlier)) = (file, newest.file) {
            files::forget(&mut tx, earlier).await?;
        }
    } else {
        sqlx::query!(
            "insert into document_version (document_id, number, title, body, file_id, written_by, was_shared)
             values ($1, $2 + 1, $3, $4, $5, $6, $7)",
            id.0,
            was.newest,
            new.title,
            new.body,
            stored.map(|id| id.0),
            by.0,
            was.state == DocumentState::Shared
        )
        .execute(&mut *tx)
        .await?;
    }
    sqlx::query!(
        "update document
            set version = version + 1, current_number = (select max(number) from document_version where document_id = $1)
          where id = $1",
        id.0
    )
    .execute(&mut *tx)
    .await?;
    audit::append(&mut tx, actor, "revise-document", "client", was.client, &[]).await?;
    tx.commit().await?;
    Ok(())
}

/// Shows it to the client and those chosen, and mails that something is there. Twice is as once.
pub async fn share(pool: &PgPool, actor: &Actor, id: DocumentId) -> Result<()> {
    let mut tx = pool.begin().await?;
    let was = locked(&mut tx, actor, id).await?;
    if was.state == DocumentState::Shared {
        return Ok(());
    }
    sqlx::query!(
        "update document set state = 'shared', shared_at = now(), withdrawn_at = null, version = version + 1 where id = $1",
        id.0
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "update document_version set was_shared = true where document_id = $1 and number = $2",
        id.0,
        was.newest
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into message (id, kind, subject_kind, subject_id, subject_version)
         values ($1, 'document', 'document', $2, nextval('request_mail_number')::integer)",
        new_id(),
        id.0
    )
    .execute(&mut *tx)
    .await?;
    audit::append(&mut tx, actor, "share-document", "client", was.client, &[]).await?;
    tx.commit().await?;
    Ok(())
}

/// Shows it to the team alone again. Twice is as once.
pub async fn withdraw(pool: &PgPool, actor: &Actor, id: DocumentId) -> Result<()> {
    let mut tx = pool.begin().await?;
    let was = locked(&mut tx, actor, id).await?;
    if was.state != DocumentState::Shared {
        return Ok(());
    }
    sqlx::query!(
        "update document set state = 'withdrawn', withdrawn_at = now(), version = version + 1 where id = $1",
        id.0
    )
    .execute(&mut *tx)
    .await?;
    audit::append(&mut tx, actor, "withdraw-document", "client", was.client, &[]).await?;
    tx.commit().await?;
    Ok(())
}

/// Which linked clients may read it beside the client: those and no others.
pub async fn set_readers(pool: &PgPool, actor: &Actor, id: DocumentId, readers: &[ClientId]) -> Result<()> {
    let mut tx = pool.begin().await?;
    let was = locked(&mut tx, actor, id).await?;
    let by = actor.staff()?.id();
    let ids: Vec<_> = readers.iter().map(|id| id.0).collect();
    let linked = sqlx::query_scalar!(
        r#"select count(*) as "count!" from unnest($2::uuid[]) r (id)
            where exists (select from client_link where client_low = least(r.id, $1) and client_high = greatest(r.id, $1))"#,
        was.client.0,
        &ids
    );
    if linked.fetch_one(&mut *tx).await? != ids.len() as i64 {
        return Err(Refusal::field("readers", Problem::Unknown).into());
    }
    let gone = sqlx::query!("delete from document_reader where document_id = $1 and client_id <> all ($2)", id.0, &ids);
    let gone = gone.execute(&mut *tx).await?.rows_affected();
    let made = sqlx::query!(
        "insert into document_reader (document_id, client_id, added_by) select $1, r.id, $3 from unnest($2::uuid[]) r (id)
         on conflict do nothing",
        id.0,
        &ids,
        by.0
    );
    if gone + made.execute(&mut *tx).await?.rows_affected() == 0 {
        return Ok(());
    }
    audit::append(&mut tx, actor, "document-readers", "client", was.client, &[]).await?;
    tx.commit().await?;
    Ok(())
}
