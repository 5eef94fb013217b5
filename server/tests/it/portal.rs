//! What clients read when they book, look at and cancel appointments, and what
//! staff are told of it.

use crate::support::{site, site_with};
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use db::PgPool;
use shared::{AppointmentId, ClientId};
use testkit::{Demo, Session, Wish, free_times, number};

/// `Call Maple & Birch … at 416 …`, whose number can be dialled.
const DIALS: &str = "href=\"tel:4165550142\"";

struct Portal {
    pool: PgPool,
    demo: Demo,
    parent: Session<axum::Router>,
    desk: Session<axum::Router>,
}

impl Portal {
    async fn new(pool: &PgPool) -> Portal {
        let demo = Demo::load(pool).await;
        let site = site(pool.clone());
        let parent = Session::log_in(&site, "", "parent@demo.test").await;
        let desk = Session::log_in(&site, "", "staff@demo.test").await;
        Portal { pool: pool.clone(), demo, parent, desk }
    }

    async fn run(&self, sql: &'static str) {
        sqlx::query(sql).execute(&self.pool).await.unwrap();
    }

    /// A family session with Priya at one of her free times.
    async fn wish(&self, client: ClientId, staff: bool) -> Wish {
        let (service, practitioner) = (self.demo.family_session, self.demo.priya);
        let starts_at = free_times(&self.pool, service, practitioner).await[0];
        Wish { staff, service, practitioner, client, starts_at, key: db::new_id() }
    }

    async fn booked(&self, wish: Wish) -> AppointmentId {
        let session = if wish.staff { &self.desk } else { &self.parent };
        let answer = session.post(wish.action(), &wish.fields()).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let id = "select id from visit where starts_at = $1 and client_id = $2 and status = 'confirmed'";
        let id = sqlx::query_scalar(id).bind(wish.starts_at).bind(wish.client.0);
        AppointmentId(id.fetch_one(&self.pool).await.unwrap())
    }

    async fn move_to(&self, id: AppointmentId, starts_at: &str, minutes: i32) {
        let sql = "update appointment set starts_at = $2, ends_at = $2 + make_interval(mins => $3) where id = $1";
        let at: DateTime<Utc> = starts_at.parse().unwrap();
        sqlx::query(sql).bind(id.0).bind(at).bind(minutes).execute(&self.pool).await.unwrap();
    }
}

#[testkit::test]
async fn a_service_is_described_wherever_it_is_booked_or_seen(pool: PgPool) {
    let portal = Portal::new(&pool).await;
    portal.run("update service set description = 'Bring <b>water</b>.' where name = 'Family session'").await;
    let wish = portal.wish(portal.demo.mia, false).await;
    let booked = portal.booked(wish).await;
    let (service, mia) = (wish.service, number(&pool, portal.demo.mia).await);
    let start = shared::appointments::instant_text(wish.starts_at);
    let said = "Bring &lt;b&gt;water&lt;/b&gt;.";
    let confirm = format!("/book/confirm?service={service}&with={}&start={start}", wish.practitioner);
    for path in [format!("/book?for={}", portal.demo.mia), confirm, format!("/my/appointments/{booked}")] {
        assert!(portal.parent.get(&path).await.body.contains(said), "{path}");
    }
    for path in [format!("/appointments/{booked}"), format!("/appointments/new?client={mia}&service={service}")] {
        assert!(portal.desk.get(&path).await.body.contains(said), "{path}");
    }
}

#[testkit::test]
async fn cancelled_appointments_are_folded_below_the_upcoming(pool: PgPool) {
    let portal = Portal::new(&pool).await;
    let first =
        "select id from visit where client_id = $1 and status = 'confirmed' and starts_at > now() + interval '1 hour'
                  order by starts_at limit 1";
    let first: uuid::Uuid = sqlx::query_scalar(first).bind(portal.demo.leo.0).fetch_one(&pool).await.unwrap();
    let first = [("_page", "/my/appointments".to_owned()), ("appointment", first.to_string())];
    assert_eq!(portal.parent.post("/fn/portal/cancel", &first).await.status, StatusCode::SEE_OTHER);
    let body = portal.parent.get("/my/appointments").await.body;
    let folded = body.find("id=\"cancelled\"").expect("cancelled ones have their own part");
    let end = body.find("id=\"history\"").unwrap();
    let of =
        |part: &str| (part.matches("appointment-card cancelled").count(), part.matches("appointment-card").count());
    let (open, cancelled) = (of(&body[..folded]), of(&body[folded..end]));
    assert_eq!(open.0, 0, "none among the upcoming");
    assert!(open.1 > 0);
    assert_eq!(cancelled, (1, 1));
}

