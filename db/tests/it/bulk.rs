//! Changes of many clients: every row answered, taken back where it was not
//! changed since, by anyone who may.

use db::bulk::{self, BulkView};
use db::{Actor, PgPool, clients};
use shared::accounts::Role;
use shared::bulk::{BulkForm, BulkState, Outcome};
use shared::clients::{ClientForm, Status};
use shared::{BulkId, ClientNumber, Problem, Refusal};
use std::time::Duration;
use testkit::{client_actor, refusal, staff_actor};
use uuid::Uuid;

/// Staff with a log-in: rows are done only for those who may log in.
async fn member(pool: &PgPool, first: &str, roles: &[Role]) -> Actor {
    let actor = staff_actor(pool, first, roles).await;
    sqlx::query("insert into account (id, username, staff_id) values ($1, $2, $3)")
        .bind(db::new_id())
        .bind(first)
        .bind(actor.id())
        .execute(pool)
        .await
        .unwrap();
    actor
}

async fn client(pool: &PgPool, actor: &Actor, first: &str) -> ClientNumber {
    let form = ClientForm {
        first_name: first.into(),
        last_name: "Bulk".into(),
        zone: "America/Toronto".into(),
        ..Default::default()
    };
    clients::create(pool, actor, form).await.unwrap().number
}

async fn three(pool: &PgPool, actor: &Actor) -> [ClientNumber; 3] {
    [client(pool, actor, "Ada").await, client(pool, actor, "Bo").await, client(pool, actor, "Cy").await]
}

fn order(action: &str, numbers: &[ClientNumber]) -> BulkForm {
    BulkForm {
        action: action.into(),
        numbers: numbers.iter().map(ToString::to_string).collect(),
        request_key: Uuid::now_v7().to_string(),
        ..Default::default()
    }
}

fn status(to: Status, numbers: &[ClientNumber]) -> BulkForm {
    BulkForm { status: to.as_str().into(), ..order("status", numbers) }
}

fn tag(name: &str, numbers: &[ClientNumber]) -> BulkForm {
    BulkForm { new_tag: name.into(), ..order("add_tag", numbers) }
}

async fn work(pool: &PgPool) {
    while bulk::work_next(pool).await.unwrap() {}
}

async fn done(pool: &PgPool, actor: &Actor, form: &BulkForm) -> BulkView {
    let id = bulk::start(pool, actor, form).await.unwrap();
    work(pool).await;
    show(pool, actor, id).await
}

async fn show(pool: &PgPool, actor: &Actor, id: BulkId) -> BulkView {
    bulk::show(pool, actor, id, None, 1).await.unwrap()
}

fn outcomes(view: &BulkView) -> Vec<(ClientNumber, Outcome)> {
    let mut rows: Vec<_> = view.rows.rows.iter().map(|row| (row.number, row.outcome.unwrap())).collect();
    rows.sort_by_key(|(number, _)| *number);
    rows
}

async fn statuses(pool: &PgPool) -> Vec<String> {
    sqlx::query_scalar("select status from client order by number").fetch_all(pool).await.unwrap()
}

async fn tags(pool: &PgPool) -> Vec<(i64, String)> {
    let sql = "select c.number, t.name::text from client_tag ct join client c on c.id = ct.client_id
                 join tag t on t.id = ct.tag_id order by 1, 2";
    sqlx::query_as(sql).fetch_all(pool).await.unwrap()
}

#[testkit::test]
async fn every_row_is_answered(pool: PgPool) {
    let desk = member(&pool, "desk", &[Role::FrontDesk]).await;
    let [ada, bo, cy] = three(&pool, &desk).await;
    clients::set_status(&pool, &desk, bo, Status::Inactive).await.unwrap();
    let form = status(Status::Inactive, &[ada, bo, cy]);
    let id = bulk::start(&pool, &desk, &form).await.unwrap();
    // Gone between the start and its turn.
    sqlx::query("delete from client where number = $1").bind(cy.get()).execute(&pool).await.unwrap();
    work(&pool).await;
    let view = show(&pool, &desk, id).await;
    assert_eq!(view.state, BulkState::Done);
    assert_eq!(outcomes(&view), [(ada, Outcome::Done), (bo, Outcome::Nothing), (cy, Outcome::Refused)]);
    let gone = view.rows.rows.iter().find(|row| row.number == cy).unwrap();
    assert_eq!((gone.reason.as_str(), &gone.name), ("Not found.", &None));
    assert_eq!(view.rows.rows[0].number, cy, "what was refused comes first");
    let progress = bulk::progress(&pool, &desk, id).await.unwrap();
    assert_eq!((progress.answered, progress.total, progress.under_way), (3, 3, false));
}

