//! The rows of `client` for a list or a file: of their many columns those that
//! are wanted, for a page of names and codes should cost no more than that.

use super::{Wanted, Who};
use crate::Result;
use chrono::{DateTime, NaiveDate, Utc};
use shared::clients::columns::{ClientRecord, Column};
use shared::clients::{Stage, Status};
use sqlx::{PgConnection, Postgres, QueryBuilder, Row};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The columns before those that are wanted.
const FIXED: usize = 11;
const LAST_APPOINTMENT: &str = ", (select max(p.starts_at) from visit p
    where p.client_id = c.id and p.status = 'confirmed' and p.starts_at <= now())";
const NEXT_APPOINTMENT: &str = ", (select min(p.starts_at) from visit p
    where p.client_id = c.id and p.status = 'confirmed' and p.starts_at > now())";

/// What a cell says, as SQL on `client c`; none for what is not text, or is read
/// from elsewhere. In the end it is text, empty for what is not known.
const fn expression(column: Column) -> Option<&'static str> {
    use Column::*;
    Some(match column {
        Code => "c.code",
        GroupName => "c.group_name",
        Salutation => "salutation.label",
        FirstName => "c.first_name",
        PreferredName => "c.preferred_name",
        LastName => "c.last_name",
        Pronouns => "c.pronouns",
        Gender => "gender.label",
        SexAtBirth => "c.sex_at_birth",
        AgeRange => "case when c.birth_date is null then age_range.label else ages.label end",
        Language => "coalesce(language.label, c.language)",
        Zone => "c.zone",
        Email => "c.email",
        EmailConsent => "case when c.email_consent then 'Yes' else 'No' end",
        Mobile => "c.mobile",
        SmsConsent => "case when c.sms_consent then 'Yes' else 'No' end",
        MobileIsPrimary => "case when c.mobile_is_primary then 'Yes' else 'No' end",
        VoiceConsent => "case when c.voice_consent then 'Yes' else 'No' end",
        Address => "c.address",
        AddressUnit => "c.address_unit",
        Location => "location.name",
        Alert => "c.alert",
        ReferringProvider => "provider.name",
        Qualified => "case when c.qualified then 'Yes' when not c.qualified then 'No' end",
        VeteranId => "c.veteran_id",
        CardProvince => "c.card_province",
        CardNumber => "c.card_number",
        CardVersion => "c.card_version",
        CardExpires => "to_char(c.card_expires, 'YYYY-MM-DD')",
        FeeProgramme => "programme.label",
        FeeProgrammeNumber => "c.fee_programme_number",
        Province => "c.province",
        BillingAuthorisation => "c.billing_authorisation",
        CaseNumber => "c.case_number",
        SessionsNeeded => "c.sessions_needed",
        BillingNotes => "c.billing_notes",
        ProspectStage => "case when c.status = 'prospect' then c.prospect_stage end",
        LastContact => "to_char(c.last_contact, 'YYYY-MM-DD')",
        NextStep => "c.next_step",
        NextStepOn => "to_char(c.next_step_on, 'YYYY-MM-DD')",
        CreatedOn => "extract(epoch from c.created_at)::bigint",
        // Not text, or read from elsewhere.
        Number | Kind | Status | BirthDate | Age | Phones | Contacts | Practitioners | Tags | Notes | Login
        | LastAppointment | NextAppointment => return None,
    })
}

/// What the expression reads besides `client c`: joined once, where a subquery
/// would be asked for every client again.
const fn joined(column: Column) -> &'static str {
    use Column::*;
    match column {
        Salutation => " left join term salutation on salutation.id = c.salutation_id",
        Gender => " left join term gender on gender.id = c.gender_id",
        // Of today, from the date of birth where that is known. Someone
        // a person is that old who was born that long ago or before.
        AgeRange => {
            " left join term age_range on age_range.id = c.age_range_id
              left join (select t.label, (v.today - make_interval(years => t.age_from))::date as youngest,
                                (v.today - make_interval(years => t.age_to + 1))::date as too_old
                           from v, term t where t.vocabulary = 'age_range' and t.active offset 0) ages
                     on c.birth_date <= ages.youngest and (ages.too_old is null or c.birth_date > ages.too_old)"
        }
        Language => " left join term language on language.vocabulary = 'language' and language.tag = c.language",
        Location => " left join location on location.id = c.location_id",
        ReferringProvider => " left join referring_provider provider on provider.id = c.referring_provider_id",
        FeeProgramme => " left join term programme on programme.id = c.fee_programme_id",
        _ => "",
    }
}

