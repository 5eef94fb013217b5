//! Portal permissions on the site: page, menu and server function say the same, for oneself and for
//! someone acted for.

use crate::support::site;
use axum::Router;
use axum::http::StatusCode;
use db::PgPool;
use shared::permissions::{Permission, Setting, effective};
use shared::{AppointmentId, ClientId};
use testkit::{Demo, Session, Wish, apart, free_times, number};

struct Portal {
    pool: PgPool,
    demo: Demo,
    parent: Session<Router>,
    desk: Session<Router>,
    /// Free times of which no two touch.
    times: Vec<chrono::DateTime<chrono::Utc>>,
}

impl Portal {
    async fn new(pool: &PgPool) -> Portal {
        let demo = Demo::load(pool).await;
        let site = site(pool.clone());
        let times = apart(&free_times(pool, demo.family_session, demo.priya).await, 180);
        let parent = Session::log_in(&site, "", "parent@demo.test").await;
        let desk = Session::log_in(&site, "", "staff@demo.test").await;
        Portal { pool: pool.clone(), demo, parent, desk, times }
    }

    async fn set(&self, client: ClientId, permission: Permission, setting: Setting, exception: Option<bool>) {
        sqlx::query("update portal_permission set setting = case permission when $1 then $2 else 'on' end")
            .bind(permission.as_str())
            .bind(setting.as_str())
            .execute(&self.pool)
            .await
            .unwrap();
        sqlx::query("delete from client_portal_permission").execute(&self.pool).await.unwrap();
        if let Some(allowed) = exception {
            sqlx::query(
                "insert into client_portal_permission (client_id, permission, allowed, set_by)
                 select $1, $2, $3, id from staff_member limit 1",
            )
            .bind(client.0)
            .bind(permission.as_str())
            .bind(allowed)
            .execute(&self.pool)
            .await
            .unwrap();
        }
    }

    fn wish(&self, client: ClientId, staff: bool, time: usize) -> Wish {
        let (service, practitioner) = (self.demo.family_session, self.demo.priya);
        Wish { staff, service, practitioner, client, starts_at: self.times[time], key: db::new_id() }
    }

    /// Booked by staff, at the time of that number.
    async fn visit(&self, client: ClientId, time: usize) -> AppointmentId {
        let wish = self.wish(client, true, time);
        let answer = self.desk.post(wish.action(), &wish.fields()).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let id =
            sqlx::query_scalar("select id from visit where starts_at = $1 and client_id = $2 and status = 'confirmed'");
        AppointmentId(id.bind(wish.starts_at).bind(client.0).fetch_one(&self.pool).await.unwrap())
    }

    async fn body(&self, path: &str) -> (StatusCode, String) {
        let answer = self.parent.get(path).await;
        (answer.status, answer.body.replace("<!>", ""))
    }
}

/// What may be done says the answer to a post: done, or not permitted.
fn is_done(status: StatusCode) -> bool {
    assert!([StatusCode::SEE_OTHER, StatusCode::FORBIDDEN].contains(&status), "{status}");
    status == StatusCode::SEE_OTHER
}

const CELLS: [(Setting, Option<bool>); 5] = [
    (Setting::Never, Some(true)),
    (Setting::Off, None),
    (Setting::Off, Some(true)),
    (Setting::On, Some(false)),
    (Setting::On, None),
];

