//! Removing a link: every open matter is decided, both are told, and what the other had open or
//! was mailed before is of no use any more. For some minutes it can be undone.

use crate::appointments::{Practice, at, grant_booking, practice};
use db::messages::{Outgoing, claim_copy, expand_next, reply};
use db::{Actor, PgPool, appointments, feeds, links, waitlist};
use shared::accounts::Secret;
use shared::appointments::Booking;
use shared::feeds::{FeedWish, Names};
use shared::links::{EventKind, Grants, LinkForm, MatterKind, RemovalForm};
use shared::waitlist::WaitForm;
use shared::{AppointmentId, ClientId, ClientNumber, Refusal};
use sqlx::AssertSqlSafe;
use testkit::{client_actor, number, refusal};
use uuid::Uuid;

struct House {
    pool: PgPool,
    practice: Practice,
    mia: Actor,
    ana: Actor,
    numbers: (ClientNumber, ClientNumber),
}

impl House {
    /// Ana may book for Mia; both get mail, and the practice has no quiet minutes.
    async fn new(pool: &PgPool) -> House {
        let practice = practice(pool).await;
        let (mia, ana) = (client_actor(pool, "Mia").await, client_actor(pool, "Ana").await);
        grant_booking(pool, &ana, &mia).await;
        let numbers = (number(pool, ClientId(mia.id())).await, number(pool, ClientId(ana.id())).await);
        let house = House { pool: pool.clone(), practice, mia, ana, numbers };
        house
            .run(
                "update client set email = lower(first_name) || '@kin.test', email_consent = true;
                 update practice set quiet_minutes = 0;
                 update client_link set low_gets_copies = low_may_book, high_gets_copies = high_may_book",
            )
            .await;
        house
    }

    async fn run(&self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&self.pool).await.unwrap();
    }

    async fn text(&self, sql: &str) -> String {
        sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&self.pool).await.unwrap()
    }

    /// Ana books for Mia, that number of days ahead.
    async fn booked(&self, days: u64) -> AppointmentId {
        let booking = Booking { client: ClientId(self.mia.id()), ..self.practice.booking(&self.ana, at(days)) };
        appointments::book(&self.pool, &self.ana, booking).await.unwrap()
    }

    /// The page as it is now, with a word for each of its matters.
    async fn page(&self, choices: &[(Uuid, &str)]) -> RemovalForm {
        let (own, other) = self.numbers;
        let version = links::one(&self.pool, &self.practice.staff, own, other).await.unwrap().version.to_string();
        let open = links::open_matters(&self.pool, &self.practice.staff, own, other).await.unwrap();
        let shown = |id: Uuid| open.iter().find(|matter| matter.id == id).map_or(1, |matter| matter.version);
        RemovalForm {
            choices: choices.iter().map(|(id, choice)| format!("{choice}:{id}:{}", shown(*id))).collect(),
            version,
        }
    }

    async fn remove(&self, form: &RemovalForm) -> db::Result<Vec<AppointmentId>> {
        links::remove(&self.pool, &self.practice.staff, self.numbers.0, self.numbers.1, form).await
    }

    async fn undo(&self) -> db::Result<()> {
        links::undo(&self.pool, &self.practice.staff, self.numbers.0, self.numbers.1).await
    }

    /// All that is sent now.
    async fn mails(&self) -> Vec<Outgoing> {
        let mut copies = Vec::new();
        while expand_next(&self.pool, "https://kin.test").await.unwrap() {}
        while let Some(copy) = claim_copy(&self.pool).await.unwrap() {
            self.run(&format!("update message_copy set state = 'sent' where id = '{}'", copy.id)).await;
            copies.push(copy);
        }
        copies.sort_by(|one, other| (&one.address, &one.subject).cmp(&(&other.address, &other.subject)));
        copies
    }
}

/// Address and subject, without a time.
fn subjects(mails: &[Outgoing]) -> Vec<String> {
    let first = |mail: &Outgoing| format!("{} {}", mail.address, mail.subject.split(':').next().unwrap());
    mails.iter().map(first).collect()
}

