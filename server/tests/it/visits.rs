//! The page of a video visit's link and the way into its room, over HTTP.

use crate::support::site;
use axum::http::StatusCode;
use chrono::{TimeDelta, Utc};
use db::PgPool;
use testkit::{Demo, Session, Wish, free_times};

const PLACE: &str = "https://meet.example.org/{room}";

struct Call {
    desk: Session<axum::Router>,
    parent: Session<axum::Router>,
    stranger: Session<axum::Router>,
    id: String,
    /// The path of the parent's link, and its code.
    link: String,
    code: String,
}

impl Call {
    /// A visit by video of Mia, in five minutes.
    async fn new(pool: &PgPool) -> Call {
        let demo = Demo::load(pool).await;
        let site = site(pool.clone());
        let parent = Session::log_in(&site, "", "parent@demo.test").await;
        let desk = Session::log_in(&site, "", "staff@demo.test").await;
        sqlx::query("update service set visit_template = $1, modalities = '{in_person,phone,video}'")
            .bind(PLACE)
            .execute(pool)
            .await
            .unwrap();
        sqlx::query("delete from message").execute(pool).await.unwrap();
        let starts_at = free_times(pool, demo.family_session, demo.priya).await[0];
        let wish = Wish {
            staff: true,
            service: demo.family_session,
            practitioner: demo.priya,
            client: demo.mia,
            starts_at,
            key: db::new_id(),
        };
        let mut fields = wish.fields();
        fields.push(("form[modality]", "video".to_owned()));
        let booked = desk.post(wish.action(), &fields).await;
        assert_eq!(booked.status, StatusCode::SEE_OTHER, "{}", booked.body);
        let id = "select appointment_id::text from appointment_participant where client_id = $1 and starts_at = $2";
        let id: String = sqlx::query_scalar(id).bind(demo.mia.0).bind(starts_at).fetch_one(pool).await.unwrap();
        sqlx::query("update message set due_at = now()").execute(pool).await.unwrap();
        while db::messages::expand_next(pool, "http://kindred.test").await.unwrap() {}
        let body: String = sqlx::query_scalar(
            "select body from message_copy where address = 'parent@demo.test' and body like '%/visit/%'",
        )
        .fetch_one(pool)
        .await
        .unwrap();
        assert!(!body.contains("meet.example.org"), "{body}");
        let after = |word: &str| body.split_once(word).unwrap().1.lines().next().unwrap().trim().to_owned();
        let (link, code) = (format!("/visit/{}", after("http://kindred.test/visit/")), after("Access code: "));
        // Five minutes from now, any minute of the day, with no other appointment of the demo in the way.
        let starts = Utc::now() + TimeDelta::minutes(5);
        sqlx::query(
            "update appointment set status = 'cancelled', cancelled_at = now() where id <> $1::uuid and blocks",
        )
        .bind(&id)
        .execute(pool)
        .await
        .unwrap();
        sqlx::query("update appointment set starts_at = $2, ends_at = $2 + interval '1 hour' where id = $1::uuid")
            .bind(&id)
            .bind(starts)
            .execute(pool)
            .await
            .unwrap();
        Call { desk, parent, stranger: Session::new(&site, ""), id, link, code }
    }

    async fn enter(&self, code: &str) -> testkit::Answer {
        let secret = self.link.trim_start_matches("/visit/").to_owned();
        let fields = [("_page", self.link.clone()), ("form[secret]", secret), ("form[code]", code.to_owned())];
        self.stranger.post("/fn/visits/enter", &fields).await
    }
}

