//! Changes of a client's record: create, edit, status; and the suggested code.

use super::record::load;
use crate::time::Zone;
use crate::{Actor, Error, OnConstraint, Result, accounts, audit, authz, new_id, practice};
use chrono::{NaiveDate, Utc};
use shared::clients::{ClientDetails, ClientForm, ClientProfile, Kind, Status, code_stem};
use shared::{ClientId, ClientNumber, Problem, Refusal, StaffId};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// A client just made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewClient {
    pub id: ClientId,
    pub number: ClientNumber,
}

/// How often a suggested code is suggested anew because somebody else took it
/// first. Each round somebody gets theirs.
const CODE_TRIES: usize = 25;

/// Makes an individual. A practitioner's new client is assigned to that
/// practitioner; notes and invitations are the front desk's.
pub async fn create(pool: &PgPool, actor: &Actor, form: ClientForm) -> Result<NewClient> {
    let today = today(pool).await?;
    let mut tx = pool.begin().await?;
    let client = create_in(&mut tx, actor, form, today).await?;
    tx.commit().await?;
    Ok(client)
}

/// [`create`] within a transaction that goes on; `today` is the practice's date.
pub(crate) async fn create_in(
    conn: &mut PgConnection,
    actor: &Actor,
    mut form: ClientForm,
    today: NaiveDate,
) -> Result<NewClient> {
    let staff = actor.staff()?;
    form.version.clear();
    if !staff.sees_all_clients() {
        form.notes.clear();
        form.invite = false;
        form.practitioners = vec![staff.id.to_string()];
    }
    let details = check(&form, today)?;
    if let Some(first) = already_made(&mut *conn, details.request_key).await? {
        return Ok(first);
    }
    let client = insert(&mut *conn, &details).await?;
    assign(&mut *conn, client.id, &details.practitioners).await?;
    audit::append(&mut *conn, actor, "create", "client", client.id, &[]).await?;
    if details.invite {
        accounts::invite_in(&mut *conn, actor, client.id).await?;
    }
    Ok(client)
}

/// Saves the form over the version it was opened with; [`Refusal::Stale`] when
/// somebody else saved in between. A practitioner changes neither notes,
/// status nor assignments.
pub async fn update(pool: &PgPool, actor: &Actor, number: ClientNumber, mut form: ClientForm) -> Result<()> {
    let today = today(pool).await?;
    let mut tx = pool.begin().await?;
    let token = authz::editable(&mut tx, actor, number).await?;
    let all = actor.staff()?.sees_all_clients();
    lock(&mut tx, token.id()).await?;
    let stored = load(&mut tx, token.readable(), all).await?;
    if stored.kind != Kind::Individual {
        return Err(Error::Refused(Refusal::NotFound));
    }
    form.invite = false;
    if !all {
        form.notes.clear();
        form.status = stored.status.as_str().to_owned();
        form.practitioners = stored.practitioners.iter().map(|(id, _)| id.to_string()).collect();
    }
    let details = check(&form, today)?;
    let Some(code) = &details.code else { return Err(Refusal::field("code", Problem::Required).into()) };
    if details.version != Some(stored.version) {
        return Err(Refusal::Stale.into());
    }
    let changed = changes(&stored, &details, code.as_str());
    if changed.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "update client
            set first_name = $2, last_name = $3, preferred_name = $4, pronouns = $5, birth_date = $6, code = $7::text::citext,
                status = $8, language = $9, zone = $10, email = $11::text::citext, email_consent = $12, mobile = $13,
                sms_consent = $14, mobile_is_primary = $15, alert = $16, notes = coalesce($17, notes),
                version = version + 1, updated_at = now()
          where id = $1",
        token.id().0,
        details.first_name,
        details.last_name,
        details.preferred_name,
        details.pronouns,
        details.birth_date,
        code.as_str(),
        details.status.as_str(),
        details.language.as_str(),
        details.zone,
        details.email,
        details.email_consent,
        details.mobile,
        details.sms_consent,
        details.mobile_is_primary,
        details.alert,
        all.then_some(details.notes.as_str()),
    )
    .execute(&mut *tx)
    .await
    .on_constraint("client_code_key", || Refusal::field("code", Problem::Taken))?;
    if changed.contains(&"practitioners") {
        assign(&mut tx, token.id(), &details.practitioners).await?;
    }
    if changed.contains(&"email") {
        // A claim link went to the old address: it may be a stranger's.
        accounts::void_claims(&mut tx, token.id()).await?;
    }
    rest(&mut tx, token.id(), stored.status, details.status).await?;
    audit::append(&mut tx, actor, "update", "client", token.id(), &changed).await?;
    tx.commit().await?;
    Ok(())
}

/// Changes the status alone, from the list or the profile: front desk (B7).
pub async fn set_status(pool: &PgPool, actor: &Actor, number: ClientNumber, status: Status) -> Result<()> {
    let mut tx = pool.begin().await?;
    let token = authz::administrable(&mut tx, actor, number).await?;
    let stored = lock(&mut tx, token.id()).await?;
    if stored == status {
        return Ok(());
    }
    sqlx::query!(
        "update client set status = $2, version = version + 1, updated_at = now() where id = $1",
        token.id().0,
        status.as_str()
    )
    .execute(&mut *tx)
    .await?;
    rest(&mut tx, token.id(), stored, status).await?;
    audit::append(&mut tx, actor, "update", "client", token.id(), &["status"]).await?;
    tx.commit().await?;
    Ok(())
}

/// A code that is free at this moment: the initials and the first free number.
pub async fn suggest_code(pool: &PgPool, first: &str, last: &str) -> Result<String> {
    let mut conn = pool.acquire().await?;
    free_code(&mut conn, first, last).await
}

