//! Invitations: a client asks to be linked with the person who reads the mail at an address. Whether that is
//! a client's address is not looked up, so that neither the answer, its time nor the number of mails
//! tells it. The link is opened by the client who has that address, and by no one else that the mail
//! was forwarded to; they accept, and choose what the other may do for them.

use super::history::record;
use super::mine::decides;
use super::sides::{Pair, Stored};
use super::{insert, person_of};
use crate::accounts::secret;
use crate::actor::ClientActor;
use crate::locks::{self, Purpose};
use crate::{Actor, Error, Result, audit, messages, new_id, permissions};
use chrono::{DateTime, Utc};
use shared::accounts::Secret;
use shared::clients::{Kind, Status};
use shared::links::{EventKind, Grants, INVITATION_DAYS, InvitationForm, Label, LinkDetails};
use shared::permissions::Permission;
use shared::{ClientId, Refusal};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// How many a client sends in a day.
const OWN_A_DAY: i64 = 5;
/// How many mails an address gets in a day, from all of them.
const MAILS_A_DAY: i64 = 3;

/// An invitation that is open, for the one who sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    pub id: Uuid,
    pub email: String,
    pub expires_at: DateTime<Utc>,
}

/// Sends an invitation; [`Refusal::TooMany`] after some in a day. An address that got enough mails in
/// a day gets no more, and the answer is the same. Not before one comes of age.
pub async fn invite(pool: &PgPool, actor: &Actor, form: &InvitationForm) -> Result<()> {
    let me = actor.client()?.id();
    let mut tx = pool.begin().await?;
    let email = form.parse()?;
    locks::lock(&mut tx, Purpose::Address, [email.to_lowercase(), me.to_string()]).await?;
    permissions::require(&mut tx, me, Permission::InviteLinks).await?;
    if !decides(&mut tx, me).await? {
        return Err(Refusal::Forbidden.into());
    }
    if form.may.any() {
        actor.confirmed()?;
    }
    let sent = sqlx::query!(
        r#"select count(*) filter (where client_id = $1) as "mine!", count(*) filter (where email = $2::text::citext) as "there!"
             from link_invitation where created_at > now() - interval '24 hours' and (client_id = $1 or email = $2::text::citext)"#,
        me.0,
        email
    )
    .fetch_one(&mut *tx)
    .await?;
    if sent.mine >= OWN_A_DAY {
        return Err(Refusal::TooMany.into());
    }
    let (id, secret) = (new_id(), secret::new());
    sqlx::query!(
        "insert into link_invitation (id, client_id, email, secret_hash, may_book, may_forms, gets_copies, may_packages, expires_at)
         values ($1, $2, $3::text::citext, $4, $5, $6, $7, $8, now() + make_interval(days => $9))",
        id,
        me.0,
        email,
        secret::hash(&secret),
        form.may.book,
        form.may.forms,
        form.may.copies,
        form.may.packages,
        INVITATION_DAYS
    )
    .execute(&mut *tx)
    .await?;
    if sent.there < MAILS_A_DAY {
        sqlx::query!(
            "insert into message (id, kind, subject_kind, subject_id, secret) values ($1, 'link_invitation', 'link_invitation', $2, $3)",
            new_id(),
            id,
            secret.0
        )
        .execute(&mut *tx)
        .await?;
    }
    audit::append(&mut tx, actor, "invite", "link", id, &[]).await?;
    tx.commit().await?;
    Ok(())
}

/// The invitations of a client that can still be answered, the newest first.
pub async fn open_invitations(pool: &PgPool, me: &ClientActor) -> Result<Vec<Invitation>> {
    Ok(sqlx::query_as!(
        Invitation,
        r#"select id, email::text as "email!", expires_at from link_invitation
            where client_id = $1 and accepted_at is null and revoked_at is null and expires_at > now()
            order by created_at desc, id"#,
        me.id().0
    )
    .fetch_all(pool)
    .await?)
}

/// Whether a client may ask at all: the practice's answer, or its exception for them, and of age.
pub async fn may_invite(pool: &PgPool, me: &ClientActor) -> Result<bool> {
    let mut conn = pool.acquire().await?;
    Ok(permissions::allows(&mut conn, me.id(), Permission::InviteLinks).await? && decides(&mut conn, me.id()).await?)
}

