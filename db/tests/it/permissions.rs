//! Portal permissions: what the practice answers, exceptions of single clients, and what follows
//! for the client and for those who act for them.

use crate::appointments::{Practice, at, grant_booking, practice};
use crate::reply::{family, link};
use db::messages::reply;
use db::permissions::{allows, of_client, offered, save_settings, set_exception, settings};
use db::{Actor, Error, PgPool, Result, appointments, authz, clients, links};
use shared::accounts::Role;
use shared::appointments::Move;
use shared::permissions::{Permission, Setting, Wanted, effective};
use shared::practice::HoursForm;
use shared::{AppointmentId, ClientId, ClientNumber, Refusal};
use testkit::{client_actor, number, refusal, staff_actor};

const EXCEPTIONS: [Option<bool>; 3] = [None, Some(false), Some(true)];

/// Every answer of the practice with every exception of Mia, all other permissions being on.
fn cells() -> impl Iterator<Item = (Permission, Setting, Option<bool>)> {
    let of = |permission: Permission| {
        Setting::ALL.iter().flat_map(move |setting| EXCEPTIONS.map(|exception| (permission, *setting, exception)))
    };
    Permission::ALL.iter().flat_map(move |permission| of(*permission))
}

async fn set(pool: &PgPool, client: &Actor, permission: Permission, setting: Setting, exception: Option<bool>) {
    sqlx::query("update portal_permission set setting = case permission when $1 then $2 else 'on' end")
        .bind(permission.as_str())
        .bind(setting.as_str())
        .execute(pool)
        .await
        .unwrap();
    sqlx::query("delete from client_portal_permission").execute(pool).await.unwrap();
    if let Some(allowed) = exception {
        sqlx::query(
            "insert into client_portal_permission (client_id, permission, allowed, set_by)
             select $1, $2, $3, id from staff_member limit 1",
        )
        .bind(client.id())
        .bind(permission.as_str())
        .bind(allowed)
        .execute(pool)
        .await
        .unwrap();
    }
}

/// Whether it was done; else it must have been refused in one of these ways.
fn done<T: std::fmt::Debug>(answer: Result<T>, otherwise: &[Refusal]) -> bool {
    match answer {
        Ok(_) => true,
        Err(Error::Refused(refusal)) => {
            assert!(otherwise.contains(&refusal), "{refusal:?}");
            false
        }
        Err(error) => panic!("{error}"),
    }
}

fn to(appointment: AppointmentId, version: i32, days: u64) -> Move {
    Move { appointment, version, starts_at: at(days), practitioner: None, room: None, over: None }
}

/// What an appointment of Mia's lets a reader of the portal do, by the operations themselves.
struct Tried<'a> {
    pool: &'a PgPool,
    practice: &'a Practice,
    mia: &'a Actor,
}

impl Tried<'_> {
    /// Booked by staff, on a day that nothing else is on.
    async fn visit(&self, days: u64) -> AppointmentId {
        let booking = self.practice.booking(self.mia, at(days));
        let id = appointments::book(self.pool, &self.practice.staff, booking).await.unwrap();
        sqlx::query("update appointment_participant set assigned = 'everyone'").execute(self.pool).await.unwrap();
        id
    }

    async fn gone(&self) {
        sqlx::query("delete from appointment").execute(self.pool).await.unwrap();
    }

    async fn listed(&self, who: &Actor, id: AppointmentId) -> bool {
        let all = appointments::mine(self.pool, who.client().unwrap()).await.unwrap();
        let found = all.iter().any(|one| one.id == id);
        assert_eq!(
            done(appointments::mine_one(self.pool, who.client().unwrap(), id).await, &[Refusal::NotFound]),
            found
        );
        found
    }

    /// By who is logged in as `who`: whether Mia is offered for booking, and can be booked.
    async fn books(&self, who: &Actor) -> bool {
        let who_for = links::bookable_by(self.pool, who.client().unwrap()).await.unwrap();
        let named = who_for.iter().any(|one| one.id.0 == self.mia.id());
        let booking = self.practice.booking(self.mia, at(9));
        let booked = done(appointments::book(self.pool, who, booking).await, &[Refusal::Forbidden]);
        assert_eq!(named, booked);
        self.gone().await;
        booked
    }

    async fn moves(&self, who: &Actor) -> bool {
        let id = self.visit(9).await;
        let shown = appointments::mine_of(self.pool, who.client().unwrap(), id, ClientId(self.mia.id())).await.unwrap();
        let moved = appointments::reschedule(self.pool, who, to(id, shown.version, 10), "").await;
        let moved = done(moved, &[Refusal::Forbidden]);
        assert_eq!(shown.may_move, moved);
        self.gone().await;
        moved
    }

    async fn cancels(&self, who: &Actor) -> bool {
        let id = self.visit(9).await;
        let shown = appointments::mine_of(self.pool, who.client().unwrap(), id, ClientId(self.mia.id())).await.unwrap();
        let cancelled = done(appointments::cancel(self.pool, who, id).await, &[Refusal::Forbidden]);
        assert_eq!(shown.may_cancel, cancelled);
        self.gone().await;
        cancelled
    }

    async fn past(&self) -> AppointmentId {
        let id = self.visit(9).await;
        sqlx::query(
            "update appointment set starts_at = starts_at - interval '30 days', ends_at = ends_at - interval '30 days'",
        )
        .execute(self.pool)
        .await
        .unwrap();
        id
    }
}