#[testkit::test]
async fn an_appointment_that_is_over_offers_no_cancelling(pool: PgPool) {
    let portal = Portal::new(&pool).await;
    let id = portal.booked(portal.wish(portal.demo.ana, false).await).await;
    portal.move_to(id, "2020-01-06T15:00:00Z", 80).await;
    let page = format!("/my/appointments/{id}/cancel");
    let answer = portal.parent.get(&page).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.body.contains("has already started or is over") && answer.body.contains(DIALS));
    assert!(!answer.body.contains("action=\"/fn/portal/cancel\""));
    let answer = portal.parent.post("/fn/portal/cancel", &[("_page", page), ("appointment", id.to_string())]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.body.contains("has already started or is over"));
}

#[testkit::test]
async fn a_session_that_ended_while_booking_goes_on_with_what_was_chosen(pool: PgPool) {
    let portal = Portal::new(&pool).await;
    let wish = portal.wish(portal.demo.leo, false).await;
    let stranger = Session::new(&site(pool.clone()), "");
    let answer = stranger.post(wish.action(), &wish.fields()).await;
    let (login, next) = answer.location().split_once("?next=").expect("to the login page");
    assert_eq!((answer.status, login), (StatusCode::SEE_OTHER, "/login"));
    let next = form_urlencoded::parse(format!("next={next}").as_bytes()).next().unwrap().1.into_owned();
    assert!(next.starts_with("/book/confirm?"), "{next}");

    let body = portal.parent.get(&next).await.body;
    for kept in [
        format!("name=\"form[service]\" value=\"{}\"", wish.service),
        format!("name=\"form[practitioner]\" value=\"{}\"", wish.practitioner),
        format!("name=\"form[starts_at]\" value=\"{}\"", shared::appointments::instant_text(wish.starts_at)),
    ] {
        assert!(body.contains(&kept), "{kept}");
    }
    let leo = body.split("<input").find(|input| input.contains(&format!("value=\"{}\"", wish.client))).unwrap();
    assert!(leo.split('>').next().unwrap().contains(" checked"), "{leo}");
}

#[testkit::test]
async fn weeks_without_free_times_say_so_and_how_to_call(pool: PgPool) {
    let portal = Portal::new(&pool).await;
    portal.run("delete from weekly_hours").await;
    let service = portal.demo.family_session;
    let body = portal.parent.get(&format!("/book?for={}&service={service}", portal.demo.leo)).await.body;
    let main = &body[..body.find("<footer").unwrap()];
    assert!(main.contains("No free times in the next 7 weeks.") && main.contains(DIALS));
    let mia = number(&pool, portal.demo.mia).await;
    let body = portal.desk.get(&format!("/appointments/new?client={mia}&service={service}")).await.body;
    assert!(body.contains("No free times in the next 7 weeks."));
}

#[testkit::test]
async fn a_repeated_hour_carries_its_offset_everywhere(pool: PgPool) {
    let portal = Portal::new(&pool).await;
    let id = portal.booked(portal.wish(portal.demo.ana, false).await).await;
    let pages = ["/my/appointments".to_owned(), format!("/my/appointments/{id}/cancel")];
    // The clocks of Toronto go back at 2 am on 1 November 2037.
    for (starts_at, said) in [
        ("2037-11-01T05:15:00Z", "1:15 am (UTC−4) – 1:05 am (UTC−5)"),
        ("2037-11-01T06:15:00Z", "1:15 am (UTC−5) – 2:05 am"),
    ] {
        portal.move_to(id, starts_at, 50).await;
        for page in &pages {
            assert!(portal.parent.get(page).await.body.contains(said), "{page} {said}");
        }
        assert!(portal.desk.get(&format!("/appointments/{id}")).await.body.contains(said), "{said}");
    }
    for (starts_at, said) in [("2015-11-01T05:15:00Z", "1:15 am (UTC−4)"), ("2015-11-01T06:15:00Z", "1:15 am (UTC−5)")]
    {
        portal.move_to(id, starts_at, 30).await;
        for page in ["/my/appointments", "/my/history"] {
            assert!(portal.parent.get(page).await.body.contains(said), "{page} {said}");
        }
    }
}