#[testkit::test]
async fn every_open_matter_is_on_the_page_and_gets_its_choice(pool: PgPool) {
    let house = House::new(&pool).await;
    let (keep, own, cancel) = (house.booked(3).await, house.booked(4).await, house.booked(5).await);
    let wait = WaitForm {
        client: house.mia.id().to_string(),
        service: house.practice.service.to_string(),
        last_on: (chrono::Utc::now().date_naive() + chrono::Days::new(20)).to_string(),
        request_key: Uuid::now_v7().to_string(),
        ..WaitForm::default()
    };
    let wait = waitlist::enter(&pool, &house.ana, &wait).await.unwrap();
    let hold = appointments::hold(&pool, &house.ana, house.practice.booking(&house.ana, at(6))).await.unwrap();
    // Staff let Ana alone manage one that they booked, and Ana pays.
    let assigned =
        appointments::book(&pool, &house.practice.staff, house.practice.booking(&house.mia, at(7))).await.unwrap();
    house
        .run(&format!(
            "update appointment_participant set assigned = 'one', assigned_to = '{0}', payer_id = '{0}' where appointment_id = '{assigned}'",
            house.ana.id()
        ))
        .await;
    let open = links::open_matters(&pool, &house.practice.staff, house.numbers.0, house.numbers.1).await.unwrap();
    let expected = [
        (keep.0, MatterKind::Appointment),
        (own.0, MatterKind::Appointment),
        (cancel.0, MatterKind::Appointment),
        (assigned.0, MatterKind::Appointment),
        (wait.0, MatterKind::Waiting),
        (hold.id.0, MatterKind::Hold),
    ];
    assert_eq!(open.iter().map(|matter| (matter.id, matter.kind)).collect::<Vec<_>>(), expected);

    let choices = [(keep.0, "keep"), (own.0, "own"), (cancel.0, "end"), (assigned.0, "keep"), (wait.0, "end")];
    let form = house.page(&choices).await;
    assert_eq!(house.remove(&form).await.unwrap(), [cancel]);
    let state = async |id: AppointmentId| {
        let sql = "select concat_ws(' ', a.status, v.assigned, v.proxy_id, v.assigned_to, v.payer_id)
                     from appointment a join appointment_participant v on v.appointment_id = a.id where a.id = ";
        house.text(&format!("{sql}'{id}'")).await
    };
    assert_eq!(state(keep).await, "confirmed everyone");
    assert_eq!(state(own).await, "confirmed none");
    assert!(state(cancel).await.starts_with("cancelled"));
    assert_eq!(state(assigned).await, "confirmed none", "what Ana alone managed becomes no one else's");
    assert_eq!(house.text("select state from waitlist_entry").await, "withdrawn");
    assert_eq!(house.text("select count(*)::text from appointment where status = 'held'").await, "0");
    assert!(db::audit::verify(&mut pool.acquire().await.unwrap()).await.unwrap());
}

#[testkit::test]
async fn what_the_practice_asks_of_the_one_is_kept_or_withdrawn(pool: PgPool) {
    let house = House::new(&pool).await;
    let (keep, end, done) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
    for id in [keep, end, done] {
        house
            .run(&format!(
                "insert into request (id, kind, subject_id, title, request_key)
                 values ('{id}', 'other', '{}', 'Bring your card', '{id}')",
                house.mia.id()
            ))
            .await;
    }
    house
        .run(&format!(
            "update request set state = 'done', closed_at = now(), done_by_staff = '{}', done_as = 'desk' where id = '{done}'",
            house.practice.staff.id()
        ))
        .await;
    let open =
        async || links::open_matters(&pool, &house.practice.staff, house.numbers.0, house.numbers.1).await.unwrap();
    assert!(open().await.is_empty(), "Ana may book for her and complete nothing");
    house.run("update client_link set low_may_forms = low_may_book, high_may_forms = high_may_book").await;
    let shown: Vec<_> = open().await.into_iter().map(|matter| (matter.id, matter.kind)).collect();
    assert_eq!(shown, [(keep, MatterKind::Request), (end, MatterKind::Request)]);
    let left_open = house.page(&[(keep, "keep")]).await;
    assert_eq!(refusal(house.remove(&left_open).await), Refusal::Stale);
    house.remove(&house.page(&[(keep, "keep"), (end, "end")]).await).await.unwrap();
    let state = async |id: Uuid| house.text(&format!("select state from request where id = '{id}'")).await;
    assert_eq!([state(keep).await, state(end).await, state(done).await], ["open", "withdrawn", "done"]);
}

