//! The practitioners who work with a client: those assigned now, and those of upcoming appointments,
//! with what staff let clients see of each. It ends with the assignment.

use crate::actor::ClientActor;
use crate::practice::same_version;
use crate::{Actor, Error, PgPool, Result, audit};
use shared::accounts::Role;
use shared::practice::StaffPublicForm;
use shared::{Refusal, StaffId};

/// As a client sees one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MyPractitioner {
    pub name: String,
    /// Empty if there is none.
    pub title: String,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub languages: Option<String>,
    /// One's own; perhaps that of others too.
    pub own: bool,
    /// The others that they have an upcoming appointment with.
    pub others: Vec<String>,
}

/// One's own practitioners; and those of the upcoming appointments of people who grant *book and
/// manage*, as far as the permissions of each record go. By name.
pub async fn practitioners(pool: &PgPool, me: &ClientActor) -> Result<Vec<MyPractitioner>> {
    Ok(sqlx::query_as!(
        MyPractitioner,
        r#"with who as (
               select $1::uuid as id, null::text as name where portal_may($1, 'see_practitioners')
               union all
               select c.id, client_name(c) from client_grant g join client c on c.id = g.subject
                where g.holder = $1 and g.may_book
                  and portal_may(c.id, 'see_practitioners') and portal_may(c.id, 'see_appointments')),
           theirs as (
               select p.practitioner_id, w.name from who w join client_practitioner p on p.client_id = w.id
                where w.name is null
               union
               select a.practitioner_id, w.name
                 from who w
                 join appointment_participant p on p.client_id = w.id and p.status = 'booked' and p.ends_at > now()
                 join appointment a on a.id = p.appointment_id and a.status in ('requested', 'confirmed')
                where w.name is null and portal_may($1, 'see_appointments') or w.name is not null and (p.assigned = 'everyone' or p.assigned_to = $1))
           select m.first_name || ' ' || m.last_name as "name!", coalesce(s.title, '') as "title!",
                  case when s.shows_phone then nullif(s.phone, '') end as phone,
                  case when s.shows_email then m.email::text end as email,
                  case when s.shows_languages then nullif(s.languages, '') end as languages,
                  bool_or(t.name is null) as "own!",
                  coalesce(array_agg(distinct t.name order by t.name) filter (where t.name is not null), '{}') as "others!"
             from theirs t
             join staff_member m on m.id = t.practitioner_id and m.active
             left join staff_public s on s.staff_id = m.id
            group by m.id, s.staff_id
            order by bool_or(t.name is null) desc, m.last_name, m.first_name, m.id"#,
        me.id().0
    )
    .fetch_all(pool)
    .await?)
}

/// What clients see of a practitioner, as staff edit it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StaffPublic {
    pub title: String,
    pub phone: String,
    pub languages: String,
    pub shows_phone: bool,
    pub shows_email: bool,
    pub shows_languages: bool,
    pub version: i32,
}

/// Of a practitioner; `None` for other staff, clients see nothing of them. For the front desk.
pub async fn staff_public(pool: &PgPool, actor: &Actor, id: StaffId) -> Result<Option<StaffPublic>> {
    actor.front_desk()?;
    Ok(sqlx::query_as!(
        StaffPublic,
        r#"select coalesce(s.title, '') as "title!", coalesce(s.phone, '') as "phone!", coalesce(s.languages, '') as "languages!",
                  coalesce(s.shows_phone, false) as "shows_phone!", coalesce(s.shows_email, false) as "shows_email!",
                  coalesce(s.shows_languages, false) as "shows_languages!", coalesce(s.version, 0) as "version!"
             from staff_member m left join staff_public s on s.staff_id = m.id
            where m.id = $1 and $2 = any (m.roles)"#,
        id.0,
        Role::Practitioner.as_str()
    )
    .fetch_optional(pool)
    .await?)
}

/// Saves it over the version that was shown; [`Refusal::Stale`] when it has changed since. For the
/// front desk.
pub async fn save_staff_public(pool: &PgPool, actor: &Actor, id: StaffId, form: &StaffPublicForm) -> Result<()> {
    actor.front_desk()?;
    let new = form.parse()?;
    let mut tx = pool.begin().await?;
    sqlx::query_scalar!(
        "select 1 from staff_member where id = $1 and $2 = any (roles) for no key update",
        id.0,
        Role::Practitioner.as_str()
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    let stored = sqlx::query_scalar!("select version from staff_public where staff_id = $1", id.0)
        .fetch_optional(&mut *tx)
        .await?
        .unwrap_or_default();
    same_version(stored, Some(new.version))?;
    sqlx::query!(
        "insert into staff_public (staff_id, title, phone, languages, shows_phone, shows_email, shows_languages)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (staff_id) do update
            set title = $2, phone = $3, languages = $4, shows_phone = $5, shows_email = $6, shows_languages = $7,
                version = staff_public.version + 1",
        id.0,
        new.title,
        new.phone,
        new.languages,
        new.shows_phone,
        new.shows_email,
        new.shows_languages
    )
    .execute(&mut *tx)
    .await?;
    audit::append(&mut tx, actor, "change", "staff_member", id, &["shown_to_clients"]).await?;
    tx.commit().await?;
    Ok(())
}
