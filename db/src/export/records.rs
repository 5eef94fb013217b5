//! What a list or a file shows of many clients: seven statements at most, and
//! only those that the columns need.

use super::wants;
use crate::time::Zone;
use crate::{Actor, Result};
use chrono::{NaiveDate, Utc};
use shared::clients::columns::{ClientRecord, Column, ColumnKey, contacts_text, phones_text, yes_no};
use shared::clients::{Kind, Stage, Status};
use shared::{ClientId, ClientNumber, FieldId};
use sqlx::PgConnection;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// What is to be read.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub keys: Vec<ColumnKey>,
    /// The practice's: today is there, and times are shown in it.
    pub zone: Zone,
    /// A9: what tells who somebody is is not read at all.
    pub code_only: bool,
}

/// These clients in this order; without those whom the actor may not see.
pub async fn records(
    conn: &mut PgConnection,
    actor: &Actor,
    ids: &[ClientId],
    wanted: &Wanted,
) -> Result<Vec<ClientRecord>> {
    let staff = actor.staff()?;
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let today = wanted.zone.date(Utc::now());
    let mut records = main(conn, &ids, staff.scope(), wanted, today).await?;
    let ids: Vec<Uuid> = records.iter().map(|record| record.id.0).collect();
    let places: HashMap<Uuid, usize> = ids.iter().enumerate().map(|(place, id)| (*id, place)).collect();
    let has = |column| wants(&wanted.keys, column) && !(wanted.code_only && column.identifies());

    if has(Column::Tags) {
        let rows = sqlx::query!(
            r#"select ct.client_id, array_agg(t.name::text order by t.name) as "names!: Vec<String>"
                 from client_tag ct join tag t on t.id = ct.tag_id where ct.client_id = any ($1) group by 1"#,
            &ids
        );
        for row in rows.fetch_all(&mut *conn).await? {
            records[places[&row.client_id]].tags = row.names;
        }
    }
    if has(Column::Practitioners) {
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
    if has(Column::Phones) {
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
    if has(Column::Contacts) {
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
    if has(Column::LastAppointment) || has(Column::NextAppointment) {
        let rows = sqlx::query!(
            "select client_id, max(starts_at) filter (where starts_at <= now()) as last,
                    min(starts_at) filter (where starts_at > now()) as next
               from appointment where client_id = any ($1) and status = 'confirmed' group by 1",
            &ids
        );
        for row in rows.fetch_all(&mut *conn).await? {
            let record = &mut records[places[&row.client_id]];
            record.last_appointment = row.last.map(|at| wanted.zone.local(at));
            record.next_appointment = row.next.map(|at| wanted.zone.local(at));
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
    // B9: read apart from the rest, and only for those who may see them.
    if has(Column::Notes) && staff.sees_notes() {
        let rows = sqlx::query!("select id, notes from client where id = any ($1) and notes <> ''", &ids);
        for row in rows.fetch_all(conn).await? {
            records[places[&row.id]].texts.insert(Column::Notes, row.notes);
        }
    }
    Ok(records)
}

async fn main(
    conn: &mut PgConnection,
    ids: &[Uuid],
    scope: Option<Uuid>,
    wanted: &Wanted,
    today: NaiveDate,
) -> Result<Vec<ClientRecord>> {
    let rows = sqlx::query!(
        r#"select c.id as "id: ClientId", c.number as "number: ClientNumber", c.kind as "kind: Kind",
                  c.status as "status: Status", c.code::text as "code!", client_name(c) as "name!", c.group_name, c.first_name, c.preferred_name,
                  c.last_name, c.pronouns, c.sex_at_birth, c.birth_date, c.zone, c.email::text as email, c.email_consent,
                  c.mobile, c.sms_consent, c.mobile_is_primary, c.voice_consent, c.address, c.address_unit, c.alert,
                  c.qualified, c.veteran_id, c.card_province, c.card_number, c.card_version, c.card_expires,
                  c.fee_programme_number, c.province, c.billing_authorisation, c.case_number, c.sessions_needed,
                  c.billing_notes, c.prospect_stage, c.last_contact, c.next_step, c.next_step_on, c.created_at,
                  salutation.label as "salutation?", gender.label as "gender?", programme.label as "programme?",
                  coalesce(language.label, c.language) as "language!", place.name as "place?", provider.name as "provider?",
                  case when not $4 then null
                       when c.birth_date is null then age_range.label
                       else (select t.label from term t
                              where t.vocabulary = 'age_range' and t.active
                                and date_part('year', age($3::date, c.birth_date)) between t.age_from and coalesce(t.age_to, 999)
                              order by t.position limit 1) end as age_range,
                  exists (select from account a where a.client_id = c.id) as "has_login!"
             from unnest($1::uuid[]) with ordinality as wanted (id, position)
             join client c on c.id = wanted.id
             left join term salutation on salutation.id = c.salutation_id
             left join term gender on gender.id = c.gender_id
             left join term age_range on age_range.id = c.age_range_id
             left join term programme on programme.id = c.fee_programme_id
             left join term language on language.vocabulary = 'language' and language.tag = c.language
             left join location place on place.id = c.location_id
             left join referring_provider provider on provider.id = c.referring_provider_id
            where $2::uuid is null or exists (
                select from client_practitioner a where a.client_id = c.id and a.practitioner_id = $2)
            order by wanted.position"#,
        ids,
        scope,
        today,
        wants(&wanted.keys, Column::AgeRange)
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let name = if wanted.code_only { row.code.clone() } else { row.name };
            let date = |date: Option<NaiveDate>| date.map(|date| date.to_string()).unwrap_or_default();
            let whether = |is: bool| yes_no(is).to_owned();
            let stage =
                row.prospect_stage.parse().ok().filter(|_| row.status == Status::Prospect).map_or("", Stage::label);
            let texts = [
                (Column::Code, row.code),
                (Column::GroupName, row.group_name),
                (Column::Salutation, row.salutation.unwrap_or_default()),
                (Column::FirstName, row.first_name),
                (Column::PreferredName, row.preferred_name),
                (Column::LastName, row.last_name),
                (Column::Pronouns, row.pronouns),
                (Column::Gender, row.gender.unwrap_or_default()),
                (Column::SexAtBirth, row.sex_at_birth),
                (Column::AgeRange, row.age_range.unwrap_or_default()),
                (Column::Language, row.language),
                (Column::Zone, row.zone),
                (Column::Email, row.email.unwrap_or_default()),
                (Column::EmailConsent, whether(row.email_consent)),
                (Column::Mobile, row.mobile.unwrap_or_default()),
                (Column::SmsConsent, whether(row.sms_consent)),
                (Column::MobileIsPrimary, whether(row.mobile_is_primary)),
                (Column::VoiceConsent, whether(row.voice_consent)),
                (Column::Address, row.address),
                (Column::AddressUnit, row.address_unit),
                (Column::Location, row.place.unwrap_or_default()),
                (Column::Alert, row.alert),
                (Column::ReferringProvider, row.provider.unwrap_or_default()),
                (Column::Qualified, row.qualified.map(whether).unwrap_or_default()),
                (Column::VeteranId, row.veteran_id),
                (Column::CardProvince, row.card_province),
                (Column::CardNumber, row.card_number),
                (Column::CardVersion, row.card_version),
                (Column::CardExpires, date(row.card_expires)),
                (Column::FeeProgramme, row.programme.unwrap_or_default()),
                (Column::FeeProgrammeNumber, row.fee_programme_number),
                (Column::Province, row.province),
                (Column::BillingAuthorisation, row.billing_authorisation),
                (Column::CaseNumber, row.case_number),
                (Column::SessionsNeeded, row.sessions_needed.map(|number| number.to_string()).unwrap_or_default()),
                (Column::BillingNotes, row.billing_notes),
                (Column::ProspectStage, stage.to_owned()),
                (Column::LastContact, date(row.last_contact)),
                (Column::NextStep, row.next_step),
                (Column::NextStepOn, date(row.next_step_on)),
                (Column::CreatedOn, wanted.zone.date(row.created_at).to_string()),
            ];
            let kept = |(column, text): &(Column, String)| {
                !text.is_empty() && wants(&wanted.keys, *column) && !(wanted.code_only && column.identifies())
            };
            ClientRecord {
                id: row.id,
                number: row.number,
                kind: row.kind,
                status: row.status,
                name,
                has_alert: texts.iter().any(|(column, text)| *column == Column::Alert && !text.is_empty()),
                texts: texts.into_iter().filter(kept).collect::<BTreeMap<_, _>>(),
                birth_date: row.birth_date,
                age: row.birth_date.and_then(|born| today.years_since(born)).map(|years| years as i32),
                practitioners: Vec::new(),
                tags: Vec::new(),
                has_login: row.has_login,
                last_appointment: None,
                next_appointment: None,
                fields: BTreeMap::new(),
            }
        })
        .collect())
}
