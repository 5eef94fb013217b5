//! Clients and what belongs to them, many at a time: rows travel as JSON and
//! are inserted by one statement a table.

use super::codes::Codes;
use crate::{Error, PgPool, Result, new_id};
use chrono::NaiveDate;
use serde::Serialize;
use shared::clients::{ClientDetails, Kind};
use shared::fields::FieldValue;
use shared::health_card::Province;
use shared::{ClientId, ImportId, Problem, Refusal};
use sqlx::PgConnection;
use std::collections::HashSet;
use uuid::Uuid;

/// So often a suggested code is suggested again.
const CODE_TRIES: usize = 10;

/// A row of `client`; the names are its columns'.
#[derive(Serialize)]
struct ClientRow<'a> {
    id: Uuid,
    import_id: Uuid,
    kind: &'a str,
    code: &'a str,
    status: &'a str,
    group_name: &'a str,
    first_name: &'a str,
    last_name: &'a str,
    preferred_name: &'a str,
    language: &'a str,
    zone: &'a str,
    email: Option<&'a str>,
    email_consent: bool,
    mobile: Option<&'a str>,
    sms_consent: bool,
    mobile_is_primary: bool,
    pronouns: &'a str,
    birth_date: Option<NaiveDate>,
    alert: &'a str,
    notes: &'a str,
    salutation_id: Option<Uuid>,
    gender_id: Option<Uuid>,
    sex_at_birth: &'a str,
    age_range_id: Option<Uuid>,
    voice_consent: bool,
    address: &'a str,
    address_unit: &'a str,
    referring_provider_id: Option<Uuid>,
    qualified: Option<bool>,
    veteran_id: &'a str,
    location_id: Option<Uuid>,
    card_province: &'a str,
    card_number: &'a str,
    card_version: &'a str,
    card_expires: Option<NaiveDate>,
    fee_programme_id: Option<Uuid>,
    fee_programme_number: &'a str,
    province: &'a str,
    billing_authorisation: &'a str,
    case_number: &'a str,
    sessions_needed: Option<i32>,
    billing_notes: &'a str,
    prospect_stage: &'a str,
    last_contact: Option<NaiveDate>,
    next_step: &'a str,
    next_step_on: Option<NaiveDate>,
}

/// What is to be inserted of one client.
pub(super) struct New {
    pub id: ClientId,
    pub kind: Kind,
    pub group_name: String,
    pub code: String,
    /// Of a suggested code: what another is suggested from, should it be taken meanwhile.
    pub stem: Option<String>,
    pub details: ClientDetails,
    /// All of them, the new ones made.
    pub tags: Vec<Uuid>,
}

fn row(import: ImportId, new: &New) -> ClientRow<'_> {
    let details = &new.details;
    ClientRow {
        id: new.id.0,
        import_id: import.0,
        kind: new.kind.as_str(),
        code: &new.code,
        status: details.status.as_str(),
        group_name: &new.group_name,
        first_name: &details.first_name,
        last_name: &details.last_name,
        preferred_name: &details.preferred_name,
        language: &details.language,
        zone: &details.zone,
        email: details.email.as_deref(),
        email_consent: details.email_consent,
        mobile: details.mobile.as_deref(),
        sms_consent: details.sms_consent,
        mobile_is_primary: details.mobile_is_primary,
        pronouns: &details.pronouns,
        birth_date: details.birth_date,
        alert: &details.alert,
        notes: &details.notes,
        salutation_id: details.salutation.map(|id| id.0),
        gender_id: details.gender.map(|id| id.0),
        sex_at_birth: &details.sex_at_birth,
        age_range_id: details.age_range.map(|id| id.0),
        voice_consent: details.voice_consent,
        address: &details.address,
        address_unit: &details.address_unit,
        referring_provider_id: details.referring_provider.map(|id| id.0),
        qualified: details.qualified,
        veteran_id: &details.veteran_id,
        location_id: details.location.map(|id| id.0),
        card_province: details.card_province.map(Province::as_str).unwrap_or_default(),
        card_number: &details.card_number,
        card_version: &details.card_version,
        card_expires: details.card_expires,
        fee_programme_id: details.fee_programme.map(|id| id.0),
        fee_programme_number: &details.fee_programme_number,
        province: details.province.map(Province::as_str).unwrap_or_default(),
        billing_authorisation: &details.billing_authorisation,
        case_number: &details.case_number,
        sessions_needed: details.sessions_needed,
        billing_notes: &details.billing_notes,
        prospect_stage: details.prospect_stage.as_str(),
        last_contact: details.last_contact,
        next_step: &details.next_step,
        next_step_on: details.next_step_on,
    }
}

fn json<T: Serialize>(rows: &[T]) -> Result<String> {
    // Rows of ours always make JSON.
    serde_json::to_string(rows).map_err(|error| Error::Database(sqlx::Error::Encode(error.into())))
}

/// Inserts clients with all that is their own. The person whose suggested code was
/// given to another person at this very moment gets another.
pub(super) async fn insert(
    pool: &PgPool,
    conn: &mut PgConnection,
    import: ImportId,
    codes: &mut Codes,
    people: &mut [New],
) -> Result<()> {
    // What they are found by is put together once, when all of it is there.
    sqlx::query!("select set_config('kindred.search', 'later', true)").fetch_one(&mut *conn).await?;
    for _ in 0..CODE_TRIES {
        let inserted: HashSet<Uuid> = insert_clients(conn, import, people).await?.into_iter().collect();
        let mut missing: Vec<&mut New> = people.iter_mut().filter(|new| !inserted.contains(&new.id.0)).collect();
        if missing.is_empty() {
            parts(conn, people).await?;
            return found_by(conn, people).await;
        }
        let stems: Option<Vec<String>> = missing.iter().map(|new| new.stem.clone()).collect();
        let Some(stems) = stems else { break };
        for (new, code) in missing.iter_mut().zip(codes.take(pool, import, &stems).await?) {
            new.code = code;
        }
    }
    Err(Refusal::field("code", Problem::Taken).into())
}