#[testkit::test]
async fn where_only_the_practice_can_help_it_can_be_called(pool: PgPool) {
    let portal = Portal::new(&pool).await;
    let wish = portal.wish(portal.demo.mia, false).await;
    portal.run("update client set status = 'inactive' where first_name = 'Mia' and last_name = 'Okafor'").await;
    let answer = portal.parent.post(wish.action(), &wish.fields()).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    let main = |body: &str| body[..body.find("<footer").unwrap()].to_owned();
    assert!(main(&answer.body).contains("can’t be booked online right now.") && main(&answer.body).contains(DIALS));
    let stranger = Session::new(&site(pool.clone()), "");
    for page in ["/reset?sent=1", "/register?sent=1", "/claim/no-such-link", "/reset/no-such-link"] {
        assert!(main(&stranger.get(page).await.body).contains(DIALS), "{page}");
    }
}

#[testkit::test]
async fn permissions_that_nothing_uses_yet_say_so(pool: PgPool) {
    let portal = Portal::new(&pool).await;
    let (mia, ana) = (number(&pool, portal.demo.mia).await, number(&pool, portal.demo.ana).await);
    portal.run("update client_link set low_may_packages = true, high_may_packages = true").await;
    let editor = portal.desk.get(&format!("/clients/{mia}/links/{ana}")).await.body;
    assert_eq!(editor.matches("Not in use yet").count(), 2, "packages, for each of the two");
    let removal = portal.desk.get(&format!("/clients/{mia}/links/{ana}/remove")).await.body;
    assert!(
        removal.contains("can no longer book and manage appointments") && !removal.contains("sessions from packages")
    );
    assert!(portal.desk.get(&format!("/clients/{mia}")).await.body.contains("(not in use yet)"));
}

/// What the notice of a page says; empty without one.
fn notice(body: &str) -> String {
    let notice = body.split_once("id=\"toast\"").map(|(_, behind)| behind).unwrap_or_default();
    let words = notice.split_once("<span>").and_then(|(_, behind)| behind.split("</span>").next());
    // Behind text that may change stands a mark of the framework.
    words.unwrap_or_default().replace("<!>", "")
}

/// The page that a form led to, as a browser asks for it: with the note of what was done.
async fn page_after(session: &Session<axum::Router>, path: &str) -> String {
    let mut session = session.clone();
    if let Some(done) = app::context::done_of(path) {
        session.cookie = format!("{}; {}={done}", session.cookie, app::context::done_cookie(false));
    }
    session.get(path).await.body
}

impl Portal {
    /// Where there is a mail server, or none: the parent, and the front desk.
    async fn with_mail(pool: &PgPool, smtp: bool) -> Portal {
        let portal = Portal::new(pool).await;
        let site = site_with(pool.clone(), smtp);
        let parent = Session::log_in(&site, "", "parent@demo.test").await;
        let desk = Session::log_in(&site, "", "staff@demo.test").await;
        Portal { parent, desk, ..portal }
    }

    /// Books, and reads the notice.
    async fn told(&self, wish: Wish) -> String {
        let session = if wish.staff { &self.desk } else { &self.parent };
        let answer = session.post(wish.action(), &wish.fields()).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        notice(&page_after(session, answer.location()).await)
    }

    fn named(&self, verb: &str, whom: &str, wish: Wish) -> String {
        let zone = db::time::Zone::stored("America/Toronto");
        let (day, time) = (zone.short_date(wish.starts_at), zone.exact_clock(wish.starts_at));
        format!("{verb}: Family session{whom}, {day}, {time}.")
    }
}