#[testkit::test]
async fn the_function_of_the_database_answers_as_the_rule_says(pool: PgPool) {
    staff_actor(&pool, "Dora", &[Role::FrontDesk]).await;
    let mia = client_actor(&pool, "Mia").await;
    let mut conn = pool.acquire().await.unwrap();
    for (permission, setting, exception) in cells() {
        set(&pool, &mia, permission, setting, exception).await;
        let answer = allows(&mut conn, ClientId(mia.id()), permission).await.unwrap();
        assert_eq!(answer, effective(setting, exception), "{permission:?} {setting:?} {exception:?}");
        assert_eq!(offered(&pool, mia.client().unwrap()).await.unwrap().own(permission), answer);
    }
    // What is not in the list is denied.
    let unknown: bool =
        sqlx::query_scalar("select portal_may($1, 'fly')").bind(mia.id()).fetch_one(&pool).await.unwrap();
    assert!(!unknown);
}

#[testkit::test]
async fn the_list_of_permissions_is_closed_and_the_same_in_code_and_database(pool: PgPool) {
    let stored: Vec<String> =
        sqlx::query_scalar("select permission from portal_permission order by 1").fetch_all(&pool).await.unwrap();
    let mut known: Vec<String> = Permission::ALL.iter().map(|one| one.as_str().to_owned()).collect();
    known.sort();
    assert_eq!(stored, known);
}

#[testkit::test]
async fn a_permission_counts_for_the_client_and_for_their_parent_alike(pool: PgPool) {
    let practice = practice(&pool).await;
    sqlx::query("update practice set portal_bookings_max = 200").execute(&pool).await.unwrap();
    let (mia, ana) = (client_actor(&pool, "Mia").await, client_actor(&pool, "Ana").await);
    grant_booking(&pool, &ana, &mia).await;
    let tried = Tried { pool: &pool, practice: &practice, mia: &mia };
    for (permission, setting, exception) in cells() {
        set(&pool, &mia, permission, setting, exception).await;
        let expected = effective(setting, exception);
        let what = format!("{permission:?} {setting:?} {exception:?}");
        for (who, name) in [(&mia, "own"), (&ana, "proxy")] {
            let what = format!("{what} {name}");
            match permission {
                Permission::SeeAppointments => {
                    let id = tried.visit(9).await;
                    assert_eq!(tried.listed(who, id).await, expected, "{what}");
                    tried.gone().await;
                }
                Permission::Book => assert_eq!(tried.books(who).await, expected, "{what}"),
                Permission::Move => assert_eq!(tried.moves(who).await, expected, "{what}"),
                Permission::Cancel => assert_eq!(tried.cancels(who).await, expected, "{what}"),
                Permission::SeeHistory => {
                    let id = tried.past().await;
                    let sees = expected && name == "own";
                    assert_eq!(tried.listed(who, id).await, sees, "{what}: others never see what is past");
                    tried.gone().await;
                }
                Permission::EditAvailability if name == "own" => {
                    let answer = clients::save_availability(&pool, who, None, &HoursForm::default()).await;
                    assert_eq!(done(answer, &[Refusal::Forbidden]), expected, "{what}");
                }
                _ => {}
            }
            let any = offered(&pool, who.client().unwrap()).await.unwrap().any(permission);
            // She grants booking alone.
            let granted = matches!(
                permission,
                Permission::SeeAppointments
                    | Permission::Book
                    | Permission::Move
                    | Permission::Cancel
                    | Permission::SeePractitioners
            );
            match name {
                "own" => assert_eq!(any, expected, "{what}"),
                // Ana's own permission is the practice's answer.
                _ => assert_eq!(any, setting == Setting::On || expected && granted, "{what}"),
            }
        }
    }
}

