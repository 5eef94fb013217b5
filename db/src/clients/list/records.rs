//! What a list or a file shows of many clients: seven statements at most, and
//! only those that the columns need.
//!
//! Notes are read for the front desk only; names and contact details are not read in
//! code-only mode.

use super::{Heads, rows};
use crate::time::Zone;
use crate::{Actor, Result};
use chrono::Utc;
use shared::clients::columns::{ClientRecord, Column, ColumnHead, ColumnKey, contacts_text, phones_text};
use shared::{ClientId, FieldId};
use sqlx::PgConnection;
use std::collections::HashMap;
use uuid::Uuid;

/// What is to be read.
#[derive(Debug, Clone)]
pub struct Wanted {
    keys: Vec<ColumnKey>,
    pub(super) zone: Zone,
    pub(super) code_only: bool,
    /// Whether each client was used, for a menu of what can be done.
    pub(super) menus: bool,
}

impl Heads {
    /// These of the columns.
    pub fn wanted(&self, columns: &[ColumnHead]) -> Wanted {
        let keys = columns.iter().map(|head| head.key).collect();
        Wanted { keys, zone: self.zone.clone(), code_only: self.code_only, menus: false }
    }
}

impl Wanted {
    /// With what a menu of each client has to know; files need none of it.
    pub fn with_menus(self) -> Wanted {
        Wanted { menus: true, ..self }
    }

    /// Whether this is wanted, and kept.
    pub(super) fn has(&self, column: Column) -> bool {
        self.keys.contains(&ColumnKey::Of(column)) && !(self.code_only && column.identifies())
    }
}

/// Whose records.
#[derive(Debug, Clone, Copy)]
pub enum Who<'a> {
    Ids(&'a [ClientId]),
    Numbers(&'a [i64]),
}

/// These clients in this order; without the people the actor may not see.
pub async fn records(
    conn: &mut PgConnection,
    actor: &Actor,
    who: Who<'_>,
    wanted: &Wanted,
) -> Result<Vec<ClientRecord>> {
    let staff = actor.staff()?;
    let today = wanted.zone.date(Utc::now());
    let mut records = rows::read(conn, who, staff.scope(), wanted, today).await?;
    let ids: Vec<Uuid> = records.iter().map(|record| record.id.0).collect();
    let places: HashMap<Uuid, usize> = ids.iter().enumerate().map(|(place, id)| (*id, place)).collect();

    if wanted.has(Column::Tags) {
        let rows = sqlx::query!(
            r#"select ct.client_id, array_agg(t.name::text order by t.name) as "names!: Vec<String>"
                 from client_tag ct join tag t on t.id = ct.tag_id where ct.client_id = any ($1) group by 1"#,
            &ids
        );
        for row in rows.fetch_all(&mut *conn).await? {
            records[places[&row.client_id]].tags = row.names;
        }
    }
    if wanted.has(Column::Practitioners) {
        let rows = sqlx::query!(
            r#"select p.client_id,
                      array_agg(s.first_name || ' ' || s.last_name order by s.last_name, s.first_name, s.id) as "names!: Vec<String>"
                 from client_practitioner p join staff_member s on s.id = p.practitioner_id
                where p.client_id = any ($1) group by 1"#,
            &ids
        );
        for row in rows.fetch_all(&mut *conn).await? {
            records[places[&row.client_id]].practitioners = row.names;
        }
    }
    if wanted.has(Column::Phones) {
        let rows = sqlx::query!(
            r#"select client_id, array_agg(label order by position, id) as "labels!: Vec<String>",
                      array_agg(number order by position, id) as "numbers!: Vec<String>"
                 from client_phone where client_id = any ($1) group by 1"#,
            &ids
        );
        for row in rows.fetch_all(&mut *conn).await? {
            let phones = row.labels.iter().map(String::as_str).zip(row.numbers.iter().map(String::as_str));
            records[places[&row.client_id]].texts.insert(Column::Phones, phones_text(phones));
        }
    }
    if wanted.has(Column::Contacts) {
        let rows = sqlx::query!(
            "select client_id, name, relationship, phone, email from client_contact
              where client_id = any ($1) order by client_id, position, id",
            &ids
        );
        let mut contacts: HashMap<Uuid, Vec<[String; 4]>> = HashMap::new();
        for row in rows.fetch_all(&mut *conn).await? {
            contacts.entry(row.client_id).or_default().push([row.name, row.relationship, row.phone, row.email]);
        }
        for (client, contacts) in contacts {
            let text = contacts_text(contacts.iter().map(|parts| parts.each_ref().map(String::as_str)));
            records[places[&client]].texts.insert(Column::Contacts, text);
        }
    }
    let fields: Vec<Uuid> = wanted
        .keys
        .iter()
        .filter_map(|key| match key {
            ColumnKey::Field(id) => Some(id.0),
            ColumnKey::Of(_) => None,
        })
        .collect();
    if !fields.is_empty() {
        let rows = sqlx::query!(
            r#"select v.client_id, v.field_id as "field: FieldId",
                      coalesce(v.words, trim_scale(v.number)::text, v.day::text, c.label,
                               case when v.ticked then 'Yes' else 'No' end) as "text!"
                 from client_field_value v left join client_field_choice c on c.id = v.choice_id
                where v.client_id = any ($1) and v.field_id = any ($2)"#,
            &ids,
            &fields
        );
        for row in rows.fetch_all(&mut *conn).await? {
            records[places[&row.client_id]].fields.insert(row.field, row.text);
        }
    }
    // Read apart from the rest, and only for those who may see them.
    if wanted.has(Column::Notes) && staff.sees_notes() {
        let rows = sqlx::query!("select id, notes from client where id = any ($1) and notes <> ''", &ids);
        for row in rows.fetch_all(conn).await? {
            records[places[&row.id]].texts.insert(Column::Notes, row.notes);
        }
    }
    Ok(records)
}
