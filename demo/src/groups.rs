//! A couple, two families and a group to which people come and go.

use crate::person::Person;
use crate::team::Team;
use crate::{ZONE, column};
use chrono::{DateTime, Days, NaiveDate, Utc};
use db::{Result, new_id};
use shared::clients::{Kind, Status};
use sqlx::PgConnection;
use uuid::Uuid;

/// The member; and how many days before the demo is loaded they joined, and left if they have.
type Stay = (&'static str, &'static str, u64, Option<u64>);

struct Group {
    kind: Kind,
    code: &'static str,
    name: &'static str,
    alert: &'static str,
    practitioner: usize,
    members: &'static [Stay],
}

const GROUPS: &[Group] = &[
    Group {
        kind: Kind::Family,
        code: "OKA1",
        name: "Okafor family",
        alert: "",
        practitioner: crate::team::PRIYA,
        members: &[
            ("Ana", "Okafor", 200, None),
            ("Mia", "Okafor", 200, None),
            ("Leo", "Okafor", 120, None),
            ("Ruth", "Okafor", 200, Some(60)),
        ],
    },
    Group {
        kind: Kind::Couple,
        code: "CPL1",
        name: "",
        alert: "",
        practitioner: crate::team::TOMAS,
        members: &[("David", "Cohen", 90, None), ("Rachel", "Levy", 90, None)],
    },
    Group {
        kind: Kind::Family,
        code: "CAR1",
        name: "Sarah and River",
        alert: "Ring before a visit",
        practitioner: crate::team::TOMAS,
        members: &[("Sarah", "Cardinal", 75, None), ("River", "Cardinal", 75, None)],
    },
    Group {
        kind: Kind::Group,
        code: "MINDFUL",
        name: "Mindfulness, Thursdays",
        alert: "",
        practitioner: crate::team::PRIYA,
        members: &[
            ("Elena", "Moretti", 150, None),
            ("Keiko", "Nakamura", 150, Some(80)),
            ("Keiko", "Nakamura", 30, None),
            ("Marta", "Kowalczyk", 140, Some(40)),
            ("Carmen", "Hernández", 100, None),
            ("Ana", "Okafor", 100, Some(95)),
            ("Danuta", "Kowalczyk", 150, Some(110)),
        ],
    },
];

/// Those who belong to it now, by its code.
pub fn members<'a>(code: &str, people: &'a [Person]) -> Vec<&'a Person> {
    let group = GROUPS.iter().find(|group| group.code == code);
    let stays = group.into_iter().flat_map(|group| group.members).filter(|(.., left)| left.is_none());
    let people = |(first, last, ..): &Stay| people.iter().find(|person| person.is_called(first, last));
    stays.filter_map(people).filter(|person| person.status == Status::Active).collect()
}

/// A row of `client_membership`.
struct Membership {
    group: Uuid,
    member: Uuid,
    joined_on: NaiveDate,
    left_on: Option<NaiveDate>,
}

/// The couples, families and groups, who is assigned, and who belongs when.
pub async fn insert(
    conn: &mut PgConnection,
    people: &[Person],
    team: &Team,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Result<()> {
    let ago = |days: u64| today.checked_sub_days(Days::new(days)).unwrap_or(today);
    let ids = column(GROUPS, |_| new_id());
    let mut memberships = Vec::new();
    for (group, id) in GROUPS.iter().zip(&ids) {
        for (first, last, joined, left) in group.members {
            let Some(person) = people.iter().find(|person| person.is_called(first, last)) else { continue };
            let (joined_on, left_on) = (ago(*joined), left.map(ago));
            memberships.push(Membership { group: *id, member: person.id, joined_on, left_on });
        }
    }
    sqlx::query!(
        "insert into client (id, kind, code, group_name, alert, zone, email_consent, age_range_id, created_at, updated_at)
         select new.id, new.kind, new.code, new.name, new.alert, $6, false,
                (select id from term where vocabulary = 'age_range' and label = '30 to 44' and new.kind = 'group'),
                $7::timestamptz - interval '200 days', $7
           from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[]) new (id, kind, code, name, alert)",
        &ids,
        &column(GROUPS, |group| group.kind.as_str().to_owned()),
        &column(GROUPS, |group| group.code.to_owned()),
        &column(GROUPS, |group| group.name.to_owned()),
        &column(GROUPS, |group| group.alert.to_owned()),
        ZONE,
        now
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "insert into client_practitioner (client_id, practitioner_id) select * from unnest($1::uuid[], $2::uuid[])",
        &ids,
        &column(GROUPS, |group| team.staff[group.practitioner].id)
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "insert into client_membership (id, group_id, member_id, joined_on, left_on, created_at)
         select new.*, new.joined_on from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::date[], $5::date[])
             as new (id, group_id, member_id, joined_on, left_on)",
        &column(&memberships, |_| new_id()),
        &column(&memberships, |one| one.group),
        &column(&memberships, |one| one.member),
        &column(&memberships, |one| one.joined_on),
        &column(&memberships, |one| one.left_on) as &[Option<NaiveDate>]
    )
    .execute(conn)
    .await?;
    Ok(())
}
