//! Booking by staff and in the portal, moving, series, holds and their expiry, seats, time off: by
//! many at the same time, over few practitioners, rooms and people. What is stored afterwards
//! overlaps nowhere, and no one was shown a deadlock.

use chrono::{DateTime, Days, TimeDelta, Utc};
use db::{Actor, PgPool, appointments, availability, series};
use shared::accounts::Role;
use shared::appointments::{Assigning, Booking, CancelForm, Modality, Move};
use shared::availability::ExceptionForm;
use shared::series::{SeriesBookingForm, SeriesForm, SeriesMoveForm, SeriesScope};
use shared::{AppointmentId, ClientId, ServiceId, StaffId};
use std::collections::BTreeMap;
use std::sync::Arc;
use testkit::{Dice, client_actor, on_threads, rounds, seed, staff_actor};
use tokio::task::JoinSet;
use uuid::Uuid;

struct World {
    pool: PgPool,
    desk: Actor,
    people: Vec<Actor>,
    couples: Vec<ClientId>,
    practitioners: Vec<StaffId>,
    /// The first needs a room; the second has group sessions of three seats.
    services: [ServiceId; 2],
}

/// Half hours from 10:00 in Toronto, in a week.
fn at(slot: usize) -> DateTime<Utc> {
    let zone = db::time::Zone::parse("America/Toronto").unwrap();
    let date = zone.date(Utc::now()) + Days::new(7);
    zone.instant(date.and_hms_opt(10, 0, 0).unwrap()) + TimeDelta::minutes(30 * slot as i64)
}

async fn world(pool: PgPool) -> World {
    let desk = staff_actor(&pool, "Dora", &[Role::FrontDesk]).await;
    let (location, services) = (db::new_id(), [ServiceId(db::new_id()), ServiceId(db::new_id())]);
    let places = "with place as (insert into location (id, name, zone) values ($1, 'Main', 'America/Toronto') returning id)
                  insert into room (id, location_id, name) select gen_random_uuid(), id, 'Room ' || n from place, generate_series(1, 2) n";
    sqlx::query(places).bind(location).execute(&pool).await.unwrap();
    let offers = "insert into service (id, name, duration_minutes, needs_room, seats)
                  values ($1, 'Physio', 60, true, 1), ($2, 'Class', 60, false, 3)";
    sqlx::query(offers).bind(services[0].0).bind(services[1].0).execute(&pool).await.unwrap();
    sqlx::query("update practice set portal_bookings_max = 200").execute(&pool).await.unwrap();
    let mut practitioners = Vec::new();
    for name in ["Priya", "Omar", "Gita"] {
        let id = staff_actor(&pool, name, &[Role::Practitioner]).await.id();
        let works = "with offered as (insert into service_practitioner select s, $1 from unnest($3::uuid[]) s)
                     insert into weekly_hours (id, practitioner_id, location_id, weekday, starts, ends)
                     select gen_random_uuid(), $1, $2, day, 0, 1380 from generate_series(1, 7) day";
        let services = services.map(|id| id.0).to_vec();
        sqlx::query(works).bind(id).bind(location).bind(services).execute(&pool).await.unwrap();
        practitioners.push(StaffId(id));
    }
    let mut people = Vec::new();
    for name in ["Ana", "Ben", "Cleo", "Dan", "Eva", "Finn"] {
        people.push(client_actor(&pool, name).await);
    }
    let mut couples = Vec::new();
    for pair in people.chunks(2).take(2) {
        let (id, _) = crate::support::activities::client(&pool, "couple", "Pair").await;
        for one in pair {
            let long_ago = Utc::now().date_naive() - Days::new(100);
            crate::support::activities::member(&pool, id, ClientId(one.id()), long_ago, None).await;
        }
        couples.push(id);
    }
    // The last two may book for each other.
    let linked =
        "insert into client_link (id, client_low, client_high, low_label, high_label, low_may_book, high_may_book)
                  values (gen_random_uuid(), least($1, $2), greatest($1, $2), 'other', 'other', true, true)";
    sqlx::query(linked).bind(people[4].id()).bind(people[5].id()).execute(&pool).await.unwrap();
    World { pool, desk, people, couples, practitioners, services }
}

