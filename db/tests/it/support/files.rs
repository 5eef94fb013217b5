//! Files that become clients, and clients that become files, for the tests of
//! imports.

use db::import::{Begun, ContentHash, FileInfo, Upload, map, one, remembered, start, targets, work};
use db::{Actor, PgPool};
use shared::ImportId;
use shared::accounts::Role;
use shared::bulk::Selection;
use shared::cells::neutral;
use shared::clients::ClientQuery;
use shared::clients::columns::Column;
use shared::import::{FileFault, ImportForm, Reader, sniff_separator};
use testkit::staff_actor;

pub async fn desk(pool: &PgPool) -> Actor {
    staff_actor(pool, "Desk", &[Role::FrontDesk]).await
}

pub async fn try_upload(pool: &PgPool, actor: &Actor, text: &str) -> db::Result<Result<ImportId, FileFault>> {
    let contents = ContentHash::default();
    let file = FileInfo { request_key: db::new_id(), name: "people.csv".into(), encoding: "UTF-8".into(), contents };
    let Begun::Now(mut upload) = Upload::begin(pool, actor, &file).await? else { panic!() };
    let (mut reader, mut rows) = (Reader::new(sniff_separator(text)), Vec::new());
    if let Err(fault) = reader.push(text, &mut rows).and_then(|()| reader.finish(&mut rows)) {
        return Ok(Err(fault));
    }
    if let Err(fault) = upload.rows(&mut rows).await? {
        return Ok(Err(fault));
    }
    upload.finish().await
}

pub async fn upload(pool: &PgPool, actor: &Actor, text: &str) -> ImportId {
    try_upload(pool, actor, text).await.unwrap().unwrap()
}

/// What the page would begin with.
pub async fn guessed(pool: &PgPool, actor: &Actor, id: ImportId) -> ImportForm {
    let import = one(pool, actor, id).await.unwrap();
    let targets = targets(pool, actor).await.unwrap();
    let (form, _) = remembered(pool, actor, &import, &targets).await.unwrap();
    ImportForm { version: import.version.to_string(), tagged: false, ..form }
}

/// Uploads, maps as guessed with some changes, and checks.
pub async fn checked(pool: &PgPool, actor: &Actor, text: &str, change: impl FnOnce(&mut ImportForm)) -> ImportId {
    let id = upload(pool, actor, text).await;
    let mut form = guessed(pool, actor, id).await;
    change(&mut form);
    map(pool, actor, id, form).await.unwrap();
    work_all(pool).await;
    assert_eq!(state(pool, id).await, "checked");
    id
}

pub async fn imported(pool: &PgPool, actor: &Actor, text: &str, change: impl FnOnce(&mut ImportForm)) -> ImportId {
    let id = checked(pool, actor, text, change).await;
    start(pool, actor, id, true, "").await.unwrap();
    work_all(pool).await;
    assert_eq!(state(pool, id).await, "done", "{:?}", one(pool, actor, id).await.unwrap());
    id
}

pub async fn work_all(pool: &PgPool) {
    while work(pool).await.unwrap() {}
}

pub async fn state(pool: &PgPool, id: ImportId) -> String {
    sqlx::query_scalar("select state from import where id = $1").bind(id.0).fetch_one(pool).await.unwrap()
}

pub async fn number(pool: &PgPool, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
}

pub async fn text(pool: &PgPool, sql: &'static str) -> String {
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
}

/// Of everything but imports, the audit and what is derived.
pub async fn fingerprint(pool: &PgPool) -> String {
    let sql = "select md5(string_agg(md5(query_to_xml(format('select * from %I', tablename), true, false, '')::text), ''
                      order by tablename))
                 from pg_tables where schemaname = 'public' and tablename not like 'audit%' and tablename not like 'import%'";
    text(pool, sql).await
}

/// All importable columns of everyone, as the export writes them.
pub async fn exported(pool: &PgPool, actor: &Actor) -> String {
    let keys: Vec<&str> =
        Column::ALL.iter().filter(|column| column.is_importable()).map(|column| column.as_str()).collect();
    let fields: Vec<String> =
        sqlx::query_scalar("select 'field-' || id from client_field where active").fetch_all(pool).await.unwrap();
    let keys = keys.join(",") + "," + &fields.join(",");
    let all = Selection::Matching { query: Box::new(ClientQuery::default()), mine: false };
    let mut export = db::export::begin(pool, actor, &all, &keys, "csv").await.unwrap();
    let quoted = |cell: &str| format!("\"{}\"", neutral(cell).replace('"', "\"\""));
    let mut lines = vec![export.heads.iter().map(|head| quoted(&head.heading)).collect::<Vec<_>>().join(",")];
    while let Some(records) = export.next().await.unwrap() {
        lines.extend(
            records.iter().map(|record| export.cells(record).map(|cell| quoted(&cell)).collect::<Vec<_>>().join(",")),
        );
    }
    lines[1..].sort();
    lines.join("\r\n")
}
