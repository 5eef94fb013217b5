//! Changes of a client's record: create, edit, status.

use super::changes::changes;
use super::check::{check, rules};
use super::children::{self, assign};
use super::insert::{NewClient, add};
use super::record::load;
use crate::locks::{self, Purpose};
use crate::{Actor, Error, OnConstraint, Result, accounts, appointments, audit, authz, consents};
use serde::Serialize;
use sha2::{Digest, Sha256};
use shared::accounts::same_address;
use shared::clients::{ClientDetails, ClientForm, ClientFormRules, ClientProfile, Kind, Status};
use shared::consents::ConsentSource;
use shared::health_card::Province;
use shared::{ClientId, ClientNumber, Problem, Refusal};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// Makes an individual. A practitioner's new client is assigned to that
/// practitioner; notes and invitations are the front desk's.
pub async fn create(pool: &PgPool, actor: &Actor, form: ClientForm) -> Result<NewClient> {
    let mut tx = pool.begin().await?;
    let made = create_once(&mut tx, actor, form).await?;
    made.note(&mut tx, actor).await?;
    tx.commit().await?;
    Ok(made.client)
}

/// An individual who was made now, or by an earlier submit of the form.
#[derive(Debug)]
pub(crate) struct Made {
    pub client: NewClient,
    /// Tags that were made with them.
    tags: Vec<Uuid>,
    invited: bool,
    before: bool,
}

impl Made {
    /// Tells the audit. Call it last before commit.
    pub(crate) async fn note(&self, conn: &mut PgConnection, actor: &Actor) -> Result<()> {
        if self.before {
            return Ok(());
        }
        for tag in &self.tags {
            audit::append(&mut *conn, actor, "create", "tag", *tag, &[]).await?;
        }
        audit::append(&mut *conn, actor, "create", "client", self.client.id, &[]).await?;
        if self.invited {
            audit::append(conn, actor, "invite", "client", self.client.id, &[]).await?;
        }
        Ok(())
    }
}

/// [`create`] within a transaction that goes on. The audit is told last: [`Made::note`].
pub(crate) async fn create_once(conn: &mut PgConnection, actor: &Actor, mut form: ClientForm) -> Result<Made> {
    if let Ok(key) = form.request_key.parse() {
        form.request_key = content_key(key, &(actor.id(), &form)).to_string();
    }
    let rules = rules(&mut *conn).await?;
    create_in(conn, actor, form, &rules).await
}

/// [`create_once`] as one step of a larger form, which has a request key of its own.
pub(crate) async fn create_in(
    conn: &mut PgConnection,
    actor: &Actor,
    mut form: ClientForm,
    rules: &ClientFormRules,
) -> Result<Made> {
    let staff = actor.staff()?;
    form.version.clear();
    if !staff.sees_all_clients() {
        form.notes.clear();
        form.invite = false;
        form.practitioners = vec![staff.id().to_string()];
    }
    let details = check(&mut *conn, &form, rules, None).await?;
    if let Some(first) = already_made(&mut *conn, details.request_key).await? {
        return Ok(Made { client: first, tags: Vec::new(), invited: false, before: true });
    }
    consents::through(&mut *conn, actor, ConsentSource::Desk).await?;
    let (client, tags) = add(&mut *conn, &details).await?;
    if details.invite {
        accounts::invite_in(&mut *conn, actor.front_desk()?, client.id).await?;
    }
    Ok(Made { client, tags, invited: details.invite, before: false })
}