/// Takes an invitation back: its link opens nothing any more. Twice is as once.
pub async fn revoke(pool: &PgPool, actor: &Actor, id: Uuid) -> Result<()> {
    let me = actor.client()?.id();
    let mut tx = pool.begin().await?;
    let open = sqlx::query_scalar!(
        r#"select accepted_at is null and revoked_at is null as "open!" from link_invitation
            where id = $1 and client_id = $2 for update"#,
        id,
        me.0
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    if open {
        sqlx::query!("update link_invitation set revoked_at = now() where id = $1", id).execute(&mut *tx).await?;
        audit::append(&mut tx, actor, "revoke-invitation", "link", id, &[]).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// What someone who opens the link is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// How the one who asks is called.
    pub name: String,
    /// What the reader may do for them.
    pub may: Grants,
    /// Whether the reader decides what others may do for them.
    pub decides: bool,
}

/// Looks at an invitation, for a client who is logged in; [`Refusal::DeadLink`] once it has ended, and
/// of one's own.
pub async fn invited(pool: &PgPool, me: &ClientActor, token: &Secret) -> Result<Asked> {
    let mut conn = pool.acquire().await?;
    let (_, from, may) = find(&mut conn, me.id(), token).await?;
    let name = sqlx::query_scalar!(r#"select client_short_name(c) as "name!" from client c where id = $1"#, from.0)
        .fetch_one(&mut *conn)
        .await?;
    Ok(Asked { name, may, decides: decides(&mut conn, me.id()).await? })
}

/// Links the two; `may` is what the one who asked may do for the one who accepts. Labels are the
/// practice's to choose.
pub async fn accept(pool: &PgPool, actor: &Actor, token: &Secret, may: Grants) -> Result<()> {
    let me = actor.client()?.id();
    let mut tx = pool.begin().await?;
    // Sent twice it is as once.
    let done = sqlx::query_scalar!(
        r#"select exists (select from link_invitation i
                            join client_link l on $2 in (l.client_low, l.client_high) and i.client_id in (l.client_low, l.client_high)
                           where i.secret_hash = $1 and i.accepted_at is not null and i.client_id <> $2) as "done!""#,
        secret::hash(token),
        me.0
    );
    if done.fetch_one(&mut *tx).await? {
        return Ok(());
    }
    let (id, from, own_may) = find(&mut tx, me, token).await?;
    if may.any() && !decides(&mut tx, me).await? {
        return Err(Refusal::Forbidden.into());
    }
    if person_of(&mut tx, me).await?.kind != Kind::Individual {
        return Err(Refusal::DeadLink.into());
    }
    let pair = Pair::of(me, from).ok_or(Error::Refused(Refusal::DeadLink))?;
    if may.any() {
        actor.confirmed()?;
    }
    let details =
        LinkDetails { other_label: Label::Other, own_label: Label::Other, other_may: may, own_may, version: None };
    let link = insert(&mut tx, pair, Stored::of(pair.own, &details)).await?;
    sqlx::query!("update link_invitation set accepted_at = now() where id = $1", id).execute(&mut *tx).await?;
    let event = record(&mut tx, actor, link, EventKind::Created).await?;
    messages::queue_link_change(&mut tx, event).await?;
    audit::append(&mut tx, actor, "create", "link", link, &[]).await?;
    tx.commit().await?;
    Ok(())
}

/// An open invitation of someone else who is active, locked: its id, who asks, and what is granted.
async fn find(conn: &mut PgConnection, me: ClientId, token: &Secret) -> Result<(Uuid, ClientId, Grants)> {
    let row = sqlx::query!(
        r#"select i.id, c.id as "from: ClientId", c.status as "status: Status", c.kind as "kind: Kind",
                  i.may_book, i.may_forms, i.gets_copies, i.may_packages
             from link_invitation i join client c on c.id = i.client_id
            where i.secret_hash = $1 and i.accepted_at is null and i.revoked_at is null and i.expires_at > now()
              and c.erased_at is null and c.id <> $2
              and exists (select from client me where me.id = $2 and me.email = i.email)
              for update of i for share of c"#,
        secret::hash(token),
        me.0
    )
    .fetch_optional(conn)
    .await?
    .filter(|row| row.status == Status::Active && row.kind == Kind::Individual)
    .ok_or(Error::Refused(Refusal::DeadLink))?;
    let may = Grants { book: row.may_book, forms: row.may_forms, copies: row.gets_copies, packages: row.may_packages };
    Ok((row.id, row.from, may))
}
