//! The edit form of a couple, family or group, its kind among the fields.

use super::{check_age_range, lock, periods, set_tags, stored, today, views};
use crate::clients::assign;
use crate::{Actor, Error, OnConstraint, Result, audit, authz, clients};
use shared::clients::Kind;
use shared::memberships::{self as rules, GroupDetails, GroupForm, GroupProfile, Period};
use shared::{ClientNumber, FieldErrors, Problem, Refusal};
use sqlx::PgPool;

/// Saves the form over the version it was opened with; [`Refusal::Stale`] when
/// another person saved in between. A change of kind is refused with everything
/// that stands in its way. Members are not changed here. A practitioner changes
/// neither notes, status nor assignments.
pub async fn update(pool: &PgPool, actor: &Actor, number: ClientNumber, mut form: GroupForm) -> Result<()> {
    let (practice, today) = today(pool).await?;
    let mut tx = pool.begin().await?;
    let token = authz::editable(&mut tx, actor, number).await?;
    let all = actor.staff()?.sees_all_clients();
    let kind = lock(&mut tx, token.id()).await?;
    let stored_now = views::load(&mut tx, token.readable(), all).await?;
    (form.members, form.new_members) = Default::default();
    if !all {
        form.notes.clear();
        form.status = stored_now.status.as_str().to_owned();
        form.practitioners = stored_now.practitioners.iter().map(|(id, _)| id.to_string()).collect();
    }
    let memberships = stored(&mut tx, token.id()).await?;
    let details = all_problems(form.parse(today, practice.code_only), &form, kind, &periods(&memberships))?;
    let Some(code) = &details.code else { return Err(Refusal::field("code", Problem::Required).into()) };
    if details.version != Some(stored_now.version) {
        return Err(Refusal::Stale.into());
    }
    let changed = changes(&stored_now, &details, code.as_str());
    if changed.is_empty() {
        return Ok(());
    }
    if changed.contains(&"status") {
        clients::ensure_never_used(&mut tx, token.id(), details.status).await?;
    }
    check_age_range(&mut tx, details.age_range, stored_now.age_range.as_ref().map(|(id, _)| *id)).await?;
    sqlx::query!(
        "update client
            set kind = $2, group_name = $3, code = $4::text::citext, status = $5, age_range_id = $6, alert = $7,
                notes = coalesce($8, notes), version = version + 1, updated_at = now()
          where id = $1",
        token.id().0,
        details.kind.as_str(),
        details.name,
        code.as_str(),
        details.status.as_str(),
        details.age_range.map(|id| id.0),
        details.alert,
        all.then_some(details.notes.as_str()),
    )
    .execute(&mut *tx)
    .await
    .on_constraint("client_code_key", || Refusal::field("code", Problem::Taken))?;
    if changed.contains(&"tags") {
        set_tags(&mut tx, token.id(), &details.tags, &details.new_tags).await?;
    }
    if changed.contains(&"practitioners") {
        assign(&mut tx, token.id(), &details.practitioners).await?;
    }
    audit::append(&mut tx, actor, "update", "client", token.id(), &changed).await?;
    tx.commit().await?;
    Ok(())
}

/// Of each kind that it is not, what stands in its way now: nothing of those
/// that are not named.
pub async fn obstacles(pool: &PgPool, actor: &Actor, number: ClientNumber) -> Result<Vec<(Kind, Vec<Problem>)>> {
    let mut conn = pool.acquire().await?;
    let client = authz::readable(&mut conn, actor, number).await?;
    let group = views::load(&mut conn, client, false).await?;
    let periods = periods(&stored(&mut conn, client.id()).await?);
    let of = |to: &Kind| {
        let problems = rules::obstacles(group.kind, *to, &group.code, &periods);
        (*to, problems.into_iter().map(|(_, problem)| problem).collect::<Vec<_>>())
    };
    Ok(Kind::GROUPS.iter().map(of).filter(|(to, problems)| *to != group.kind && !problems.is_empty()).collect())
}

/// What is wrong with the form, and what stands in the way of its kind.
fn all_problems(
    parsed: std::result::Result<GroupDetails, Refusal>,
    form: &GroupForm,
    kind: Kind,
    periods: &[Period],
) -> Result<GroupDetails> {
    let mut errors = FieldErrors::default();
    if let Ok(to) = Kind::parse_group(&form.kind) {
        for (field, problem) in rules::obstacles(kind, to, &form.code, periods) {
            errors.push(field, problem);
        }
    }
    let details = match parsed {
        Ok(details) => Some(details),
        Err(Refusal::Invalid(FieldErrors(more))) => {
            for (field, problem) in more {
                if errors.get(&field).is_none() {
                    errors.push(&field, problem);
                }
            }
            None
        }
        Err(refusal) => return Err(refusal.into()),
    };
    errors.check()?;
    details.ok_or(Error::Refused(Refusal::Internal))
}

/// The names of the fields that the form changes.
fn changes(stored: &GroupProfile, details: &GroupDetails, code: &str) -> Vec<&'static str> {
    let sorted = |mut ids: Vec<uuid::Uuid>| {
        ids.sort();
        ids.dedup();
        ids
    };
    let tags = sorted(stored.tags.iter().map(|(id, _)| id.0).collect())
        != sorted(details.tags.iter().map(|id| id.0).collect());
    let people = sorted(stored.practitioners.iter().map(|(id, _)| id.0).collect())
        != sorted(details.practitioners.iter().map(|id| id.0).collect());
    let fields = [
        ("kind", stored.kind != details.kind),
        ("name", stored.group_name != details.name),
        ("code", stored.code != code),
        ("status", stored.status != details.status),
        ("age_range", stored.age_range.as_ref().map(|(id, _)| *id) != details.age_range),
        ("tags", tags || !details.new_tags.is_empty()),
        ("alert", stored.alert != details.alert),
        ("notes", stored.notes.as_ref().is_some_and(|notes| *notes != details.notes)),
        ("practitioners", people),
    ];
    fields.into_iter().filter(|(_, changed)| *changed).map(|(field, _)| field).collect()
}