#[testkit::test]
async fn undoing_restores_what_was_not_changed_since(pool: PgPool) {
    let desk = member(&pool, "desk", &[Role::FrontDesk]).await;
    let numbers @ [ada, bo, cy] = three(&pool, &desk).await;
    clients::set_status(&pool, &desk, bo, Status::Prospect).await.unwrap();
    let view = done(&pool, &desk, &status(Status::Inactive, &numbers)).await;
    clients::set_status(&pool, &desk, cy, Status::Prospect).await.unwrap();
    bulk::undo(&pool, &desk, view.id).await.unwrap();
    work(&pool).await;
    // Ada and Bo as they were; Cy as someone made them since.
    assert_eq!(statuses(&pool).await, ["active", "prospect", "prospect"]);
    let view = show(&pool, &desk, view.id).await;
    assert_eq!((view.state, view.counts.undone, view.counts.kept), (BulkState::Undone, 2, 1));
    let kept = &view.rows.rows[0];
    assert_eq!((kept.number, kept.undo_reason.as_str()), (cy, "Changed since; left as it is."));
    // Undoing once more changes nothing.
    clients::set_status(&pool, &desk, ada, Status::Inactive).await.unwrap();
    bulk::undo(&pool, &desk, view.id).await.unwrap();
    work(&pool).await;
    assert_eq!(statuses(&pool).await, ["inactive", "prospect", "prospect"]);
}

/// Decided again, and the same again: it is someone's word, no longer the change's.
#[testkit::test]
async fn what_was_decided_since_is_not_taken_back_though_it_looks_the_same(pool: PgPool) {
    let desk = member(&pool, "desk", &[Role::FrontDesk]).await;
    let priya = member(&pool, "priya", &[Role::Practitioner]).await;
    let numbers @ [ada, bo, _] = three(&pool, &desk).await;
    let made = done(&pool, &desk, &status(Status::Inactive, &numbers)).await;
    let tagged = done(&pool, &desk, &tag("Summer", &numbers)).await;
    let assign = BulkForm { practitioner: priya.id().to_string(), ..order("assign", &numbers) };
    let assigned = done(&pool, &desk, &assign).await;
    let other = done(&pool, &desk, &tag("Winter", &numbers)).await;
    // Of Ada all is decided once more; of Bo something else is.
    clients::set_status(&pool, &desk, ada, Status::Active).await.unwrap();
    clients::set_status(&pool, &desk, ada, Status::Inactive).await.unwrap();
    let summer =
        shared::TagId(sqlx::query_scalar("select id from tag where name = 'Summer'").fetch_one(&pool).await.unwrap());
    for on in [false, true] {
        clients::set_tag(&pool, &desk, ada, summer, on).await.unwrap();
        clients::set_practitioner(&pool, &desk, ada, shared::StaffId(priya.id()), on).await.unwrap();
    }
    let mut form = testkit::reads::profile(&pool, &desk, bo).await.unwrap().form();
    form.alert = "Nuts".into();
    clients::update(&pool, &desk, bo, form).await.unwrap();
    for view in [&made, &tagged, &assigned] {
        bulk::undo(&pool, &desk, view.id).await.unwrap();
        work(&pool).await;
        let view = show(&pool, &desk, view.id).await;
        assert_eq!((view.counts.undone, view.counts.kept), (2, 1), "{:?}", view.action);
        assert_eq!(view.rows.rows[0].number, ada);
    }
    bulk::undo(&pool, &desk, other.id).await.unwrap();
    work(&pool).await;
    assert_eq!(tags(&pool).await, [(ada.get(), "Summer".to_owned())]);
    assert_eq!(statuses(&pool).await, ["inactive", "active", "active"]);
}

