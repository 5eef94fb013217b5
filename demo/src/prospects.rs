//! The prospects' pipeline: each at some stage, with what is to be done next.

use chrono::{Days, NaiveDate};
use db::Result;
use sqlx::PgConnection;

/// Stage, days since the last contact, next step, days until it is due.
const STEPS: [(&str, Option<u64>, &str, Option<i64>); 7] = [
    ("new", None, "", None),
    ("contacted", Some(2), "Ring back about evening times", Some(1)),
    ("meeting", Some(5), "First meeting with Grace Liu", Some(4)),
    ("new", None, "Answer the enquiry", Some(0)),
    ("waiting", Some(9), "They are asking their insurer", Some(-1)),
    ("contacted", Some(1), "Send the fees", Some(2)),
    ("declined", Some(20), "", None),
];

pub async fn insert(conn: &mut PgConnection, today: NaiveDate) -> Result<()> {
    let ago = |days: Option<u64>| days.map(|days| today - Days::new(days));
    let ahead = |days: Option<i64>| days.and_then(|days| today.checked_add_signed(chrono::TimeDelta::days(days)));
    sqlx::query!(
        "update client c
            set prospect_stage = step.stage, last_contact = step.contact, next_step = step.words, next_step_on = step.due
           from (select id, row_number() over (order by number) as place from client where status = 'prospect') one
           join unnest($1::text[], $2::date[], $3::text[], $4::date[]) with ordinality step (stage, contact, words, due, place)
             on step.place = 1 + one.place % 7
          where c.id = one.id",
        &STEPS.map(|(stage, ..)| stage.to_owned()),
        &STEPS.map(|(_, contact, ..)| ago(contact)) as &[Option<NaiveDate>],
        &STEPS.map(|(_, _, words, _)| words.to_owned()),
        &STEPS.map(|(.., due)| ahead(due)) as &[Option<NaiveDate>]
    )
    .execute(conn)
    .await?;
    Ok(())
}
