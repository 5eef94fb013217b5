//! Calendar files of generated appointments and series: feeds, and what is mailed. Here they are
//! read by the few lines below; `scripts/read-calendars` has programs of others read the same
//! files, which stay in `target/tmp/calendars`.

use crate::appointments::{Practice, practice};
use chrono::{DateTime, Datelike, Days, NaiveDateTime, TimeDelta, Timelike, Utc};
use db::time::Zone;
use db::{Actor, PgPool, appointments, feeds, series};
use shared::appointments::{Booking, CancelForm, Move};
use shared::feeds::{FeedWish, Names};
use shared::series::{SeriesBookingForm, SeriesForm, SeriesMoveForm, SeriesScope};
use shared::{AppointmentId, Refusal};
use sqlx::{AssertSqlSafe, FromRow};
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use testkit::{Dice, client_actor, rounds, seed};
use uuid::Uuid;

const ZONES: [&str; 8] = [
    "America/Toronto",
    "America/Santiago",
    "Africa/Cairo",
    "America/Havana",
    "America/Vancouver",
    "America/Edmonton",
    "America/Winnipeg",
    "Pacific/Auckland",
];
const HOST: &str = "kin.example";
/// What readers of calendar files have stumbled over.
const PLACE: &str =
    "Ünïcödé; Physio, „Fuß“ \\ 🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂";

/// A participant's part in an appointment as the database has it: what the files must say.
#[derive(Debug, Clone, FromRow)]
struct Stored {
    id: Uuid,
    appointment: Uuid,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    starts_local: NaiveDateTime,
    zone: String,
    version: i32,
    cancelled: bool,
}

async fn stored(pool: &PgPool, which: &str) -> Vec<Stored> {
    let sql = format!(
        "select p.id, a.id as appointment, a.starts_at, a.ends_at, a.starts_local, a.zone, a.version,
                a.status = 'cancelled' as cancelled
           from appointment a join appointment_participant p on p.appointment_id = a.id
          where {which} order by a.starts_at, p.id"
    );
    sqlx::query_as(AssertSqlSafe(sql)).fetch_all(pool).await.unwrap()
}

async fn run(pool: &PgPool, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap();
}

/// A line for a checker, fields parted by tabs: file, uid, first and last second, wall clock of
/// the start, zone, whether cancelled, summary, location.
fn line(file: &str, uid: Uuid, one: &Stored, summary: &str, location: &str) -> String {
    format!(
        "{file}\t{uid}@{HOST}\t{}\t{}\t{}\t{}\t{}\t{summary}\t{location}\n",
        one.starts_at.timestamp(),
        one.ends_at.timestamp(),
        one.starts_local.format("%Y%m%dT%H%M%S"),
        one.zone,
        u8::from(one.cancelled),
    )
}

/// One event of a file as its lines say it, unfolded.
type Event = HashMap<String, String>;

fn events(file: &str) -> Vec<Event> {
    assert!(file.split_terminator("\r\n").all(|line| line.len() <= 75 && !line.contains(['\r', '\n'])));
    let (mut found, mut current) = (Vec::new(), None::<Event>);
    for line in file.replace("\r\n ", "").lines() {
        match (line, current.as_mut()) {
            ("BEGIN:VEVENT", _) => current = Some(Event::new()),
            ("END:VEVENT", _) => found.extend(current.take()),
            (line, Some(event)) => {
                let (name, value) = line.split_once(':').unwrap();
                event.insert(name.split(';').next().unwrap().to_owned(), value.to_owned());
            }
            _ => {}
        }
    }
    found
}

fn agrees(event: &Event, one: &Stored) {
    let shown = &event["DTSTART"];
    let start = one.starts_local.format("%Y%m%dT%H%M%S").to_string();
    let instant = one.starts_at.format("%Y%m%dT%H%M%SZ").to_string();
    assert!(*shown == start || *shown == instant, "{event:?} {one:?}");
    assert_eq!(event["STATUS"] == "CANCELLED", one.cancelled, "{event:?} {one:?}");
    assert_eq!(event["SEQUENCE"], (2 * one.version + i32::from(one.cancelled)).to_string());
}