#[testkit::test]
async fn a_stale_tab_removes_nothing_that_it_did_not_show(pool: PgPool) {
    let house = House::new(&pool).await;
    let first = house.booked(3).await;
    let form = house.page(&[(first.0, "keep")]).await;
    // Booked after the page was opened.
    let second = house.booked(4).await;
    assert_eq!(refusal(house.remove(&form).await), Refusal::Stale);
    // Its permissions were changed after it was opened.
    let form = house.page(&[(first.0, "keep"), (second.0, "keep")]).await;
    house.run("update client_link set version = version + 1").await;
    assert_eq!(refusal(house.remove(&form).await), Refusal::Stale);
    // What it wants cancelled has been cancelled, or is none of theirs.
    let form = house.page(&[(first.0, "end"), (second.0, "keep")]).await;
    appointments::cancel(&pool, &house.practice.staff, first).await.unwrap();
    assert_eq!(refusal(house.remove(&form).await), Refusal::NotFound);
    assert_eq!(house.text("select count(*)::text from client_link").await, "1");
    assert_eq!(house.text("select count(*)::text from client_link_event where kind = 'removed'").await, "0");

    house.remove(&house.page(&[(second.0, "keep")]).await).await.unwrap();
    // The tab of the one who booked it.
    assert_eq!(refusal(appointments::cancel(&pool, &house.ana, second).await), Refusal::LinkEnded);
    let booking = Booking { client: ClientId(house.mia.id()), ..house.practice.booking(&house.ana, at(5)) };
    assert_eq!(refusal(appointments::book(&pool, &house.ana, booking).await), Refusal::LinkEnded);
}

#[testkit::test]
async fn a_queued_mail_no_longer_goes_to_the_other_after_unlinking(pool: PgPool) {
    let house = House::new(&pool).await;
    let visit = house.booked(3).await;
    // Copies are made for both, and wait for the mail server.
    while expand_next(&pool, "https://kin.test").await.unwrap() {}
    assert_eq!(
        house.text("select count(*)::text from message_copy where state = 'queued' and address = 'ana@kin.test'").await,
        "1"
    );
    house.remove(&house.page(&[(visit.0, "keep")]).await).await.unwrap();
    let told = house.mails().await;
    assert_eq!(
        subjects(&told),
        [
            "ana@kin.test Mia and Ana are no longer linked at My practice",
            "mia@kin.test Appointment confirmed",
            "mia@kin.test Mia and Ana are no longer linked at My practice",
        ]
    );
    assert_eq!(
        house
            .text("select state from message_copy where address = 'ana@kin.test' and subject like 'Appointment%'")
            .await,
        "withdrawn"
    );
}

#[testkit::test]
async fn an_action_link_in_an_old_mail_does_nothing_after_unlinking(pool: PgPool) {
    let house = House::new(&pool).await;
    let visit = house.booked(3).await;
    let told = house.mails().await;
    let copy = told.iter().find(|copy| copy.address == "ana@kin.test").unwrap();
    let secret = copy.body.split("https://kin.test/m/").nth(1).unwrap().split_whitespace().next().unwrap();
    let secret = Secret(secret.to_owned());
    assert!(reply::open(&pool, &secret).await.is_ok());
    house.remove(&house.page(&[(visit.0, "keep")]).await).await.unwrap();
    assert!(reply::open(&pool, &secret).await.is_err());
}

#[testkit::test]
async fn a_hold_of_the_other_is_let_go_and_books_no_one_after_unlinking(pool: PgPool) {
    let house = House::new(&pool).await;
    let hold = appointments::hold(&pool, &house.ana, house.practice.booking(&house.ana, at(3))).await.unwrap();
    house.remove(&house.page(&[]).await).await.unwrap();
    assert!(appointments::held(&pool, house.ana.client().unwrap()).await.unwrap().is_none());
    let booking =
        Booking { client: ClientId(house.mia.id()), hold: Some(hold.id), ..house.practice.booking(&house.ana, at(3)) };
    assert_eq!(refusal(appointments::book(&pool, &house.ana, booking).await), Refusal::LinkEnded);
    assert_eq!(house.text("select count(*)::text from appointment").await, "0");
}

#[testkit::test]
async fn a_feed_loses_the_other_after_unlinking(pool: PgPool) {
    let house = House::new(&pool).await;
    house
        .run(&format!("insert into account (id, username, client_id) values ('{0}', 'ana', '{0}')", house.ana.id()))
        .await;
    let visit = house.booked(3).await;
    let wish = FeedWish { names: Names::Codes, others: true };
    let secret = feeds::create(&pool, &house.ana, wish).await.unwrap();
    let read = async || feeds::read(&pool, &secret, "kin.example").await.unwrap().body;
    assert!(read().await.contains("BEGIN:VEVENT"));
    house.remove(&house.page(&[(visit.0, "keep")]).await).await.unwrap();
    assert!(!read().await.contains("BEGIN:VEVENT"));
}

