//! What the portal shows a client of their own record (F4): how they are
//! reached, what they agreed to, and the information fields meant for them.
//! Nothing of what staff note about them, and nobody else's details.

use super::record::values;
use crate::{Actor, Result};
use shared::ClientId;
use sqlx::PgPool;
use sqlx::types::Json;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnDetails {
    pub name: String,
    pub code: String,
    pub number: i64,
    pub email: String,
    pub email_consent: bool,
    pub mobile: String,
    pub sms_consent: bool,
    pub voice_consent: bool,
    /// Further numbers: what for, and which.
    pub phones: Vec<(String, String)>,
    pub address: String,
    pub address_unit: String,
    /// By its name; the tag of one that is no longer in the list.
    pub language: String,
    /// IANA zone.
    pub zone: String,
    /// Label and value of the information fields that clients see, in order:
    /// those that are filled in.
    pub fields: Vec<(String, String)>,
}

/// The client's own, and nobody else's: for staff it does not exist.
pub async fn own(pool: &PgPool, actor: &Actor) -> Result<OwnDetails> {
    let id: ClientId = actor.client()?.id;
    let mut conn = pool.acquire().await?;
    let row = sqlx::query!(
        r#"select c.number, client_name(c) as "name!", c.code::text as "code!", coalesce(c.email::text, '') as "email!", c.email_consent,
                  coalesce(c.mobile, '') as "mobile!", c.sms_consent, c.voice_consent, c.address, c.address_unit, c.zone,
                  coalesce((select t.label from term t where t.vocabulary = 'language' and t.tag = c.language), c.language)
                      as "language!",
                  coalesce((select jsonb_agg(jsonb_build_array(p.label, p.number) order by p.position)
                              from client_phone p where p.client_id = c.id), '[]')
                      as "phones!: Json<Vec<(String, String)>>"
             from client c where c.id = $1"#,
        id.0
    )
    .fetch_one(&mut *conn)
    .await?;
    let fields = values(&mut conn, id).await?.into_iter().filter(|(field, _)| field.for_clients);
    Ok(OwnDetails {
        name: row.name,
        code: row.code,
        number: row.number,
        email: row.email,
        email_consent: row.email_consent,
        mobile: row.mobile,
        sms_consent: row.sms_consent,
        voice_consent: row.voice_consent,
        phones: row.phones.0,
        address: row.address,
        address_unit: row.address_unit,
        language: row.language,
        zone: row.zone,
        fields: fields.map(|(field, value)| (field.label.clone(), value.shown(&field))).collect(),
    })
}
