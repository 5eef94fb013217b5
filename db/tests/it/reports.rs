//! Reports against a reference that counts one by one, over made-up practices;
//! ages at the date; who may ask.

use chrono::{Days, NaiveDate};
use db::{PgPool, reports};
use shared::accounts::Role;
use shared::activities::Whose;
use shared::clients::Kind;
use shared::reports::{Cross, Measure, Period, Report, ReportQuery, Row};
use shared::terms::age_on;
use shared::{Refusal, StaffId};
use std::collections::{BTreeMap, BTreeSet};
use testkit::{Dice, refusal, rounds, seed, staff_actor};
use uuid::Uuid;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn period(first: &str, last: &str) -> Period {
    Period { first: day(first), last: day(last) }
}

struct Person {
    id: Uuid,
    born: Option<NaiveDate>,
    range: Option<(Uuid, String)>,
    gender: Option<(Uuid, String)>,
    sex: Option<String>,
    tags: Vec<String>,
    choice: Option<String>,
    ticked: Option<bool>,
    /// Of the staff.
    practitioner: Option<Uuid>,
}

struct Group {
    id: Uuid,
    kind: Kind,
    /// Of groups alone.
    range: Option<(Uuid, String)>,
    practitioner: Option<Uuid>,
}

struct Deed {
    staff: Uuid,
    supervisor: Option<Uuid>,
    held_on: NaiveDate,
    minutes: i64,
    kind: String,
    setting: Option<String>,
    people: BTreeSet<usize>,
    groups: BTreeSet<usize>,
    attended: BTreeSet<usize>,
}

struct Practice {
    staff: Vec<Uuid>,
    people: Vec<Person>,
    groups: Vec<Group>,
    deeds: Vec<Deed>,
    ranges: Vec<(i16, Option<i16>, String)>,
}

type Terms = Vec<(Uuid, String)>;

async fn terms(pool: &PgPool, vocabulary: &str) -> Terms {
    sqlx::query_as("select id, label from term where vocabulary = $1 order by position")
        .bind(vocabulary)
        .fetch_all(pool)
        .await
        .unwrap()
}

async fn assign(pool: &PgPool, client: Uuid, practitioner: Option<Uuid>) {
    sqlx::query("insert into client_practitioner (client_id, practitioner_id) select $1, $2 where $2 is not null")
        .bind(client)
        .bind(practitioner)
        .execute(pool)
        .await
        .unwrap();
}