#[testkit::test]
async fn unlink_and_retry_is_refused_and_undone_within_ten_minutes(pool: PgPool) {
    let house = House::new(&pool).await;
    let (keep, cancel) = (house.booked(3).await, house.booked(4).await);
    house.mails().await;
    let form = house.page(&[(keep.0, "own"), (cancel.0, "end")]).await;
    house.remove(&form).await.unwrap();
    // Sent again, the form finds no link.
    assert_eq!(refusal(house.remove(&form).await), Refusal::NotFound);
    house.undo().await.unwrap();
    // Pressed twice it is as once.
    house.undo().await.unwrap();
    assert_eq!(house.text("select count(*)::text from client_link").await, "1");
    let grants = "select string_agg(holder::text, ' ') from client_grant where may_book and gets_copies";
    assert_eq!(house.text(grants).await, house.ana.id().to_string());
    let kept = format!(
        "select concat_ws(' ', assigned, proxy_id) from appointment_participant where appointment_id = '{keep}'"
    );
    assert_eq!(house.text(&kept).await, format!("everyone {}", house.ana.id()));
    let cancelled = format!("select status from appointment where id = '{cancel}'");
    assert_eq!(house.text(&cancelled).await, "cancelled", "what was cancelled stays so");
    let history = testkit::reads::link_history(&pool, &house.practice.staff, house.numbers.0).await.unwrap();
    assert_eq!(history.iter().map(|event| event.kind).collect::<Vec<_>>(), [EventKind::Restored, EventKind::Removed]);
    // Neither heard of the removal, for it was undone before its mail went.
    assert!(house.mails().await.iter().all(|mail| mail.subject.starts_with("Appointment cancelled")));

    // Removed again, and eleven minutes later.
    house.remove(&house.page(&[(keep.0, "keep")]).await).await.unwrap();
    house.run("update client_link_event set at = at - interval '11 minutes'").await;
    assert_eq!(refusal(house.undo().await), Refusal::NotUndoable);
    let removed = async || {
        let mut conn = pool.acquire().await.unwrap();
        let own = db::authz::readable(&mut conn, &house.practice.staff, house.numbers.0).await.unwrap();
        links::undoable(&mut conn, &house.practice.staff, &own).await.unwrap()
    };
    assert!(removed().await.is_empty());
}

/// Staff had let a third person manage it: undoing the removal gives that back as well.
#[testkit::test]
async fn an_undo_gives_back_whom_staff_had_assigned(pool: PgPool) {
    let house = House::new(&pool).await;
    let ben = client_actor(&pool, "Ben").await;
    grant_booking(&pool, &ben, &house.mia).await;
    let visit = house.booked(3).await;
    house.run(&format!("update appointment_participant set assigned = 'one', assigned_to = '{}'", ben.id())).await;
    house.remove(&house.page(&[(visit.0, "own")]).await).await.unwrap();
    let state = "select concat_ws(' ', assigned, assigned_to, proxy_id) from appointment_participant";
    assert_eq!(house.text(state).await, "none");
    house.undo().await.unwrap();
    assert_eq!(house.text(state).await, format!("one {} {}", ben.id(), house.ana.id()));
}

/// What was moved since the page was opened is decided again.
#[testkit::test]
async fn a_choice_about_an_appointment_that_was_moved_since_is_stale(pool: PgPool) {
    let house = House::new(&pool).await;
    let visit = house.booked(3).await;
    let shown = RemovalForm { choices: vec![format!("end:{visit}:1")], ..house.page(&[]).await };
    house.run("update appointment set version = 2").await;
    assert_eq!(refusal(house.remove(&shown).await), Refusal::Stale);
    assert_eq!(house.text("select status from appointment").await, "confirmed");
}

#[testkit::test]
async fn a_removal_is_not_undone_once_the_two_are_linked_again(pool: PgPool) {
    let house = House::new(&pool).await;
    house.remove(&RemovalForm::default()).await.unwrap();
    let form = LinkForm { other_label: "other".into(), own_label: "other".into(), ..LinkForm::default() };
    links::create(&pool, &house.practice.staff, house.numbers.0, house.numbers.1, form).await.unwrap();
    assert_eq!(refusal(house.undo().await), Refusal::NotUndoable);
    assert_eq!(house.text("select count(*)::text from client_grant where may_book").await, "0");
}