impl World {
    fn booking(&self, dice: &mut Dice, client: ClientId) -> Booking {
        Booking {
            service: dice.pick(&self.services),
            practitioner: dice.pick(&self.practitioners),
            anyone: dice.coin(),
            starts_at: at(dice.roll(8)),
            client,
            proxy: None,
            assigned: Assigning::Everyone,
            room: None,
            modality: Modality::InPerson,
            over: None,
            hold: None,
            request_key: db::new_id(),
        }
    }

    async fn some(&self, dice: &mut Dice, status: &str) -> Option<(AppointmentId, i32)> {
        let all: Vec<(Uuid, i32)> =
            sqlx::query_as("select id, version from appointment where status = $1 order by id desc limit 100")
                .bind(status)
                .fetch_all(&self.pool)
                .await
                .unwrap();
        (!all.is_empty()).then(|| dice.pick(&all)).map(|(id, version)| (AppointmentId(id), version))
    }

    /// An appointment of a series that stands, and its local start.
    async fn of_series(&self, dice: &mut Dice) -> Option<(AppointmentId, i32, String)> {
        let sql = "select id, version, to_char(starts_local, 'YYYY-MM-DD') from appointment
                    where status = 'confirmed' and series_id is not null order by id desc limit 100";
        let all: Vec<(Uuid, i32, String)> = sqlx::query_as(sql).fetch_all(&self.pool).await.unwrap();
        let index = dice.roll(all.len().max(1));
        all.into_iter().nth(index).map(|(id, version, date)| (AppointmentId(id), version, date))
    }

    /// On the clocks of the place.
    fn local(slot: usize) -> String {
        let zone = db::time::Zone::parse("America/Toronto").unwrap();
        zone.local(at(slot)).format("%Y-%m-%dT%H:%M").to_string()
    }

    async fn repeat(&self, booking: Booking, slot: usize) -> db::Result<()> {
        let form = SeriesBookingForm {
            client: booking.client.to_string(),
            service: booking.service.to_string(),
            practitioner: booking.practitioner.to_string(),
            starts: World::local(slot),
            rule: SeriesForm { frequency: "daily".into(), count: "2".into(), ..SeriesForm::default() },
            request_key: booking.request_key.to_string(),
            ..SeriesBookingForm::default()
        };
        series::book(&self.pool, &self.desk, &form).await.map(drop)
    }

    async fn change_series(&self, dice: &mut Dice) -> (&'static str, db::Result<()>) {
        let scope = dice.pick(&[SeriesScope::This, SeriesScope::Later, SeriesScope::All]);
        match self.of_series(dice).await {
            None => ("nothing repeats", Ok(())),
            Some((id, ..)) if dice.roll(4) == 0 => {
                let done = series::cancel(&self.pool, &self.desk, id, scope, &CancelForm::default()).await;
                ("cancel a series", done.map(drop))
            }
            Some((id, version, date)) => {
                let time = World::local(dice.roll(8)).split_off(10);
                let form = SeriesMoveForm {
                    appointment: id.to_string(),
                    version: version.to_string(),
                    scope: scope.as_str().into(),
                    local: format!("{date}{time}"),
                    ..SeriesMoveForm::default()
                };
                ("move a series", series::reschedule(&self.pool, &self.desk, &form).await.map(drop))
            }
        }
    }

    /// Time off of an hour, which is taken away again.
    async fn rest(&self, dice: &mut Dice) -> db::Result<()> {
        let from = World::local(dice.roll(6));
        let (day, starts) = from.split_once('T').unwrap();
        let ends = format!("{:02}:{}", starts[..2].parse::<u8>().unwrap() + 1, &starts[3..]);
        let form = ExceptionForm {
            kind: "off".into(),
            practitioner: dice.pick(&self.practitioners).to_string(),
            first_day: day.into(),
            starts: starts.into(),
            ends,
            request_key: db::new_id().to_string(),
            ..ExceptionForm::default()
        };
        let id = availability::add(&self.pool, &self.desk, &form).await?;
        tokio::task::yield_now().await;
        availability::remove(&self.pool, &self.desk, id).await
    }