#[testkit::test]
async fn booking_moving_and_cancelling_show_and_do_what_the_permission_says(pool: PgPool) {
    let portal = Portal::new(&pool).await;
    let mut time = 0;
    for client in [portal.demo.ana, portal.demo.leo] {
        for (setting, exception) in CELLS {
            let expected = effective(setting, exception);
            let what = format!("{setting:?} {exception:?} {client}");

            portal.set(client, Permission::Book, setting, exception).await;
            let wish = portal.wish(client, false, time);
            assert_eq!(
                is_done(portal.parent.post(wish.action(), &wish.fields()).await.status),
                expected,
                "book {what}"
            );
            let page = format!("/book?for={client}&service={}", wish.service);
            // Another who may be booked is asked for in place of this one.
            let (_, body) = portal.body(&page).await;
            let main = &body[body.find("<main").unwrap()..body.find("</main>").unwrap()];
            assert_eq!(
                main.contains("name=\"form[slot]\"") || main.contains("week-head"),
                expected,
                "book page {what}"
            );

            portal.set(client, Permission::Move, setting, exception).await;
            let id = portal.visit(client, time + 1).await;
            let (status, body) = portal.body(&format!("/my/appointments/{id}?for={client}")).await;
            assert_eq!(status, StatusCode::OK);
            assert_eq!(body.contains(&format!("/my/appointments/{id}/move")), expected, "move button {what}");
            let (_, body) = portal.body(&format!("/my/appointments/{id}/move?for={client}")).await;
            assert_eq!(body.contains("action=\"/fn/portal/move\""), expected, "move page {what}");
            let to = shared::appointments::instant_text(portal.times[time + 2]);
            let fields = [
                ("form[appointment]", id.to_string()),
                ("form[version]", "1".to_owned()),
                ("form[slot]", format!("{to} {}", portal.demo.priya)),
            ];
            assert_eq!(is_done(portal.parent.post("/fn/portal/move", &fields).await.status), expected, "move {what}");

            portal.set(client, Permission::Cancel, setting, exception).await;
            let (_, body) = portal.body(&format!("/my/appointments/{id}?for={client}")).await;
            assert_eq!(body.contains(&format!("/my/appointments/{id}/cancel")), expected, "cancel button {what}");
            let (_, body) = portal.body(&format!("/my/appointments/{id}/cancel?for={client}")).await;
            assert_eq!(body.contains("action=\"/fn/portal/cancel\""), expected, "cancel page {what}");
            let fields = [("appointment", id.to_string()), ("form[client]", client.to_string())];
            assert_eq!(
                is_done(portal.parent.post("/fn/portal/cancel", &fields).await.status),
                expected,
                "cancel {what}"
            );
            time += 3;
        }
    }
}

/// The pages about oneself: one that may not be seen is none, and the menu has it only where there is one.
const PAGES: [(Permission, &str); 4] = [
    (Permission::SeeHistory, "/my/history"),
    (Permission::EditDetails, "/my/details/edit"),
    (Permission::EditAvailability, "/my/availability"),
    (Permission::SeePractitioners, "/my/practitioners"),
];

/// Every answer of the practice with every exception.
fn cells() -> impl Iterator<Item = (Setting, Option<bool>)> {
    Setting::ALL.iter().flat_map(|setting| [None, Some(false), Some(true)].map(|exception| (*setting, exception)))
}

#[testkit::test]
async fn every_page_of_the_portal_is_there_as_the_permission_says(pool: PgPool) {
    let portal = Portal::new(&pool).await;
    sqlx::query("update portal_detail set setting = 'editable'").execute(&pool).await.unwrap();
    // Linked to no one: what is offered is one's own.
    let sam = Session::log_in(&site(pool.clone()), "", "unlinked@demo.test").await;
    for (permission, page) in PAGES {
        for (setting, exception) in cells() {
            portal.set(portal.demo.sam, permission, setting, exception).await;
            let (expected, what) = (effective(setting, exception), format!("{page} {setting:?} {exception:?}"));
            let answer = sam.get(page).await;
            assert_eq!(answer.status == StatusCode::OK, expected, "{what}: {}", answer.status);
            assert!(expected || [StatusCode::FORBIDDEN, StatusCode::NOT_FOUND].contains(&answer.status), "{what}");
            // No page leads to where there is none.
            for from in ["/my", "/my/details", "/my/appointments"] {
                let body = sam.get(from).await.body;
                assert!(expected || !body.contains(&format!("href=\"{page}\"")), "{what} from {from}");
            }
            let version: i32 = sqlx::query_scalar("select version from client where id = $1")
                .bind(portal.demo.sam.0)
                .fetch_one(&pool)
                .await
                .unwrap();
            if permission == Permission::EditDetails {
                let fields = [
                    ("form[preferred_name]", format!("Sam {version}")),
                    ("form[edits][]", "preferred_name".to_owned()),
                    ("form[version]", version.to_string()),
                ];
                assert_eq!(is_done(sam.post("/fn/portal/save_details", &fields).await.status), expected, "{what}");
            }
        }
    }
    for (setting, exception) in cells() {
        portal.set(portal.demo.sam, Permission::InviteLinks, setting, exception).await;
        let expected = effective(setting, exception);
        let fields = [("form[email]", "someone@kin.test"), ("_page", "/my/people")];
        let status = sam.post("/fn/links/invite", &fields).await.status;
        assert_eq!(is_done(status), expected, "invite {setting:?} {exception:?}");
        let page = sam.get("/my/people").await.body;
        assert_eq!(page.contains("action=\"/fn/links/invite\""), expected, "invite {setting:?} {exception:?}");
        sqlx::query("delete from link_invitation").execute(&pool).await.unwrap();
    }
}

