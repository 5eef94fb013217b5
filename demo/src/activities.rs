//! A trainee's year: sessions with people, a group that people join and leave,
//! assessments, supervision. All of it lies before the day of loading.

use crate::column;
use crate::dice::Dice;
use crate::families::KNOWN;
use crate::person::Person;
use crate::team::{HANA, PRIYA, Team};
use chrono::{Datelike, Days, NaiveDate, Weekday};
use db::{Result, new_id};
use shared::clients::Status;
use sqlx::PgConnection;
use uuid::Uuid;

/// The number of people the trainee sees; these meet in the group.
const SEEN: usize = 14;
const IN_GROUP: usize = 6;
const DAYS: u64 = 364;

struct Deed {
    id: Uuid,
    kind: &'static str,
    setting: Option<&'static str>,
    held_on: NaiveDate,
    minutes: i32,
    title: &'static str,
    /// Positions among the people the trainee sees.
    with: Vec<usize>,
    group: bool,
}

/// A member of the group: since when, and until when.
struct Member {
    who: usize,
    joined_on: NaiveDate,
    left_on: Option<NaiveDate>,
}

impl Member {
    fn belongs(&self, date: NaiveDate) -> bool {
        self.joined_on <= date && self.left_on.is_none_or(|left| date < left)
    }
}

pub async fn insert(conn: &mut PgConnection, team: &Team, people: &[Person], today: NaiveDate) -> Result<()> {
    let mut dice = Dice::new();
    let strangers =
        people.iter().skip(KNOWN).filter(|person| person.status == Status::Active && person.login.is_none());
    let seen: Vec<&Person> = strangers.step_by(9).take(SEEN).collect();
    let first = today - Days::new(DAYS);
    let members: Vec<Member> = (0..IN_GROUP.min(seen.len()))
        .map(|who| Member {
            who,
            // Two come later, and one of those who were there from the start leaves.
            joined_on: first + Days::new(if who >= 4 { 35 * who as u64 } else { 0 }),
            left_on: (who == 1).then(|| today - Days::new(120)),
        })
        .collect();
    let deeds = deeds(first, today, &seen, &mut dice);
    let group = new_id();

    assign(conn, team, &seen).await?;
    insert_group(conn, team, group, &seen, &members).await?;
    insert_deeds(conn, team, &deeds).await?;
    insert_clients(conn, &deeds, &seen, group, &members).await
}

fn deeds(first: NaiveDate, today: NaiveDate, seen: &[&Person], dice: &mut Dice) -> Vec<Deed> {
    let mut deeds = Vec::new();
    for date in first.iter_days().take_while(|date| *date < today) {
        let known = |who: &usize| seen[*who].created_at.date_naive() <= date;
        let mut add = |kind, setting, minutes, title, with: Vec<usize>, group| {
            deeds.push(Deed { id: new_id(), kind, setting, held_on: date, minutes, title, with, group });
        };
        // A fortnight off in summer, and the days around the turn of the year.
        if (date.month() == 8 && date.day() < 15) || (date.month() == 12 && date.day() > 22) {
            continue;
        }
        match date.weekday() {
            Weekday::Tue => add("Group session", Some("Community agency"), 90, "", Vec::new(), true),
            Weekday::Wed | Weekday::Thu => {
                for _ in 0..2 {
                    let who = dice.below(seen.len().max(1));
                    if who < seen.len() && known(&who) {
                        add("Individual session", Some("Private practice"), 50, "", vec![who], false);
                    }
                }
            }
            Weekday::Fri => {
                add("Supervision", None, 60, "", Vec::new(), false);
                if dice.one_in(3) {
                    let who = dice.below(seen.len().max(1));
                    if who < seen.len() && known(&who) {
                        let setting = if seen[who].is_child() { "School" } else { "Private practice" };
                        add("Assessment", Some(setting), 75 + 15 * dice.between(0, 3) as i32, "", vec![who], false);
                    }
                }
                if dice.one_in(5) {
                    add("Consultation", None, 30, "Call with a family doctor", Vec::new(), false);
                }
            }
            _ => {}
        }
    }
    deeds
}

