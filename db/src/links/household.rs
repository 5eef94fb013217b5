//! The households of a client, as staff see them.

use super::views;
use crate::authz::ReadableClient;
use crate::{Actor, Result};
use shared::links::{Grants, LINKED_MAX, households};
use shared::{ClientId, ClientNumber};
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// Someone of a household.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub id: ClientId,
    pub number: ClientNumber,
    pub name: String,
}

/// People who are all linked to one another, and what each may do for each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Household {
    /// The client of the profile first.
    pub people: Vec<Member>,
    /// By holder and subject.
    pub grants: BTreeMap<(ClientId, ClientId), Grants>,
}

/// The households of a client. Links of people that a practitioner does not see are left out.
pub async fn of_household(conn: &mut PgConnection, actor: &Actor, own: &ReadableClient) -> Result<Vec<Household>> {
    let links = views(conn, actor, *own, None).await?;
    let others: Vec<ClientId> = links.iter().take(LINKED_MAX).map(|link| link.other).collect();
    let ids: Vec<uuid::Uuid> = others.iter().map(|id| id.0).chain([own.id().0]).collect();
    let rows = sqlx::query!(
        r#"select holder as "holder!: ClientId", subject as "subject!: ClientId", may_book as "book!", may_forms as "forms!",
                  gets_copies as "copies!", may_packages as "packages!"
             from client_grant where holder = any ($1) and subject = any ($1)"#,
        &ids
    )
    .fetch_all(&mut *conn)
    .await?;
    let grants: BTreeMap<_, _> = rows
        .into_iter()
        .map(|row| {
            let may = Grants { book: row.book, forms: row.forms, copies: row.copies, packages: row.packages };
            ((row.holder, row.subject), may)
        })
        .collect();
    let me = super::find_person(conn, *own).await?;
    let member = |id: ClientId| match links.iter().find(|link| link.other == id) {
        Some(link) => Member { id, number: link.other_number, name: link.other_name.clone() },
        None => Member { id, number: me.number, name: me.name.clone() },
    };
    Ok(households(own.id(), &others, &grants)
        .into_iter()
        .map(|household| {
            let within = |id: &ClientId| household.people.contains(id);
            let of_these = grants.iter().filter(|((holder, subject), _)| within(holder) && within(subject));
            Household {
                grants: of_these.map(|(pair, may)| (*pair, *may)).collect(),
                people: household.people.into_iter().map(member).collect(),
            }
        })
        .collect())
}