/// Inserts those who are not here yet; answers the ids of all who are.
async fn insert_clients(conn: &mut PgConnection, import: ImportId, people: &[New]) -> Result<Vec<Uuid>> {
    let rows: Vec<ClientRow> = people.iter().map(|new| row(import, new)).collect();
    sqlx::query!(
        "insert into client (
             id, import_id, kind, code, status, group_name, first_name, last_name, preferred_name, language, zone, email,
             email_consent, mobile, sms_consent, mobile_is_primary, pronouns, birth_date, alert, notes,
             salutation_id, gender_id, sex_at_birth, age_range_id, voice_consent, address,
             address_unit, referring_provider_id, qualified, veteran_id, location_id, card_province,
             card_number, card_version, card_expires, fee_programme_id, fee_programme_number, province,
             billing_authorisation, case_number, sessions_needed, billing_notes, prospect_stage,
             last_contact, next_step, next_step_on)
         select id, import_id, kind, code, status, group_name, first_name, last_name, preferred_name, language, zone, email,
             email_consent, mobile, sms_consent, mobile_is_primary, pronouns, birth_date, alert, notes,
             salutation_id, gender_id, sex_at_birth, age_range_id, voice_consent, address,
             address_unit, referring_provider_id, qualified, veteran_id, location_id, card_province,
             card_number, card_version, card_expires, fee_programme_id, fee_programme_number, province,
             billing_authorisation, case_number, sessions_needed, billing_notes, prospect_stage,
             last_contact, next_step, next_step_on
           from json_populate_recordset(null::client, $1::text::json)
         on conflict do nothing",
        json(&rows)?
    )
    .execute(&mut *conn)
    .await?;
    let ids: Vec<Uuid> = people.iter().map(|new| new.id.0).collect();
    Ok(sqlx::query_scalar!("select id from client where id = any ($1)", &ids).fetch_all(conn).await?)
}

/// Lets them be found, as far as the transaction goes.
async fn found_by(conn: &mut PgConnection, people: &[New]) -> Result<()> {
    let ids: Vec<Uuid> = people.iter().map(|new| new.id.0).collect();
    sqlx::query!("select set_config('kindred.search', '', true), client_search_refresh($1)::text", &ids)
        .fetch_one(&mut *conn)
        .await?;
    if people.iter().any(|new| !new.details.fields.is_empty()) {
        sqlx::query!("select client_field_words_refresh($1)::text", &ids).fetch_one(conn).await?;
    }
    Ok(())
}

async fn parts(conn: &mut PgConnection, people: &[New]) -> Result<()> {
    let (mut phones, mut contacts, mut values) = (Vec::new(), Vec::new(), Vec::new());
    let (mut tagged, mut tags, mut assigned, mut practitioners) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for new in people {
        let client_id = new.id.0;
        for (position, phone) in new.details.phones.iter().enumerate() {
            phones.push(serde_json::json!({ "id": new_id(), "client_id": client_id, "position": position + 1,
                "label": phone.label, "number": phone.number }));
        }
        for (position, contact) in new.details.contacts.iter().enumerate() {
            contacts.push(serde_json::json!({ "id": new_id(), "client_id": client_id, "position": position + 1,
                "name": contact.name, "relationship": contact.relationship, "phone": contact.phone, "email": contact.email }));
        }
        for (field, value) in &new.details.fields {
            let (kind, value) = match value {
                FieldValue::Words(words) => ("words", words.clone()),
                FieldValue::Number(number) => ("number", number.clone()),
                FieldValue::Day(day) => ("day", day.to_string()),
                FieldValue::Choice(choice) => ("choice_id", choice.to_string()),
                FieldValue::Ticked => ("ticked", "true".to_owned()),
            };
            values.push(serde_json::json!({ "client_id": client_id, "field_id": field, (kind): value }));
        }
        for tag in &new.tags {
            tagged.push(client_id);
            tags.push(*tag);
        }
        for practitioner in &new.details.practitioners {
            assigned.push(client_id);
            practitioners.push(practitioner.0);
        }
    }
    if !phones.is_empty() {
        sqlx::query!(
            "insert into client_phone (id, client_id, label, number, position)
             select id, client_id, label, number, position from json_populate_recordset(null::client_phone, $1::text::json)",
            json(&phones)?
        )
        .execute(&mut *conn)
        .await?;
    }
    if !contacts.is_empty() {
        sqlx::query!(
            "insert into client_contact (id, client_id, name, relationship, phone, email, position)
             select id, client_id, name, relationship, phone, email, position
               from json_populate_recordset(null::client_contact, $1::text::json)",
            json(&contacts)?
        )
        .execute(&mut *conn)
        .await?;
    }
    if !values.is_empty() {
        sqlx::query!(
            "insert into client_field_value (client_id, field_id, words, number, day, choice_id, ticked)
             select client_id, field_id, words, number, day, choice_id, ticked
               from json_populate_recordset(null::client_field_value, $1::text::json)",
            json(&values)?
        )
        .execute(&mut *conn)
        .await?;
    }
    sqlx::query!(
        "insert into client_tag (client_id, tag_id) select * from unnest($1::uuid[], $2::uuid[]) on conflict do nothing",
        &tagged,
        &tags
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "insert into client_practitioner (client_id, practitioner_id)
         select * from unnest($1::uuid[], $2::uuid[]) on conflict do nothing",
        &assigned,
        &practitioners
    )
    .execute(conn)
    .await?;
    Ok(())
}