/// The trainee sees them; what reports count by is filled in for most.
async fn assign(conn: &mut PgConnection, team: &Team, seen: &[&Person]) -> Result<()> {
    let ids = column(seen, |person| person.id);
    sqlx::query!(
        "insert into client_practitioner (client_id, practitioner_id) select unnest($1::uuid[]), $2 on conflict do nothing",
        &ids,
        team.practitioner(HANA)
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "update client c set gender_id = t.id
           from unnest($1::uuid[]) with ordinality seen (id, place)
           join term t on t.vocabulary = 'gender'
            and t.position = (array[1, 2, 1, 3, 1, 2, 2, 5, 1])[1 + (seen.place - 1) % 9]
          where c.id = seen.id and c.gender_id is null and seen.place % 5 <> 4",
        &ids
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn insert_group(
    conn: &mut PgConnection,
    team: &Team,
    group: Uuid,
    seen: &[&Person],
    members: &[Member],
) -> Result<()> {
    sqlx::query!(
        "with made as (
             insert into client (id, kind, code, group_name, zone, email_consent)
             select $1, 'group', 'TUESDAYSKILLS', 'Tuesday skills group', zone, false from practice returning id)
         insert into client_practitioner (client_id, practitioner_id) select id, $2 from made",
        group,
        team.practitioner(HANA)
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "insert into client_membership (id, group_id, member_id, joined_on, left_on)
         select m.id, $1, m.member_id, m.joined_on, m.left_on
           from unnest($2::uuid[], $3::uuid[], $4::date[], $5::date[]) m (id, member_id, joined_on, left_on)",
        group,
        &column(members, |_| new_id()),
        &column(members, |member| seen[member.who].id),
        &column(members, |member| member.joined_on),
        &column(members, |member| member.left_on) as &[Option<NaiveDate>]
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn insert_deeds(conn: &mut PgConnection, team: &Team, deeds: &[Deed]) -> Result<()> {
    sqlx::query!(
        "insert into activity (id, staff_id, supervisor_id, type_id, setting_id, held_on, minutes, title, request_key)
         select d.id, $1, $2, t.id, s.id, d.held_on, d.minutes, d.title, d.id
           from unnest($3::uuid[], $4::text[], $5::text[], $6::date[], $7::int[], $8::text[])
                d (id, kind, setting, held_on, minutes, title)
           join term t on t.vocabulary = 'activity_type' and t.label = d.kind
           left join term s on s.vocabulary = 'setting' and s.label = d.setting",
        team.practitioner(HANA),
        team.practitioner(PRIYA),
        &column(deeds, |deed| deed.id),
        &column(deeds, |deed| deed.kind.to_owned()),
        &column(deeds, |deed| deed.setting.map(str::to_owned)) as &[Option<String>],
        &column(deeds, |deed| deed.held_on),
        &column(deeds, |deed| deed.minutes),
        &column(deeds, |deed| deed.title.to_owned())
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn insert_clients(
    conn: &mut PgConnection,
    deeds: &[Deed],
    seen: &[&Person],
    group: Uuid,
    members: &[Member],
) -> Result<()> {
    let mut with: Vec<(Uuid, Uuid)> = Vec::new();
    let mut there: Vec<(Uuid, Uuid)> = Vec::new();
    for (place, deed) in deeds.iter().enumerate() {
        with.extend(deed.with.iter().map(|who| (deed.id, seen[*who].id)));
        if deed.group {
            with.push((deed.id, group));
            // Now and then someone of the group stays away.
            let came = members.iter().filter(|member| member.belongs(deed.held_on) && (place + member.who) % 7 != 0);
            there.extend(came.map(|member| (deed.id, seen[member.who].id)));
        }
    }
    sqlx::query!(
        "insert into activity_client (activity_id, client_id) select * from unnest($1::uuid[], $2::uuid[])",
        &column(&with, |row| row.0),
        &column(&with, |row| row.1)
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "insert into activity_attendee (activity_id, group_id, member_id)
         select a.activity_id, $1, a.member_id from unnest($2::uuid[], $3::uuid[]) a (activity_id, member_id)",
        group,
        &column(&there, |row| row.0),
        &column(&there, |row| row.1)
    )
    .execute(conn)
    .await?;
    Ok(())
}
