//! The clients: the families, and a crowd made from [`names`].

use crate::dice::Dice;
use crate::families::{self, FAMILIES, KNOWN};
use crate::names::{self, ALERTS, CULTURES, Culture, NOTES};
use crate::person::Person;
use crate::team::{GRACE, KOFI, MAEVE, PRIYA, TOMAS, YUSUF};
use crate::{ZONE, column};
use chrono::{DateTime, Days, Months, NaiveDate, TimeDelta, Utc};
use db::{Result, new_id};
use shared::clients::{Status, code_stem};
use sqlx::PgConnection;
use std::collections::HashMap;

/// People without a family in the demo.
const CROWD: usize = 157;
const AREAS: [&str; 4] = ["416", "647", "437", "905"];

/// What is decided about a person before the dice are thrown for the rest.
struct Draft {
    first: &'static str,
    last: &'static str,
    preferred: &'static str,
    pronouns: &'static str,
    language: &'static str,
    age: u32,
    status: Status,
    alert: &'static str,
    login: Option<&'static str>,
    practitioners: Vec<usize>,
}

/// Everyone: first the families in their order, then the crowd.
pub fn all(today: NaiveDate, now: DateTime<Utc>, dice: &mut Dice) -> Vec<Person> {
    let mut drafts: Vec<Draft> = FAMILIES
        .iter()
        .flat_map(|family| family.members.iter().map(|member| relative(member, family.practitioner)))
        .collect();
    drafts.extend((0..CROWD).map(|position| stranger(position, dice)));
    let mut codes = HashMap::new();
    let mut people: Vec<Person> = drafts
        .into_iter()
        .enumerate()
        .map(|(position, draft)| {
            let stem = code_stem(draft.first, draft.last);
            let number = codes.entry(stem.clone()).and_modify(|number| *number += 1).or_insert(1);
            let code = format!("{stem}{number}");
            person(draft, code, position, today, now, dice)
        })
        .collect();
    families::name_proxies(&mut people);
    share(&mut people);
    people
}

/// Three in four of those who are active see one of the other three practitioners as well.
fn share(people: &mut [Person]) {
    let active = people[KNOWN..].iter_mut().filter(|person| person.status == Status::Active);
    for (person, other) in active.zip([Some(KOFI), Some(MAEVE), Some(YUSUF), None].into_iter().cycle()) {
        person.practitioners.extend(other);
    }
}

fn relative(member: &families::Member, practitioner: usize) -> Draft {
    Draft {
        first: member.first,
        last: member.last,
        preferred: "",
        pronouns: "",
        language: "en",
        age: member.age,
        status: if member.active { Status::Active } else { Status::Inactive },
        alert: member.alert,
        login: member.login,
        practitioners: vec![practitioner],
    }
}

fn stranger(position: usize, dice: &mut Dice) -> Draft {
    let Culture { language, firsts, lasts } = &CULTURES[position % CULTURES.len()];
    let round = position / CULTURES.len();
    let (first, short, pronouns) = firsts[round % 10];
    let status = match position % 32 {
        3 | 9 | 14 | 20 | 27 => Status::Inactive,
        5 | 12 | 18 | 30 => Status::Prospect,
        _ => Status::Active,
    };
    let age = if dice.one_in(6) { dice.between(6, 14) } else { dice.between(19, 84) } as u32;
    Draft {
        first,
        // No first name meets the same last name twice within twenty rounds.
        last: lasts[(round * 3 + round / 10) % 10],
        preferred: if dice.one_in(2) { short } else { "" },
        pronouns: if pronouns == "they/them" || dice.one_in(3) { pronouns } else { "" },
        language: if dice.one_in(3) { language } else { "en" },
        age,
        status,
        alert: if dice.one_in(12) { dice.pick(&ALERTS).unwrap_or_default() } else { "" },
        login: None,
        practitioners: practitioners(status, age, dice),
    }
}

/// Children mostly see Grace; a few people see two, and a few no one yet.
fn practitioners(status: Status, age: u32, dice: &mut Dice) -> Vec<usize> {
    if status == Status::Prospect || dice.one_in(14) {
        return Vec::new();
    }
    let usual: &[usize] = if age < 16 { &[GRACE, GRACE, PRIYA] } else { &[PRIYA, PRIYA, TOMAS, TOMAS, GRACE] };
    let mut chosen: Vec<usize> = dice.pick(usual).into_iter().collect();
    if dice.one_in(8) {
        chosen.extend(dice.pick(usual));
    }
    chosen.dedup();
    chosen
}