/// The newest first: after each undo all is as the change before had left it.
#[testkit::test]
async fn changes_are_undone_from_the_last(pool: PgPool) {
    let desk = member(&pool, "desk", &[Role::FrontDesk]).await;
    let priya = member(&pool, "priya", &[Role::Practitioner]).await;
    let numbers = three(&pool, &desk).await;
    let on = |action: &str| BulkForm { practitioner: priya.id().to_string(), ..order(action, &numbers) };
    let mut views = vec![
        done(&pool, &desk, &status(Status::Inactive, &numbers)).await,
        done(&pool, &desk, &status(Status::Active, &numbers)).await,
        done(&pool, &desk, &tag("Summer", &numbers)).await,
    ];
    let summer: Uuid = sqlx::query_scalar("select id from tag").fetch_one(&pool).await.unwrap();
    let remove = BulkForm { tag: summer.to_string(), ..order("remove_tag", &numbers) };
    views.push(done(&pool, &desk, &remove).await);
    views.push(done(&pool, &desk, &on("assign")).await);
    views.push(done(&pool, &desk, &on("unassign")).await);
    for view in views.iter().rev() {
        bulk::undo(&pool, &desk, view.id).await.unwrap();
        work(&pool).await;
        let counts = show(&pool, &desk, view.id).await.counts;
        assert_eq!((counts.done, counts.undone, counts.kept), (3, 3, 0), "{:?}", view.action);
    }
    assert_eq!(statuses(&pool).await, ["active"; 3]);
    assert!(tags(&pool).await.is_empty());
}

/// Access that was taken away once more does not come back with an undo.
#[testkit::test]
async fn what_was_taken_away_again_stays_away(pool: PgPool) {
    let desk = member(&pool, "desk", &[Role::FrontDesk]).await;
    let priya = member(&pool, "priya", &[Role::Practitioner]).await;
    let numbers @ [ada, bo, cy] = three(&pool, &desk).await;
    let on = |action: &str, numbers: &[ClientNumber]| BulkForm {
        practitioner: priya.id().to_string(),
        ..order(action, numbers)
    };
    done(&pool, &desk, &on("assign", &numbers)).await;
    let view = done(&pool, &desk, &on("unassign", &numbers)).await;
    // By hand, and by a change of many.
    for assigned in [true, false] {
        clients::set_practitioner(&pool, &desk, ada, shared::StaffId(priya.id()), assigned).await.unwrap();
    }
    done(&pool, &desk, &on("assign", &[bo])).await;
    done(&pool, &desk, &on("unassign", &[bo])).await;
    bulk::undo(&pool, &desk, view.id).await.unwrap();
    work(&pool).await;
    let counts = show(&pool, &desk, view.id).await.counts;
    assert_eq!((counts.undone, counts.kept), (1, 2));
    assert!(testkit::reads::profile(&pool, &priya, cy).await.is_ok());
    for gone in [ada, bo] {
        assert_eq!(refusal(testkit::reads::profile(&pool, &priya, gone).await), Refusal::NotFound);
    }
}

#[testkit::test]
async fn deleted_client_in_selection_is_reported(pool: PgPool) {
    let desk = member(&pool, "desk", &[Role::FrontDesk]).await;
    let priya = member(&pool, "priya", &[Role::Practitioner]).await;
    let [ada, bo, cy] = three(&pool, &desk).await;
    db::deletion::delete(&pool, &desk, bo).await.unwrap();
    let view = done(&pool, &desk, &status(Status::Inactive, &[ada, bo, ClientNumber::new(999_999)])).await;
    assert_eq!(
        outcomes(&view),
        [(ada, Outcome::Done), (bo, Outcome::Refused), (ClientNumber::new(999_999), Outcome::Refused)]
    );
    // Of the people one may not see nothing more is told than of those who are not.
    clients::set_practitioner(&pool, &desk, ada, shared::StaffId(priya.id()), true).await.unwrap();
    let view = done(&pool, &priya, &tag("Summer", &[ada, bo, cy])).await;
    assert_eq!(outcomes(&view), [(ada, Outcome::Done), (bo, Outcome::Refused), (cy, Outcome::Refused)]);
    let refused: Vec<_> = view.rows.rows.iter().filter(|row| row.outcome == Some(Outcome::Refused)).collect();
    assert_eq!((refused[0].reason.as_str(), &refused[0].name), (refused[1].reason.as_str(), &refused[1].name));
    assert_eq!(refused[0].name, None);
}

