//! Text messages as they leave, to a receiver of ours; and what senders post back.

use crate::support::{sealer, site};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Request, Uri};
use axum::response::IntoResponse;
use base64::prelude::{BASE64_STANDARD, Engine};
use db::messages::sms_setting;
use db::sealing::Sealer;
use db::{Actor, PgPool};
use server::{health::Health, jobs, sms};
use shared::accounts::{Role, Secret};
use shared::sms::SmsForm;
use sqlx::{query, query_as, query_scalar};
use std::sync::Arc;
use std::time::Duration;
use testkit::staff_actor;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tower::ServiceExt;

const BASE: &str = "http://kindred.test";

/// A request as it came.
#[derive(Debug)]
struct Came {
    path: String,
    headers: HeaderMap,
    body: String,
}

/// Takes every request, and answers each with the next of `answers`, the last again and again.
async fn receiver(answers: &'static [(u16, &'static str)]) -> (String, mpsc::UnboundedReceiver<Came>) {
    type Told = (mpsc::UnboundedSender<Came>, Arc<std::sync::Mutex<usize>>, &'static [(u16, &'static str)]);
    async fn take(
        State((told, count, answers)): State<Told>,
        uri: Uri,
        headers: HeaderMap,
        body: Bytes,
    ) -> impl IntoResponse {
        let mut count = count.lock().unwrap();
        let (status, answer) = answers[(*count).min(answers.len() - 1)];
        *count += 1;
        let body = String::from_utf8(body.to_vec()).unwrap();
        told.send(Came { path: uri.path().to_owned(), headers, body }).unwrap();
        (axum::http::StatusCode::from_u16(status).unwrap(), answer)
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (told, came) = mpsc::unbounded_channel();
    let router = Router::new().fallback(take).with_state((told, Arc::default(), answers));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (url, came)
}

/// Mia gets text messages, and one about her appointment is due.
async fn confirmed(pool: &PgPool) {
    crate::mail::confirmed(pool).await;
    query("update client set email_consent = false, mobile = '416 555 0100', sms_consent = true")
        .execute(pool)
        .await
        .unwrap();
}

async fn set(pool: &PgPool, admin: &Actor, sealer: &Sealer, form: SmsForm) {
    let version: i32 = query_scalar("select version from sms_setting").fetch_one(pool).await.unwrap();
    let form = SmsForm { daily_cap: "50".into(), version: version.to_string(), ..form };
    sms_setting::save(pool, admin, sealer, &form).await.unwrap();
}

fn gateway(url: &str) -> SmsForm {
    SmsForm {
        sender: "http".into(),
        url: format!("{url}/send"),
        header: "X-Key".into(),
        template: r#"{"to": "{to}", "message": "{text}", "ref": "{id}"}"#.into(),
        secret: Secret("s3same".into()),
        ..SmsForm::default()
    }
}

fn twilio(url: &str) -> SmsForm {
    SmsForm {
        sender: "twilio".into(),
        url: url.to_owned(),
        account: "AC0123".into(),
        from_number: "+1 416 555 0199".into(),
        secret: Secret("t0ken".into()),
        ..SmsForm::default()
    }
}

async fn work_until<T>(pool: &PgPool, sealer: &Arc<Sealer>, done: impl Future<Output = T>) -> T {
    let (stop, stopped) = watch::channel(false);
    let jobs = jobs::start(pool, BASE, None, sealer.clone(), Health::default(), stopped);
    let result = tokio::time::timeout(Duration::from_secs(20), done).await.unwrap();
    stop.send(true).unwrap();
    tokio::time::timeout(Duration::from_secs(5), jobs.ended()).await.unwrap();
    result
}

async fn outcome(pool: &PgPool) -> (String, Option<String>, String, String) {
    query_as("select state, reference, error, report from message_copy where channel = 'sms'")
        .fetch_one(pool)
        .await
        .unwrap()
}

