//! What the portal shows a client of their own record, and what they edit of it: how they are
//! reached, what they agreed to, and the information fields meant for them. Nothing of what staff
//! note about them, and no one else's details: who acts for someone sees none of it.

use super::children;
use super::record::values;
use super::write::lock;
use crate::actor::ClientActor;
use crate::consents::{self, Consent};
use crate::practice::same_version;
use crate::time::Zone;
use crate::{Actor, Result, audit, permissions};
use shared::clients::Phone;
use shared::clients::own::{OwnConsentsForm, OwnRecord, OwnRecordForm};
use shared::consents::{Channel, ConsentSource};
use shared::permissions::{Detail, DetailSetting, OwnSettings, Permission};
use shared::{ClientId, Problem, Refusal};
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnDetails {
    pub name: String,
    pub code: String,
    pub number: i64,
    /// Blank where the practice does not show it.
    pub record: OwnRecord,
    /// Blank where the practice does not show it.
    pub email: String,
    pub email_consent: bool,
    pub sms_consent: bool,
    pub voice_consent: bool,
    /// By its name; the tag of one that is no longer in the list.
    pub language: String,
    /// What is hidden, shown and edited.
    pub settings: OwnSettings,
    /// Label and value of the information fields that clients see, in order:
    /// those that are filled in.
    pub fields: Vec<(String, String)>,
    pub version: i32,
}

/// The client's own, and no one else's: for staff it does not exist.
pub async fn own(pool: &PgPool, actor: &Actor) -> Result<OwnDetails> {
    let id: ClientId = actor.client()?.id();
    let mut conn = pool.acquire().await?;
    let settings = settings_of(&mut conn, id).await?;
    let row = sqlx::query!(
        r#"select c.number, client_name(c) as "name!", c.code::text as "code!", coalesce(c.email::text, '') as "email!",
                  c.email_consent, c.sms_consent, c.voice_consent, c.version,
                  coalesce((select t.label from term t where t.vocabulary = 'language' and t.tag = c.language), c.language)
                      as "language!"
             from client c where c.id = $1"#,
        id.0
    )
    .fetch_one(&mut *conn)
    .await?;
    let stored = load(&mut conn, id).await?;
    let fields = values(&mut conn, id).await?.into_iter().filter(|(field, _)| field.for_clients);
    Ok(OwnDetails {
        name: row.name,
        code: row.code,
        number: row.number,
        record: shown(stored, &settings),
        email: if settings.shows(Detail::Email) { row.email } else { String::new() },
        email_consent: row.email_consent,
        sms_consent: row.sms_consent,
        voice_consent: row.voice_consent,
        language: if settings.shows(Detail::Language) { row.language } else { String::new() },
        fields: fields.map(|(field, value)| (field.label.clone(), value.shown(&field))).collect(),
        version: row.version,
        settings,
    })
}