async fn make(pool: &PgPool, staff: Vec<Uuid>, seed: u64) -> Practice {
    let mut dice = Dice::new(seed);
    let (types, settings) = (terms(pool, "activity_type").await, terms(pool, "setting").await);
    let (genders, age_ranges) = (terms(pool, "gender").await, terms(pool, "age_range").await);
    let sexes = terms(pool, "sex_at_birth").await;
    let ranges: Vec<(i16, Option<i16>, String)> =
        sqlx::query_as("select age_from, age_to, label from term where vocabulary = 'age_range'")
            .fetch_all(pool)
            .await
            .unwrap();
    sqlx::raw_sql(
        "insert into client_field (id, label, kind, in_reports, position) values
             ('00000000-0000-0000-0000-0000000000c1', 'School', 'choice', true, 1),
             ('00000000-0000-0000-0000-0000000000c2', 'Veteran', 'checkbox', true, 2),
             ('00000000-0000-0000-0000-0000000000c3', 'Hidden', 'checkbox', false, 3);
         insert into client_field_choice (id, field_id, label, position) values
             ('00000000-0000-0000-0000-0000000000d1', '00000000-0000-0000-0000-0000000000c1', 'North', 1),
             ('00000000-0000-0000-0000-0000000000d2', '00000000-0000-0000-0000-0000000000c1', 'South', 2);
         insert into tag (id, name) values
             ('00000000-0000-0000-0000-0000000000e1', 'red'), ('00000000-0000-0000-0000-0000000000e2', 'blue');",
    )
    .execute(pool)
    .await
    .unwrap();
    let mut people = Vec::new();
    for place in 0..14 {
        let born = match dice.roll(5) {
            0 => None,
            // Birthdays that come every fourth year, and some within the years looked at.
            1 => Some(day(dice.pick(&["2004-02-29", "2008-02-29", "1996-02-29", "2012-02-29"]))),
            _ => Some(day("1950-01-01") + Days::new(dice.roll(26_500) as u64)),
        };
        let range = (dice.roll(2) == 0).then(|| dice.pick(&age_ranges));
        let gender = (dice.roll(3) > 0).then(|| dice.pick(&genders));
        let sex = (dice.roll(4) == 0).then(|| dice.pick(&sexes).1);
        let id = Uuid::from_u128(0xA000 + place);
        sqlx::query(
            "insert into client (id, kind, code, first_name, zone, birth_date, age_range_id, gender_id, sex_at_birth)
             values ($1, 'individual', 'P' || $2, 'P', 'UTC', $3, $4, $5, coalesce($6, ''))",
        )
        .bind(id)
        .bind(place.to_string())
        .bind(born)
        .bind(range.as_ref().map(|(id, _)| *id))
        .bind(gender.as_ref().map(|(id, _)| *id))
        .bind(&sex)
        .execute(pool)
        .await
        .unwrap();
        let tags: Vec<String> = ["red", "blue"].into_iter().filter(|_| dice.roll(3) == 0).map(str::to_owned).collect();
        let choice = (dice.roll(2) == 0).then(|| dice.pick(&["North", "South"]).to_owned());
        let ticked = (dice.roll(2) == 0).then(|| dice.roll(2) == 0);
        sqlx::query("insert into client_tag select $1, id from tag where name::text = any($2)")
            .bind(id)
            .bind(&tags)
            .execute(pool)
            .await
            .unwrap();
        sqlx::query(
            "insert into client_field_value (client_id, field_id, choice_id)
             select $1, field_id, id from client_field_choice where label = $2",
        )
        .bind(id)
        .bind(&choice)
        .execute(pool)
        .await
        .unwrap();
        sqlx::query(
            "insert into client_field_value (client_id, field_id, ticked)
             select $1, id, $2 from client_field where label = 'Veteran' and $2 is not null",
        )
        .bind(id)
        .bind(ticked)
        .execute(pool)
        .await
        .unwrap();
        let practitioner = (dice.roll(2) == 0).then(|| dice.pick(&staff));
        assign(pool, id, practitioner).await;
        people.push(Person { id, born, range, gender, sex, tags, choice, ticked, practitioner });
    }
    let mut groups = Vec::new();
    for (place, kind) in [Kind::Couple, Kind::Family, Kind::Group, Kind::Group, Kind::Group].into_iter().enumerate() {
        let range = (kind == Kind::Group && dice.roll(2) == 0).then(|| dice.pick(&age_ranges));
        let practitioner = (dice.roll(2) == 0).then(|| dice.pick(&staff));
        let id = Uuid::from_u128(0xB001 + place as u128);
        sqlx::query(
            "insert into client (id, kind, code, group_name, zone, age_range_id)
             values ($1, $2, 'G' || $3, 'G', 'UTC', $4)",
        )
        .bind(id)
        .bind(kind.as_str())
        .bind(place.to_string())
        .bind(range.as_ref().map(|(id, _)| *id))
        .execute(pool)
        .await
        .unwrap();
        assign(pool, id, practitioner).await;
        groups.push(Group { id, kind, range, practitioner });
    }
    let mut deeds = Vec::new();
    for _ in 0..90 {
        let some =
            |dice: &mut Dice, most: usize| -> BTreeSet<usize> { (0..dice.roll(4)).map(|_| dice.roll(most)).collect() };
        let (owner, kind) = (dice.pick(&staff), dice.pick(&types));
        let setting = (dice.roll(3) > 0).then(|| dice.pick(&settings));
        let supervisor = (dice.roll(2) == 0).then(|| dice.pick(&staff)).filter(|other| *other != owner);
        let groups_met = if dice.roll(2) == 0 { some(&mut dice, groups.len()) } else { BTreeSet::new() };
        let deed = Deed {
            staff: owner,
            supervisor,
            held_on: day("2023-11-01") + Days::new(dice.roll(900) as u64),
            minutes: 5 + dice.roll(200) as i64,
            kind: kind.1.clone(),
            setting: setting.as_ref().map(|(_, label)| label.clone()),
            people: some(&mut dice, people.len()),
            attended: if groups_met.is_empty() { BTreeSet::new() } else { some(&mut dice, people.len()) },
            groups: groups_met,
        };
        let id = db::new_id();
        sqlx::query(
            "insert into activity (id, staff_id, type_id, setting_id, supervisor_id, held_on, minutes, request_key)
             values ($1, $2, $3, $4, $5, $6, $7, $1)",
        )
        .bind(id)
        .bind(deed.staff)
        .bind(kind.0)
        .bind(setting.map(|(id, _)| id))
        .bind(deed.supervisor)
        .bind(deed.held_on)
        .bind(deed.minutes as i32)
        .execute(pool)
        .await
        .unwrap();
        let met = deed.people.iter().map(|at| people[*at].id).chain(deed.groups.iter().map(|at| groups[*at].id));
        sqlx::query("insert into activity_client select $1, unnest($2::uuid[])")
            .bind(id)
            .bind(met.collect::<Vec<_>>())
            .execute(pool)
            .await
            .unwrap();
        if let Some(group) = deed.groups.first() {
            sqlx::query("insert into activity_attendee select $1, $2, unnest($3::uuid[])")
                .bind(id)
                .bind(groups[*group].id)
                .bind(deed.attended.iter().map(|at| people[*at].id).collect::<Vec<_>>())
                .execute(pool)
                .await
                .unwrap();
        }
        deeds.push(deed);
    }
    Practice { staff, people, groups, deeds, ranges }
}

