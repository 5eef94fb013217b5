//! Safe contact: what someone has asked for, kept by staff and asked each time that mail is made and
//! sent. Mail that they ask for themselves, such as a new password, still goes.

use crate::authz::{self, ReadableClient};
use crate::{Actor, Result, audit};
use shared::safe_contact::{DISCREET_SUBJECT, SafeContactForm, SafeRule};
use shared::{ClientId, ClientNumber};
use sqlx::{PgConnection, PgPool};
use std::collections::BTreeSet;
use uuid::Uuid;

/// What someone has asked for, for those who may read their record.
pub async fn of_client(conn: &mut PgConnection, client: &ReadableClient) -> Result<Vec<SafeRule>> {
    let rules =
        sqlx::query_scalar!(r#"select rule as "rule: SafeRule" from safe_contact where client_id = $1"#, client.id().0);
    let rules: BTreeSet<SafeRule> = rules.fetch_all(conn).await?.into_iter().collect();
    Ok(rules.into_iter().collect())
}

/// Who it is about, and what they have asked for, for those who may change it.
pub async fn one(pool: &PgPool, actor: &Actor, number: ClientNumber) -> Result<(String, Vec<SafeRule>)> {
    let mut conn = pool.acquire().await?;
    let client = authz::editable(&mut conn, actor, number).await?;
    let name = sqlx::query_scalar!(r#"select client_name(c) as "name!" from client c where id = $1"#, client.id().0)
        .fetch_one(&mut *conn)
        .await?;
    let rules = of_client(&mut conn, &client.readable()).await?;
    Ok((name, rules))
}

/// Keeps what they have asked for: the front desk, and practitioners of those assigned to them.
pub async fn save(pool: &PgPool, actor: &Actor, number: ClientNumber, form: &SafeContactForm) -> Result<()> {
    let mut tx = pool.begin().await?;
    let client = authz::editable(&mut tx, actor, number).await?.id();
    let wanted: Vec<String> = form.parse()?.into_iter().map(|rule| rule.as_str().to_owned()).collect();
    let gone = sqlx::query!("delete from safe_contact where client_id = $1 and rule <> all ($2)", client.0, &wanted)
        .execute(&mut *tx)
        .await?;
    let added = sqlx::query!(
        "insert into safe_contact (client_id, rule, set_by) select $1, rule, $3 from unnest($2::text[]) rule
         on conflict do nothing",
        client.0,
        &wanted,
        actor.id()
    )
    .execute(&mut *tx)
    .await?;
    if gone.rows_affected() + added.rows_affected() > 0 {
        audit::append(&mut tx, actor, "update", "client", client, &["safe_contact"]).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Those of these clients who are not to be written to.
pub(crate) async fn not_to_be_written_to(conn: &mut PgConnection, clients: &[Uuid]) -> Result<Vec<ClientId>> {
    Ok(sqlx::query_scalar!(
        r#"select client_id as "id: ClientId" from safe_contact where rule = 'no_writing' and client_id = any ($1)"#,
        clients
    )
    .fetch_all(conn)
    .await?)
}

/// The subject as it goes to this address: one that says nothing where someone there wants that.
pub(crate) async fn subject(conn: &mut PgConnection, address: &str, subject: String) -> Result<String> {
    // A text message has none.
    if subject.is_empty() {
        return Ok(subject);
    }
    let discreet = sqlx::query_scalar!(
        r#"select exists (select from safe_contact s join client c on c.id = s.client_id
                           where s.rule = 'discreet' and c.email = $1::text::citext) as "is!""#,
        address
    );
    Ok(if discreet.fetch_one(conn).await? { DISCREET_SUBJECT.to_owned() } else { subject })
}
