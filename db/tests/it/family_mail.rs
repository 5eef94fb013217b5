//! One mail for a family: one address is told once of what happens on one day.

use crate::appointments::{Practice, at, practice};
use chrono::TimeDelta;
use db::messages::{Outgoing, claim_copy, expand_next, failed, reply};
use db::{Actor, PgPool, appointments};
use shared::accounts::Secret;
use shared::deletion::EraseForm;
use shared::{AppointmentId, ClientId};
use sqlx::AssertSqlSafe;
use testkit::client_actor;

async fn text(pool: &PgPool, sql: &str) -> String {
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(pool).await.unwrap()
}

async fn run(pool: &PgPool, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap();
}

/// `holder` gets copies of, and may book for, `subject`.
async fn parent(pool: &PgPool, holder: &Actor, subject: &Actor) {
    let (low, high) = (holder.id().min(subject.id()), holder.id().max(subject.id()));
    let own = low == holder.id();
    run(
        pool,
        &format!(
            "insert into client_link (id, client_low, client_high, low_label, high_label, low_may_book, high_may_book, low_gets_copies, high_gets_copies)
             values (gen_random_uuid(), '{low}', '{high}', 'other', 'other', {own}, {0}, {own}, {0})",
            !own
        ),
    )
    .await;
}

struct Family {
    practice: Practice,
    mia: Actor,
    leo: Actor,
}

/// Mia and Leo, children of Ana; Ben is Leo's other parent. The children have no address.
async fn family(pool: &PgPool) -> Family {
    let practice = practice(pool).await;
    let (mia, leo) = (client_actor(pool, "Mia").await, client_actor(pool, "Leo").await);
    let (ana, ben) = (client_actor(pool, "Ana").await, client_actor(pool, "Ben").await);
    run(
        pool,
        "update client set email = lower(first_name) || '@kin.test', email_consent = true where first_name in ('Ana', 'Ben')",
    )
    .await;
    parent(pool, &ana, &mia).await;
    parent(pool, &ana, &leo).await;
    parent(pool, &ben, &leo).await;
    Family { practice, mia, leo }
}

impl Family {
    async fn book(&self, pool: &PgPool, client: &Actor, days: u64, hours: i64) -> AppointmentId {
        let booking = self.practice.booking(client, at(days) + TimeDelta::hours(hours));
        appointments::book(pool, &self.practice.staff, booking).await.unwrap()
    }
}

/// All that is sent now, by address and subject.
async fn due(pool: &PgPool) -> Vec<Outgoing> {
    let mut copies = Vec::new();
    loop {
        let made = expand_next(pool, "https://kin.test").await.unwrap();
        let Some(copy) = claim_copy(pool).await.unwrap() else {
            if made {
                continue;
            }
            // What was taken apart is made again.
            if !expand_next(pool, "https://kin.test").await.unwrap() {
                break;
            }
            continue;
        };
        copies.push(copy);
        run(pool, "update message_copy set claimed_until = null").await;
    }
    copies.sort_by(|one, other| (&one.address, &one.subject).cmp(&(&other.address, &other.subject)));
    copies
}

fn subjects(copies: &[Outgoing]) -> Vec<String> {
    let first = |copy: &Outgoing| format!("{} {}", copy.address, copy.subject.split(':').next().unwrap());
    copies.iter().map(first).collect()
}

#[testkit::test]
async fn a_parent_of_two_is_told_of_one_day_in_one_mail(pool: PgPool) {
    let family = family(&pool).await;
    family.book(&pool, &family.mia, 3, 0).await;
    family.book(&pool, &family.leo, 3, 2).await;
    family.book(&pool, &family.leo, 4, 0).await;
    let told = due(&pool).await;
    assert_eq!(
        subjects(&told),
        [
            "ana@kin.test Appointment confirmed for Leo",
            "ana@kin.test Appointments confirmed for Mia and Leo",
            "ben@kin.test Appointment confirmed for Leo",
            "ben@kin.test Appointment confirmed for Leo",
        ]
    );
    let both = &told[1];
    assert!(both.body.contains("10:00 am to 11:00 am") && both.body.contains("12:00 pm to 1:00 pm"), "{}", both.body);
    assert!(
        both.body.contains("For: Mia\n")
            && both.body.contains("For: Leo\n")
            && !both.body.contains("Mia Test")
            && !both.body.contains("Leo Test")
    );
    assert!(both.body.contains("copies of Mia and Leo's appointment emails"), "{}", both.body);
    assert_eq!(both.invitations.len(), 2);
    // What the other parent reads says nothing of the child that is not his.
    assert!(told[2..].iter().all(|copy| !copy.body.contains("Mia") && !copy.subject.contains("Mia")));
    // Each has a link of its own.
    let links: Vec<&str> = both.body.split("https://kin.test/m/").skip(1).collect();
    let opened = async |text: &str| {
        let secret = Secret(text.split_whitespace().next().unwrap().to_owned());
        reply::open(&pool, &secret).await.unwrap().person
    };
    assert_eq!([opened(links[0]).await, opened(links[1]).await], [family.mia.id(), family.leo.id()].map(ClientId));
    assert_eq!(text(&pool, "select count(*)::text from message where state <> 'done'").await, "0");
}

