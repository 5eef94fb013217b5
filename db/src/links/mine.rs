//! The portal's view of links: who may act for a client, who they may act for, since when and by
//! whose hand; and what a client themself decides, the permissions that they give.

use super::history::{entries, record};
use super::sides::{Pair, Stored};
use super::{lock, unoffer, views_of, write};
use crate::actor::ClientActor;
use crate::practice::practice_zone;
use crate::{Actor, Error, Result, audit, messages, waitlist};
use chrono::{DateTime, Utc};
use shared::links::{EventKind, GrantsForm, LinkView, permission_changes};
use shared::{ClientId, LinkId, Refusal};
use sqlx::{PgConnection, PgPool};

/// What a client sees of their links.
#[derive(Debug, Clone)]
pub struct Mine {
    pub links: Vec<LinkView>,
    /// The newest first.
    pub history: Vec<Entry>,
    /// Whether they decide themself what others may do for them: of someone who is not of age the
    /// practice does.
    pub decides: bool,
}

/// Whose hand a change was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hand {
    Me,
    Other,
    Practice,
}

/// A change, in sentences about permissions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub at: DateTime<Utc>,
    pub kind: EventKind,
    pub other_name: String,
    pub by: Hand,
    pub changes: Vec<String>,
}

/// The links of the client who asks, and their history: also of links that were removed
/// nothing is told. Nor are labels: they are the practice's.
pub async fn mine(pool: &PgPool, me: &ClientActor) -> Result<Mine> {
    let mut conn = pool.acquire().await?;
    let links = views_of(&mut conn, me.id(), None, None).await?;
    let history = entries(&mut conn, me.id(), None, true).await?;
    let history = history.into_iter().filter_map(|entry| {
        let changes = permission_changes(entry.before.as_ref(), entry.after.as_ref(), "you", &entry.other_name);
        let by = match entry.actor_id {
            id if id == me.id().0 => Hand::Me,
            id if id == entry.other.0 => Hand::Other,
            _ => Hand::Practice,
        };
        // A change of labels alone is nothing to them.
        (entry.kind != EventKind::Changed || !changes.is_empty()).then_some(Entry {
            at: entry.at,
            kind: entry.kind,
            other_name: entry.other_name,
            by,
            changes: changes.into_iter().map(capital).collect(),
        })
    });
    let history = history.collect::<Vec<_>>();
    let decides = decides(&mut conn, me.id()).await?;
    Ok(Mine { links, history, decides })
}

/// "you may …" begins a sentence.
fn capital(sentence: String) -> String {
    match sentence.strip_prefix("you ") {
        Some(rest) => format!("You {rest}"),
        None => sentence,
    }
}

/// One of their links, to decide about; [`Refusal::Forbidden`] before they come of age.
pub async fn my_link(pool: &PgPool, me: &ClientActor, id: LinkId) -> Result<LinkView> {
    let mut conn = pool.acquire().await?;
    let links = views_of(&mut conn, me.id(), None, None).await?;
    let link = links.into_iter().find(|link| link.id == id).ok_or(Error::Refused(Refusal::NotFound))?;
    if decides(&mut conn, me.id()).await? { Ok(link) } else { Err(Refusal::Forbidden.into()) }
}

/// Someone whose date of birth is not known is taken to be of age.
pub(super) async fn decides(conn: &mut PgConnection, me: ClientId) -> Result<bool> {
    let today = practice_zone(&mut *conn).await?.date(Utc::now());
    Ok(sqlx::query_scalar!(
        r#"select coalesce(of_age_on(c.birth_date, p.age_of_majority) <= $2, true) as "of_age!"
             from client c cross join practice p where c.id = $1"#,
        me.0,
        today
    )
    .fetch_one(conn)
    .await?)
}

/// The client decides, after fresh proof, what the other of a link may do for them: nothing else of the link changes.
/// Saving what stands already does nothing; over another person's change it is [`Refusal::Stale`].
pub async fn decide(pool: &PgPool, actor: &Actor, id: LinkId, form: &GrantsForm) -> Result<()> {
    let me = actor.client()?.id();
    let mut tx = pool.begin().await?;
    let other = sqlx::query_scalar!(
        r#"select case when client_low = $2 then client_high else client_low end as "id!: ClientId"
             from client_link where id = $1 and $2 in (client_low, client_high)"#,
        id.0,
        me.0
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    let pair = Pair::of(me, other).ok_or(Error::Refused(Refusal::NotFound))?;
    waitlist::lock_between(&mut tx, pair.low, pair.high).await?;
    let (link, version, stored) = lock(&mut tx, pair).await?;
    if !decides(&mut tx, me).await? {
        return Err(Refusal::Forbidden.into());
    }
    let shown = form.parse()?;
    let mut details = stored.seen_from(pair.own, Some(version));
    details.other_may = form.may;
    let wanted = Stored::of(pair.own, &details);
    let fields = wanted.differing(&stored);
    if fields.is_empty() {
        return Ok(());
    }
    if shown != version {
        return Err(Refusal::Stale.into());
    }
    actor.confirmed()?;
    write(&mut tx, link, pair, wanted).await?;
    let unoffered = unoffer(&mut tx, pair, &stored, &wanted).await?;
    let event = record(&mut tx, actor, link, EventKind::Changed).await?;
    messages::queue_link_change(&mut tx, event).await?;
    for entry in unoffered {
        audit::append(&mut tx, actor, "withdraw-offer", "waitlist", entry, &["state"]).await?;
    }
    audit::append(&mut tx, actor, "update", "link", link, &fields).await?;
    tx.commit().await?;
    Ok(())
}
