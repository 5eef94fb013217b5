//! Reports: what was done in a period, and who was seen.
//!
//! Three statements, whatever the period holds. People are individuals who
//! stand in an activity themselves or attended as members of a couple, family
//! or group, current members or not. Their age is that at the date
//! of each activity: by the date of birth, or else the age range recorded
//! with them, or kept when they were erased. Anyone who passes from one range to
//! the next within the period counts in both.
//!
//! Someone born on 29 February is older on 1 March. Of someone erased the range at each of
//! their activities is kept (`erased_age`), and not the date. "Not recorded" is always a row.
//! Small numbers are not hidden: reports are for the practice's own people. Of activities
//! that the viewer supervises, only those clients are counted by age, gender and so on whose
//! records the viewer may open.

use crate::actor::StaffActor;
use crate::{Actor, Result, practice};
use chrono::NaiveDate;
use shared::Refusal;
use shared::activities::Whose;
use shared::clients::Kind;
use shared::practice::Section;
use shared::reports::{Cross, MONTHS, Measure, Report, ReportQuery, Row, Table};
use sqlx::{PgConnection, PgPool};
use std::collections::HashMap;
use uuid::Uuid;

const NOT_RECORDED: &str = "Not recorded";

/// One's own or of those one supervises; of another person or everyone for the
/// front desk.
pub async fn report(pool: &PgPool, actor: &Actor, query: &ReportQuery) -> Result<Report> {
    let me = actor.staff()?;
    let of = Of::read(me, query)?;
    // One state of the data for all tables.
    let mut tx = pool.begin().await?;
    sqlx::query!("set transaction isolation level repeatable read, read only").execute(&mut *tx).await?;
    practice::needs(&mut tx, Section::Reports).await?;
    let seen = seen(&mut tx, &of).await?;
    let (mut tables, by_month_and_type) = hours(&mut tx, &of, query).await?;
    let (activities, minutes) = tables
        .first()
        .map_or((0, 0), |table| table.rows.iter().fold((0, 0), |sum, row| (sum.0 + row.count, sum.1 + row.minutes)));
    let (people, uncounted) = people(&mut tx, &of).await?;
    tables.extend(people);
    tx.commit().await?;
    Ok(Report { activities, minutes, seen, uncounted, tables, by_month_and_type })
}

/// Which activities are counted, for the statements' parameters.
struct Of {
    first: NaiveDate,
    last: NaiveDate,
    staff: Option<Uuid>,
    supervisor: Option<Uuid>,
    /// Whose clients alone are told apart by age, gender and so on: of a single
    /// activity such numbers are about one person.
    scope: Option<Uuid>,
}

impl Of {
    fn read(me: &StaffActor, query: &ReportQuery) -> Result<Of> {
        let (staff, supervisor) = match query.whose {
            Whose::Own => (Some(me.id().0), None),
            Whose::Supervised => (None, Some(me.id().0)),
            Whose::Of(id) if id == me.id() || me.sees_all_clients() => (Some(id.0), None),
            Whose::All if me.sees_all_clients() => (None, None),
            Whose::Of(_) | Whose::All => return Err(Refusal::Forbidden.into()),
        };
        // A practitioner knows the clients they have seen, also when they have another practitioner now.
        let scope = if query.whose == Whose::Supervised { me.scope() } else { None };
        Ok(Of { first: query.period.first, last: query.period.last, staff, supervisor, scope })
    }
}

/// How many different clients of each kind.
async fn seen(conn: &mut PgConnection, of: &Of) -> Result<Vec<(Kind, i64)>> {
    let rows = sqlx::query!(
        r#"with chosen as (
               select id from activity
                where held_on between $1 and $2 and ($3::uuid is null or staff_id = $3)
                  and ($4::uuid is null or supervisor_id = $4)),
           met as (
               select client_id from activity_client where activity_id in (select id from chosen)
               union
               select member_id from activity_attendee where activity_id in (select id from chosen))
           select c.kind as "kind: Kind", count(*) as "count!" from met join client c on c.id = met.client_id group by c.kind"#,
        of.first,
        of.last,
        of.staff,
        of.supervisor
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.kind, row.count)).collect())
}