#[testkit::test]
async fn what_is_booked_within_the_quiet_minutes_for_siblings_waits_for_the_last(pool: PgPool) {
    let family = family(&pool).await;
    run(&pool, "update practice set quiet_minutes = 3").await;
    family.book(&pool, &family.mia, 3, 0).await;
    family.book(&pool, &family.leo, 3, 2).await;
    run(&pool, "update message set created_at = created_at - interval '3 minutes', due_at = now() - interval '1 second'
                 where participant_id in (select p.id from appointment_participant p join client c on c.id = p.client_id where c.first_name = 'Mia')").await;
    assert!(due(&pool).await.is_empty(), "Leo's is not due yet");
    run(&pool, "update message set due_at = now()").await;
    let told = due(&pool).await;
    assert_eq!(
        subjects(&told),
        ["ana@kin.test Appointments confirmed for Mia and Leo", "ben@kin.test Appointment confirmed for Leo"]
    );
}

#[testkit::test]
async fn a_family_is_reminded_in_one_mail_and_the_other_parent_in_time(pool: PgPool) {
    let family = family(&pool).await;
    family.book(&pool, &family.mia, 3, 0).await;
    family.book(&pool, &family.leo, 3, 2).await;
    due(&pool).await;
    db::messages::reminders::enqueue(&pool).await.unwrap();
    run(&pool, "update message set due_at = now() where kind = 'reminder' and about_starts_at = (select min(starts_at) from appointment)").await;
    let told = due(&pool).await;
    assert_eq!(subjects(&told), ["ana@kin.test Appointment reminders for Mia and Leo"]);
    assert!(told[0].subject.starts_with("Appointment reminders for Mia and Leo: "), "{}", told[0].subject);
    run(&pool, "update message set due_at = now() where kind = 'reminder'").await;
    assert_eq!(subjects(&due(&pool).await), ["ben@kin.test Appointment reminder for Leo"]);
}

#[testkit::test]
async fn a_mail_of_two_is_taken_apart_when_one_permission_goes(pool: PgPool) {
    let family = family(&pool).await;
    family.book(&pool, &family.mia, 3, 0).await;
    family.book(&pool, &family.leo, 3, 2).await;
    while expand_next(&pool, "https://kin.test").await.unwrap() {}
    let leo = family.leo.id();
    // Expanded, not sent: Ana's copies of Leo's mail end here.
    run(&pool, &format!("update client_link set low_gets_copies = false, high_gets_copies = false where '{leo}' in (client_low, client_high)")).await;
    let told = due(&pool).await;
    assert_eq!(subjects(&told), ["ana@kin.test Appointment confirmed for Mia"]);
    assert!(!told[0].body.contains("Leo"), "{}", told[0].body);
    // Between two tries as well.
    failed(&pool, &told[0], false, "busy").await.unwrap();
    run(&pool, "delete from client_link; update message_copy set due_at = now()").await;
    assert!(due(&pool).await.is_empty());
}

#[testkit::test]
async fn two_servers_at_once_tell_a_family_in_one_mail(pool: PgPool) {
    let family = family(&pool).await;
    for days in 2..8 {
        family.book(&pool, &family.mia, days, 0).await;
        family.book(&pool, &family.leo, days, 2).await;
    }
    let (one, other) = tokio::join!(due(&pool), due(&pool));
    let all: Vec<Outgoing> = one.into_iter().chain(other).collect();
    let of = |address: &str| all.iter().filter(|copy| copy.address == address).count();
    assert_eq!((of("ana@kin.test"), of("ben@kin.test")), (6, 6));
}

#[testkit::test]
async fn erasing_a_child_blanks_the_mail_to_the_family(pool: PgPool) {
    let family = family(&pool).await;
    family.book(&pool, &family.mia, 3, 0).await;
    family.book(&pool, &family.leo, 3, 2).await;
    due(&pool).await;
    run(
        &pool,
        "update appointment set starts_at = starts_at - interval '9 days', ends_at = ends_at - interval '9 days'",
    )
    .await;
    let admin = testkit::staff_actor(&pool, "Ada", &[shared::accounts::Role::Administrator]).await;
    let leo = family.leo.id();
    let number = text(&pool, &format!("select number::text from client where id = '{leo}'")).await.parse().unwrap();
    let code = text(&pool, &format!("select code::text from client where id = '{leo}'")).await;
    db::deletion::erase(&pool, &admin, number, &EraseForm { code }).await.unwrap();
    assert_eq!(
        text(&pool, "select count(*)::text from message_copy where body like '%Leo%' or subject like '%Leo%'").await,
        "0"
    );
}

#[testkit::test]
async fn a_text_message_of_several_leads_to_the_list_and_to_none_of_them(pool: PgPool) {
    use db::messages::edit;
    use shared::texts::{Language, Text, TextChannel, TextForm};
    let family = family(&pool).await;
    let admin = testkit::staff_actor(&pool, "Ada", &[shared::accounts::Role::Administrator]).await;
    let words =
        TextForm { subject: String::new(), body: "{practice}: {count}, {when}. {link}".into(), version: "0".into() };
    let sms = TextChannel::Sms;
    edit::save_text(&pool, &admin, Text::AllConfirmed, sms, Language::English, &words).await.unwrap();
    run(
        &pool,
        "update client set email_consent = false where first_name in ('Ana', 'Ben');
                update client set mobile = '416 555 0102', sms_consent = true where first_name = 'Ana'",
    )
    .await;
    family.book(&pool, &family.mia, 3, 0).await;
    family.book(&pool, &family.leo, 3, 2).await;
    let told = due(&pool).await;
    let [one] = told.as_slice() else { panic!("{told:?}") };
    assert!(one.body.ends_with("https://kin.test/my/appointments"), "{}", one.body);
    assert_eq!(text(&pool, "select count(*)::text from message_copy where link_hash is not null").await, "0");
}