#[testkit::test]
async fn what_is_not_offered_has_no_page_and_is_not_in_the_menu(pool: PgPool) {
    let portal = Portal::new(&pool).await;
    let id = portal.visit(portal.demo.leo, 0).await;
    let (status, _) = portal.body(&format!("/my/appointments/{id}")).await;
    assert_eq!(status, StatusCode::OK);
    sqlx::query("update portal_permission set setting = 'never'").execute(&pool).await.unwrap();
    let (_, body) = portal.body("/my/details").await;
    for path in ["\"/book\"", "\"/my/availability\""] {
        assert!(!body.contains(&format!("href={path}")), "{path}");
    }
    for (path, status) in [("/my/availability", StatusCode::FORBIDDEN), ("/book", StatusCode::OK)] {
        let (answer, body) = portal.body(path).await;
        assert_eq!(answer, status, "{path}");
        assert!(body.contains("tel:4165550142"), "{path} says how to reach the practice");
    }
    let own = format!("/my/appointments/{id}");
    for path in [own.clone(), format!("{own}/move"), format!("{own}/cancel"), format!("{own}/calendar.ics")] {
        assert_eq!(portal.body(&path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    let (_, list) = portal.body("/my/appointments").await;
    assert!(!list.contains("appointment-card"));
}

#[testkit::test]
async fn staff_set_what_clients_may_do_on_two_pages(pool: PgPool) {
    let portal = Portal::new(&pool).await;
    let mia = number(&pool, portal.demo.mia).await;
    let page = format!("/clients/{mia}");
    let fields = |answer: &str| {
        [
            ("_page", page.clone()),
            ("number", mia.to_string()),
            ("form[permission]", "cancel".to_owned()),
            ("form[answer]", answer.to_owned()),
        ]
    };
    let answer = portal.desk.post("/fn/permissions/set", &fields("deny")).await;
    assert_eq!(answer.location(), format!("{page}?done=permission-set#permissions"));
    let body = portal.desk.get(&page).await.body.replace("<!>", "");
    assert!(body.contains("Cancel appointments: <strong>Denied</strong>") && body.contains("Set by "), "who and when");
    // An answer that is none comes back with the page.
    let refused = portal.desk.post("/fn/permissions/set", &fields("perhaps")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    portal.desk.post("/fn/permissions/set", &fields("practice")).await;
    assert!(portal.desk.get(&page).await.body.contains("No exceptions."));

    let admin = Session::log_in(&site(pool.clone()), "", "admin@demo.test").await;
    let saved = [("_page", "/settings/permissions"), ("form[settings][]", "book:never"), ("form[seen][]", "book:on")];
    assert_eq!(
        admin.post("/fn/permissions/save", &saved).await.location(),
        "/settings/permissions?done=permissions-saved"
    );
    // The same page, kept open meanwhile, saves nothing and says so.
    let stale = admin.post("/fn/permissions/save", &saved).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(stale.body.contains("Someone else changed this"));
    // It shows what is saved now beside what was chosen.
    let other = [("_page", "/settings/permissions"), ("form[settings][]", "book:off"), ("form[seen][]", "book:on")];
    let stale = admin.post("/fn/permissions/save", &other).await;
    assert!(stale.body.replace("<!>", "").contains("Saved now: Never"), "{}", stale.body);
    let shown = portal.desk.get("/settings/permissions").await.body;
    assert!(!shown.contains("form[settings][]"), "the front desk reads");
}