    /// A time that is kept: then booked, left to lapse, or left.
    async fn keep(&self, dice: &mut Dice, who: &Actor, mine: Booking) -> (&'static str, db::Result<()>) {
        match appointments::hold(&self.pool, who, mine).await {
            Ok(hold) if dice.coin() => {
                let booking = Booking { hold: Some(hold.id), practitioner: hold.practitioner, ..mine };
                ("hold", appointments::book(&self.pool, who, booking).await.map(drop))
            }
            Ok(hold) => {
                if dice.coin() {
                    let lapse = "update appointment set held_until = now() - interval '1 hour' where id = $1 and status = 'held'";
                    sqlx::query(lapse).bind(hold.id.0).execute(&self.pool).await.unwrap();
                }
                ("left", appointments::clear_holds(&self.pool).await.map(drop))
            }
            Err(error) => ("hold", Err(error)),
        }
    }

    async fn reschedule(&self, dice: &mut Dice) -> (&'static str, db::Result<()>) {
        let Some((appointment, version)) = self.some(dice, "confirmed").await else {
            return ("nothing to move", Ok(()));
        };
        let practitioner = dice.coin().then(|| dice.pick(&self.practitioners));
        let wanted = Move { appointment, version, starts_at: at(dice.roll(8)), practitioner, room: None, over: None };
        ("move", appointments::reschedule(&self.pool, &self.desk, wanted, "").await.map(drop))
    }

    /// One thing that someone does. What is refused is refused; a failed database is none of it.
    async fn act(&self, dice: &mut Dice) -> &'static str {
        let which = dice.roll(self.people.len());
        let who = self.people[which].clone();
        let mine = self.booking(dice, ClientId(who.id()));
        let pool = &self.pool;
        let (what, answer) = match dice.roll(12) {
            0 | 1 => ("book", appointments::book(pool, &who, mine).await.map(drop)),
            2 => {
                let couple = Booking { client: dice.pick(&self.couples), ..mine };
                ("couple", appointments::book(pool, &self.desk, couple).await.map(drop))
            }
            3 => {
                let other = Booking { client: ClientId(self.people[9 - which.max(4)].id()), ..mine };
                ("for another", appointments::book(pool, &self.people[which.max(4)], other).await.map(drop))
            }
            4 => ("desk", appointments::book(pool, &self.desk, mine).await.map(drop)),
            5 => self.reschedule(dice).await,
            6 => self.keep(dice, &who, mine).await,
            7 => match self.some(dice, "confirmed").await {
                Some((id, _)) => ("cancel", appointments::cancel(pool, &self.desk, id).await),
                None => ("nothing to cancel", Ok(())),
            },
            8 => match self.some(dice, "cancelled").await {
                Some((id, _)) => ("restore", appointments::restore(pool, &self.desk, id).await),
                None => ("nothing to restore", Ok(())),
            },
            9 => ("series", self.repeat(mine, dice.roll(8)).await),
            10 => self.change_series(dice).await,
            _ => ("time off", self.rest(dice).await),
        };
        match answer {
            Ok(()) => what,
            Err(db::Error::Refused(_)) => "refused",
            // All want the same three diaries: one who waited too long is told to send it again.
            Err(db::Error::Database(sqlx::Error::Database(error))) if error.code().as_deref() == Some("55P03") => {
                "busy"
            }
            Err(db::Error::Database(error)) => panic!("{what}: {error}"),
        }
    }
}

