//! What staff read of a client, with the question whether they may.

use db::audit::AuditLine;
use db::authz::{ReadableClient, readable};
use db::clients::Availability;
use db::{Actor, Conn, PgPool, Result};
use shared::ClientNumber;
use shared::activities::ActivityPage;
use shared::clients::{ClientProfile, Colour};
use shared::links::{LinkEvent, LinkView};
use shared::memberships::{Belonging, GroupMembers, GroupProfile};

async fn client(pool: &PgPool, actor: &Actor, number: ClientNumber) -> Result<(Conn, ReadableClient)> {
    let mut conn = db::pool::acquire(pool).await?;
    let client = readable(&mut conn, actor, number).await?;
    Ok((conn, client))
}

pub async fn profile(pool: &PgPool, actor: &Actor, number: ClientNumber) -> Result<ClientProfile> {
    let (mut conn, client) = client(pool, actor, number).await?;
    db::clients::profile(&mut conn, actor, &client).await
}

pub async fn history(pool: &PgPool, actor: &Actor, number: ClientNumber) -> Result<Vec<AuditLine>> {
    let (mut conn, client) = client(pool, actor, number).await?;
    db::clients::history(&mut conn, actor, &client).await
}

pub async fn colour(pool: &PgPool, actor: &Actor, number: ClientNumber) -> Result<Option<Colour>> {
    let (mut conn, client) = client(pool, actor, number).await?;
    db::clients::colour(&mut conn, actor, &client).await
}

pub async fn availability(pool: &PgPool, actor: &Actor, number: ClientNumber) -> Result<Availability> {
    let (mut conn, client) = client(pool, actor, number).await?;
    db::clients::availability(&mut conn, &client).await
}

pub async fn links(pool: &PgPool, actor: &Actor, number: ClientNumber) -> Result<Vec<LinkView>> {
    let (mut conn, client) = client(pool, actor, number).await?;
    db::links::of_client(&mut conn, actor, &client).await
}

pub async fn link_history(pool: &PgPool, actor: &Actor, number: ClientNumber) -> Result<Vec<LinkEvent>> {
    let (mut conn, client) = client(pool, actor, number).await?;
    db::links::history(&mut conn, actor, &client).await
}

/// The newest five, and the sums of all.
pub async fn activities(pool: &PgPool, actor: &Actor, number: ClientNumber) -> Result<ActivityPage> {
    let (mut conn, client) = client(pool, actor, number).await?;
    db::activities::of_client(&mut conn, actor, &client, 5).await
}

pub async fn group(pool: &PgPool, actor: &Actor, number: ClientNumber) -> Result<GroupProfile> {
    let (mut conn, client) = client(pool, actor, number).await?;
    db::memberships::profile(&mut conn, actor, &client).await
}

pub async fn members(pool: &PgPool, actor: &Actor, number: ClientNumber) -> Result<GroupMembers> {
    let (mut conn, client) = client(pool, actor, number).await?;
    db::memberships::members(&mut conn, actor, &client).await
}

pub async fn belongings(pool: &PgPool, actor: &Actor, number: ClientNumber) -> Result<Vec<Belonging>> {
    let (mut conn, client) = client(pool, actor, number).await?;
    db::memberships::belongings(&mut conn, actor, &client).await
}