#[testkit::test]
async fn a_notice_names_what_was_booked_and_who_is_notified(pool: PgPool) {
    let portal = Portal::with_mail(&pool, true).await;
    let demo = portal.demo;
    let wish = portal.wish(demo.mia, true).await;
    let told = " We’re emailing a confirmation to Ana Okafor and Daniel Okafor.";
    assert_eq!(portal.told(wish).await, portal.named("Booked", " for Mia Okafor", wish) + told);
    // A parent learns of themself alone: who else is told is not said.
    let wish = portal.wish(demo.leo, false).await;
    let told = " We’re emailing you a confirmation.";
    assert_eq!(portal.told(wish).await, portal.named("Booked", " for Leo Okafor", wish) + told);
    let wish = portal.wish(demo.ana, false).await;
    assert_eq!(portal.told(wish).await, portal.named("Booked", "", wish) + told);
    // No address, no claim.
    portal
        .run("update client set email = null, email_consent = false where first_name in ('Ana', 'Daniel', 'Sam')")
        .await;
    let wish = portal.wish(demo.sam, true).await;
    let told = " No one can be told by email: no email address for Sam Whitfield.";
    assert_eq!(portal.told(wish).await, portal.named("Booked", " for Sam Whitfield", wish) + told);
    let wish = portal.wish(demo.ana, false).await;
    let told = " You won’t get a confirmation: we have no email address for you.";
    assert_eq!(portal.told(wish).await, portal.named("Booked", "", wish) + told);
    let wish = portal.wish(demo.leo, false).await;
    let told = " You won’t get an email about it.";
    assert_eq!(portal.told(wish).await, portal.named("Booked", " for Leo Okafor", wish) + told);
}

#[testkit::test]
async fn without_a_mail_server_no_notice_claims_that_mail_was_sent(pool: PgPool) {
    let portal = Portal::with_mail(&pool, false).await;
    let demo = portal.demo;
    let wish = portal.wish(demo.leo, true).await;
    let told = " The confirmation for Ana Okafor is waiting in the outbox.";
    assert_eq!(portal.told(wish).await, portal.named("Booked", " for Leo Okafor", wish) + told);
    let wish = portal.wish(demo.mia, false).await;
    assert_eq!(portal.told(wish).await, portal.named("Booked", " for Mia Okafor", wish));
    for sent in ["client-invited", "invited", "reset-sent", "member-invited"] {
        let body = page_after(&portal.desk, &format!("/clients?done={sent}")).await;
        assert!(notice(&body).contains("waiting in the outbox"), "{sent}: {}", notice(&body));
    }
    let asked = page_after(&portal.parent, "/account?done=address-requested").await;
    assert!(notice(&asked).contains("no link was sent"));
    let stranger = Session::new(&site(pool.clone()), "");
    for page in ["/reset?sent=1", "/register?sent=1"] {
        let body = stranger.get(page).await.body;
        assert!(body.contains("no email was sent") && !body.contains("on its way"), "{page}");
    }
}

#[testkit::test]
async fn a_notice_names_what_was_cancelled_and_who_is_notified(pool: PgPool) {
    let portal = Portal::with_mail(&pool, true).await;
    for staff in [false, true] {
        let wish = portal.wish(portal.demo.leo, staff).await;
        let id = portal.booked(wish).await;
        let (session, action, told) = match staff {
            false => (&portal.parent, "/fn/portal/cancel", " We’re emailing you a cancellation notice."),
            true => (&portal.desk, "/fn/appointments/cancel", " We’re emailing a cancellation notice to Ana Okafor."),
        };
        let answer = session.post(action, &[("_page", "/".to_owned()), ("appointment", id.to_string())]).await;
        let body = page_after(session, answer.location()).await;
        assert_eq!(notice(&body), portal.named("Cancelled", " for Leo Okafor", wish) + told);
    }
    // Entered late, and cancelled: it is past, and no one is told.
    let id = portal.booked(portal.wish(portal.demo.leo, true).await).await;
    portal.run("delete from message").await;
    portal.move_to(id, "2020-01-06T15:00:00Z", 80).await;
    let fields = [("_page", "/".to_owned()), ("appointment", id.to_string())];
    let answer = portal.desk.post("/fn/appointments/cancel", &fields).await;
    assert!(
        notice(&page_after(&portal.desk, answer.location()).await).ends_with("It’s in the past, so no email is sent.")
    );
}