struct World {
    practice: Practice,
    folder: PathBuf,
    /// What was mailed, a line each, in order.
    mailed: String,
    mails: usize,
}

impl World {
    /// Sends what is to be told, and keeps the calendar files of it.
    async fn mail(&mut self, pool: &PgPool) {
        run(pool, "update message set due_at = now()").await;
        while db::messages::expand_next(pool, "https://kin.example").await.unwrap() {}
        run(pool, "update message_copy set due_at = now()").await;
        while let Some(copy) = db::messages::claim_copy(pool).await.unwrap() {
            for invitation in &copy.invitations {
                let (method, file) = invitation.file("mail@elm.example", HOST);
                let [event] = &events(&file)[..] else { panic!("{file}") };
                let uid: Uuid = event["UID"].split('@').next().unwrap().parse().unwrap();
                let [one] = &stored(pool, &format!("p.id = '{uid}'")).await[..] else { panic!("{uid}") };
                agrees(event, one);
                assert_eq!(method.word() == "CANCEL", one.cancelled);
                self.mails += 1;
                let name = format!("mail-{:05}.ics", self.mails);
                fs::write(self.folder.join(&name), &file).unwrap();
                self.mailed += &line(&name, uid, one, &format!("Appointment, {PLACE}"), &location());
            }
            db::messages::sent(pool, &copy).await.unwrap();
        }
    }
}

fn location() -> String {
    format!("{PLACE}, 12 King Street Floor 3 Toronto")
}

/// A time that exists, in the next eleven months; often within hours of a change of the clocks.
fn local(dice: &mut Dice, zone: &Zone) -> NaiveDateTime {
    let now = Utc::now();
    let end = now + TimeDelta::days(330);
    let changes: Vec<_> = zone.changes_after(now + TimeDelta::days(2)).take_while(|change| *change < end).collect();
    loop {
        let at = if !changes.is_empty() && dice.coin() {
            dice.pick(&changes) + TimeDelta::minutes(5 * dice.roll(72) as i64 - 180)
        } else {
            now + TimeDelta::days(2 + dice.roll(300) as i64) + TimeDelta::minutes(5 * dice.roll(288) as i64)
        };
        let local = zone.local(at).with_second(0).unwrap().with_nanosecond(0).unwrap();
        let local = local.with_minute(local.minute() / 5 * 5).unwrap();
        if zone.typed(local).is_ok() {
            return local;
        }
    }
}

/// Does it again over the conflicts that were shown.
macro_rules! knowingly {
    ($over:ident => $act:expr) => {{
        let $over = None;
        match $act {
            Err(db::Error::Refused(Refusal::Conflicts(found))) => {
                let $over = Some(found.seen);
                $act.unwrap()
            }
            answer => answer.unwrap(),
        }
    }};
}

async fn book_one(pool: &PgPool, world: &World, client: &Actor, starts_at: DateTime<Utc>) -> AppointmentId {
    let booking = world.practice.booking(client, starts_at);
    knowingly!(over => appointments::book(pool, &world.practice.staff, Booking { over, ..booking }).await)
}

async fn move_one(pool: &PgPool, world: &World, id: AppointmentId, starts_at: DateTime<Utc>) {
    let version = sqlx::query_scalar("select version from appointment where id = $1");
    let version = version.bind(id.0).fetch_one(pool).await.unwrap();
    let wanted = |over| Move { appointment: id, version, starts_at, practitioner: None, room: None, over };
    knowingly!(over => appointments::reschedule(pool, &world.practice.staff, wanted(over), "As wished").await);
}