fn person(
    draft: Draft,
    code: String,
    position: usize,
    today: NaiveDate,
    now: DateTime<Utc>,
    dice: &mut Dice,
) -> Person {
    // Those with a log-in can be reached in every way.
    let reached = draft.login.is_some();
    let grown = draft.age >= 15;
    let usual = format!("{}.{}@example.com", names::folded(draft.first), names::folded(draft.last));
    let email = match draft.login {
        Some(login) => Some(login.to_owned()),
        None => (grown && !dice.one_in(15)).then_some(usual),
    };
    let mobile = (reached || grown && !dice.one_in(10)).then(|| telephone(position));
    // Old enough for every appointment to have been booked since; prospects are new.
    let known_days = if draft.status == Status::Prospect { dice.between(1, 40) } else { dice.between(60, 900) };
    Person {
        id: new_id(),
        code,
        status: draft.status,
        first_name: draft.first.to_owned(),
        last_name: draft.last.to_owned(),
        preferred_name: draft.preferred.to_owned(),
        language: draft.language,
        zone: if !reached && dice.one_in(40) { "America/Vancouver" } else { ZONE },
        email_consent: email.is_some() && (reached || !dice.one_in(12)),
        email,
        sms_consent: mobile.is_some() && dice.one_in(3),
        // Without the dice, which make the rest of the practice.
        voice_consent: mobile.is_some() && position % 5 == 2,
        mobile_is_primary: mobile.is_some() && dice.one_in(4),
        mobile,
        pronouns: draft.pronouns,
        birth_date: birth_date(draft.age, today, dice),
        alert: draft.alert,
        notes: if grown && dice.one_in(6) { dice.pick(&NOTES).unwrap_or_default() } else { "" },
        created_at: now - TimeDelta::days(known_days) - TimeDelta::minutes(dice.between(0, 600)),
        age: draft.age,
        login: draft.login,
        practitioners: draft.practitioners,
        proxy: None,
    }
}

/// Of the numbers kept for fiction, all different.
fn telephone(position: usize) -> String {
    // 37 has no divisor in common with 100, so a hundred positions make a hundred numbers.
    format!("{} 555 01{:02}", AREAS[position / 100 % AREAS.len()], position * 37 % 100)
}

/// A day that makes them so old today.
fn birth_date(age: u32, today: NaiveDate, dice: &mut Dice) -> NaiveDate {
    let latest = today.checked_sub_months(Months::new(age * 12)).unwrap_or(today);
    latest.checked_sub_days(Days::new(dice.below(365) as u64)).unwrap_or(latest)
}

pub async fn insert(conn: &mut PgConnection, people: &[Person]) -> Result<()> {
    sqlx::query!(
        "insert into client (kind, id, code, status, first_name, last_name, preferred_name, language, zone,
                             email, email_consent, mobile, sms_consent, mobile_is_primary, pronouns,
                             birth_date, alert, notes, created_at, voice_consent, updated_at)
         select 'individual', p.*, p.created_at from unnest(
             $1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
             $9::text[], $10::boolean[], $11::text[], $12::boolean[], $13::boolean[], $14::text[],
             $15::date[], $16::text[], $17::text[], $18::timestamptz[], $19::boolean[])
             as p (id, code, status, first_name, last_name, preferred_name, language, zone, email, email_consent,
                   mobile, sms_consent, mobile_is_primary, pronouns, birth_date, alert, notes, created_at, voice_consent)",
        &column(people, |p| p.id),
        &column(people, |p| p.code.clone()),
        &column(people, |p| p.status.as_str().to_owned()),
        &column(people, |p| p.first_name.clone()),
        &column(people, |p| p.last_name.clone()),
        &column(people, |p| p.preferred_name.clone()),
        &column(people, |p| p.language.to_owned()),
        &column(people, |p| p.zone.to_owned()),
        &column(people, |p| p.email.clone()) as &[Option<String>],
        &column(people, |p| p.email_consent),
        &column(people, |p| p.mobile.clone()) as &[Option<String>],
        &column(people, |p| p.sms_consent),
        &column(people, |p| p.mobile_is_primary),
        &column(people, |p| p.pronouns.to_owned()),
        &column(people, |p| p.birth_date),
        &column(people, |p| p.alert.to_owned()),
        &column(people, |p| p.notes.to_owned()),
        &column(people, |p| p.created_at),
        &column(people, |p| p.voice_consent)
    )
    .execute(conn)
    .await?;
    Ok(())
}