#[testkit::test]
async fn an_address_cannot_make_a_notice_of_what_is_not_so_or_not_seen(pool: PgPool) {
    let portal = Portal::with_mail(&pool, true).await;
    let sams = portal.booked(portal.wish(portal.demo.sam, true).await).await;
    let leos = portal.booked(portal.wish(portal.demo.leo, true).await).await;
    for done in [format!("booked:{sams}"), format!("cancelled:{leos}"), "booked:x".to_owned()] {
        let body = page_after(&portal.parent, &format!("/my/appointments?done={done}")).await;
        assert_eq!(notice(&body), "", "{done}");
    }
}

#[testkit::test]
async fn removing_a_link_says_who_is_notified_and_who_cannot_be(pool: PgPool) {
    let portal = Portal::with_mail(&pool, true).await;
    let demo = portal.demo;
    let (ana, mia, leo) = (number(&pool, demo.ana).await, number(&pool, demo.mia).await, number(&pool, demo.leo).await);
    let wish = portal.wish(demo.mia, false).await;
    let id = portal.booked(wish).await;
    portal.booked(portal.wish(demo.leo, false).await).await;
    let page = portal.desk.get(&format!("/clients/{leo}/links/{ana}/remove")).await.body;
    assert!(page.contains("Leo Okafor: no one can be told by email (no email address). Tell them yourself."));
    assert!(page.contains("Leo Okafor has no portal account"));
    let page = portal.desk.get(&format!("/clients/{mia}/links/{ana}/remove")).await.body;
    assert!(page.contains("Mia Okafor: we’ll email Daniel Okafor."), "the former linked client is not told");
    assert!(page.contains("Mia Okafor gets no email: no email address."));

    let fields = [
        ("_page", format!("/clients/{mia}/links/{ana}/remove")),
        ("number", mia.to_string()),
        ("other", ana.to_string()),
        ("form[choices][]", format!("end:{id}")),
    ];
    let answer = portal.desk.post("/fn/links/remove", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let said = page_after(&portal.desk, answer.location()).await;
    let lead = "Relationship removed. They can no longer act for each other. ";
    let told = " We’re emailing a cancellation notice to Daniel Okafor.";
    assert_eq!(notice(&said), lead.to_owned() + &portal.named("Cancelled", " for Mia Okafor", wish) + told);
}

/// The value of a hidden field of a page.
fn hidden(body: &str, name: &str) -> String {
    let from = format!("name=\"{name}\" value=\"");
    let value = body.split_once(&from).map(|(_, behind)| behind).unwrap_or_default();
    value.split('"').next().unwrap_or_default().to_owned()
}

/// The contents of a page, without the marks that Leptos puts between the parts of a text.
fn contents(body: &str) -> String {
    let body = body.replace("<!>", "");
    let (from, to) = (body.find("<main").unwrap_or(0), body.find("</main>").unwrap_or(body.len()));
    body[from..to].to_owned()
}

#[testkit::test]
async fn booking_asks_for_whom_then_what_then_when(pool: PgPool) {
    let portal = Portal::new(&pool).await;
    let (mia, service, priya) = (portal.demo.mia, portal.demo.family_session, portal.demo.priya);
    let parent = &portal.parent;
    let page = |path: String| async move { contents(&parent.get(&path).await.body) };
    let whom = page("/book".to_owned()).await;
    assert!(whom.contains("Who is it for?") && whom.contains(&format!("/book?for={mia}")));
    assert!(!whom.contains("Choose a service") && !whom.contains("form[slot]"));
    let what = page(format!("/book?for={mia}")).await;
    assert!(what.contains("Choose a service") && what.contains(&format!("/book?for={mia}&amp;service={service}")));
    assert!(what.contains("Mia Okafor") && !what.contains("form[slot]"));
    let when = page(format!("/book?for={mia}&service={service}&practitioner={priya}")).await;
    assert!(when.contains("form[slot]") && when.contains("Family session") && !when.contains("Choose a service<"));
    assert_eq!(hidden(&when, "form[client]"), mia.to_string());
    // Someone they may not book is no choice: it is asked again.
    let other = page(format!("/book?for={}", portal.demo.sam)).await;
    assert!(other.contains("Who is it for?") && !other.contains("Sam Whitfield"));
    // There is one answer: it is not asked.
    let alone = Session::log_in(&site(pool.clone()), "", "unlinked@demo.test").await;
    let what = contents(&alone.get("/book").await.body);
    assert!(what.contains("Choose a service") && !what.contains("Who is it for?"));
}

/// Chooses a time with Priya as the buttons of the week do; the answer leads to the last step.
async fn keep(portal: &Portal, session: &Session<axum::Router>, client: &str) -> testkit::Answer {
    let (service, priya) = (portal.demo.family_session, portal.demo.priya);
    let starts_at = free_times(&portal.pool, service, priya).await[0];
    let slot = format!("{} {priya}", shared::appointments::instant_text(starts_at));
    let fields = [
        ("_page", format!("/book?for={client}&service={service}")),
        ("form[service]", service.to_string()),
        ("form[client]", client.to_owned()),
        ("form[slot]", slot),
    ];
    session.post("/fn/portal/hold", &fields).await
}

#[testkit::test]
async fn a_time_is_chosen_kept_reviewed_and_booked_without_a_script(pool: PgPool) {
    let portal = Portal::new(&pool).await;
    portal.run("update policy set cutoff_kind = 'hours', cutoff_at = null, cutoff_hours = 24, late_fee_cents = 2000, late = 'allowed_as_late', client_may_cancel = true, client_may_move = true").await;
    let mia = portal.demo.mia.to_string();
    let kept = keep(&portal, &portal.parent, &mia).await;
    assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.body);
    let confirm = kept.location().to_owned();
    let body = portal.parent.get(&confirm).await.body;
    let review = contents(&body);
    assert!(review.contains("We’re keeping this time for you until "), "{review}");
    assert!(review.contains("Cancel or move online up to 24 hours before the start."));
    assert!(review.contains("Fee for a late cancellation: 20.00 CAD."));
    let radio = review.split("<input").find(|input| input.contains("type=\"radio\"") && input.contains(&mia)).unwrap();
    assert!(radio.split('>').next().unwrap().contains(" checked"), "{radio}");
    // The page of times says what is kept, and leads back.
    let times = contents(&portal.parent.get("/book").await.body);
    assert!(times.contains("Finish booking") && times.contains("/book/confirm?"));

    let names = ["service", "practitioner", "starts_at", "request_key", "hold"];
    let mut fields: Vec<(String, String)> =
        names.iter().map(|name| format!("form[{name}]")).map(|name| (name.clone(), hidden(&body, &name))).collect();
    fields.extend([("_page".to_owned(), confirm), ("form[client]".to_owned(), mia)]);
    assert!(fields.iter().all(|(_, value)| !value.is_empty()), "{fields:?}");
    let booked = portal.parent.post("/fn/portal/book", &fields).await;
    let again = portal.parent.post("/fn/portal/book", &fields).await;
    assert_eq!(booked.status, StatusCode::SEE_OTHER, "{}", booked.body);
    assert_eq!(again.location(), booked.location(), "sent twice is booked once");
    // However soon it is, it may be changed.
    portal.run("update policy set cutoff_hours = 0").await;
    let page = contents(&portal.parent.get(booked.location()).await.body);
    for said in [
        "Mia Okafor is booked",
        "Directions",
        "calendar.ics",
        "/move",
        "/cancel",
        "ame time next week",
        "another person",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
}

#[testkit::test]
async fn a_time_that_is_no_longer_kept_says_so_with_the_way_back(pool: PgPool) {
    let portal = Portal::new(&pool).await;
    let confirm = keep(&portal, &portal.parent, &portal.demo.mia.to_string()).await.location().to_owned();
    portal.run("update appointment set held_until = now() - interval '1 second' where status = 'held'").await;
    let page = contents(&portal.parent.get(&confirm).await.body);
    assert!(page.contains("We kept this time for 10 minutes and have let it go."), "{page}");
    assert!(page.contains("choose another time") && page.contains("Keep this time for 10 minutes"));
    // Someone else has taken it: that is said when it is booked.
    let rival = Session::log_in(&site(pool.clone()), "", "unlinked@demo.test").await;
    assert_eq!(keep(&portal, &rival, "").await.status, StatusCode::SEE_OTHER);
    let fields = [
        ("_page", confirm.clone()),
        ("form[service]", hidden(&page, "form[service]")),
        ("form[practitioner]", hidden(&page, "form[practitioner]")),
        ("form[starts_at]", hidden(&page, "form[starts_at]")),
        ("form[request_key]", hidden(&page, "form[request_key]")),
        ("form[client]", portal.demo.mia.to_string()),
    ];
    let refused = portal.parent.post("/fn/portal/book", &fields).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    let page = contents(&refused.body);
    assert!(page.contains("This time was just booked.") && page.contains("Choose another time"));
}

#[testkit::test]
async fn someone_who_registers_while_booking_keeps_the_time_they_chose(pool: PgPool) {
    let portal = Portal::new(&pool).await;
    let site = site(pool.clone());
    let mut stranger = Session::new(&site, "");
    let service = portal.demo.family_session;
    let times = format!("/book?service={service}");
    portal.run("update practice set client_registration = false").await;
    assert!(
        stranger.get(&times).await.location().starts_with("/login?next="),
        "where no one registers they log in first"
    );
    portal.run("update practice set client_registration = true").await;
    let page = contents(&stranger.get(&times).await.body);
    assert!(page.contains("form[slot]"), "{page}");

    let kept = keep(&portal, &stranger, "").await;
    assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.body);
    let cookie = kept.headers.get("set-cookie").unwrap().to_str().unwrap().to_owned();
    assert!(cookie.starts_with("kindred-visit=") && cookie.contains("HttpOnly; SameSite=Lax"), "{cookie}");
    stranger.cookie = cookie.split(';').next().unwrap().to_owned();
    let confirm = kept.location().to_owned();
    let page = contents(&stranger.get(&confirm).await.body);
    assert!(page.contains("We’re keeping this time for you until ") && page.contains("/register?next="), "{page}");
    assert!(!page.contains("form[client]"), "nothing is booked without a login");
    // Another browser sees the time, and does not keep it.
    let other = contents(&Session::new(&site, "").get(&confirm).await.body);
    assert!(!other.contains("We’re keeping this time"));

    let fields = [
        ("_page", "/register".to_owned()),
        ("form[first_name]", "Nia".to_owned()),
        ("form[last_name]", "New".to_owned()),
        ("form[email]", "nia@example.com".to_owned()),
        ("form[next]", confirm.clone()),
    ];
    assert_eq!(stranger.post("/fn/accounts/register", &fields).await.status, StatusCode::SEE_OTHER);
    let secret = "select secret from message where kind = 'registration'";
    let secret: String = sqlx::query_scalar(secret).fetch_one(&pool).await.unwrap();
    let fields = [
        ("_page", format!("/register/{secret}")),
        ("form[token]", secret),
        ("form[first_name]", "Nia".to_owned()),
        ("form[last_name]", "New".to_owned()),
        ("form[zone]", "America/Toronto".to_owned()),
        ("form[password]", "a whole new one".to_owned()),
        ("form[again]", "a whole new one".to_owned()),
    ];
    let made = stranger.post("/fn/accounts/finish_registration", &fields).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    assert!(made.location().starts_with(&confirm), "{}", made.location());
    let given: Vec<String> = made
        .headers
        .get_all("set-cookie")
        .iter()
        .map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap().to_owned())
        .collect();
    assert!(given.iter().any(|cookie| cookie == "kindred-visit="), "{given:?}");
    stranger.cookie = given.into_iter().find(|cookie| cookie.starts_with("kindred=")).unwrap();
    let page = contents(&stranger.get(&confirm).await.body);
    assert!(page.contains("We’re keeping this time for you until "), "{page}");
    assert!(!hidden(&page, "form[hold]").is_empty() && page.contains("Book appointment"));
}