/// Four or five dates; their wall clock is the same before and after a change of the clocks.
async fn book_series(pool: &PgPool, world: &World, client: &Actor, dice: &mut Dice, zone: &Zone) -> Vec<Stored> {
    let starts = local(dice, zone);
    let mut form = SeriesBookingForm {
        client: client.id().to_string(),
        service: world.practice.service.to_string(),
        practitioner: world.practice.practitioner.to_string(),
        starts: starts.format("%Y-%m-%dT%H:%M").to_string(),
        rule: SeriesForm {
            frequency: dice.pick(&["daily", "weekly"]).into(),
            count: dice.pick(&["4", "5"]).into(),
            ..SeriesForm::default()
        },
        reason: "As wished".into(),
        request_key: db::new_id().to_string(),
        ..SeriesBookingForm::default()
    };
    // What is in the way of a date is shown, and passed over knowingly.
    let found = series::preview(pool, &world.practice.staff, &form).await.unwrap();
    form.dates = found
        .dates
        .iter()
        .filter_map(|date| match &date.outcome {
            series::Outcome::Conflicts(found) => Some(shared::series::DateForm {
                date: date.date.to_string(),
                choice: "over".into(),
                seen: found.seen.to_string(),
                ..Default::default()
            }),
            _ => None,
        })
        .collect();
    let first = series::book(pool, &world.practice.staff, &form).await.unwrap();
    let of_series = format!("a.series_id = (select series_id from appointment where id = '{}')", first.0);
    let dates = stored(pool, &of_series).await;
    for date in &dates {
        let exists = zone.typed(starts.time().on(date.starts_local)).is_ok();
        assert!(!exists || date.starts_local.time() == starts.time(), "{date:?}");
    }
    dates
}

trait On {
    fn on(self, day: NaiveDateTime) -> NaiveDateTime;
}

impl On for chrono::NaiveTime {
    fn on(self, day: NaiveDateTime) -> NaiveDateTime {
        day.date().and_time(self)
    }
}

async fn move_series(pool: &PgPool, world: &World, from: &Stored, zone: &Zone) {
    let local = from.starts_local + Days::new(1) + TimeDelta::minutes(35);
    if zone.typed(local).is_err() {
        return;
    }
    let mut form = SeriesMoveForm {
        appointment: from.appointment.to_string(),
        version: "1".into(),
        scope: SeriesScope::Later.as_str().into(),
        local: local.format("%Y-%m-%dT%H:%M").to_string(),
        reason: "As wished".into(),
        ..SeriesMoveForm::default()
    };
    match series::reschedule(pool, &world.practice.staff, &form).await {
        Err(db::Error::Refused(Refusal::Conflicts(found))) => {
            form.overbook = true;
            form.seen = found.seen.to_string();
            series::reschedule(pool, &world.practice.staff, &form).await.unwrap();
        }
        answer => assert!(answer.unwrap() > 0),
    }
}

async fn account(pool: &PgPool, id: Uuid, column: &str) {
    run(pool, &format!("insert into account (id, username, {column}) values ('{id}', '{id}', '{id}')")).await;
}

/// The feed of an account beside what it must say; answers how many events it has.
async fn keep_feed(pool: &PgPool, world: &World, actor: &Actor, name: &str, said: &[(Uuid, Stored, String)]) -> String {
    let secret =
        feeds::create(pool, &actor.clone().confirmed_now(true), FeedWish { names: Names::Codes, others: false })
            .await
            .unwrap();
    let file = feeds::read(pool, &secret, HOST).await.unwrap().body;
    let found = events(&file);
    assert_eq!(found.len(), said.len(), "{name}");
    let by_uid: HashMap<&str, &Event> = found.iter().map(|event| (event["UID"].as_str(), event)).collect();
    assert_eq!(by_uid.len(), said.len(), "{name}: a UID comes twice");
    let mut lines = String::new();
    for (uid, one, summary) in said {
        agrees(by_uid[format!("{uid}@{HOST}").as_str()], one);
        lines += &line(name, *uid, one, summary, &location());
    }
    fs::write(world.folder.join(name), file).unwrap();
    lines
}