#[testkit::test]
async fn a_link_asks_for_the_code_waits_for_staff_and_leads_to_the_room(pool: PgPool) {
    let mut call = Call::new(&pool).await;
    let page = call.stranger.get(&call.link).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.headers["referrer-policy"], "no-referrer");
    assert!(
        page.body.contains("Access code") && !page.body.contains("Priya"),
        "what it is about is said behind the code"
    );
    let room = format!("{}/room", call.link);
    assert_eq!(call.stranger.get(&room).await.location(), call.link, "back to where the code is asked for");

    let wrong = call.enter(if call.code == "000000" { "000001" } else { "000000" }).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("You have 4 more tries."));
    let right = call.enter(&call.code.clone()).await;
    assert_eq!((right.status, right.location()), (StatusCode::SEE_OTHER, call.link.as_str()));
    let cookie = right.headers["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.contains("HttpOnly; SameSite=Lax"), "{cookie}");
    call.stranger.cookie = cookie.split(';').next().unwrap().to_owned();
    let waiting = call.stranger.get(&call.link).await;
    assert!(waiting.body.contains("opened the visit yet") && waiting.headers.contains_key("refresh"));
    assert_eq!(call.stranger.get(&room).await.location(), call.link);

    let fields = [("_page", format!("/appointments/{}", call.id)), ("appointment", call.id.clone())];
    assert_eq!(call.parent.post("/fn/visits/open", &fields).await.status, StatusCode::NOT_FOUND);
    assert_eq!(call.desk.post("/fn/visits/open", &fields).await.status, StatusCode::SEE_OTHER);
    assert!(call.stranger.get(&call.link).await.body.contains("Join the visit"));
    let paths = [room, format!("/my/appointments/{}/visit", call.id), format!("/appointments/{}/visit", call.id)];
    let mut rooms = Vec::new();
    for (session, path) in [&call.stranger, &call.parent, &call.desk].into_iter().zip(&paths) {
        let answer = session.get(path).await;
        assert_eq!(answer.status, StatusCode::FOUND, "{path}: {}", answer.body);
        assert_eq!(answer.headers["referrer-policy"], "no-referrer");
        assert_eq!(answer.headers["cache-control"], "no-store");
        assert!(answer.location().starts_with("https://meet.example.org/"));
        rooms.push(answer.location().to_owned());
    }
    assert!(rooms.iter().all(|room| *room == rooms[0]), "{rooms:?}");
    // The address of the room is on no page.
    for (session, page) in [
        (&call.parent, format!("/my/appointments/{}", call.id)),
        (&call.desk, format!("/appointments/{}", call.id)),
        (&call.parent, format!("/my/appointments/{}/calendar.ics", call.id)),
        (&call.stranger, call.link.clone()),
    ] {
        assert!(!session.get(&page).await.body.contains("meet.example.org"), "{page}");
    }
}

#[testkit::test]
async fn the_room_of_a_visit_is_for_those_who_may_see_the_appointment(pool: PgPool) {
    let call = Call::new(&pool).await;
    let fields = [("_page", format!("/appointments/{}", call.id)), ("appointment", call.id.clone())];
    assert_eq!(call.desk.post("/fn/visits/open", &fields).await.status, StatusCode::SEE_OTHER);
    let other = Session::log_in(&site(pool.clone()), "", "unlinked@demo.test").await;
    for (session, path, status) in [
        (&other, format!("/my/appointments/{}/visit", call.id), StatusCode::NOT_FOUND),
        (&call.desk, format!("/my/appointments/{}/visit", call.id), StatusCode::NOT_FOUND),
        (&call.parent, format!("/appointments/{}/visit", call.id), StatusCode::NOT_FOUND),
        (&call.parent, "/my/appointments/nonsense/visit".to_owned(), StatusCode::NOT_FOUND),
        (&other, "/visit/no-such-link/room".to_owned(), StatusCode::GONE),
    ] {
        assert_eq!(session.get(&path).await.status, status, "{path}");
    }
    for path in ["/my/appointments/{}/visit", "/appointments/{}/visit"] {
        let answer = call.stranger.get(&path.replace("{}", &call.id)).await;
        assert!(answer.location().starts_with("/login?next="), "{path}");
    }
    // Logged in as its reader no code is asked for; as anyone else it is.
    assert!(call.parent.get(&call.link).await.body.contains("Join the visit"));
    assert!(other.get(&call.link).await.body.contains("Access code"));
}