#[testkit::test]
async fn tags_and_practitioners_come_and_go(pool: PgPool) {
    let desk = member(&pool, "desk", &[Role::FrontDesk]).await;
    let priya = member(&pool, "priya", &[Role::Practitioner]).await;
    let numbers @ [ada, bo, _] = three(&pool, &desk).await;
    let first = done(&pool, &desk, &tag("Summer 🌞", &[ada])).await;
    assert_eq!(first.label, "Summer 🌞");
    // The same name in another case is the same tag; Ada has it already.
    let view = done(&pool, &desk, &tag("summer 🌞", &numbers)).await;
    assert_eq!((view.counts.done, view.counts.nothing), (2, 1));
    bulk::undo(&pool, &desk, view.id).await.unwrap();
    work(&pool).await;
    assert_eq!(tags(&pool).await, [(ada.get(), "Summer 🌞".to_owned())], "Ada had it before");

    let assign = BulkForm { practitioner: priya.id().to_string(), ..order("assign", &[ada, bo]) };
    let view = done(&pool, &desk, &assign).await;
    assert_eq!((view.counts.done, view.label.as_str()), (2, "priya Test"));
    assert!(testkit::reads::profile(&pool, &priya, ada).await.is_ok());
    let unassign = BulkForm { practitioner: priya.id().to_string(), ..order("unassign", &[ada]) };
    done(&pool, &desk, &unassign).await;
    assert_eq!(refusal(testkit::reads::profile(&pool, &priya, ada).await), Refusal::NotFound);
    // The assignment is undone where it still stands.
    bulk::undo(&pool, &desk, view.id).await.unwrap();
    work(&pool).await;
    let view = show(&pool, &desk, view.id).await;
    assert_eq!((view.counts.undone, view.counts.kept), (1, 1));
}

#[testkit::test]
async fn a_practitioner_tags_those_assigned_and_does_no_more(pool: PgPool) {
    let desk = member(&pool, "desk", &[Role::FrontDesk]).await;
    let priya = member(&pool, "priya", &[Role::Practitioner]).await;
    let [ada, bo, _] = three(&pool, &desk).await;
    clients::set_practitioner(&pool, &desk, ada, shared::StaffId(priya.id()), true).await.unwrap();
    for action in ["status", "assign", "unassign", "send_reset", "delete"] {
        let form =
            BulkForm { status: "inactive".into(), practitioner: priya.id().to_string(), ..order(action, &[ada]) };
        assert_eq!(refusal(bulk::start(&pool, &priya, &form).await), Refusal::Forbidden, "{action}");
    }
    // Bo is not among those she sees: as if the number were no one's.
    let view = done(&pool, &priya, &tag("Mine", &[ada, bo])).await;
    assert_eq!(outcomes(&view), [(ada, Outcome::Done), (bo, Outcome::Refused)]);
    assert_eq!(refusal(bulk::start(&pool, &priya, &tag("Mine", &[bo])).await), Refusal::NotFound);
    let all = BulkForm { all: true, numbers: vec![], ..tag("Everyone", &[]) };
    let id = bulk::start(&pool, &priya, &all).await.unwrap();
    assert_eq!(show(&pool, &priya, id).await.counts.total, 1);
    // Unassigned after the start: asked again when its turn comes.
    bulk::confirm(&pool, &priya, id).await.unwrap();
    clients::set_practitioner(&pool, &desk, ada, shared::StaffId(priya.id()), false).await.unwrap();
    work(&pool).await;
    let view = show(&pool, &priya, id).await;
    assert_eq!((outcomes(&view), view.rows.rows[0].name.clone()), (vec![(ada, Outcome::Refused)], None));
    // No one else's business, but an administrator's; a client finds nothing.
    let admin = member(&pool, "admin", &[Role::Administrator]).await;
    assert_eq!(refusal(bulk::show(&pool, &desk, id, None, 1).await), Refusal::NotFound);
    assert!(bulk::show(&pool, &admin, id, None, 1).await.is_ok());
    let ana = client_actor(&pool, "Ana").await;
    assert_eq!(refusal(bulk::start(&pool, &ana, &all).await), Refusal::NotFound);
    assert_eq!(refusal(bulk::show(&pool, &ana, id, None, 1).await), Refusal::NotFound);
}

