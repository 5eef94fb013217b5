//! A new individual's rows, and the suggested code.

use super::children::{self, assign};
use crate::{Result, new_id};
use shared::clients::{ClientDetails, Kind, code_stem};
use shared::health_card::Province;
use shared::{ClientId, ClientNumber, Problem, Refusal};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// A client just made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewClient {
    pub id: ClientId,
    pub number: ClientNumber,
}

/// How often a suggested code is suggested again because another person took it
/// first. Each round someone gets theirs.
const CODE_TRIES: usize = 25;

/// Adds an individual to a transaction under way, after `check()`; answers the tags that
/// were made as well. That the actor may is for the caller to see to, and so is the audit.
pub(crate) async fn add(conn: &mut PgConnection, details: &ClientDetails) -> Result<(NewClient, Vec<Uuid>)> {
    let client = insert(conn, details).await?;
    if !details.practitioners.is_empty() {
        assign(conn, client.id, &details.practitioners).await?;
    }
    if !details.phones.is_empty() {
        children::save_phones(conn, client.id, &details.phones).await?;
    }
    if !details.contacts.is_empty() {
        children::save_contacts(conn, client.id, &details.contacts).await?;
    }
    if !details.fields.is_empty() {
        children::save_fields(conn, client.id, &details.fields).await?;
    }
    let tags = children::save_tags(conn, client.id, &details.tags, &details.new_tags).await?;
    Ok((client, tags))
}

async fn insert(conn: &mut PgConnection, details: &ClientDetails) -> Result<NewClient> {
    let id = ClientId(new_id());
    for _ in 0..CODE_TRIES {
        let code = match &details.code {
            Some(typed) => typed.as_str().to_owned(),
            None => free_code(conn, &details.first_name, &details.last_name).await?,
        };
        let number = sqlx::query_scalar!(
            r#"insert into client (
                   id, kind, code, status, first_name, last_name, preferred_name, language, zone, email,
                   email_consent, mobile, sms_consent, mobile_is_primary, pronouns, birth_date, alert, notes,
                   request_key, salutation_id, gender_id, sex_at_birth, age_range_id, voice_consent, address,
                   address_unit, referring_provider_id, qualified, veteran_id, location_id, card_province,
                   card_number, card_version, card_expires, fee_programme_id, fee_programme_number, province,
                   billing_authorisation, case_number, sessions_needed, billing_notes, prospect_stage,
                   last_contact, next_step, next_step_on)
               values ($1, 'individual', $2::text::citext, $3, $4, $5, $6, $7, $8, $9::text::citext,
                       $10, $11, $12, $13, $14, $15, $16, $17,
                       $18, $19, $20, $21, $22, $23, $24,
                       $25, $26, $27, $28, $29, $30,
                       $31, $32, $33, $34, $35, $36,
                       $37, $38, $39, $40, $41,
                       $42, $43, $44)
               on conflict on constraint client_code_key do nothing
               returning number as "number: ClientNumber""#,
            id.0,
            code,
            details.status.as_str(),
            details.first_name,
            details.last_name,
            details.preferred_name,
            details.language,
            details.zone,
            details.email,
            details.email_consent,
            details.mobile,
            details.sms_consent,
            details.mobile_is_primary,
            details.pronouns,
            details.birth_date,
            details.alert,
            details.notes,
            details.request_key,
            details.salutation.map(|id| id.0),
            details.gender.map(|id| id.0),
            details.sex_at_birth,
            details.age_range.map(|id| id.0),
            details.voice_consent,
            details.address,
            details.address_unit,
            details.referring_provider.map(|id| id.0),
            details.qualified,
            details.veteran_id,
            details.location.map(|id| id.0),
            details.card_province.map(Province::as_str).unwrap_or_default(),
            details.card_number,
            details.card_version,
            details.card_expires,
            details.fee_programme.map(|id| id.0),
            details.fee_programme_number,
            details.province.map(Province::as_str).unwrap_or_default(),
            details.billing_authorisation,
            details.case_number,
            details.sessions_needed,
            details.billing_notes,
            details.prospect_stage.as_str(),
            details.last_contact,
            details.next_step,
            details.next_step_on,
        )
        .fetch_optional(&mut *conn)
        .await?;
        match number {
            Some(number) => return Ok(NewClient { id, number }),
            None if details.code.is_some() => break,
            // Taken between the suggestion and now.
            None => {}
        }
    }
    Err(Refusal::field("code", Problem::Taken).into())
}

/// A code that is free at this moment: the initials and the first free number.
pub async fn suggest_code(pool: &PgPool, first: &str, last: &str) -> Result<String> {
    let mut conn = pool.acquire().await?;
    free_code(&mut conn, first, last).await
}

/// The first free number behind the initials; behind fewer letters once those
/// of six characters are used up.
pub(crate) async fn free_code(conn: &mut PgConnection, first: &str, last: &str) -> Result<String> {
    // É is an E.
    let plain = sqlx::query!(r#"select searchable($1) as "first!", searchable($2) as "last!""#, first, last);
    let plain = plain.fetch_one(&mut *conn).await?;
    let stem = code_stem(&plain.first, &plain.last);
    for stem in [stem.as_str(), &stem[..1], "C"] {
        let most = 10_i32.pow((Kind::Individual.code_max() - stem.len()) as u32) - 1;
        let free = sqlx::query_scalar!(
            r#"select $1 || n as "code!" from generate_series(1, $2::int) n
                where not exists (select from client c where c.code = ($1 || n)::citext)
                  -- What an import under way is giving out.
                  and not exists (select from import_code i where i.code = ($1 || n)::citext)
                limit 1"#,
            stem,
            most
        )
        .fetch_optional(&mut *conn)
        .await?;
        if let Some(code) = free {
            return Ok(code);
        }
    }
    Err(Refusal::field("code", Problem::Required).into())
}