#[testkit::test]
async fn the_link_in_a_mail_does_no_more_than_the_portal(pool: PgPool) {
    let practice = practice(&pool).await;
    let (mia, ..) = family(&pool).await;
    for (permission, setting, exception) in cells() {
        if !matches!(permission, Permission::SeeAppointments | Permission::Move | Permission::Cancel) {
            continue;
        }
        set(&pool, &mia, Permission::Book, Setting::On, None).await;
        let id = appointments::book(&pool, &practice.staff, practice.booking(&mia, at(3))).await.unwrap();
        let links = [link(&pool, "mia@kin.test").await.unwrap(), link(&pool, "ana@kin.test").await.unwrap()];
        set(&pool, &mia, permission, setting, exception).await;
        let expected = effective(setting, exception);
        for (secret, reader) in links.iter().zip(["own", "proxy"]) {
            let what = format!("{permission:?} {setting:?} {exception:?} {reader}");
            let opened = reply::open(&pool, secret).await;
            if permission == Permission::SeeAppointments {
                assert_eq!(done(reply::confirm(&pool, secret).await, &[Refusal::Forbidden]), expected, "{what}");
                assert_eq!(done(opened, &[Refusal::Forbidden]), expected, "{what}");
                continue;
            }
            let opened = opened.unwrap();
            let (person, actor) = (opened.person, opened.reader);
            let one = appointments::mine_of(&pool, actor.client().unwrap(), id, person).await.unwrap();
            if permission == Permission::Move {
                let days = if reader == "own" { 5 } else { 7 };
                let moved = appointments::reschedule(&pool, &actor, to(id, one.version, days), "").await;
                assert_eq!((done(moved, &[Refusal::Forbidden]), one.may_move), (expected, expected), "{what}");
            } else {
                let form = shared::appointments::CancelForm { client: person.to_string(), ..Default::default() };
                let cancelled = appointments::cancel_with(&pool, &actor, id, &form).await;
                assert_eq!((done(cancelled, &[Refusal::Forbidden]), one.may_cancel), (expected, expected), "{what}");
            }
        }
        sqlx::raw_sql("delete from message_copy; delete from message; delete from appointment")
            .execute(&pool)
            .await
            .unwrap();
    }
}

#[testkit::test]
async fn a_mail_has_no_link_where_appointments_are_not_shown(pool: PgPool) {
    let practice = practice(&pool).await;
    let (mia, ..) = family(&pool).await;
    set(&pool, &mia, Permission::SeeAppointments, Setting::Never, Some(true)).await;
    appointments::book(&pool, &practice.staff, practice.booking(&mia, at(3))).await.unwrap();
    assert!(link(&pool, "mia@kin.test").await.is_none());
    assert!(link(&pool, "ana@kin.test").await.is_none());
}