/// Hours by type, by setting and by month; of several months by both.
async fn hours(conn: &mut PgConnection, of: &Of, query: &ReportQuery) -> Result<(Vec<Table>, Option<Cross>)> {
    let rows = sqlx::query!(
        r#"with chosen as (
               select type_id, setting_id, date_trunc('month', held_on)::date as month, minutes from activity
                where held_on between $1 and $2 and ($3::uuid is null or staff_id = $3)
                  and ($4::uuid is null or supervisor_id = $4)),
           sums as (
               select type_id, setting_id, month, grouping(type_id, setting_id, month) as which,
                      count(*) as count, sum(minutes) as minutes
                 from chosen group by grouping sets (type_id, setting_id, month, (type_id, month)))
           select s.which as "which!", t.label as "label?", s.month as "month?", s.count as "count!", s.minutes as "minutes!"
             from sums s left join term t on t.id = coalesce(s.type_id, s.setting_id)
            order by s.which, t.position, t.label, s.month"#,
        of.first,
        of.last,
        of.staff,
        of.supervisor
    )
    .fetch_all(conn)
    .await?;
    let (mut types, mut settings) = (Vec::new(), Vec::new());
    let mut unset = Row { label: NOT_RECORDED.to_owned(), ..Row::default() };
    let label = |month: NaiveDate| month.format("%B %Y").to_string();
    let months = query.period.months();
    let mut by_month: Vec<Row> = months.iter().map(|month| Row { label: label(*month), ..Row::default() }).collect();
    let mut by_both: HashMap<(NaiveDate, String), Row> = HashMap::new();
    for row in rows {
        let sum = Row { label: row.label.unwrap_or_default(), count: row.count, minutes: row.minutes };
        // Which columns a row is not grouped by, as bits: type, setting, month.
        match (row.which, row.month) {
            (0b011, _) => types.push(sum),
            (0b101, _) if sum.label.is_empty() => unset = Row { label: unset.label, ..sum },
            (0b101, _) => settings.push(sum),
            (0b010, Some(month)) => {
                by_both.insert((month, sum.label.clone()), sum);
            }
            (_, Some(month)) => {
                if let Some(at) = months.iter().position(|first| *first == month) {
                    by_month[at] = Row { label: label(month), ..sum };
                }
            }
            _ => {}
        }
    }
    settings.push(unset);
    let heads: Vec<String> = types.iter().map(|row| row.label.clone()).collect();
    let cross = (months.len() > 1).then(|| Cross {
        key: "months-types",
        title: "Hours by month and type",
        rows: months
            .iter()
            .map(|month| {
                let cell = |head: &String| by_both.get(&(*month, head.clone())).cloned().unwrap_or_default();
                (label(*month), heads.iter().map(cell).collect())
            })
            .collect(),
        heads,
    });
    let table = |key: &str, title: &str, rows| Table {
        key: key.to_owned(),
        title: title.to_owned(),
        note: "",
        measure: Measure::Hours,
        rows,
    };
    let tables = vec![
        table("types", "Hours by type", types),
        table("settings", "Hours by setting", settings),
        table(MONTHS, "Hours by month", by_month),
    ];
    Ok((tables, cross))
}