/// Counts for each label; nothing is "Not recorded".
type Counts = BTreeMap<String, (i64, i64)>;

fn label(text: Option<&str>) -> String {
    text.unwrap_or("Not recorded").to_owned()
}

impl Practice {
    /// What the tables must hold, found by looking at everything again and again.
    /// Of people only those of this practitioner, if there is one.
    fn reference(&self, chosen: &[&Deed], of: Option<Uuid>) -> BTreeMap<&'static str, Counts> {
        let mut tables: BTreeMap<&'static str, Counts> = BTreeMap::new();
        let mut add = |table: &'static str, label: String, count: i64, minutes: i64| {
            let cell = tables.entry(table).or_default().entry(label).or_default();
            (cell.0, cell.1) = (cell.0 + count, cell.1 + minutes);
        };
        for deed in chosen {
            add("types", deed.kind.clone(), 1, deed.minutes);
            add("settings", label(deed.setting.as_deref()), 1, deed.minutes);
            add("months", deed.held_on.format("%B %Y").to_string(), 1, deed.minutes);
        }
        for (at, person) in self.people.iter().enumerate() {
            let days: Vec<NaiveDate> = chosen
                .iter()
                .filter(|deed| deed.people.contains(&at) || deed.attended.contains(&at))
                .map(|deed| deed.held_on)
                .collect();
            if days.is_empty() || of.is_some() && person.practitioner != of {
                continue;
            }
            let range = |date: &NaiveDate| match person.born {
                None => label(person.range.as_ref().map(|(_, label)| label.as_str())),
                Some(born) => {
                    let age = age_on(born, *date);
                    let fits = |(from, to, _): &&(i16, Option<i16>, String)| {
                        age.is_some_and(|age| *from <= age && to.is_none_or(|to| age <= to))
                    };
                    label(self.ranges.iter().find(fits).map(|(_, _, label)| label.as_str()))
                }
            };
            for range in days.iter().map(range).collect::<BTreeSet<_>>() {
                add("ages", range, 1, 0);
            }
            add("genders", label(person.gender.as_ref().map(|(_, label)| label.as_str())), 1, 0);
            add("sexes", label(person.sex.as_deref()), 1, 0);
            add("School", label(person.choice.as_deref()), 1, 0);
            add("Veteran", label(person.ticked.map(|ticked| if ticked { "Yes" } else { "No" })), 1, 0);
            for tag in &person.tags {
                add("tags", tag.clone(), 1, 0);
            }
            if person.tags.is_empty() {
                add("tags", "No tag".to_owned(), 1, 0);
            }
        }
        for (at, group) in self.groups.iter().enumerate().filter(|(_, group)| group.kind == Kind::Group) {
            let met = chosen.iter().any(|deed| deed.groups.contains(&at));
            if met && (of.is_none() || group.practitioner == of) {
                add("group-ages", label(group.range.as_ref().map(|(_, label)| label.as_str())), 1, 0);
            }
        }
        tables
    }

    fn seen(&self, chosen: &[&Deed]) -> BTreeMap<&'static str, i64> {
        let mut seen: BTreeMap<&'static str, i64> = BTreeMap::new();
        for at in chosen.iter().flat_map(|deed| &deed.groups).collect::<BTreeSet<_>>() {
            *seen.entry(self.groups[*at].kind.as_str()).or_default() += 1;
        }
        let people = chosen.iter().flat_map(|deed| deed.people.iter().chain(&deed.attended)).collect::<BTreeSet<_>>();
        if !people.is_empty() {
            seen.insert(Kind::Individual.as_str(), people.len() as i64);
        }
        seen
    }
}