/// How the portal addresses them.
pub async fn own_first_name(pool: &PgPool, me: &ClientActor) -> Result<String> {
    Ok(sqlx::query_scalar!(r#"select client_short_name(c) as "name!" from client c where c.id = $1"#, me.id().0)
        .fetch_one(pool)
        .await?)
}

/// What the practice says of each part of the record, as it counts for this client.
async fn settings_of(conn: &mut PgConnection, client: ClientId) -> Result<OwnSettings> {
    let rows = sqlx::query!(
        r#"select detail as "detail: Detail", setting as "setting: DetailSetting", portal_edits($1, detail) as "edits!"
             from portal_detail"#,
        client.0
    )
    .fetch_all(conn)
    .await?;
    let each = rows.into_iter().map(|row| match (row.setting, row.edits) {
        (DetailSetting::Editable, false) => (row.detail, DetailSetting::Shown),
        (setting, _) => (row.detail, setting),
    });
    Ok(OwnSettings(each.collect()))
}

async fn load(conn: &mut PgConnection, client: ClientId) -> Result<OwnRecord> {
    let row = sqlx::query!(
        r#"select first_name, last_name, preferred_name, mobile, address, address_unit, language, zone,
                  coalesce((select jsonb_agg(jsonb_build_array(p.label, p.number) order by p.position)
                              from client_phone p where p.client_id = c.id), '[]')
                      as "phones!: Json<Vec<(String, String)>>"
             from client c where id = $1"#,
        client.0
    )
    .fetch_one(conn)
    .await?;
    Ok(OwnRecord {
        first_name: row.first_name,
        last_name: row.last_name,
        preferred_name: row.preferred_name,
        mobile: row.mobile,
        phones: row.phones.0.into_iter().map(|(label, number)| Phone { label, number }).collect(),
        address: row.address,
        address_unit: row.address_unit,
        language: row.language,
        zone: row.zone,
    })
}

/// Without what the practice hides.
fn shown(record: OwnRecord, settings: &OwnSettings) -> OwnRecord {
    let OwnRecord { first_name, last_name, preferred_name, mobile, phones, address, address_unit, language, zone } =
        record;
    let text = |detail, text: String| if settings.shows(detail) { text } else { String::new() };
    OwnRecord {
        first_name: text(Detail::Name, first_name),
        last_name: text(Detail::Name, last_name),
        preferred_name: text(Detail::PreferredName, preferred_name),
        mobile: mobile.filter(|_| settings.shows(Detail::Mobile)),
        phones: if settings.shows(Detail::Phones) { phones } else { Vec::new() },
        address: text(Detail::Address, address),
        address_unit: text(Detail::Address, address_unit),
        language: text(Detail::Language, language),
        zone: text(Detail::Zone, zone),
    }
}

/// Saves what a client may edit of their own record, over the version that they saw;
/// [`Refusal::Stale`] when it has changed since. Clients only.
pub async fn save_own_record(pool: &PgPool, actor: &Actor, form: &OwnRecordForm) -> Result<()> {
    let client = actor.client()?.id();
    let mut tx = pool.begin().await?;
    permissions::require(&mut tx, client, Permission::EditDetails).await?;
    let settings = settings_of(&mut tx, client).await?;
    if code_only(&mut tx).await? || !settings.edits_any() {
        return Err(Refusal::Forbidden.into());
    }
    lock(&mut tx, client).await?;
    let now =
        sqlx::query!("select version, sms_consent from client where id = $1", client.0).fetch_one(&mut *tx).await?;
    let stored = load(&mut tx, client).await?;
    let new = form.parse(&settings, &stored, now.sms_consent)?;
    known(&mut tx, &stored, &new).await?;
    let changed = stored.changes(&new);
    if changed.is_empty() {
        return Ok(());
    }
    same_version(now.version, form.version.parse().ok())?;
    sqlx::query!(
        "update client
            set first_name = $2, last_name = $3, preferred_name = $4, mobile = $5,
                mobile_is_primary = mobile_is_primary and $5::text is not null, address = $6, address_unit = $7,
                language = $8, zone = $9, version = version + 1, updated_at = now()
          where id = $1",
        client.0,
        new.first_name,
        new.last_name,
        new.preferred_name,
        new.mobile,
        new.address,
        new.address_unit,
        new.language,
        new.zone
    )
    .execute(&mut *tx)
    .await?;
    if changed.contains(&"phones") {
        children::save_phones(&mut tx, client, &new.phones).await?;
    }
    audit::append(&mut tx, actor, "update", "client", client, &changed).await?;
    tx.commit().await?;
    Ok(())
}

/// # Errors
/// At `zone` and `language`, for what there is not, unless it was so before.
async fn known(conn: &mut PgConnection, stored: &OwnRecord, new: &OwnRecord) -> Result<()> {
    if new.zone != stored.zone
        && let Err(problem) = Zone::parse(&new.zone)
    {
        return Err(Refusal::field("zone", problem).into());
    }
    if new.language != stored.language {
        let known = sqlx::query_scalar!(
            r#"select exists (select from term where vocabulary = 'language' and tag = $1 and active) as "known!""#,
            new.language
        );
        if !known.fetch_one(conn).await? {
            return Err(Refusal::field("language", Problem::Unknown).into());
        }
    }
    Ok(())
}

/// The channels that are on without the client having said so themselves: staff noted it, or a file
/// or a merge brought it.
pub(crate) async fn unsaid_consents(conn: &mut PgConnection, client: ClientId) -> Result<Vec<Channel>> {
    Ok(sqlx::query_scalar!(
        r#"select n.channel as "channel!: Channel"
             from client c cross join client_consents(c) n
            where c.id = $1 and n.given
              and coalesce((select e.source from consent_event e
                             where e.client_id = c.id and e.channel = n.channel
                             order by e.id desc limit 1), 'system') in ('desk', 'import', 'merge', 'system')"#,
        client.0
    )
    .fetch_all(conn)
    .await?)
}

async fn code_only(conn: &mut PgConnection) -> Result<bool> {
    Ok(sqlx::query_scalar!("select code_only from practice").fetch_one(conn).await?)
}

/// How the practice may write and call: their own to decide, whatever it lets them edit.
/// [`Refusal::Stale`] over another version than they saw. Clients only.
pub async fn save_own_consents(pool: &PgPool, actor: &Actor, form: &OwnConsentsForm) -> Result<()> {
    let client = actor.client()?.id();
    let mut tx = pool.begin().await?;
    if code_only(&mut tx).await? {
        return Err(Refusal::Forbidden.into());
    }
    lock(&mut tx, client).await?;
    let now = sqlx::query!(
        r#"select email is not null as "has_email!", mobile is not null as "has_mobile!", email_consent, sms_consent,
                  voice_consent, version from client where id = $1"#,
        client.0
    )
    .fetch_one(&mut *tx)
    .await?;
    let mut fields = shared::parse::Fields::default();
    if form.email && !now.has_email {
        fields.note("email", Problem::EmailForConsent);
    }
    if form.sms && !now.has_mobile {
        fields.note("sms", Problem::MobileForSms);
    }
    fields.finish()?;
    let all = [
        (Channel::Email, "email_consent", now.email_consent, form.email),
        (Channel::Sms, "sms_consent", now.sms_consent, form.sms),
        (Channel::Voice, "voice_consent", now.voice_consent, form.voice),
    ];
    // Said by themselves for the first time, or otherwise than before.
    let unsaid = unsaid_consents(&mut tx, client).await?;
    let said = all.into_iter().filter(|(channel, _, was, given)| was != given || (*given && unsaid.contains(channel)));
    let said: Vec<_> = said.collect();
    if said.is_empty() {
        return Ok(());
    }
    same_version(now.version, form.version.parse().ok())?;
    for (channel, _, _, given) in &said {
        let (channel, given) = (*channel, *given);
        let consent = Consent { channel, given, source: ConsentSource::Portal, words: channel.words() };
        consents::record(&mut tx, actor, client, consent).await?;
    }
    let fields: Vec<&str> = said.iter().map(|(_, field, ..)| *field).collect();
    audit::append(&mut tx, actor, "update", "client", client, &fields).await?;
    tx.commit().await?;
    Ok(())
}

/// The languages to choose from, with the one that the client has: tag and name.
pub async fn own_languages(pool: &PgPool, own: &str) -> Result<Vec<(String, String)>> {
    let rows = sqlx::query!(
        "select tag, label from term where vocabulary = 'language' and (active or tag = $1) order by position, label",
        own
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|row| (row.tag, row.label)).collect())
}