/// These clients in this order, with the texts that are wanted; without those
/// who are not assigned to `scope`, if someone is.
pub(super) async fn read(
    conn: &mut PgConnection,
    who: Who<'_>,
    scope: Option<Uuid>,
    wanted: &Wanted,
    today: NaiveDate,
) -> Result<Vec<ClientRecord>> {
    let mut columns: Vec<Column> =
        Column::ALL.iter().copied().filter(|column| expression(*column).is_some() && wanted.has(*column)).collect();
    columns.sort_unstable();
    let fixed = |column, sql, none| if wanted.has(column) { sql } else { none };
    let mut sql = QueryBuilder::<Postgres>::new("with v (today) as (values (");
    sql.push_bind(today).push("::date)) select c.id, c.number, c.kind, c.status, ");
    sql.push(if wanted.code_only { "c.code::text" } else { "client_name(c)" });
    sql.push(", c.alert <> '', c.birth_date, ");
    sql.push(fixed(Column::Login, "exists (select from account a where a.client_id = c.id)", "false"));
    sql.push(fixed(Column::LastAppointment, LAST_APPOINTMENT, ", null::timestamptz"));
    sql.push(fixed(Column::NextAppointment, NEXT_APPOINTMENT, ", null::timestamptz"));
    sql.push(if wanted.menus { ", client_was_used(c.id)" } else { ", false" });
    for column in columns.iter().filter_map(|column| expression(*column)) {
        sql.push(", coalesce((").push(column).push(")::text, '')");
    }
    match who {
        Who::Ids(ids) => sql
            .push(" from unnest((select ")
            .push_bind(ids.iter().map(|id| id.0).collect::<Vec<_>>())
            .push(")) with ordinality as wanted (id, place) join client c on c.id = wanted.id"),
        Who::Numbers(numbers) => sql
            .push(" from unnest((select ")
            .push_bind(numbers)
            .push(")) with ordinality as wanted (number, place) join client c on c.number = wanted.number"),
    };
    sql.push(" cross join v");
    for column in &columns {
        sql.push(joined(*column));
    }
    if let Some(scope) = scope {
        sql.push(" where exists (select from client_practitioner a where a.client_id = c.id and a.practitioner_id = ");
        sql.push_bind(scope).push(")");
    }
    sql.push(" order by wanted.place");
    let rows = sql.build().fetch_all(conn).await?;
    let local = |at: Option<DateTime<Utc>>| at.map(|at| wanted.zone.local(at));
    rows.iter()
        .map(|row| {
            let mut texts = BTreeMap::new();
            for (place, column) in columns.iter().enumerate() {
                let text: &str = row.try_get(FIXED + place)?;
                if !text.is_empty() {
                    texts.insert(*column, text.to_owned());
                }
            }
            if let Some(stage) = texts.get_mut(&Column::ProspectStage) {
                *stage = stage.parse().map_or_else(|_| String::new(), |stage: Stage| stage.label().to_owned());
            }
            if let Some(created) = texts.get_mut(&Column::CreatedOn) {
                let at = created.parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
                *created = at.map_or_else(String::new, |at| wanted.zone.date(at).to_string());
            }
            let birth_date: Option<NaiveDate> = row.try_get(6)?;
            Ok(ClientRecord {
                id: row.try_get(0)?,
                number: row.try_get(1)?,
                kind: row.try_get(2)?,
                status: row.try_get::<Status, _>(3)?,
                name: row.try_get(4)?,
                has_alert: row.try_get(5)?,
                birth_date,
                age: birth_date.and_then(|born| today.years_since(born)).map(|years| years as i32),
                has_login: row.try_get(7)?,
                texts,
                practitioners: Vec::new(),
                tags: Vec::new(),
                last_appointment: local(row.try_get(8)?),
                next_appointment: local(row.try_get(9)?),
                was_used: row.try_get(10)?,
                fields: BTreeMap::new(),
            })
        })
        .collect()
}