/// A report's table of this name: the key, or the end of the title.
fn table(report: &Report, name: &str) -> Counts {
    let table =
        report.tables.iter().find(|table| table.key == name || table.title.ends_with(&format!(" {name}"))).unwrap();
    // What is always a row, is there once, at the end; months in their order.
    if table.key != "types" && table.key != "months" {
        assert!(["Not recorded", "No tag"].contains(&table.rows.last().unwrap().label.as_str()), "{name}");
    }
    let labels: BTreeSet<_> = table.rows.iter().map(|row| &row.label).collect();
    assert_eq!(labels.len(), table.rows.len(), "{name}");
    table.rows.iter().filter(|row| row.count > 0).map(|row| (row.label.clone(), (row.count, row.minutes))).collect()
}

/// The cells of a table by month and type that are not empty.
fn crossed(cross: &Cross) -> Counts {
    let mut cells = Counts::new();
    for (month, row) in &cross.rows {
        assert_eq!(row.len(), cross.heads.len());
        for (head, cell) in cross.heads.iter().zip(row).filter(|(_, cell)| cell.count > 0) {
            assert!(cells.insert(format!("{month}, {head}"), (cell.count, cell.minutes)).is_none());
        }
    }
    cells
}

fn crossed_one_by_one(chosen: &[&Deed]) -> Counts {
    let mut cells = Counts::new();
    for deed in chosen {
        let cell = cells.entry(format!("{}, {}", deed.held_on.format("%B %Y"), deed.kind)).or_default();
        *cell = (cell.0 + 1, cell.1 + deed.minutes);
    }
    cells
}

#[testkit::test]
async fn every_table_is_what_counting_one_by_one_gives(pool: PgPool) {
    let admin = staff_actor(&pool, "Ada", &[Role::Administrator]).await;
    let mut people = vec![admin.clone()];
    for first in ["Olga", "Sven"] {
        people.push(staff_actor(&pool, first, &[Role::Practitioner]).await);
    }
    let first = seed();
    for seed in (first..).take(rounds(4, 40)) {
        let mut practice = make(&pool, people.iter().map(|actor| actor.id()).collect(), seed).await;
        compare(&pool, &practice, &people, &format!("seed {seed}")).await;
        // Of those who are erased all is counted as before, but for their tags.
        for person in practice.people.iter_mut().step_by(2) {
            erase(&pool, &admin, person.id).await;
            person.tags.clear();
        }
        compare(&pool, &practice, &people, &format!("seed {seed}, half of them erased")).await;
        let empty = "truncate activity, client, client_field, client_field_choice, client_field_value, tag cascade";
        sqlx::query(empty).execute(&pool).await.unwrap();
    }
}

async fn erase(pool: &PgPool, admin: &db::Actor, id: Uuid) {
    let (number, code): (i64, String) =
        sqlx::query_as("select number, code::text from client where id = $1").bind(id).fetch_one(pool).await.unwrap();
    let form = shared::deletion::EraseForm { code };
    db::deletion::erase(pool, admin, shared::ClientNumber::new(number), &form).await.unwrap();
}