#[testkit::test]
async fn without_anyone_to_book_for_no_time_is_kept(pool: PgPool) {
    let practice = practice(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    set(&pool, &mia, Permission::Book, Setting::Never, None).await;
    let held = appointments::hold(&pool, &mia, practice.booking(&mia, at(3))).await;
    assert_eq!(refusal(held), Refusal::Forbidden);
}

async fn of(pool: &PgPool, actor: &Actor, client: ClientNumber) -> Vec<db::permissions::ClientPermission> {
    let mut conn = pool.acquire().await.unwrap();
    let client = authz::readable(&mut conn, actor, client).await.unwrap();
    of_client(&mut conn, &client).await.unwrap()
}

#[testkit::test]
async fn an_exception_says_who_made_it_and_ends_with_the_answer_of_the_practice(pool: PgPool) {
    let desk = staff_actor(&pool, "Dora", &[Role::FrontDesk]).await;
    let other = staff_actor(&pool, "Olga", &[Role::FrontDesk]).await;
    let client = ClientId(client_actor(&pool, "Mia").await.id());
    let mia = number(&pool, client).await;
    set_exception(&pool, &desk, mia, Permission::Book, Some(false)).await.unwrap();
    let book = |all: Vec<db::permissions::ClientPermission>| {
        all.into_iter().find(|one| one.permission == Permission::Book).unwrap()
    };
    let first = book(of(&pool, &desk, mia).await);
    assert_eq!((first.exception, first.set_by.as_deref(), first.allows()), (Some(false), Some("Dora Test"), false));
    assert!(first.set_at.is_some());
    // The same again changes nothing: who made it stays.
    set_exception(&pool, &other, mia, Permission::Book, Some(false)).await.unwrap();
    assert_eq!(book(of(&pool, &desk, mia).await), first);
    set_exception(&pool, &other, mia, Permission::Book, Some(true)).await.unwrap();
    assert_eq!(book(of(&pool, &desk, mia).await).set_by.as_deref(), Some("Olga Test"));
    set_exception(&pool, &desk, mia, Permission::Book, None).await.unwrap();
    let back = book(of(&pool, &desk, mia).await);
    assert_eq!((back.exception, back.set_by.as_deref(), back.allows()), (None, None, true));
    let audited: i64 = sqlx::query_scalar("select count(*) from audit where action = 'portal-permission'")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(audited, 3);
}

#[testkit::test]
async fn practitioners_and_clients_change_no_permissions(pool: PgPool) {
    let assigned = staff_actor(&pool, "Priya", &[Role::Practitioner]).await;
    let client = client_actor(&pool, "Mia").await;
    let mia = number(&pool, ClientId(client.id())).await;
    sqlx::query("insert into client_practitioner (client_id, practitioner_id) values ($1, $2)")
        .bind(client.id())
        .bind(assigned.id())
        .execute(&pool)
        .await
        .unwrap();
    let answer = set_exception(&pool, &assigned, mia, Permission::Book, Some(true)).await;
    assert_eq!(refusal(answer), Refusal::Forbidden);
    assert_eq!(refusal(set_exception(&pool, &client, mia, Permission::Book, Some(true)).await), Refusal::NotFound);
    let desk = staff_actor(&pool, "Dora", &[Role::FrontDesk]).await;
    for (actor, answer) in [(&desk, Refusal::Forbidden), (&client, Refusal::NotFound)] {
        assert_eq!(refusal(save_settings(&pool, actor, &Wanted::default()).await), answer);
    }
    assert_eq!(settings(&pool, &desk).await.unwrap().len(), Permission::ALL.len());
    assert_eq!(refusal(settings(&pool, &client).await), Refusal::NotFound);
}

#[testkit::test]
async fn a_stale_page_of_settings_changes_nothing(pool: PgPool) {
    let admin = staff_actor(&pool, "Ada", &[Role::Administrator]).await;
    let wanted = |book: Setting, seen: Setting| Wanted {
        settings: vec![(Permission::Book, book), (Permission::Move, Setting::Never)],
        seen: vec![(Permission::Book, seen), (Permission::Move, Setting::On)],
    };
    let stale = save_settings(&pool, &admin, &wanted(Setting::Off, Setting::Never)).await;
    assert_eq!(refusal(stale), Refusal::Stale);
    let of = async |permission: Permission| {
        let rows = settings(&pool, &admin).await.unwrap();
        rows.into_iter().find(|row| row.permission == permission).unwrap().setting
    };
    assert_eq!((of(Permission::Book).await, of(Permission::Move).await), (Setting::On, Setting::On));
    save_settings(&pool, &admin, &wanted(Setting::Off, Setting::On)).await.unwrap();
    assert_eq!((of(Permission::Book).await, of(Permission::Move).await), (Setting::Off, Setting::Never));
    let fields: Vec<String> = sqlx::query_scalar("select fields from audit where record_kind = 'portal_permission'")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(fields, ["book", "move"]);
}
