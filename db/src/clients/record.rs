//! A client's record as staff see it.

use crate::audit::{self, AuditLine};
use crate::authz::ReadableClient;
use crate::time::Zone;
use crate::{Actor, Result, practice};
use chrono::Utc;
use shared::clients::{ClientProfile, Contact, Kind, Phone, Stage, Status};
use shared::fields::{FieldDefinition, FieldValue};
use shared::health_card::Province;
use shared::terms::{Vocabulary, age_on};
use shared::{ChoiceId, ClientId, ClientNumber, FieldId, LocationId, ProviderId, Refusal, StaffId, TagId, TermId};
use sqlx::PgConnection;
use sqlx::types::Json;
use std::collections::BTreeMap;

/// The whole record; notes only to those who may see them.
pub async fn profile(conn: &mut PgConnection, actor: &Actor, client: &ReadableClient) -> Result<ClientProfile> {
    load(conn, *client, actor.staff()?.sees_notes()).await
}

/// The newest changes of a client's record; client information fields by their labels.
pub async fn history(conn: &mut PgConnection, actor: &Actor, client: &ReadableClient) -> Result<Vec<AuditLine>> {
    let mut lines = audit::of_client(&mut *conn, client, actor).await?;
    let fields = sqlx::query!("select id::text as \"id!\", label from client_field").fetch_all(conn).await?;
    for name in lines.iter_mut().flat_map(|line| &mut line.fields) {
        if let Some(id) = name.strip_prefix("fields.") {
            let field = fields.iter().find(|field| field.id == id);
            *name = field.map_or_else(|| "a field that was removed".to_owned(), |field| field.label.clone());
        }
    }
    Ok(lines)
}

/// The whole record; `notes` says whether they are read at all.
pub(super) async fn load(conn: &mut PgConnection, client: ReadableClient, notes: bool) -> Result<ClientProfile> {
    let id = client.id();
    let row = sqlx::query!(
        r#"select c.id as "id: ClientId", c.number as "number: ClientNumber", c.kind as "kind: Kind", c.code::text as "code!",
                  c.status as "status: Status", client_name(c) as "name!", c.first_name, c.last_name, c.preferred_name,
                  c.pronouns, c.sex_at_birth, c.birth_date, c.language, c.zone, c.email::text as email, c.email_consent,
                  c.mobile, c.sms_consent, c.mobile_is_primary, c.voice_consent, c.address, c.address_unit, c.qualified,
                  c.veteran_id, c.alert, nullif(c.card_province, '') as "card_province?: Province", c.card_number,
                  c.card_version, c.card_expires, c.fee_programme_number, nullif(c.province, '') as "province?: Province",
                  c.billing_authorisation, c.case_number, c.sessions_needed, c.billing_notes,
                  c.prospect_stage as "prospect_stage: Stage", c.last_contact, c.next_step, c.next_step_on,
                  c.version, c.created_at, c.erased_at is not null as "erased!", client_was_used(c.id) as "was_used!", here.zone as practice_zone, a.username::text as "username?",
                  (select t.label from term t where t.vocabulary = 'language' and t.tag = c.language) as language_label,
                  (select jsonb_build_array(t.id, t.label) from term t where t.id = c.salutation_id)
                      as "salutation?: Json<(TermId, String)>",
                  (select jsonb_build_array(t.id, t.label) from term t where t.id = c.gender_id)
                      as "gender?: Json<(TermId, String)>",
                  (select jsonb_build_array(t.id, t.label) from term t where t.id = c.age_range_id)
                      as "age_range?: Json<(TermId, String)>",
                  (select jsonb_build_array(t.id, t.label) from term t where t.id = c.fee_programme_id)
                      as "fee_programme?: Json<(TermId, String)>",
                  (select jsonb_build_array(p.id, p.name) from referring_provider p where p.id = c.referring_provider_id)
                      as "referring_provider?: Json<(ProviderId, String)>",
                  (select jsonb_build_array(l.id, l.name) from location l where l.id = c.location_id)
                      as "location?: Json<(LocationId, String)>",
                  coalesce((select jsonb_agg(jsonb_build_object('label', p.label, 'number', p.number) order by p.position)
                              from client_phone p where p.client_id = c.id), '[]') as "phones!: Json<Vec<Phone>>",
                  coalesce((select jsonb_agg(jsonb_build_object('name', n.name, 'relationship', n.relationship,
                                                                'phone', n.phone, 'email', n.email) order by n.position)
                              from client_contact n where n.client_id = c.id), '[]') as "contacts!: Json<Vec<Contact>>",
                  coalesce((select jsonb_agg(jsonb_build_array(t.id, t.name) order by t.name)
                              from client_tag ct join tag t on t.id = ct.tag_id where ct.client_id = c.id), '[]')
                      as "tags!: Json<Vec<(TagId, String)>>",
                  coalesce((select jsonb_agg(jsonb_build_array(s.id, s.first_name || ' ' || s.last_name)
                                             order by s.last_name, s.first_name, s.id)
                              from client_practitioner p join staff_member s on s.id = p.practitioner_id
                             where p.client_id = c.id), '[]') as "practitioners!: Json<Vec<(StaffId, String)>>",
                  (select max(l.expires_at) from account_link l
                    where l.client_id = c.id and l.kind = 'claim' and l.used_at is null and l.voided_at is null
                      and l.expires_at > now()) as invited_until
             from client c cross join practice here left join account a on a.client_id = c.id
            where c.id = $1"#,
        id.0
    )
    .fetch_one(&mut *conn)
    .await?;
    let notes = match notes {
        true => Some(sqlx::query_scalar!("select notes from client where id = $1", id.0).fetch_one(&mut *conn).await?),
        false => None,
    };
    let age_range = row.age_range.map(|term| term.0);
    let shown_age_range = match row.birth_date {
        Some(born) => {
            let today = Zone::stored(&row.practice_zone).date(Utc::now());
            let ranges = practice::terms::active(&mut *conn, &[Vocabulary::AgeRange]).await?;
            age_on(born, today).and_then(|age| ranges.age_range(age)).map(|term| term.label.clone())
        }
        None => age_range.as_ref().map(|(_, label)| label.clone()),
    };
    Ok(ClientProfile {
        erased: row.erased,
        was_used: row.was_used,
        id: row.id,
        number: row.number,
        kind: row.kind,
        code: row.code,
        status: row.status,
        name: row.name,
        first_name: row.first_name,
        last_name: row.last_name,
        preferred_name: row.preferred_name,
        pronouns: row.pronouns,
        salutation: row.salutation.map(|term| term.0),
        gender: row.gender.map(|term| term.0),
        sex_at_birth: row.sex_at_birth,
        birth_date: row.birth_date,
        age_range,
        shown_age_range,
        language_label: row.language_label.unwrap_or_else(|| row.language.clone()),
        language: row.language,
        zone: row.zone,
        email: row.email,
        email_consent: row.email_consent,
        mobile: row.mobile,
        sms_consent: row.sms_consent,
        mobile_is_primary: row.mobile_is_primary,
        voice_consent: row.voice_consent,
        address: row.address,
        address_unit: row.address_unit,
        referring_provider: row.referring_provider.map(|provider| provider.0),
        qualified: row.qualified,
        veteran_id: row.veteran_id,
        location: row.location.map(|location| location.0),
        alert: row.alert,
        phones: row.phones.0,
        contacts: row.contacts.0,
        card_province: row.card_province,
        card_number: row.card_number,
        card_version: row.card_version,
        card_expires: row.card_expires,
        fee_programme: row.fee_programme.map(|term| term.0),
        fee_programme_number: row.fee_programme_number,
        province: row.province,
        billing_authorisation: row.billing_authorisation,
        case_number: row.case_number,
        sessions_needed: row.sessions_needed,
        billing_notes: row.billing_notes,
        tags: row.tags.0,
        fields: values(conn, id).await?,
        prospect_stage: row.prospect_stage,
        last_contact: row.last_contact,
        next_step: row.next_step,
        next_step_on: row.next_step_on,
        notes,
        username: row.username,
        invited_until: row.invited_until,
        practitioners: row.practitioners.0,
        version: row.version,
        created_at: row.created_at,
    })
}

