//! Mail that is ready and waits: what changes meanwhile counts. No copy leaves to someone who, at that moment, has
//! no consent, grant, status or address for it, or is not to be written to.

use crate::appointments::{Practice, at, practice};
use crate::support::forms::Office;
use db::messages::{claim_copy, expand_next};
use db::{Actor, PgPool, appointments, links};
use shared::links::{Grants, LinkForm};
use shared::{ClientId, ClientNumber};
use sqlx::AssertSqlSafe;
use testkit::{Dice, client_actor, number, rounds, seed};
use uuid::Uuid;

/// One of three people, as the model has them: Mia, and two who may act for her.
#[derive(Debug, Clone, Copy)]
struct Person {
    consent: bool,
    active: bool,
    written_to: bool,
    /// Counts the changes of the address.
    address: usize,
    linked: bool,
    copies: bool,
    forms: bool,
}

const NAMES: [&str; 3] = ["Mia", "Ana", "Ben"];

struct House {
    pool: PgPool,
    practice: Practice,
    office: Office,
    people: [Actor; 3],
    numbers: [ClientNumber; 3],
}

fn address(who: usize, changes: usize) -> String {
    format!("{}{changes}@kin.test", NAMES[who].to_lowercase())
}

impl House {
    async fn new(pool: &PgPool) -> House {
        let (practice, office) = (practice(pool).await, Office::new(pool).await);
        let people =
            [client_actor(pool, "Mia").await, client_actor(pool, "Ana").await, client_actor(pool, "Ben").await];
        let mut numbers = Vec::new();
        for one in &people {
            numbers.push(number(pool, ClientId(one.id())).await);
        }
        House { pool: pool.clone(), practice, office, people, numbers: numbers.try_into().unwrap() }
    }

    async fn run(&self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&self.pool).await.unwrap();
    }

    /// Everyone as they were at first, with nothing that waits.
    async fn begin(&self) -> [Person; 3] {
        self.run(
            "delete from message_copy; delete from message; delete from appointment; delete from client_link;
             delete from client_link_event; delete from safe_contact; delete from form_response; delete from request;
             update practice set quiet_minutes = 0;
             update client set status = 'active', email = lower(first_name) || '0@kin.test', email_consent = true",
        )
        .await;
        let all = Grants { book: true, copies: true, forms: true, packages: false };
        for holder in 1..3 {
            let form = LinkForm {
                other_label: "parent".into(),
                own_label: "child".into(),
                other_may: all,
                ..LinkForm::default()
            };
            let (own, other) = (self.numbers[0], self.numbers[holder]);
            links::create(&self.pool, &self.practice.staff, own, other, form).await.unwrap();
        }
        self.run("delete from message").await;
        let one = Person {
            consent: true,
            active: true,
            written_to: true,
            address: 0,
            linked: true,
            copies: true,
            forms: true,
        };
        [one; 3]
    }

    /// Something to tell of each kind: an appointment, a form, a permission.
    async fn tell(&self, days: u64) {
        let booking = self.practice.booking(&self.people[0], at(days));
        appointments::book(&self.pool, &self.practice.staff, booking).await.unwrap();
        self.run("update appointment_participant set assigned = 'everyone'").await;
        self.office.ask("form", &self.people[0]).await;
        let link = links::one(&self.pool, &self.practice.staff, self.numbers[0], self.numbers[1]).await.unwrap();
        let form = LinkForm { own_may: Grants { copies: true, ..Grants::default() }, ..link.form() };
        links::update(&self.pool, &self.practice.staff, self.numbers[0], self.numbers[1], form).await.unwrap();
    }

    /// A change in the middle of it, in both.
    async fn change(&self, people: &mut [Person; 3], dice: &mut Dice) -> String {
        let who = dice.roll(3);
        let (id, person) = (self.people[who].id(), &mut people[who]);
        let grant = |column: &str| {
            let mia = self.people[0].id();
            format!("update client_link set low_{column} = low_{column} and client_low <> '{id}',
                            high_{column} = high_{column} and client_high <> '{id}' where '{mia}' in (client_low, client_high)")
        };
        let sql = match dice.roll(7) {
            0 => {
                person.consent = false;
                format!("update client set email_consent = false where id = '{id}'")
            }
            1 => {
                person.active = false;
                format!("update client set status = 'inactive' where id = '{id}'")
            }
            2 => {
                person.written_to = false;
                format!(
                    "insert into safe_contact (client_id, rule, set_by) values ('{id}', 'no_writing', '{id}') on conflict do nothing"
                )
            }
            3 => {
                person.address += 1;
                format!("update client set email = '{}' where id = '{id}'", address(who, person.address))
            }
            4 if who > 0 => {
                person.copies = false;
                grant("gets_copies")
            }
            5 if who > 0 => {
                person.forms = false;
                grant("may_forms")
            }
            6 if who > 0 => {
                (person.linked, person.copies, person.forms) = (false, false, false);
                format!("delete from client_link where '{id}' in (client_low, client_high)")
            }
            _ => return String::new(),
        };
        self.run(&sql).await;
        sql
    }
}

/// Whether mail of this kind may go to someone now.
fn may(people: &[Person; 3], kind: &str, who: usize) -> bool {
    let person = people[who];
    let reached = person.consent && person.written_to;
    reached
        && match kind {
            "confirmation" => who == 0 || person.copies && person.active,
            "form_request" => people[0].active && person.active && (who == 0 || person.forms),
            // Of the two whose link it was.
            "link_change" => who < 2,
            other => panic!("{other}"),
        }
}

#[testkit::test]
async fn no_copy_leaves_to_someone_without_consent_grant_or_status_at_that_moment(pool: PgPool) {
    let house = House::new(&pool).await;
    let mut dice = Dice::new(seed());
    let mut left = 0;
    for round in 0..rounds(80, 5_000) {
        let mut people = house.begin().await;
        house.tell(3).await;
        let mut changes = Vec::new();
        // Before the copies are made, or while they wait for the mail server.
        for _ in 0..dice.roll(2) {
            changes.push(house.change(&mut people, &mut dice).await);
        }
        while expand_next(&pool, "https://kin.test").await.unwrap() {}
        for _ in 0..1 + dice.roll(3) {
            changes.push(house.change(&mut people, &mut dice).await);
        }
        while let Some(copy) = claim_copy(&pool).await.unwrap() {
            let sql =
                "select m.kind, y.client_id from message_copy y join message m on m.id = y.message_id where y.id = $1";
            let (kind, to): (String, Uuid) = sqlx::query_as(sql).bind(copy.id.0).fetch_one(&pool).await.unwrap();
            let who = house.people.iter().position(|one| one.id() == to).unwrap();
            let what = format!("round {round}: {kind} to {} at {}: {changes:?}", NAMES[who], copy.address);
            assert!(may(&people, &kind, who), "{what}");
            assert_eq!(copy.address, address(who, people[who].address), "{what}");
            house.run(&format!("update message_copy set state = 'sent' where id = '{}'", copy.id)).await;
            left += 1;
            // The next one waits while something changes again.
            if dice.roll(3) == 0 {
                changes.push(house.change(&mut people, &mut dice).await);
            }
        }
    }
    assert!(left > 80, "{left} left");
}
