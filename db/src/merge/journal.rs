//! The journal of a merge: of every row that it touched what changed, so that
//! it can be put back exactly. Rows that went or came are kept whole; of those
//! that changed only what changed, for they may be another person's too. Of the
//! client's own row that is whole choices ([`GROUPS`]): a consent belongs to its
//! number.

use super::fields::GROUPS;
use crate::deletion::REFERENCES;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use shared::ClientId;
use sqlx::{AssertSqlSafe, PgConnection};
use std::collections::{BTreeMap, BTreeSet};

type Row = Map<String, Value>;

/// What a merge did, table by table, in the order in which it is put back.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Journal(pub Vec<Changes>);

#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Changes {
    pub table: String,
    /// The columns of its primary key.
    pub key: Vec<String>,
    pub removed: Vec<Row>,
    pub changed: Vec<Changed>,
    pub added: Vec<Row>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Changed {
    pub key: Row,
    pub before: Row,
    pub after: Row,
}

/// A row that is no longer as a merge left it.
#[derive(Debug)]
pub struct Overtaken {
    pub table: String,
    pub key: Value,
    /// What of it is different; nothing when it is gone, or there again.
    pub columns: Vec<String>,
}

/// Rows as they are, by table.
pub struct Snapshot(Vec<(String, Vec<String>, Vec<Row>)>);

/// What goes with a log-in, beside what refers to the client.
const WITH_ACCOUNT: &[(&str, &str)] = &[
    ("account_link", "account_id in (select id from account where client_id = any($1))"),
    ("account_totp", "account_id in (select id from account where client_id = any($1))"),
    ("account_passkey", "account_id in (select id from account where client_id = any($1))"),
    ("account_recovery_code", "account_id in (select id from account where client_id = any($1))"),
    ("account_factor_removal", "account_id in (select id from account where client_id = any($1))"),
    ("message", "account_id in (select id from account where client_id = any($1))"),
    (
        "message_copy",
        "message_id in (select m.id from message m join account a on a.id = m.account_id where a.client_id = any($1))",
    ),
];

/// Tables in an order in which rows can be put back: those that others refer to
/// come first.
fn tables() -> Vec<&'static str> {
    let first = [
        "client",
        "account",
        "account_link",
        "account_totp",
        "account_passkey",
        "account_recovery_code",
        "account_factor_removal",
        "message",
        "message_copy",
    ];
    let rest: BTreeSet<_> = REFERENCES.iter().map(|r| r.table).filter(|table| !first.contains(table)).collect();
    first.into_iter().chain(rest).collect()
}

async fn key(conn: &mut PgConnection, table: &str) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(
        r#"select a.attname::text as "name!"
             from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
            where i.indrelid = ($1::text)::regclass and i.indisprimary order by a.attnum"#,
        table
    )
    .fetch_all(conn)
    .await?)
}

/// Every row that refers to one of the clients, and those of `seen` wherever
/// they refer to now.
pub async fn snapshot(conn: &mut PgConnection, clients: &[ClientId], seen: Option<&Snapshot>) -> Result<Snapshot> {
    let ids: Vec<_> = clients.iter().map(|id| id.0).collect();
    let mut all = Vec::new();
    for table in tables() {
        let key = key(conn, table).await?;
        let mut conditions: Vec<String> =
            REFERENCES.iter().filter(|r| r.table == table).map(|r| format!("t.{} = any($1)", r.column)).collect();
        if table == "client" {
            conditions.push("t.id = any($1)".to_owned());
        }
        conditions.extend(WITH_ACCOUNT.iter().filter(|(name, _)| *name == table).map(|(_, when)| (*when).to_owned()));
        let columns = key.iter().map(|column| format!("t.{column}")).collect::<Vec<_>>().join(", ");
        let same = key.iter().map(|column| format!("r.{column}")).collect::<Vec<_>>().join(", ");
        let sql = format!(
            "select to_jsonb(t) from {table} t
              where {} or ({columns}) in (select {same} from jsonb_populate_recordset(null::{table}, $2) r)
              order by {columns}",
            conditions.join(" or ")
        );
        let earlier = seen.and_then(|seen| seen.0.iter().find(|(name, ..)| name == table));
        let earlier: Vec<Value> =
            earlier.map(|(_, _, rows)| rows.iter().cloned().map(Value::Object).collect()).unwrap_or_default();
        let rows: Vec<Value> =
            sqlx::query_scalar(AssertSqlSafe(sql)).bind(&ids).bind(Value::Array(earlier)).fetch_all(&mut *conn).await?;
        let rows = rows.into_iter().filter_map(|row| if let Value::Object(row) = row { Some(row) } else { None });
        all.push((table.to_owned(), key, rows.collect()));
    }
    Ok(Snapshot(all))
}