async fn compare(pool: &PgPool, practice: &Practice, people: &[db::Actor], of: &str) {
    for period in [
        period("2023-11-01", "2026-12-31"),
        period("2024-02-01", "2024-02-29"),
        period("2024-02-28", "2025-03-01"),
        period("2025-07-15", "2025-08-02"),
        period("2019-01-01", "2019-12-31"),
    ] {
        let [ada, olga, _] = practice.staff[..] else { panic!() };
        let admin = &people[0];
        let asked = [
            (admin, Whose::All, None, None, None),
            (admin, Whose::Of(StaffId(olga)), Some(olga), None, None),
            (&people[1], Whose::Own, Some(olga), None, None),
            (admin, Whose::Supervised, None, Some(ada), None),
            // Who the clients of others are, a practitioner is not told.
            (&people[1], Whose::Supervised, None, Some(olga), Some(olga)),
        ];
        for (actor, whose, staff, supervisor, scope) in asked {
            let report = reports::report(pool, actor, &ReportQuery { whose, period }).await.unwrap();
            let chosen: Vec<&Deed> = practice
                .deeds
                .iter()
                .filter(|deed| period.contains(deed.held_on))
                .filter(|deed| staff.is_none_or(|staff| deed.staff == staff))
                .filter(|deed| supervisor.is_none() || deed.supervisor == supervisor)
                .collect();
            let what = format!("{of}, {whose}, {period:?}");
            assert_eq!(report.activities, chosen.len() as i64, "{what}");
            assert_eq!(report.minutes, chosen.iter().map(|deed| deed.minutes).sum::<i64>(), "{what}");
            let seen: BTreeMap<_, _> = report.seen.iter().map(|(kind, count)| (kind.as_str(), *count)).collect();
            assert_eq!(seen, practice.seen(&chosen), "{what}");
            let reference = practice.reference(&chosen, scope);
            let counted: i64 = reference.get("genders").map_or(0, |genders| genders.values().map(|cell| cell.0).sum());
            assert_eq!(report.uncounted, report.seen(Kind::Individual) - counted, "{what}");
            for name in ["types", "settings", "months", "ages", "genders", "School", "Veteran", "tags"] {
                let expected = reference.get(name).cloned().unwrap_or_default();
                assert_eq!(table(&report, name), expected, "{name}: {what}");
            }
            // Left out where nothing of it is known.
            for name in ["sexes", "group-ages"] {
                let expected = reference.get(name).cloned().unwrap_or_default();
                let is_known = expected.keys().any(|known| *known != label(None));
                assert_eq!(report.tables.iter().any(|table| table.key == name), is_known, "{name}: {what}");
                if is_known {
                    assert_eq!(table(&report, name), expected, "{name}: {what}");
                }
            }
            assert!(!report.tables.iter().any(|table| table.title.contains("Hidden")));
            let months = report.tables.iter().find(|table| table.key == "months").unwrap();
            assert_eq!(months.rows.len(), period.months().len());
            assert_eq!(report.by_month_and_type.is_some(), months.rows.len() > 1);
            if let Some(cross) = &report.by_month_and_type {
                assert_eq!(crossed(cross), crossed_one_by_one(&chosen), "{what}");
                assert_eq!(cross.rows.len(), months.rows.len());
            }
        }
    }
}

/// One activity on `date` with someone born on `born`.
async fn ages(pool: &PgPool, born: &str, dates: &[&str]) -> Vec<Row> {
    let admin = staff_actor(pool, "Ada", &[Role::Administrator]).await;
    let id = db::new_id();
    sqlx::query(
        "insert into client (id, kind, code, zone, birth_date, age_range_id)
         values ($1, 'individual', upper(right(replace($1::text, '-', ''), 6)), 'UTC', $2,
                 (select id from term where label = '65 and over'))",
    )
    .bind(id)
    .bind(day(born))
    .execute(pool)
    .await
    .unwrap();
    for date in dates {
        sqlx::query(
            "with a as (insert into activity (id, staff_id, type_id, held_on, minutes, request_key)
                  values ($1, $2, (select id from term where vocabulary = 'activity_type' limit 1), $3, 50, $1))
             insert into activity_client values ($1, $4)",
        )
        .bind(db::new_id())
        .bind(admin.id())
        .bind(day(date))
        .bind(id)
        .execute(pool)
        .await
        .unwrap();
    }
    let (first, last) = (dates.iter().min().unwrap(), dates.iter().max().unwrap());
    let query = ReportQuery { whose: Whose::Own, period: period(first, last) };
    let report = reports::report(pool, &admin, &query).await.unwrap();
    let ages = report.tables.into_iter().find(|table| table.key == "ages").unwrap();
    assert_eq!(ages.measure, Measure::People);
    ages.rows
}

fn row(label: &str, count: i64) -> Row {
    Row { label: label.to_owned(), count, minutes: 0 }
}