#[testkit::test]
async fn the_starters_permissions_are_those_of_the_moment(pool: PgPool) {
    let desk = member(&pool, "desk", &[Role::FrontDesk]).await;
    let numbers = three(&pool, &desk).await;
    let id = bulk::start(&pool, &desk, &status(Status::Inactive, &numbers)).await.unwrap();
    sqlx::query("update staff_member set active = false where id = $1").bind(desk.id()).execute(&pool).await.unwrap();
    work(&pool).await;
    let view = show(&pool, &desk, id).await;
    assert_eq!(
        (view.counts.refused, view.rows.rows[0].reason.as_str()),
        (3, "The person who started this can’t log in any more.")
    );
    assert_eq!(statuses(&pool).await, ["active"; 3]);
}

#[testkit::test]
async fn a_double_submit_is_one_change(pool: PgPool) {
    let desk = member(&pool, "desk", &[Role::FrontDesk]).await;
    let numbers = three(&pool, &desk).await;
    let form = tag("Twice", &numbers);
    let (one, two) = tokio::join!(bulk::start(&pool, &desk, &form), bulk::start(&pool, &desk, &form));
    assert_eq!(one.unwrap(), two.unwrap());
    // Another order from the same page is another change.
    let other = BulkForm { new_tag: "Other".into(), ..form.clone() };
    let other = bulk::start(&pool, &desk, &other).await.unwrap();
    assert_ne!(other, bulk::start(&pool, &desk, &form).await.unwrap());
}

#[testkit::test]
async fn what_cannot_be_undone_or_is_large_waits_to_be_confirmed(pool: PgPool) {
    let desk = member(&pool, "desk", &[Role::FrontDesk]).await;
    let other = member(&pool, "other", &[Role::Administrator]).await;
    let numbers = three(&pool, &desk).await;
    let all = BulkForm { all: true, query: "q=Bulk&status=active".into(), ..status(Status::Inactive, &[]) };
    for form in [order("send_reset", &numbers), all] {
        let id = bulk::start(&pool, &desk, &form).await.unwrap();
        work(&pool).await;
        let view = show(&pool, &desk, id).await;
        assert_eq!((view.state, view.counts.total, view.counts.done), (BulkState::Draft, 3, 0));
        assert_eq!(refusal(bulk::confirm(&pool, &other, id).await), Refusal::Forbidden);
        bulk::confirm(&pool, &desk, id).await.unwrap();
        bulk::confirm(&pool, &desk, id).await.unwrap();
        work(&pool).await;
        assert_eq!(show(&pool, &desk, id).await.state, BulkState::Done);
    }
    assert_eq!(statuses(&pool).await, ["inactive"; 3]);
}

/// An appointment of a client with any practitioner.
async fn booked(pool: &PgPool, client: ClientNumber, practitioner: &Actor) {
    sqlx::query(
        "with place as (
             insert into location (id, name, zone) values (gen_random_uuid(), 'Elm', 'America/Toronto') returning id),
         offer as (
             insert into service (id, name, duration_minutes) values (gen_random_uuid(), 'Talk', 50) returning id)
         insert into visit (id, service_id, practitioner_id, location_id, client_id, starts_at, ends_at, zone,
                                  buffer_minutes, price_cents, request_key, booked_by)
         select gen_random_uuid(), offer.id, $2, place.id, c.id, now() + interval '1 day', now() + interval '1 day 50 minutes',
                'America/Toronto', 0, 0, gen_random_uuid(), $2 from place, offer, client c where c.number = $1",
    )
    .bind(client.get())
    .bind(practitioner.id())
    .execute(pool)
    .await
    .unwrap();
}