/// Saves the form over the version it was opened with; [`Refusal::Stale`] when
/// another person saved in between. A practitioner changes neither notes, status
/// nor assignments, nor the address of a client who has an account or an
/// invitation: the person who reads that mail can log in as the client. The front desk changes the
/// address of someone who has a login after fresh proof.
pub async fn update(pool: &PgPool, actor: &Actor, number: ClientNumber, mut form: ClientForm) -> Result<()> {
    let mut tx = pool.begin().await?;
    let token = authz::editable(&mut tx, actor, number).await?;
    let all = actor.staff()?.sees_all_clients();
    lock_to_become(&mut tx, token.id(), form.status.parse().ok()).await?;
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
    if form.prospect_stage.is_empty() {
        // Asked of prospects alone; at hand again should they be one once more.
        let had = stored.form();
        (form.prospect_stage, form.last_contact) = (had.prospect_stage, had.last_contact);
        (form.next_step, form.next_step_on) = (had.next_step, had.next_step_on);
    }
    let rules = rules(&mut tx).await?;
    // A field that was brought back since the form was shown.
    for (field, value) in stored.fields.iter().filter(|(field, _)| !form.fields_shown.contains(&field.id.to_string())) {
        form.fields.entry(field.id.to_string()).or_insert_with(|| value.form());
    }
    let details = check(&mut tx, &form, &rules, Some(&stored)).await?;
    let Some(code) = &details.code else { return Err(Refusal::field("code", Problem::Required).into()) };
    if details.version != Some(stored.version) {
        return Err(Refusal::Stale.into());
    }
    let changed = changes(&stored, &details, code.as_str());
    if changed.is_empty() {
        return Ok(());
    }
    let owner = accounts::Owner::Client(token.id());
    let reach = accounts::reach(&mut tx, owner).await?;
    if !all && reach.opens_account() && !same_mailbox(stored.email.as_deref(), details.email.as_deref()) {
        return Err(Refusal::field("email", Problem::AddressOfLogin).into());
    }
    consents::through(&mut tx, actor, ConsentSource::Desk).await?;
    save(&mut tx, token.id(), &details, code.as_str(), all).await?;
    let made = save_children(&mut tx, &stored, &details, &changed).await?;
    accounts::ask_proof(&mut tx, actor, &reach).await?;
    accounts::address_changed(&mut tx, reach, owner).await?;
    if stored.status != details.status {
        ensure_never_used(&mut tx, token.id(), details.status).await?;
    }
    revoke_access_if_inactive(&mut tx, token.id(), details.status).await?;
    for tag in made {
        audit::append(&mut tx, actor, "create", "tag", tag, &[]).await?;
    }
    let changed: Vec<&str> = changed.iter().map(String::as_str).collect();
    audit::append(&mut tx, actor, "update", "client", token.id(), &changed).await?;
    tx.commit().await?;
    Ok(())
}

fn same_mailbox(one: Option<&str>, other: Option<&str>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => same_address(one, other),
        (one, other) => one == other,
    }
}