#[testkit::test]
async fn ages_are_those_of_the_session(pool: PgPool) {
    // Born on 29 February: 18 on 1 March of a year that has no such day.
    assert_eq!(ages(&pool, "2004-02-29", &["2022-02-28"]).await, [row("13 to 17", 1), row("Not recorded", 0)]);
    assert_eq!(ages(&pool, "2004-02-29", &["2022-03-01"]).await, [row("18 to 29", 1), row("Not recorded", 0)]);
    assert_eq!(ages(&pool, "2006-02-28", &["2024-02-28"]).await, [row("18 to 29", 1), row("Not recorded", 0)]);
    // Once in each range that they were in, however often seen.
    let both = ages(&pool, "2004-02-29", &["2022-02-27", "2022-02-28", "2022-03-01", "2022-04-01"]).await;
    assert_eq!(both, [row("13 to 17", 1), row("18 to 29", 1), row("Not recorded", 0)]);
    // A session before birth is a mistake that shows.
    assert_eq!(ages(&pool, "2020-01-02", &["2020-01-01"]).await, [row("Not recorded", 1)]);
    assert_eq!(ages(&pool, "2020-01-01", &["2020-01-01"]).await, [row("Under 6", 1), row("Not recorded", 0)]);
}

/// Who has left counts as if they had not.
#[testkit::test]
async fn all_who_ever_attended_are_counted(pool: PgPool) {
    let admin = staff_actor(&pool, "Ada", &[Role::Administrator]).await;
    let (group, left, stays) = (db::new_id(), db::new_id(), db::new_id());
    sqlx::query(
        "insert into client (id, kind, code, group_name, zone) values
             ($1, 'group', 'Monday', 'Monday', 'UTC'), ($2, 'individual', 'LEFT1', '', 'UTC'), ($3, 'individual', 'STAYS1', '', 'UTC')",
    )
    .bind(group)
    .bind(left)
    .bind(stays)
    .execute(&pool)
    .await
    .unwrap();
    sqlx::query(
        "insert into client_membership (id, group_id, member_id, joined_on)
         select gen_random_uuid(), $1, unnest(array[$2, $3]::uuid[]), '2025-01-01'",
    )
    .bind(group)
    .bind(left)
    .bind(stays)
    .execute(&pool)
    .await
    .unwrap();
    let number: i64 =
        sqlx::query_scalar("select number from client where id = $1").bind(group).fetch_one(&pool).await.unwrap();
    let kind: Uuid =
        sqlx::query_scalar("select id from term where label = 'Group session'").fetch_one(&pool).await.unwrap();
    let save = async |date: &str| {
        let form = shared::activities::ActivityForm {
            activity_type: kind.to_string(),
            date: date.into(),
            hours: "2h".into(),
            clients: vec![number.to_string()],
            request_key: db::new_id().to_string(),
            ..Default::default()
        };
        db::activities::save(&pool, &admin, None, &form).await.unwrap();
    };
    save("2025-03-01").await;
    sqlx::query("update client_membership set left_on = '2025-06-01' where member_id = $1")
        .bind(left)
        .execute(&pool)
        .await
        .unwrap();
    save("2025-09-01").await;
    let seen = async |first: &str, last: &str| {
        let query = ReportQuery { whose: Whose::Own, period: period(first, last) };
        let report = reports::report(&pool, &admin, &query).await.unwrap();
        (report.seen(Kind::Individual), report.seen(Kind::Group), report.minutes)
    };
    assert_eq!(seen("2025-01-01", "2025-12-31").await, (2, 1, 240));
    assert_eq!(seen("2025-07-01", "2025-12-31").await, (1, 1, 120));
    sqlx::query("delete from client_membership").execute(&pool).await.unwrap();
    assert_eq!(seen("2025-01-01", "2025-12-31").await, (2, 1, 240));
}

#[testkit::test]
async fn of_others_only_the_front_desk_asks(pool: PgPool) {
    let olga = staff_actor(&pool, "Olga", &[Role::Practitioner]).await;
    let desk = staff_actor(&pool, "Dora", &[Role::FrontDesk]).await;
    let mia = testkit::client_actor(&pool, "Mia").await;
    let period = period("2025-01-01", "2025-12-31");
    let of = |whose| ReportQuery { whose, period };
    for whose in [Whose::All, Whose::Of(StaffId(desk.id()))] {
        assert_eq!(refusal(reports::report(&pool, &olga, &of(whose)).await), Refusal::Forbidden);
        assert!(reports::report(&pool, &desk, &of(whose)).await.is_ok());
    }
    for whose in [Whose::Own, Whose::Supervised, Whose::Of(StaffId(olga.id()))] {
        assert!(reports::report(&pool, &olga, &of(whose)).await.is_ok());
        assert_eq!(refusal(reports::report(&pool, &mia, &of(whose)).await), Refusal::NotFound);
    }
}