#[testkit::test]
async fn impossible_prospects_are_reported_before_anything_changes(pool: PgPool) {
    let desk = member(&pool, "desk", &[Role::FrontDesk, Role::Practitioner]).await;
    let numbers = three(&pool, &desk).await;
    booked(&pool, numbers[1], &desk).await;
    let id = bulk::start(&pool, &desk, &status(Status::Prospect, &numbers)).await.unwrap();
    work(&pool).await;
    let view = show(&pool, &desk, id).await;
    assert_eq!((view.state, view.cannot, view.counts.total, view.counts.done), (BulkState::Draft, 1, 3, 0));
    // Those who cannot come first, with the reason.
    let cannot: Vec<_> = view.rows.rows.iter().map(|row| (row.number, row.cannot)).collect();
    assert_eq!(cannot, [(numbers[1], true), (numbers[0], false), (numbers[2], false)]);
    assert_eq!(view.rows.rows[0].reason, Problem::NeverUsed.to_string());
    bulk::confirm(&pool, &desk, id).await.unwrap();
    work(&pool).await;
    let view = show(&pool, &desk, id).await;
    assert_eq!((view.cannot, view.counts.done, view.counts.refused), (0, 2, 1));
    // Of those who all can, nothing is asked.
    let free = bulk::start(&pool, &desk, &status(Status::Prospect, &[numbers[0], numbers[2]])).await.unwrap();
    assert_eq!(show(&pool, &desk, free).await.state, BulkState::Running);
}

#[testkit::test]
async fn a_new_tag_is_made_once_it_is_confirmed(pool: PgPool) {
    let desk = member(&pool, "desk", &[Role::FrontDesk]).await;
    let numbers = three(&pool, &desk).await;
    let made = async || sqlx::query_scalar::<_, i64>("select count(*) from tag").fetch_one(&pool).await.unwrap();
    let all = BulkForm { all: true, ..tag("Everyone", &[]) };
    let id = bulk::start(&pool, &desk, &all).await.unwrap();
    work(&pool).await;
    let view = show(&pool, &desk, id).await;
    assert_eq!((view.state, view.label.as_str(), made().await), (BulkState::Draft, "Everyone", 0));
    bulk::confirm(&pool, &desk, id).await.unwrap();
    assert_eq!(made().await, 1);
    bulk::confirm(&pool, &desk, id).await.unwrap();
    work(&pool).await;
    assert_eq!(tags(&pool).await, numbers.map(|number| (number.get(), "Everyone".to_owned())));
    assert_eq!(made().await, 1);
}

#[testkit::test]
async fn a_reset_link_goes_to_those_who_have_a_log_in(pool: PgPool) {
    let desk = member(&pool, "desk", &[Role::FrontDesk]).await;
    let [ada, bo, cy] = three(&pool, &desk).await;
    for (number, email) in [(ada, Some("ada@example.com")), (bo, None)] {
        sqlx::query(
            "with c as (update client set email = $2 where number = $1 returning id)
             insert into account (id, username, client_id) select gen_random_uuid(), 'of-' || $1, id from c",
        )
        .bind(number.get())
        .bind(email)
        .execute(&pool)
        .await
        .unwrap();
    }
    let id = bulk::start(&pool, &desk, &order("send_reset", &[ada, bo, cy])).await.unwrap();
    bulk::confirm(&pool, &desk, id).await.unwrap();
    bulk::work_on(&pool, id, Duration::from_secs(9)).await.unwrap();
    let view = show(&pool, &desk, id).await;
    assert_eq!(outcomes(&view), [(ada, Outcome::Done), (bo, Outcome::Refused), (cy, Outcome::Refused)]);
    let reason = |number| view.rows.rows.iter().find(|row| row.number == number).unwrap().reason.clone();
    assert_eq!(reason(cy), "No portal account.");
    assert_eq!(reason(bo), "Enter an email. The link is sent there.");
    assert_eq!(refusal(bulk::undo(&pool, &desk, id).await), Refusal::Forbidden);
    let sent: i64 =
        sqlx::query_scalar("select count(*) from message where kind = 'reset'").fetch_one(&pool).await.unwrap();
    assert_eq!(sent, 1);
}