#[testkit::test]
async fn a_gateway_gets_number_and_text_with_the_secret_in_its_header(pool: PgPool) {
    confirmed(&pool).await;
    let (url, mut came) = receiver(&[(200, r#"{"id": 77}"#)]).await;
    let (admin, sealer) = (staff_actor(&pool, "Ada", &[Role::Administrator]).await, Arc::new(sealer()));
    set(&pool, &admin, &sealer, gateway(&url)).await;
    let stored: String = query_scalar("select to_jsonb(s)::text || encode(sealed_secret, 'escape') from sms_setting s")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert!(!stored.contains("s3same"), "{stored}");
    let got = work_until(&pool, &sealer, came.recv()).await.unwrap();
    assert_eq!((got.path.as_str(), got.headers["x-key"].to_str().unwrap()), ("/send", "s3same"));
    let body: serde_json::Value = serde_json::from_str(&got.body).unwrap();
    assert_eq!(body["to"], "+14165550100");
    assert!(body["message"].as_str().unwrap().starts_with("My practice: appointment "), "{body}");
    assert_eq!(outcome(&pool).await, ("sent".into(), Some("77".into()), String::new(), String::new()));
    // An empty secret keeps the stored one, but not for another address.
    set(&pool, &admin, &sealer, SmsForm { secret: Secret(String::new()), ..gateway(&url) }).await;
    assert!(sms_setting::settings(&pool, &admin).await.unwrap().has_secret);
    set(&pool, &admin, &sealer, SmsForm { secret: Secret(String::new()), ..gateway("http://127.0.0.1:9") }).await;
    assert!(!sms_setting::settings(&pool, &admin).await.unwrap().has_secret);
}

#[testkit::test]
async fn without_a_sender_texts_are_kept_in_the_outbox(pool: PgPool) {
    confirmed(&pool).await;
    let sealer = Arc::new(sealer());
    let kept = async {
        while query_scalar::<_, i64>("select count(*) from message_copy where state = 'kept'")
            .fetch_one(&pool)
            .await
            .unwrap()
            == 0
        {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    work_until(&pool, &sealer, kept).await;
    assert_eq!(outcome(&pool).await.0, "kept");
}

#[testkit::test]
async fn twilio_gets_a_form_and_its_signed_reports_and_answers_count(pool: PgPool) {
    confirmed(&pool).await;
    let (url, mut came) = receiver(&[(429, "{}"), (201, r#"{"sid": "SM99", "status": "queued"}"#)]).await;
    let (admin, sealer) = (staff_actor(&pool, "Ada", &[Role::Administrator]).await, Arc::new(sealer()));
    set(&pool, &admin, &sealer, twilio(&url)).await;
    let got = work_until(&pool, &sealer, async {
        came.recv().await.unwrap();
        // Too many at a time: tried again a little later.
        query("update message_copy set due_at = now()").execute(&pool).await.unwrap();
        came.recv().await.unwrap()
    })
    .await;
    assert_eq!(got.path, "/2010-04-01/Accounts/AC0123/Messages.json");
    let expected = format!("Basic {}", BASE64_STANDARD.encode("AC0123:t0ken"));
    assert_eq!(got.headers["authorization"].to_str().unwrap(), expected);
    let fields: Vec<(String, String)> = form_urlencoded::parse(got.body.as_bytes()).into_owned().collect();
    let field = |name: &str| fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str());
    assert_eq!((field("To"), field("From")), (Some("+14165550100"), Some("+14165550199")));
    assert_eq!(field("StatusCallback"), Some("http://kindred.test/hooks/sms/twilio/report"));
    assert_eq!(outcome(&pool).await, ("sent".into(), Some("SM99".into()), String::new(), String::new()));

    let site = site(pool.clone());
    let post = async |path: &str, fields: &[(&str, &str)], signature: Option<&str>| {
        let owned: Vec<(String, String)> =
            fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let signature = match signature {
            Some(given) => given.to_owned(),
            None => sms::signature("t0ken", &format!("{BASE}{path}"), &owned),
        };
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("x-twilio-signature", signature)
            .body(Body::from(body))
            .unwrap();
        site.clone().oneshot(request).await.unwrap().status().as_u16()
    };
    let report = [("MessageSid", "SM99"), ("MessageStatus", "delivered")];
    let forged = sms::signature("guess", &format!("{BASE}/hooks/sms/twilio/report"), &[]);
    assert_eq!(post("/hooks/sms/twilio/report", &report, Some(&forged)).await, 403);
    assert_eq!(outcome(&pool).await.3, "");
    assert_eq!(post("/hooks/sms/twilio/report", &report, None).await, 204);
    assert_eq!(outcome(&pool).await.3, "delivered");

    let stop = [("MessageSid", "SM100"), ("From", "+14165550100"), ("Body", "STOP")];
    let consent = async || query_scalar::<_, bool>("select sms_consent from client").fetch_one(&pool).await.unwrap();
    // The signature of another request is none of this.
    let of_report = sms::signature("t0ken", &format!("{BASE}/hooks/sms/twilio/report"), &[]);
    assert_eq!(post("/hooks/sms/twilio", &stop, Some(&of_report)).await, 403);
    assert!(consent().await);
    for _ in 0..2 {
        assert_eq!(post("/hooks/sms/twilio", &stop, None).await, 200);
    }
    assert!(!consent().await);
    let answers: i64 =
        query_scalar("select count(*) from message where kind = 'answer'").fetch_one(&pool).await.unwrap();
    assert_eq!(answers, 1);
    assert_eq!(post("/hooks/sms/gateway", &stop, None).await, 403, "no gateway is set");
}