async fn save(
    conn: &mut PgConnection,
    client: ClientId,
    details: &ClientDetails,
    code: &str,
    notes: bool,
) -> Result<()> {
    sqlx::query!(
        "update client
            set first_name = $2, last_name = $3, preferred_name = $4, pronouns = $5, birth_date = $6, code = $7::text::citext,
                status = $8, language = $9, zone = $10, email = $11::text::citext, email_consent = $12, mobile = $13,
                sms_consent = $14, mobile_is_primary = $15, alert = $16, notes = coalesce($17, notes),
                salutation_id = $18, gender_id = $19, sex_at_birth = $20, age_range_id = $21, voice_consent = $22,
                address = $23, address_unit = $24, referring_provider_id = $25, qualified = $26, veteran_id = $27,
                location_id = $28, card_province = $29, card_number = $30, card_version = $31, card_expires = $32,
                fee_programme_id = $33, fee_programme_number = $34, province = $35, billing_authorisation = $36,
                case_number = $37, sessions_needed = $38, billing_notes = $39, prospect_stage = $40,
                last_contact = $41, next_step = $42, next_step_on = $43,
                version = version + 1, updated_at = now()
          where id = $1",
        client.0,
        details.first_name,
        details.last_name,
        details.preferred_name,
        details.pronouns,
        details.birth_date,
        code,
        details.status.as_str(),
        details.language,
        details.zone,
        details.email,
        details.email_consent,
        details.mobile,
        details.sms_consent,
        details.mobile_is_primary,
        details.alert,
        notes.then_some(details.notes.as_str()),
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
    .execute(conn)
    .await
    .on_constraint("client_code_key", || Refusal::field("code", Problem::Taken))?;
    Ok(())
}

/// Saves what has tables of its own, if it is among the `changed`; answers the
/// ids of tags just made.
async fn save_children(
    conn: &mut PgConnection,
    stored: &ClientProfile,
    details: &ClientDetails,
    changed: &[String],
) -> Result<Vec<Uuid>> {
    let client = stored.id;
    let is_changed = |name: &str| changed.iter().any(|field| field == name);
    if is_changed("practitioners") {
        assign(conn, client, &details.practitioners).await?;
    }
    if is_changed("phones") {
        children::save_phones(conn, client, &details.phones).await?;
    }
    if is_changed("contacts") {
        children::save_contacts(conn, client, &details.contacts).await?;
    }
    if changed.iter().any(|field| field.starts_with("fields.")) {
        children::save_fields(conn, client, &details.fields).await?;
    }
    if is_changed("tags") {
        return children::save_tags(conn, client, &details.tags, &details.new_tags).await;
    }
    Ok(Vec::new())
}

/// Changes the status alone, from the list or the profile: front desk.
/// Answers the status before.
pub async fn set_status(pool: &PgPool, actor: &Actor, number: ClientNumber, status: Status) -> Result<Status> {
    let mut tx = pool.begin().await?;
    let was = set_status_in(&mut tx, actor, number, status).await?;
    tx.commit().await?;
    Ok(was)
}

/// Puts back the status that was `before`, while it is still what it was `set`
/// to: otherwise another person has changed it since.
pub async fn undo_status(
    pool: &PgPool,
    actor: &Actor,
    number: ClientNumber,
    before: Status,
    set: Status,
) -> Result<()> {
    let mut tx = pool.begin().await?;
    let was = set_status_in(&mut tx, actor, number, before).await?;
    if was != set && was != before {
        return Err(Refusal::NotUndoable.into());
    }
    Ok(tx.commit().await?)
}

/// [`set_status`] within a transaction that ends with it; answers the status before.
pub(crate) async fn set_status_in(
    conn: &mut PgConnection,
    actor: &Actor,
    number: ClientNumber,
    status: Status,
) -> Result<Status> {
    let token = authz::administrable(conn, actor, number).await?;
    let stored = lock_to_become(conn, token.id(), Some(status)).await?;
    if stored != status {
        ensure_never_used(conn, token.id(), status).await?;
        sqlx::query!(
            "update client set status = $2, version = version + 1, updated_at = now() where id = $1",
            token.id().0,
            status.as_str()
        )
        .execute(&mut *conn)
        .await?;
        revoke_access_if_inactive(conn, token.id(), status).await?;
        audit::append(conn, actor, "update", "client", token.id(), &["status"]).await?;
    }
    Ok(stored)
}

/// The person who becomes a prospect has no appointment that stands, nor an activity.
pub(crate) async fn ensure_never_used(conn: &mut PgConnection, client: ClientId, status: Status) -> Result<()> {
    if status != Status::Prospect {
        return Ok(());
    }
    let used = sqlx::query_scalar!(r#"select client_was_used($1) as "used!""#, client.0);
    if used.fetch_one(conn).await? { Err(Refusal::field("status", Problem::NeverUsed).into()) } else { Ok(()) }
}

/// As [`lock`]; before someone becomes a prospect, bookings of them are waited for.
pub(crate) async fn lock_to_become(
    conn: &mut PgConnection,
    client: ClientId,
    status: Option<Status>,
) -> Result<Status> {
    if status == Some(Status::Prospect) {
        appointments::lock(conn, &[client.0]).await?;
    }
    lock(conn, client).await
}

/// Holds the row until the transaction ends; answers the status. Anyone who has
/// been erased or deleted while it was waited for is not found.
pub(crate) async fn lock(conn: &mut PgConnection, client: ClientId) -> Result<Status> {
    Ok(sqlx::query_scalar!(
        r#"select status as "status: Status" from client where id = $1 and erased_at is null for no key update"#,
        client.0
    )
    .fetch_optional(conn)
    .await?
    .ok_or(Refusal::NotFound)?)
}

/// The key of a form with what it holds: sent twice it is the same; someone
/// else typed into the page that the browser went back to is another.
pub(crate) fn content_key(key: Uuid, form: &impl Serialize) -> Uuid {
    let contents = serde_json::to_vec(form).unwrap_or_default();
    let digest: [u8; 32] = Sha256::new_with_prefix(key.as_bytes()).chain_update(contents).finalize().into();
    Uuid::from_u128(digest.iter().take(16).fold(0, |sum, byte| sum << 8 | u128::from(*byte)))
}

/// The result of an earlier submit of the same form; one that is under way is
/// waited for.
pub(crate) async fn already_made(conn: &mut PgConnection, key: Option<Uuid>) -> Result<Option<NewClient>> {
    let Some(key) = key else { return Ok(None) };
    locks::lock(conn, Purpose::Form, [key]).await?;
    Ok(sqlx::query_as!(
        NewClient,
        r#"select id as "id: ClientId", number as "number: ClientNumber" from client where request_key = $1"#,
        key
    )
    .fetch_optional(conn)
    .await?)
}

/// Anyone who may not log in, or not any more, has no open session and no claim link.
pub(crate) async fn revoke_access_if_inactive(conn: &mut PgConnection, client: ClientId, is: Status) -> Result<()> {
    if is.may_log_in() {
        return Ok(());
    }
    accounts::void_links(conn, accounts::Owner::Client(client)).await?;
    sqlx::query!("delete from session s using account a where a.client_id = $1 and s.account_id = a.id", client.0)
        .execute(conn)
        .await?;
    Ok(())
}