/// The practice's date: nobody is born after it.
async fn today(pool: &PgPool) -> Result<NaiveDate> {
    let practice = practice::practice(pool).await?;
    Ok(Zone::stored(&practice.zone).date(Utc::now()))
}

/// Parses the form and looks up its zone, telling every problem at once.
fn check(form: &ClientForm, today: NaiveDate) -> Result<ClientDetails> {
    let details = form.parse(today);
    let zone = Zone::parse(form.zone.trim());
    match (details, zone) {
        (Ok(details), Ok(_)) => Ok(details),
        (Ok(_), Err(problem)) => Err(Refusal::field("zone", problem).into()),
        (Err(Refusal::Invalid(mut errors)), Err(problem)) => {
            if errors.get("zone").is_none() {
                errors.push("zone", problem);
            }
            Err(Refusal::Invalid(errors).into())
        }
        (Err(refusal), _) => Err(refusal.into()),
    }
}

/// Holds the row until the transaction ends; answers the status.
async fn lock(conn: &mut PgConnection, client: ClientId) -> Result<Status> {
    Ok(sqlx::query_scalar!(
        r#"select status as "status: Status" from client where id = $1 for no key update"#,
        client.0
    )
    .fetch_one(conn)
    .await?)
}

/// The result of an earlier submit of the same form; one that is under way is
/// waited for.
pub(crate) async fn already_made(conn: &mut PgConnection, key: Option<Uuid>) -> Result<Option<NewClient>> {
    let Some(key) = key else { return Ok(None) };
    sqlx::query!("select pg_advisory_xact_lock($1)", key.as_u64_pair().1 as i64).execute(&mut *conn).await?;
    Ok(sqlx::query_as!(
        NewClient,
        r#"select id as "id: ClientId", number as "number: ClientNumber" from client where request_key = $1"#,
        key
    )
    .fetch_optional(conn)
    .await?)
}

async fn insert(conn: &mut PgConnection, details: &ClientDetails) -> Result<NewClient> {
    let id = ClientId(new_id());
    for _ in 0..CODE_TRIES {
        let code = match &details.code {
            Some(typed) => typed.as_str().to_owned(),
            None => free_code(conn, &details.first_name, &details.last_name).await?,
        };
        let number = sqlx::query_scalar!(
            r#"insert into client (id, kind, code, status, first_name, last_name, preferred_name, language, zone, email,
                                   email_consent, mobile, sms_consent, mobile_is_primary, pronouns, birth_date, alert, notes,
                                   request_key)
               values ($1, 'individual', $2::text::citext, $3, $4, $5, $6, $7, $8, $9::text::citext,
                       $10, $11, $12, $13, $14, $15, $16, $17, $18)
               on conflict on constraint client_code_key do nothing
               returning number as "number: ClientNumber""#,
            id.0,
            code,
            details.status.as_str(),
            details.first_name,
            details.last_name,
            details.preferred_name,
            details.language.as_str(),
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

/// The first free number behind the initials; behind fewer letters once those
/// of six characters are used up.
async fn free_code(conn: &mut PgConnection, first: &str, last: &str) -> Result<String> {
    let stem = code_stem(first, last);
    for stem in [stem.as_str(), &stem[..1], "C"] {
        let most = 10_i32.pow((Kind::Individual.code_max() - stem.len()) as u32) - 1;
        let free = sqlx::query_scalar!(
            r#"select $1 || n as "code!" from generate_series(1, $2::int) n
                where not exists (select from client c where c.code = ($1 || n)::citext)
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

/// Sets who is assigned. Those who have left stay where they already are, but
/// are assigned to nobody new.
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
        "delete from client_practitioner where client_id = $1 and practitioner_id <> all ($2)",
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

/// Whoever may no longer log in loses open sessions and claim links at once.
async fn rest(conn: &mut PgConnection, client: ClientId, was: Status, is: Status) -> Result<()> {
    if !was.may_log_in() || is.may_log_in() {
        return Ok(());
    }
    accounts::void_claims(conn, client).await?;
    sqlx::query!("delete from session s using account a where a.client_id = $1 and s.account_id = a.id", client.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// The names of the fields that the form changes.
fn changes(stored: &ClientProfile, details: &ClientDetails, code: &str) -> Vec<&'static str> {
    let mut before: Vec<StaffId> = stored.practitioners.iter().map(|(id, _)| *id).collect();
    let mut after = details.practitioners.clone();
    before.sort();
    after.sort();
    after.dedup();
    let fields = [
        ("first_name", stored.first_name != details.first_name),
        ("last_name", stored.last_name != details.last_name),
        ("preferred_name", stored.preferred_name != details.preferred_name),
        ("pronouns", stored.pronouns != details.pronouns),
        ("birth_date", stored.birth_date != details.birth_date),
        ("code", stored.code != code),
        ("status", stored.status != details.status),
        ("language", stored.language != details.language),
        ("zone", stored.zone != details.zone),
        ("email", stored.email != details.email),
        ("email_consent", stored.email_consent != details.email_consent),
        ("mobile", stored.mobile != details.mobile),
        ("sms_consent", stored.sms_consent != details.sms_consent),
        ("mobile_is_primary", stored.mobile_is_primary != details.mobile_is_primary),
        ("alert", stored.alert != details.alert),
        ("notes", stored.notes.as_ref().is_some_and(|notes| *notes != details.notes)),
        ("practitioners", before != after),
    ];
    fields.into_iter().filter(|(_, changed)| *changed).map(|(field, _)| field).collect()
}