fn part(row: &Row, columns: &[String]) -> Row {
    columns.iter().map(|column| (column.clone(), row.get(column).cloned().unwrap_or_default())).collect()
}

/// What is different between the two.
pub fn difference(before: Snapshot, after: Snapshot) -> Journal {
    let name = |row: &Row, key: &[String]| Value::Object(part(row, key)).to_string();
    let tables = before.0.into_iter().zip(after.0).map(|((table, key, before), (_, _, after))| {
        let mut after: BTreeMap<String, Row> = after.into_iter().map(|row| (name(&row, &key), row)).collect();
        let mut changes = Changes { table, key, ..Changes::default() };
        for row in before {
            let Some(now) = after.remove(&name(&row, &changes.key)) else {
                changes.removed.push(row);
                continue;
            };
            let different = |column: &&String| row.get(*column) != now.get(*column);
            let mut columns: Vec<String> = row.keys().filter(different).cloned().collect();
            if changes.table == CLIENT {
                columns = choices(&columns);
            }
            if !columns.is_empty() {
                changes.changed.push(Changed {
                    key: part(&row, &changes.key),
                    before: part(&row, &columns),
                    after: part(&now, &columns),
                });
            }
        }
        changes.added = after.into_values().collect();
        changes
    });
    Journal(tables.filter(|c| !(c.removed.is_empty() && c.changed.is_empty() && c.added.is_empty())).collect())
}

/// The columns of every choice in which one is different, and when the row was
/// saved last. Its version goes on counting, and its place in lists follows.
fn choices(different: &[String]) -> Vec<String> {
    let has = |columns: &[&str]| columns.iter().any(|column| different.iter().any(|other| other == column));
    let chosen = GROUPS.iter().filter(|group| has(group.columns)).flat_map(|group| group.columns);
    chosen.chain(Some(&SAVED).filter(|saved| has(&[**saved]))).map(|column| (*column).to_owned()).collect()
}

fn equal(columns: &[String]) -> String {
    columns.iter().map(|column| format!("t.{column} = r.{column}")).collect::<Vec<_>>().join(" and ")
}

const CLIENT: &str = "client";
/// In journals of old, which tell every edit of the record by it alone; the client's
/// version goes on counting whatever they say.
pub(super) const VERSION: &str = "version";
/// When the client was saved last: no edit by itself.
const SAVED: &str = "updated_at";