/// What the client has in the fields in use, in their order.
pub(super) async fn values(conn: &mut PgConnection, client: ClientId) -> Result<Vec<(FieldDefinition, FieldValue)>> {
    let definitions = practice::fields::active(&mut *conn).await?;
    let rows = sqlx::query!(
        r#"select field_id as "field: FieldId", words, number::text as number, day, choice_id as "choice: ChoiceId"
             from client_field_value where client_id = $1 and ticked is distinct from false"#,
        client.0
    )
    .fetch_all(conn)
    .await?;
    let mut values: BTreeMap<FieldId, FieldValue> = rows
        .into_iter()
        .map(|row| {
            let value = match (row.words, row.number, row.day, row.choice) {
                (Some(words), ..) => FieldValue::Words(words),
                (_, Some(number), ..) => FieldValue::Number(number),
                (_, _, Some(day), _) => FieldValue::Day(day),
                (.., Some(choice)) => FieldValue::Choice(choice),
                _ => FieldValue::Ticked,
            };
            (row.field, value)
        })
        .collect();
    let value = |field: FieldDefinition| values.remove(&field.id).map(|value| (field, value));
    Ok(definitions.into_iter().filter_map(value).collect())
}

/// What several clients are called, in their order; those that may not be seen do not exist.
pub async fn names(conn: &mut PgConnection, actor: &Actor, numbers: &[ClientNumber]) -> Result<Vec<String>> {
    let listed: Vec<i64> = numbers.iter().map(|number| number.get()).collect();
    let names = sqlx::query_scalar!(
        r#"select client_name(c) as "name!"
             from unnest($1::bigint[]) with ordinality one (number, place) join client c on c.number = one.number
            where exists (select from client_in_scope(c.id, $2)) order by one.place"#,
        &listed,
        actor.staff()?.scope()
    )
    .fetch_all(conn)
    .await?;
    if names.len() == numbers.len() { Ok(names) } else { Err(Refusal::NotFound.into()) }
}