#[testkit::test]
async fn another_person_of_the_family_comes_in_the_same_visit(pool: PgPool) {
    let portal = Portal::new(&pool).await;
    let booked = portal.booked(portal.wish(portal.demo.mia, false).await).await;
    let leo = portal.demo.leo;
    let page = contents(&portal.parent.get(&format!("/my/appointments/{booked}?also={leo}")).await.body);
    assert!(page.contains("Right after: ") || page.contains("At the same time: "), "{page}");
    let offer = &page[page.find("id=\"also\"").unwrap()..];
    let fields = ["_page", "form[service]", "form[client]", "form[slot]"].map(|name| (name, hidden(offer, name)));
    assert_eq!(fields[2].1, leo.to_string());
    let kept = portal.parent.post("/fn/portal/hold", &fields).await;
    assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.body);
    assert!(kept.location().contains(&format!("for={leo}")), "{}", kept.location());
    // Someone they may not book is not offered.
    let sam = portal.demo.sam;
    let page = contents(&portal.parent.get(&format!("/my/appointments/{booked}?also={sam}")).await.body);
    assert!(!page.contains("Right after: ") && !page.contains("Sam Whitfield"));
}

#[testkit::test]
async fn the_calendar_file_of_an_appointment_is_for_those_who_see_it(pool: PgPool) {
    let portal = Portal::new(&pool).await;
    let booked = portal.booked(portal.wish(portal.demo.mia, false).await).await;
    let path = format!("/my/appointments/{booked}/calendar.ics");
    let file = portal.parent.get(&path).await;
    assert_eq!(
        (file.status, file.headers["content-type"].to_str().unwrap()),
        (StatusCode::OK, "text/calendar; charset=utf-8")
    );
    assert!(
        file.body.contains("BEGIN:VEVENT") && file.body.contains("METHOD:PUBLISH") && !file.body.contains("ATTENDEE")
    );
    let other = Session::log_in(&site(pool.clone()), "", "unlinked@demo.test").await;
    for session in [&other, &portal.desk] {
        assert_eq!(session.get(&path).await.status, StatusCode::NOT_FOUND);
    }
    let stranger = Session::new(&site(pool.clone()), "");
    assert!(stranger.get(&path).await.location().starts_with("/login?next="));
}