const OVERLAPS: &str = "
    select (select count(*) from appointment a join appointment b on a.id < b.id and a.blocks and b.blocks
             and a.practitioner_id = b.practitioner_id and a.starts_at < b.ends_at and b.starts_at < a.ends_at),
           (select count(*) from appointment a join appointment b on a.id < b.id and a.blocks and b.blocks
             and a.room_id = b.room_id and a.starts_at < b.ends_at and b.starts_at < a.ends_at),
           (select count(*) from appointment_participant a join appointment_participant b on a.id < b.id
             and a.client_id = b.client_id and a.blocks and b.blocks and a.status = 'booked' and b.status = 'booked'
             and a.starts_at < b.ends_at and b.starts_at < a.ends_at),
           (select count(*) from appointment a where seats_taken > seats or seats_taken <> (
               select count(*) from appointment_participant p where p.appointment_id = a.id and p.status = 'booked')),
           (select count(*) from appointment_participant p join appointment a on a.id = p.appointment_id
             where (p.starts_at, p.ends_at, p.blocks) is distinct from (a.starts_at, a.ends_at, a.blocks)),
           (select count(*) from appointment where practitioner_overbooked or room_overbooked)
             + (select count(*) from appointment_participant where overbooked)";

#[testkit::test]
async fn whatever_many_do_at_once_overlaps_nowhere_and_is_no_deadlock(pool: PgPool) {
    let seed = seed();
    on_threads(&pool, move |pool| async move {
        let world = Arc::new(world(pool.clone()).await);
        // Of the soak 100,000.
        let (actors, each) = (64, rounds(16, 1_563));
        let mut tasks = JoinSet::new();
        for n in 0..actors {
            let world = world.clone();
            tasks.spawn(async move {
                let mut dice = Dice::new(seed + n);
                let mut done = Vec::new();
                for _ in 0..each {
                    done.push(world.act(&mut dice).await);
                }
                done
            });
        }
        let done: Vec<&str> = tasks.join_all().await.into_iter().flatten().collect();
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for what in &done {
            *counts.entry(what).or_default() += 1;
        }
        println!("{} attempts: {counts:?}", done.len());
        for what in ["book", "desk", "move", "hold", "cancel", "series", "time off", "refused"] {
            assert!(done.contains(&what), "nothing was tried of {what}: the race shows nothing");
        }
        let wrong: (i64, i64, i64, i64, i64, i64) = sqlx::query_as(OVERLAPS).fetch_one(&pool).await.unwrap();
        assert_eq!(wrong, (0, 0, 0, 0, 0, 0), "practitioner, room, person, seats, times, knowingly");
        assert!(db::audit::verify(&mut pool.acquire().await.unwrap()).await.unwrap());
    })
    .await;
}

#[testkit::test]
async fn the_seats_of_a_session_have_as_many_winners_as_there_are(pool: PgPool) {
    on_threads(&pool, |pool| async move {
        let world = world(pool.clone()).await;
        let mut clients = Vec::new();
        for n in 0..12 {
            clients.push(client_actor(&pool, &format!("Racer{n}")).await);
        }
        let mut tasks = JoinSet::new();
        for client in clients {
            let (pool, service, practitioner) = (pool.clone(), world.services[1], world.practitioners[0]);
            tasks.spawn(async move {
                let booking = Booking {
                    service,
                    practitioner,
                    anyone: false,
                    starts_at: at(0),
                    client: ClientId(client.id()),
                    proxy: None,
                    assigned: Assigning::Everyone,
                    room: None,
                    modality: Modality::InPerson,
                    over: None,
                    hold: None,
                    request_key: db::new_id(),
                };
                match appointments::book(&pool, &client, booking).await {
                    Ok(_) => true,
                    Err(db::Error::Refused(_)) => false,
                    Err(db::Error::Database(error)) => panic!("{error}"),
                }
            });
        }
        let won = tasks.join_all().await.into_iter().filter(|won| *won).count();
        assert_eq!(won, 3);
        let seats: (i64, i64) =
            sqlx::query_as("select count(*), sum(seats_taken) from appointment").fetch_one(&pool).await.unwrap();
        assert_eq!(seats, (1, 3));
    })
    .await;
}