impl Journal {
    /// The rows that are no longer as the merge left them. What no one changed but
    /// the merge is all that is compared: a later edit of something else is no matter.
    pub async fn overtaken(&self, conn: &mut PgConnection) -> Result<Vec<Overtaken>> {
        let mut overtaken = Vec::new();
        for changes in &self.0 {
            let (table, key) = (&changes.table, equal(&changes.key));
            let left = changes.changed.iter().map(|row| json!({ "key": row.key, "after": row.after }));
            let left = left.chain(changes.added.iter().map(|row| json!({ "key": row, "after": row })));
            let sql = format!(
                "select x.row -> 'key', array(
                     select e.key from jsonb_each(x.row -> 'after') e
                      where n.now is not null and e.key <> $2 and n.now -> e.key is distinct from e.value)
                   from jsonb_array_elements($1) x (row)
                   left join lateral (
                       select to_jsonb(t) as now from {table} t, jsonb_populate_record(null::{table}, x.row -> 'key') r
                        where {key}) n on true
                  where n.now is null or exists (
                      select from jsonb_each(x.row -> 'after') e
                       where e.key <> $2 and n.now -> e.key is distinct from e.value)"
            );
            let saved = if table == CLIENT { SAVED } else { "" };
            let different: Vec<(Value, Vec<String>)> = sqlx::query_as(AssertSqlSafe(sql))
                .bind(Value::Array(left.collect()))
                .bind(saved)
                .fetch_all(&mut *conn)
                .await?;
            let sql = format!(
                "select to_jsonb(r) from {table} t join jsonb_populate_recordset(null::{table}, $1) r on {key}"
            );
            let there: Vec<Value> = sqlx::query_scalar(AssertSqlSafe(sql))
                .bind(Value::Array(changes.removed.iter().cloned().map(Value::Object).collect()))
                .fetch_all(&mut *conn)
                .await?;
            let again = there.into_iter().map(|key| (key, Vec::new()));
            overtaken.extend(different.into_iter().chain(again).map(|(key, columns)| Overtaken {
                table: table.clone(),
                key,
                columns,
            }));
        }
        Ok(overtaken)
    }

    /// Puts everything back. The client's version goes on counting, so that anyone who
    /// has a form open from before or after the merge is told; a record saved since stays
    /// so. A constraint that refuses is a database error.
    pub async fn put_back(&self, conn: &mut PgConnection) -> Result<()> {
        for changes in &self.0 {
            let (table, key) = (&changes.table, equal(&changes.key));
            for row in &changes.added {
                let sql = format!("delete from {table} t using jsonb_populate_record(null::{table}, $1) r where {key}");
                sqlx::query(AssertSqlSafe(sql)).bind(Value::Object(row.clone())).execute(&mut *conn).await?;
            }
            let columns = written(conn, table).await?;
            for changed in &changes.changed {
                let mut set: Vec<String> = changed
                    .before
                    .keys()
                    .filter(|column| columns.contains(column) && (table != CLIENT || *column != VERSION))
                    .map(|column| match (table.as_str(), column.as_str()) {
                        (CLIENT, SAVED) => {
                            format!("{SAVED} = case when t.{SAVED} = a.{SAVED} then b.{SAVED} else t.{SAVED} end")
                        }
                        _ => format!("{column} = b.{column}"),
                    })
                    .collect();
                if table == CLIENT {
                    set.push(format!("{VERSION} = t.{VERSION} + 1"));
                }
                if set.is_empty() {
                    continue;
                }
                let sql = format!(
                    "update {table} t set {} from jsonb_populate_record(null::{table}, $1) r,
                            jsonb_populate_record(null::{table}, $2) b, jsonb_populate_record(null::{table}, $3) a
                      where {key}",
                    set.join(", ")
                );
                sqlx::query(AssertSqlSafe(sql))
                    .bind(Value::Object(changed.key.clone()))
                    .bind(Value::Object(changed.before.clone()))
                    .bind(Value::Object(changed.after.clone()))
                    .execute(&mut *conn)
                    .await?;
            }
            for row in &changes.removed {
                // A column that is younger than the journal has its default.
                let columns: Vec<_> = columns.iter().filter(|column| row.contains_key(*column)).cloned().collect();
                let columns = columns.join(", ");
                let sql = format!(
                    "insert into {table} ({columns}) overriding system value
                     select {columns} from jsonb_populate_record(null::{table}, $1)"
                );
                sqlx::query(AssertSqlSafe(sql)).bind(Value::Object(row.clone())).execute(&mut *conn).await?;
            }
        }
        Ok(())
    }

    pub fn read(value: Value) -> Result<Journal> {
        serde_json::from_value(value).map_err(|error| Error::Database(sqlx::Error::Decode(error.into())))
    }

    pub fn write(&self) -> Result<Value> {
        serde_json::to_value(self).map_err(|error| Error::Database(sqlx::Error::Encode(error.into())))
    }
}

/// The columns that are stored as they are given.
async fn written(conn: &mut PgConnection, table: &str) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(
        r#"select attname::text as "name!" from pg_attribute
            where attrelid = ($1::text)::regclass and attnum > 0 and not attisdropped and attgenerated = ''
            order by attnum"#,
        table
    )
    .fetch_all(conn)
    .await?)
}