#[testkit::test]
async fn my_appointments_are_marked_by_person_and_say_what_the_policy_allows(pool: PgPool) {
    let portal = Portal::new(&pool).await;
    let (mias, anas) = (
        portal.booked(portal.wish(portal.demo.mia, false).await).await,
        portal.booked(portal.wish(portal.demo.ana, false).await).await,
    );
    let all = contents(&portal.parent.get("/my/appointments").await.body);
    assert!(all.contains(&mias.to_string()) && all.contains(&anas.to_string()));
    assert!(all.contains("For Mia Okafor") && all.contains("appointment-card for colour-"));
    let mia = portal.demo.mia;
    let filtered = contents(&portal.parent.get(&format!("/my/appointments?for={mia}")).await.body);
    assert!(filtered.contains(&mias.to_string()) && !filtered.contains(&anas.to_string()));
    // The colour stays the same, however many others are shown.
    let colour =
        |page: &str| page.split("appointment-card for ").nth(1).map(|rest| rest.split('"').next().unwrap().to_owned());
    let of_mia = all.split("<article").find(|card| card.contains(&mias.to_string())).unwrap();
    assert_eq!(colour(of_mia), colour(&filtered));

    portal.run("update policy set cutoff_kind = 'hours', cutoff_at = null, cutoff_hours = 720, late = 'refused'").await;
    let late = contents(&portal.parent.get(&format!("/my/appointments?for={mia}")).await.body);
    let card = late.split("<article").find(|card| card.contains(&mias.to_string())).unwrap();
    assert!(
        card.contains("Too late to change online") && !card.contains("/cancel") && !card.contains("/move"),
        "{card}"
    );
}