#[testkit::test]
async fn two_servers_share_the_work_and_do_no_row_twice(pool: PgPool) {
    let desk = member(&pool, "desk", &[Role::FrontDesk]).await;
    let mut numbers = Vec::new();
    for index in 0..40 {
        numbers.push(client(&pool, &desk, &format!("N{index}")).await);
    }
    let id = bulk::start(&pool, &desk, &status(Status::Inactive, &numbers)).await.unwrap();
    tokio::join!(work(&pool), work(&pool));
    let view = show(&pool, &desk, id).await;
    assert_eq!((view.state, view.counts.done), (BulkState::Done, 40));
    let changes: i64 = sqlx::query_scalar("select count(*) from audit where action = 'update' and fields = '{status}'")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(changes, 40);
    assert!(db::audit::verify(&mut pool.acquire().await.unwrap()).await.unwrap());
}

#[testkit::test]
async fn a_tag_removed_meanwhile_is_reported(pool: PgPool) {
    let desk = member(&pool, "desk", &[Role::FrontDesk]).await;
    let numbers = three(&pool, &desk).await;
    let id = bulk::start(&pool, &desk, &tag("Brief", &numbers)).await.unwrap();
    sqlx::query("delete from tag").execute(&pool).await.unwrap();
    work(&pool).await;
    let view = show(&pool, &desk, id).await;
    assert_eq!((view.counts.refused, view.label.as_str()), (3, "Brief"));
    let forged = BulkForm { tag: Uuid::now_v7().to_string(), ..order("add_tag", &numbers) };
    assert_eq!(refusal(bulk::start(&pool, &desk, &forged).await), Refusal::field("tag", Problem::Unknown));
}

/// Row by row, with the reasons of those who stay.
#[testkit::test]
async fn deleting_answers_row_by_row(pool: PgPool) {
    let desk = member(&pool, "desk", &[Role::FrontDesk]).await;
    let numbers @ [ada, bo, cy] = three(&pool, &desk).await;
    sqlx::query("insert into account (id, username, client_id) select gen_random_uuid(), 'bo', id from client where number = $1")
        .bind(bo.get())
        .execute(&pool)
        .await
        .unwrap();
    let id = bulk::start(&pool, &desk, &order("delete", &numbers)).await.unwrap();
    work(&pool).await;
    assert_eq!(statuses(&pool).await.len(), 3, "not confirmed");
    bulk::confirm(&pool, &desk, id).await.unwrap();
    work(&pool).await;
    let view = show(&pool, &desk, id).await;
    assert_eq!(outcomes(&view), [(ada, Outcome::Done), (bo, Outcome::Refused), (cy, Outcome::Done)]);
    assert_eq!(view.rows.rows[0].reason, "Referred to by: 1 portal account.");
    assert_eq!(statuses(&pool).await.len(), 1);
}

#[testkit::test]
async fn workers_need_one_connection_each(pool: PgPool) {
    let desk = member(&pool, "Dora", &[Role::FrontDesk]).await;
    let numbers = three(&pool, &desk).await;
    let mut forms = Vec::new();
    for name in ["one", "two", "three", "four"] {
        forms.push(bulk::start(&pool, &desk, &tag(name, &numbers)).await.unwrap());
    }
    let options = (*pool.connect_options()).clone();
    let few = sqlx::postgres::PgPoolOptions::new().max_connections(2).acquire_timeout(Duration::from_secs(5));
    let few = few.connect_with(options).await.unwrap();
    let works = forms.iter().map(|id| {
        let (few, id) = (few.clone(), *id);
        tokio::spawn(async move { bulk::work_on(&few, id, Duration::from_secs(20)).await })
    });
    for work in works.collect::<Vec<_>>() {
        work.await.unwrap().expect("no worker waits for a second connection");
    }
    few.close().await;
    let tagged: i64 = sqlx::query_scalar("select count(*) from client_tag").fetch_one(&pool).await.unwrap();
    assert_eq!(tagged, 12);
}