#[testkit::test]
async fn both_are_told_of_a_change_in_sentences_without_labels(pool: PgPool) {
    let house = House::new(&pool).await;
    let form = |may: Grants, version: &str| LinkForm {
        other_label: "guardian".into(),
        own_label: "child".into(),
        other_may: may,
        version: version.into(),
        ..LinkForm::default()
    };
    let save = async |may: Grants, version: &str| {
        links::update(&pool, &house.practice.staff, house.numbers.0, house.numbers.1, form(may, version)).await.unwrap()
    };
    let start = Grants { book: true, copies: true, ..Grants::default() };
    house.run("insert into client_link_event (id, client_low, client_high, kind, state, actor_id, actor_name, at)
        select gen_random_uuid(), client_low, client_high, 'created', to_jsonb(l), id, 'Dora', now() - interval '1 day' from client_link l").await;
    // A label alone is the practice's.
    save(start, "1").await;
    assert!(house.mails().await.is_empty());
    house.run("update practice set quiet_minutes = 3").await;
    save(Grants { book: false, ..start }, "2").await;
    save(Grants { forms: true, ..start }, "3").await;
    assert_eq!(house.text("select count(*)::text from message where state = 'queued'").await, "1");
    house.run("update message set due_at = now()").await;
    let told = house.mails().await;
    assert_eq!(
        subjects(&told),
        [
            "ana@kin.test What Mia and Ana can do for each other has changed",
            "mia@kin.test What Mia and Ana can do for each other has changed"
        ]
    );
    for mail in &told {
        // What was taken back meanwhile is not told.
        assert!(mail.body.contains("\n- Ana may complete intake forms for Mia.\n"), "{}", mail.body);
        assert!(
            !mail.body.contains("book and manage") && !mail.body.contains("guardian") && !mail.body.contains("child")
        );
        assert!(!mail.body.contains("Test"), "no last names");
    }
    // Without consent, or at one address, there is one mail.
    house
        .run("update client set email_consent = false where first_name = 'Mia'; update practice set quiet_minutes = 0")
        .await;
    save(start, "4").await;
    assert_eq!(house.mails().await.iter().map(|mail| mail.address.as_str()).collect::<Vec<_>>(), ["ana@kin.test"]);
    house.run("update client set email_consent = true, email = 'home@kin.test'").await;
    save(Grants { forms: true, ..start }, "5").await;
    assert_eq!(house.mails().await.iter().map(|mail| mail.address.as_str()).collect::<Vec<_>>(), ["home@kin.test"]);
}

/// The worker holds the mail about an earlier change, and has read how the link stood: what is changed
/// meanwhile is told by a mail of its own.
#[testkit::test]
async fn a_change_made_while_the_mail_before_it_is_being_written_is_told_too(pool: PgPool) {
    let house = House::new(&pool).await;
    house.run("update client_link set low_may_forms = low_may_book, high_may_forms = high_may_book").await;
    let (own, other) = house.numbers;
    let link = links::one(&pool, &house.practice.staff, own, other).await.unwrap();
    let form = LinkForm { other_may: Grants { copies: true, ..Grants::default() }, ..link.form() };
    links::update(&pool, &house.practice.staff, own, other, form).await.unwrap();
    let mut worker = pool.begin().await.unwrap();
    let held = "select id from message where kind = 'link_change' for update";
    let id: Uuid = sqlx::query_scalar(held).fetch_one(&mut *worker).await.unwrap();
    let form = house.page(&[]).await;
    let mut removal = Box::pin(house.remove(&form));
    assert!(
        tokio::time::timeout(std::time::Duration::from_millis(300), &mut removal).await.is_err(),
        "it did not wait"
    );
    sqlx::query("update message set state = 'done' where id = $1").bind(id).execute(&mut *worker).await.unwrap();
    worker.commit().await.unwrap();
    removal.await.unwrap();
    assert_eq!(
        subjects(&house.mails().await),
        [
            "ana@kin.test Mia and Ana are no longer linked at My practice",
            "mia@kin.test Mia and Ana are no longer linked at My practice",
        ]
    );
}

/// A draft of the other is of no use any more, and what was asked stays the person's.
#[testkit::test]
async fn a_form_draft_of_the_other_ends_with_the_link(pool: PgPool) {
    let house = House::new(&pool).await;
    let office = crate::support::forms::Office::new(&pool).await;
    house.run("update client_link set low_may_forms = low_may_book, high_may_forms = high_may_book").await;
    let request = office.ask("form", &house.mia).await;
    office.draft(&house.ana, request, "begun").await.unwrap();
    house.remove(&house.page(&[(request.0, "keep")]).await).await.unwrap();
    let open = db::forms::open(&pool, house.ana.client().unwrap(), request, None).await;
    assert_eq!(refusal(open.map(drop)), Refusal::NotFound);
    assert_eq!(refusal(office.send(&house.ana, request, "Well").await), Refusal::NotFound);
    assert_eq!(office.count("select count(*) from form_response").await, 0);
    office.send(&house.mia, request, "Well").await.unwrap();
}