/// Who the individuals are that were seen, and how many others are not counted
/// there.
async fn people(conn: &mut PgConnection, of: &Of) -> Result<(Vec<Table>, i64)> {
    let rows = sqlx::query!(
        r#"with chosen as (
               select id, held_on from activity
                where held_on between $1 and $2 and ($3::uuid is null or staff_id = $3)
                  and ($4::uuid is null or supervisor_id = $4)),
           present as (
               select x.client_id as person, a.id as activity, a.held_on
                 from chosen a join activity_client x on x.activity_id = a.id
                 join client c on c.id = x.client_id and c.kind = 'individual'
               union
               select y.member_id, a.id, a.held_on from chosen a join activity_attendee y on y.activity_id = a.id),
           met as (
               select * from present p
                where $5::uuid is null
                   or exists (select from client_practitioner o where o.client_id = p.person and o.practitioner_id = $5)),
           person as (
               select c.id, c.gender_id, c.language, nullif(c.sex_at_birth, '') as sex, nullif(c.pronouns, '') as pronouns
                 from client c where c.id in (select person from met)),
           gathered as (
               select distinct c.id, c.age_range_id
                 from chosen a join activity_client x on x.activity_id = a.id
                 join client c on c.id = x.client_id and c.kind = 'group'
                where $5::uuid is null
                   or exists (select from client_practitioner o where o.client_id = c.id and o.practitioner_id = $5)),
           aged as (
               select distinct m.person, coalesce(e.age_range_id, case when c.birth_date is null then c.age_range_id
                                                                       else age_range_on(c.birth_date, m.held_on) end) as range_id
                 from met m join client c on c.id = m.person
                 left join erased_age e on e.client_id = m.person and e.activity_id = m.activity),
           field as (
               select f.id, f.label, f.kind, row_number() over (order by f.position, f.label) as place
                 from client_field f
                where f.in_reports and f.active and f.kind in ('choice', 'checkbox'))
           select 1 as "part!", null::uuid as "field?", '' as "title!", 0::bigint as "field_place!",
                  t.label as "label?", t.position as "place?", count(*) as "count!"
             from aged g left join term t on t.id = g.range_id group by t.id
           union all
           select 2, null, '', 0, t.label, t.position, count(*)
             from person p left join term t on t.id = p.gender_id group by t.id
           union all
           select 3, f.id, f.label, f.place,
                  coalesce(o.label, case v.ticked when true then 'Yes' when false then 'No' end),
                  coalesce(o.position, case v.ticked when true then 1 when false then 2 end), count(p.id)
             from field f left join person p on true
             left join client_field_value v on v.field_id = f.id and v.client_id = p.id
             left join client_field_choice o on o.id = v.choice_id
            group by f.id, f.label, f.place, o.id, o.label, o.position, v.ticked
           union all
           select 4, null, '', 0, t.name::text, null, count(*)
             from person p left join client_tag x on x.client_id = p.id left join tag t on t.id = x.tag_id
            group by t.id
           union all
           select 6, null, '', 0, coalesce(t.label, p.language), t.position, count(*)
             from person p left join term t on t.vocabulary = 'language' and t.tag = p.language group by t.id, p.language
           union all
           select 7, null, '', 0, coalesce(t.label, p.sex), t.position, count(*)
             from person p left join term t on t.vocabulary = 'sex_at_birth' and t.label = p.sex group by t.id, p.sex
           union all
           select 8, null, '', 0, coalesce(t.label, p.pronouns), t.position, count(*)
             from person p left join term t on t.vocabulary = 'pronouns' and t.label = p.pronouns group by t.id, p.pronouns
           union all
           select 9, null, '', 0, t.label, t.position, count(*)
             from gathered g left join term t on t.id = g.age_range_id group by t.id
           union all
           select 5, null, '', 0, null, null, count(distinct person) - (select count(*) from person) from present
            order by 1, 4, 6 nulls last, 5"#,
        of.first,
        of.last,
        of.staff,
        of.supervisor,
        of.scope
    )
    .fetch_all(conn)
    .await?;
    let table = |key: &str, title: &str, note| Table {
        key: key.to_owned(),
        title: title.to_owned(),
        note,
        measure: Measure::People,
        rows: Vec::new(),
    };
    let mut ages = table("ages", "Individuals by age range", AGES_NOTE);
    let mut genders = table("genders", "Individuals by gender", "");
    let mut sexes = table("sexes", "Individuals by sex assigned at birth", "");
    let mut pronouns = table("pronouns", "Individuals by pronouns", "");
    let mut languages = table("languages", "Individuals by language", "");
    let mut groups =
        Table { measure: Measure::Groups, ..table("group-ages", "Groups by age range of their members", "") };
    let mut tags = table("tags", "Individuals by tag", TAGS_NOTE);
    let mut fields: Vec<Table> = Vec::new();
    let mut uncounted = 0;
    for row in rows {
        let into = match (row.part, row.field) {
            (1, _) => &mut ages,
            (2, _) => &mut genders,
            (4, _) => &mut tags,
            (6, _) => &mut languages,
            (7, _) => &mut sexes,
            (8, _) => &mut pronouns,
            (9, _) => &mut groups,
            (5, _) => {
                uncounted = row.count;
                continue;
            }
            (_, field) => {
                let key = format!("field-{}", field.unwrap_or_default());
                if fields.last().is_none_or(|last| last.key != key) {
                    fields.push(table(&key, &format!("Individuals by {}", row.title), ""));
                }
                let Some(last) = fields.last_mut() else { continue };
                last
            }
        };
        into.rows.push(Row { label: row.label.unwrap_or_default(), count: row.count, minutes: 0 });
    }
    let mut all = vec![ages, genders];
    // What a practice does not record of anyone is no table, and no groups are none.
    let is_known = |table: &Table| table.rows.iter().any(|row| !row.label.is_empty());
    all.extend([sexes, pronouns].into_iter().filter(is_known));
    all.push(languages);
    all.extend(Some(groups).filter(is_known));
    all.extend(fields);
    all.push(tags);
    for table in &mut all {
        let none = if table.key == "tags" { "No tag" } else { NOT_RECORDED };
        put_last(&mut table.rows, none);
    }
    Ok((all, uncounted))
}

const AGES_NOTE: &str =
    "Age on the date of each activity. Anyone who moves into the next range during the period counts in both.";
const TAGS_NOTE: &str = "Uses current tags. People with several tags count under each.";

/// What is not recorded is always a row, the last, so that the numbers add up.
fn put_last(rows: &mut Vec<Row>, none: &str) {
    let blank = |row: &Row| row.label.is_empty();
    let count = rows.iter().filter(|row| blank(row)).map(|row| row.count).sum();
    rows.retain(|row| !blank(row));
    rows.push(Row { label: none.to_owned(), count, minutes: 0 });
}