#[testkit::test]
async fn feeds_and_mailed_files_say_what_was_booked_moved_and_cancelled(pool: PgPool) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("calendars");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let mut dice = Dice::new(seed());
    let each = rounds(2, 24);
    let mut world = World { practice: practice(&pool).await, folder, mailed: String::new(), mails: 0 };
    run(&pool, "update service set name = 'Talk'; update staff_member set first_name = 'Ann', last_name = 'Bo'").await;
    let named = "update practice set name = $1; ";
    sqlx::query(named.trim_end_matches("; ")).bind(PLACE).execute(&pool).await.unwrap();
    sqlx::query("update location set name = $1, address = E'12 King Street\\nFloor 3\\nToronto'")
        .bind(PLACE)
        .execute(&pool)
        .await
        .unwrap();
    let mut lines = String::new();
    for name in ZONES {
        let zone = Zone::parse(name).unwrap();
        run(&pool, &format!("update location set zone = '{name}'")).await;
        let client = client_actor(&pool, "Mia").await;
        run(
            &pool,
            &format!(
                "update client set email = 'mia@{HOST}', email_consent = true, code = '{}' where id = '{}'",
                &name[name.len() - 4..].to_uppercase(),
                client.id()
            ),
        )
        .await;
        for _ in 0..each {
            let one = book_one(&pool, &world, &client, zone.instant(local(&mut dice, &zone))).await;
            world.mail(&pool).await;
            for _ in 0..dice.roll(3) {
                move_one(&pool, &world, one, zone.instant(local(&mut dice, &zone))).await;
                world.mail(&pool).await;
            }
            if dice.roll(4) == 0 {
                appointments::cancel(&pool, &world.practice.staff, one).await.unwrap();
                world.mail(&pool).await;
            }
        }
        for _ in 0..each {
            let dates = book_series(&pool, &world, &client, &mut dice, &zone).await;
            world.mail(&pool).await;
            if dice.coin() {
                move_series(&pool, &world, &dates[1 + dice.roll(3)], &zone).await;
                world.mail(&pool).await;
            }
            if dice.roll(3) == 0 {
                let from = AppointmentId(dates[dice.roll(4)].appointment);
                let form = CancelForm { reason: "As wished".into(), ..CancelForm::default() };
                series::cancel(&pool, &world.practice.staff, from, SeriesScope::Later, &form).await.unwrap();
                world.mail(&pool).await;
            }
        }
        account(&pool, client.id(), "client_id").await;
        let rows = stored(&pool, &format!("p.client_id = '{}'", client.id())).await;
        assert!(rows.len() >= 4 * each);
        let said: Vec<_> = rows.into_iter().map(|one| (one.id, one, format!("Appointment, {PLACE}"))).collect();
        lines += &keep_feed(&pool, &world, &client, &format!("feed-{}.ics", name.replace('/', "-")), &said).await;
    }
    // The practitioner's, with all zones in one file.
    let priya = db::actor::StaffActor::new(
        world.practice.practitioner,
        "Priya",
        vec![shared::accounts::Role::Practitioner],
        false,
    );
    account(&pool, world.practice.practitioner.0, "staff_id").await;
    run(
        &pool,
        &format!(
            "insert into client_practitioner (client_id, practitioner_id) select id, '{}' from client on conflict do nothing",
            world.practice.practitioner.0
        ),
    )
    .await;
    let said: Vec<_> = stored(&pool, "true")
        .await
        .into_iter()
        .map(|one| {
            let code = one.zone[one.zone.len() - 4..].to_uppercase();
            (one.appointment, one, format!("{code}, Talk"))
        })
        .collect();
    lines += &keep_feed(&pool, &world, &Actor::Staff(priya), "feed-staff.ics", &said).await;
    // Every time of year is met by the whole set, and a move and a cancellation at least once.
    assert!(said.iter().any(|(_, one, _)| one.cancelled) && said.iter().any(|(_, one, _)| one.version > 1));
    assert!(said.iter().map(|(_, one, _)| one.starts_local.month()).max() > Some(3));
    println!("{} appointments, {} mails", said.len(), world.mails);
    fs::write(world.folder.join("expected.tsv"), lines + &world.mailed).unwrap();
}
