//! Whether a client's form makes sense: by itself, and against what the
//! database knows of zones, terms, places, people and tags.

use crate::time::Zone;
use crate::{Result, practice};
use chrono::Utc;
use shared::clients::{ClientDetails, ClientForm, ClientFormRules, ClientProfile};
use shared::fields::FieldValue;
use shared::{FieldErrors, Problem, Refusal};
use sqlx::PgConnection;

/// What the practice asks of a client's record, today; its fields stay so until
/// the transaction ends.
pub(crate) async fn rules(conn: &mut PgConnection) -> Result<ClientFormRules> {
    practice::fields::hold(conn).await?;
    let practice = sqlx::query!(
        r#"select zone, code_only,
                  coalesce((select t.tag from term t where t.vocabulary = 'language' and t.active
                             order by t.position, t.label limit 1), 'en') as "language!"
             from practice"#
    )
    .fetch_one(&mut *conn)
    .await?;
    Ok(ClientFormRules {
        today: Zone::stored(&practice.zone).date(Utc::now()),
        code_only: practice.code_only,
        language: practice.language,
        fields: practice::fields::active(conn).await?,
    })
}

/// Parses the form and looks up whatever it names, telling every problem at
/// once. What the client has already, `stored`, may be retired; nothing else may.
pub(crate) async fn check(
    conn: &mut PgConnection,
    form: &ClientForm,
    rules: &ClientFormRules,
    stored: Option<&ClientProfile>,
) -> Result<ClientDetails> {
    let parsed = match stored {
        Some(stored) => form.parse(&keeping(rules, stored)),
        None => form.parse(rules),
    };
    let mut errors = match &parsed {
        Ok(_) => FieldErrors::default(),
        Err(Refusal::Invalid(errors)) => errors.clone(),
        Err(refusal) => return Err(refusal.clone().into()),
    };
    if let Err(problem) = Zone::parse(form.zone.trim())
        && errors.get("zone").is_none()
    {
        errors.push("zone", problem);
    }
    for field in unknown(conn, form, stored).await? {
        if errors.get(&field).is_none() {
            errors.push(&field, Problem::Unknown);
        }
    }
    errors.check()?;
    Ok(parsed?)
}

/// With the choices that the client has already among those on offer.
fn keeping(rules: &ClientFormRules, stored: &ClientProfile) -> ClientFormRules {
    let mut rules = rules.clone();
    for field in &mut rules.fields {
        let value = stored.fields.iter().find(|(definition, _)| definition.id == field.id).map(|(_, value)| value);
        if let Some(FieldValue::Choice(chosen)) = value {
            for (id, _, active) in &mut field.choices {
                *active |= id == chosen;
            }
        }
    }
    rules
}

/// The fields that name what does not exist, or is retired and not the client's.
async fn unknown(conn: &mut PgConnection, form: &ClientForm, stored: Option<&ClientProfile>) -> Result<Vec<String>> {
    let had = stored.map(ClientProfile::form).unwrap_or_default();
    let one = [
        ("salutation", &form.salutation, &had.salutation),
        ("gender", &form.gender, &had.gender),
        ("age_range", &form.age_range, &had.age_range),
        ("language", &form.language, &had.language),
        ("referring_provider", &form.referring_provider, &had.referring_provider),
        ("location", &form.location, &had.location),
        ("fee_programme", &form.fee_programme, &had.fee_programme),
    ];
    let mut named: Vec<(&str, &str)> = one
        .iter()
        .filter(|(_, typed, had)| !typed.trim().is_empty() && typed.trim() != had.as_str())
        .map(|(field, typed, _)| (*field, typed.trim()))
        .collect();
    named.extend(form.tags.iter().filter(|tag| !had.tags.contains(tag)).map(|tag| ("tags", tag.trim())));
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let fields: Vec<String> = named.iter().map(|(field, _)| (*field).to_owned()).collect();
    let values: Vec<String> = named.iter().map(|(_, value)| value.to_lowercase()).collect();
    Ok(sqlx::query_scalar!(
        r#"select distinct w.field as "field!" from unnest($1::text[], $2::text[]) as w (field, value)
            where not case w.field
                when 'language' then exists (
                    select from term t where t.vocabulary = 'language' and lower(t.tag) = w.value and t.active)
                when 'location' then exists (select from location l where l.id::text = w.value and l.active)
                when 'referring_provider' then exists (
                    select from referring_provider p where p.id::text = w.value and p.active)
                when 'tags' then exists (select from tag t where t.id::text = w.value)
                else exists (
                    select from term t where t.vocabulary = w.field and t.id::text = w.value and t.active) end"#,
        &fields,
        &values
    )
    .fetch_all(conn)
    .await?)
}
