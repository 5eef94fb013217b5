//! What belongs to a client's record in tables of its own: practitioners,
//! further telephone numbers, contacts, tags, client information fields.

use crate::{Result, new_id};
use chrono::NaiveDate;
use shared::clients::{Contact, Phone};
use shared::fields::FieldValue;
use shared::{ClientId, FieldId, Problem, Refusal, StaffId, TagId};
use sqlx::PgConnection;
use uuid::Uuid;

/// Sets who is assigned. Those who have left stay where they already are, but
/// are assigned to no one new.
pub(crate) async fn assign(conn: &mut PgConnection, client: ClientId, practitioners: &[StaffId]) -> Result<()> {
    let mut wanted: Vec<Uuid> = practitioners.iter().map(|id| id.0).collect();
    wanted.sort();
    wanted.dedup();
    let known = sqlx::query_scalar!(
        r#"select count(*) as "count!" from staff_member s
            where s.id = any ($2) and 'practitioner' = any (s.roles)
              and (s.active or exists (
                  select from client_practitioner p where p.client_id = $1 and p.practitioner_id = s.id))"#,
        client.0,
        &wanted
    )
    .fetch_one(&mut *conn)
    .await?;
    if known != wanted.len() as i64 {
        return Err(Refusal::field("practitioners", Problem::Unknown).into());
    }
    sqlx::query!(
        "with ended as (
             delete from client_practitioner where client_id = $1 and practitioner_id <> all ($2) returning *)
         insert into client_practitioner_ended (client_id, practitioner_id)
         select client_id, practitioner_id from ended
         on conflict (client_id, practitioner_id) do update set ended_at = now()",
        client.0,
        &wanted
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "insert into client_practitioner (client_id, practitioner_id) select $1, unnest($2::uuid[]) on conflict do nothing",
        client.0,
        &wanted
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// In place of those there are.
pub(super) async fn save_phones(conn: &mut PgConnection, client: ClientId, phones: &[Phone]) -> Result<()> {
    sqlx::query!("delete from client_phone where client_id = $1", client.0).execute(&mut *conn).await?;
    let ids: Vec<Uuid> = phones.iter().map(|_| new_id()).collect();
    let labels: Vec<String> = phones.iter().map(|phone| phone.label.clone()).collect();
    let numbers: Vec<String> = phones.iter().map(|phone| phone.number.clone()).collect();
    sqlx::query!(
        "insert into client_phone (client_id, id, label, number, position)
         select $1, p.* from unnest($2::uuid[], $3::text[], $4::text[]) with ordinality p",
        client.0,
        &ids,
        &labels,
        &numbers
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// In place of those there are.
pub(super) async fn save_contacts(conn: &mut PgConnection, client: ClientId, contacts: &[Contact]) -> Result<()> {
    sqlx::query!("delete from client_contact where client_id = $1", client.0).execute(&mut *conn).await?;
    let ids: Vec<Uuid> = contacts.iter().map(|_| new_id()).collect();
    let column =
        |value: fn(&Contact) -> &String| -> Vec<String> { contacts.iter().map(|c| value(c).clone()).collect() };
    sqlx::query!(
        "insert into client_contact (client_id, id, name, relationship, phone, email, position)
         select $1, c.* from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[]) with ordinality c",
        client.0,
        &ids,
        &column(|contact| &contact.name),
        &column(|contact| &contact.relationship),
        &column(|contact| &contact.phone),
        &column(|contact| &contact.email),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Sets the client's tags, those named `new` made where there are none of that
/// name; answers the ids of those just made.
pub(super) async fn save_tags(
    conn: &mut PgConnection,
    client: ClientId,
    tags: &[TagId],
    new: &[String],
) -> Result<Vec<Uuid>> {
    let mut made = Vec::new();
    if !new.is_empty() {
        let ids: Vec<Uuid> = new.iter().map(|_| new_id()).collect();
        made = sqlx::query_scalar!(
            "insert into tag (id, name) select t.id, t.name::citext from unnest($1::uuid[], $2::text[]) as t (id, name)
             on conflict on constraint tag_name_key do nothing returning id",
            &ids,
            new
        )
        .fetch_all(&mut *conn)
        .await?;
    }
    let tags: Vec<Uuid> = tags.iter().map(|tag| tag.0).collect();
    sqlx::query!(
        "with wanted as (
             select id from tag where id = any ($2) or name = any ($3::text[]::citext[])
         ), gone as (
             delete from client_tag where client_id = $1 and tag_id not in (select id from wanted)
         )
         insert into client_tag (client_id, tag_id) select $1, id from wanted on conflict do nothing",
        client.0,
        &tags,
        new
    )
    .execute(conn)
    .await?;
    Ok(made)
}

/// Sets the values of the fields in use; what retired fields hold stays.
pub(crate) async fn save_fields(
    conn: &mut PgConnection,
    client: ClientId,
    values: &[(FieldId, FieldValue)],
) -> Result<()> {
    let ids: Vec<Uuid> = values.iter().map(|(field, _)| field.0).collect();
    sqlx::query!(
        "delete from client_field_value v using client_field f
          where v.client_id = $1 and f.id = v.field_id and f.active and v.field_id <> all ($2)",
        client.0,
        &ids
    )
    .execute(&mut *conn)
    .await?;
    let (mut words, mut numbers, mut days, mut choices, mut ticked) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (_, value) in values {
        words.push(if let FieldValue::Words(words) = value { Some(words.clone()) } else { None });
        numbers.push(if let FieldValue::Number(number) = value { Some(number.clone()) } else { None });
        days.push(if let FieldValue::Day(day) = value { Some(*day) } else { None });
        choices.push(if let FieldValue::Choice(choice) = value { Some(choice.0) } else { None });
        ticked.push(matches!(value, FieldValue::Ticked).then_some(true));
    }
    sqlx::query!(
        "insert into client_field_value (client_id, field_id, words, number, day, choice_id, ticked)
         select $1, v.id, v.words, v.number::numeric, v.day, v.choice, v.ticked
           from unnest($2::uuid[], $3::text[], $4::text[], $5::date[], $6::uuid[], $7::boolean[])
                as v (id, words, number, day, choice, ticked)
         on conflict (client_id, field_id) do update
            set words = excluded.words, number = excluded.number, day = excluded.day,
                choice_id = excluded.choice_id, ticked = excluded.ticked",
        client.0,
        &ids,
        &words as &[Option<String>],
        &numbers as &[Option<String>],
        &days as &[Option<NaiveDate>],
        &choices as &[Option<Uuid>],
        &ticked as &[Option<bool>],
    )
    .execute(conn)
    .await?;
    Ok(())
}
